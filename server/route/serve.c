#include "route/serve.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/tr.h"
#include "os/clock.h"
#include "page/page_again.h"
#include "page/page_cert.h"
#include "page/page_compose.h"
#include "page/page_language.h"
#include "route/door.h"
#include "route/explain.h"
#include "route/guard.h"
#include "route/headers.h"
#include "route/route.h"
#include "route/serve_known.h"
#include "route/worker.h"

#define ROUTE_MAX           128u
#define STORE_CHECK_WAIT_MS 2000

/* What the workers share; their ctx. */
struct serve_room {
	struct app *app;
	uint64_t seed; /* of the keys: nobody can choose a slot */
	struct metric *own[ROUTE_MAX];  /* own time by route */
	struct metric *mail[ROUTE_MAX]; /* time waited for mail servers */
	char labels[ROUTE_MAX][40];
	_Atomic int64_t store_checked_ms;
	atomic_bool store_works;
	struct serve_known known;
};

static void
measure(const struct request *req, int64_t now_us)
{
	const struct serve_room *room = workers_ctx(req->app->workers);
	uint64_t wall_us = (uint64_t)(now_us - req->start_mono_us);
	uint64_t own_us =
	    wall_us > req->mail_wait_us ? wall_us - req->mail_wait_us : 0;
	size_t number;

	if (!req->route)
		return;
	number = (size_t)(req->route - route_table);
	metric_observe_us(room->own[number], own_us);
	if ((req->route->flags & ROUTE_MAIL) != 0)
		metric_observe_us(room->mail[number], req->mail_wait_us);
}

/* One line per request; never the query, which may hold search words. */
static void
log_request(const struct request *req, const struct response *res,
    enum err_code rc, const struct err *err)
{
	uint64_t us = (uint64_t)(clock_mono_us() - req->start_mono_us);
	bool is_ours = rc == ERR_INTERNAL || rc == ERR_NO_MEMORY;
	struct log_field fields[12] = {
	    LOG_C("method", req->method == METHOD_POST   ? "POST"
	                    : req->method == METHOD_HEAD ? "HEAD"
	                                                 : "GET"),
	    LOG_STR("path", str_slice(req->path, 0, 100)),
	    LOG_C("page", req->route ? req->route->name : "none"),
	    LOG_U64("status", response_get_status(res)),
	    LOG_U64("us", us),
	    LOG_U64("mail_us", req->mail_wait_us),
	    LOG_STR("peer", str_c(req->peer.address)),
	    LOG_C("tls", req->is_secure ? "yes" : "no"),
	};

	if (rc != ERR_OK) {
		fields[8] = LOG_C("error", err_name(rc));
		fields[9] = LOG_STR("detail",
		    str_c(err->detail[0] ? err->detail : err->message));
	}
	log_write(is_ours ? LOG_ERROR : LOG_INFO, "http.request", fields);
}

static enum err_code
find_route(struct request *req, struct response *res, struct err *err)
{
	const char *allow = NULL;
	const struct route *route = NULL;
	enum err_code rc = route_find(req, &route, &allow, err);

	req->route = route;
	if (allow)
		response_replace_header(res, "Allow", str_c(allow));
	return rc;
}

static enum err_code
attach(struct app *app, struct request *req, struct response *res,
    enum session_found *out_found, struct err *err)
{
	/* A page that renews itself, by script or by its Refresh; or none. */
	bool is_quiet = req->route == NULL ||
	                (req->route->flags & ROUTE_QUIET) != 0 ||
	                (req->method != METHOD_POST &&
	                    str_eq(request_query(req, "auto"), STR("1")));
	enum err_code rc;

	if (req->route != NULL && (req->route->flags & ROUTE_NO_SESSION) != 0)
		return ERR_OK;
	rc = is_quiet ? session_look(app->sessions, req, out_found, err)
	              : session_attach(app->sessions, req, res, out_found, err);
	if (rc == ERR_OK)
		page_cert_hold(req);
	page_language_person(req);
	return rc == ERR_OK ? app_attach_account(req, err) : rc;
}

