-- People with several addresses, in two books: one's own (0) and collected
-- recipients (1). card: what a vCard holds beyond the columns. Replaces table
-- contact.

CREATE TABLE person (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	book SMALLINT NOT NULL,
	name TEXT NOT NULL,
	organization TEXT NOT NULL,
	note TEXT NOT NULL,
	card BYTEA NOT NULL,
	photo BYTEA NOT NULL,
	photo_type TEXT NOT NULL,
	created_s BIGINT NOT NULL,
	changed_s BIGINT NOT NULL
);
CREATE INDEX person_account ON person (account, book);

-- rank: place among the person's addresses, from 0.
CREATE TABLE person_address (
	person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	account TEXT NOT NULL,
	rank BIGINT NOT NULL,
	address TEXT NOT NULL,
	address_key TEXT NOT NULL,
	uses BIGINT NOT NULL,
	used_s BIGINT NOT NULL,
	PRIMARY KEY (person, rank)
);
CREATE INDEX person_address_key ON person_address (account, address_key);

CREATE TABLE circle (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL
);
CREATE INDEX circle_account ON circle (account);

CREATE TABLE circle_member (
	circle TEXT NOT NULL REFERENCES circle (id) ON DELETE CASCADE,
	person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	PRIMARY KEY (circle, person)
);

INSERT INTO person (id, account, book, name, organization, note, card, photo,
		photo_type, created_s, changed_s)
	SELECT id, account, 0, name, '', '', '', '', '', created_s, created_s
	FROM contact;
INSERT INTO person_address (person, account, rank, address, address_key, uses,
		used_s)
	SELECT id, account, 0, address, address_key, 0, 0 FROM contact;
