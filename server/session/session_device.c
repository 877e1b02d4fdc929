#include "session/session_cookie.h"
#include "session/session_key.h"
#include "session/session_token.h"

#include "base/log.h"
#include "os/clock.h"

/*
 * Tabs that a browser opens at once all send the token it had when it was
 * closed; only the first can be answered with the next one.
 */
#define PARALLEL_TABS_S 60

static const char PURPOSE[] = "device password";

bool
session_device_is_allowed(const struct request *req)
{
	return req->cfg->remember_me &&
	       (req->is_secure || req->peer.is_loopback);
}

/* A device that shows its token. */
struct visit {
	struct sessions *sessions;
	struct request *req;
	struct response *res;
	const struct session_token *token;
};

static struct session_key_use
use_of(const struct visit *visit, const struct store_device *row,
    const struct session_token *token)
{
	return (struct session_key_use){.purpose = PURPOSE,
	    .secret = session_token_secret(token),
	    .bound = {row->selector, row->account,
	        session_own_door(visit->req->is_secure)}};
}

/*
 * Two copies stand in a row one behind the other: for the token of now and,
 * because of parallel tabs, for the one before. Both have the same length.
 */
static enum err_code
open_copy(const struct visit *visit, const struct store_device *row,
    bool is_previous, struct secret *out, struct err *err)
{
	bool has_two = row->previous_hash.len > 0;
	size_t half = has_two ? row->sealed.len / 2 : row->sealed.len;
	struct str copy = is_previous
	                      ? str_slice(row->sealed, half, row->sealed.len)
	                      : str_slice(row->sealed, 0, half);
	struct session_key_use use = use_of(visit, row, visit->token);

	return session_key_unseal(visit->sessions, &use, copy, out, err);
}

static void
set_cookie(struct request *req, struct response *res,
    const struct session_token *token)
{
	session_cookie_set(req, res, SESSION_COOKIE_REMEMBER,
	    session_token_write(token, req->arena),
	    req->cfg->remember_limit_ms / 1000);
}

enum err_code
session_device_remember(struct sessions *sessions, struct request *req,
    struct response *res, const struct session_login *login,
    struct str *out_selector, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	int64_t now_s = clock_now_s();

	session_token_new(&token);
	struct store_device row = {
	    .selector = str_dup(req->arena, session_token_selector(&token)),
	    .secret_hash = session_key_hash(
	        sessions, req->arena, session_token_secret(&token)),
	    .account = session_live_account(req, login->login),
	    .login = login->login,
	    .site = req->site->host,
	    .agent = session_own_agent(req),
	    .address = str_c(req->peer.address),
	    .door = session_own_door(req->is_secure),
	    .is_pinned = login->is_pinned,
	    .created_s = now_s,
	    .used_s = now_s,
	    .rotated_s = now_s,
	    .ends_s = now_s + req->cfg->remember_limit_ms / 1000};
	const struct visit visit = {
	    .sessions = sessions, .req = req, .res = res, .token = &token};
	struct session_key_use use = use_of(&visit, &row, &token);
	enum err_code rc = session_key_seal(
	    sessions, &use, login->password, req->arena, &row.sealed, err);
	if (rc == ERR_OK)
		rc = store_device_add(sessions->store, &row, err);
	if (rc != ERR_OK)
		return rc;
	set_cookie(req, res, &token);
	*out_selector = row.selector;
	return ERR_OK;
}

