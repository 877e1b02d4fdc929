#ifndef NET_CLIENT_INSIDE_H
#define NET_CLIENT_INSIDE_H
/* The client's insides, shared by its two files. */
#include <openssl/ssl.h>

#include "net/net_bio.h"
#include "net/net_client.h"
#include "net/net_tls_client.h"

struct net_client {
	sock_t sock; /* owned */
	SSL *ssl;    /* owned; NULL: plain */
	struct net_bio bio;
	struct net_tls_client *tls; /* our reference: its method made the BIO */
	int64_t deadline_mono_ms;
	struct cancel *cancel; /* borrowed; may be NULL */
	struct err err;        /* the first one; stays */
	enum net_client_trouble trouble;
	struct net_client_facts facts; /* after the handshake */
	/* of the handshake: */
	unsigned server_version; /* as its ServerHello says; 0: none came */
	bool wants_identity;     /* it sent a CertificateRequest */
	char checked_name[256];  /* that its certificate must have */
	char subject[256], issuer[256];
	char alt_names[512];
	char fingerprint[NET_X509_FINGERPRINT_BYTES];
	char key_pin[2 * NET_X509_PIN_BYTES + 1];
};

/* For people: the connection is gone. */
extern const char net_client_lost[];

/* Remembers the first error; returns -1 for read and write to return. */
int net_client_fail(struct net_client *client, enum err_code code,
    const char *message, const char *detail);
/* ERR_TRUST in the words for client->trouble; `detail` for the admin. */
void net_client_distrust(struct net_client *client, const char *detail);
/*
 * What OpenSSL's last complaint in this thread means; ERR_AWAY in words.
 * False: nothing that is known here; nothing is noted then.
 */
bool net_client_blame(struct net_client *client);
/* Waits for the socket; -1 with the error noted. */
int net_client_wait_for(struct net_client *client, unsigned flags);
/* No error, no cancel, deadline not passed; else notes it. */
bool net_client_may_go_on(struct net_client *client);
/*
 * What SSL_* wants: 0 try again, -1 failed (*out_is_end: orderly end). Waits.
 */
int net_client_settle(struct net_client *client, int result, bool *out_is_end);

#endif
