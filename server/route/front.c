#include "route/front.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "page/page_language.h"
#include "route/door.h"
#include "route/forward.h"
#include "route/headers.h"
#include "route/route.h"
#include "route/serve.h"

static void
refuse(struct response *res, unsigned status, const char *words)
{
	response_plain(res, status, str_c(words));
	response_close(res);
}

/*
 * What browsers and crawlers ask for at the root. Without a file of ours or
 * the admin's: the icon of the pages, and nothing here is to be indexed.
 */
static bool
is_root_file(struct request *req, struct response *res)
{
	const struct static_set *statics = app_site_of(req)->statics;
	bool is_icon = str_eq(req->path, STR("/favicon.ico"));

	if (!is_icon && !str_eq(req->path, STR("/robots.txt")))
		return false;
	if (!str_eq(static_set_address(
	                statics, str_slice(req->path, 1, req->path.len)),
	        STR("/static/unknown")))
		req->path = is_icon ? STR("/static/favicon.ico")
		                    : STR("/static/robots.txt");
	else if (is_icon)
		req->path = STR("/static/favicon.svg");
	else
		response_plain(res, 200, STR("User-agent: *\nDisallow: /"));
	return true;
}

static bool
is_static(struct request *req, struct response *res)
{
	struct static_set *statics = app_site_of(req)->statics;

	if (!is_root_file(req, res) && !str_starts(req->path, STR("/static/")))
		return false;
	if (req->method == METHOD_POST) {
		refuse(res, 405, N_("This address does not take forms."));
		response_replace_header(res, "Allow", STR("GET, HEAD"));
	} else if (str_starts(req->path, STR("/static/"))) {
		static_set_answer(statics, req, res, req->cfg->gzip);
	}
	return true;
}

static uint64_t
body_limit(const struct request *req)
{
	if (!session_has_cookie(req))
		return FRONT_OPEN_BODY_BYTES;
	return (req->route->flags & ROUTE_LARGE_BODY) != 0
	           ? UINT64_MAX /* http has the limit of all bodies */
	           : FRONT_FORM_BODY_BYTES;
}

/* Before a body is read: is there a page for it, and is it ours? */
static bool
is_refused(struct request *req, struct response *res)
{
	if (req->method != METHOD_POST)
		return false;
	if (!req->route) {
		refuse(res, 404, N_("There is no such page."));
		return true;
	}
	if (!session_origin_is_ours(req)) {
		refuse(res, 403,
		    N_("This form was sent from another site. It was not "
		       "read."));
		return true;
	}
	if (request_body_bytes(req) > body_limit(req)) {
		refuse(res, 413,
		    N_("This is larger than the server accepts here. If your "
		       "session has ended, please log in again in another "
		       "window, and then send this again."));
		return true;
	}
	return false;
}

/* Who is sent away unheard is in the log; files and redirects are not. */
/* Such answers are made before anybody speaks a language. */
static void
translate(struct request *req, struct response *res)
{
	struct str body = response_get_body(res);
	const char *english = NULL;
	const char *found = NULL;

	if (response_get_status(res) < 300 || body.len == 0)
		return;
	page_language_begin(req);
	english = str_dup_c(req->arena, str_slice(body, 0, body.len - 1));
	found = english == NULL ? NULL : tr_find(english);
	if (found != NULL)
		response_plain(res, response_get_status(res), str_c(found));
	page_language_end();
}

static void
log_refusal(const struct request *req, const struct response *res)
{
	if (response_get_status(res) < 400 || response_get_status(res) == 404)
		return;
	log_set_request(str_c(req->id));
	log_event(LOG_INFO, "http.refused",
	    LOG_C("method", req->method == METHOD_POST ? "POST" : "GET"),
	    LOG_STR("path", str_slice(req->path, 0, 100)),
	    LOG_U64("status", response_get_status(res)),
	    LOG_STR("peer", str_c(req->peer.address)),
	    LOG_C("tls", req->is_secure ? "yes" : "no"));
	log_set_request(STR(""));
}

/*
 * A certificate is asked for and is not there: nothing but files of the page
 * that says so is served. A page is worth a worker, a form is not read.
 */
static bool
is_uncertified(const struct request *req, struct response *res)
{
	enum door_certificate what = door_certificate_of(req);

	if (what == DOOR_CERTIFICATE_PROXY)
		refuse(res, 403,
		    N_("This address is for browsers with a certificate. The "
		       "proxy in front of it checks none that this server "
		       "could "
		       "see, and must show one of its own (ProxyTrustStore)."));
	else if (what == DOOR_CERTIFICATE_WANTING && req->method == METHOD_POST)
		refuse(res, 403,
		    N_("This address asks for a client certificate, and the "
		       "browser showed none that is accepted here. The form "
		       "was "
		       "not read. Please open the page again."));
	else
		return false;
	return true;
}

/* True: answered, in res. */
static bool
is_answered(struct request *req, struct response *res)
{
	const struct route *route = NULL;
	const char *allow = NULL;

	if (door_is_closed(req, res) || door_is_outside(req, res))
		return true;
	if (route_find(req, &route, &allow, NULL) == ERR_OK)
		req->route = route;
	if (door_is_wrong(req, res) || is_static(req, res) ||
	    is_uncertified(req, res))
		return true;
	if (!allow || req->method != METHOD_POST)
		return is_refused(req, res);
	refuse(res, 405, N_("This address does not take forms."));
	response_replace_header(res, "Allow", str_c(allow));
	return true;
}

static enum http_verdict
head(void *ctx, struct request *req, struct response *res)
{
	app_pin(ctx, req);
	forward_apply(req);
	if (!is_answered(req, res)) {
		req->keeps_beginning =
		    req->route && (req->route->flags & ROUTE_LARGE_BODY) != 0;
		if (req->route && (req->route->flags & ROUTE_IMPORT_BODY) != 0)
			req->max_body_bytes =
			    req->cfg->max_import_bytes + LIMIT_FIELD_BYTES;
		return HTTP_GO_ON;
	}
	translate(req, res);
	headers_finish(req, res);
	log_refusal(req, res);
	app_unpin(req);
	return HTTP_ANSWERED;
}

static bool
ready(void *ctx, struct request *req)
{
	if (serve_submit(ctx, req))
		return true;
	app_unpin(req);
	return false;
}

static void
done(void *ctx, struct request *req)
{
	(void)ctx;
	/* Refused at its body, or the browser left before it was complete. */
	if (req->pinned)
		app_unpin(req);
}

/* An answer of http's own; the request may never have come to `head`. */
static void
last_touch(void *ctx, struct request *req, struct response *res)
{
	bool is_pinned = req->pinned != NULL;

	if (!is_pinned) {
		app_pin(ctx, req);
		forward_apply(req);
	}
	translate(req, res);
	headers_finish(req, res);
	if (!is_pinned)
		app_unpin(req);
}

static void
stream(void *ctx, struct request *req, struct response *res)
{
	(void)ctx;
	headers_finish(req, res);
}

struct http_handler
front_handler(struct app *app)
{
	return (struct http_handler){.head = head,
	    .ready = ready,
	    .done = done,
	    .stream = stream,
	    .refuse = last_touch,
	    .ctx = app};
}
