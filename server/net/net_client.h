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

/*
 * Connects to host:port, all addresses in turn, within the deadline.
 * ERR_AWAY: cannot be reached (detail says why). ERR_CANCELED.
 */
enum err_code net_client_open(struct str host, uint16_t port,
    int64_t deadline_mono_ms, struct cancel *cancel, struct net_client **out,
    struct err *err) WARN_UNUSED;
/* Says good-bye (close_notify) without waiting. NULL accepted. */
void net_client_close(struct net_client *client);

/*
 * Shakes hands (implicit TLS, or after STARTTLS said OK). SNI and name check
 * for `host` (SAN; IP addresses too). ERR_TRUST with the reason in words when
 * the certificate is not trusted; ERR_AWAY otherwise. ERR_FORBIDDEN when
 * plaintext bytes are already waiting (RFC 9051, 11.1; injected).
 */
enum err_code net_client_start_tls(struct net_client *client,
    struct net_tls_client *tls, struct str host, struct err *err) WARN_UNUSED;
bool net_client_is_tls(const struct net_client *client);

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
sock_t net_client_socket(const struct net_client *client);

#endif
