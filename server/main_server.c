#include "main_server_inside.h"

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "main_log.h"
#include "mail/mail_watch.h"
#include "mime/mime.h"
#include "net/net_fips.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "page/page_push.h"
#include "os/file.h"
#include "page/post_office.h"
#include "route/serve.h"

/* How often connections that nobody uses are looked for. */
#define TICK_MS 5000
/* How often the database forgets what is past its time. */
#define CLEAN_MS 600000
/* After the deadline of a stop, answers get this long to be cut off. */
#define STOP_REST_MS 1000

/* How often ends of certificates are looked at: more than once a day. */
#define EXPIRY_MS 3600000

/* ---- running ----------------------------------------------------------------
 */

static void
log_start(const struct server *server)
{
	const struct config *cfg = server->app.state->cfg;

	log_event(LOG_INFO, "server.ready", LOG_C("version", IWEBMSG_VERSION),
	    LOG_STR("config", cfg->path),
	    LOG_C("templates", server->share->templates),
	    LOG_U64("enable_ssl", cfg->enable_ssl),
	    LOG_U64("force_ssl", cfg->force_ssl),
	    LOG_STR("listen", cfg->listen_address),
	    LOG_U64("plain_port", cfg->plain_port),
	    LOG_U64("secure_port", cfg->enable_ssl ? cfg->secure_port : 0));
}

/* What must be done from time to time; at most a few ms. */
static void
tick(struct server *server)
{
	int64_t now_ms = clock_mono_ms();
	struct err err = ERR_NONE;

	if (now_ms - server->ticked_ms >= TICK_MS) {
		server->ticked_ms = now_ms;
		accounts_tick(server->app.accounts);
		push_hub_tick(server->app.push);
	}
	if (now_ms - server->cleaned_ms >= CLEAN_MS) {
		server->cleaned_ms = now_ms;
		if (store_clean(server->app.store, clock_now_s(), &err) !=
		    ERR_OK)
			log_event(LOG_ERROR, "store.clean",
			    LOG_C("reason", err.message),
			    LOG_C("detail", err.detail));
	}
	if (now_ms - server->expiry_ms >= EXPIRY_MS) {
		server->expiry_ms = now_ms;
		main_expiry_log(server->expiry, clock_now_s());
	}
	/* Twice as often as asked for (sd_watchdog_enabled(3)). */
	if (server->watchdog_ms > 0 &&
	    now_ms - server->barked_ms >= server->watchdog_ms / 2) {
		server->barked_ms = now_ms;
		daemon_tell_watchdog();
	}
}

static void
reopen_log(struct server *server)
{
	struct err err = ERR_NONE;

	if (main_log_reopen(server->door, server->app.state->cfg, &err) !=
	    ERR_OK)
		log_event(
		    LOG_ERROR, "log.reopen", LOG_C("reason", err.message));
}

static int
wait_ms(const struct server *server)
{
	int most_ms = TICK_MS;

	if (server->watchdog_ms > 0 && server->watchdog_ms / 4 < most_ms)
		most_ms = server->watchdog_ms / 4;
	if (main_watch_is_on(&server->watch) && MAIN_WATCH_MS < most_ms)
		most_ms = MAIN_WATCH_MS;
	return most_ms;
}

static void
run(struct server *server)
{
	server->watchdog_ms = daemon_watchdog_ms();
	for (;;) {
		switch (daemon_signal_wait(wait_ms(server))) {
		case DAEMON_STOP:
			return;
		case DAEMON_RELOAD:
			main_server_reload(server);
			break;
		case DAEMON_REOPEN:
			reopen_log(server);
			break;
		case DAEMON_CHILD:
		case DAEMON_CHANNEL:
		case DAEMON_NONE:
			break;
		}
		tick(server);
		if (main_watch_is_due(&server->watch, clock_mono_ms())) {
			log_plain(LOG_INFO, "reload.files_changed");
			main_server_reload(server);
		}
	}
}

/* ---- stop
 * -------------------------------------------------------------------- */

/*
 * From the street inwards: nobody comes in, answers under way are finished
 * until the deadline, then threads end before what they use.
 */
