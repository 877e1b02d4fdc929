#ifndef NET_CLIENT_H
#define NET_CLIENT_H
/*
 * A connection to a mail server: name lookup, connect, TLS or STARTTLS with
 * verified chain and name, absolute deadline, cancel. Blocking for the
 * calling thread, non-blocking inside. One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/net_tls.h"
#include "os/cancel.h"
#include "os/socket.h"

struct net_client;

/* A way round: SOCKS5 (RFC 1928, 1929) or HTTP CONNECT (RFC 9110, 9.3.6). */
enum net_proxy_kind {
	NET_PROXY_NONE,
	NET_PROXY_SOCKS5, /* the proxy looks up the name */
	NET_PROXY_HTTP
};
struct net_proxy {
	enum net_proxy_kind kind;
	struct str host;
	uint16_t port;
	struct str name, password; /* empty: none */
};
/*
 * "socks5://[NAME:PASSWORD@]HOST[:PORT]", "http://…"; empty: NONE. Name and
 * password are percent-decoded. In the arena. ERR_INPUT says what is allowed.
 */
enum err_code net_proxy_parse(struct arena *arena, struct str url,
    struct net_proxy *out, struct err *err) WARN_UNUSED;

/*
 * Connects to host:port, all addresses in turn, within the deadline.
 * ERR_AWAY: cannot be reached (detail says why). ERR_CANCELED.
 */
enum err_code net_client_open(struct str host, uint16_t port,
    int64_t deadline_mono_ms, struct cancel *cancel, struct net_client **out,
    struct err *err) WARN_UNUSED;
/* The same by way of a proxy; NULL or NONE: directly. */
enum err_code net_client_open_by(const struct net_proxy *proxy, struct str host,
    uint16_t port, int64_t deadline_mono_ms, struct cancel *cancel,
    struct net_client **out, struct err *err) WARN_UNUSED;
/* Says good-bye (close_notify) without waiting. NULL accepted. */
void net_client_close(struct net_client *client);

/*
 * Shakes hands (implicit TLS, or after STARTTLS said OK). SNI and name check
 * for `host` (SAN; IP addresses too). ERR_TRUST with the reason in words when
 * the certificate is not trusted; ERR_AWAY otherwise. ERR_FORBIDDEN when
 * plaintext bytes are already waiting (RFC 9051, 11.1; injected). Each
 * reason has its own words: name, authority, expired, not yet valid, revoked,
 * self-signed, weak key or hash, chain incomplete, protocol or cipher too old
 * ("the server offered only TLS 1.0"), no TLS on this port.
 */
enum err_code net_client_start_tls(struct net_client *client,
    struct net_tls_client *tls, struct str host, struct err *err) WARN_UNUSED;
bool net_client_is_tls(const struct net_client *client);
/* Why there is no TLS, for advice that names the keys to change. */
enum net_client_trouble {
	NET_CLIENT_NO_TROUBLE,
	/* ERR_TRUST: its certificate. */
	NET_CLIENT_NAME,
	NET_CLIENT_AUTHORITY,
	NET_CLIENT_SELF_SIGNED,
	NET_CLIENT_EXPIRED,
	NET_CLIENT_NOT_YET,
	NET_CLIENT_REVOKED,
	NET_CLIENT_STALE_CRL,
	NET_CLIENT_NO_CRL,
	NET_CLIENT_WEAK_KEY,
	NET_CLIENT_WEAK_HASH,
	NET_CLIENT_CHAIN, /* an intermediate certificate is missing */
	NET_CLIENT_PIN,
	NET_CLIENT_BAD, /* anything else about it */
	/* ERR_AWAY: no agreement. */
	NET_CLIENT_PROTOCOL,
	NET_CLIENT_CIPHER,
	NET_CLIENT_NOT_TLS,      /* it speaks in clear on this port */
	NET_CLIENT_NO_IDENTITY,  /* it wants a certificate of ours */
	NET_CLIENT_BAD_IDENTITY, /* it does not take the one it got */
	NET_CLIENT_UNKNOWN_NAME, /* it serves no such name (SNI) */
	NET_CLIENT_HANDSHAKE,    /* anything else */
	NET_CLIENT_TROUBLES
};
enum net_client_trouble net_client_trouble(const struct net_client *client);
/* What protects it, for people and logs. Strings end with the client. */
struct net_client_facts {
	const char *protocol; /* "TLSv1.3" */
	const char *cipher;
	const char *subject, *issuer;
	const char *names;              /* it is for: "a.example, 192.0.2.1" */
	const char *fingerprint_sha256; /* of the certificate */
	const char
	    *key_pin_sha256; /* of its public key, hex; for KeyPin keys */
	int64_t not_after_s;
	enum net_tls_check check;
	bool is_pinned; /* trusted by its pin */
};
/* NULL before TLS. */
const struct net_client_facts *net_client_facts(struct net_client *client);

/* For all that follows: absolute deadline and cancel (NULL: none). */
void net_client_set_wait(
    struct net_client *client, int64_t deadline_mono_ms, struct cancel *cancel);
/* > 0 bytes read, or -1: end, error, deadline, cancel (see _error). */
int64_t net_client_read(struct net_client *client, void *buf, size_t len);
/* > 0 bytes written, or -1. */
int64_t net_client_write(
    struct net_client *client, const void *buf, size_t len);
/* The first error, or ERR_OK; copied to err. It stays. */
enum err_code net_client_error(
    const struct net_client *client, struct err *err);
/* Without waiting: something to read, closed, or broken? */
enum net_client_state {
	NET_CLIENT_QUIET,
	NET_CLIENT_READABLE,
	NET_CLIENT_DEAD
};
enum net_client_state net_client_look(struct net_client *client);
/* The same, but waits so long for something to come; nothing is an error. */
enum net_client_state net_client_await(
    struct net_client *client, int64_t most_ms);
sock_t net_client_socket(const struct net_client *client);

#endif
