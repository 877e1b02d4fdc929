#ifndef NET_TLS_VERIFY_H
#define NET_TLS_VERIFY_H
/* Client certificates: what became of one. Inside net. */
#include <openssl/x509.h>

#include "net/net_tls_trusted.h"

/*
 * X509_V_OK when `leaf` may be believed as a TLS client's, else OpenSSL's
 * reason. `others` came with it and are not trusted; NULL accepted.
 * `security_level` is OpenSSL's. Any thread.
 */
int net_tls_verify_check(const struct net_tls_trusted *trusted, X509 *leaf,
    STACK_OF(X509) * others, int security_level);
enum net_tls_verdict net_tls_verify_verdict(int reason);

#endif
