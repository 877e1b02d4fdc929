#ifndef SSL_UTIL_BUILD_H
#define SSL_UTIL_BUILD_H
/* The parts certificates and requests are made of (RFC 5280). */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "options.h"

enum build_purpose {
	BUILD_SERVER,
	BUILD_CLIENT,
	BUILD_AUTHORITY
};

/* CN (left out when longer than one may be) and O of the options. */
enum err_code build_subject(X509_NAME *name, const struct options *options,
    struct err *err) WARN_UNUSED;
/*
 * Basic constraints, key usage, extended key usage, and `names` when there
 * are any (NULL: none). The caller frees the list with own_extensions_free,
 * also after a failure.
 */
enum err_code build_extensions(enum build_purpose purpose, const EVP_PKEY *key,
    GENERAL_NAMES *names, bool names_are_critical,
    STACK_OF(X509_EXTENSION) * *out, struct err *err) WARN_UNUSED;
/* Version, a random serial number, dates from now, key and extensions. */
enum err_code build_cert(X509 *cert, EVP_PKEY *key, uint32_t days,
    const STACK_OF(X509_EXTENSION) * list, struct err *err) WARN_UNUSED;
/* The issuer's name and the identifiers of both keys; `issuer` may be `cert`.
 */
enum err_code build_issuer(
    X509 *cert, X509 *issuer, struct err *err) WARN_UNUSED;

#endif
