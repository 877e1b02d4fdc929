#ifndef NET_TLS_STAPLE_H
#define NET_TLS_STAPLE_H
/*
 * OCSP stapling (RFC 6066, 8; RFC 6960): the authority's word that a
 * certificate is good, while it is fresh and only then. Inside net.
 */
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/net_tls.h"

struct net_tls_staple {
	X509 *leaf;         /* owned; NULL: nothing to staple */
	unsigned char *der; /* owned */
	size_t der_bytes;
	int64_t from_s, until_s;
};

/*
 * Takes settings->ocsp_der up when it says that chain's first certificate is
 * good. What is wrong with it is a warning, not an error: the site works
 * without, and the file is fetched anew every few days.
 */
void net_tls_staple_init(struct net_tls_staple *staple,
    const STACK_OF(X509) * chain, const struct net_tls_identity *settings);
void net_tls_staple_end(struct net_tls_staple *staple);
/* Hands it to a handshake that shows `leaf`. False: not its, or not fresh. */
bool net_tls_staple_give(
    const struct net_tls_staple *staple, SSL *ssl, const X509 *leaf);

#endif
