#include "main_server_inside.h"

#include "base/limits.h"
#include "base/log.h"
#include "mail/mail_watch.h"
#include "mail/outbox.h"
#include "os/clock.h"
#include "os/file.h"
#include "page/page_push.h"
#include "page/post_office.h"
#include "route/front.h"
#include "route/serve.h"
#include "view/view.h"

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

/*
 * One server for each StateDir: what waits in its outbox is sent once, and
 * what a start takes for left behind is nobody's work.
 */
static enum err_code
lock_state(struct server *server, const struct config *cfg, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
	struct str path;
	uint64_t pid = 0;
	enum err_code rc;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	path = str_printf(arena, "%s/iwebmsgd.lock", cfg->state_dir.ptr);
	rc = file_lock(path.ptr, &server->state_lock, &pid, err);
	if (rc != ERR_BUSY)
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "Another iwebmsgd (process %llu) is running with the same "
	    "directory, StateDir=%s. Stop that one first, or give this one a "
	    "StateDir and a Database of its own.",
	    (unsigned long long)pid, cfg->state_dir.ptr);
}

/*
 * Whose spool this is: a random name beside the server key, made on the first
 * start. Nodes that share a database must not share it.
 */
static enum err_code
name_node(struct server *server, const struct config *cfg, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
	struct str path;
	struct str read;
	enum err_code rc = ERR_OK;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	path = str_printf(arena, "%s/node.id", cfg->state_dir.ptr);
	if (!file_exists(path.ptr))
		rc = file_write_new(path.ptr, compose_id_new(arena), 0600, err);
	if (rc == ERR_OK || rc == ERR_INPUT)
		rc = file_read(path.ptr, 100, arena, &read, err);
	if (rc != ERR_OK || !compose_id_is_valid(read))
		return err_sayf(err, ERR_CONFIG,
		    "The name of this node cannot be read from %s. Restore it "
		    "from a backup; or move it away, then a new one is made, "
		    "and what waits in the outbox is not sent.",
		    path.ptr);
	(void)snprintf(
	    server->node, sizeof(server->node), "%.*s", STR_ARG(read));
	server->app.node = str_c(server->node);
	return ERR_OK;
}

/* What was under way when the server ended, however it did. */
static enum err_code
recover_outbox(struct server *server, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct app *app = &server->app;
	uint64_t count = 0;
	enum err_code rc = store_outbox_recover(
	    app->store, app->node, clock_now_ms(), &count, err);

	if (rc == ERR_OK && count > 0)
		log_event(
		    LOG_WARN, "outbox.recovered", LOG_U64("count", count));
	if (rc == ERR_OK && arena != NULL)
		outbox_sweep(app->store, server->spool_folder, app->node,
		    INT64_MAX, arena);
	return rc;
}

static enum err_code
open_store(struct server *server, const struct config *cfg, struct err *err)
{
	struct app *app = &server->app;
	enum err_code rc = store_open(cfg->database.ptr, &app->store, err);

	if (rc == ERR_OK)
		rc = name_node(server, cfg, err);
	if (rc == ERR_OK)
		rc = recover_outbox(server, err);
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
	struct http_settings settings = {.threads = cfg->net_threads,
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
	struct net_handler handler = {.ready = http_take,
	    .gone = http_gone,
	    .ctx = app->http,
	    .guest = http_guest,
	    .turn = http_turn};

	enum err_code rc =
	    net_start(&settings, &handler, app->state->tls, &app->net, err);

	if (rc == ERR_OK)
		rc = net_set_proxies(
		    app->net, &app->state->proxies, cfg->proxy_protocol, err);
	return rc;
}

/*
 * The sockets the parent gave, or our own. Before anything else: a second
 * server at the same ports ends here, and does not take for left behind what
 * the first one is just sending.
 */
static enum err_code
bind_doors(struct main_door *door, const struct config *cfg, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (cfg->plain_port != 0 && door->plain == SOCK_NONE)
		rc = socket_listen(
		    cfg->listen_address, cfg->plain_port, &door->plain, err);
	if (rc == ERR_OK && cfg->enable_ssl && door->secure == SOCK_NONE)
		rc = socket_listen(
		    cfg->listen_address, cfg->secure_port, &door->secure, err);
	return rc;
}

static enum err_code
listen_on(
    struct server *server, enum net_door which, sock_t *given, struct err *err)
{
	sock_t listener = *given;

	*given = SOCK_NONE;
	return net_listen(server->app.net, listener, which, err);
}

static enum err_code
open_doors(struct server *server, struct err *err)
{
	const struct config *cfg = server->app.state->cfg;
	enum err_code rc = ERR_OK;

	if (cfg->plain_port != 0)
		rc = listen_on(
		    server, NET_DOOR_PLAIN, &server->door->plain, err);
	if (rc == ERR_OK && cfg->enable_ssl)
		rc = listen_on(
		    server, NET_DOOR_SECURE, &server->door->secure, err);
	return rc;
}

enum err_code
main_server_start(
    struct server *server, const struct config *cfg, struct err *err)
{
	struct app *app = &server->app;
	struct server_fresh fresh = {0};
	enum err_code rc = make_folders(server, cfg, err);

	view_url_set_base(cfg->base_path);
	if (rc == ERR_OK)
		rc = bind_doors(server->door, cfg, err);
	if (rc == ERR_OK)
		rc = lock_state(server, cfg, err);
	if (rc == ERR_OK)
		rc = open_store(server, cfg, err);
	if (rc == ERR_OK)
		rc = accounts_new(cfg, app->metrics, &app->accounts, err);
	if (rc == ERR_OK)
		rc = mail_watch_new(
		    app->accounts, cfg, app->metrics, &app->watch, err);
	if (rc == ERR_OK)
		rc = push_hub_new(app, err);
	if (rc == ERR_OK)
		rc = main_server_state(server, cfg, &fresh, err);
	if (rc == ERR_OK) {
		app_state_swap(app, fresh.state);
		main_server_expiry(server, fresh.expiry);
		app->gate = page_gate_new();
		if (app->gate == NULL)
			rc = err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	}
	if (rc == ERR_OK)
		rc = serve_start(app, err);
	if (rc == ERR_OK)
		rc = post_office_start(app, err);
	if (rc == ERR_OK)
		rc = start_http(app, cfg, err);
	if (rc == ERR_OK)
		rc = start_net(app, cfg, err);
	if (rc == ERR_OK)
		rc = open_doors(server, err);
	return rc;
}
