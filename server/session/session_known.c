/*
 * A browser that logged in before: an attacker who tries passwords must not
 * slow down the person who has the right one.
 */
#include "session/session_cookie.h"
#include "session/session_key.h"

#include "base/buf.h"
#include "base/codec.h"

#define KNOWN_COOKIE_S ((int64_t)180 * 86400)

/* Letters for one login of one host, which nobody can make without the key. */
static struct str
letters_of(const struct sessions *sessions, const struct request *req,
    struct str login)
{
	unsigned char bytes[SESSION_HASH_BYTES];
	struct str account = session_live_account(req, login);
	struct str hash = session_key_hash(sessions, req->arena, account);
	struct buf out;

	buf_init_arena(&out, req->arena, 4 * SESSION_HASH_BYTES);
	if (hash.ptr != NULL &&
	    session_key_derive(
	        sessions, STR(""), "known device", hash, bytes, NULL) == ERR_OK)
		codec_base64url_encode(
		    &out, str_of((const char *)bytes, sizeof(bytes)));
	return buf_str(&out);
}

void
session_known_set(struct sessions *sessions, struct request *req,
    struct response *res, struct str login)
{
	struct str letters = letters_of(sessions, req, login);

	if (letters.len > 0)
		session_cookie_set(
		    req, res, SESSION_COOKIE_KNOWN, letters, KNOWN_COOKIE_S);
}

bool
session_known_is(const struct sessions *sessions, const struct request *req,
    struct str login)
{
	struct str letters = letters_of(sessions, req, login);

	return letters.len > 0 &&
	       secret_bytes_eq(
	           session_cookie_get(req, SESSION_COOKIE_KNOWN), letters);
}
