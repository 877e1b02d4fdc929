#ifndef NET_TURNS_H
#define NET_TURNS_H
/* The HTTP side's turns on the network threads. Inside net. */
#include "net/net_inside.h"

/* Before the thread starts: watches the guest. False: no descriptors. */
bool net_turns_begin(struct net_thread *thread);
/* On the thread, once a round: a turn when there is something to do. */
void net_turns_take(struct net_thread *thread);

#endif
