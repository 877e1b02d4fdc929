#include "page/page_cert.h"
#include "page/page_login.h"

#include "page/page_compose.h"
#include "page/page_language.h"
#include "page/pages.h"

static unsigned
page_login_status(enum page_login_problem problem)
{
	static const unsigned statuses[] = {
	    [PAGE_LOGIN_FINE] = 200,
	    [PAGE_LOGIN_WRONG] = 403,
	    [PAGE_LOGIN_AWAY] = 503,
	    [PAGE_LOGIN_TRUST] = 502,
	    [PAGE_LOGIN_THROTTLED] = 429,
	    [PAGE_LOGIN_CERT] = 403,
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

/*
 * Whose login it is, and by what right: the certificate's name counts, not
 * what was typed.
 */
static enum err_code
page_login_whose(struct request *req, const struct page_login_form *form,
    struct session_login *login, struct err *err)
{
	struct page_cert cert;

	page_cert_read(req, &cert);
	login->login = page_login_name(req, form->name);
	if (cert.state == PAGE_CERT_NAMED) {
		if (!text_is_empty(form->name) &&
		    !str_eq_nocase(login->login, cert.login.s))
			return err_sayf(err, ERR_FORBIDDEN,
			    "Your certificate is for %.*s. You can log in "
			    "here under that name only.",
			    STR_ARG(cert.login.s));
		login->login = cert.login.s;
		login->is_pinned = true;
		return ERR_OK;
	}
	if (cert.words != NULL)
		return err_set(err, ERR_FORBIDDEN, cert.words, NULL);
	if (page_login_is_external(req, login->login))
		return err_set(err, ERR_FORBIDDEN,
		    "This account is opened with a certificate, and your "
		    "browser showed none that names it.",
		    "ImapAuth=external without ClientCertUser's name");
	return ERR_OK;
}

enum err_code
page_login_parse(struct request *req, struct page_login_form *form,
    struct session_login *login, struct err *err)
{
	const struct form *posted = NULL;
	enum err_code rc = request_form(req, &posted, err);
	bool is_external;

	if (rc != ERR_OK)
		return rc;
	form->name = text_line(req->arena, request_field(req, "name"));
	form->next = session_own_path(request_field(req, "next"));
	form->expire = request_field(req, "expire").len > 0;
	form->remember = request_field(req, "remember").len > 0;
	login->expire_views = form->expire;
	login->remember =
	    form->remember && !form->expire && req->cfg->remember_me;
	rc = page_login_whose(req, form, login, err);
	if (rc != ERR_OK)
		return rc;
	is_external = page_login_is_external(req, login->login);
	login->password =
	    is_external ? STR("") : request_field(req, "password");
	if (login->login.len > LIMIT_NAME_BYTES ||
	    login->password.len > LIMIT_PASSWORD_BYTES)
		return err_set(
		    err, ERR_LOGIN, "This name or password is too long.", NULL);
	if (login->login.len == 0 || (login->password.len == 0 && !is_external))
		return err_set(err, ERR_LOGIN,
		    "Please type your name and your password.", NULL);
	return ERR_OK;
}

enum err_code
page_login_post(struct request *req, struct response *res, struct err *err)
{
	struct page_login_form form = {.problem = PAGE_LOGIN_FINE};
	struct session_login login = {0};
	enum err_code rc = page_login_parse(req, &form, &login, err);

	if (rc == ERR_FORBIDDEN)
		form.problem = PAGE_LOGIN_CERT;
	if (rc == ERR_OK) {
		rc = page_login_try(req, &login, err);
		metric_add(req->app->logins[page_login_result(rc)], 1);
	}
	if (rc == ERR_CANCELED || rc == ERR_INPUT || rc == ERR_NO_MEMORY)
		return rc;
	if (rc != ERR_OK) {
		if (form.problem == PAGE_LOGIN_FINE)
			form.problem = page_login_problem_of(rc);
		form.words = err->message;
		form.says_again = err->says_again;
		page_count_missing(err);
		response_status(res, page_login_status(form.problem));
		return page_login_show(req, res, &form, err);
	}
	rc = session_create(req->app->sessions, req, res, &login, err);
	if (rc != ERR_OK)
		return rc;
	page_language_follow(req, res);
	if (page_has_carried(req))
		return page_compose_restore(req, res, err);
	return page_redirect(
	    req, res, view_url_own(req->arena, form.next), err);
}
