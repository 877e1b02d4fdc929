-- What people are told of the places where they are logged in: the browser, as
-- it calls itself, and the address it came from last. door of a device: where
-- its token is good; empty: it was made before this was kept.

ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN door TEXT NOT NULL DEFAULT '';
