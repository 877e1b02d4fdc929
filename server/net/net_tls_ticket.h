#ifndef NET_TLS_TICKET_H
#define NET_TLS_TICKET_H
/*
 * Keys of session tickets, one set for each site (RFC 5077, 4): AES-256 and
 * HMAC-SHA-256, random, never stored. A key seals for one life and opens for
 * one more. Inside net.
 */
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "base/secret.h"

enum {
	NET_TLS_TICKET_NAME_BYTES = 16,
	NET_TLS_TICKET_KEY_BYTES = 32
};

struct net_tls_ticket_key {
	unsigned char name[NET_TLS_TICKET_NAME_BYTES];
	unsigned char cipher[NET_TLS_TICKET_KEY_BYTES];
	unsigned char mac[NET_TLS_TICKET_KEY_BYTES];
};

struct net_tls_tickets {
	struct lock lock;   /* guards the rest */
	struct secret keys; /* two net_tls_ticket_key: new, before */
	bool has_before;
	int64_t made_ms; /* the new one; 0: none yet */
	int64_t life_ms;
	EVP_CIPHER *cipher; /* owned; fetched once, not for each ticket */
	int64_t (*now_ms)(void);
};

enum err_code net_tls_tickets_init(struct net_tls_tickets *tickets,
    int64_t life_ms, struct err *err) WARN_UNUSED;
void net_tls_tickets_end(struct net_tls_tickets *tickets); /* NULL accepted */
/*
 * OpenSSL's question (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)): key for a new
 * ticket, or the one that opens an old; 0: unknown, 2: opens, and is renewed.
 */
int net_tls_tickets_answer(struct net_tls_tickets *tickets, unsigned char *name,
    unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
    bool is_sealing);

#endif
