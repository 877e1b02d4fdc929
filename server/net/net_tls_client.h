#ifndef NET_TLS_CLIENT_H
#define NET_TLS_CLIENT_H
/* The inside of the mail door's context. Inside net. */
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "net/net_tls.h"
#include "net/net_x509.h"

enum {
	NET_TLS_DIGEST_BYTES = 65 /* hex of SHA-256 with its end */
};

struct net_tls_client {
	atomic_uint refs;
	SSL_CTX *context;   /* owned */
	BIO_METHOD *method; /* owned; clients hold a reference to us */
	enum net_tls_check check;
	char *name;     /* owned; the name to check for; NULL: the host's */
	char *crl_name; /* owned; path of the revocation lists; NULL: none */
	bool has_pin;
	unsigned char pin[NET_X509_PIN_BYTES];
	char digest[NET_TLS_DIGEST_BYTES];
};

/* The store's authorities; ERR_CONFIG names the file. */
enum err_code net_tls_client_trust(SSL_CTX *context, struct str pem,
    const char *name, struct err *err) WARN_UNUSED;
/* The store's revocation lists, looked at for the leaf. */
enum err_code net_tls_client_revoked(SSL_CTX *context,
    const struct net_tls_trust *trust, struct err *err) WARN_UNUSED;
/* Our certificate, for servers that ask. */
enum err_code net_tls_client_identity(SSL_CTX *context,
    const struct net_tls_identity *identity, struct err *err) WARN_UNUSED;

#endif
