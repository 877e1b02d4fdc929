-- Messages that were taken in from files: so that a form that is sent twice
-- imports once, and what came of it can be told and taken back. Sealed for
-- the session that did it, removed after ends_s.

CREATE TABLE mail_import (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	ends_s BIGINT NOT NULL
);
CREATE INDEX mail_import_ends ON mail_import (ends_s);
