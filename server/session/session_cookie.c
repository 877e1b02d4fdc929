#include "session/session_cookie.h"

#include "base/buf.h"
#include "base/limits.h"

static const struct {
	const char *plain;
	const char *secure;
} names[SESSION_COOKIE_COUNT] = {
    [SESSION_COOKIE_SESSION] = {"iwm", "__Host-iwm"},
    [SESSION_COOKIE_REMEMBER] = {"iwmr", "__Host-iwmr"},
    [SESSION_COOKIE_LOGIN] = {"iwm_pre", "__Host-iwmp"},
    [SESSION_COOKIE_KNOWN] = {"iwm_dev", "__Host-iwmd"},
    [SESSION_COOKIE_NAME] = {"iwm_name", "iwm_name"},
    [SESSION_COOKIE_BINDER] = {"iwm_bind", "iwm_bind"},
    [SESSION_COOKIE_TYPED] = {"iwm_typed", "iwm_typed"},
    [SESSION_COOKIE_LANGUAGE] = {"iwm_lang", "iwm_lang"},
    [SESSION_COOKIE_TYPED_HERE] = {"iwm_typed", "__Host-iwmt"},
};

const char *
session_cookie_name(enum session_cookie cookie, bool secure)
{
	return secure ? names[cookie].secure : names[cookie].plain;
}

struct str
session_cookie_get(const struct request *req, enum session_cookie cookie)
{
	return request_cookie(req, session_cookie_name(cookie, req->is_secure));
}

static void
add_header(const struct request *req, struct response *res, const char *name,
    struct str value, int64_t age_s)
{
	struct buf line;
	struct str text;
	struct err err = ERR_NONE;

	buf_init_arena(&line, req->arena, LIMIT_HEADER_BYTES);
	buf_addf(&line, "%s=", name);
	buf_add(&line, value);
	buf_add_c(&line, "; Path=/; HttpOnly; SameSite=Lax");
	/* The prefix demands it; of one name for both doors it must not be. */
	if (str_starts(str_c(name), STR("__Host-")))
		buf_add_c(&line, "; Secure");
	if (age_s != SESSION_COOKIE_AGE_WINDOW)
		buf_addf(&line, "; Max-Age=%lld", (long long)age_s);
	/* Without memory the answer fails as a whole. */
	if (buf_end(&line, &text, &err) == ERR_OK)
		response_header(res, "Set-Cookie", text);
}

void
session_cookie_set(const struct request *req, struct response *res,
    enum session_cookie cookie, struct str value, int64_t age_s)
{
	add_header(req, res, session_cookie_name(cookie, req->is_secure), value,
	    age_s);
}

void
session_cookie_expire(const struct request *req, struct response *res,
    enum session_cookie cookie, bool secure)
{
	add_header(req, res, session_cookie_name(cookie, secure), STR(""), 0);
}
