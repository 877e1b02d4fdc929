#include "net/net_life.h"

#include "net/net_conn.h"
#include "net/net_introduce.h"
#include "net/net_policy.h"
#include "net/net_pump.h"
#include "net/net_thread.h"
#include "os/clock.h"

enum {
	FIRST_BYTE_OF_TLS = 0x16, /* a handshake record (RFC 8446, 5.1) */
	DRAIN_TURNS = 16
};

static int64_t
from_now(int64_t wait_ms)
{
	return clock_mono_ms() + wait_ms;
}

/* ---- closing ---- */

/* Closes the socket and all that belongs to it; the record stays. */
static void
close_wire(struct net_conn *conn)
{
	net_pump_free(conn->pump);
	conn->pump = NULL;
	/* The HTTP side may hold a duplicate, which would keep the
	 * registration alive (epoll(7), question 6). */
	if (conn->is_watched)
		poller_remove(conn->thread->poller, conn->sock);
	conn->is_watched = false;
	socket_close(&conn->sock);
	conn->state = NET_STATE_CLOSED;
}

/* Closes at once; the record goes too when the HTTP side has no part in it. */
static void
finish(struct net_conn *conn)
{
	close_wire(conn);
	if (conn->is_over)
		net_thread_bury(conn->thread, conn);
}

static bool
watch(struct net_conn *conn, unsigned flags)
{
	struct poller *poller = conn->thread->poller;
	const bool is_fine = conn->is_watched
	                         ? poller_change(poller, conn->sock,
	                               flags | POLLER_EDGE, &conn->source)
	                         : poller_add(poller, conn->sock,
	                               flags | POLLER_EDGE, &conn->source);

	conn->is_watched = conn->is_watched || is_fine;
	return is_fine;
}

/*
 * All is sent and our side is ended; reads on for a while, because closing
 * with unread bytes makes TCP throw away what we sent (RFC 9112, 9.6).
 */
static void
drain(struct net_conn *conn)
{
	for (int turn = 0; turn < DRAIN_TURNS; turn++) {
		const int64_t got = socket_read(
		    conn->sock, conn->thread->plain, NET_PLAIN_BYTES);

		if (got == -1)
			return;
		if (got <= 0) {
			finish(conn);
			return;
		}
	}
	net_thread_again(conn->thread, conn);
}

static void
linger(struct net_conn *conn)
{
	net_pump_free(conn->pump);
	conn->pump = NULL;
	conn->state = NET_STATE_CLOSING;
	conn->is_flushed = true;
	conn->close_by_ms = from_now(NET_LINGER_MS);
	socket_shutdown_write(conn->sock);
	if (atomic_load(&conn->is_left) || !watch(conn, POLLER_READ))
		finish(conn);
	else
		drain(conn);
}

static void
note_left(struct net_conn *conn)
{
	/* net_conn_phase() stores the phase, then looks at is_left; here it
	 * is the other way round: one of us sees the other. */
	atomic_store(&conn->is_left, true);
	if (conn->state == NET_STATE_OPEN)
		net_conn_tell(conn);
}

/* ---- the TLS side ---- */

static void
pump(struct net_conn *conn)
{
	const enum net_pump_result result = net_pump_run(conn);

	if (conn->pump->is_up_end)
		note_left(conn);
	if (result == NET_PUMP_AGAIN)
		net_thread_again(conn->thread, conn);
	else if (result == NET_PUMP_FLUSHED)
		linger(conn);
	else if (result == NET_PUMP_BROKEN) {
		note_left(conn);
		finish(conn);
	}
}

/* The handshake is done: the HTTP side gets the other end of a pair. */
static void
open_tls(struct net_conn *conn)
{
	const struct net_handler *handler = &conn->net->handler;
	sock_t pair[2] = {SOCK_NONE, SOCK_NONE};

	if (socket_pair(pair, NULL) != ERR_OK) {
		finish(conn);
		return;
	}
	if (!net_pump_open(conn, pair[0])) {
		socket_close(&pair[1]);
		finish(conn);
		return;
	}
	conn->state = NET_STATE_OPEN;
	net_conn_phase(conn, NET_PHASE_IDLE, 0);
	if (!handler->ready(handler->ctx, pair[1], conn)) {
		socket_close(&pair[1]);
		finish(conn);
		return;
	}
	conn->is_over = false;
	conn->thread->must_turn = true;
	pump(conn);
}

static void
shake(struct net_conn *conn)
{
	switch (net_pump_shake(conn)) {
	case NET_PUMP_SHAKEN:
		open_tls(conn);
		break;
	case NET_PUMP_FLUSHED:
		metric_add(conn->net->meters.unshaken, 1);
		linger(conn);
		break;
	case NET_PUMP_BROKEN:
		metric_add(conn->net->meters.unshaken, 1);
		finish(conn);
		break;
	case NET_PUMP_WAIT:
	case NET_PUMP_AGAIN:
		break;
	}
}

static struct net_tls *
take_tls(struct net *net)
{
	struct net_tls *tls = NULL;

	lock_take(&net->lock);
	tls = net_tls_ref(net->tls);
	lock_give(&net->lock);
	return tls;
}

static void
refuse_tls(struct net_conn *conn)
{
	/* Alert, fatal, handshake_failure (RFC 8446, 6.2). */
	static const unsigned char alert[] = {21, 3, 1, 0, 2, 2, 40};

	(void)socket_write(conn->sock, alert, sizeof(alert));
	linger(conn);
}

