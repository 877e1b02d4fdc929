#include "page/page_login.h"

#include "page/page_carry.h"
#include "page/page_cert.h"
#include "page/page_compose.h"
#include "page/page_language.h"
#include "page/page_typed.h"
#include "page/pages.h"

struct str
page_carried(struct request *req, const struct form *form, const char *name)
{
	struct str full = str_printf(req->arena, PAGE_CARRY_PREFIX "%s", name);
	struct str value = STR("");

	if (full.ptr != NULL)
		value = form_value(form, full.ptr);
	return value.ptr == NULL ? STR("") : value;
}

struct str
page_login_name(const struct request *req, struct text typed)
{
	struct str parts[3] = {typed.s, STR("@"), req->site->default_domain};

	if (typed.s.len == 0 || parts[2].len == 0 ||
	    str_find_byte(typed.s, '@', 0) < typed.s.len)
		return typed.s;
	return str_join(req->arena, parts, 3);
}

bool
page_login_is_external(const struct request *req, struct str login)
{
	return config_mail_site(req->cfg, req->site, login)->imap_auth ==
	       CONFIG_AUTH_EXTERNAL;
}

bool
page_has_carried(struct request *req)
{
	const struct form *form = NULL;

	return request_form(req, &form, NULL) == ERR_OK &&
	       form_find(form, PAGE_CARRY_LETTER) != NULL;
}

/* What is a secret or belongs to the login page itself stays behind. */
bool
page_carry_skips(struct str name)
{
	static const char *const own[] = {
	    "csrf", "password", "name", "next", "remember", "expire", "back"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(name, str_c(own[i])))
			return true;
	return false;
}

bool
page_carry_has_files(const struct form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->fields[i].is_file &&
		    (form->fields[i].file_name.len > 0 ||
		        form->fields[i].file_bytes > 0))
			return true;
	return form_find(form, PAGE_CARRY_PREFIX PAGE_CARRY_FILES) != NULL;
}

static void
page_view_letter(struct view *view, struct str letter, bool has_files)
{
	view_str(view, "letter", letter);
	view_bool(view, "carried_note", true);
	view_bool(view, "carried_files", has_files);
}

/* What a form that came here already carried, or one that was typed before. */
static bool
page_view_carried(const struct form *form, struct view *view)
{
	struct str letter = form_value(form, PAGE_CARRY_LETTER);

	if (letter.len > 0)
		page_view_letter(view, letter, page_carry_has_files(form));
	return letter.len > 0;
}

/*
 * A letter that could not be stored. Without our seal nobody knows whose it
 * is: it can be copied, and is not taken along.
 */
static void
page_view_carry(
    struct request *req, const struct form *typed, struct view *view)
{
	const struct form *form = typed;
	struct str owner, letter;
	enum err_code rc = ERR_FORBIDDEN;

	if (form == NULL && (req->method != METHOD_POST ||
	                        request_form(req, &form, NULL) != ERR_OK))
		return;
	if (page_view_carried(form, view) || typed != NULL ||
	    form_find(form, "body") == NULL)
		return;
	owner = page_compose_owner(req);
	if (owner.len > 0)
		rc = page_carry_seal(req, form, owner, &letter, NULL);
	if (rc == ERR_OK) {
		page_view_letter(view, letter, page_carry_has_files(form));
		return;
	}
	view_bool(view, "carry_cut", rc == ERR_LIMIT);
	page_view_typed(req, view);
}

static void
page_login_view_problem(
    struct request *req, const struct page_login_form *form, struct view *view)
{
	view_word(view, "error", form->words == NULL ? "" : form->words);
	view_bool(view, "is_wrong_password", form->problem == PAGE_LOGIN_WRONG);
	view_bool(view, "is_away", form->problem == PAGE_LOGIN_AWAY);
	view_bool(view, "say_again", !form->says_again);
	view_bool(
	    view, "is_bad_certificate", form->problem == PAGE_LOGIN_TRUST);
	view_bool(view, "is_throttled", form->problem == PAGE_LOGIN_THROTTLED);
	view_bool(view, "was_ended", form->found == SESSION_ENDED);
	view_bool(view, "was_moved", form->found == SESSION_MOVED);
	view_bool(view, "was_misfit", req->is_misfit);
}

/* What the browser's certificate means for the form. */
static void
page_login_view_cert(struct request *req, struct view *view)
{
	struct page_cert cert;

	page_cert_read(req, &cert);
	page_cert_view(req, view);
	view_word(view, "cert_words", cert.words == NULL ? "" : tr(cert.words));
	view_bool(view, "is_closed", cert.words != NULL);
	if (cert.state != PAGE_CERT_NAMED)
		return;
	view_bool(view, "is_pinned", true);
	view_text(view, "name", cert.login);
	view_bool(
	    view, "no_password", page_login_is_external(req, cert.login.s));
}

void
page_login_view(struct request *req, struct response *res,
    const struct page_login_form *form, struct view *view)
{
	bool safe = req->is_secure || req->peer.is_loopback;

	page_typed_view_switch(req, res, safe, view);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/login")));
	view_str(view, "next", form->next);
	/* Through a switch of the mode, too, it leads to the kept letter. */
	if (form->is_kept) {
		struct view_url_param kept[] = {
		    {"next", form->next}, {NULL, {0}}};

		view_str(
		    view, "here", view_url_local(req->arena, "/login", kept).s);
	}
	view_text(view, "name", form->name);
	view_bool(view, "offer_remember", req->cfg->remember_me);
	view_bool(view, "remember_checked", form->remember);
	view_bool(view, "remember_name_only", !safe);
	view_bool(view, "expire_checked", form->expire);
	view_str(view, "default_domain", req->site->default_domain);
	page_login_view_problem(req, form, view);
	page_login_view_cert(req, view);
	view_bool(view, "kept_note", form->is_kept);
	if (!form->is_kept)
		page_view_carry(req, form->typed, view);
}

enum err_code
page_login_show(struct request *req, struct response *res,
    const struct page_login_form *form, struct err *err)
{
	struct page_login_form shown = *form;
	struct view *view = NULL;
	enum err_code rc = page_typed_restore(req, &shown, err);

	if (rc == ERR_OK)
		rc = page_view(req, res, tr_text("Log in"), &view, err);
	if (rc != ERR_OK)
		return rc;
	page_login_view(req, res, &shown, view);
	page_language_view_choice(req, view);
	return page_send(req, res, "login.html", view, err);
}

enum err_code
page_login(struct request *req, struct response *res, struct err *err)
{
	struct page_login_form form = {
	    .name = session_remembered_name(req),
	    .next = session_own_path(request_query(req, "next")),
	};

	if (req->session != NULL)
		return page_redirect(
		    req, res, view_url_own(req->arena, form.next), err);
	form.remember = !text_is_empty(form.name);
	return page_login_show(req, res, &form, err);
}
