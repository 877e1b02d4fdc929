#include "main_server.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "main_log.h"
#include "main_tls.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/file.h"
#include "page/app.h"
#include "route/front.h"
#include "route/serve.h"

/* How often connections that nobody uses are looked for. */
#define TICK_MS 5000
/* How often the database forgets what is past its time. */
#define CLEAN_MS 600000
/* After the deadline of a stop, answers get this long to be cut off. */
#define STOP_REST_MS 1000

struct server {
	struct app app;
	struct main_door *door;
	const struct main_share *share;
	char *key_path;     /* StateDir/server.key; owned */
	char *spool_folder; /* StateDir/spool; owned */
	int64_t ticked_ms, cleaned_ms, barked_ms;
	int watchdog_ms;
};

/* ---- configuration: at start and at reload ------------------------------- */

static void
log_tls(const struct net_tls *tls)
{
	const struct net_tls_facts *facts = NULL;
	int64_t left_s = 0;

	if (tls == NULL)
		return;
	facts = net_tls_facts(tls);
	left_s = facts->not_after_s - clock_now_s();
	log_event(left_s < 0 ? LOG_WARN : LOG_INFO, "tls.certificate",
	    LOG_C("subject", facts->subject),
	    LOG_C("sha256", facts->fingerprint_sha256),
	    LOG_C("self_signed", facts->is_self_signed ? "yes" : "no"),
	    LOG_C("expired", left_s < 0 ? "yes" : "no"),
	    LOG_U64("days_left", left_s < 0 ? 0 : left_s / 86400));
}

/* A state of this config: whole, or nothing and why. */
static enum err_code
make_state(struct server *server, const struct config *cfg,
    struct app_state **out, struct err *err)
{
	struct net_tls *tls = NULL;
	enum err_code rc = main_tls_load(server->door, cfg, &tls, err);

	if (rc != ERR_OK)
		return rc;
	rc = app_state_new(cfg, server->share->templates,
	    server->share->statics, main_tls_read, server->door, tls, out, err);
	if (rc != ERR_OK)
		net_tls_unref(tls);
	else
		log_tls(tls);
	return rc;
}

static void
log_notes(const struct config_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		log_event(notes->notes[i].is_error ? LOG_ERROR : LOG_INFO,
		    "config.note", LOG_STR("text", notes->notes[i].text));
}

static void
log_restart(const struct config *running, const struct config *fresh)
{
	CLEANUP(buf_free) struct buf names;

	buf_init(&names, 4096);
	config_restart_needed(running, fresh, &names);
	if (buf_str(&names).len > 0)
		log_event(LOG_WARN, "reload.needs_restart",
		    LOG_STR("keys", buf_str(&names)));
}

static void
take_up(struct server *server, struct app_state *state)
{
	struct app *app = &server->app;

	main_log_level(state->cfg);
	net_set_tls(app->net, state->tls);
	accounts_configure(app->accounts, state->cfg);
	app_state_swap(app, state);
}