static void
start_tls(struct net_conn *conn)
{
	struct net_tls *tls = take_tls(conn->net);

	if (tls == NULL) {
		refuse_tls(conn);
		return;
	}
	conn->pump = net_pump_new(conn, tls);
	net_tls_unref(tls);
	if (conn->pump == NULL ||
	    (!conn->is_watched && !watch(conn, POLLER_READ))) {
		finish(conn);
		return;
	}
	conn->is_tls = true;
	conn->state = NET_STATE_SHAKE;
	socket_set_nodelay(conn->sock);
	shake(conn);
}

/* ---- the plain side ---- */

static void
open_plain(struct net_conn *conn)
{
	const struct net_handler *handler = &conn->net->handler;
	sock_t theirs = socket_dup(conn->sock);

	/* From now on only its end is of interest. */
	if (theirs == SOCK_NONE || !watch(conn, 0)) {
		socket_close(&theirs);
		finish(conn);
		return;
	}
	conn->state = NET_STATE_OPEN;
	net_conn_phase(conn, NET_PHASE_HEADER, 0);
	if (!handler->ready(handler->ctx, theirs, conn)) {
		socket_close(&theirs);
		finish(conn);
		return;
	}
	conn->is_over = false;
	conn->thread->must_turn = true;
}

static void
sniff(struct net_conn *conn)
{
	unsigned char first = 0;
	const int64_t got = socket_peek(conn->sock, &first, 1);

	if (got == -1) {
		if (!conn->is_watched && !watch(conn, POLLER_READ))
			finish(conn);
	} else if (got <= 0) {
		finish(conn);
	} else if (first == FIRST_BYTE_OF_TLS) {
		start_tls(conn);
	} else {
		open_plain(conn);
	}
}

/* A proxy says for whom the connection is; then it is as any other. */
static void
forward(struct net_conn *conn)
{
	const enum net_introduced result = net_introduce_read(conn);

	if (result == NET_INTRODUCED_DONE) {
		conn->state = NET_STATE_SNIFF;
		sniff(conn);
	} else if (result == NET_INTRODUCED_REFUSED ||
	           (!conn->is_watched && !watch(conn, POLLER_READ))) {
		finish(conn);
	}
}

/* ---- what its thread calls ---- */

void
net_life_start(struct net_conn *conn)
{
	if (conn->state == NET_STATE_FORWARD)
		forward(conn);
	else
		sniff(conn);
}

void
net_life_again(struct net_conn *conn)
{
	if (conn->is_dead || conn->state == NET_STATE_CLOSED)
		return;
	if (conn->pump != NULL && conn->state != NET_STATE_SHAKE)
		pump(conn);
	else if (conn->is_flushed)
		drain(conn);
}

void
net_life_event(struct net_conn *conn, bool is_pair, unsigned flags)
{
	if (conn->is_dead)
		return;
	if (conn->pump != NULL)
		net_pump_notice(conn->pump, is_pair, flags);
	if (!is_pair && (flags & POLLER_GONE) != 0)
		note_left(conn);
	if (conn->state == NET_STATE_FORWARD)
		forward(conn);
	else if (conn->state == NET_STATE_SNIFF)
		sniff(conn);
	else if (conn->state == NET_STATE_SHAKE)
		shake(conn);
	else
		net_life_again(conn);
}

/* When it has to end, in the present state; INT64_MAX: by others. */
static int64_t
end_by(const struct net_conn *conn)
{
	int64_t deadline_ms = 0;
	const enum net_phase phase = net_conn_waits(conn, &deadline_ms);
	const int64_t stop_by_ms = atomic_load(&conn->net->stop_by_ms);
	int64_t by_ms = deadline_ms;

	if (conn->state == NET_STATE_CLOSED)
		return INT64_MAX;
	if (conn->state == NET_STATE_CLOSING)
		by_ms = conn->close_by_ms;
	else if (stop_by_ms != INT64_MAX && phase == NET_PHASE_IDLE)
		return 0;
	return by_ms < stop_by_ms ? by_ms : stop_by_ms;
}

void
net_life_tick(struct net_conn *conn, int64_t now_ms)
{
	if (conn->pump != NULL)
		net_pump_rest(conn->pump);
	if (conn->is_cut || now_ms < end_by(conn))
		return;
	if (conn->state != NET_STATE_CLOSING &&
	    atomic_load(&conn->net->stop_by_ms) == INT64_MAX)
		metric_add(conn->net->meters.late, 1);
	note_left(conn);
	if (conn->state == NET_STATE_OPEN && !conn->is_tls) {
		/* The HTTP side has the other descriptor and reads the end. */
		conn->is_cut = true;
		socket_shutdown(conn->sock);
	} else {
		finish(conn);
	}
}

/* net_conn_end() was called: sends what is left, then goes. */
static void
end(struct net_conn *conn)
{
	int64_t deadline_ms = 0;
	const enum net_phase phase = net_conn_waits(conn, &deadline_ms);

	conn->is_over = true;
	if (conn->state == NET_STATE_CLOSED) {
		net_thread_bury(conn->thread, conn);
		return;
	}
	if (conn->state != NET_STATE_OPEN)
		return; /* lingers already */
	if (conn->pump == NULL) {
		linger(conn);
		return;
	}
	conn->state = NET_STATE_CLOSING;
	conn->close_by_ms = from_now(conn->net->settings.header_wait_ms);
	if (phase == NET_PHASE_ANSWER && deadline_ms > conn->close_by_ms)
		conn->close_by_ms = deadline_ms;
	pump(conn);
}

void
net_life_inbox(struct net_conn *conn, unsigned bits)
{
	if ((bits & NET_INBOX_START) != 0) {
		net_thread_add(conn->thread, conn);
		net_life_start(conn);
	}
	if ((bits & NET_INBOX_TELL) != 0)
		net_conn_tell(conn);
	if ((bits & NET_INBOX_END) != 0)
		end(conn);
}
