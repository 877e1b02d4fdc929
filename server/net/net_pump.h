#ifndef NET_PUMP_H
#define NET_PUMP_H
/*
 * Moves bytes between OpenSSL and our end of the socket pair. Runs on the
 * connection's thread; never blocks. Inside net.
 */
#include "net/net_inside.h"

enum net_pump_result {
	NET_PUMP_WAIT,    /* nothing more to do until an event */
	NET_PUMP_AGAIN,   /* more to do, but others have their turn first */
	NET_PUMP_SHAKEN,  /* net_pump_shake only: the handshake is done */
	NET_PUMP_FLUSHED, /* the HTTP side ended, everything is sent */
	NET_PUMP_BROKEN
};

/* A pump for conn->sock; NULL without memory. */
struct net_pump *net_pump_new(struct net_conn *conn, struct net_tls *tls);
void net_pump_free(struct net_pump *pump); /* closes the pair; NULL accepted */
/* The handshake, as far as it goes. */
enum net_pump_result net_pump_shake(struct net_conn *conn);
/* Our end of the pair, registered with the poller. */
bool net_pump_open(struct net_conn *conn, sock_t pair);
/* Both directions, as far as they go. */
enum net_pump_result net_pump_run(struct net_conn *conn);
/* At every tick: one that rested for a while gives OpenSSL's buffers back. */
void net_pump_rest(struct net_pump *pump);
/* Notes what an event says. */
void net_pump_notice(struct net_pump *pump, bool is_pair, unsigned flags);

#endif
