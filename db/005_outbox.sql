-- Messages on their way. One row a composition, from Send until its copy is in
-- Sent; the message itself is a file in the spool of the node that took it.
-- states: as of table compose (4: waiting, 2: sent and not copied yet).
-- sealed: the credential, under the server's key, bound to the id; gone with
-- the row.

CREATE TABLE outbox (
	id TEXT NOT NULL PRIMARY KEY REFERENCES compose (id),
	account TEXT NOT NULL,
	site TEXT NOT NULL,
	login TEXT NOT NULL,
	node TEXT NOT NULL,
	state SMALLINT NOT NULL,
	sealed BYTEA NOT NULL,
	envelope BYTEA NOT NULL,
	head_bytes BIGINT NOT NULL,
	message_bytes BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	created_s BIGINT NOT NULL,
	due_ms BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (node, due_ms);
CREATE INDEX outbox_account ON outbox (account);

-- Recipients of one account within an hour of the clock.
CREATE TABLE sent_count (
	account TEXT NOT NULL,
	hour BIGINT NOT NULL,
	recipients BIGINT NOT NULL,
	PRIMARY KEY (account, hour)
);
