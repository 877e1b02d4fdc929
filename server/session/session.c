#include "session/session.h"

#include <openssl/evp.h>

#include "base/codec.h"
#include "base/limits.h"
#include "os/clock.h"
#include "session/session_cookie.h"
#include "session/session_key.h"
#include "session/session_token.h"

#define TOUCH_EVERY_S 60
#define NAME_COOKIE_S ((int64_t)365 * 86400)
/* A path in an address bar; longer ones are not ours. */
#define OWN_PATH_BYTES 4096

static void
make_metrics(struct sessions *sessions, struct metrics *metrics)
{
	sessions->started = metrics_counter(
	    metrics, "iwebmsg_sessions_started_total", "Sessions made", NULL);
	sessions->remembered =
	    metrics_counter(metrics, "iwebmsg_sessions_remembered_total",
	        "Sessions made by remembered devices", NULL);
	sessions->moved =
	    metrics_counter(metrics, "iwebmsg_sessions_moved_total",
	        "Sessions that entered or left secure mode", NULL);
	sessions->throttled =
	    metrics_counter(metrics, "iwebmsg_logins_throttled_total",
	        "Logins refused because of failed ones before", NULL);
}

enum err_code
sessions_new(struct store *store, const char *key_path, struct metrics *metrics,
    struct sessions **out, struct err *err)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	*out = NULL;
	if (sessions == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	sessions->store = store;
	make_metrics(sessions, metrics);
	sessions->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	sessions->hmac = session_key_hmac();
	sessions->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	enum err_code rc = session_key_load(key_path, &sessions->key, err);
	if (rc == ERR_OK &&
	    (sessions->cipher == NULL || sessions->hmac == NULL ||
	        sessions->digest == NULL))
		rc = err_set(err, ERR_CONFIG,
		    "OpenSSL has no AES-256-GCM, HMAC or SHA-256. Check its "
		    "configuration (openssl.cnf).",
		    NULL);
	if (rc != ERR_OK) {
		sessions_free(sessions);
		return rc;
	}
	*out = sessions;
	return ERR_OK;
}

void
sessions_free(struct sessions *sessions)
{
	if (sessions == NULL)
		return;
	EVP_CIPHER_free(sessions->cipher);
	EVP_MAC_CTX_free(sessions->hmac);
	EVP_MD_free(sessions->digest);
	secret_end(&sessions->key);
	free(sessions);
}

/* A session whose password does not open (another server key) is none. */
static enum err_code
open_or_none(struct sessions *sessions, struct request *req,
    const struct store_session *row, const struct session_token *token,
    bool is_use, enum session_found *out_found, struct err *err)
{
	enum err_code rc = session_live_open(
	    sessions, req, row, session_token_secret(token), err);

	if (rc == ERR_FORBIDDEN) {
		*out_found = SESSION_NONE;
		return ERR_OK;
	}
	if (rc != ERR_OK)
		return rc;
	if (!is_use || clock_now_s() - row->used_s < TOUCH_EVERY_S)
		return ERR_OK;
	rc = store_session_touch(sessions->store, row->selector, clock_now_s(),
	    str_c(req->peer.address), err);
	/* A full disk must not keep people from reading. */
	return rc == ERR_LIMIT || rc == ERR_BUSY ? ERR_OK : rc;
}

static enum err_code
attach_cookie(struct sessions *sessions, struct request *req, bool is_use,
    enum session_found *out_found, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct store_session row = {0};

	*out_found = SESSION_NONE;
	if (!session_token_parse(
	        session_cookie_get(req, SESSION_COOKIE_SESSION), &token))
		return ERR_OK;
	enum err_code rc =
	    session_live_find(sessions, req, session_token_selector(&token),
	        session_token_secret(&token), &row, out_found, err);
	if (rc != ERR_OK)
		return rc;
	/* A cookie of one door shown at the other opens nothing. */
	if (row.door.ptr != NULL &&
	    !str_eq(row.door, session_own_door(req->is_secure)))
		*out_found = SESSION_NONE;
	if (*out_found != SESSION_ACTIVE)
		return ERR_OK;
	return open_or_none(
	    sessions, req, &row, &token, is_use, out_found, err);
}

