#include "os/clock.h"
#include "page/page_folder.h"

#define READ_FOLDERS_MOST 100u /* in one go */

struct reading {
	struct folder_job *job;
	struct folder_undo undo;
	size_t most;   /* of undo.marks, in this go */
	size_t left;   /* folders still to be done */
	size_t failed; /* folders that the server keeps as they are */
	struct text first_failed;
	int64_t until_mono_ms;
};

static enum err_code
read_one(struct reading *reading, const struct mail_folder *at)
{
	struct folder_job *job = reading->job;
	struct folder_undo *undo = &reading->undo;
	struct mail_marks *marks = &undo->marks[undo->mark_count];
	enum err_code rc =
	    mail_folder_read(&job->mail, at->name, marks, job->err);

	/* What was marked before an error can be taken back, too. */
	if (marks->total > 0) {
		job->count += marks->total;
		undo->mark_count++;
	}
	if (rc != ERR_MAIL && rc != ERR_FORBIDDEN && rc != ERR_NOT_FOUND)
		return rc;
	if (reading->failed++ == 0)
		reading->first_failed = at->path;
	return ERR_OK;
}

static bool
read_is_wanted(
    const struct folder_job *job, const struct mail_folder *at, bool inside)
{
	if (!at->is_selectable)
		return false;
	if (at == job->folder)
		return true;
	return inside && (at->unseen > 0 || !at->is_counted) &&
	       mail_folder_is_below(job->folder, at);
}

/* Room for what was marked before and what comes. */
static enum err_code
read_begin(struct reading *reading)
{
	struct folder_job *job = reading->job;
	struct arena *arena = job->req->arena;
	struct str before = request_field(job->req, "before");
	struct folder_undo *undo = &reading->undo;
	struct folder_undo old = {0};
	int64_t now_ms = clock_mono_ms();

	reading->until_mono_ms =
	    now_ms + (job->mail.wait.deadline_mono_ms - now_ms) / 2;
	*undo = (struct folder_undo){.kind = FOLDER_UNDO_UNREAD};
	if (before.len > 0 &&
	    folder_undo_unseal(job->req, before, &old, NULL) == ERR_OK &&
	    old.kind == FOLDER_UNDO_UNREAD)
		undo->mark_count = old.mark_count;
	reading->most = undo->mark_count + READ_FOLDERS_MOST;
	undo->marks = ARENA_ARRAY(arena, reading->most, struct mail_marks);
	if (undo->marks == NULL)
		return err_set(job->err, ERR_NO_MEMORY,
		    "The server is out of memory.", "folder read");
	for (size_t i = 0; i < undo->mark_count; i++) {
		undo->marks[i] = old.marks[i];
		job->count += old.marks[i].total;
	}
	return ERR_OK;
}

static struct str
read_words(const struct reading *reading)
{
	struct arena *arena = reading->job->req->arena;
	struct str failed = STR("");
	struct str left = STR("");

	if (reading->failed > 0)
		failed = str_printf(arena,
		    trn("In %zu folder the mail server did not allow it "
		        "(%.*s).",
		        "In %zu folders the mail server did not allow it (%.*s "
		        "and others).",
		        reading->failed),
		    reading->failed,
		    STR_ARG(str_slice(reading->first_failed.s, 0, 200)));
	if (reading->left > 0)
		left = str_printf(arena,
		    trn("%zu folder is still to be done: the time for one page "
		        "is over.",
		        "%zu folders are still to be done: the time for one "
		        "page is over.",
		        reading->left),
		    reading->left);
	return str_printf(arena, "%.*s%s%.*s", STR_ARG(failed),
	    failed.len > 0 ? " " : "", STR_ARG(left));
}

/* Not all of it: a page says so, and goes on by a button. */
static enum err_code
read_part(struct reading *reading)
{
	struct folder_job *job = reading->job;
	struct request *req = job->req;
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc =
	    page_view(req, job->res, tr_text("Folders"), &view, job->err);

	if (rc != ERR_OK)
		return rc;
	folder_view_done(req, view, job->note, job->count, job->undo);
	view_str(view, "more_words", read_words(reading));
	view_bool(view, "has_more", reading->left > 0);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(view, "back_url", folder_url(req, job->folder->name));
	hidden = view_list(view, "hidden");
	page_hidden(req, hidden, "folder", job->folder->name.s);
	page_hidden(req, hidden, "inside", STR("1"));
	page_hidden(req, hidden, "before", job->undo);
	view_word(view, "folder", "");
	job->is_answered = true;
	return page_send(req, job->res, "folder_done.html", view, job->err);
}

enum err_code
folder_job_read(struct folder_job *job)
{
	bool inside = str_eq(request_field(job->req, "inside"), STR("1"));
	struct reading reading = {.job = job};
	enum err_code rc = read_begin(&reading);

	job->landing = job->folder->name;
	for (size_t i = 0; rc == ERR_OK && i < job->tree.folders.count; i++) {
		const struct mail_folder *at = &job->tree.folders.list[i];

		if (!read_is_wanted(job, at, inside))
			continue;
		if (reading.undo.mark_count == reading.most ||
		    clock_mono_ms() > reading.until_mono_ms)
			reading.left++;
		else
			rc = read_one(&reading, at);
		/* The connection is lost: this one and those behind it. */
		if (rc == ERR_AWAY && job->count > 0) {
			rc = ERR_OK;
			reading.left++;
			reading.until_mono_ms = 0;
		}
	}
	job->note = job->count > 0 ? "read" : "allread";
	if (job->count > 0)
		job->undo = folder_undo_seal(job->req, &reading.undo);
	if (rc == ERR_OK && reading.left + reading.failed > 0) {
		if (job->count == 0)
			job->note = "noneread";
		return read_part(&reading);
	}
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
