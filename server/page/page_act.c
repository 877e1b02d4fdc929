#include "base/num.h"
#include "page/page.h"
#include "page/page_inside.h"
#include "page/pages.h"

/* Made when there is none; found by its name from then on. */
#define ACT_ARCHIVE "Archive"

/* What is to be done to which messages; from the list or a message page. */
struct act {
	struct str verb;
	struct text folder;
	uint32_t uid_validity;
	struct mail_uids uids;
	struct text to;
	struct str back;  /* the list */
	struct str stay;  /* the message's own page, or empty */
	struct str after; /* what is shown when it left the folder, or empty */
};

static enum err_code
act_read_uids(struct request *req, struct act *act, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(req, &form, err);
	uint32_t *uids;

	if (rc != ERR_OK)
		return rc;
	uids = ARENA_ARRAY(req->arena, LIMIT_LIST_ROWS, uint32_t);
	if (uids == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "act_read_uids");
	while ((field = form_next(form, "uid", field)) != NULL) {
		if (act->uids.count == LIMIT_LIST_ROWS)
			return err_set(err, ERR_LIMIT,
			    "These are more messages than can be ticked on "
			    "one page.",
			    NULL);
		rc = num_u32(
		    field->value, 1, UINT32_MAX, &uids[act->uids.count], err);
		if (rc != ERR_OK)
			return rc;
		act->uids.count++;
	}
	act->uids.list = uids;
	return ERR_OK;
}

/* A page of ours that actions come back to, or empty. */
static struct str
act_own(struct request *req, const char *name)
{
	struct str path = session_own_path(request_field(req, name));

	return str_starts(path, STR("/list")) ||
	               str_starts(path, STR("/message?"))
	           ? path
	           : STR("");
}

static enum err_code
act_parse(struct request *req, struct act *out, struct err *err)
{
	struct str validity = request_field(req, "uidvalidity");
	struct str to = request_field(req, "to");
	enum err_code rc = page_folder_param(req, &out->folder, err);

	if (rc == ERR_OK && validity.len > 0)
		rc = num_u32(validity, 0, UINT32_MAX, &out->uid_validity, err);
	if (rc == ERR_OK)
		rc = act_read_uids(req, out, err);
	if (rc != ERR_OK)
		return rc;
	if (to.len > LIMIT_FOLDER_BYTES || !str_is_utf8(to) ||
	    str_has_line_break(to))
		return err_set(
		    err, ERR_INPUT, "There is no such folder.", NULL);
	out->to = text_from(req->arena, to);
	out->verb = request_field(req, "do");
	out->stay = act_own(req, "stay");
	out->after = act_own(req, "after");
	out->back = act_own(req, "back");
	if (out->back.len == 0)
		out->back = page_list_url(req->arena, out->folder).s;
	return ERR_OK;
}

static enum err_code
act_undo(struct request *req, struct act *act, struct err *err)
{
	return act_undo_run(req, request_field(req, "undo"), &act->uids, err);
}

static enum err_code
act_move(struct request *req, struct act *act, struct text to,
    struct str *out_undo, struct err *err)
{
	struct mail mail = page_mail(req);
	struct act_undo undo = {.from = to, .to = act->folder};
	enum err_code rc = mail_move(&mail, act->folder, act->uid_validity,
	    act->uids, to, &undo.uids, &undo.uid_validity, err);

	if (rc == ERR_OK && undo.uids.count == act->uids.count)
		*out_undo = act_seal_undo(req, &undo);
	return rc;
}

/* Trash or Junk, made when there is none: deleting never destroys. */
static enum err_code
act_special(struct request *req, const struct mail_folders *folders,
    enum mail_special special, struct text *out, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *folder =
	    mail_special_find(&mail, folders, special);
	struct str configured = page_mail_site(req)->trash_folder;

	if (folder != NULL) {
		*out = folder->name;
		return ERR_OK;
	}
	if (special == MAIL_JUNK)
		*out = TEXT("Junk");
	else if (configured.len > 0)
		*out = text_line(req->arena, configured);
	else
		*out = TEXT("Trash");
	return mail_folder_make(&mail, *out, err);
}

