#ifndef NET_TLS_READ_H
#define NET_TLS_READ_H
/* Certificates, keys and revocation lists as admins give them. Inside net. */
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "net/net_tls.h"

enum {
	NET_TLS_CHAIN_MOST = 16,
	NET_TLS_TRUST_MOST = 4096
};

/*
 * All certificates of a PEM text, in its order; what is none is passed over.
 * NULL when one of them is damaged (*out_good were not) or there are more than
 * `most`. Freed by net_tls_free_chain.
 */
STACK_OF(X509) *
    net_tls_read_certificates(struct str pem, int most, size_t *out_good);
void net_tls_free_chain(STACK_OF(X509) * chain); /* NULL accepted */
/* The same for certificate revocation lists. */
STACK_OF(X509_CRL) *
    net_tls_read_crls(struct str pem, int most, size_t *out_good);
void net_tls_free_crls(STACK_OF(X509_CRL) * crls); /* NULL accepted */

/*
 * A certificate with its chain, leaf first, and its key, which fit each
 * other. ERR_CONFIG says in words, with the files' names, what does not.
 * Owned by the caller, on ERR_OK only.
 */
enum err_code net_tls_read_identity(const struct net_tls_identity *settings,
    STACK_OF(X509) * *out_chain, EVP_PKEY **out_key,
    struct err *err) WARN_UNUSED;

/* Is `subject` signed by `issuer`, by name and by signature? */
bool net_tls_is_issued(X509 *issuer, X509 *subject);

#endif
