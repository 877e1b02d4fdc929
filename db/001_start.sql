-- The first schema. Runs in SQLite and in PostgreSQL alike: BYTEA holds bytes,
-- BIGINT Unix seconds and counts, SMALLINT numbers of our own and yes or no.

CREATE TABLE session (
	selector BYTEA NOT NULL PRIMARY KEY,
	secret_hash BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	account TEXT NOT NULL,
	login TEXT NOT NULL,
	site TEXT NOT NULL,
	door TEXT NOT NULL,
	remember BYTEA NOT NULL,
	moved_to TEXT NOT NULL,
	expire_views SMALLINT NOT NULL,
	created_s BIGINT NOT NULL,
	used_s BIGINT NOT NULL,
	ends_s BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_ends ON session (ends_s);
CREATE INDEX session_remember ON session (remember);

CREATE TABLE ticket (
	selector BYTEA NOT NULL PRIMARY KEY,
	secret_hash BYTEA NOT NULL,
	binder_hash BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	session BYTEA NOT NULL,
	door TEXT NOT NULL,
	path TEXT NOT NULL,
	ends_s BIGINT NOT NULL
);
CREATE INDEX ticket_ends ON ticket (ends_s);

CREATE TABLE device (
	selector BYTEA NOT NULL PRIMARY KEY,
	secret_hash BYTEA NOT NULL,
	previous_hash BYTEA NOT NULL,
	sealed BYTEA NOT NULL,
	account TEXT NOT NULL,
	login TEXT NOT NULL,
	site TEXT NOT NULL,
	agent TEXT NOT NULL,
	created_s BIGINT NOT NULL,
	used_s BIGINT NOT NULL,
	ends_s BIGINT NOT NULL,
	rotated_s BIGINT NOT NULL
);
CREATE INDEX device_account ON device (account);
CREATE INDEX device_ends ON device (ends_s);

CREATE TABLE throttle (
	name TEXT NOT NULL PRIMARY KEY,
	failures BIGINT NOT NULL,
	last_s BIGINT NOT NULL
);
CREATE INDEX throttle_last ON throttle (last_s);

CREATE TABLE pref (
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	content BYTEA NOT NULL,
	PRIMARY KEY (account, name)
);

-- state: 0 writing, 1 sending, 2 sent, 3 unsure
CREATE TABLE compose (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	state SMALLINT NOT NULL,
	fields BYTEA NOT NULL,
	message_id TEXT NOT NULL,
	result TEXT NOT NULL,
	version BIGINT NOT NULL,
	copied SMALLINT NOT NULL,
	created_s BIGINT NOT NULL,
	saved_s BIGINT NOT NULL
);
CREATE INDEX compose_account ON compose (account);
CREATE INDEX compose_saved ON compose (saved_s);

-- rank keeps the order in which files were attached (Unix milliseconds).
CREATE TABLE attachment (
	id TEXT NOT NULL PRIMARY KEY,
	compose TEXT NOT NULL REFERENCES compose (id) ON DELETE CASCADE,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	media TEXT NOT NULL,
	size_bytes BIGINT NOT NULL,
	is_whole SMALLINT NOT NULL,
	rank BIGINT NOT NULL,
	created_s BIGINT NOT NULL
);
CREATE INDEX attachment_compose ON attachment (compose);

CREATE TABLE attachment_chunk (
	attachment TEXT NOT NULL REFERENCES attachment (id) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	content BYTEA NOT NULL,
	PRIMARY KEY (attachment, number)
);

CREATE TABLE trust (
	account TEXT NOT NULL,
	sender TEXT NOT NULL,
	added_s BIGINT NOT NULL,
	PRIMARY KEY (account, sender)
);