static void
stop(struct server *server, int64_t wait_ms)
{
	struct app *app = &server->app;
	int64_t deadline_ms = clock_mono_ms() + wait_ms;

	atomic_store(&app->is_ready, false);
	if (app->net != NULL)
		net_stop_accepting(app->net);
	if (app->http != NULL)
		http_stop(app->http, deadline_ms);
	serve_stop(app);
	post_office_stop(app);
	if (app->net != NULL)
		net_stop(app->net, clock_mono_ms() + STOP_REST_MS);
	if (app->net != NULL)
		net_end_turns(app->net);
	http_free(app->http);
	net_free(app->net);
	serve_free(app);
	app_state_swap(app, NULL);
	page_gate_free(app->gate);
	push_hub_free(app->push);
	mail_watch_free(app->watch);
	accounts_free(app->accounts);
	sessions_free(app->sessions);
	store_close(app->store);
	metrics_free(app->metrics);
	main_watch_end(&server->watch);
	main_expiry_free(server->expiry);
	lock_end(&server->lock);
	lock_end(&app->lock);
	free(server->key_path);
	free(server->spool_folder);
	file_close(&server->state_lock);
}

/*
 * The ini file, the log, and what must be before any use of OpenSSL. What is
 * worth saying of the ini file is said at every start, by the log.
 */
static enum err_code
read_first(struct server *server, bool is_quiet, const struct config **out,
    struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	enum err_code rc = ERR_NO_MEMORY;

	*out = NULL;
	if (arena != NULL)
		rc = main_ini_read(server->door, arena, &notes, out, err);
	if (!is_quiet || rc != ERR_OK)
		main_ini_say(&notes, *out);
	if (rc == ERR_OK)
		rc = main_log_open(server->door, *out, err);
	if (rc != ERR_OK)
		return rc;
	main_server_notes(&notes);
	if (server->door->channel == SOCK_NONE)
		main_watch_set(&server->watch, server->door->ini, *out);
	if (!(*out)->fips)
		return ERR_OK;
	rc = net_fips_start(err);
	return rc == ERR_OK
	           ? ERR_OK
	           : main_files_fail(*out, &(*out)->site, "FIPS", rc, err);
}

static void
write_expiry(const void *ctx, struct buf *out)
{
	/* The lock is all that changes. */
	union {
		const void *ctx;
		struct server *server;
	} same = {ctx};

	lock_take(&same.server->lock);
	if (same.server->expiry != NULL)
		main_expiry_write(same.server->expiry, out);
	lock_give(&same.server->lock);
}

int
main_server_run(
    struct main_door *door, const struct main_share *share, bool is_quiet)
{
	struct server server = {.door = door, .share = share, .state_lock = -1};
	const struct config *cfg = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;
	int64_t wait_ms = 0;

	lock_init(&server.app.lock);
	lock_init(&server.lock);
	if (!secret_slab_init())
		log_plain(LOG_WARN, "secret.not_locked");
	mime_init();
	server.app.metrics = metrics_new();
	app_metrics_init(&server.app);
	metrics_custom(server.app.metrics, write_expiry, &server);
	rc = read_first(&server, is_quiet, &cfg, &err);
	/* The doors open last, and a request may be waiting at them. */
	atomic_store(&server.app.is_ready, true);
	if (rc == ERR_OK)
		rc = main_server_start(&server, cfg, &err);
	if (rc == ERR_OK) {
		log_start(&server);
		main_door_tell_ready(door);
		run(&server);
		log_plain(LOG_INFO, "server.stopping");
		daemon_tell_stopping();
		wait_ms = server.app.state->cfg->stop_wait_ms;
	} else {
		/* For the terminal; a log file gets it besides. */
		(void)fprintf(stderr, "iwebmsgd: %s\n", err.message);
		if (main_log_is_file())
			log_event(LOG_ERROR, "server.failed",
			    LOG_C("reason", err.message),
			    LOG_C("detail", err.detail));
	}
	stop(&server, wait_ms);
	if (cfg != NULL)
		config_unref(cfg);
	if (rc == ERR_OK)
		log_plain(LOG_INFO, "server.stopped");
	return rc == ERR_OK ? 0 : 1;
}