static enum err_code
act_delete(struct request *req, struct act *act, bool *out_ask,
    struct str *out_undo, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct text trash;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK)
		rc = act_special(req, &folders, MAIL_TRASH, &trash, err);
	if (rc != ERR_OK)
		return rc;
	*out_ask = str_eq(trash.s, act->folder.s);
	if (*out_ask)
		return ERR_OK;
	return act_move(req, act, trash, out_undo, err);
}

/* To the junk folder, or from there to the inbox. */
static enum err_code
act_junk(struct request *req, struct act *act, bool is_junk,
    struct str *out_undo, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct text to = TEXT("INBOX");
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK && is_junk)
		rc = act_special(req, &folders, MAIL_JUNK, &to, err);
	if (rc != ERR_OK)
		return rc;
	act_mark_junk(
	    &mail, act->folder, act->uid_validity, act->uids, is_junk);
	if (str_eq(to.s, act->folder.s))
		return ERR_OK;
	return act_move(req, act, to, out_undo, err);
}

/* Where there is no folder for it yet, it is asked for once. */
static enum err_code
act_archive(struct request *req, struct act *act, bool *out_ask,
    struct str *out_undo, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *archive;
	struct mail_folders folders;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	archive = mail_special_find(&mail, &folders, MAIL_ARCHIVE);
	if (archive != NULL)
		return act_move(req, act, archive->name, out_undo, err);
	*out_ask = !str_eq(request_field(req, "make"), STR("1"));
	if (*out_ask)
		return ERR_OK;
	rc = mail_folder_make(&mail, TEXT(ACT_ARCHIVE), err);
	if (rc != ERR_OK)
		return rc;
	return act_move(req, act, TEXT(ACT_ARCHIVE), out_undo, err);
}

static enum err_code
act_flag(struct request *req, struct act *act, struct err *err)
{
	static const struct {
		const char *verb;
		unsigned flags;
		bool on;
	} verbs[] = {
	    {"read", MAIL_SEEN, true},
	    {"unread", MAIL_SEEN, false},
	    {"flag", MAIL_FLAGGED, true},
	    {"unflag", MAIL_FLAGGED, false},
	};
	struct mail mail = page_mail(req);

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_eq(act->verb, str_c(verbs[i].verb)))
			return mail_store_flags(&mail, act->folder,
			    act->uid_validity, act->uids, verbs[i].flags,
			    verbs[i].on, err);
	return err_set(err, ERR_INPUT,
	    "Please choose what to do with the messages.", NULL);
}

/* The question's words and its button; deleting in the trash is final. */
static struct str
act_question(struct request *req, const struct act *act, bool archives,
    struct view *view)
{
	size_t count = act->uids.count;

	view_word(view, "yes_label",
	    archives ? "Make the folder and archive" : "Delete for good");
	view_word(view, "yes_name", "do");
	view_word(view, "yes_value", archives ? "archive" : "expunge");
	view_bool(view, "is_harmless", archives);
	if (archives)
		return STR("There is no folder for the archive yet. Make one, "
		           "called “" ACT_ARCHIVE "”, and move there what "
		           "you chose?");
	if (count == 1)
		return STR("Delete this message for good? It cannot be brought "
		           "back.");
	return str_printf(req->arena,
	    "Delete these %zu messages for good? They cannot be brought back.",
	    count);
}

static enum err_code
act_ask(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	bool archives = str_eq(act->verb, STR("archive"));
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc = page_view(req, res,
	    archives ? TEXT("Make an archive?") : TEXT("Delete for good?"),
	    &view, err);

	if (rc != ERR_OK)
		return rc;
	view_str(view, "text", act_question(req, act, archives, view));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_set_url(view, "cancel_url",
	    view_url_own(
	        req->arena, act->stay.len > 0 ? act->stay : act->back));
	hidden = view_list(view, "hidden");
	page_hidden(req, hidden, "folder", act->folder.s);
	page_hidden(req, hidden, "uidvalidity",
	    page_u64(req->arena, act->uid_validity));
	page_hidden(req, hidden, "back", act->back);
	page_hidden(req, hidden, "after", act->after);
	if (archives)
		page_hidden(req, hidden, "make", STR("1"));
	for (size_t i = 0; i < act->uids.count; i++)
		page_hidden(req, hidden, "uid",
		    page_u64(req->arena, act->uids.list[i]));
	return page_send(req, res, "confirm.html", view, err);
}

