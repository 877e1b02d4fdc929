#include "page/page_login.h"

#include "page/page_compose.h"
#include "page/pages.h"

/*
 * What a login page takes along: percent-encoded it may be three times as
 * long, and must fit into FRONT_OPEN_BODY_BYTES.
 */
#define PAGE_CARRY_BYTES ((size_t)300 << 10)

struct str
page_carried(struct request *req, const char *name)
{
	struct str full = str_printf(req->arena, PAGE_CARRY_PREFIX "%s", name);

	return full.ptr == NULL ? full : request_field(req, full.ptr);
}

bool
page_has_carried(struct request *req)
{
	const struct form *form = NULL;

	return request_form(req, &form, NULL) == ERR_OK &&
	       form_find(form, PAGE_CARRY_PREFIX "body") != NULL;
}

/*
 * Fields of the posted form as hidden fields. What is a secret or belongs to
 * the login page itself stays behind.
 */
static bool
page_carry_skips(struct str name)
{
	static const char *const own[] = {
	    "csrf", "password", "name", "next", "remember", "expire", "back"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(name, str_c(own[i])))
			return true;
	return false;
}

static void
page_view_carry(struct request *req, struct view *view)
{
	const struct form *form = NULL;
	struct view_list *list = view_list(view, "posted_fields");
	bool is_login = str_eq(req->path, STR("/login"));
	size_t bytes = 0;
	bool any = false;

	if (req->method != METHOD_POST ||
	    request_form(req, &form, NULL) != ERR_OK)
		return;
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];
		struct str name = field->name;
		struct view *row;

		if (is_login && !str_starts(name, STR(PAGE_CARRY_PREFIX)))
			continue;
		if (field->is_file || (!is_login && page_carry_skips(name)))
			continue;
		bytes += field->value.len;
		if (bytes > PAGE_CARRY_BYTES) {
			view_bool(view, "carry_cut", true);
			return;
		}
		if (!is_login)
			name = str_printf(req->arena, PAGE_CARRY_PREFIX "%.*s",
			    STR_ARG(name));
		row = view_list_add(list);
		view_text(row, "name", text_line(req->arena, name));
		view_text(row, "value", text_from(req->arena, field->value));
		any = true;
	}
	view_bool(view, "carried_note", any);
}

static void
page_login_view_problem(const struct page_login_form *form, struct view *view)
{
	view_word(view, "error", form->words == NULL ? "" : form->words);
	view_bool(view, "is_wrong_password", form->problem == PAGE_LOGIN_WRONG);
	view_bool(view, "is_away", form->problem == PAGE_LOGIN_AWAY);
	view_bool(
	    view, "is_bad_certificate", form->problem == PAGE_LOGIN_TRUST);
	view_bool(view, "is_throttled", form->problem == PAGE_LOGIN_THROTTLED);
	view_bool(view, "was_ended", form->found == SESSION_ENDED);
	view_bool(view, "was_moved", form->found == SESSION_MOVED);
}

static void
page_login_view(
    struct request *req, const struct page_login_form *form, struct view *view)
{
	bool safe = req->is_secure || req->peer.is_loopback;

	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/login")));
	view_str(view, "next", form->next);
	view_text(view, "name", form->name);
	view_bool(view, "clear_warning", !safe);
	view_bool(view, "offer_remember", req->cfg->remember_me);
	view_bool(view, "remember_checked", form->remember);
	view_bool(view, "remember_name_only", !safe);
	view_bool(view, "expire_checked", form->expire);
	view_str(view, "default_domain", req->site->default_domain);
	page_login_view_problem(form, view);
	page_view_carry(req, view);
}

enum err_code
page_login_show(struct request *req, struct response *res,
    const struct page_login_form *form, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, TEXT("Log in"), &view, err);

	if (rc != ERR_OK)
		return rc;
	page_login_view(req, form, view);
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

