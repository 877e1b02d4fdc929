-- What a composition's copy in Drafts holds: when it was put there, of which
-- version, where it is (0: the mail server did not say), and the ids of the
-- attachments it carries, in their order, separated by blanks.

ALTER TABLE compose ADD COLUMN draft_s BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_uid BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_validity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE compose ADD COLUMN draft_files TEXT NOT NULL DEFAULT '';
