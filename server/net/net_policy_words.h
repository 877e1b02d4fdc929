#ifndef NET_POLICY_WORDS_H
#define NET_POLICY_WORDS_H
/*
 * Lists of ciphers and groups as admins of Apache and nginx write them: what
 * OpenSSL makes of them, and what it must not. Inside net.
 */
#include <openssl/ssl.h>

#include "net/net_tls.h"

/*
 * Sets a TLS 1.2 list (ciphers(1)). ERR_CONFIG with the name of what is not
 * allowed, what this OpenSSL does not know, or that nothing is left. Ciphers
 * with PSK and SRP that come along with a class as HIGH are left out: there
 * is no such secret here.
 */
enum err_code net_policy_set_ciphers(
    SSL_CTX *context, const char *list, struct err *err) WARN_UNUSED;
/* The same for TLS 1.3. */
enum err_code net_policy_set_suites(
    SSL_CTX *context, const char *list, struct err *err) WARN_UNUSED;
/* And for the groups of key exchange. In FIPS mode X25519 and X448 are left
 * out. */
enum err_code net_policy_set_groups(
    SSL_CTX *context, const char *list, struct err *err) WARN_UNUSED;

#endif
