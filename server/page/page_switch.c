#include "page/page.h"
#include "page/pages.h"

/* Where to go on: the form's or the query's `back`, our own paths only. */
static struct str
page_switch_back(struct request *req)
{
	struct str back = session_own_path(page_param(req, "back"));

	/* A switch page in the end would lead in a circle. */
	if (str_starts(back, STR("/secure")) ||
	    str_starts_nocase(back, STR("/ssl2.cgi")) ||
	    str_starts(back, STR("/act")))
		return STR("/");
	return back;
}

static enum err_code
page_switch_offered(struct request *req, struct err *err)
{
	if (!req->cfg->enable_ssl)
		return err_set(err, ERR_NOT_FOUND,
		    "Secure mode is not switched on here.", NULL);
	if (req->is_secure && req->cfg->force_ssl)
		return err_set(err, ERR_NOT_FOUND,
		    "This server is used in secure mode only.", NULL);
	return ERR_OK;
}

static enum err_code
page_switch_show(struct request *req, struct response *res, struct err *err)
{
	const struct net_tls *tls = app_state_of(req)->tls;
	const struct net_tls_facts *facts =
	    tls == NULL ? NULL : net_tls_facts(tls);
	struct view *view = NULL;
	enum err_code rc = page_view(req, res,
	    req->is_secure ? TEXT("Leave secure mode")
	                   : TEXT("Enter secure mode"),
	    &view, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "to_secure", !req->is_secure);
	view_bool(view, "is_switch_page", true);
	view_bool(view, "offer_switch", false);
	view_str(view, "back", page_switch_back(req));
	view_text(view, "target_host",
	    text_line(req->arena, session_origin(req, !req->is_secure)));
	if (facts != NULL) {
		view_bool(view, "is_self_signed", facts->is_self_signed);
		view_word(view, "fingerprint", facts->fingerprint_sha256);
	}
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/secure")));
	view_set_url(view, "cancel_url",
	    view_url_own(req->arena, page_switch_back(req)));
	return page_send(req, res, "switch.html", view, err);
}

enum err_code
page_switch(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = page_switch_offered(req, err);

	if (rc != ERR_OK)
		return rc;
	return page_switch_show(req, res, err);
}

/* Does the person have to be asked first? */
static bool
page_switch_must_ask(struct request *req)
{
	const struct net_tls *tls = app_state_of(req)->tls;

	if (request_field(req, "confirmed").len > 0)
		return false;
	if (req->is_secure)
		return true;
	return tls != NULL && net_tls_facts(tls)->is_self_signed;
}

enum err_code
page_switch_go(
    struct request *req, struct response *res, struct str path, struct err *err)
{
	struct view_url_param back[] = {{"back", path}, {NULL, {0}}};
	struct str url;
	enum err_code rc = page_switch_offered(req, err);

	/* A form that was saved comes back by way of the question. */
	if (rc == ERR_OK && page_switch_must_ask(req))
		return page_redirect(
		    req, res, view_url_local(req->arena, "/secure", back), err);
	if (rc == ERR_OK)
		rc = session_switch(req->app->sessions, req, res,
		    !req->is_secure, path, &url, err);
	if (rc != ERR_OK)
		return rc;
	response_status(res, 303);
	response_replace_header(res, "Location", url);
	response_body(res, STR(""));
	return ERR_OK;
}

enum err_code
page_switch_post(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = page_switch_offered(req, err);

	if (rc != ERR_OK)
		return rc;
	if (page_switch_must_ask(req))
		return page_switch_show(req, res, err);
	return page_switch_go(req, res, page_switch_back(req), err);
}

enum err_code
page_ticket(struct request *req, struct response *res, struct err *err)
{
	struct str path;
	enum err_code rc = session_redeem(
	    req->app->sessions, req, res, request_query(req, "t"), &path, err);

	/*
	 * A ticket that was used or expired costs one click, never a login: who
	 * has a session here already just goes on, the others start over from
	 * the mode they came from, where the old session still lives.
	 */
	if (rc == ERR_NOT_FOUND && req->session != NULL)
		return page_redirect(
		    req, res, view_url_own(req->arena, STR("/")), err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res, view_url_own(req->arena, path), err);
}
