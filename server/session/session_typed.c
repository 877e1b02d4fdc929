/*
 * What people typed into the login page, and the letter it may carry, go along
 * when they enter or leave secure mode there: without a session there is no
 * other place for it. It is a ticket's row without a session.
 */
#include "session/session_cookie.h"
#include "session/session_key.h"
#include "session/session_token.h"

#include <inttypes.h>

#include "base/buf.h"
#include "os/clock.h"

/* Sealed piece by piece: the locked memory it is opened in is small. */
#define PIECE_BYTES  ((size_t)8 << 10)
#define SEALED_BYTES (PIECE_BYTES + SESSION_SEAL_EXTRA)
/* A letter of 300 KB, percent-encoded. */
#define TYPED_BYTES ((size_t)1 << 20)
/* From one address within TicketLimit: nobody fills our disk. */
#define TYPED_TRIES 50

static const char PURPOSE[] = "typed text";

static struct str
door_of(const struct request *req, bool here_only)
{
	if (!here_only)
		return STR("typed");
	return req->is_secure ? STR("typed secure") : STR("typed plain");
}

static bool
is_door(const struct request *req, struct str door)
{
	return str_eq(door, door_of(req, false)) ||
	       str_eq(door, door_of(req, true));
}

/* Each piece is bound to its place: none can be swapped or left out. */
static struct session_key_use
use_of(struct arena *arena, const struct session_token *token, size_t number,
    bool is_last)
{
	return (struct session_key_use){.purpose = PURPOSE,
	    .secret = session_token_secret(token),
	    .bound = {session_token_selector(token),
	        str_printf(arena, "%zu", number),
	        is_last ? STR("last") : STR("")}};
}

static enum err_code
seal(struct sessions *sessions, const struct request *req,
    const struct session_token *token, struct str plain, struct str *out,
    struct err *err)
{
	size_t last = plain.len / PIECE_BYTES;
	struct buf all;

	buf_init_arena(&all, req->arena, 2 * TYPED_BYTES);
	for (size_t i = 0; i <= last; i++) {
		struct session_key_use use =
		    use_of(req->arena, token, i, i == last);
		struct str piece;
		enum err_code rc = session_key_seal(sessions, &use,
		    str_slice(plain, i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
		    req->arena, &piece, err);

		if (rc != ERR_OK)
			return rc;
		buf_add(&all, piece);
	}
	return buf_end(&all, out, err);
}

static enum err_code
unseal(struct sessions *sessions, const struct request *req,
    const struct session_token *token, struct str sealed, struct str *out,
    struct err *err)
{
	size_t last = sealed.len / SEALED_BYTES;
	struct buf all;