enum err_code
session_attach(struct sessions *sessions, struct request *req,
    struct response *res, enum session_found *out_found, struct err *err)
{
	bool is_back = false;
	enum err_code rc = attach_cookie(sessions, req, true, out_found, err);

	if (rc != ERR_OK || *out_found == SESSION_ACTIVE ||
	    *out_found == SESSION_MOVED)
		return rc;
	rc = session_device_log_in(sessions, req, res, &is_back, err);
	if (is_back)
		*out_found = SESSION_ACTIVE;
	return rc;
}

enum err_code
session_look(struct sessions *sessions, struct request *req,
    enum session_found *out_found, struct err *err)
{
	return attach_cookie(sessions, req, false, out_found, err);
}

enum err_code
session_attach_as(struct sessions *sessions, struct request *req,
    struct str selector, struct str secret, struct err *err)
{
	struct store_session row;
	enum session_found found = SESSION_NONE;
	enum err_code rc = session_live_find(
	    sessions, req, selector, secret, &row, &found, err);

	if (rc == ERR_OK && found != SESSION_ACTIVE)
		rc = err_set(err, ERR_NOT_FOUND,
		    "This address is not valid any more.", "no such session");
	if (rc != ERR_OK)
		return rc;
	rc = session_live_open(sessions, req, &row, secret, err);
	return rc == ERR_FORBIDDEN ? err_set(err, ERR_NOT_FOUND,
	                                 "This address is not valid any more.",
	                                 "other server key")
	                           : rc;
}

/* The name, for the next login page; or no trace of it. */
static void
keep_name(struct request *req, struct response *res,
    const struct session_login *login)
{
	struct buf letters;
	struct str text;

	buf_init_arena(&letters, req->arena, LIMIT_NAME_BYTES * 2);
	codec_base64url_encode(&letters, login->login);
	if (login->remember && !login->expire_views &&
	    buf_end(&letters, &text, NULL) == ERR_OK)
		session_cookie_set(
		    req, res, SESSION_COOKIE_NAME, text, NAME_COOKIE_S);
	else if (session_cookie_get(req, SESSION_COOKIE_NAME).ptr != NULL)
		session_cookie_expire(req, res, SESSION_COOKIE_NAME, false);
}

/* The token this device had until now is of no use any more. */
static enum err_code
forget_device(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct store_device row;
	struct str cookie = session_cookie_get(req, SESSION_COOKIE_REMEMBER);

	if (cookie.ptr == NULL)
		return ERR_OK;
	session_cookie_expire(
	    req, res, SESSION_COOKIE_REMEMBER, req->is_secure);
	if (!session_token_parse(cookie, &token))
		return ERR_OK;
	enum err_code rc = store_device_find(sessions->store,
	    session_token_selector(&token), req->arena, &row, err);
	if (rc == ERR_NOT_FOUND)
		return ERR_OK;
	if (rc != ERR_OK)
		return rc;
	/* A selector alone proves nothing: the secret must fit. */
	struct str hash = session_key_hash(
	    sessions, req->arena, session_token_secret(&token));
	if (!secret_bytes_eq(hash, row.secret_hash) &&
	    !secret_bytes_eq(hash, row.previous_hash))
		return ERR_OK;
	return session_device_revoke(
	    sessions, session_token_selector(&token), err);
}

enum err_code
session_create(struct sessions *sessions, struct request *req,
    struct response *res, const struct session_login *login, struct err *err)
{
	struct session_live_start start = {.login = login->login,
	    .password = login->password,
	    .expire_views = login->expire_views,
	    .is_pinned = login->is_pinned};

