#ifndef NET_CONN_H
#define NET_CONN_H
/*
 * The life of one record: sniff, shake, handed over, closing, gone. What
 * other threads may call stands in net.h; these run on its own thread.
 */
#include "net/net_inside.h"

/* A record for an accepted socket (owned); NULL without memory. */
struct net_conn *net_conn_new(struct net *net,
    const struct net_listener *listener, sock_t sock,
    const struct socket_peer *peer, uint64_t network);
/* Closes and frees; it is in no list. */
void net_conn_free(struct net_conn *conn);
/* Its thread has it: looks at the first byte. */
void net_conn_start(struct net_conn *conn);
void net_conn_event(struct net_conn *conn, bool is_pair, unsigned flags);
/* Goes on where net_thread_again left it. */
void net_conn_again(struct net_conn *conn);
/* Ends it when its deadline has passed. */
void net_conn_tick(struct net_conn *conn, int64_t now_ms);
void net_conn_inbox(struct net_conn *conn, unsigned bits);
/* Bytes came from the browser: a request may begin. */
void net_conn_note_bytes(struct net_conn *conn);

#endif
