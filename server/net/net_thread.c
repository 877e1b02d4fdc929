#include "net/net_thread.h"

#include "net/net_conn.h"
#include "net/net_introduce.h"
#include "net/net_life.h"
#include "net/net_turns.h"
#include "os/clock.h"

enum {
	EVENTS = 128,
	ACCEPTS = 64 /* in a row, before others have their turn */
};

/* ---- lists ---- */

void
net_thread_add(struct net_thread *thread, struct net_conn *conn)
{
	conn->before = NULL;
	conn->after = thread->conns;
	if (thread->conns != NULL)
		thread->conns->before = conn;
	thread->conns = conn;
}

void
net_thread_again(struct net_thread *thread, struct net_conn *conn)
{
	if (conn->is_again || conn->is_dead)
		return;
	conn->is_again = true;
	conn->again = thread->again;
	thread->again = conn;
}

void
net_thread_bury(struct net_thread *thread, struct net_conn *conn)
{
	ensure(!conn->is_dead);
	if (conn->before != NULL)
		conn->before->after = conn->after;
	else
		thread->conns = conn->after;
	if (conn->after != NULL)
		conn->after->before = conn->before;
	conn->is_dead = true;
	conn->after = thread->dead;
	thread->dead = conn;
}

/* No longer counted; the last one is told to whoever waits for it. */
static void
uncount(struct net_thread *thread, const struct net_conn *conn)
{
	struct net *net = thread->net;

	if (conn->is_counted)
		net_count_leave(net->per_address, conn->network);
	metric_add(net->meters.open, -1);
	(void)atomic_fetch_sub(&thread->count, 1);
	if (atomic_fetch_sub(&net->count, 1) == 1) {
		lock_take(&net->lock);
		lock_cond_broadcast(&net->emptied);
		lock_give(&net->lock);
	}
}

static void
free_dead(struct net_thread *thread)
{
	struct net_conn **at = &thread->dead;

	while (*at != NULL) {
		struct net_conn *conn = *at;

		if (conn->is_again) {
			/* Still named by that list: next time. */
			at = &conn->after;
			continue;
		}
		*at = conn->after;
		uncount(thread, conn);
		net_conn_free(conn);
	}
}

/* ---- inbox ---- */

void
net_thread_post(struct net_thread *thread, struct net_conn *conn, unsigned bits)
{
	bool was_empty = false;

	lock_take(&thread->lock);
	was_empty = thread->inbox == NULL;
	if (conn->inbox_bits == 0) {
		conn->inbox_next = thread->inbox;
		thread->inbox = conn;
	}
	conn->inbox_bits |= bits;
	lock_give(&thread->lock);
	if (was_empty)
		poller_wake(thread->poller);
}

static void
read_inbox(struct net_thread *thread)
{
	for (;;) {
		struct net_conn *conn = NULL;
		unsigned bits = 0;

		lock_take(&thread->lock);
		conn = thread->inbox;
		if (conn != NULL) {
			thread->inbox = conn->inbox_next;
			bits = conn->inbox_bits;
			conn->inbox_bits = 0;
		}
		lock_give(&thread->lock);
		if (conn == NULL)
			return;
		net_life_inbox(conn, bits);
	}
}

/* ---- accepting ---- */

/* The thread with the fewest; ourselves unless it has clearly fewer. */
static struct net_thread *
choose(struct net_thread *self)
{
	struct net *net = self->net;
	struct net_thread *best = self;
	unsigned fewest = atomic_load(&self->count);

	if (fewest > 0)
		fewest--;
	for (unsigned i = 0; i < net->thread_count; i++) {
		struct net_thread *thread = &net->threads[i];
		const unsigned count = atomic_load(&thread->count);

		if (count < fewest) {
			best = thread;
			fewest = count;
		}
	}
	return best;
}

/* One accepted socket gets its record, or is closed. */
static void
welcome(struct net_thread *self, const struct net_listener *listener,
    sock_t sock, const struct socket_peer *peer)
{
	struct net *net = self->net;
	struct net_conn *conn = NULL;

	if (atomic_load(&net->count) >= net->settings.max_connections) {
		metric_add(net->meters.full, 1);
		socket_close(&sock);
		return;
	}
	conn = net_conn_new(net, listener, sock, peer);
	if (conn == NULL) {
		socket_close(&sock);
		return;
	}
	net_introduce_expect(self, conn);
	if (!conn->is_proxy && !net_conn_count(conn)) {
		net_conn_free(conn);
		return;
	}
	conn->thread = choose(self);
	(void)atomic_fetch_add(&conn->thread->count, 1);
	(void)atomic_fetch_add(&net->count, 1);
	metric_add(net->meters.open, 1);
	metric_add(net->meters.accepted[listener->door], 1);
	if (conn->thread == self) {
		net_thread_add(self, conn);
		net_life_start(conn);
	} else {
		net_thread_post(conn->thread, conn, NET_INBOX_START);
	}
}

static void
accept_from(struct net_thread *thread, const struct net_listener *listener)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct socket_peer peer;
		sock_t sock = SOCK_NONE;

		if (!atomic_load(&thread->net->is_accepting))
			return;
		sock = socket_accept(listener->sock, &peer);
		if (sock == SOCK_NONE)
			return;
		welcome(thread, listener, sock, &peer);
	}
	thread->must_accept = true;
}

/*
 * Once a tick, too: an edge is lost when descriptors run out in the middle.
 */
