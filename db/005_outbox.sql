-- Messages on their way: one row a composition, from Send until nothing is
-- left to do. How far it came is the composition's state, which changes in the
-- same transaction: 4 waiting, 1 being sent, 3 perhaps sent, 2 sent and not
-- copied to Sent yet. The message is the file `file` in the spool of `node`,
-- whose first head_bytes are for the copy alone.
-- server: who has to take it, to give each a share of the work only.
-- busy: until when somebody may work on it (0: nobody does); cleared when its
-- node starts.
-- sealed: the credential, under the server's key, bound to the row.

CREATE TABLE outbox (
	id TEXT NOT NULL PRIMARY KEY REFERENCES compose (id),
	account TEXT NOT NULL,
	site TEXT NOT NULL,
	login TEXT NOT NULL,
	server TEXT NOT NULL,
	node TEXT NOT NULL,
	file TEXT NOT NULL,
	busy BIGINT NOT NULL,
	sealed BYTEA NOT NULL,
	envelope BYTEA NOT NULL,
	head_bytes BIGINT NOT NULL,
	message_bytes BIGINT NOT NULL,
	recipients BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	created_s BIGINT NOT NULL,
	due_ms BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (node, due_ms);
CREATE INDEX outbox_account ON outbox (account);

-- unseen: something happened to it that its writer has not looked at.
ALTER TABLE compose ADD COLUMN unseen SMALLINT NOT NULL DEFAULT 0;

-- Recipients of one account; slot: five minutes of the clock since 1970.
CREATE TABLE sent_count (
	account TEXT NOT NULL,
	slot BIGINT NOT NULL,
	recipients BIGINT NOT NULL,
	PRIMARY KEY (account, slot)
);
