#include "page/app.h"

#include "base/limits.h"
#include "config/config_accent.h"

/* Metrics are made at start and live on: a reload may bring languages. */
static const struct {
	const char *code;
	const char *label;
} app_languages[APP_LANGUAGES] = {
    {"ar", "language=\"ar\""},
    {"de", "language=\"de\""},
    {"es", "language=\"es\""},
    {"fr", "language=\"fr\""},
    {"ja", "language=\"ja\""},
    {NULL, "language=\"other\""},
};

static void
app_count_missing(const struct app *app, struct tr_words *words)
{
	size_t i = 0;

	while (app_languages[i].code != NULL &&
	       strcmp(app_languages[i].code, words->code) != 0)
		i++;
	words->missing = app->missing[i];
}

void
app_metrics_init(struct app *app)
{
	static const char *const labels[APP_LOGIN_COUNT] = {
	    [APP_LOGIN_OK] = "result=\"ok\"",
	    [APP_LOGIN_REFUSED] = "result=\"refused\"",
	    [APP_LOGIN_THROTTLED] = "result=\"throttled\"",
	    [APP_LOGIN_AWAY] = "result=\"away\"",
	};

	for (size_t i = 0; i < APP_LOGIN_COUNT; i++)
		app->logins[i] =
		    metrics_counter(app->metrics, "iwebmsg_logins_total",
		        "Logins tried, by result", labels[i]);
	for (size_t i = 0; app_languages[i].label != NULL; i++)
		app->missing[i] =
		    metrics_counter(app->metrics, "iwebmsg_words_missing_total",
		        "English words shown for want of a translation",
		        app_languages[i].label);
}

struct app_state *
app_state_get(struct app *app)
{
	struct app_state *state;

	lock_take(&app->lock);
	state = app->state;
	if (state != NULL)
		(void)atomic_fetch_add(&state->refs, 1);
	lock_give(&app->lock);
	return state;
}

static void
app_site_end(struct app_site *site)
{
	tmpl_set_unref(site->templates);
	languages_unref(site->languages);
	static_set_unref(site->statics);
	mail_server_unref(site->mail);
}

void
app_state_unref(struct app_state *state)
{
	if (state == NULL || atomic_fetch_sub(&state->refs, 1) != 1)
		return;
	for (size_t i = 0; i < state->site_count; i++)
		app_site_end(&state->sites[i]);
	free(state->sites);
	arena_free(state->arena);
	net_tls_unref(state->tls);
	config_unref(state->cfg);
	free(state);
}

void
app_state_swap(struct app *app, struct app_state *state)
{
	struct app_state *before;

	for (size_t i = 0; state != NULL && i < state->site_count; i++) {
		const struct languages *all = state->sites[i].languages;

		for (size_t k = 0; all != NULL && k < languages_count(all); k++)
			app_count_missing(app, languages_at(all, k));
	}
	lock_take(&app->lock);
	before = app->state;
	app->state = state;
	lock_give(&app->lock);
	app_state_unref(before);
}

bool
app_statics_same(const struct config_site *one, const struct config_site *other)
{
	return str_eq(one->template_dir, other->template_dir) &&
	       str_eq(one->accent, other->accent) &&
	       str_eq(one->logo, other->logo);
}

static enum err_code
app_statics_decorate(struct static_set *statics, const struct config_site *site,
    struct arena *arena, struct err *err)
{
	struct str css = config_accent_css(arena, site->accent);
	char *logo = str_dup_c(arena, site->logo);
	enum err_code rc = ERR_OK;

	if (logo == NULL || css.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "app_statics_new");
	if (!str_is_empty(css))
		rc = static_set_add_css(statics, css, err);
	if (rc == ERR_OK && !str_is_empty(site->logo))
		rc = static_set_add_logo(statics, logo, err);
	return rc;
}

enum err_code
app_statics_new(const char *folder, const struct config_site *site,
    struct static_set **out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	char *own = arena == NULL ? NULL : str_dup_c(arena, site->template_dir);
	enum err_code rc;

	*out = NULL;
	if (own == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "app_statics_new");
	rc = static_set_new(folder, own[0] == '\0' ? NULL : own, out, err);
	if (rc == ERR_OK)
		rc = app_statics_decorate(*out, site, arena, err);
	if (rc != ERR_OK) {
		static_set_unref(*out);
		*out = NULL;
	}
	return rc;
}

/* Most hosts have ours: made once, with the site for all, and shared. */
static enum err_code
app_site_statics(const struct app_parts *parts, const struct app_site *all,
    struct app_site *site, struct err *err)
{
	if (all != site && app_statics_same(site->site, all->site)) {
		site->statics = static_set_ref(all->statics);
		return ERR_OK;
	}
	return app_statics_new(
	    parts->static_folder, site->site, &site->statics, err);
}

