#ifndef SSL_UTIL_FETCH_H
#define SSL_UTIL_FETCH_H
/* Gets what a certificate names by an http:// address, when asked to. */
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"

#define FETCH_BYTES_MAX ((size_t)256 << 10)
/*
 * By plain HTTP, as RFC 5280, 4.2.2.1, wants it: what comes is signed, and the
 * caller verifies that. Follows a few redirects to other http:// addresses, no
 * proxies. *out is the body, in `answer`, whose maximum holds. ERR_AWAY with
 * what went wrong, ERR_INPUT for another scheme.
 */
enum err_code fetch_http(const char *url, struct buf *answer, struct str *out,
    struct err *err) WARN_UNUSED;

/*
 * Fetches issuer by issuer what is missing between certs[leaf] and a root of
 * the system or of `root_path` (NULL: none), and adds it to `certs`. Each one
 * must have signed the one before it. Says in `out` what came from where; a
 * whole chain fetches nothing. ERR_INPUT when no address is known or what came
 * is not the issuer.
 */
enum err_code fetch_chain(STACK_OF(X509) * certs, int leaf,
    const char *root_path, struct buf *out, struct err *err) WARN_UNUSED;

#endif
