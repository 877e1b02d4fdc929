#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H
/*
 * Who is logged in: cookie to session, credentials sealed under the server's
 * key and the cookie's secret, CSRF tokens, throttling of logins, remembered
 * devices, tickets for entering and leaving secure mode.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "http/request.h"
#include "http/response.h"
#include "store/store.h"

struct sessions;

/*
 * key_path: the server key, 32 random bytes, 0600, made on first start.
 * ERR_CONFIG when others may read it or it cannot be made.
 */
enum err_code sessions_new(struct store *store, const char *key_path,
    struct metrics *metrics, struct sessions **out,
    struct err *err) WARN_UNUSED;
void sessions_free(struct sessions *sessions);

/* A session of one request; lives until session_end_request(). */
struct session {
	struct str selector; /* 16 bytes */
	struct str login;    /* name as sent to IMAP */
	struct str account;  /* key of preferences: login@site, lower case */
	struct str site;     /* host of its [Host] section or empty */
	struct secret password;
	struct secret cookie_secret;
	bool expire_views;
	bool is_pinned;      /* a client certificate named its login */
	struct str family;   /* the same through all switches of mode */
	bool is_remembered;  /* this device has a remember token */
	struct str remember; /* its selector, or empty */
	int64_t created_s, used_s, ends_s;
};

/* What session_attach found besides a session. */
enum session_found {
	SESSION_NONE, /* no cookie, or not of this site */
	SESSION_ACTIVE,
	SESSION_ENDED, /* was one; idle, absolute limit, or logged off here
	                * or from another device */
	SESSION_MOVED  /* went on in the other mode (secure/plain) */
};

/*
 * Looks for the door's cookie (`__Host-iwm` over TLS, `iwm` otherwise) and
 * sets req->session. A remembered device without a session gets a new one
 * (cookies go to res). ERR_OK also when there is none.
 */
enum err_code session_attach(struct sessions *sessions, struct request *req,
    struct response *res, enum session_found *out_found,
    struct err *err) WARN_UNUSED;
/*
 * The same, but it is no use of the session: what asks by itself (an open
 * page that looks for new mail) must not keep it alive, and no remembered
 * device logs in.
 */
enum err_code session_look(struct sessions *sessions, struct request *req,
    enum session_found *out_found, struct err *err) WARN_UNUSED;
/*
 * Without a request: does this session go on? ACTIVE, ENDED or MOVED; NONE
 * when it is gone. `cfg` has the limits.
 */
enum err_code session_is_going_on(struct sessions *sessions,
    const struct config *cfg, struct str selector, enum session_found *out,
    struct err *err) WARN_UNUSED;
/*
 * The same without a cookie: for signed image addresses, which carry selector
 * and secret of a live session of either door. ERR_NOT_FOUND otherwise.
 */
enum err_code session_attach_as(struct sessions *sessions, struct request *req,
    struct str selector, struct str secret, struct err *err) WARN_UNUSED;
/* Wipes what session_attach made. */
void session_end_request(struct request *req);

struct session_login {
	struct str login; /* final name, domain added */
	struct str password;
	bool expire_views;
	bool remember;
	bool is_pinned; /* the client certificate names it */
};
/* After IMAP accepted the login: makes the session and sets the cookies. */
enum err_code session_create(struct sessions *sessions, struct request *req,
    struct response *res, const struct session_login *login,
    struct err *err) WARN_UNUSED;
/* Logs off: deletes session and device token, expires our cookies by name. */
enum err_code session_log_off(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err) WARN_UNUSED;
/* The mail server refused this credential: its sessions end. */
enum err_code session_refused(struct sessions *sessions, struct request *req,
    struct err *err) WARN_UNUSED;
/* ---- where somebody is logged in -----------------------------------------
 */
/* A browser: a session, or a device that is remembered with its sessions. */
struct session_place {
	struct str id;      /* 22 letters, good for this server's forms */
	struct str agent;   /* the browser's own words: anything at all */
	struct str address; /* where it came from last */
	struct str door;    /* "plain", "secure"; empty: not known */
	bool is_this;       /* asks just now */
	bool is_live;       /* has a session */
	bool is_remembered; /* logs in by itself until ends_s */
	bool expire_views;
	int64_t created_s, used_s, ends_s;
};
/* This one first, then the last used; in the arena. */
enum err_code session_place_list(struct sessions *sessions, struct request *req,
    struct session_place **out, size_t *out_count, struct err *err) WARN_UNUSED;
/* A session whose rows are gone: for who holds something of it. */
struct session_ended {
	struct str selector, family;
};
/*
 * Ends a place: its sessions, its token, the passwords they kept. In the arena:
 * what ended. ERR_NOT_FOUND: it is gone already, or it is this one.
 */
