#include "page/page_compose.h"
#include "page/page_language.h"
#include "page/page_push.h"
#include "page/pages.h"

enum err_code
page_logoff_post(struct request *req, struct response *res, struct err *err)
{
	struct str login = req->session->login;
	struct str selector = req->session->selector;
	enum err_code rc;

	page_compose_end(req, req->session->family);
	rc = session_log_off(req->app->sessions, req, res, err);

	if (rc != ERR_OK)
		return rc;
	push_end_session(req->app->push, selector);
	account_log_off(req->app->accounts, app_mail_of(req, login), login);
	log_event(LOG_INFO, "logoff", LOG_STR("login", login));
	return page_redirect(
	    req, res, view_url_own(req->arena, STR("/loggedoff")), err);
}

enum err_code
page_logged_off(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Logged off"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_set_url(
	    view, "login_url", view_url_own(req->arena, STR("/login")));
	page_language_view_choice(req, view);
	return page_send(req, res, "loggedoff.html", view, err);
}
