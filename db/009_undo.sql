-- What can be taken back and is too long for an address: sealed for the
-- session that did it, removed after ends_s.

CREATE TABLE undo (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	ends_s BIGINT NOT NULL
);
CREATE INDEX undo_ends ON undo (ends_s);
