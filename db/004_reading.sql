-- People somebody knows. address_key: the address in small letters (ASCII),
-- so that each is there once.

CREATE TABLE contact (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	address TEXT NOT NULL,
	address_key TEXT NOT NULL,
	created_s BIGINT NOT NULL,
	UNIQUE (account, address_key)
);
