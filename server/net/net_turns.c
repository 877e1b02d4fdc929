#include "net/net_turns.h"

static sock_t
guest_of(const struct net_thread *thread)
{
	const struct net_handler *handler = &thread->net->handler;

	return handler->guest(handler->ctx, thread->index);
}

bool
net_turns_begin(struct net_thread *thread)
{
	thread->turns.poller = thread->poller;
	atomic_init(&thread->turns.is_asked, false);
	thread->guest = (struct net_source){NET_SOURCE_GUEST, thread};
	return thread->net->handler.guest == NULL ||
	       poller_add(thread->poller, guest_of(thread), POLLER_READ,
	           &thread->guest);
}

void
net_turns_take(struct net_thread *thread)
{
	struct net *net = thread->net;

	if (net->handler.turn == NULL)
		return;
	if (atomic_load(&net->is_turning)) {
		if (atomic_exchange(&thread->turns.is_asked, false))
			thread->must_turn = true;
		if (thread->must_turn)
			thread->must_turn =
			    net->handler.turn(net->handler.ctx, thread->index);
		return;
	}
	thread->must_turn = false;
	if (thread->has_ended_turns)
		return;
	poller_remove(thread->poller, guest_of(thread));
	lock_take(&net->lock);
	thread->has_ended_turns = true;
	lock_cond_broadcast(&net->emptied);
	lock_give(&net->lock);
}

void
net_end_turns(struct net *net)
{
	unsigned ended = 0;

	if (net->handler.turn == NULL)
		return;
	atomic_store(&net->is_turning, false);
	for (unsigned i = 0; i < net->thread_count; i++)
		poller_wake(net->threads[i].poller);
	lock_take(&net->lock);
	while (ended < net->thread_count) {
		if (net->threads[ended].has_ended_turns)
			ended++;
		else
			lock_cond_wait(&net->emptied, &net->lock);
	}
	lock_give(&net->lock);
}

struct net_turns *
net_conn_turns(struct net_conn *conn)
{
	return &conn->thread->turns;
}

void
net_turns_ask(struct net_turns *turns)
{
	/* Once is enough: the thread takes it off before its turn. */
	if (!atomic_exchange(&turns->is_asked, true))
		poller_wake(turns->poller);
}
