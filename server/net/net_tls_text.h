#ifndef NET_TLS_TEXT_H
#define NET_TLS_TEXT_H
/*
 * What people are told of a certificate: UTF-8 without control characters,
 * whatever the certificate holds. Inside net.
 */
#include <openssl/x509.h>

#include "base/arena.h"
#include "base/str.h"

/* "CN=Anna,O=Demo" (RFC 4514), at most some 500 characters. Never NULL but
 * when the arena is used up; so are all below. */
const char *net_tls_text_name(struct arena *arena, const X509_NAME *name);
/* "AB:CD:…", SHA-256 of the whole certificate. */
const char *net_tls_text_fingerprint(struct arena *arena, const X509 *x509);
/* "RSA 2048", "EC P-256", "Ed25519". */
const char *net_tls_text_key(struct arena *arena, const EVP_PKEY *key);
/* The last, most specific, commonName; "" without, or with one that is not
 * plain text of a reasonable length: it may name an account. */
const char *net_tls_text_common_name(struct arena *arena, X509 *x509);
/* The first rfc822Name of the subject's alternative names, else emailAddress
 * of the subject; "" without. Only visible ASCII. */
const char *net_tls_text_email(struct arena *arena, X509 *x509);

#endif
