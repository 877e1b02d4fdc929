#ifndef NET_POLICY_H
#define NET_POLICY_H
/* What both doors' contexts have in common, and OpenSSL's words. Inside net. */
#include <openssl/ssl.h>

#include "base/err.h"
#include "net/net_tls.h"

/* A context with our policy; ERR_CONFIG in words, ERR_INTERNAL. */
enum err_code net_policy_context(const SSL_METHOD *method,
    const struct net_tls_policy *policy, SSL_CTX **out,
    struct err *err) WARN_UNUSED;
/*
 * The last thing OpenSSL complained of in this thread, for logs; empties its
 * list. Never empty.
 */
void net_policy_reason(char *buf, size_t len);

/* The insides of the contexts, borrowed; for this room only. */
SSL_CTX *net_tls_client_context(const struct net_tls_client *tls);
const BIO_METHOD *net_tls_client_bio(const struct net_tls_client *tls);

#endif
