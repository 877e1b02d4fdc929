/*
 * Tokens in forms. What a form carries is masked with fresh random bytes in
 * each answer, so that compression gives nothing away (BREACH).
 *
 * Logged in, the token is derived from what the login's sessions have in
 * common, and from the door: entering secure mode and leaving it again makes
 * another session, and a window that was open before must go on working. For
 * a remembered device it is the device's token that stays: it gets new
 * sessions without noticing. A token that was seen in clear is of no use
 * behind the secure door.
 *
 * On the login page it is a random value signed with the server key, which is
 * the login cookie, too. Nothing of it is stored, so it survives a restart.
 */
#include "session/session_cookie.h"
#include "session/session_key.h"

#include "base/buf.h"
#include "base/codec.h"

#define TOKEN_BYTES  32
#define RANDOM_BYTES 16
/* Each login page makes the cookie last this long again, value unchanged. */
#define LOGIN_COOKIE_S ((int64_t)30 * 86400)

static const char LOGIN_PATH[] = "/login";
static const char SWITCH_PATH[] = "/secure";

/* 16 random bytes and half of the HMAC-like derived key over them. */
static enum err_code
login_sign(const struct sessions *sessions, unsigned char value[TOKEN_BYTES],
    struct err *err)
{
	unsigned char tag[SESSION_HASH_BYTES];
	struct str random = str_of((const char *)value, RANDOM_BYTES);
	enum err_code rc = session_key_derive(
	    sessions, STR(""), "login form", random, tag, err);

	memcpy(value + RANDOM_BYTES, tag, TOKEN_BYTES - RANDOM_BYTES);
	secret_wipe(tag, sizeof(tag));
	return rc;
}

static bool
login_is_signed(
    const struct sessions *sessions, const unsigned char value[TOKEN_BYTES])
{
	unsigned char again[TOKEN_BYTES];

	memcpy(again, value, RANDOM_BYTES);
	return login_sign(sessions, again, NULL) == ERR_OK &&
	       secret_bytes_eq(str_of((const char *)again, TOKEN_BYTES),
	           str_of((const char *)value, TOKEN_BYTES));
}

static bool
decode(struct str letters, unsigned char *out, size_t len)
{
	CLEANUP(buf_free) struct buf bytes;

	buf_init(&bytes, 4 * len);
	if (letters.len > 2 * len ||
	    codec_base64url_decode(&bytes, letters, NULL) != ERR_OK ||
	    buf_str(&bytes).len != len)
		return false;
	memcpy(out, buf_str(&bytes).ptr, len);
	return true;
}

static struct str
encode(struct arena *arena, const unsigned char *bytes, size_t len)
{
	struct buf out;

	buf_init_arena(&out, arena, 4 * len);
	codec_base64url_encode(&out, str_of((const char *)bytes, len));
	return buf_str(&out);
}

static bool
login_cookie(const struct sessions *sessions, const struct request *req,
    unsigned char out[TOKEN_BYTES])
{
	return decode(session_cookie_get(req, SESSION_COOKIE_LOGIN), out,
	           TOKEN_BYTES) &&
	       login_is_signed(sessions, out);
}

/* The cookie's value; a new one only when there is none that is valid. */
static enum err_code
login_value(const struct sessions *sessions, struct request *req,
    struct response *res, unsigned char out[TOKEN_BYTES], struct err *err)
{
	if (!login_cookie(sessions, req, out)) {
		secret_fill_random(out, RANDOM_BYTES);
		enum err_code rc = login_sign(sessions, out, err);
		if (rc != ERR_OK)
			return rc;
	}
	session_cookie_set(req, res, SESSION_COOKIE_LOGIN,
	    encode(req->arena, out, TOKEN_BYTES), LOGIN_COOKIE_S);
	return ERR_OK;
}

