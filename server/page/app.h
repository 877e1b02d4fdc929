#ifndef PAGE_APP_H
#define PAGE_APP_H
/*
 * The program's parts as pages see them. main builds one struct app; every
 * request pins one app_state, so that a reload never changes what a request
 * works with.
 */
#include <stdatomic.h>
#include <stdbool.h>

#include "base/lock.h"
#include "base/metrics.h"
#include "config/config.h"
#include "http/http.h"
#include "http/static.h"
#include "mail/mail.h"
#include "net/net.h"
#include "page/page_gate.h"
#include "session/session.h"
#include "store/store.h"
#include "view/language.h"
#include "view/tmpl.h"

/* One site ([Host], the default, or [Domain]): what a reload makes anew. */
struct app_site {
	const struct config_site *site; /* in cfg */
	struct tmpl_set *templates;     /* counted */
	struct languages *languages;    /* counted; NULL: English alone */
	struct static_set *statics;     /* counted */
	struct mail_server *mail;       /* counted */
};

/* Everything a reload replaces, whole; immutable, counted. */
struct app_state {
	atomic_uint refs;
	const struct config *cfg; /* counted */
	/* [0] is the default, then cfg->hosts, then cfg->domains (which have
	 * mail servers, and no templates or static files). */
	struct app_site *sites;
	size_t site_count;
	struct net_tls *tls;          /* counted; NULL: EnableSSL=0 */
	struct arena *arena;          /* owned; what follows lives there */
	struct socket_ranges proxies; /* TrustedProxies */
	struct str trust_page_der;    /* TrustPageCA; empty: no such page */
};

struct workers;
struct post_office;
struct page_find;
struct push_hub;
struct mail_watch;

/* Languages whose missing words are counted each by itself; others as one. */
#define APP_LANGUAGES 8

/* How a login ended, for the metrics. */
enum app_login {
	APP_LOGIN_OK,
	APP_LOGIN_REFUSED,   /* name or password */
	APP_LOGIN_THROTTLED, /* too many tries */
	APP_LOGIN_AWAY,      /* the mail server is away, or not trusted */
	APP_LOGIN_COUNT
};

struct app {
	struct lock lock; /* guards state and finds */
	struct app_state *state;
	struct page_find *finds; /* searches that can be stopped */
	struct store *store;
	struct sessions *sessions;
	struct accounts *accounts;
	struct metrics *metrics;
	/* Logins by result: see enum app_login. */
	struct metric *logins[APP_LOGIN_COUNT];
	struct metric *missing[APP_LANGUAGES];
	struct workers *workers; /* route's */
	struct net *net;
	struct http *http;
	struct page_gate *gate;   /* page_gate_new() at start */
	const char *spool_folder; /* messages on their way out */
	struct str node;          /* whose spool that is; a random name */
	struct post_office *office;
	struct mail_watch *watch; /* folders that open pages show */
	struct push_hub *push;    /* streams of events to them */
	atomic_bool is_ready;     /* serves; false while stopping */
};

/* Makes the metrics of pages; at start, once app->metrics is there. */
void app_metrics_init(struct app *app);
/* The state now in force, counted for the caller. */
struct app_state *app_state_get(struct app *app);
void app_state_unref(struct app_state *state); /* NULL accepted */
/* Puts a new state in force; the old one goes when nobody holds it. */
void app_state_swap(struct app *app, struct app_state *state);
/* The mail servers of one site with their files (main knows how). */
typedef enum err_code app_mail_fn(void *ctx, const struct config *cfg,
    const struct config_site *site, struct mail_server **out, struct err *err);
/* What a state is made from. */
struct app_parts {
	const struct config *cfg;
	const char *template_folder, *static_folder; /* our own */
	const char *words_folder;
	struct net_tls *tls; /* counted by the hand-over, when it succeeds */
	struct str trust_page_der; /* copied */
	app_mail_fn *mail;
	void *ctx; /* for mail */
};
/*
 * A state from a parsed config: templates, static files, mail servers of
 * every site. ERR_CONFIG names what is wrong.
 */
enum err_code app_state_new(const struct app_parts *parts,
    struct app_state **out, struct err *err) WARN_UNUSED;
/*
 * Static files as a site has them: those of `folder`, its own, its Accent= and
 * Logo=. The set belongs to the caller.
 */
enum err_code app_statics_new(const char *folder,
    const struct config_site *site, struct static_set **out,
    struct err *err) WARN_UNUSED;
/* Do two sites have the same ones? */
bool app_statics_same(
    const struct config_site *one, const struct config_site *other);
/* The site of a request (by req->site). Never NULL. */
const struct app_site *app_site_of(const struct request *req);
/*
 * The mail servers of a login name on this request's site: config_mail_site.
 * Never NULL.
 */
struct mail_server *app_mail_of(const struct request *req, struct str login);
/* The state a request has pinned. */
struct app_state *app_state_of(const struct request *req);
/* Pins the state in force and sets app, cfg, site, pinned of the request. */
void app_pin(struct app *app, struct request *req);
/*
 * Sets req->account from req->session; serve() calls it after session_attach
 * (no session: nothing happens). Makes no connection.
 */
enum err_code app_attach_account(
    struct request *req, struct err *err) WARN_UNUSED;
/* Gives it back, and session and account of the request. */
void app_unpin(struct request *req);

#endif
