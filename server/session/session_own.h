#ifndef SESSION_SESSION_OWN_H
#define SESSION_SESSION_OWN_H
/* What the files of this room share. */
#include <openssl/types.h>

#include "base/secret.h"
#include "config/config.h"
#include "session/session.h"

#define SESSION_SELECTOR_BYTES 16u
#define SESSION_SECRET_BYTES   32u
#define SESSION_HASH_BYTES     ((size_t)32) /* SHA-256 */
/* base64url(selector) and base64url(secret), one behind the other. */
#define SESSION_SELECTOR_LETTERS ((size_t)22)
#define SESSION_SECRET_LETTERS   ((size_t)43)
#define SESSION_TOKEN_LETTERS \
	(SESSION_SELECTOR_LETTERS + SESSION_SECRET_LETTERS)

struct sessions {
	struct store *store; /* borrowed */
	struct secret key;   /* the server key */
	EVP_CIPHER *cipher;  /* fetched once: fetching takes locks */
	EVP_MAC_CTX *hmac;   /* HMAC-SHA256 without a key, to be copied */
	EVP_MD *digest;
	struct metric *started, *remembered, *moved, *throttled;
};

/* The words of the database for the two doors. */
static inline struct str
session_own_door(bool secure)
{
	return secure ? STR("secure") : STR("plain");
}

/* ---- session_origin.c ---------------------------------------------------- */
/* Does its Origin header name our other door? */
bool session_own_is_other_door(const struct request *req);

/* ---- session_live.c: sessions as rows ----------------------------------- */
/* The row of a session that lives now, or why not in *out_found. */
enum err_code session_live_find(struct sessions *sessions, struct request *req,
    struct str selector, struct str secret, struct store_session *out,
    enum session_found *out_found, struct err *err) WARN_UNUSED;
/* Opens its password and sets req->session. ERR_FORBIDDEN: not ours. */
enum err_code session_live_open(struct sessions *sessions, struct request *req,
    const struct store_session *row, struct str secret,
    struct err *err) WARN_UNUSED;

/* What a new session is made of. */
struct session_live_start {
	struct str login;
	struct str password;
	bool expire_views;
	bool is_pinned;
	struct str family;   /* of the session before a switch, or empty */
	struct str remember; /* selector of the device, or empty */
	int64_t created_s, ends_s; /* 0: now, and the absolute limit */
};
/* Was it unused for too long? */
bool session_live_is_idle(
    const struct config *cfg, const struct store_session *row, int64_t now_s);
/* Adds the row, sets the cookie and req->session (replacing another). */
enum err_code session_live_start(struct sessions *sessions, struct request *req,
    struct response *res, const struct session_live_start *start,
    struct err *err) WARN_UNUSED;
/* What the browser calls itself: one line, shortened. In the arena. */
struct str session_own_agent(const struct request *req);
/* "login@site", lower case: the key of preferences. In the arena. */
struct str session_live_account(const struct request *req, struct str login);

/* ---- session_device.c: remember me ----------------------------------------
 */
/* Only where a password does not travel in clear. */
bool session_device_is_allowed(const struct request *req);
/* Makes a token for this device and sets its cookie. */
enum err_code session_device_remember(struct sessions *sessions,
    struct request *req, struct response *res,
    const struct session_login *login, struct str *out_selector,
    struct err *err) WARN_UNUSED;
/* A device with a valid token gets a new session: *out_done. */
enum err_code session_device_log_in(struct sessions *sessions,
    struct request *req, struct response *res, bool *out_done,
    struct err *err) WARN_UNUSED;
/* Deletes the token and the sessions made with it; `selector` may be empty. */
enum err_code session_device_revoke(struct sessions *sessions,
    struct str selector, struct err *err) WARN_UNUSED;

/* ---- session_known.c: browsers that logged in before -----------------------
 */
void session_known_set(struct sessions *sessions, struct request *req,
    struct response *res, struct str login);
bool session_known_is(const struct sessions *sessions,
    const struct request *req, struct str login);

#endif
