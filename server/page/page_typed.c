#include "page/page_typed.h"

#include "page/page_carry.h"
#include "page/page_compose.h"

/* Percent-encoded, and within what a POST without a session may have. */
#define PAGE_TYPED_BYTES ((size_t)1 << 20)

static bool
page_typed_is_kept(const struct form_field *field)
{
	static const char *const own[] = {"name", "remember", "expire"};

	if (field->is_file || field->value.len == 0)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(field->name, str_c(own[i])))
			return true;
	return str_starts(field->name, STR(PAGE_CARRY_PREFIX));
}

static void
page_typed_add(struct buf *letters, struct str name, struct str value)
{
	if (!str_is_empty(buf_str(letters)))
		buf_add_byte(letters, '&');
	buf_add_percent(letters, name);
	buf_add_byte(letters, '=');
	buf_add_percent(letters, value);
}

enum err_code
page_typed_take_along(
    struct request *req, struct response *res, bool *out, struct err *err)
{
	const struct form *form = NULL;
	struct str typed, owner, letter;
	struct buf letters;
	enum err_code rc = request_form(req, &form, err);

	*out = false;
	if (rc != ERR_OK)
		return rc;
	owner = page_compose_owner(req);
	if (owner.len == 0)
		return ERR_OK;
	rc = page_carry_seal(req, form, owner, &letter, err);
	/* Too long: it can be copied still. */
	if (rc != ERR_OK)
		return rc == ERR_LIMIT ? ERR_OK : rc;
	buf_init_arena(&letters, req->arena, PAGE_TYPED_BYTES);
	page_typed_add(&letters, STR(PAGE_CARRY_LETTER), letter);
	if (page_carry_has_files(form))
		page_typed_add(&letters,
		    STR(PAGE_CARRY_PREFIX PAGE_CARRY_FILES), STR("1"));
	if (buf_end(&letters, &typed, NULL) != ERR_OK)
		return ERR_OK;
	rc =
	    session_typed_keep(req->app->sessions, req, res, typed, false, err);
	*out = rc == ERR_OK;
	return rc == ERR_LIMIT ? ERR_OK : rc;
}

enum err_code
page_typed_keep(
    struct request *req, struct response *res, bool here_only, struct err *err)
{
	const struct form *form = NULL;
	struct buf letters;
	struct str typed;
	enum err_code rc = request_form(req, &form, err);

	/* Only the login page's form has it. */
	if (rc != ERR_OK || req->session != NULL ||
	    form_find(form, "next") == NULL)
		return rc;
	buf_init_arena(&letters, req->arena, PAGE_TYPED_BYTES);
	for (size_t i = 0; i < form->count; i++)
		if (page_typed_is_kept(&form->fields[i]))
			page_typed_add(&letters, form->fields[i].name,
			    form->fields[i].value);
	rc = buf_end(&letters, &typed, err);
	if (rc != ERR_OK || typed.len == 0)
		return rc;
	return session_typed_keep(
	    req->app->sessions, req, res, typed, here_only, err);
}

enum err_code
page_typed_find(struct request *req, const struct form **out, struct err *err)
{
	struct str typed;
	enum err_code rc =
	    session_typed_find(req->app->sessions, req, &typed, err);

	*out = NULL;
	if (rc != ERR_OK || typed.len == 0)
		return rc;
	return form_parse(STR("application/x-www-form-urlencoded"), typed, -1,
	    0, req->arena, out, err);
}

enum err_code
page_typed_restore(
    struct request *req, struct page_login_form *form, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct text name;

	if (req->method != METHOD_POST)
		rc = page_typed_find(req, &form->typed, err);
	if (rc != ERR_OK || form->typed == NULL)
		return rc;
	name = text_line(req->arena, form_value(form->typed, "name"));
	if (!text_is_empty(name))
		form->name = name;
	/* A letter of a window that was left behind says nothing of them. */
	if (!text_is_empty(name)) {
		form->remember = form_value(form->typed, "remember").len > 0;
		form->expire = form_value(form->typed, "expire").len > 0;
	}
	/* Who asked for another page is not shown a letter. */
	if (!str_starts(form->next, STR("/compose")))
		form->typed = NULL;
	return ERR_OK;
}

/*
 * In clear the form goes straight to the secure door: a password that stands
 * in it already does not travel in clear.
 */
void
page_typed_view_switch(
    struct request *req, struct response *res, bool is_safe, struct view *view)
{
	const struct net_tls_facts *facts = page_switch_facts(req);
	bool is_offered = page_switch_problem(req) == NULL;

	view_word(view, "switch_form", "login");
	view_bool(view, "clear_warning", !is_safe);
	view_bool(view, "focus_form", is_safe || !is_offered);
	if (is_safe || !is_offered) {
		view_set_url(view, "form_switch_url",
		    view_url_own(req->arena, STR("/secure")));
		view_word(view, "form_switch_do", "switch");
		return;
	}
	view_set_url(view, "form_switch_url",
	    view_url_foreign(
	        req->arena, session_address(req, true, STR("/secure"))));
	view_word(view, "form_switch_do", "enter");
	/* With same-origin browsers send "Origin: null" there, which could be
	 * anybody's form. */
	response_replace_header(
	    res, "Referrer-Policy", STR("strict-origin-when-cross-origin"));
	if (facts == NULL)
		return;
	view_bool(view, "is_self_signed", facts->is_self_signed);
	view_word(view, "fingerprint", facts->fingerprint_sha256);
}
