#include "session/session_cookie.h"
#include "session/session_key.h"
#include "session/session_token.h"

#include "os/clock.h"

/* Uses are noted once a minute: a session may be used later than noted. */
#define TOUCH_EVERY_S 60
/* Of what a browser calls itself. */
#define AGENT_BYTES 200

static const char PURPOSE[] = "session password";

static struct session_key_use
use_of(const struct store_session *row, struct str secret)
{
	return (struct session_key_use){.purpose = PURPOSE,
	    .secret = secret,
	    .bound = {row->selector, row->account, row->door}};
}

bool
session_live_is_idle(
    const struct config *cfg, const struct store_session *row, int64_t now_s)
{
	int64_t idle_ms = row->expire_views ? cfg->session_expire_idle_ms
	                                    : cfg->session_idle_ms;

	return now_s - row->used_s > idle_ms / 1000 + TOUCH_EVERY_S;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_live_find(struct sessions *sessions, struct request *req,
    struct str selector, struct str secret, struct store_session *out,
    enum session_found *out_found, struct err *err)
{
	int64_t now_s = clock_now_s();
	enum err_code rc =
	    store_session_find(sessions->store, selector, req->arena, out, err);

	*out_found = SESSION_NONE;
	if (rc == ERR_NOT_FOUND) {
		/* Logged off from another device, or forgotten since. */
		*out_found = SESSION_ENDED;
		return ERR_OK;
	}
	if (rc != ERR_OK)
		return rc;
	struct str hash = session_key_hash(sessions, req->arena, secret);
	if (!secret_bytes_eq(hash, out->secret_hash) ||
	    !str_eq(out->site, req->site->host))
		return ERR_OK;
	if (out->moved_to.len > 0)
		*out_found = SESSION_MOVED;
	else if (out->ends_s <= now_s || out->sealed.len == 0)
		*out_found = SESSION_ENDED;
	else if (session_live_is_idle(req->cfg, out, now_s)) {
		*out_found = SESSION_ENDED;
		/* Its password is wiped now; that it ended is remembered. */
		return store_session_move(
		    sessions->store, selector, STR(""), now_s, err);
	} else
		*out_found = SESSION_ACTIVE;
	return ERR_OK;
}

enum err_code
session_is_going_on(struct sessions *sessions, const struct config *cfg,
    struct str selector, enum session_found *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	int64_t now_s = clock_now_s();
	struct store_session row;
	enum err_code rc = ERR_NO_MEMORY;

	*out = SESSION_NONE;
	if (arena != NULL)
		rc = store_session_find(
		    sessions->store, selector, arena, &row, err);
	if (rc != ERR_OK)
		return rc == ERR_NOT_FOUND ? ERR_OK : rc;
	if (row.moved_to.len > 0)
		*out = SESSION_MOVED;
	else if (row.ends_s <= now_s || row.sealed.len == 0 ||
	         session_live_is_idle(cfg, &row, now_s))
		*out = SESSION_ENDED;
	else
		*out = SESSION_ACTIVE;
	return ERR_OK;
}

enum err_code
session_live_open(struct sessions *sessions, struct request *req,
    const struct store_session *row, struct str secret, struct err *err)
{
	struct session_key_use use = use_of(row, secret);
	struct session *session = ARENA_NEW(req->arena, struct session);

	if (session == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	enum err_code rc = session_key_unseal(
	    sessions, &use, row->sealed, &session->password, err);
	if (rc == ERR_OK)
		rc = secret_init(&session->cookie_secret, secret, err);
	if (rc != ERR_OK) {
		secret_end(&session->password);
		return rc;
	}
	session->selector = row->selector;
	session->login = row->login;
	session->account = row->account;
	session->site = row->site;
	session->expire_views = row->expire_views;
	session->is_pinned = row->is_pinned;
	session->family = row->family;
	session->is_remembered = row->remember.len > 0;
	session->remember = row->remember;
	session->created_s = row->created_s;
	session->used_s = row->used_s;
	session->ends_s = row->ends_s;
	session_end_request(req);
	req->session = session;
	return ERR_OK;
}

void
session_end_request(struct request *req)
{
	if (req->session == NULL)
		return;
	secret_end(&req->session->password);
	secret_end(&req->session->cookie_secret);
	req->session = NULL;
}

struct str
session_live_account(const struct request *req, struct str login)
{
	const struct str parts[] = {login,
	    req->site->host.len > 0 ? STR("@") : STR(""), req->site->host};

	return str_lower(req->arena, str_join(req->arena, parts, 3));
}

struct str
session_own_agent(const struct request *req)
{
	struct text agent =
	    text_line(req->arena, request_header(req, "User-Agent"));

	return text_shorten(req->arena, agent, AGENT_BYTES).s;
}

static struct str
new_family(struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, SESSION_SELECTOR_BYTES);

	if (bytes == NULL)
		return STR("");
	secret_fill_random(bytes, SESSION_SELECTOR_BYTES);
	return str_of((const char *)bytes, SESSION_SELECTOR_BYTES);
}

static enum err_code
fill_row(struct sessions *sessions, struct request *req,
    const struct session_live_start *start, const struct session_token *token,
    struct store_session *out, struct err *err)
{
	int64_t now_s = clock_now_s();
	int64_t limit_s = req->cfg->session_absolute_ms / 1000;
	struct arena *arena = req->arena;

	*out = (struct store_session){
	    .selector = str_dup(arena, session_token_selector(token)),
	    .secret_hash =
	        session_key_hash(sessions, arena, session_token_secret(token)),
	    .account = session_live_account(req, start->login),
	    .login = str_dup(arena, start->login),
	    .site = req->site->host,
	    .door = session_own_door(req->is_secure),
	    .remember = start->remember,
	    .expire_views = start->expire_views,
	    .is_pinned = start->is_pinned,
	    .family = start->family.len > 0 ? start->family : new_family(arena),
	    .agent = session_own_agent(req),
	    .address = str_c(req->peer.address),
	    .created_s = start->created_s > 0 ? start->created_s : now_s,
	    .used_s = now_s,
	    .ends_s = start->ends_s > 0 ? start->ends_s : now_s + limit_s};
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	struct session_key_use use = use_of(out, session_token_secret(token));
	return session_key_seal(
	    sessions, &use, start->password, arena, &out->sealed, err);
}

enum err_code
session_live_start(struct sessions *sessions, struct request *req,
    struct response *res, const struct session_live_start *start,
    struct err *err)
{
	CLEANUP(session_token_wipe) struct session_token token;
	struct str before = STR("");
	struct store_session row;

	session_token_new(&token);
	if (req->session != NULL)
		before = req->session->selector;
	enum err_code rc = fill_row(sessions, req, start, &token, &row, err);
	if (rc == ERR_OK)
		rc = store_session_add(sessions->store, &row, err);
	if (rc == ERR_OK)
		rc = session_live_open(
		    sessions, req, &row, session_token_secret(&token), err);
	/* The cookie is about to be replaced: nobody could end that one. */
	if (rc == ERR_OK && before.len > 0)
		rc = store_session_delete(sessions->store, before, err);
	if (rc != ERR_OK)
		return rc;
	session_cookie_set(req, res, SESSION_COOKIE_SESSION,
	    session_token_write(&token, req->arena), SESSION_COOKIE_AGE_WINDOW);
	metric_add(sessions->started, 1);
	return ERR_OK;
}
