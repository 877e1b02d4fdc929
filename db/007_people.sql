-- People with several addresses, in two books: one's own (0) and collected
-- recipients (1). card: what a vCard holds beyond the columns. Replaces table
-- contact.
-- sort_key, name_key, search, words: folded for sorting and finding, made with
-- the rules of that number (folding; 0: not made yet).
-- gone: the step (random letters) that took it away, kept for a while so that
-- the step can be undone; made_by: the step that made it. Mostly empty.

CREATE TABLE person (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	book SMALLINT NOT NULL,
	gone TEXT NOT NULL,
	gone_s BIGINT NOT NULL,
	made_by TEXT NOT NULL,
	folding BIGINT NOT NULL,
	sort_key TEXT NOT NULL,
	name_key TEXT NOT NULL,
	search TEXT NOT NULL,
	name TEXT NOT NULL,
	organization TEXT NOT NULL,
	photo_type TEXT NOT NULL,
	created_s BIGINT NOT NULL,
	changed_s BIGINT NOT NULL,
	held_bytes BIGINT NOT NULL,
	note TEXT NOT NULL,
	card BYTEA NOT NULL
);
CREATE INDEX person_sorted ON person (account, book, gone, sort_key, id);
CREATE INDEX person_name ON person (account, book, gone, name_key);
CREATE INDEX person_made ON person (account, made_by);
CREATE INDEX person_folding ON person (account, folding);
CREATE INDEX person_gone ON person (gone_s);

-- rank: place among the person's addresses, from 0. score_s: uses and their
-- times in one number, a time (store_people_use.c).
CREATE TABLE person_address (
	person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	account TEXT NOT NULL,
	rank BIGINT NOT NULL,
	address TEXT NOT NULL,
	address_key TEXT NOT NULL,
	is_gone SMALLINT NOT NULL,
	words TEXT NOT NULL,
	score_s BIGINT NOT NULL,
	uses BIGINT NOT NULL,
	used_s BIGINT NOT NULL,
	PRIMARY KEY (person, rank)
);
CREATE INDEX person_address_key
	ON person_address (account, address_key, is_gone);
CREATE INDEX person_address_best
	ON person_address (account, is_gone, score_s, words);

CREATE TABLE person_photo (
	person TEXT NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
	content BYTEA NOT NULL
);

CREATE TABLE circle (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	gone TEXT NOT NULL,
	gone_s BIGINT NOT NULL,
	name TEXT NOT NULL,
	sort_key TEXT NOT NULL
);
CREATE INDEX circle_account ON circle (account, gone, sort_key);

CREATE TABLE circle_member (
	circle TEXT NOT NULL REFERENCES circle (id) ON DELETE CASCADE,
	person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
	PRIMARY KEY (circle, person)
);
CREATE INDEX circle_member_person ON circle_member (person);

-- A file between its upload and the import of what is in it; one an account.
CREATE TABLE people_file (
	account TEXT NOT NULL PRIMARY KEY,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	created_s BIGINT NOT NULL
);
CREATE TABLE people_file_chunk (
	account TEXT NOT NULL
		REFERENCES people_file (account) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	content BYTEA NOT NULL,
	PRIMARY KEY (account, number)
);

INSERT INTO person (id, account, book, gone, gone_s, made_by, folding,
		sort_key, name_key, search, name, organization, photo_type,
		created_s, changed_s, held_bytes, note, card)
	SELECT id, account, 0, '', 0, '', 0, '', '', '', name, '', '',
		created_s, created_s, 0, '', ''
	FROM contact;
INSERT INTO person_address (person, account, rank, address, address_key,
		is_gone, words, score_s, uses, used_s)
	SELECT id, account, 0, address, address_key, 0, '', 0, 0, 0
	FROM contact;
DROP TABLE contact;
