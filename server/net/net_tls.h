#ifndef NET_TLS_H
#define NET_TLS_H
/*
 * OpenSSL contexts: one policy for every door. Contexts are immutable after
 * they are made, counted, and swapped whole on reload.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

/* Version limits for both doors. */
enum net_tls_version {
	NET_TLS_1_2,
	NET_TLS_1_3
};

/* PEM texts, not paths: main opens the files (possibly through the parent). */
struct net_tls_server_settings {
	struct str certificate_pem; /* leaf first, then the chain */
	const struct secret *key_pem;
	const struct secret *key_password; /* NULL: none */
	enum net_tls_version min_version;
	const char *certificate_name; /* path, for messages */
	const char *key_name;
};

struct net_tls; /* a server context; counted */

/*
 * Builds a server context: TLS 1.2/1.3, AEAD with forward secrecy only,
 * server's cipher order, no compression, no renegotiation, ALPN http/1.1.
 * ERR_CONFIG says exactly why (no PEM, wrong password, key does not fit,
 * chain out of order, expired is a warning not an error).
 */
enum err_code net_tls_new(const struct net_tls_server_settings *settings,
    struct net_tls **out, struct err *err) WARN_UNUSED;
struct net_tls *net_tls_ref(struct net_tls *tls);
void net_tls_unref(struct net_tls *tls); /* NULL accepted */

/* What people are told of the certificate. Strings live as long as tls. */
struct net_tls_facts {
	const char *fingerprint_sha256; /* "AB:CD:…" of the leaf */
	const char *subject;
	const char *issuer;
	int64_t not_before_s;
	int64_t not_after_s;
	bool is_self_signed;
};
const struct net_tls_facts *net_tls_facts(const struct net_tls *tls);

/* A client context for the mail door: verifies chain and name. */
struct net_tls_client;
struct net_tls_client_settings {
	struct str ca_pem;   /* empty: the system's trust store */
	const char *ca_name; /* path, for messages */
	enum net_tls_version min_version;
};
enum err_code net_tls_client_new(const struct net_tls_client_settings *settings,
    struct net_tls_client **out, struct err *err) WARN_UNUSED;
struct net_tls_client *net_tls_client_ref(struct net_tls_client *tls);
void net_tls_client_unref(struct net_tls_client *tls); /* NULL accepted */

#endif