/* It waited so long for a worker that nothing could be done in time. */
static enum err_code
check_time(const struct request *req, struct err *err)
{
	if (clock_mono_ms() < req->deadline_mono_ms)
		return ERR_OK;
	return err_set(err, ERR_BUSY,
	    "The server is very busy. Please try again in a moment.",
	    "waited past its deadline");
}

static void
show_error(struct request *req, struct response *res, enum err_code rc,
    enum session_found found, const struct err *err)
{
	bool needs_session =
	    req->route && (req->route->guards & GUARD_SESSION) != 0;

	if (response_is_streaming(res))
		return; /* the cut stream says it */
	/* A letter of an older session of the same person: not lost. */
	if (rc == ERR_FORBIDDEN && req->session && req->method == METHOD_POST &&
	    str_eq(req->path, STR("/compose")) &&
	    page_compose_kept_show(req, res))
		return;
	if (rc == ERR_LOGIN && !req->session && needs_session &&
	    (req->route->flags & ROUTE_QUIET) != 0)
		response_plain(
		    res, 401, str_c(tr("Please log in."))); /* to a script */
	else if (rc == ERR_LOGIN && !req->session && needs_session)
		page_login_required(req, res, found);
	else
		page_error(req, res, rc, err);
}

/* FNV-1a with a secret start; never 0, which is not counted. */
static uint64_t
key_of(struct str s, uint64_t seed)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;

	for (size_t i = 0; i < s.len; i++) {
		hash ^= (unsigned char)s.ptr[i];
		hash *= UINT64_C(0x100000001b3);
	}
	hash ^= hash >> 29;
	return hash != 0 ? hash : 1;
}

/*
 * Whose job it is: the cookie where one is needed, else the peer's address;
 * a made-up cookie must not open a share of its own on the login page.
 */
static struct str
user_of(const struct request *req)
{
	bool needs_session =
	    req->route && (req->route->guards & GUARD_SESSION) != 0;
	struct str cookie =
	    needs_session
	        ? request_cookie(req, req->is_secure ? "__Host-iwm" : "iwm")
	        : (struct str){0};

	return cookie.len > 0 ? cookie : str_c(req->peer.address);
}

static uint32_t
server_key(const struct serve_room *room, const struct config_site *site)
{
	uint32_t key = (uint32_t)key_of(
	    site->imap_host, room->seed ^ (uint64_t)site->imap_port);

	return key != 0 ? key : 1;
}

/* For the requests to come: which mail server this session's wait for. */
static void
learn_server(const struct request *req)
{
	struct serve_room *room = workers_ctx(req->app->workers);
	const struct config_site *site;

	if (req->cfg->domain_count == 0 || !req->session ||
	    (req->route->guards & GUARD_SESSION) == 0)
		return;
	site = config_mail_site(req->cfg, req->site, req->session->login);
	serve_known_learn(&room->known, key_of(user_of(req), room->seed),
	    server_key(room, site));
}

static enum err_code
answer(
    struct app *app, struct request *req, struct response *res, struct err *err)
{
	enum session_found found = SESSION_NONE;
	enum err_code rc = find_route(req, res, err);
	struct err unsaid = ERR_NONE;

	/* Who is logged in stays so on the page that says there is none. */
	if (rc != ERR_OK)
		err_ignore(attach(app, req, res, &found, &unsaid));
	if (rc == ERR_OK)
		rc = check_time(req, err);
	if (rc == ERR_OK)
		rc = attach(app, req, res, &found, err);
	if (rc == ERR_OK)
		learn_server(req);
	if (rc == ERR_OK)
		rc = guard_check(app, req, err);
	if (rc == ERR_OK)
		rc = req->route->page(req, res, err);
	if (rc != ERR_OK)
		show_error(req, res, rc, found, err);
	return rc;
}