static void
accept_all(struct net_thread *thread)
{
	const unsigned count = atomic_load(&thread->net->listener_count);

	thread->must_accept = false;
	for (unsigned i = 0; i < count; i++) {
		if (!thread->has_stopped_accepting)
			accept_from(thread, &thread->net->listeners[i]);
	}
}

/* The last thread that leaves a listener closes it. */
static void
stop_accepting(struct net_thread *thread)
{
	struct net *net = thread->net;
	unsigned count = 0;

	thread->has_stopped_accepting = true;
	thread->must_accept = false;
	lock_take(&net->lock);
	count = atomic_load(&net->listener_count);
	for (unsigned i = 0; i < count; i++) {
		struct net_listener *listener = &net->listeners[i];

		poller_remove(thread->poller, listener->sock);
		if (atomic_fetch_sub(&listener->users, 1) == 1)
			socket_close(&listener->sock);
	}
	lock_cond_broadcast(&net->emptied);
	lock_give(&net->lock);
}

/* ---- the loop ---- */

static void
handle(struct net_thread *thread, const struct poller_event *event)
{
	const struct net_source *source = event->data;

	switch (source->kind) {
	case NET_SOURCE_LISTENER:
		if (!thread->has_stopped_accepting)
			accept_from(thread, source->owner);
		break;
	case NET_SOURCE_SOCKET:
		net_life_event(source->owner, false, event->flags);
		break;
	case NET_SOURCE_PAIR:
		net_life_event(source->owner, true, event->flags);
		break;
	case NET_SOURCE_GUEST:
		thread->must_turn = true;
		break;
	}
}

static void
run_again(struct net_thread *thread)
{
	struct net_conn *list = thread->again;

	thread->again = NULL;
	while (list != NULL) {
		struct net_conn *conn = list;

		list = conn->again;
		conn->is_again = false;
		net_life_again(conn);
	}
}

static void
tick(struct net_thread *thread)
{
	const int64_t now_ms = clock_mono_ms();
	struct net_conn *after = NULL;

	thread->ticked_ms = now_ms;

	for (struct net_conn *conn = thread->conns; conn != NULL;
	     conn = after) {
		after = conn->after;
		net_life_tick(conn, now_ms);
	}
	if (!thread->has_stopped_accepting)
		accept_all(thread);
}

/* More often while there is somebody to look after. */
static int64_t
next_tick(const struct net_thread *thread)
{
	return thread->ticked_ms +
	       (thread->conns != NULL ? NET_TICK_MS : NET_QUIET_TICK_MS);
}

static int
wait_of(const struct net_thread *thread)
{
	const int64_t left_ms = next_tick(thread) - clock_mono_ms();

	if (thread->again != NULL || thread->must_accept || thread->must_turn ||
	    left_ms <= 0)
		return 0;
	return (int)left_ms;
}

static void *
run(void *ctx)
{
	struct net_thread *thread = ctx;
	struct net *net = thread->net;
	struct poller_event events[EVENTS];

	thread->ticked_ms = clock_mono_ms();
	while (!atomic_load(&net->is_ending)) {
		const int count = poller_wait(
		    thread->poller, events, EVENTS, wait_of(thread));

		for (int i = 0; i < count; i++)
			handle(thread, &events[i]);
		if (!atomic_load(&net->is_accepting) &&
		    !thread->has_stopped_accepting)
			stop_accepting(thread);
		read_inbox(thread);
		run_again(thread);
		net_turns_take(thread);
		if (thread->must_accept)
			accept_all(thread);
		if (clock_mono_ms() >= next_tick(thread))
			tick(thread);
		free_dead(thread);
	}
	return NULL;
}

/* ---- start and end ---- */

enum err_code
net_thread_start(struct net_thread *thread, struct net *net, struct err *err)
{
	thread->net = net;
	lock_init(&thread->lock);
	atomic_init(&thread->count, 0);
	thread->plain = malloc(NET_PLAIN_BYTES);
	thread->poller = poller_new(err);
	if (thread->poller == NULL)
		return ERR_LIMIT;
	if (thread->plain == NULL ||
	    !net_bytes_room(&thread->cipher, NET_CIPHER_BYTES))
		return err_set(err, ERR_NO_MEMORY, NULL, "net_thread");
	if (!net_turns_begin(thread))
		return err_set(err, ERR_LIMIT, NULL, "net guest");
	if (pthread_create(&thread->thread, NULL, run, thread) != 0)
		return err_set(err, ERR_LIMIT, NULL, "no network thread");
	thread->is_started = true;
	return ERR_OK;
}

void
net_thread_end(struct net_thread *thread)
{
	if (thread->net == NULL)
		return;
	if (thread->is_started) {
		poller_wake(thread->poller);
		(void)pthread_join(thread->thread, NULL);
	}
	/* Posted but not read yet: those are in no other list. */
	for (struct net_conn *conn = thread->inbox; conn != NULL;
	     conn = conn->inbox_next) {
		if ((conn->inbox_bits & NET_INBOX_START) != 0)
			net_thread_add(thread, conn);
	}
	while (thread->conns != NULL)
		net_thread_bury(thread, thread->conns);
	for (struct net_conn *conn = thread->dead; conn != NULL;
	     conn = conn->after)
		conn->is_again = false;
	free_dead(thread);
	net_bytes_end(&thread->cipher);
	free(thread->proxies.list);
	free(thread->plain);
	poller_free(thread->poller);
	lock_end(&thread->lock);
}
