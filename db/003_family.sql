-- What all sessions have in common that one login became by entering and
-- leaving secure mode: their forms stay good.

ALTER TABLE session ADD COLUMN family BYTEA NOT NULL DEFAULT '';
