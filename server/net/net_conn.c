#include "net/net_conn.h"

#include "net/net_pump.h"
#include "net/net_thread.h"
#include "os/clock.h"

enum {
	PHASE_BITS = 3
};

/* ---- phase and deadline in one word, so that they change together ---- */

static uint64_t
pack(enum net_phase phase, int64_t deadline_ms)
{
	const int64_t most = INT64_MAX >> PHASE_BITS;

	if (deadline_ms < 0)
		deadline_ms = 0;
	if (deadline_ms > most)
		deadline_ms = most;
	return (uint64_t)deadline_ms << PHASE_BITS | (uint64_t)phase;
}

static enum net_phase
phase_of(uint64_t wait)
{
	return (enum net_phase)(wait & ((1u << PHASE_BITS) - 1));
}

static int64_t
deadline_of(uint64_t wait)
{
	return (int64_t)(wait >> PHASE_BITS);
}

static int64_t
from_now(int64_t wait_ms)
{
	return clock_mono_ms() + wait_ms;
}

void
net_conn_note_bytes(struct net_conn *conn)
{
	uint64_t wait = atomic_load(&conn->wait);

	if (phase_of(wait) != NET_PHASE_IDLE)
		return;
	/* Only if the HTTP side has not moved on meanwhile. */
	(void)atomic_compare_exchange_strong(&conn->wait, &wait,
	    pack(NET_PHASE_HEADER,
	        from_now(conn->net->settings.header_wait_ms)));
}

/* ---- making and freeing ---- */

struct net_conn *
net_conn_new(struct net *net, const struct net_listener *listener, sock_t sock,
    const struct socket_peer *peer)
{
	struct net_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->net = net;
	conn->source = (struct net_source){NET_SOURCE_SOCKET, conn};
	conn->pair_source = (struct net_source){NET_SOURCE_PAIR, conn};
	conn->sock = sock;
	conn->peer = *peer;
	conn->door = listener->door;
	conn->local_port = listener->port;
	conn->state = NET_STATE_SNIFF;
	conn->is_over = true; /* until it is handed over */
	atomic_init(&conn->user, NULL);
	atomic_init(&conn->is_left, false);
	atomic_init(&conn->wait,
	    pack(NET_PHASE_IDLE, from_now(net->settings.handshake_wait_ms)));
	lock_init(&conn->lock);
	return conn;
}

bool
net_conn_count(struct net_conn *conn)
{
	struct net *net = conn->net;

	if (conn->peer.is_loopback)
		return true;
	conn->network = socket_peer_network(&conn->peer);
	conn->is_counted = net_count_enter(net->per_address, conn->network,
	    net->settings.max_connections_per_address);
	if (!conn->is_counted)
		metric_add(net->meters.crowded, 1);
	return conn->is_counted;
}

void
net_conn_free(struct net_conn *conn)
{
	net_pump_free(conn->pump);
	free(conn->tls_texts);
	socket_close(&conn->sock);
	lock_end(&conn->lock);
	free(conn);
}

void
net_conn_tell(struct net_conn *conn)
{
	const struct net_handler *handler = &conn->net->handler;

	if (phase_of(atomic_load(&conn->wait)) != NET_PHASE_JOB)
		return;
	lock_take(&conn->lock);
	if (!conn->is_ended && !conn->is_told) {
		conn->is_told = true;
		handler->gone(handler->ctx, conn);
	}
	lock_give(&conn->lock);
}

enum net_phase
net_conn_waits(const struct net_conn *conn, int64_t *out_deadline_ms)
{
	const uint64_t wait = atomic_load(&conn->wait);

	*out_deadline_ms = deadline_of(wait);
	return phase_of(wait);
}

/* ---- what everybody may call ---- */

bool
net_conn_is_tls(const struct net_conn *conn)
{
	return conn->is_tls;
}

enum net_door
net_conn_door(const struct net_conn *conn)
{
	return conn->door;
}

const struct socket_peer *
net_conn_peer(const struct net_conn *conn)
{
	return &conn->peer;
}

uint16_t
net_conn_local_port(const struct net_conn *conn)
{
	return conn->local_port;
}

void *
net_conn_user(const struct net_conn *conn)
{
	return atomic_load(&conn->user);
}

void
net_conn_set_user(struct net_conn *conn, void *user)
{
	atomic_store(&conn->user, user);
}

void
net_conn_phase(
    struct net_conn *conn, enum net_phase phase, int64_t deadline_mono_ms)
{
	const struct net_settings *settings = &conn->net->settings;

	if (phase == NET_PHASE_IDLE)
		deadline_mono_ms = from_now(settings->keep_alive_wait_ms);
	else if (phase == NET_PHASE_HEADER)
		deadline_mono_ms = from_now(settings->header_wait_ms);
	atomic_store(&conn->wait, pack(phase, deadline_mono_ms));
	if (phase == NET_PHASE_JOB && atomic_load(&conn->is_left))
		net_thread_post(conn->thread, conn, NET_INBOX_TELL);
}

void
net_conn_end(struct net_conn *conn)
{
	struct net_thread *thread = conn->thread;

	/* Waits for a `gone` that is being told. */
	lock_take(&conn->lock);
	conn->is_ended = true;
	lock_give(&conn->lock);
	net_thread_post(thread, conn, NET_INBOX_END);
}

bool
net_conn_is_proxy(const struct net_conn *conn)
{
	return conn->is_proxy;
}

bool
net_conn_is_forwarded(const struct net_conn *conn)
{
	return conn->is_forwarded;
}

bool
net_conn_is_introduced(const struct net_conn *conn)
{
	return conn->is_introduced;
}

const struct net_tls_peer *
net_conn_tls(const struct net_conn *conn)
{
	return conn->is_tls && conn->tls_peer.protocol != NULL ? &conn->tls_peer
	                                                       : NULL;
}

unsigned
net_conn_thread(const struct net_conn *conn)
{
	return conn->thread->index;
}
