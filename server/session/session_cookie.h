#ifndef SESSION_SESSION_COOKIE_H
#define SESSION_SESSION_COOKIE_H
/*
 * Our cookies. Cookies ignore ports, so those that are worth something have
 * two names: behind the secure door "__Host-…" with Secure, which a page in
 * clear can neither read nor set (RFC 6265bis, 4.1.3.2).
 */
#include "session/session_own.h"

enum session_cookie {
	SESSION_COOKIE_SESSION,    /* __Host-iwm, iwm */
	SESSION_COOKIE_REMEMBER,   /* __Host-iwmr, iwmr */
	SESSION_COOKIE_LOGIN,      /* __Host-iwmp, iwm_pre: the login page's */
	SESSION_COOKIE_KNOWN,      /* __Host-iwmd, iwm_dev: logged in before */
	SESSION_COOKIE_NAME,       /* iwm_name behind both doors */
	SESSION_COOKIE_BINDER,     /* iwm_bind behind both doors */
	SESSION_COOKIE_TYPED,      /* iwm_typed likewise: the login page's */
	SESSION_COOKIE_TYPED_HERE, /* __Host-iwmt: it came to the secure door */
	SESSION_COOKIE_LANGUAGE,   /* iwm_lang behind both doors: "de" */
	SESSION_COOKIE_COUNT
};
#define SESSION_COOKIE_AGE_WINDOW ((int64_t)-1) /* until the browser closes */

const char *session_cookie_name(enum session_cookie cookie, bool secure);
/* Value of this door's cookie, or ptr NULL. */
struct str session_cookie_get(
    const struct request *req, enum session_cookie cookie);
/* HttpOnly, SameSite=Lax, Path=/. */
void session_cookie_set(const struct request *req, struct response *res,
    enum session_cookie cookie, struct str value, int64_t age_s);
/* Expires it by name, of the secure door or the plain one. */
void session_cookie_expire(const struct request *req, struct response *res,
    enum session_cookie cookie, bool secure);

#endif
