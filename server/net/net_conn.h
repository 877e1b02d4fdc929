#ifndef NET_CONN_H
#define NET_CONN_H
/* The record of one connection: making, phases, telling. Inside net. */
#include "net/net_inside.h"

/* A record for an accepted socket (owned); NULL without memory. */
struct net_conn *net_conn_new(struct net *net,
    const struct net_listener *listener, sock_t sock,
    const struct socket_peer *peer);
/* Counts it for its peer's network; false when that has too many. */
bool net_conn_count(struct net_conn *conn);
/* Closes and frees; it is in no list. */
void net_conn_free(struct net_conn *conn);
/* Bytes came from the browser: a request may begin. */
void net_conn_note_bytes(struct net_conn *conn);
/* Calls `gone`, once, when the HTTP side has a job for it. */
void net_conn_tell(struct net_conn *conn);
/* The phase now, and until when it may last. */
enum net_phase net_conn_waits(
    const struct net_conn *conn, int64_t *out_deadline_ms);

#endif