	buf_init_arena(&all, req->arena, TYPED_BYTES);
	for (size_t i = 0; i <= last; i++) {
		CLEANUP(secret_end) struct secret piece = {.ptr = NULL};
		struct session_key_use use =
		    use_of(req->arena, token, i, i == last);
		enum err_code rc = session_key_unseal(sessions, &use,
		    str_slice(sealed, i * SEALED_BYTES, (i + 1) * SEALED_BYTES),
		    &piece, err);

		if (rc != ERR_OK)
			return rc;
		buf_add(&all, secret_str(&piece));
	}
	return buf_end(&all, out, err);
}

/*
 * By network, as connections are: one customer has 2^64 IPv6 addresses. A
 * proxy on this machine stands for everybody: not counted.
 */
static enum err_code
count(struct sessions *sessions, const struct request *req, struct err *err)
{
	struct str key = str_printf(
	    req->arena, "typed:%" PRIx64, socket_peer_network(&req->peer));
	int64_t limit_s = req->cfg->ticket_limit_ms / 1000;
	int64_t now_s = clock_now_s();
	struct store_throttle row;

	if (req->peer.is_loopback)
		return ERR_OK;
	enum err_code rc = store_throttle_get(sessions->store, key, &row, err);
	if (rc == ERR_OK && row.failures >= TYPED_TRIES &&
	    row.last_s > now_s - limit_s)
		return err_set(err, ERR_LIMIT,
		    "The mode was switched from here very often just now. "
		    "Please go back and try again in a few minutes.",
		    "typed: too many of one address");
	if (rc == ERR_OK)
		rc = store_throttle_add(
		    sessions->store, key, now_s, limit_s, err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_typed_keep(struct sessions *sessions, struct request *req,
    struct response *res, struct str typed, bool here_only, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	int64_t limit_s = req->cfg->ticket_limit_ms / 1000;
	struct store_ticket row = {.session = STR(""),
	    .path = STR("/"),
	    .binder_hash = STR(""),
	    .door = door_of(req, here_only),
	    .ends_s = clock_now_s() + limit_s};
	enum err_code rc = count(sessions, req, err);

	if (rc != ERR_OK)
		return rc;
	session_token_new(&token);
	row.selector = session_token_selector(&token);
	row.secret_hash = session_key_hash(
	    sessions, req->arena, session_token_secret(&token));
	rc = seal(sessions, req, &token, typed, &row.sealed, err);
	if (rc == ERR_OK)
		rc = store_ticket_add(sessions->store, &row, err);
	if (rc != ERR_OK)
		return rc;
	session_cookie_set(req, res,
	    here_only ? SESSION_COOKIE_TYPED_HERE : SESSION_COOKIE_TYPED,
	    session_token_write(&token, req->arena), limit_s);
	/* What was typed last counts. */
	if (req->is_secure)
		session_cookie_expire(req, res,
		    here_only ? SESSION_COOKIE_TYPED
		              : SESSION_COOKIE_TYPED_HERE,
		    true);
	return ERR_OK;
}

static enum err_code
nothing(enum err_code rc)
{
	return rc == ERR_NOT_FOUND || rc == ERR_FORBIDDEN ? ERR_OK : rc;
}

/*
 * The secret opens the row for whoever has it: what came to the secure door
 * has a cookie that never travels in clear.
 */
static struct str
cookie_of(const struct request *req)
{
	struct str here = session_cookie_get(req, SESSION_COOKIE_TYPED_HERE);

	return here.len > 0 ? here
	                    : session_cookie_get(req, SESSION_COOKIE_TYPED);
}

/* The row of the cookie; ERR_NOT_FOUND without one that is good here. */
static enum err_code
find_row(struct sessions *sessions, const struct request *req,
    struct session_token *token, struct store_ticket *row, struct err *err)
{
	if (!session_token_parse(cookie_of(req), token))
		return ERR_NOT_FOUND;
	enum err_code rc = store_ticket_find(sessions->store,
	    session_token_selector(token), req->arena, row, err);
	if (rc != ERR_OK)
		return rc;
	struct str hash =
	    session_key_hash(sessions, req->arena, session_token_secret(token));
	return secret_bytes_eq(hash, row->secret_hash) &&
	               row->session.len == 0 && is_door(req, row->door)
	           ? ERR_OK
	           : ERR_NOT_FOUND;
}

enum err_code
session_typed_find(struct sessions *sessions, struct request *req,
    struct str *out, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct store_ticket row;
	struct str plain = STR("");
	enum err_code rc = find_row(sessions, req, &token, &row, err);

	*out = STR("");
	if (rc == ERR_OK && row.ends_s <= clock_now_s())
		rc = ERR_NOT_FOUND;
	if (rc == ERR_OK)
		rc = unseal(sessions, req, &token, row.sealed, &plain, err);
	if (rc == ERR_OK)
		*out = plain;
	return nothing(rc);
}

enum err_code
session_typed_end(struct sessions *sessions, struct request *req,
    struct response *res, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct store_ticket row;

	if (cookie_of(req).ptr == NULL)
		return ERR_OK;
	enum err_code rc = find_row(sessions, req, &token, &row, err);
	session_cookie_expire(req, res, SESSION_COOKIE_TYPED, false);
	if (req->is_secure)
		session_cookie_expire(
		    req, res, SESSION_COOKIE_TYPED_HERE, true);
	if (rc == ERR_OK)
		rc = store_ticket_take(sessions->store,
		    session_token_selector(&token), req->arena, &row, err);
	return nothing(rc);
}