/* Likewise. */
static enum err_code
app_site_folders(const struct app_parts *parts, const struct app_site *all,
    struct arena *arena, struct app_site *site, struct err *err)
{
	struct str folder = site->site->template_dir;
	char *override = str_is_empty(folder) ? NULL : str_dup_c(arena, folder);
	enum err_code rc = ERR_OK;

	if (all != site && str_eq(folder, all->site->template_dir)) {
		site->templates = tmpl_set_ref(all->templates);
		site->languages = languages_ref(all->languages);
		return app_site_statics(parts, all, site, err);
	}
	rc = tmpl_set_new(
	    parts->template_folder, override, &site->templates, err);
	if (rc == ERR_OK)
		rc = languages_new(
		    parts->words_folder, override, &site->languages, err);
	if (rc == ERR_OK)
		rc = tmpl_set_speak(site->templates, site->languages, err);
	return rc == ERR_OK ? app_site_statics(parts, all, site, err) : rc;
}

static enum err_code
app_state_fill(
    struct app_state *state, const struct app_parts *parts, struct err *err)
{
	const struct config *cfg = parts->cfg;
	const size_t hosts_end = 1 + cfg->host_count;
	enum err_code rc = socket_ranges_parse(
	    state->arena, cfg->trusted_proxies, &state->proxies, err);

	state->trust_page_der = str_dup(state->arena, parts->trust_page_der);
	for (size_t i = 0; rc == ERR_OK && i < state->site_count; i++) {
		struct app_site *site = &state->sites[i];

		site->site = i == 0          ? &cfg->site
		             : i < hosts_end ? &cfg->hosts[i - 1]
		                             : &cfg->domains[i - hosts_end];
		if (i < hosts_end)
			rc = app_site_folders(
			    parts, &state->sites[0], state->arena, site, err);
		if (rc == ERR_OK)
			rc = parts->mail(
			    parts->ctx, cfg, site->site, &site->mail, err);
	}
	if (rc == ERR_OK && arena_failed(state->arena))
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "app_state_new");
	return rc;
}

enum err_code
app_state_new(
    const struct app_parts *parts, struct app_state **out, struct err *err)
{
	const struct config *cfg = parts->cfg;
	const size_t count = 1 + cfg->host_count + cfg->domain_count;
	struct app_state *state = calloc(1, sizeof(*state));
	enum err_code rc = ERR_OK;

	if (state != NULL) {
		atomic_init(&state->refs, 1);
		state->cfg = config_ref(cfg);
		state->arena = arena_new(LIMIT_ARENA_BYTES);
		state->sites = calloc(count, sizeof(*state->sites));
	}
	if (state == NULL || state->arena == NULL || state->sites == NULL) {
		app_state_unref(state);
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "app_state_new");
	}
	state->site_count = count;
	rc = app_state_fill(state, parts, err);
	if (rc != ERR_OK) {
		app_state_unref(state);
		return rc;
	}
	state->tls = parts->tls;
	*out = state;
	return ERR_OK;
}

struct app_state *
app_state_of(const struct request *req)
{
	return req->pinned;
}

const struct app_site *
app_site_of(const struct request *req)
{
	const struct app_state *state = app_state_of(req);

	for (size_t i = 0; i < state->site_count; i++)
		if (state->sites[i].site == req->site)
			return &state->sites[i];
	return &state->sites[0];
}

struct mail_server *
app_mail_of(const struct request *req, struct str login)
{
	const struct app_state *state = app_state_of(req);
	const struct config_site *site =
	    config_mail_site(state->cfg, req->site, login);

	for (size_t i = 0; i < state->site_count; i++)
		if (state->sites[i].site == site)
			return state->sites[i].mail;
	return state->sites[0].mail;
}

void
app_pin(struct app *app, struct request *req)
{
	struct app_state *state = app_state_get(app);

	req->app = app;
	req->pinned = state;
	req->cfg = state->cfg;
	req->site = config_site_get(state->cfg, req->host);
}

enum err_code
app_attach_account(struct request *req, struct err *err)
{
	if (req->session == NULL || req->account != NULL)
		return ERR_OK;
	return account_get(req->app->accounts,
	    app_mail_of(req, req->session->login), req->session->login,
	    &req->session->password, &req->account, err);
}

void
app_unpin(struct request *req)
{
	mail_message_drop(req->reading);
	req->reading = NULL;
	account_unref(req->account);
	req->account = NULL;
	session_end_request(req);
	app_state_unref(req->pinned);
	req->pinned = NULL;
}
