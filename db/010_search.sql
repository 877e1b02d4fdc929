-- Searches somebody keeps. words: as typed; scope: where it looks ("all",
-- "below", "everywhere"), folder: of "below". removed_s: 0, or when it was
-- removed, which can be taken back for a while.

CREATE TABLE saved_search (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	words TEXT NOT NULL,
	scope TEXT NOT NULL,
	folder TEXT NOT NULL,
	created_s BIGINT NOT NULL,
	removed_s BIGINT NOT NULL
);
CREATE INDEX saved_search_account ON saved_search (account);
