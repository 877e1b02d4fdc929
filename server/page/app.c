#include "page/app.h"

#include "base/limits.h"

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
	net_tls_unref(state->tls);
	config_unref(state->cfg);
	free(state);
}

void
app_state_swap(struct app *app, struct app_state *state)
{
	struct app_state *before;

	lock_take(&app->lock);
	before = app->state;
	app->state = state;
	lock_give(&app->lock);
	app_state_unref(before);
}

/* What app_state_new carries from step to step. */
struct app_build {
	const struct config *cfg;
	const char *template_folder;
	const char *static_folder;
	app_read_fn *read;
	void *ctx;
	struct arena *arena;
};

static enum err_code
app_read_ca(const struct app_build *build, struct str path, struct str *out,
    struct err *err)
{
	*out = str_of(NULL, 0);
	if (str_is_empty(path))
		return ERR_OK;
	return build->read(build->ctx, path, build->arena, out, err);
}

static enum err_code
app_site_mail(
    const struct app_build *build, struct app_site *site, struct err *err)
{
	struct str imap_ca;
	struct str smtp_ca;
	enum err_code rc =
	    app_read_ca(build, site->site->imap_ca, &imap_ca, err);

	if (rc == ERR_OK && str_is_empty(site->site->smtp_ca))
		smtp_ca = imap_ca;
	else if (rc == ERR_OK)
		rc = app_read_ca(build, site->site->smtp_ca, &smtp_ca, err);
	if (rc != ERR_OK)
		return rc;
	return mail_server_new(
	    build->cfg, site->site, imap_ca, smtp_ca, &site->mail, err);
}

static enum err_code
app_site_init(const struct app_build *build, const struct config_site *from,
    struct app_site *site, struct err *err)
{
	char *override = str_is_empty(from->template_dir)
	                     ? NULL
	                     : str_dup_c(build->arena, from->template_dir);
	enum err_code rc;

	site->site = from;
	rc = tmpl_set_new(
	    build->template_folder, override, &site->templates, err);
	if (rc == ERR_OK)
		rc = static_set_new(
		    build->static_folder, override, &site->statics, err);
	if (rc == ERR_OK)
		rc = app_site_mail(build, site, err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
app_state_new(const struct config *cfg, const char *template_folder,
    const char *static_folder, app_read_fn *read, void *ctx,
    struct net_tls *tls, struct app_state **out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct app_build build = {
	    cfg, template_folder, static_folder, read, ctx, arena};
	struct app_state *state = calloc(1, sizeof(*state));
	enum err_code rc = ERR_OK;

	if (state != NULL)
		state->sites =
		    calloc(cfg->host_count + 1, sizeof(*state->sites));
	if (arena == NULL || state == NULL || state->sites == NULL) {
		if (state != NULL)
			free(state->sites);
		free(state);
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "app_state_new");
	}
	atomic_init(&state->refs, 1);
	state->cfg = config_ref(cfg);
	state->site_count = cfg->host_count + 1;
	for (size_t i = 0; rc == ERR_OK && i < state->site_count; i++)
		rc = app_site_init(&build,
		    i == 0 ? &cfg->site : &cfg->hosts[i - 1], &state->sites[i],
		    err);
	if (rc != ERR_OK) {
		app_state_unref(state);
		return rc;
	}
	state->tls = tls;
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
	return account_get(req->app->accounts, app_site_of(req)->mail,
	    req->session->login, &req->session->password, &req->account, err);
}

void
app_unpin(struct request *req)
{
	account_unref(req->account);
	req->account = NULL;
	session_end_request(req);
	app_state_unref(req->pinned);
	req->pinned = NULL;
}