static enum err_code
session_value(const struct sessions *sessions, const struct request *req,
    unsigned char out[TOKEN_BYTES], struct err *err)
{
	const struct session *session = req->session;
	bool is_device = session->remember.len > 0;
	struct str parts[] = {is_device ? session->remember : session->family,
	    session_own_door(req->is_secure)};

	/* One from before there were families. */
	if (parts[0].len == 0)
		return session_key_derive(sessions,
		    secret_str(&session->cookie_secret), "form of a session",
		    session->selector, out, err);
	struct str context = str_join(req->arena, parts, 2);
	if (context.ptr == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return session_key_derive(sessions, STR(""),
	    is_device ? "form of a device" : "form of a login", context, out,
	    err);
}

enum err_code
session_csrf_token(struct sessions *sessions, struct request *req,
    struct response *res, struct str *out, struct err *err)
{
	unsigned char value[TOKEN_BYTES];
	unsigned char masked[2 * TOKEN_BYTES];
	enum err_code rc = req->session != NULL
	                       ? session_value(sessions, req, value, err)
	                       : login_value(sessions, req, res, value, err);

	*out = STR("");
	if (rc != ERR_OK)
		return rc;
	secret_fill_random(masked, TOKEN_BYTES);
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		masked[TOKEN_BYTES + i] = (unsigned char)(masked[i] ^ value[i]);
	*out = encode(req->arena, masked, sizeof(masked));
	secret_wipe(value, sizeof(value));
	if (out->len == 0)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	req->csrf_token = *out;
	return ERR_OK;
}

static bool
unmask(struct str letters, unsigned char out[TOKEN_BYTES])
{
	unsigned char masked[2 * TOKEN_BYTES];

	if (!decode(letters, masked, sizeof(masked)))
		return false;
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		out[i] = (unsigned char)(masked[i] ^ masked[TOKEN_BYTES + i]);
	return true;
}

static bool
is_equal(const unsigned char *a, const unsigned char *b)
{
	return secret_bytes_eq(str_of((const char *)a, TOKEN_BYTES),
	    str_of((const char *)b, TOKEN_BYTES));
}

bool
session_csrf_is_same(struct str a, struct str b)
{
	unsigned char values[2][TOKEN_BYTES];

	return unmask(a, values[0]) && unmask(b, values[1]) &&
	       is_equal(values[0], values[1]);
}

/*
 * The form and the cookie may be of two tabs that were opened at the same
 * time, each with a cookie of its own, of which the last stayed. A browser
 * that tells us it is our own page which sends the form is believed then;
 * not a page in clear, which anybody on the way may have written.
 */
static enum err_code
check_login(const struct sessions *sessions, const struct request *req,
    const unsigned char value[TOKEN_BYTES], struct err *err)
{
	unsigned char cookie[TOKEN_BYTES];

	if (!login_cookie(sessions, req, cookie))
		return err_set(err, ERR_FORBIDDEN,
		    "Your browser did not send our cookie back. Please allow "
		    "cookies for this address, open the login page again and "
		    "log in.",
		    "csrf: no login cookie");
	if (is_equal(value, cookie))
		return ERR_OK;
	if (request_header(req, "Origin").ptr != NULL &&
	    !session_own_is_other_door(req) && login_is_signed(sessions, value))
		return ERR_OK;
	return err_set(err, ERR_FORBIDDEN,
	    "This login page is from another time or another browser. Please "
	    "open it again and log in.",
	    "csrf: the form's token does not fit the cookie");
}

static enum err_code
check_origin(const struct request *req, struct err *err)
{
	const char *problem = session_origin_problem(req);

	if (problem == NULL)
		return ERR_OK;
	return err_set(err, ERR_FORBIDDEN, problem,
	    "csrf: foreign Origin or Sec-Fetch-Site");
}

/*
 * The login page in clear sends its form straight to the secure door, where
 * it is shown again: what was typed does not travel in clear. Cookies do not
 * come along (to browsers http and https are two sites), and nothing is
 * changed for anybody: that our own page sent it is enough.
 */
static bool
is_from_clear_login(struct request *req)
{
	return req->is_secure && req->session == NULL &&
	       str_eq(req->path, str_c(SWITCH_PATH)) &&
	       str_eq(request_field(req, "do"), STR("enter")) &&
	       session_own_is_other_door(req);
}

enum err_code
session_csrf_check(
    struct sessions *sessions, struct request *req, struct err *err)
{
	unsigned char value[TOKEN_BYTES];
	unsigned char ours[TOKEN_BYTES];
	const struct form *form = NULL;
	enum err_code rc = check_origin(req, err);

	/* A form that cannot be read is not one without a token. */
	if (rc == ERR_OK)
		rc = request_form(req, &form, err);
	if (rc != ERR_OK)
		return rc;
	if (is_from_clear_login(req))
		return ERR_OK;
	if (!unmask(request_field(req, "csrf"), value))
		return err_set(err, ERR_FORBIDDEN,
		    "This form came without its safety token, so it was not "
		    "done. Please go back, load the page again and repeat.",
		    "csrf: no token in the form");
	if (req->session != NULL) {
		rc = session_value(sessions, req, ours, err);
		if (rc != ERR_OK || is_equal(value, ours))
			return rc;
		/* A login page that was open before another tab logged in. */
		if (!str_eq(req->path, str_c(LOGIN_PATH)) &&
		    !str_eq(req->path, str_c(SWITCH_PATH)))
			return err_set(err, ERR_FORBIDDEN,
			    "This page is from before your last login, so it "
			    "was not done. Please load it again and repeat.",
			    "csrf: token of another session");
	}
	return check_login(sessions, req, value, err);
}