/* The name as the mail server knows it: trimmed, with the default domain. */
static struct str
page_login_name(struct request *req, struct text typed)
{
	struct str parts[3] = {typed.s, STR("@"), req->site->default_domain};

	if (parts[2].len == 0 || str_find_byte(typed.s, '@', 0) < typed.s.len)
		return typed.s;
	return str_join(req->arena, parts, 3);
}

static unsigned
page_login_status(enum page_login_problem problem)
{
	static const unsigned statuses[] = {
	    [PAGE_LOGIN_FINE] = 200,
	    [PAGE_LOGIN_WRONG] = 403,
	    [PAGE_LOGIN_AWAY] = 503,
	    [PAGE_LOGIN_TRUST] = 502,
	    [PAGE_LOGIN_THROTTLED] = 429,
	    [PAGE_LOGIN_OTHER] = 502,
	};

	return statuses[problem];
}

static enum page_login_problem
page_login_problem_of(enum err_code rc)
{
	if (rc == ERR_LOGIN)
		return PAGE_LOGIN_WRONG;
	if (rc == ERR_AWAY || rc == ERR_BUSY)
		return PAGE_LOGIN_AWAY;
	if (rc == ERR_TRUST)
		return PAGE_LOGIN_TRUST;
	if (rc == ERR_LIMIT)
		return PAGE_LOGIN_THROTTLED;
	return PAGE_LOGIN_OTHER;
}

static enum app_login
page_login_result(enum err_code rc)
{
	if (rc == ERR_OK)
		return APP_LOGIN_OK;
	if (rc == ERR_LOGIN)
		return APP_LOGIN_REFUSED;
	return rc == ERR_LIMIT ? APP_LOGIN_THROTTLED : APP_LOGIN_AWAY;
}

/* Asks the mail server; req->account is set when it accepts. */
static enum err_code
page_login_try(
    struct request *req, const struct session_login *login, struct err *err)
{
	struct sessions *sessions = req->app->sessions;
	struct mail mail = page_mail(req);
	struct secret password;
	enum err_code rc =
	    session_throttle_check(sessions, req, login->login, err);

	if (rc != ERR_OK)
		return rc;
	rc = secret_init(&password, login->password, err);
	if (rc != ERR_OK)
		return rc;
	rc = account_login(req->app->accounts, app_mail_of(req, login->login),
	    login->login, &password, &mail.wait, &req->account, err);
	secret_end(&password);
	if (rc == ERR_OK)
		session_throttle_passed(sessions, req, login->login);
	else if (rc == ERR_LOGIN)
		session_throttle_failed(sessions, req, login->login);
	log_event(rc == ERR_OK ? LOG_INFO : LOG_WARN,
	    rc == ERR_OK ? "login" : "login.failed",
	    LOG_STR("login", login->login), LOG_C("address", req->peer.address),
	    LOG_C("reason", err_name(rc)),
	    LOG_C("detail", rc == ERR_OK ? "" : err->detail));
	return rc;
}

static enum err_code
page_login_read(struct request *req, struct page_login_form *form,
    struct session_login *login, struct err *err)
{
	const struct form *posted = NULL;
	enum err_code rc = request_form(req, &posted, err);

	if (rc != ERR_OK)
		return rc;
	form->name = text_line(req->arena, request_field(req, "name"));
	form->next = session_own_path(request_field(req, "next"));
	form->expire = request_field(req, "expire").len > 0;
	form->remember = request_field(req, "remember").len > 0;
	login->login = page_login_name(req, form->name);
	login->password = request_field(req, "password");
	login->expire_views = form->expire;
	login->remember =
	    form->remember && !form->expire && req->cfg->remember_me;
	if (login->login.len > LIMIT_NAME_BYTES ||
	    login->password.len > LIMIT_PASSWORD_BYTES)
		return err_set(
		    err, ERR_LOGIN, "This name or password is too long.", NULL);
	if (login->login.len == 0 || login->password.len == 0)
		return err_set(err, ERR_LOGIN,
		    "Please type your name and your password.", NULL);
	return ERR_OK;
}

