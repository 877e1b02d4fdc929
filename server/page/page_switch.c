#include "page/page.h"
#include "page/page_typed.h"
#include "page/pages.h"

/* After a login that failed the page that was asked for is in the form. */
static struct str
page_switch_login(struct request *req)
{
	struct view_url_param params[] = {
	    {"next", session_own_path(page_param(req, "next"))}, {NULL, {0}}};

	if (str_eq(params[0].value, STR("/")))
		return STR("/login");
	return view_url_local(req->arena, "/login", params).s;
}

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
	return str_eq(back, STR("/login")) ? page_switch_login(req) : back;
}

const char *
page_switch_problem(const struct request *req)
{
	if (!req->cfg->enable_ssl)
		return N_("Secure mode is not switched on here.");
	if (req->is_secure && req->cfg->force_ssl)
		return N_("This server is used in secure mode only.");
	/* Without encryption there is no certificate. */
	if (req->is_secure && req->session != NULL && req->session->is_pinned)
		return N_("Your certificate is your name here, so you cannot "
		          "leave secure mode. Log off to do that.");
	if (session_origin(req, !req->is_secure).len == 0)
		return N_("This server has no other mode.");
	return NULL;
}

static enum err_code
page_switch_offered(struct request *req, struct err *err)
{
	const char *problem = page_switch_problem(req);

	return problem == NULL ? ERR_OK
	                       : err_set(err, ERR_NOT_FOUND, problem, NULL);
}

const struct net_tls_facts *
page_switch_facts(const struct request *req)
{
	const struct net_tls *tls = app_state_of(req)->tls;
	struct str origin = session_origin(req, true);
	size_t host = str_find(origin, STR("://"), 0) + 3;

	return tls == NULL
	           ? NULL
	           : net_tls_facts_of(tls, str_slice(origin, host, origin.len));
}

static void
page_switch_view(struct request *req, struct view *view)
{
	const struct net_tls_facts *facts = page_switch_facts(req);
	struct str back = page_switch_back(req);

	view_bool(view, "to_secure", !req->is_secure);
	view_bool(view, "is_switch_page", true);
	view_bool(view, "offer_switch", false);
	view_bool(view, "was_late", request_query(req, "late").len > 0);
	view_str(view, "back", back);
	view_text(view, "target_host",
	    text_line(req->arena, session_origin(req, !req->is_secure)));
	if (facts != NULL) {
		view_bool(view, "is_self_signed", facts->is_self_signed);
		view_word(view, "fingerprint", facts->fingerprint_sha256);
	}
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/secure")));
	view_set_url(view, "cancel_url", view_url_own(req->arena, back));
}

static enum err_code
page_switch_show(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res,
	    req->is_secure ? tr_text("Leave secure mode")
	                   : tr_text("Enter secure mode"),
	    &view, err);

	if (rc != ERR_OK)
		return rc;
	page_switch_view(req, view);
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
	const struct net_tls_facts *facts = page_switch_facts(req);

	if (request_field(req, "confirmed").len > 0)
		return false;
	return req->is_secure || (facts != NULL && facts->is_self_signed);
}

static enum err_code
page_switch_away(struct response *res, struct str url)
{
	response_status(res, 303);
	response_replace_header(res, "Location", url);
	response_body(res, STR(""));
	return ERR_OK;
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
	return page_switch_away(res, url);
}

/*
 * The login page in clear sends its form here, to the secure door, so that
 * nothing of it travels in clear: it is shown again.
 */
static bool
page_switch_is_arrival(struct request *req)
{
	return req->is_secure && req->session == NULL &&
	       str_eq(request_field(req, "do"), STR("enter"));
}

enum err_code
page_switch_post(struct request *req, struct response *res, struct err *err)
{
	bool is_arrival = page_switch_is_arrival(req);
	enum err_code rc = ERR_OK;

	if (!is_arrival)
		rc = page_switch_offered(req, err);
	if (rc == ERR_OK)
		rc = page_typed_keep(req, res, is_arrival, err);
	if (rc != ERR_OK)
		return rc;
	if (is_arrival)
		return page_redirect(req, res,
		    view_url_own(req->arena, page_switch_back(req)), err);
	if (page_switch_must_ask(req))
		return page_switch_show(req, res, err);
	return page_switch_go(req, res, page_switch_back(req), err);
}

/*
 * A ticket that was used or expired costs one click, never a login: who has a
 * session here already just goes on; the others are asked to press once more,
 * in the mode they came from, where the old session still lives.
 */
static enum err_code
page_ticket_void(struct request *req, struct response *res, struct err *err)
{
	struct str back = page_switch_back(req);
	bool has_way_back = !(req->is_secure && req->cfg->force_ssl);
	struct str url;
	struct buf again;

	buf_init_arena(&again, req->arena, LIMIT_HEADER_BYTES);
	buf_add_c(&again, "/secure?late=1&back=");
	buf_add_percent(&again, back);
	url = session_address(req, !req->is_secure, buf_str(&again));
	if (req->session != NULL || !has_way_back || url.len == 0)
		return page_redirect(
		    req, res, view_url_own(req->arena, back), err);
	return page_switch_away(res, url);
}

/* It came to the other door than it was made for; the session stayed. */
static enum err_code
page_ticket_astray(
    struct request *req, struct response *res, struct str path, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res,
	    req->is_secure ? tr_text("Your browser insists on https")
	                   : tr_text("Secure mode was not reached"),
	    &view, err);

	if (rc != ERR_OK)
		return rc;
	if (req->is_secure)
		log_event(
		    LOG_INFO, "switch.upgraded", LOG_STR("host", req->host));
	else
		log_event(LOG_WARN, "switch.no_tls", LOG_STR("host", req->host),
		    LOG_C("hint", "a proxy before this server does TLS, but "
		                  "TrustedProxies does not name it or it "
		                  "sends no X-Forwarded-Proto"));
	view_bool(view, "offer_switch", false);
	view_text(view, "host", text_line(req->arena, req->host));
	view_set_url(view, "back_url", view_url_own(req->arena, path));
	return page_send(req, res, "astray.html", view, err);
}

enum err_code
page_ticket(struct request *req, struct response *res, struct err *err)
{
	enum session_redeemed redeemed = SESSION_TICKET_VOID;
	struct str path;
	enum err_code rc = ERR_OK;

	if (!req->cfg->enable_ssl)
		return page_switch_offered(req, err);
	rc = session_redeem(req->app->sessions, req, res,
	    request_query(req, "t"), &redeemed, &path, err);
	if (rc != ERR_OK)
		return rc;
	/* Only a session's ticket remembers the page itself. */
	if (str_eq(path, STR("/")))
		path = page_switch_back(req);
	if (redeemed == SESSION_TICKET_ASTRAY)
		return page_ticket_astray(req, res, path, err);
	if (redeemed == SESSION_TICKET_VOID)
		return page_ticket_void(req, res, err);
	return page_redirect(req, res, view_url_own(req->arena, path), err);
}
