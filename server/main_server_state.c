#include "main_server_inside.h"

#include "base/limits.h"
#include "base/log.h"
#include "main_ini.h"
#include "main_log.h"
#include "mail/mail_watch.h"
#include "main_tls.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "page/page_push.h"

/* Every certificate of the browser door, each file once. */
static void
log_tls(const struct net_tls *tls, const struct main_expiry *expiry)
{
	/* The door's own stand first, in the order of their facts. */
	for (size_t i = 0; tls != NULL && i < expiry->count; i++) {
		const struct net_tls_facts *facts = net_tls_facts_at(tls, i);
		int64_t left_s = 0;

		if (facts == NULL)
			return;
		if (!expiry->items[i].is_first)
			continue;
		left_s = facts->not_after_s - clock_now_s();
		log_event(LOG_INFO, "tls.certificate",
		    LOG_C("file", facts->file), LOG_C("host", facts->host),
		    LOG_C("subject", facts->subject),
		    LOG_C("key", facts->key_kind),
		    LOG_C("sha256", facts->fingerprint_sha256),
		    LOG_C("self_signed", facts->is_self_signed ? "yes" : "no"),
		    LOG_C("expired", left_s < 0 ? "yes" : "no"),
		    LOG_U64("days_left", left_s < 0 ? 0 : left_s / 86400));
	}
}

enum err_code
main_server_state(struct server *server, const struct config *cfg,
    struct server_fresh *out, struct err *err)
{
	CLEANUP(main_files_end) struct main_files files = {0};
	struct net_tls *tls = NULL;
	struct app_parts parts = {.cfg = cfg,
	    .template_folder = server->share->templates,
	    .static_folder = server->share->statics,
	    .words_folder = server->share->words,
	    .mail = main_tls_mail,
	    .ctx = &files};
	enum err_code rc = main_files_init(&files, server->door, cfg, err);

	*out = (struct server_fresh){0};
	if (rc == ERR_OK)
		rc = main_tls_load(&files, &tls, err);
	if (rc != ERR_OK)
		return rc;
	parts.tls = tls;
	rc = main_tls_trust_page(&files, &parts.trust_page_der, err);
	if (rc == ERR_OK)
		rc = main_expiry_new(&files, tls, &out->expiry, err);
	if (rc == ERR_OK)
		rc = app_state_new(&parts, &out->state, err);
	if (rc == ERR_OK) {
		log_tls(tls, out->expiry);
		return ERR_OK;
	}
	main_expiry_free(out->expiry);
	net_tls_unref(tls);
	return rc;
}

void
main_server_expiry(struct server *server, struct main_expiry *expiry)
{
	struct main_expiry *before = NULL;

	lock_take(&server->lock);
	before = server->expiry;
	server->expiry = expiry;
	lock_give(&server->lock);
	main_expiry_free(before);
	main_expiry_log(expiry, clock_now_s());
}

void
main_server_notes(const struct config_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		log_event(notes->notes[i].is_error ? LOG_ERROR : LOG_WARN,
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
take_up(struct server *server, const struct server_fresh *fresh)
{
	struct app *app = &server->app;
	struct app_state *state = fresh->state;
	struct err err = ERR_NONE;

	main_log_level(state->cfg);
	/* Before the new state: a request must never believe too many. */
	if (net_set_proxies(app->net, &state->proxies,
	        state->cfg->proxy_protocol, &err) != ERR_OK)
		log_event(LOG_ERROR, "reload.proxies_kept",
		    LOG_C("reason", err.message));
	net_set_tls(app->net, state->tls);
	accounts_configure(app->accounts, state->cfg);
	mail_watch_configure(app->watch, state->cfg);
	app_state_swap(app, state);
	push_end_all(app->push);
	main_server_expiry(server, fresh->expiry);
}

static enum err_code
read_anew(struct server *server, struct server_fresh *out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct config_notes notes = {0};
	const struct config *fresh = NULL;
	const struct config *running = server->app.state->cfg;
	enum err_code rc = ERR_NO_MEMORY;

	if (arena != NULL)
		rc = main_ini_read(server->door, arena, &notes, &fresh, err);
	main_server_notes(&notes);
	/* Before the files are read: what changes from now on is seen. */
	if (server->door->channel == SOCK_NONE)
		main_watch_set(&server->watch, server->door->ini,
		    rc == ERR_OK ? fresh : server->watch.cfg);
	if (rc != ERR_OK)
		return rc;
	log_restart(running, fresh);
	if (config_restart_keep(running, fresh) == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	if (rc == ERR_OK)
		rc = main_server_state(server, fresh, out, err);
	config_unref(fresh);
	return rc;
}

void
main_server_reload(struct server *server)
{
	struct server_fresh fresh = {0};
	struct err err = ERR_NONE;
	enum err_code rc = ERR_OK;

	daemon_tell_reloading();
	rc = read_anew(server, &fresh, &err);
	if (rc == ERR_OK) {
		take_up(server, &fresh);
		log_event(
		    LOG_INFO, "reload.done", LOG_C("file", server->door->ini));
	} else {
		log_event(LOG_ERROR, "reload.refused",
		    LOG_C("reason", err.message), LOG_C("detail", err.detail),
		    LOG_C("kept", "all of the old configuration"));
	}
	daemon_tell_ready();
}
