#include "page/page_folder.h"
#include "page/pages.h"

/* ---- making ---- */
static enum mail_special
job_use(struct str word)
{
	static const struct {
		const char *name;
		enum mail_special special;
	} uses[] = {
	    {"drafts", MAIL_DRAFTS},
	    {"sent", MAIL_SENT},
	    {"archive", MAIL_ARCHIVE},
	    {"junk", MAIL_JUNK},
	    {"trash", MAIL_TRASH},
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (str_eq(word, str_c(uses[i].name)))
			return uses[i].special;
	return MAIL_ORDINARY;
}

/* `parent` of the form: NULL is the top. */
static enum err_code
job_parent(struct folder_job *job, const struct mail_folder **out)
{
	struct str name = request_field(job->req, "parent");

	*out = NULL;
	if (name.len == 0)
		return ERR_OK;
	if (name.len <= LIMIT_FOLDER_BYTES)
		*out = mail_tree_find(
		    &job->tree.folders, text_from(job->req->arena, name));
	if (*out != NULL)
		return ERR_OK;
	return err_set(job->err, ERR_INPUT,
	    "The folder to put it into is not there any more. Please choose "
	    "another one.",
	    NULL);
}

static enum err_code
job_new_name(
    struct folder_job *job, const struct mail_folder *parent, struct text *out)
{
	return mail_folder_name(&job->tree, parent,
	    str_trim(request_field(job->req, "name")), job->req->arena, out,
	    job->err);
}

static enum err_code
job_make(struct folder_job *job)
{
	enum mail_special use = job_use(request_field(job->req, "use"));
	const struct mail_folder *parent = NULL;
	struct text name = {0};
	enum err_code rc = job_parent(job, &parent);

	if (rc == ERR_OK)
		rc = job_new_name(job, parent, &name);
	if (rc == ERR_OK)
		rc = mail_folder_create(&job->mail, name, use, job->err);
	if (rc == ERR_OK && use != MAIL_ORDINARY)
		rc = page_folder_prefs_use(job->req, use, name, job->err);
	job->note = "made";
	job->landing = name;
	return rc;
}

/* ---- names and places ---- */
static enum err_code
job_rename_to(struct folder_job *job, struct text to, const char *note)
{
	struct folder_undo undo = {
	    .kind = FOLDER_UNDO_RENAME, .from = job->folder->name, .to = to};
	enum err_code rc;

	job->landing = to;
	job->note = note;
	if (str_eq(to.s, job->folder->name.s))
		return ERR_OK;
	if (mail_tree_find(&job->tree.folders, to) != NULL)
		return err_set(job->err, ERR_INPUT,
		    "There is a folder of this name already. Please choose "
		    "another name.",
		    NULL);
	rc = mail_folder_rename(
	    &job->mail, &job->tree.folders, job->folder->name, to, job->err);
	if (rc == ERR_OK)
		rc = page_folder_prefs_rename(
		    job->req, job->folder, to, job->err);
	job->undo = folder_undo_seal(job->req, &undo);
	return rc;
}

static enum err_code
job_is_movable(struct folder_job *job)
{
	if (job->folder->special != MAIL_INBOX)
		return ERR_OK;
	return err_set(job->err, ERR_INPUT,
	    "The Inbox keeps its name and its place.", NULL);
}

/* Its parent as it is; NULL: none, it is at the top of its namespace. */
static const struct mail_folder *
job_parent_now(const struct folder_job *job)
{
	const struct mail_folder *best = NULL;

	for (size_t i = 0; i < job->tree.folders.count; i++) {
		const struct mail_folder *at = &job->tree.folders.list[i];

		if (mail_folder_is_below(at, job->folder) &&
		    (best == NULL || best->name.s.len < at->name.s.len))
			best = at;
	}
	return best;
}

static enum err_code
job_rename(struct folder_job *job)
{
	const struct mail_folder *parent = job_parent_now(job);
	struct str typed = str_trim(request_field(job->req, "name"));
	struct text to;
	enum err_code rc = job_is_movable(job);

	/* Left as it was, however odd. */
	job->landing = job->folder->name;
	job->note = "renamed";
	if (rc == ERR_OK && str_eq(typed, str_trim(job->folder->label.s)))
		return ERR_OK;
	if (rc == ERR_OK)
		rc = job_new_name(job, parent, &to);
	return rc == ERR_OK ? job_rename_to(job, to, "renamed") : rc;
}

static enum err_code
job_move(struct folder_job *job)
{
	const struct mail_folder *parent = NULL;
	struct text to;
	enum err_code rc = job_is_movable(job);

	if (rc == ERR_OK)
		rc = job_parent(job, &parent);
	if (rc == ERR_OK && parent != NULL &&
	    (parent == job->folder ||
	        mail_folder_is_below(job->folder, parent)))
		rc = err_set(job->err, ERR_INPUT,
		    "A folder cannot be put into itself or into one that is "
		    "inside it. Please choose another one.",
		    NULL);
	if (rc == ERR_OK)
		rc = mail_folder_moved(&job->tree, parent, job->folder, 1,
		    job->req->arena, &to, job->err);
	return rc == ERR_OK ? job_rename_to(job, to, "moved") : rc;
}

/* ---- what it is ---- */
static enum err_code
job_set_use(struct folder_job *job)
{
	enum mail_special use = job_use(request_field(job->req, "use"));
	enum mail_special now = job->folder->special;

	job->landing = job->folder->name;
	job->note = use == MAIL_ORDINARY ? "unused" : "used";
	if (now == MAIL_INBOX || !job->folder->is_selectable)
		return err_set(job->err, ERR_INPUT,
		    "This folder cannot be used for something else.", NULL);
	if (use != MAIL_ORDINARY)
		return page_folder_prefs_use(
		    job->req, use, job->folder->name, job->err);
	if (now == MAIL_ORDINARY)
		return ERR_OK;
	return page_folder_prefs_use(
	    job->req, now, (struct text){{0}}, job->err);
}

static enum err_code
job_subscribe(struct folder_job *job)
{
	job->landing = job->folder->name;
	job->note = "subscribed";
	return mail_folder_subscribe(
	    &job->mail, job->folder->name, true, job->err);
}

static enum err_code
job_unsubscribe(struct folder_job *job)
{
	job->landing = job->folder->name;
	job->note = "unsubscribed";
	return mail_folder_subscribe(
	    &job->mail, job->folder->name, false, job->err);
}

static enum err_code
job_open(struct folder_job *job)
{
	job->landing = job->folder->name;
	job->note = "opened";
	return page_folder_prefs_open(
	    job->req, job->folder->name, true, job->err);
}

static enum err_code
job_shut(struct folder_job *job)
{
	job->landing = job->folder->name;
	job->note = "closed";
	return page_folder_prefs_open(
	    job->req, job->folder->name, false, job->err);
}

static enum err_code
job_archive(struct folder_job *job)
{
	job->landing = job->folder->name;
	job->note = "archiving";
	return page_folder_prefs_set_archive(
	    job->req, request_field(job->req, "by"), job->err);
}

/* ---- the page ---- */
static const struct {
	const char *verb;
	bool needs_folder;
	enum err_code (*run)(struct folder_job *job);
	bool is_view; /* the tree stays as it is */
} job_verbs[] = {
    {"make", false, job_make, false},
    {"undo", false, folder_job_undo, false},
    {"rename", true, job_rename, false},
    {"move", true, job_move, false},
    {"use", true, job_set_use, false},
    {"subscribe", true, job_subscribe, false},
    {"unsubscribe", true, job_unsubscribe, false},
    {"open", true, job_open, true},
    {"shut", true, job_shut, true},
    {"archive_by", true, job_archive, true},
    {"read", true, folder_job_read, false},
    {"share", true, folder_job_share, true},
    {"unshare", true, folder_job_unshare, true},
    {"empty", true, folder_job_empty, false},
    {"delete", true, folder_job_delete, false},
};

static enum err_code
job_run(struct folder_job *job)
{
	struct str verb = request_field(job->req, "do");
	size_t at = 0;
	enum err_code rc;

	while (at < sizeof(job_verbs) / sizeof(job_verbs[0]) &&
	       !str_eq(verb, str_c(job_verbs[at].verb)))
		at++;
	if (at == sizeof(job_verbs) / sizeof(job_verbs[0]))
		return err_set(job->err, ERR_FORBIDDEN,
		    "This form does not say what to do with the folder.", NULL);
	job->mail.pick = folder_pick_below(job->req, job->name);
	if (!job_verbs[at].is_view)
		mail_folders_forget(&job->mail);
	rc = mail_tree(&job->mail, &job->tree, job->err);
	if (rc != ERR_OK)
		return rc;
	job->folder = mail_tree_find(&job->tree.folders, job->name);
	if (job_verbs[at].needs_folder && job->folder == NULL)
		return err_set(job->err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "folder: not in the list");
	return job_verbs[at].run(job);
}

/* The page a form was on: ours, and one that shows what was done. */
static struct str
job_back(const struct folder_job *job)
{
	struct str back = session_own_path(request_field(job->req, "back"));

	if (job->to_folders || text_is_empty(job->landing))
		return STR("/folders");
	if (str_starts(back, STR("/folders")))
		return STR("/folders");
	return folder_url(job->req, job->landing).s;
}

/* An address longer than that is refused by some. */
#define JOB_ADDRESS_BYTES ((size_t)6000)

static enum err_code
job_done(struct folder_job *job)
{
	struct request *req = job->req;
	struct str path = job_back(job);
	struct view *view = NULL;
	struct buf url;
	enum err_code rc;

	buf_init_arena(&url, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&url, path);
	buf_addf(&url, "%cnote=%s",
	    str_find_byte(path, '?', 0) < path.len ? '&' : '?', job->note);
	if (job->count > 0)
		buf_addf(&url, "&n=%llu", (unsigned long long)job->count);
	if (job->undo.len > 0 &&
	    url.len + job->undo.len + 6 <= JOB_ADDRESS_BYTES) {
		buf_add_c(&url, "&undo=");
		buf_add_percent(&url, job->undo);
		job->undo = str_of(NULL, 0);
	}
	if (job->undo.len == 0)
		return page_redirect(req, job->res,
		    view_url_own(req->arena, buf_str(&url)), job->err);
	/* Too much for an address: this page itself offers to take it back. */
	rc = page_view(req, job->res, tr_text("Folders"), &view, job->err);
	if (rc != ERR_OK)
		return rc;
	folder_view_done(req, view, job->note, job->count, job->undo);
	view_set_url(view, "back_url", view_url_own(req->arena, path));
	view_word(view, "folder", "");
	return page_send(req, job->res, "folder_done.html", view, job->err);
}

/* What was sent cannot be done: the page it came from says why. */
static enum err_code
job_wrong(struct folder_job *job, enum err_code rc)
{
	struct err why = *job->err;
	struct folder_wrong wrong = {.words = why.message,
	    .name = request_field(job->req, "name"),
	    .parent = request_field(job->req, "parent")};
	bool is_one =
	    job->folder != NULL &&
	    !str_starts(request_field(job->req, "back"), STR("/folders"));

	response_status(job->res, rc == ERR_MAIL        ? 502
	                          : rc == ERR_FORBIDDEN ? 403
	                                                : 422);
	rc = is_one
	         ? folder_show(job->req, job->res, job->name, &wrong, job->err)
	         : folders_show(job->req, job->res, &wrong, job->err);
	if (rc != ERR_OK)
		*job->err = why;
	return rc;
}

enum err_code
page_folder_post(struct request *req, struct response *res, struct err *err)
{
	struct folder_job job = {.req = req,
	    .res = res,
	    .mail = page_mail(req),
	    .note = "",
	    .err = err};
	enum err_code rc = ERR_OK;

	if (request_field(req, "folder").len > 0)
		rc = page_folder_param(req, &job.name, err);
	if (rc != ERR_OK)
		return rc;
	rc = job_run(&job);
	if (rc == ERR_OK)
		return job.is_answered ? ERR_OK : job_done(&job);
	if (rc == ERR_INPUT || rc == ERR_MAIL ||
	    (rc == ERR_FORBIDDEN && job.tree.folders.count > 0))
		return job_wrong(&job, rc);
	return rc;
}
