-- Sessions and devices of a login that a client certificate named.

ALTER TABLE session ADD COLUMN pinned SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN pinned SMALLINT NOT NULL DEFAULT 0;
