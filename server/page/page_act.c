#include "base/codec.h"
#include "base/num.h"
#include "base/scan.h"
#include "page/page.h"
#include "page/page_inside.h"
#include "page/pages.h"

/* What is to be done to which messages; from the list or a message page. */
struct act {
	struct str verb;
	struct text folder;
	uint32_t uid_validity;
	struct mail_uids uids;
	struct text to;
	struct str back;
};

static const char act_purpose[] = "undo";

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
	out->back = session_own_path(request_field(req, "back"));
	if (!str_starts(out->back, STR("/list")))
		out->back = page_list_url(req->arena, out->folder).s;
	return ERR_OK;
}

/* "from LF to LF validity LF uid,uid,…", sealed for this session. */
struct str
act_seal_undo(struct request *req, const struct act_undo *undo)
{
	struct buf plain;
	struct buf token;
	struct str sealed;

	buf_init_arena(&plain, req->arena, LIMIT_HEADER_BYTES);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES * 2);
	buf_add(&plain, undo->from.s);
	buf_add_byte(&plain, '\n');
	buf_add(&plain, undo->to.s);
	buf_addf(&plain, "\n%u\n", undo->uid_validity);
	for (size_t i = 0; i < undo->uids.count; i++)
		buf_addf(&plain, "%s%u", i == 0 ? "" : ",", undo->uids.list[i]);
	/* An address that is too long would be refused by browsers. */
	if (plain.failed != ERR_OK || plain.len > LIMIT_QUERY_BYTES / 2 ||
	    session_seal(req->app->sessions, req, act_purpose, true, STR(""),
	        buf_str(&plain), &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

static enum err_code
act_undo_parse(struct str plain, struct arena *arena, struct act_undo *out,
    struct err *err)
{
	struct scan scan;
	uint64_t number = 0;
	uint32_t *uids = ARENA_ARRAY(arena, LIMIT_LIST_ROWS, uint32_t);

	out->from = text_from(arena, str_cut(&plain, '\n'));
	out->to = text_from(arena, str_cut(&plain, '\n'));
	scan = scan_of(plain);
	if (uids == NULL || !scan_u64(&scan, UINT32_MAX, &number))
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	out->uid_validity = (uint32_t)number;
	(void)scan_byte(&scan, '\n');
	while (out->uids.count < LIMIT_LIST_ROWS &&
	       scan_u64(&scan, UINT32_MAX, &number)) {
		uids[out->uids.count++] = (uint32_t)number;
		(void)scan_byte(&scan, ',');
	}
	out->uids.list = uids;
	if (out->uids.count == 0)
		return err_set(
		    err, ERR_INTERNAL, "This cannot be undone.", "undo token");
	return ERR_OK;
}

enum err_code
act_unseal_undo(struct request *req, struct str token, struct act_undo *out,
    struct err *err)
{
	struct buf bytes;
	struct str plain;
	enum err_code rc;

	*out = (struct act_undo){0};
	buf_init_arena(&bytes, req->arena, LIMIT_HEADER_BYTES * 2);
	rc = codec_base64url_decode(&bytes, token, err);
	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, act_purpose, true,
		    STR(""), buf_str(&bytes), &plain, err);
	return rc == ERR_OK ? act_undo_parse(plain, req->arena, out, err) : rc;
}

static enum err_code
act_undo(struct request *req, struct act *act, struct err *err)
{
	struct mail mail = page_mail(req);
	struct act_undo undo;
	enum err_code rc =
	    act_unseal_undo(req, request_field(req, "undo"), &undo, err);

	if (rc != ERR_OK)
		return err_set(err, rc,
		    "This can no longer be undone: the session has changed. "
		    "The messages are in the folder they were moved to.",
		    NULL);
	act->uids = undo.uids;
	return mail_move(&mail, undo.from, undo.uid_validity, undo.uids,
	    undo.to, NULL, NULL, err);
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

/* The trash, made when there is none: deleting never destroys. */
static enum err_code
act_trash(struct request *req, const struct mail_folders *folders,
    struct text *out, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *trash =
	    mail_special_find(&mail, folders, MAIL_TRASH);
	struct str configured = page_mail_site(req)->trash_folder;

	if (trash != NULL) {
		*out = trash->name;
		return ERR_OK;
	}
	*out = configured.len > 0 ? text_line(req->arena, configured)
	                          : TEXT("Trash");
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
		rc = act_trash(req, &folders, &trash, err);
	if (rc != ERR_OK)
		return rc;
	*out_ask = str_eq(trash.s, act->folder.s);
	if (*out_ask)
		return ERR_OK;
	return act_move(req, act, trash, out_undo, err);
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

/* Deleting in the trash is final: asks first. */
static enum err_code
act_ask(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc =
	    page_view(req, res, TEXT("Delete for good?"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_str(view, "text",
	    act->uids.count == 1
	        ? STR("Delete this message for good? It cannot be brought "
	              "back.")
	        : str_printf(req->arena,
	              "Delete these %zu messages for good? They cannot be "
	              "brought back.",
	              act->uids.count));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_set_url(view, "cancel_url", view_url_own(req->arena, act->back));
	view_word(view, "yes_label", "Delete for good");
	view_word(view, "yes_name", "do");
	view_word(view, "yes_value", "expunge");
	hidden = view_list(view, "hidden");
	page_hidden(req, hidden, "folder", act->folder.s);
	page_hidden(req, hidden, "uidvalidity",
	    page_u64(req->arena, act->uid_validity));
	page_hidden(req, hidden, "back", act->back);
	for (size_t i = 0; i < act->uids.count; i++)
		page_hidden(req, hidden, "uid",
		    page_u64(req->arena, act->uids.list[i]));
	return page_send(req, res, "confirm.html", view, err);
}

/* Back to the list, which says what was done (and offers Undo). */
static enum err_code
act_done(struct request *req, struct response *res, const struct act *act,
    struct str note, struct str undo, struct err *err)
{
	struct str path = act->back;
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
	rc = act_run(req, &act, &ask, &undo, err);
	if (rc != ERR_OK)
		return rc;
	if (ask)
		return act_ask(req, res, &act, err);
	return act_done(req, res, &act, act.verb, undo, err);
}
