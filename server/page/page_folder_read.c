#include "os/clock.h"
#include "page/page_folder.h"

#define READ_FOLDERS_MOST 100u /* in one go */

static enum err_code
read_one(struct folder_job *job, const struct mail_folder *at,
    struct folder_undo *undo)
{
	struct mail_marks *marks = &undo->marks[undo->mark_count];
	enum err_code rc =
	    mail_folder_read(&job->mail, at->name, marks, job->err);

	if (rc != ERR_OK || marks->total == 0)
		return rc;
	job->count += marks->total;
	undo->mark_count++;
	return ERR_OK;
}

enum err_code
folder_job_read(struct folder_job *job)
{
	bool with_inside = str_eq(request_field(job->req, "inside"), STR("1"));
	struct folder_undo undo = {.kind = FOLDER_UNDO_UNREAD};
	enum err_code rc = ERR_OK;

	job->landing = job->folder->name;
	undo.marks =
	    ARENA_ARRAY(job->req->arena, READ_FOLDERS_MOST, struct mail_marks);
	if (undo.marks == NULL)
		return err_set(job->err, ERR_NO_MEMORY,
		    "The server is out of memory.", "folder read");
	for (size_t i = 0; rc == ERR_OK && i < job->tree.folders.count &&
	                   undo.mark_count < READ_FOLDERS_MOST;
	     i++) {
		const struct mail_folder *at = &job->tree.folders.list[i];
		bool is_it = at == job->folder;

		if (is_it || (with_inside && at->unseen > 0 &&
		                 mail_folder_is_below(job->folder, at)))
			rc = at->is_selectable ? read_one(job, at, &undo)
			                       : ERR_OK;
	}
	job->note = job->count > 0 ? "read" : "allread";
	if (job->count > 0)
		job->undo = folder_undo_seal(job->req, &undo);
	/* What was marked before is said, and can be taken back. */
	return job->count > 0 ? ERR_OK : rc;
}

/* ---- taking back ---- */
static enum err_code
undo_rename(struct folder_job *job, const struct folder_undo *undo)
{
	enum err_code rc;

	job->folder = mail_tree_find(&job->tree.folders, undo->to);
	if (job->folder == NULL)
		return err_set(job->err, ERR_INPUT,
		    "This can no longer be undone: the folder has been "
		    "renamed or deleted since.",
		    NULL);
	if (mail_tree_find(&job->tree.folders, undo->from) != NULL)
		return err_set(job->err, ERR_INPUT,
		    "This can no longer be undone: there is another folder of "
		    "the old name now.",
		    NULL);
	rc = mail_folder_rename(
	    &job->mail, &job->tree.folders, undo->to, undo->from, job->err);
	if (rc == ERR_OK)
		rc = page_folder_prefs_rename(
		    job->req, job->folder, undo->from, job->err);
	job->landing = undo->from;
	return rc;
}

static enum err_code
undo_make(struct folder_job *job, const struct folder_undo *undo)
{
	enum err_code rc =
	    mail_folder_create(&job->mail, undo->from, MAIL_ORDINARY, job->err);

	if (rc == ERR_OK && !undo->was_subscribed)
		rc = mail_folder_subscribe(
		    &job->mail, undo->from, false, job->err);
	job->landing = undo->from;
	return rc;
}

static enum err_code
undo_unread(struct folder_job *job, const struct folder_undo *undo)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < undo->mark_count; i++) {
		rc = mail_folder_unread(&job->mail, &undo->marks[i], job->err);
		job->count += undo->marks[i].total;
	}
	job->note = "unread";
	if (undo->mark_count > 0)
		job->landing = undo->marks[0].folder;
	return rc;
}

enum err_code
folder_job_undo(struct folder_job *job)
{
	struct folder_undo undo;
	enum err_code rc = folder_undo_unseal(
	    job->req, request_field(job->req, "undo"), &undo, job->err);

	job->folder = NULL;
	job->note = "undone";
	if (rc != ERR_OK)
		return rc == ERR_FORBIDDEN ? ERR_INPUT : rc;
	switch (undo.kind) {
	case FOLDER_UNDO_RENAME:
		return undo_rename(job, &undo);
	case FOLDER_UNDO_MAKE:
		return undo_make(job, &undo);
	case FOLDER_UNDO_UNREAD:
		return undo_unread(job, &undo);
	}
	return ERR_OK;
}