enum err_code
page_login_post(struct request *req, struct response *res, struct err *err)
{
	struct page_login_form form = {.problem = PAGE_LOGIN_FINE};
	struct session_login login = {0};
	enum err_code rc = page_login_read(req, &form, &login, err);

	if (rc == ERR_OK) {
		rc = page_login_try(req, &login, err);
		metric_add(req->app->logins[page_login_result(rc)], 1);
	}
	if (rc == ERR_CANCELED || rc == ERR_INPUT || rc == ERR_NO_MEMORY)
		return rc;
	if (rc != ERR_OK) {
		form.problem = page_login_problem_of(rc);
		form.words = err->message;
		response_status(res, page_login_status(form.problem));
		return page_login_show(req, res, &form, err);
	}
	rc = session_create(req->app->sessions, req, res, &login, err);
	if (rc != ERR_OK)
		return rc;
	if (page_has_carried(req))
		return page_compose_restore(req, res, err);
	return page_redirect(
	    req, res, view_url_own(req->arena, form.next), err);
}

/* What people typed into a form, to be read and copied. */
static void
page_view_typed(struct request *req, struct view *view)
{
	static const struct {
		const char *name, *label;
	} fields[] = {
	    {"to", "To"},
	    {"cc", "Cc"},
	    {"bcc", "Bcc"},
	    {"subject", "Subject"},
	    {"body", "Text"},
	    {"q", "Search"},
	    {"name", "Your name"},
	    {"signature", "Signature"},
	};
	struct view_list *list = view_list(view, "posted_fields");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct str value = request_field(req, fields[i].name);
		struct view *row;

		if (value.len == 0)
			continue;
		row = view_list_add(list);
		view_word(row, "name", fields[i].label);
		view_text(row, "value", text_from(req->arena, value));
	}
}

/* Another window switched the mode and took the session along. */
static void
page_moved(struct request *req, struct response *res, struct str path)
{
	struct str parts[2] = {session_origin(req, !req->is_secure), path};
	struct err err = ERR_NONE;
	struct view *view = NULL;
	enum err_code rc = page_view(req, res,
	    TEXT("Your session went on in the other mode"), &view, &err);

	if (rc == ERR_OK) {
		view_set_url(view, "other_url",
		    view_url_foreign(
		        req->arena, str_join(req->arena, parts, 2)));
		page_view_typed(req, view);
		response_status(res, 403);
		rc = page_send(req, res, "moved.html", view, &err);
	}
	if (rc != ERR_OK)
		page_error(req, res, rc, &err);
}

void
page_login_required(
    struct request *req, struct response *res, enum session_found found)
{
	struct page_login_form form = {
	    .name = session_remembered_name(req),
	    .next = session_own_path(req->raw_target),
	    .found = found,
	};
	struct err err = ERR_NONE;
	enum err_code rc;

	if (req->method == METHOD_POST)
		form.next = str_eq(req->path, STR("/act"))
		                ? STR("/")
		                : session_own_path(req->path);
	if (found == SESSION_MOVED) {
		page_moved(req, res, form.next);
		return;
	}
	form.remember = !text_is_empty(form.name);
	response_status(res, req->method == METHOD_POST ? 403 : 200);
	if (req->method != METHOD_POST) {
		struct view_url_param params[] = {
		    {"next", form.next}, {NULL, {0}}};

		/* The front door needs no address to come back to. */
		if (str_eq(form.next, STR("/")))
			params[0].value.ptr = NULL;
		if (found == SESSION_NONE || found == SESSION_ACTIVE) {
			rc = page_redirect(req, res,
			    view_url_local(req->arena, "/login", params), &err);
			if (rc != ERR_OK)
				page_error(req, res, rc, &err);
			return;
		}
	}
	rc = page_login_show(req, res, &form, &err);
	if (rc != ERR_OK)
		page_error(req, res, rc, &err);
}
