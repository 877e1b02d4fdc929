#ifndef NET_TLS_INSIDE_H
#define NET_TLS_INSIDE_H
/* What the files of the browser door's TLS share. Inside net. */
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "net/net_tls.h"
#include "net/net_tls_staple.h"
#include "net/net_tls_ticket.h"
#include "net/net_tls_trusted.h"

enum {
	NET_TLS_IDENTITIES = 2
};

/* One site as it is served. */
struct net_tls_place {
	struct net_tls *tls; /* whose it is */
	struct str host;     /* NUL-terminated too; empty: every other */
	SSL_CTX *context;    /* owned */
	enum net_tls_verify verify;
	struct net_tls_trusted *trusted; /* owned; NULL with VERIFY_NONE */
	struct net_tls_tickets *tickets; /* in the arena */
	size_t identity_count;
	struct net_tls_facts facts[NET_TLS_IDENTITIES];
	struct net_tls_staple staples[NET_TLS_IDENTITIES];
};

struct net_tls {
	atomic_uint refs;
	struct arena *arena; /* owned; all texts */
	bool has_tickets;
	struct net_tls_trusted *proxies; /* owned; NULL: need no certificate */
	struct net_tls_place *places;    /* in the arena */
	size_t place_count;
};

/* The place of a name, with or without a dot at its end; never NULL. */
const struct net_tls_place *net_tls_place_of(
    const struct net_tls *tls, struct str host);

/* What one handshake is about; in the pump, for as long as its SSL. */
struct net_tls_shake {
	struct net_tls *tls;               /* our reference */
	const struct net_tls_place *place; /* chosen by the ClientHello */
	bool is_from_proxy; /* TCP's other end is one of the proxies */
	bool is_proxy;      /* and showed that it is */
	enum net_tls_verdict verdict;
	int reason; /* X509_V_OK, or why not */
};

/*
 * An SSL in accept state, which borrows `shake`. Takes a reference to tls,
 * given back by net_tls_shake_end(). NULL without memory.
 */
SSL *net_tls_shake_begin(
    struct net_tls_shake *shake, struct net_tls *tls, bool is_from_proxy);
void net_tls_shake_end(struct net_tls_shake *shake, SSL *ssl);
/* Sets the callbacks of a place's context. */
void net_tls_shake_prepare(struct net_tls_place *place);

/*
 * Fills the record after the handshake. *out_texts is one block with what is
 * this connection's own, freed by the caller; NULL when there is nothing.
 * False without memory.
 */
bool net_tls_peer_fill(const struct net_tls_shake *shake, SSL *ssl,
    struct net_tls_peer *out, char **out_texts);

/* Builds one place of a tls; ERR_CONFIG in words. */
enum err_code net_tls_site_build(struct net_tls_place *place,
    const struct net_tls_server_settings *settings,
    const struct net_tls_site *site, struct err *err) WARN_UNUSED;
void net_tls_site_end(struct net_tls_place *place);

#endif
