/*
 * Entering and leaving secure mode. The cookie of one door must not be shown
 * to the other, so a ticket carries the session over: one use, five minutes,
 * the password sealed anew under the ticket's own secret.
 */
#include "session/session_cookie.h"
#include "session/session_key.h"
#include "session/session_token.h"

#include "base/buf.h"
#include "base/codec.h"
#include "base/limits.h"
#include "os/clock.h"

#define BINDER_BYTES ((size_t)16)

static const char PURPOSE[] = "ticket password";

static struct session_key_use
use_of(const struct store_ticket *ticket, struct str secret)
{
	return (struct session_key_use){.purpose = PURPOSE,
	    .secret = secret,
	    .bound = {ticket->selector, ticket->session, ticket->door}};
}

static struct str
host_of(struct str origin)
{
	size_t start = str_find(origin, STR("://"), 0) + 3;
	struct str host = str_slice(origin, start, origin.len);
	size_t end = host.len > 0 && host.ptr[0] == '['
	                 ? str_find_byte(host, ']', 0) + 1
	                 : str_find_byte(host, ':', 0);

	return str_slice(host, 0, end);
}

/*
 * A cookie that must come back with the ticket, so that an address somebody
 * saw or sent is of no use elsewhere. Only where both doors have one name.
 */
static struct str
set_binder(struct sessions *sessions, struct request *req, struct response *res,
    struct str target)
{
	unsigned char bytes[BINDER_BYTES];
	struct buf letters;
	size_t colon = req->host.len > 0 && req->host.ptr[0] == '['
	                   ? str_find_byte(req->host, ']', 0) + 1
	                   : str_find_byte(req->host, ':', 0);

	if (!str_eq_nocase(host_of(target), str_slice(req->host, 0, colon)))
		return STR("");
	secret_fill_random(bytes, sizeof(bytes));
	buf_init_arena(&letters, req->arena, 4 * BINDER_BYTES);
	codec_base64url_encode(
	    &letters, str_of((const char *)bytes, sizeof(bytes)));
	session_cookie_set(req, res, SESSION_COOKIE_BINDER, buf_str(&letters),
	    req->cfg->ticket_limit_ms / 1000);
	return session_key_hash(sessions, req->arena, buf_str(&letters));
}

/* Fills in what is not there yet, and adds it. */
static enum err_code
add_ticket(struct sessions *sessions, const struct request *req,
    const struct session_token *token, struct store_ticket *ticket,
    struct err *err)
{
	ticket->selector = session_token_selector(token);
	ticket->secret_hash =
	    session_key_hash(sessions, req->arena, session_token_secret(token));
	ticket->session = req->session->selector;
	ticket->ends_s = clock_now_s() + req->cfg->ticket_limit_ms / 1000;
	struct session_key_use use =
	    use_of(ticket, session_token_secret(token));
	enum err_code rc = session_key_seal(sessions, &use,
	    secret_str(&req->session->password), req->arena, &ticket->sealed,
	    err);

