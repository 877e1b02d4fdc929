#ifndef NET_TLS_TRUSTED_H
#define NET_TLS_TRUSTED_H
/* A trust text with its revocation lists, read. Inside net. */
#include <openssl/x509.h>

#include "net/net_tls.h"

/*
 * Two stores, because X509_V_FLAG_PARTIAL_CHAIN makes an end of every
 * certificate: a subordinate authority beside its root would be believed
 * although the root's list revokes it.
 * Nothing changes after net_tls_trusted_new.
 */
struct net_tls_trusted {
	X509_STORE *whole; /* all authorities; chains end at a root */
	X509_STORE *tops;  /* authorities whose issuer is not in the text;
	                      chains end there; NULL: none */
	STACK_OF(X509) * authorities;
	STACK_OF(X509) * selves;     /* count for themselves only */
	STACK_OF(X509_NAME) * names; /* for a CertificateRequest
	                                (RFC 8446, 4.2.4) */
	STACK_OF(X509_CRL) * crls;   /* NULL: revocation is not looked at */
	bool accepts_stale_crl;
};

/*
 * Reads a trust text. A certificate with CA:TRUE is an authority; any other
 * counts for itself only and issues nothing. ERR_CONFIG in words: none in it,
 * a private key in it, damaged, a revocation list of somebody else.
 */
enum err_code net_tls_trusted_new(const struct net_tls_trust *trust,
    struct net_tls_trusted **out, struct err *err) WARN_UNUSED;
void net_tls_trusted_free(struct net_tls_trusted *trusted); /* NULL accepted */

#endif
