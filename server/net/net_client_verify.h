#ifndef NET_CLIENT_VERIFY_H
#define NET_CLIENT_VERIFY_H
/* Whether a mail server is whom we want, and in words why not. Inside net. */
#include <openssl/x509_vfy.h>

/*
 * OpenSSL's question about the certificate of a handshake
 * (SSL_CTX_set_cert_verify_callback): by pin, or chain and name, as the
 * context of the net_client wants. 0 with client->trouble and err filled.
 */
int net_client_verify(X509_STORE_CTX *context, void *ctx);

#endif
