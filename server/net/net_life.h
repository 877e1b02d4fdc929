#ifndef NET_LIFE_H
#define NET_LIFE_H
/*
 * The life of one record, on its own thread: sniff, shake, handed over,
 * closing, gone. Inside net.
 */
#include "net/net_inside.h"

/* Its thread has it: looks at the first byte. */
void net_life_start(struct net_conn *conn);
void net_life_event(struct net_conn *conn, bool is_pair, unsigned flags);
/* Goes on where net_thread_again left it. */
void net_life_again(struct net_conn *conn);
/* Ends it when its deadline has passed. */
void net_life_tick(struct net_conn *conn, int64_t now_ms);
void net_life_inbox(struct net_conn *conn, unsigned bits);

#endif
