#ifndef NET_PROXY_H
#define NET_PROXY_H
/* Asking a proxy for a way to a mail server. Inside net. */
#include "net/net_client.h"

/*
 * On a client that is connected to the proxy: asks it to go on to host:port
 * and reads its answer, not a byte more. ERR_AWAY with a detail of the form
 * "the proxy refused: …"; ERR_CANCELED.
 */
enum err_code net_proxy_pass(struct net_client *client,
    const struct net_proxy *proxy, struct str host, uint16_t port,
    struct err *err) WARN_UNUSED;

#endif
