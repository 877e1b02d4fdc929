#ifndef NET_NET_INTRODUCE_H
#define NET_NET_INTRODUCE_H
/* Connections of trusted proxies, and for whom they are. Inside net. */
#include "net/net_inside.h"

enum net_introduced {
	NET_INTRODUCED_WAIT,   /* the header is not whole yet */
	NET_INTRODUCED_DONE,   /* it is taken; the browser's bytes follow */
	NET_INTRODUCED_REFUSED /* close it */
};

/*
 * A new connection, accepted by `self`: is it a proxy's, and does it begin
 * with a header (NET_STATE_FORWARD)?
 */
void net_introduce_expect(struct net_thread *self, struct net_conn *conn);
/* In NET_STATE_FORWARD, on the connection's thread: reads the header. */
enum net_introduced net_introduce_read(struct net_conn *conn);

#endif