enum err_code session_place_end(struct sessions *sessions, struct request *req,
    struct str id, struct session_ended **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/* All places of the account but this one. */
enum err_code session_place_end_others(struct sessions *sessions,
    struct request *req, struct session_ended **out, size_t *out_count,
    struct err *err) WARN_UNUSED;

/* The name to fill in on the login page (cookie `iwm_name`), or empty. */
struct text session_remembered_name(const struct request *req);

/* ---- CSRF --------------------------------------------------------------- */
/*
 * A token for a form, masked afresh in each answer. Logged in: derived from
 * the cookie's secret; on the login page: from a cookie of its own (`iwm_pre`,
 * set when missing, not renewed by stray requests), good for a day and over a
 * restart of the server. In the request's arena.
 */
enum err_code session_csrf_token(struct sessions *sessions, struct request *req,
    struct response *res, struct str *out, struct err *err) WARN_UNUSED;
/* Are these two the same under their masks? Malformed ones are not. */
bool session_csrf_is_same(struct str a, struct str b);
/*
 * Checks the form's `csrf` field, and Origin and Sec-Fetch-Site when sent.
 * ERR_FORBIDDEN with words for the person.
 */
enum err_code session_csrf_check(struct sessions *sessions, struct request *req,
    struct err *err) WARN_UNUSED;
/* Only Origin and Sec-Fetch-Site: for the network thread, before the body. */
bool session_origin_is_ours(const struct request *req);
/* Why it said no, a sentence for the person; NULL when it is ours. */
const char *session_origin_problem(const struct request *req);
/* Does the request carry something like a session cookie for this door? */
bool session_has_cookie(const struct request *req);

/* ---- throttle ------------------------------------------------------------ */
/* ERR_LIMIT with the seconds to wait in the message. */
enum err_code session_throttle_check(struct sessions *sessions,
    struct request *req, struct str login, struct err *err) WARN_UNUSED;
void session_throttle_failed(
    struct sessions *sessions, struct request *req, struct str login);
void session_throttle_passed(
    struct sessions *sessions, struct request *req, struct str login);

/* ---- entering and leaving secure mode -------------------------------------
 */
/*
 * Makes a ticket for the other door and the absolute address to redirect to
 * ("https://host:port/secure/ticket?t=…&back=…"). Sets the binder cookie where
 * both doors have one name. Also without a session (from the login page): then
 * the ticket says no more than the door. `path`: our own page to go on with.
 */
enum err_code session_switch(struct sessions *sessions, struct request *req,
    struct response *res, bool to_secure, struct str path, struct str *out_url,
    struct err *err) WARN_UNUSED;
/* What became of a ticket. Unless it was redeemed, the old session lives. */
enum session_redeemed {
	SESSION_REDEEMED,    /* a session here, with its cookie */
	SESSION_TICKET_BARE, /* there was no session; the door is right */
	SESSION_TICKET_VOID, /* used, expired, unknown, or another browser */
	/* It came to the other door than it was made for: a browser changed
	 * http to https, or a proxy does not say that it does TLS. */
	SESSION_TICKET_ASTRAY
};
/*
 * Redeems a ticket at this door: new session and cookie, old one is marked
 * moved. *out_path: where to go on, or "/" when the ticket does not say it.
 */
enum err_code session_redeem(struct sessions *sessions, struct request *req,
    struct response *res, struct str ticket, enum session_redeemed *out,
    struct str *out_path, struct err *err) WARN_UNUSED;
/*
 * "https://host:port" of a door, for links and form-action; empty when it is
 * closed. This door as the browser's Host header names it; the other by
 * PublicPlainURL or PublicSecureURL, else the same host with our port, or
 * without one when our ports are redirected from 80 and 443. In the arena.
 */
struct str session_origin(const struct request *req, bool secure);
/* The whole address of a page of ours behind a door; empty when closed. */
struct str session_address(
    const struct request *req, bool secure, struct str path);

/* ---- what was typed into the login page before a switch ----------------- */
/*
 * Keeps it for TicketLimit, sealed under a secret that only a cookie holds
 * (`iwm_typed`, sent to both doors). here_only: it must not be seen behind
 * the other door, nor its cookie (`__Host-iwmt`). ERR_LIMIT: too much came
 * from this network lately.
 */
enum err_code session_typed_keep(struct sessions *sessions, struct request *req,
    struct response *res, struct str typed, bool here_only,
    struct err *err) WARN_UNUSED;
/* What this browser typed before, in the arena; or empty. */
enum err_code session_typed_find(struct sessions *sessions, struct request *req,
    struct str *out, struct err *err) WARN_UNUSED;
/* It is not needed any more: row and cookie go. */
enum err_code session_typed_end(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err) WARN_UNUSED;

/* ---- sealing for others -----------------------------------------------------
 */
/*
 * AES-256-GCM under a key derived from the server key (HKDF, `purpose`) and,
 * when `with_session`, the session's cookie secret. `bound` is authenticated
 * too. Results in the arena. open: ERR_FORBIDDEN when it is not ours.
 */
/* What sealing adds: version, nonce, tag. */
#define SESSION_SEAL_EXTRA ((size_t)29)
enum err_code session_seal(struct sessions *sessions, const struct request *req,
    const char *purpose, bool with_session, struct str bound, struct str plain,
    struct str *out, struct err *err) WARN_UNUSED;
enum err_code session_unseal(struct sessions *sessions,
    const struct request *req, const char *purpose, bool with_session,
    struct str bound, struct str sealed, struct str *out,
    struct err *err) WARN_UNUSED;
/*
 * The same for work that goes on without a request, after its session: not
 * under a cookie's secret, the plain text a secret that the caller ends.
 */
enum err_code session_seal_work(struct sessions *sessions, const char *purpose,
    struct str bound, const struct secret *plain, struct arena *arena,
    struct str *out, struct err *err) WARN_UNUSED;
enum err_code session_unseal_work(struct sessions *sessions,
    const char *purpose, struct str bound, struct str sealed,
    struct secret *out, struct err *err) WARN_UNUSED;
/*
 * 22 letters that follow from `bound`, and that only this server can tell: for
 * work that must be one, whoever begins it. ptr NULL: out of memory.
 */
struct str session_name_work(struct sessions *sessions, const char *purpose,
    struct str bound, struct arena *arena);
/* A path of ours ("/list?…"), never another host's; else "/". */
struct str session_own_path(struct str path);

#endif
