#include "net/net_introduce.h"

#include "base/log.h"
#include "net/net_conn.h"
#include "net/net_forward.h"

_Static_assert(NET_PLAIN_BYTES >= NET_FORWARD_BYTES_MOST,
    "the thread's buffer holds every header");

/*
 * Our copy of the proxies, made anew when they have changed. Without memory
 * the old one stays, until the next connection.
 */
static void
copy_proxies(struct net_thread *self)
{
	struct net *net = self->net;
	struct socket_ranges copy = {0};
	size_t count = 0;
	bool is_fine = true;

	if (atomic_load(&net->proxies_version) == self->proxies_version)
		return;
	lock_take(&net->lock);
	count = net->proxies.count;
	if (count > 0) {
		copy.list = calloc(count, sizeof(*copy.list));
		is_fine = copy.list != NULL;
	}
	if (is_fine) {
		if (count > 0)
			memcpy(copy.list, net->proxies.list,
			    count * sizeof(*copy.list));
		copy.count = count;
		free(self->proxies.list);
		self->proxies = copy;
		self->speaks_proxy = net->speaks_proxy;
		self->proxies_version = atomic_load(&net->proxies_version);
	}
	lock_give(&net->lock);
}

void
net_introduce_expect(struct net_thread *self, struct net_conn *conn)
{
	copy_proxies(self);
	conn->is_proxy =
	    socket_ranges_hold(&self->proxies, str_c(conn->peer.address));
	if (conn->is_proxy && self->speaks_proxy)
		conn->state = NET_STATE_FORWARD;
}

/* Counted for whom it is, not for the proxy. */
static enum net_introduced
take_name(struct net_conn *conn, const struct socket_peer *peer)
{
	conn->peer = *peer;
	conn->is_forwarded = true;
	return net_conn_count(conn) ? NET_INTRODUCED_DONE
	                            : NET_INTRODUCED_REFUSED;
}

static enum net_introduced
turn_away(const struct net_conn *conn)
{
	metric_add(conn->net->meters.unnamed, 1);
	log_event(LOG_WARN, "net.proxy_header",
	    LOG_C("proxy", conn->peer.address),
	    LOG_C("problem", "the connection does not begin with a PROXY "
	                     "protocol header (ProxyProtocol=1)"));
	return NET_INTRODUCED_REFUSED;
}

/*
 * Looked at without taking it, until it is whole; then exactly its bytes are
 * taken, and what follows stays for whoever looks next.
 */
enum net_introduced
net_introduce_read(struct net_conn *conn)
{
	char *bytes = conn->thread->plain;
	const int64_t got =
	    socket_peek(conn->sock, bytes, NET_FORWARD_BYTES_MOST);
	enum net_forward_result result = NET_FORWARD_MORE;
	enum net_introduced rc = NET_INTRODUCED_DONE;
	struct socket_peer peer;
	size_t len = 0;

	if (got == 0 || got < -1)
		return NET_INTRODUCED_REFUSED;
	if (got > 0)
		result =
		    net_forward_parse(str_of(bytes, (size_t)got), &len, &peer);
	if (result == NET_FORWARD_BAD)
		return turn_away(conn);
	if (result == NET_FORWARD_MORE)
		return atomic_load(&conn->is_left) ? NET_INTRODUCED_REFUSED
		                                   : NET_INTRODUCED_WAIT;
	conn->is_introduced = true;
	if (result == NET_FORWARD_PEER)
		rc = take_name(conn, &peer);
	else
		conn->peer.is_loopback = false; /* it is somebody behind it */
	if (socket_read(conn->sock, bytes, len) != (int64_t)len)
		rc = NET_INTRODUCED_REFUSED;
	return rc;
}
