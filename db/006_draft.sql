-- What a composition's copy in Drafts holds: when it was put there, of which
-- version, and the attachments it carries.

ALTER TABLE compose ADD COLUMN draft_s BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_files TEXT NOT NULL DEFAULT '';
