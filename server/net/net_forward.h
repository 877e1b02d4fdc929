#ifndef NET_NET_FORWARD_H
#define NET_NET_FORWARD_H
/*
 * The header with which a proxy introduces a connection: the PROXY protocol,
 * version 1 or 2 (HAProxy's proxy-protocol.txt). Inside net; pure.
 */
#include "base/str.h"
#include "os/socket.h"

/*
 * The longest header taken: 16 bytes and 4 KB of addresses and TLVs (which
 * are passed over; a client certificate's name may be among them).
 */
#define NET_FORWARD_BYTES_MOST ((size_t)16 + 4096)

enum net_forward_result {
	NET_FORWARD_MORE,  /* so far it may become one */
	NET_FORWARD_BAD,   /* it is none */
	NET_FORWARD_LOCAL, /* names nobody: the proxy itself, or unknown */
	NET_FORWARD_PEER   /* *out_peer is the browser */
};

/*
 * Reads the header `bytes` begin with. *out_bytes is its length for LOCAL and
 * PEER: what follows is the browser's. MORE is never the answer to
 * NET_FORWARD_BYTES_MOST bytes.
 */
enum net_forward_result net_forward_parse(
    struct str bytes, size_t *out_bytes, struct socket_peer *out_peer);

#endif