	/* The database's texts, and PostgreSQL's, are UTF-8 without NUL. */
	if (!str_is_utf8(login->login) ||
	    str_find_byte(login->login, '\0', 0) < login->login.len)
		return err_set(err, ERR_INPUT,
		    "This name has letters that cannot be.", NULL);
	enum err_code rc = forget_device(sessions, req, res, err);
	if (rc == ERR_OK && login->remember && !login->expire_views &&
	    session_device_is_allowed(req))
		rc = session_device_remember(
		    sessions, req, res, login, &start.remember, err);
	if (rc == ERR_OK)
		rc = session_live_start(sessions, req, res, &start, err);
	if (rc != ERR_OK)
		return rc;
	keep_name(req, res, login);
	rc = session_typed_end(sessions, req, res, err);
	if (rc != ERR_OK)
		return rc;
	/* At a shared computer nothing is left behind. */
	if (!login->expire_views)
		session_known_set(sessions, req, res, login->login);
	return ERR_OK;
}

/* Ends this session here and in the database. */
static enum err_code
end_session(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct str remember = STR("");

	if (req->session != NULL) {
		remember = req->session->remember;
		rc = store_session_delete(
		    sessions->store, req->session->selector, err);
	}
	if (rc == ERR_OK)
		rc = session_device_revoke(sessions, remember, err);
	if (rc == ERR_OK && res != NULL)
		rc = forget_device(sessions, req, res, err);
	session_end_request(req);
	return rc;
}

enum err_code
session_log_off(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err)
{
	static const enum session_cookie cookies[] = {SESSION_COOKIE_SESSION,
	    SESSION_COOKIE_REMEMBER, SESSION_COOKIE_BINDER,
	    SESSION_COOKIE_TYPED, SESSION_COOKIE_TYPED_HERE};
	enum err_code rc = end_session(sessions, req, res, err);

	/* The cookies go also when the database does not answer. */
	for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
		session_cookie_expire(req, res, cookies[i], false);
		if (req->is_secure &&
		    !str_eq(str_c(session_cookie_name(cookies[i], true)),
		        str_c(session_cookie_name(cookies[i], false))))
			session_cookie_expire(req, res, cookies[i], true);
	}
	/* Never "cookies": that deletes those of sibling hosts, too. */
	response_replace_header(
	    res, "Clear-Site-Data", STR("\"cache\", \"storage\""));
	return rc;
}

enum err_code
session_refused(struct sessions *sessions, struct request *req, struct err *err)
{
	return end_session(sessions, req, NULL, err);
}

struct text
session_remembered_name(const struct request *req)
{
	struct str letters = session_cookie_get(req, SESSION_COOKIE_NAME);
	struct buf bytes;
	struct str name;

	buf_init_arena(&bytes, req->arena, LIMIT_NAME_BYTES + 1);
	if (letters.len == 0 || letters.len > LIMIT_NAME_BYTES * 2 ||
	    codec_base64url_decode(&bytes, letters, NULL) != ERR_OK ||
	    buf_end(&bytes, &name, NULL) != ERR_OK)
		return (struct text){STR("")};
	return text_line(req->arena, name);
}

bool
session_has_cookie(const struct request *req)
{
	CLEANUP(session_token_wipe) struct session_token token;

	return session_token_parse(
	           session_cookie_get(req, SESSION_COOKIE_SESSION), &token) ||
	       session_token_parse(
	           session_cookie_get(req, SESSION_COOKIE_REMEMBER), &token);
}

struct str
session_own_path(struct str path)
{
	if (path.len == 0 || path.len > OWN_PATH_BYTES || path.ptr[0] != '/')
		return STR("/");
	/* "//host" and "/\host" are other hosts to a browser. */
	if (path.len > 1 && path.ptr[1] == '/')
		return STR("/");
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.ptr[i];
		/* Browsers drop TAB, CR and LF, and turn '\' into '/'. */
		if (c <= 0x20 || c == 0x7f || c == '\\')
			return STR("/");
	}
	return path;
}