	if (rc != ERR_OK)
		return rc;
	return store_ticket_add(sessions->store, ticket, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_switch(struct sessions *sessions, struct request *req,
    struct response *res, bool to_secure, struct str path, struct str *out_url,
    struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct str origin = session_origin(req, to_secure);
	struct str parts[3] = {origin, session_own_path(path), STR("")};

	*out_url = STR("");
	if (origin.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "This server has no such mode.", "switch: door is closed");
	session_token_new(&token);
	if (req->session != NULL) {
		struct store_ticket ticket = {
		    .binder_hash = set_binder(sessions, req, res, origin),
		    .door = session_own_door(to_secure),
		    .path = parts[1]};
		enum err_code rc =
		    add_ticket(sessions, req, &token, &ticket, err);
		if (rc != ERR_OK)
			return rc;
		parts[1] = STR("/secure/ticket?t=");
		parts[2] = session_token_write(&token, req->arena);
	}
	*out_url = str_join(req->arena, parts, 3);
	if (out_url->ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return ERR_OK;
}

static enum err_code
refuse(const char *detail, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
	    "This step was used already, took too long, or belongs to another "
	    "browser. Please switch once more.",
	    detail);
}

/* Takes the ticket; from here on it is used up, whatever follows. */
static enum err_code
take(struct sessions *sessions, struct request *req,
    const struct session_token *token, struct store_ticket *out,
    struct err *err)
{
	struct str binder = session_cookie_get(req, SESSION_COOKIE_BINDER);
	enum err_code rc = store_ticket_take(sessions->store,
	    session_token_selector(token), req->arena, out, err);

	if (rc == ERR_NOT_FOUND)
		return refuse("ticket: unknown or used", err);
	if (rc != ERR_OK)
		return rc;
	if (!secret_bytes_eq(
	        out->secret_hash, session_key_hash(sessions, req->arena,
	                              session_token_secret(token))))
		return refuse("ticket: wrong secret", err);
	if (out->ends_s <= clock_now_s())
		return refuse("ticket: expired", err);
	if (!str_eq(out->door, session_own_door(req->is_secure)))
		return refuse("ticket: wrong door", err);
	if (out->binder_hash.len > 0 &&
	    !secret_bytes_eq(out->binder_hash,
	        session_key_hash(sessions, req->arena, binder)))
		return refuse("ticket: without its binder cookie", err);
	return ERR_OK;
}

/* The old session, which must still live: it may have logged off. */
static enum err_code
find_old(struct sessions *sessions, struct request *req,
    const struct store_ticket *ticket, struct store_session *out,
    struct err *err)
{
	enum err_code rc = store_session_find(
	    sessions->store, ticket->session, req->arena, out, err);

	if (rc == ERR_NOT_FOUND)
		return refuse("ticket: its session logged off", err);
	if (rc == ERR_OK && (out->moved_to.len > 0 || out->sealed.len == 0 ||
	                        out->ends_s <= clock_now_s() ||
	                        !str_eq(out->site, req->site->host)))
		return refuse("ticket: its session ended", err);
	return rc;
}

static enum err_code
go_on(struct sessions *sessions, struct request *req, struct response *res,
    const struct store_session *old, struct str password, struct err *err)
{
	const struct session_live_start start = {.login = old->login,
	    .password = password,
	    .expire_views = old->expire_views,
	    .is_pinned = old->is_pinned,
	    .remember = old->remember,
	    .created_s = old->created_s,
	    .ends_s = old->ends_s};
	enum err_code rc = session_live_start(sessions, req, res, &start, err);

	if (rc == ERR_OK)
		rc = store_session_move(sessions->store, old->selector,
		    session_own_door(req->is_secure), old->ends_s, err);
	if (rc == ERR_OK)
		metric_add(sessions->moved, 1);
	return rc;
}

enum err_code
session_redeem(struct sessions *sessions, struct request *req,
    struct response *res, struct str ticket, struct str *out_path,
    struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	struct store_ticket row;
	struct store_session old;

	*out_path = STR("/");
	if (!session_token_parse(ticket, &token))
		return refuse("ticket: not one", err);
	enum err_code rc = take(sessions, req, &token, &row, err);
	if (rc == ERR_OK)
		rc = find_old(sessions, req, &row, &old, err);
	if (rc != ERR_OK)
		return rc;
	struct session_key_use use = use_of(&row, session_token_secret(&token));
	rc = session_key_unseal(sessions, &use, row.sealed, &password, err);
	if (rc == ERR_FORBIDDEN)
		return refuse("ticket: sealed by another server key", err);
	if (rc == ERR_OK)
		rc =
		    go_on(sessions, req, res, &old, secret_str(&password), err);
	if (rc != ERR_OK)
		return rc;
	session_cookie_expire(req, res, SESSION_COOKIE_BINDER, false);
	*out_path = session_own_path(row.path);
	return ERR_OK;
}