void
serve(struct app *app, struct request *req, struct response *res)
{
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	page_language_begin(req);
	if (door_certificate_of(req) == DOOR_CERTIFICATE_FINE)
		rc = answer(app, req, res, &err);
	else
		explain_certificate(req, res);
	page_language_end();
	headers_finish(req, res);
	measure(req, clock_mono_us());
	log_request(req, res, rc, &err);
	if (rc == ERR_OK && req->route != NULL &&
	    (req->route->flags & ROUTE_AGAIN) != 0)
		page_again_pack(req, res);
}

/* ---- the pool
 * ---------------------------------------------------------------- */

static void
run(void *ctx, void *job, struct cancel *cancel)
{
	struct serve_room *room = ctx;
	struct request *req = job;

	log_set_request(str_c(req->id));
	request_set_cancel(req, cancel);
	if (!request_is_gone(req))
		serve(room->app, req, http_response(req));
	app_unpin(req);
	log_set_request(STR(""));
	http_answer(req);
}

static void
drop(void *ctx, void *job)
{
	struct request *req = job;
	struct response *res = http_response(req);

	(void)ctx;
	response_plain(res, 503, STR(N_("The server is stopping.")));
	response_replace_header(res, "Retry-After", STR("5"));
	headers_finish(req, res);
	app_unpin(req);
	http_answer(req);
}

static void
make_metrics(struct serve_room *room, struct metrics *metrics)
{
	ensure(route_count <= ROUTE_MAX);
	for (size_t i = 0; metrics && i < route_count; i++) {
		(void)snprintf(room->labels[i], sizeof(room->labels[i]),
		    "page=\"%s\"", route_table[i].name);
		room->own[i] =
		    metrics_histogram(metrics, "iwebmsg_page_own_seconds",
		        "Time of a page less its waiting for mail servers",
		        room->labels[i]);
		if ((route_table[i].flags & ROUTE_MAIL) != 0)
			room->mail[i] = metrics_histogram(metrics,
			    "iwebmsg_page_mail_seconds",
			    "Time a page waited for mail servers",
			    room->labels[i]);
	}
}

enum err_code
serve_start(struct app *app, struct err *err)
{
	struct serve_room *room = calloc(1, sizeof(*room));
	struct app_state *state = app_state_get(app);
	struct worker_settings settings = {.count = state->cfg->workers,
	    .queue_limit = state->cfg->queue_limit,
	    .run = run,
	    .drop = drop,
	    .ctx = room,
	    .metrics = app->metrics};
	enum err_code rc = ERR_NO_MEMORY;

	app_state_unref(state);
	if (!room)
		return err_set(err, rc, "Out of memory.", NULL);
	room->app = app;
	secret_fill_random(&room->seed, sizeof(room->seed));
	make_metrics(room, app->metrics);
	rc = workers_new(&settings, &app->workers, err);
	if (rc != ERR_OK)
		free(room);
	return rc;
}

bool
serve_submit(struct app *app, struct request *req)
{
	const struct serve_room *room = workers_ctx(app->workers);
	unsigned flags = req->route ? req->route->flags : 0;
	uint64_t user = 0;
	uint32_t server = 0;

	if ((flags & ROUTE_UNCOUNTED) == 0)
		user = key_of(user_of(req), room->seed);
	if ((flags & ROUTE_MAIL) != 0)
		server = serve_known_find(
		    &room->known, user, server_key(room, req->site));
	return workers_submit(app->workers, req, user, server);
}

void
serve_stop(struct app *app)
{
	if (app->workers)
		workers_stop(app->workers);
}

void
serve_free(struct app *app)
{
	struct serve_room *room;

	if (!app->workers)
		return;
	room = workers_ctx(app->workers);
	workers_free(app->workers);
	free(room);
	app->workers = NULL;
}

bool
serve_store_works(struct app *app)
{
	struct serve_room *room = workers_ctx(app->workers);
	int64_t now = clock_mono_ms();
	int64_t checked = atomic_load(&room->store_checked_ms);

	if (checked != 0 && now - checked < STORE_CHECK_WAIT_MS)
		return atomic_load(&room->store_works);
	atomic_store(
	    &room->store_works, store_check(app->store, NULL) == ERR_OK);
	atomic_store(&room->store_checked_ms, now);
	return atomic_load(&room->store_works);
}