/* The page after it: the message itself, the next one, or the list. */
static struct str
act_landing(const struct act *act)
{
	static const struct {
		const char *verb;
		bool stays;
	} verbs[] = {
	    {"flag", true},
	    {"unflag", true},
	    {"delete", false},
	    {"expunge", false},
	    {"move", false},
	    {"archive", false},
	    {"junk", false},
	    {"notjunk", false},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct str path = verbs[i].stays ? act->stay : act->after;

		if (str_eq(act->verb, str_c(verbs[i].verb)) && path.len > 0)
			return path;
	}
	return act->back;
}

/* To a page that says what was done (and offers Undo). */
static enum err_code
act_done(struct request *req, struct response *res, const struct act *act,
    struct str note, struct str undo, struct err *err)
{
	struct str path = act_landing(act);
	struct buf url;

	/* Only one note at a time: what an earlier action said goes. */
	path = str_slice(path, 0, str_find(path, STR("&note="), 0));
	buf_init_arena(&url, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&url, path);
	buf_add_byte(&url, str_find_byte(path, '?', 0) < path.len ? '&' : '?');
	buf_add_c(&url, "note=");
	buf_add_percent(&url, note);
	if (act->uids.count > 0)
		buf_addf(&url, "&n=%zu", act->uids.count);
	if (undo.len > 0) {
		buf_add_c(&url, "&undo=");
		buf_add_percent(&url, undo);
	}
	return page_redirect(
	    req, res, view_url_own(req->arena, buf_str(&url)), err);
}

static enum err_code
act_run(struct request *req, struct act *act, bool *out_ask,
    struct str *out_undo, struct err *err)
{
	struct mail mail = page_mail(req);

	if (str_eq(act->verb, STR("undo")))
		return act_undo(req, act, err);
	if (str_eq(act->verb, STR("delete")))
		return act_delete(req, act, out_ask, out_undo, err);
	if (str_eq(act->verb, STR("expunge")))
		return mail_expunge(
		    &mail, act->folder, act->uid_validity, act->uids, err);
	if (str_eq(act->verb, STR("junk")) || str_eq(act->verb, STR("notjunk")))
		return act_junk(
		    req, act, str_eq(act->verb, STR("junk")), out_undo, err);
	if (str_eq(act->verb, STR("archive")))
		return act_archive(req, act, out_ask, out_undo, err);
	if (!str_eq(act->verb, STR("move")))
		return act_flag(req, act, err);
	if (text_is_empty(act->to))
		return err_set(err, ERR_INPUT,
		    "Please choose the folder to move to.", NULL);
	return act_move(req, act, act->to, out_undo, err);
}

enum err_code
page_act_post(struct request *req, struct response *res, struct err *err)
{
	struct act act = {0};
	struct str undo = {NULL, 0};
	bool ask = false;
	enum err_code rc = act_parse(req, &act, err);

	if (rc != ERR_OK)
		return rc;
	if (act.uids.count == 0 && !str_eq(act.verb, STR("undo")))
		return act_done(req, res, &act, STR("none"), undo, err);
	if (str_eq(act.verb, STR("move")) && text_is_empty(act.to) &&
	    act.stay.len > 0) {
		/* A list would lose its ticks: there the error page says it. */
		act.after = act.stay;
		act.uids.count = 0;
		return act_done(req, res, &act, STR("nofolder"), undo, err);
	}
	rc = act_run(req, &act, &ask, &undo, err);
	if (rc != ERR_OK)
		return rc;
	if (ask)
		return act_ask(req, res, &act, err);
	return act_done(req, res, &act, act.verb, undo, err);
}