static enum err_code
read_anew(struct server *server, struct app_state **out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	const struct config *fresh = NULL;
	const struct config *running = server->app.state->cfg;
	enum err_code rc = ERR_NO_MEMORY;

	if (arena != NULL)
		rc = main_ini_read(server->door, arena, &notes, &fresh, err);
	log_notes(&notes);
	if (rc != ERR_OK)
		return rc;
	log_restart(running, fresh);
	if (config_restart_keep(running, fresh) == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	if (rc == ERR_OK)
		rc = make_state(server, fresh, out, err);
	config_unref(fresh);
	return rc;
}

/* SIGHUP: everything anew, or everything stays and the log says why. */
static void
reload(struct server *server)
{
	struct app_state *state = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	daemon_tell_reloading();
	rc = read_anew(server, &state, &err);
	if (rc == ERR_OK) {
		take_up(server, state);
		log_event(
		    LOG_INFO, "reload.done", LOG_C("file", server->door->ini));
	} else {
		log_event(LOG_ERROR, "reload.refused",
		    LOG_C("reason", err.message), LOG_C("detail", err.detail),
		    LOG_C("kept", "all of the old configuration"));
	}
	daemon_tell_ready();
}

/* ---- start -----------------------------------------------------------------
 */

static enum err_code
make_folders(struct server *server, const struct config *cfg, struct err *err)
{
	enum err_code rc = file_make_folder(cfg->state_dir.ptr, err);

	if (asprintf(&server->key_path, "%s/server.key", cfg->state_dir.ptr) <
	        0 ||
	    asprintf(&server->spool_folder, "%s/spool", cfg->state_dir.ptr) < 0)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	if (rc == ERR_OK)
		rc = file_make_folder(server->spool_folder, err);
	server->app.spool_folder = server->spool_folder;
	return rc;
}

static enum err_code
open_store(struct server *server, const struct config *cfg, struct err *err)
{
	struct app *app = &server->app;
	uint64_t count = 0;
	enum err_code rc = store_open(cfg->database.ptr, &app->store, err);

	if (rc == ERR_OK)
		rc = store_compose_recover(app->store, &count, err);
	if (rc == ERR_OK && count > 0)
		log_event(
		    LOG_WARN, "outbox.recovered", LOG_U64("count", count));
	if (rc == ERR_OK)
		rc = sessions_new(app->store, server->key_path, app->metrics,
		    &app->sessions, err);
	return rc;
}

static enum err_code
start_http(struct app *app, const struct config *cfg, struct err *err)
{
	struct http_handler handler = front_handler(app);
	/* A message of MaxMessageSize as base64 lines, and the form around. */
	struct http_settings settings = {.threads = cfg->http_threads,
	    .max_header_bytes = (size_t)cfg->max_header_bytes,
	    .max_body_bytes = cfg->max_message_bytes + LIMIT_FIELD_BYTES,
	    .max_open_body_bytes = FRONT_OPEN_BODY_BYTES,
	    .spool_quota_bytes = cfg->spool_quota_bytes,
	    .spool_folder = app->spool_folder,
	    .body_wait_ms = cfg->body_wait_ms,
	    .answer_wait_ms = cfg->answer_wait_ms,
	    .job_wait_ms = cfg->job_wait_ms,
	    .max_connections = cfg->max_connections,
	    .metrics = app->metrics};

	return http_start(&settings, &handler, &app->http, err);
}

static enum err_code
start_net(struct app *app, const struct config *cfg, struct err *err)
{
	struct net_settings settings = {.threads = cfg->net_threads,
	    .max_connections = cfg->max_connections,
	    .max_connections_per_address = cfg->max_connections_per_address,
	    .handshake_wait_ms = cfg->handshake_wait_ms,
	    .header_wait_ms = cfg->header_wait_ms,
	    .keep_alive_wait_ms = cfg->keep_alive_wait_ms,
	    .metrics = app->metrics};
	struct net_handler handler = {
	    .ready = http_take, .gone = http_gone, .ctx = app->http};

	return net_start(&settings, &handler, app->state->tls, &app->net, err);
}

/* The sockets the parent gave, or our own. */
static enum err_code
listen_on(struct server *server, enum net_door which, uint16_t port,
    sock_t *given, struct err *err)
{
	const struct config *cfg = server->app.state->cfg;
	sock_t listener = *given;
	enum err_code rc = ERR_OK;

	*given = SOCK_NONE;
	if (listener == SOCK_NONE)
		rc = socket_listen(cfg->listen_address, port, &listener, err);
	if (rc == ERR_OK)
		rc = net_listen(server->app.net, listener, which, err);
	return rc;
}

static enum err_code
open_doors(struct server *server, struct err *err)
{
	const struct config *cfg = server->app.state->cfg;
	enum err_code rc = ERR_OK;

	if (cfg->plain_port != 0)
		rc = listen_on(server, NET_DOOR_PLAIN, cfg->plain_port,
		    &server->door->plain, err);
	if (rc == ERR_OK && cfg->enable_ssl)
		rc = listen_on(server, NET_DOOR_SECURE, cfg->secure_port,
		    &server->door->secure, err);
	return rc;
}

static enum err_code
start(struct server *server, const struct config *cfg, struct err *err)
{
	struct app *app = &server->app;
	struct app_state *state = NULL;
	enum err_code rc = make_folders(server, cfg, err);

	if (rc == ERR_OK)
		rc = open_store(server, cfg, err);
	if (rc == ERR_OK)
		rc = accounts_new(cfg, app->metrics, &app->accounts, err);
	if (rc == ERR_OK)
		rc = make_state(server, cfg, &state, err);
	if (rc == ERR_OK) {
		app_state_swap(app, state);
		app->gate = page_gate_new();
		if (app->gate == NULL)
			rc = err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	}
	if (rc == ERR_OK)
		rc = serve_start(app, err);
	if (rc == ERR_OK)
		rc = start_http(app, cfg, err);
	if (rc == ERR_OK)
		rc = start_net(app, cfg, err);
	if (rc == ERR_OK)
		rc = open_doors(server, err);
	return rc;
}

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
	}
	if (now_ms - server->cleaned_ms >= CLEAN_MS) {
		server->cleaned_ms = now_ms;
		if (store_clean(server->app.store, clock_now_s(), &err) !=
		    ERR_OK)
			log_event(LOG_ERROR, "store.clean",
			    LOG_C("reason", err.message),
			    LOG_C("detail", err.detail));
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

static void
run(struct server *server)
{
	int wait_ms = TICK_MS;

	server->watchdog_ms = daemon_watchdog_ms();
	if (server->watchdog_ms > 0 && server->watchdog_ms / 4 < wait_ms)
		wait_ms = server->watchdog_ms / 4;
	for (;;) {
		switch (daemon_signal_wait(wait_ms)) {
		case DAEMON_STOP:
			return;
		case DAEMON_RELOAD:
			reload(server);
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
	if (app->net != NULL)
		net_stop(app->net, clock_mono_ms() + STOP_REST_MS);
	http_free(app->http);
	net_free(app->net);
	serve_free(app);
	app_state_swap(app, NULL);
	page_gate_free(app->gate);
	accounts_free(app->accounts);
	sessions_free(app->sessions);
	store_close(app->store);
	metrics_free(app->metrics);
	lock_end(&app->lock);
	free(server->key_path);
	free(server->spool_folder);
}

static enum err_code
read_first(struct main_door *door, bool is_quiet, const struct config **out,
    struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	enum err_code rc = ERR_NO_MEMORY;

	*out = NULL;
	if (arena != NULL)
		rc = main_ini_read(door, arena, &notes, out, err);
	if (!is_quiet || rc != ERR_OK)
		main_ini_print(&notes, ERR_OK, err);
	if (rc == ERR_OK)
		rc = main_log_open(door, *out, err);
	return rc;
}

int
main_server_run(
    struct main_door *door, const struct main_share *share, bool is_quiet)
{
	struct server server = {.door = door, .share = share};
	const struct config *cfg = NULL;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;
	int64_t wait_ms = 0;

	lock_init(&server.app.lock);
	if (!secret_slab_init())
		log_plain(LOG_WARN, "secret.not_locked");
	server.app.metrics = metrics_new();
	rc = read_first(door, is_quiet, &cfg, &err);
	if (rc == ERR_OK)
		rc = start(&server, cfg, &err);
	if (rc == ERR_OK) {
		log_start(&server);
		atomic_store(&server.app.is_ready, true);
		main_door_tell_ready(door);
		run(&server);
		log_plain(LOG_INFO, "server.stopping");
		daemon_tell_stopping();
		wait_ms = server.app.state->cfg->stop_wait_ms;
	} else {
		(void)fprintf(stderr, "iwebmsgd: %s\n", err.message);
		log_event(LOG_ERROR, "server.failed",
		    LOG_C("reason", err.message), LOG_C("detail", err.detail));
	}
	stop(&server, wait_ms);
	if (cfg != NULL)
		config_unref(cfg);
	if (rc == ERR_OK)
		log_plain(LOG_INFO, "server.stopped");
	return rc == ERR_OK ? 0 : 1;
}
