#include "base/tr.h"
#include "mail/smtp.h"
#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_identity.h"
#include "page/pages.h"
#include "page/settings_file.h"

/* What the form holds, and what was wrong with it. */
struct identity_form {
	struct page_identity one;
	const char *words; /* NULL: nothing was wrong */
	const char *field; /* "error_address", …; NULL: of none */
};

/* ---- show ---- */
static struct view_url
identity_url(struct request *req, struct str id, const char *said)
{
	struct view_url_param params[] = {
	    {"id", id},
	    {said == NULL ? "note" : said,
	        said == NULL ? str_of(NULL, 0) : STR("1")},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/identities", params);
}

static void
identities_view_rows(struct request *req, const struct page_identity *list,
    size_t count, struct view *view)
{
	struct view_list *rows = view_list(view, "rows");

	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "id", list[i].id);
		view_text(row, "name", list[i].name);
		view_bool(row, "has_name", !text_is_empty(list[i].name));
		view_text(row, "address", list[i].address);
		view_bool(row, "is_own", list[i].is_own);
		view_bool(row, "is_default", list[i].is_default);
		view_bool(row, "is_doubtful", !list[i].is_verified);
		view_set_url(
		    row, "edit_url", identity_url(req, list[i].id, NULL));
	}
}

static void
identities_view_form(
    struct request *req, const struct identity_form *form, struct view *view)
{
	const struct page_identity *one = &form->one;

	view_str(view, "id", one->id);
	view_bool(view, "is_new", one->id.len == 0);
	view_bool(view, "is_own", one->is_own);
	view_text(view, "name", one->name);
	view_text(view, "address", one->address);
	view_text(view, "reply_to", one->reply_to);
	view_text(view, "bcc", one->bcc);
	view_text(view, "organization", one->organization);
	view_text(view, "signature", one->signature);
	view_str(view, "signature_html", one->signature_html);
	view_bool(view, "has_signature_html", one->signature_html.len > 0);
	view_bool(view, "is_default", one->is_default);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/identities")));
	view_set_url(view, "new_url", identity_url(req, STR("new"), NULL));
	if (form->words != NULL)
		view_word(view,
		    form->field == NULL ? "error_general" : form->field,
		    form->words);
}

/* The one that the address names, in the form; nobody: none is shown. */
static bool
identities_find(struct request *req, const struct page_identity *list,
    size_t count, struct identity_form *out)
{
	struct str id = request_query(req, "id");

	*out = (struct identity_form){0};
	if (str_eq(id, STR("new")))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(list[i].id, id))
			continue;
		out->one = list[i];
		return true;
	}
	return false;
}

/* `typed` NULL: what the address names. */
static enum err_code
identities_show(struct request *req, struct response *res,
    const struct identity_form *typed, struct err *err)
{
	static const char *const notes[] = {
	    "saved", "removed", "chosen", "asked", "undone"};
	struct page_identity *list = NULL;
	struct identity_form form;
	struct view *view = NULL;
	bool has_form = typed != NULL;
	size_t count = 0;
	enum err_code rc =
	    page_view(req, res, tr_text("Identities"), &view, err);

	if (rc == ERR_OK)
		rc = page_identity_list(req, &list, &count, err);
	if (rc != ERR_OK)
		return rc;
	if (typed != NULL)
		form = *typed;
	else
		has_form = identities_find(req, list, count, &form);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		view_bool(view, notes[i], request_query(req, notes[i]).len > 0);
	view_bool(view, "has_form", has_form);
	settings_view_removed(req, view, "/identities?undone=1");
	identities_view_rows(req, list, count, view);
	identities_view_form(req, &form, view);
	return page_send(req, res, "identities.html", view, err);
}

enum err_code
page_identities(struct request *req, struct response *res, struct err *err)
{
	return identities_show(req, res, NULL, err);
}

/* ---- read ---- */
static enum err_code
identity_wrong(struct identity_form *form, const char *field,
    const char *message, struct err *err)
{
	form->field = field;
	return err_set(err, ERR_INPUT, message, NULL);
}

static enum err_code
identity_parse(struct request *req, struct identity_form *form, struct err *err)
{
	struct arena *arena = req->arena;
	struct page_identity *one = &form->one;

	*form = (struct identity_form){0};
	one->id = request_field(req, "id");
	one->is_own = str_eq(one->id, STR(IDENTITY_OWN));
	one->is_default = request_field(req, "default").len > 0;
	one->name = text_line(arena, request_field(req, "name"));
	one->address = text_line(arena, request_field(req, "address"));
	one->reply_to = text_line(arena, request_field(req, "reply_to"));
	one->bcc = text_line(arena, request_field(req, "bcc"));
	one->organization =
	    text_line(arena, request_field(req, "organization"));
	one->signature = text_from(arena, request_field(req, "signature"));
	one->signature_html =
	    text_from(arena, request_field(req, "signature_html")).s;
	if (one->is_own)
		one->address = page_own_address(req);
	return page_identity_check(
	    arena, page_domain(req), one, &form->field, err);
}

