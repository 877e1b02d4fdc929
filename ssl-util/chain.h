#ifndef SSL_UTIL_CHAIN_H
#define SSL_UTIL_CHAIN_H
/* A certificate and those that lead from it to a root. */
#include <openssl/x509.h>

#include "base/err.h"

#define CHAIN_NAME_BYTES 300

/*
 * Which one fits the key, -1 when none does. Of several the one that an
 * authority signed, then the one that is valid longest.
 */
int chain_leaf_of(const STACK_OF(X509) * certs, EVP_PKEY *key);
/* Which one is no issuer of another, the first of them; 0 when all are. */
int chain_leaf(const STACK_OF(X509) * certs);
/*
 * The leaf, its issuer and so on, as far as `certs` goes; without the root,
 * which clients have. The caller frees it with own_certs_free. ERR_INTERNAL.
 */
enum err_code chain_order(const STACK_OF(X509) * certs, int leaf,
    STACK_OF(X509) * *out, struct err *err) WARN_UNUSED;
/* Signs itself: X509_self_signed with the signature checked. */
bool chain_is_self_signed(X509 *cert);
/* A name for a line of text: printable, cut when long. */
void chain_name(const X509_NAME *name, char out[CHAIN_NAME_BYTES]);

enum chain_state {
	CHAIN_WHOLE,
	CHAIN_SELF_SIGNED,  /* and not among the trusted */
	CHAIN_INCOMPLETE,   /* the issuer of `last` is missing or not trusted */
	CHAIN_UNKNOWN_ROOT, /* the root is there but not trusted */
	CHAIN_BROKEN        /* why says what is wrong with it */
};
struct chain_verdict {
	enum chain_state state;
	char last[CHAIN_NAME_BYTES];
	char issuer[CHAIN_NAME_BYTES]; /* of `last` */
	char url[CHAIN_NAME_BYTES]; /* http:// where it may be had; or empty */
	const char *why;
};
/*
 * Goes from the first of `certs` by way of `all` to a root of the system or of
 * the PEM file `root_path` (NULL: none). Dates are not looked at. ERR_INPUT
 * when that file cannot be read.
 */
enum err_code chain_verify(const STACK_OF(X509) * certs,
    const STACK_OF(X509) * all, const char *root_path,
    struct chain_verdict *out, struct err *err) WARN_UNUSED;

#endif