/* Both copies, for the token of now and the one before. */
static enum err_code
seal_both(const struct visit *visit, struct store_device *row,
    const struct session_token *fresh, struct str password, struct err *err)
{
	const struct session_token *tokens[2] = {fresh, visit->token};
	struct str copies[2];

	for (size_t i = 0; i < 2; i++) {
		struct session_key_use use = use_of(visit, row, tokens[i]);
		enum err_code rc = session_key_seal(visit->sessions, &use,
		    password, visit->req->arena, &copies[i], err);
		if (rc != ERR_OK)
			return rc;
	}
	row->sealed = str_join(visit->req->arena, copies, 2);
	if (row->sealed.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return ERR_OK;
}

/* The next token; ERR_NOT_FOUND when another tab was faster. */
static enum err_code
rotate(const struct visit *visit, const struct store_device *row,
    struct str password, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token fresh;
	struct store_device next = *row;
	struct request *req = visit->req;

	session_token_new(&fresh);
	memcpy(fresh.selector, visit->token->selector, sizeof(fresh.selector));
	next.previous_hash = row->secret_hash;
	next.secret_hash = session_key_hash(
	    visit->sessions, req->arena, session_token_secret(&fresh));
	next.agent = session_own_agent(req);
	next.address = str_c(req->peer.address);
	next.door = session_own_door(req->is_secure);
	next.used_s = clock_now_s();
	next.rotated_s = next.used_s;
	next.ends_s = next.used_s + req->cfg->remember_limit_ms / 1000;
	enum err_code rc = seal_both(visit, &next, &fresh, password, err);
	if (rc == ERR_OK)
		rc = store_device_rotate(
		    visit->sessions->store, &next, row->secret_hash, err);
	if (rc == ERR_OK)
		set_cookie(req, visit->res, &fresh);
	return rc;
}

enum token_age {
	TOKEN_CURRENT,
	TOKEN_PREVIOUS, /* of a parallel tab */
	TOKEN_STOLEN    /* used up long ago, or never ours */
};

static enum token_age
age_of(const struct visit *visit, const struct store_device *row)
{
	struct str hash = session_key_hash(visit->sessions, visit->req->arena,
	    session_token_secret(visit->token));

	if (secret_bytes_eq(hash, row->secret_hash))
		return TOKEN_CURRENT;
	if (row->previous_hash.len > 0 &&
	    secret_bytes_eq(hash, row->previous_hash) &&
	    clock_now_s() - row->rotated_s <= PARALLEL_TABS_S)
		return TOKEN_PREVIOUS;
	return TOKEN_STOLEN;
}

static enum err_code
start_session(const struct visit *visit, const struct store_device *row,
    struct str password, struct err *err)
{
	const struct session_live_start start = {.login = row->login,
	    .password = password,
	    .is_pinned = row->is_pinned,
	    .remember = row->selector};
	enum err_code rc = session_live_start(
	    visit->sessions, visit->req, visit->res, &start, err);

	if (rc == ERR_OK)
		metric_add(visit->sessions->remembered, 1);
	return rc;
}

/*
 * One try with the row as it is now. ERR_NOT_FOUND: it changed meanwhile,
 * look again. *out_done stays false when the token is worth nothing.
 */
static enum err_code
try_row(const struct visit *visit, const struct store_device *row,
    bool *out_done, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	enum token_age age = age_of(visit, row);

	if (age == TOKEN_STOLEN) {
		log_event(LOG_WARN, "session.device_reused",
		    LOG_STR("account", row->account),
		    LOG_C("address", visit->req->peer.address));
		return session_device_revoke(
		    visit->sessions, row->selector, err);
	}
	enum err_code rc =
	    open_copy(visit, row, age == TOKEN_PREVIOUS, &password, err);
	if (rc == ERR_FORBIDDEN) /* another server key, or another door */
		return ERR_OK;
	if (rc == ERR_OK && age == TOKEN_CURRENT)
		rc = rotate(visit, row, secret_str(&password), err);
	if (rc == ERR_OK)
		rc = start_session(visit, row, secret_str(&password), err);
	*out_done = rc == ERR_OK;
	return rc;
}

enum err_code
session_device_log_in(struct sessions *sessions, struct request *req,
    struct response *res, bool *out_done, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct str cookie = session_cookie_get(req, SESSION_COOKIE_REMEMBER);
	const struct visit visit = {
	    .sessions = sessions, .req = req, .res = res, .token = &token};
	struct store_device row;
	enum err_code rc = ERR_NOT_FOUND;

	*out_done = false;
	if (cookie.ptr == NULL || !session_device_is_allowed(req) ||
	    !session_token_parse(cookie, &token))
		return ERR_OK;
	/* The second look is for the tab that lost the race to rotate. */
	for (int look = 0; look < 2 && rc == ERR_NOT_FOUND; look++) {
		rc = store_device_find(sessions->store,
		    session_token_selector(&token), req->arena, &row, err);
		if (rc == ERR_NOT_FOUND)
			break;
		if (rc == ERR_OK && (row.ends_s <= clock_now_s() ||
		                        !str_eq(row.site, req->site->host)))
			break;
		if (rc == ERR_OK)
			rc = try_row(&visit, &row, out_done, err);
	}
	if (rc == ERR_NOT_FOUND)
		rc = ERR_OK;
	if (rc == ERR_OK && !*out_done)
		session_cookie_expire(
		    req, res, SESSION_COOKIE_REMEMBER, req->is_secure);
	return rc;
}

enum err_code
session_device_revoke(
    struct sessions *sessions, struct str selector, struct err *err)
{
	if (selector.len == 0)
		return ERR_OK;
	enum err_code rc = store_device_delete(sessions->store, selector, err);
	if (rc != ERR_OK)
		return rc;
	return store_session_delete_remember(sessions->store, selector, err);
}
