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
#include "base/log.h"
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

/* "/secure/ticket?t=…&back=…": a ticket that is void leads back, too. */
static struct str
ticket_path(const struct request *req, struct str ticket, struct str path)
{
	struct buf out;
	struct str text;

	buf_init_arena(&out, req->arena, LIMIT_HEADER_BYTES);
	buf_add_c(&out, "/secure/ticket?t=");
	buf_add(&out, ticket);
	buf_add_c(&out, "&back=");
	buf_add_percent(&out, path);
	return buf_end(&out, &text, NULL) == ERR_OK ? text : STR("/");
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_switch(struct sessions *sessions, struct request *req,
    struct response *res, bool to_secure, struct str path, struct str *out_url,
    struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct str origin = session_origin(req, to_secure);
	struct str own = session_own_path(path);
	struct str ticket_words = session_own_door(to_secure);

	*out_url = STR("");
	if (origin.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "This server has no such mode.", "switch: door is closed");
	session_token_new(&token);
	if (req->session != NULL) {
		struct store_ticket ticket = {
		    .binder_hash = set_binder(sessions, req, res, origin),
		    .door = session_own_door(to_secure),
		    .path = own};
		enum err_code rc =
		    add_ticket(sessions, req, &token, &ticket, err);
		if (rc != ERR_OK)
			return rc;
		ticket_words = session_token_write(&token, req->arena);
	}
	*out_url = session_address(
	    req, to_secure, ticket_path(req, ticket_words, own));
	if (out_url->ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return ERR_OK;
}

/* A ticket that opens nothing; the log says why. */
static enum err_code
refuse(const char *reason, enum session_redeemed *out)
{
	log_event(LOG_INFO, "switch.refused", LOG_C("reason", reason));
	*out = SESSION_TICKET_VOID;
	return ERR_OK;
}

static bool
is_binder_here(struct sessions *sessions, const struct request *req,
    const struct store_ticket *ticket)
{
	struct str binder = session_cookie_get(req, SESSION_COOKIE_BINDER);

	return ticket->binder_hash.len == 0 ||
	       secret_bytes_eq(ticket->binder_hash,
	           session_key_hash(sessions, req->arena, binder));
}

/* Takes the ticket; from here on it is used up, whatever follows. */
static enum err_code
take(struct sessions *sessions, struct request *req,
    const struct session_token *token, struct store_ticket *ticket,
    enum session_redeemed *out, struct err *err)
{
	enum err_code rc = store_ticket_take(sessions->store,
	    session_token_selector(token), req->arena, ticket, err);

	if (rc == ERR_NOT_FOUND)
		return refuse("unknown or used", out);
	if (rc != ERR_OK)
		return rc;
	struct str hash =
	    session_key_hash(sessions, req->arena, session_token_secret(token));
	if (!secret_bytes_eq(ticket->secret_hash, hash) ||
	    ticket->session.len == 0)
		return refuse("wrong secret", out);
	if (ticket->ends_s <= clock_now_s())
		return refuse("expired", out);
	if (!is_binder_here(sessions, req, ticket))
		return refuse("without its binder cookie", out);
	*out = str_eq(ticket->door, session_own_door(req->is_secure))
	           ? SESSION_REDEEMED
	           : SESSION_TICKET_ASTRAY;
	return ERR_OK;
}

/* The old session, which must still live: it may have logged off. */
static enum err_code
find_old(struct sessions *sessions, struct request *req,
    const struct store_ticket *ticket, struct store_session *old,
    enum session_redeemed *out, struct err *err)
{
	int64_t now_s = clock_now_s();
	enum err_code rc = store_session_find(
	    sessions->store, ticket->session, req->arena, old, err);

	if (rc == ERR_NOT_FOUND)
		return refuse("its session logged off", out);
	if (rc == ERR_OK && (old->moved_to.len > 0 || old->sealed.len == 0 ||
	                        old->ends_s <= now_s ||
	                        session_live_is_idle(req->cfg, old, now_s) ||
	                        !str_eq(old->site, req->site->host)))
		return refuse("its session ended", out);
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
	    .family = old->family,
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

/* A ticket that was taken at its door: the session goes on here. */
static enum err_code
redeem(struct sessions *sessions, struct request *req, struct response *res,
    const struct store_ticket *ticket, struct str secret,
    enum session_redeemed *out, struct err *err)
{
	CLEANUP(secret_end) struct secret password = {.ptr = NULL};
	struct session_key_use use = use_of(ticket, secret);
	struct store_session old;
	enum err_code rc = find_old(sessions, req, ticket, &old, out, err);

	if (rc != ERR_OK || *out != SESSION_REDEEMED)
		return rc;
	rc = session_key_unseal(sessions, &use, ticket->sealed, &password, err);
	if (rc == ERR_FORBIDDEN)
		return refuse("sealed by another server key", out);
	if (rc != ERR_OK)
		return rc;
	return go_on(sessions, req, res, &old, secret_str(&password), err);
}

/* Without a session a ticket only says which door it is for. */
static bool
is_bare(
    const struct request *req, struct str ticket, enum session_redeemed *out)
{
	bool is_here = str_eq(ticket, session_own_door(req->is_secure));

	if (!is_here && !str_eq(ticket, session_own_door(!req->is_secure)))
		return false;
	*out = is_here ? SESSION_TICKET_BARE : SESSION_TICKET_ASTRAY;
	return true;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_redeem(struct sessions *sessions, struct request *req,
    struct response *res, struct str ticket, enum session_redeemed *out,
    struct str *out_path, struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct store_ticket row;

	*out_path = STR("/");
	*out = SESSION_REDEEMED;
	if (is_bare(req, ticket, out))
		return ERR_OK;
	if (!session_token_parse(ticket, &token))
		return refuse("not a ticket", out);
	enum err_code rc = take(sessions, req, &token, &row, out, err);
	if (rc == ERR_OK && *out == SESSION_REDEEMED)
		rc = redeem(sessions, req, res, &row,
		    session_token_secret(&token), out, err);
	if (rc != ERR_OK || *out == SESSION_TICKET_VOID)
		return rc;
	session_cookie_expire(req, res, SESSION_COOKIE_BINDER, false);
	*out_path = session_own_path(row.path);
	return ERR_OK;
}