/* ---- do ---- */
/*
 * The mail server is asked whether it takes the address. What it refuses is
 * not kept; what it cannot say now is, and marked.
 */
static enum err_code
identity_verify(
    struct request *req, struct identity_form *form, struct err *err)
{
	struct mail mail = page_mail(req);
	struct page_identity *one = &form->one;
	struct smtp_sender sender = {0};
	struct err why = ERR_NONE;
	enum err_code rc;

	one->is_verified = one->is_own;
	if (one->is_own)
		return ERR_OK;
	rc = smtp_check_sender(account_server(mail.account),
	    req->session->login, &req->session->password, one->address.s,
	    page_own_address(req).s, &mail.wait, mail.arena, &sender, &why);
	if (rc == ERR_INPUT)
		return identity_wrong(form, "error_address",
		    str_dup_bytes(req->arena, str_c(why.message)), err);
	if (rc != ERR_OK)
		log_event(LOG_INFO, "identity.unasked",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", why.detail));
	if (rc != ERR_OK || sender.is_temporary)
		return ERR_OK;
	one->is_verified = sender.is_accepted;
	if (sender.is_accepted)
		return ERR_OK;
	form->field = "error_address";
	return err_sayf(err, ERR_INPUT,
	    "The mail server does not let you write as this address: %.*s",
	    STR_ARG(str_slice(sender.words.s, 0, 300)));
}

static enum err_code
identity_store(struct request *req, struct page_identity *one, struct err *err)
{
	struct store_identity row = {
	    .name = one->name.s,
	    .address = one->address.s,
	    .reply_to = one->reply_to.s,
	    .bcc = one->bcc.s,
	    .organization = one->organization.s,
	    .signature = one->signature.s,
	    .signature_html = one->signature_html,
	    .is_verified = one->is_verified,
	    .created_s = clock_now_s(),
	};

	if (one->is_own)
		return page_identity_own_set(req, one, err);
	if (!compose_id_is_valid(one->id))
		one->id = compose_id_new(req->arena);
	row.id = one->id;
	return store_identity_put(
	    req->app->store, req->session->account, &row, err);
}

static enum err_code
identity_save(struct request *req, struct response *res, struct err *err)
{
	struct identity_form form;
	struct err words;
	enum err_code rc = identity_parse(req, &form, err);

	if (rc == ERR_OK)
		rc = identity_verify(req, &form, err);
	if (rc == ERR_OK)
		rc = identity_store(req, &form.one, err);
	if (rc == ERR_OK && form.one.is_default)
		rc = page_identity_default_set(req, form.one.id, err);
	if (rc == ERR_OK)
		return page_redirect(
		    req, res, identity_url(req, str_of(NULL, 0), "saved"), err);
	if (rc != ERR_INPUT && rc != ERR_LIMIT)
		return rc;
	words = *err;
	form.words = words.message;
	response_status(res, 422);
	return identities_show(req, res, &form, err);
}

/* One that the mail server could not judge when it was made. */
static enum err_code
identity_ask_again(struct request *req, struct str id, struct err *err)
{
	struct page_identity *list = NULL;
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct identity_form form = {.one = list[i]};

		if (!str_eq(list[i].id, id))
			continue;
		rc = identity_verify(req, &form, err);
		if (rc == ERR_OK)
			rc = identity_store(req, &form.one, err);
	}
	return rc;
}

enum err_code
page_identities_post(struct request *req, struct response *res, struct err *err)
{
	struct str verb = request_field(req, "do");
	struct str id = request_field(req, "id");
	const char *said = "removed";
	struct str undo = STR("");
	enum err_code rc;

	if (str_eq(verb, STR("save")))
		return identity_save(req, res, err);
	if (str_eq(verb, STR("check"))) {
		said = "asked";
		rc = identity_ask_again(req, id, err);
	} else if (str_eq(verb, STR("default"))) {
		said = "chosen";
		rc = page_identity_default_set(req, id, err);
	} else if (str_eq(verb, STR("remove"))) {
		undo = settings_keep_item(req, SETTINGS_IDENTITIES, id);
		rc = store_identity_delete(
		    req->app->store, req->session->account, id, err);
	} else {
		return err_set(err, ERR_INPUT,
		    "Please choose what to do with the identity.", NULL);
	}
	if (rc != ERR_OK)
		return rc;
	struct view_url_param params[] = {{said, STR("1")},
	    {"undo", undo.len > 0 ? undo : str_of(NULL, 0)}, {NULL, {0}}};
	return page_redirect(
	    req, res, view_url_local(req->arena, "/identities", params), err);
}
