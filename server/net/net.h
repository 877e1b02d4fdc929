#ifndef NET_NET_H
#define NET_NET_H
/*
 * The street door: accepts, looks at the first byte (0x16 is TLS), shakes
 * hands, pumps bytes between OpenSSL and a socket pair, and keeps a record of
 * every connection with absolute deadlines. Network threads run inside.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metrics.h"
#include "net/net_tls.h"
#include "os/socket.h"
#include "os/socket_range.h"

struct net;
struct net_conn; /* one record; valid until net_conn_end() */

enum net_door {
	NET_DOOR_PLAIN, /* the plain port */
	NET_DOOR_SECURE /* the secure port */
};

struct net_settings {
	unsigned threads; /* 0: one per core */
	uint32_t max_connections;
	uint32_t max_connections_per_address; /* loopback is not limited */
	int64_t handshake_wait_ms; /* first byte and handshake together */
	int64_t header_wait_ms;
	int64_t keep_alive_wait_ms;
	struct metrics *metrics; /* borrowed */
};

/*
 * Takes over a connection that is ready for HTTP: `sock` is the plain socket
 * itself or our end of the pair, owned by the callee. Called on a network
 * thread. False: could not take it, net then closes everything.
 */
typedef bool net_ready_fn(void *ctx, sock_t sock, struct net_conn *conn);
/*
 * The browser left (or a deadline passed) while `conn` had a job; once, on a
 * network thread. It may come just after the job's phase was left. It must
 * not call net_conn_end(), and no lock it takes may be held by a caller of
 * net_conn_end(), which waits for it.
 */
typedef void net_gone_fn(void *ctx, struct net_conn *conn);

/*
 * The HTTP side may work on the network threads instead of its own: nothing
 * is then handed from thread to thread. `guest` gives the descriptor of its
 * poller for thread `index`; `turn` is called on that thread when it is
 * readable, and after bytes were handed up. True: there is more to do at once.
 */
typedef sock_t net_guest_fn(void *ctx, unsigned index);
typedef bool net_turn_fn(void *ctx, unsigned index);

struct net_handler {
	net_ready_fn *ready;
	net_gone_fn *gone;
	void *ctx;
	net_guest_fn *guest; /* NULL: it has threads of its own */
	net_turn_fn *turn;
};

/*
 * `tls` may be NULL: TLS on any port then gets an alert and is closed. A
 * reference of its own is taken. *out is freed by net_free.
 */
enum err_code net_start(const struct net_settings *settings,
    const struct net_handler *handler, struct net_tls *tls, struct net **out,
    struct err *err) WARN_UNUSED;
/* Adds a listening socket (owned from now on); any time. */
enum err_code net_listen(struct net *net, sock_t listener, enum net_door door,
    struct err *err) WARN_UNUSED;
/*
 * Handshakes from now on use this one (NULL: none); open connections keep
 * theirs. Takes a reference of its own.
 */
void net_set_tls(struct net *net, struct net_tls *tls);
/*
 * The proxies in front of us: their connections do not count per address,
 * and with `speaks_proxy` each must begin with a PROXY header (version 1 or
 * 2), which says whom it is for; what does not is closed. Copies `ranges`;
 * from the next connection on. Any time.
 */
enum err_code net_set_proxies(struct net *net,
    const struct socket_ranges *ranges, bool speaks_proxy,
    struct err *err) WARN_UNUSED;
/*
 * Calls `turn` no more, and returns when no thread is in it. Before the HTTP
 * side is stopped. Not from a network thread.
 */
void net_end_turns(struct net *net);
/* Accepts no more and closes the listeners; open connections go on. */
void net_stop_accepting(struct net *net);
/*
 * Accepts no more, ends idle connections at once and the others at
 * `deadline_mono_ms`. Waits until all are ended, or soon after the deadline.
 * The HTTP side must still be running. Not from a network thread.
 */
void net_stop(struct net *net, int64_t deadline_mono_ms);
void net_free(struct net *net); /* after the HTTP side is stopped */
uint32_t net_connection_count(const struct net *net);

/* What a record knows. */
bool net_conn_is_tls(const struct net_conn *conn);
/* Which network thread it belongs to, from 0. */
unsigned net_conn_thread(const struct net_conn *conn);
/*
 * Asks for a turn of the HTTP side on that thread; any thread. `turns` comes
 * from net_conn_turns(), and is good until net_free(), longer than its
 * connection.
 */
struct net_turns;
struct net_turns *net_conn_turns(struct net_conn *conn);
void net_turns_ask(struct net_turns *turns);
enum net_door net_conn_door(const struct net_conn *conn);
/* The browser: of the PROXY header when there was one, else of TCP. */
const struct socket_peer *net_conn_peer(const struct net_conn *conn);
/* TCP's other end is one of the proxies (net_set_proxies). */
bool net_conn_is_proxy(const struct net_conn *conn);
/* It began with a PROXY header that named somebody: peer is the browser. */
bool net_conn_is_forwarded(const struct net_conn *conn);
/*
 * It began with a PROXY header, whether that named somebody or not: what
 * follows is the browser's, headers of a proxy there are made up.
 */
bool net_conn_is_introduced(const struct net_conn *conn);
/* What the handshake brought; NULL: not TLS. Until net_conn_end(). */
const struct net_tls_peer *net_conn_tls(const struct net_conn *conn);
/* The port the browser connected to. */
uint16_t net_conn_local_port(const struct net_conn *conn);
void *net_conn_user(const struct net_conn *conn);
void net_conn_set_user(struct net_conn *conn, void *user);

/*
 * The phase the HTTP side is in: absolute deadlines follow from it. Past the
 * deadline net shuts the socket down, so that everybody notices.
 */
enum net_phase {
	NET_PHASE_IDLE,   /* between requests: keep_alive_wait_ms */
	NET_PHASE_HEADER, /* request line seen: header_wait_ms; the first one
	                     of a plain connection, and bytes that come over
	                     TLS in IDLE, begin it by themselves */
	NET_PHASE_BODY,   /* with the deadline given */
	NET_PHASE_JOB,    /* a worker has it: `gone` is told; deadline given */
	NET_PHASE_ANSWER  /* answer is being sent; deadline given */
};
/* deadline_mono_ms: absolute, for BODY, JOB and ANSWER; else ignored. */
void net_conn_phase(
    struct net_conn *conn, enum net_phase phase, int64_t deadline_mono_ms);
/*
 * The HTTP side closed its end, or is about to; the record is gone after this
 * call, `gone` does not come any more. What was written is still delivered.
 */
void net_conn_end(struct net_conn *conn);

#endif
