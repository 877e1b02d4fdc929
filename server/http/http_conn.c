#include "http/http_inner.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * MHD copies the address it is given and hands it back: the way to tell it
 * which record a socket belongs to. Nobody else looks at it.
 */
struct conn_address {
	sa_family_t family;
	struct http_conn *conn;
};

static void
list_add(struct http *http, struct http_conn *conn)
{
	lock_take(&http->lock);
	conn->next = http->conns;
	if (conn->next)
		conn->next->before = conn;
	http->conns = conn;
	lock_give(&http->lock);
}

static void
list_remove(struct http *http, struct http_conn *conn)
{
	lock_take(&http->lock);
	if (conn->next)
		conn->next->before = conn->before;
	if (conn->before)
		conn->before->next = conn->next;
	else
		http->conns = conn->next;
	lock_give(&http->lock);
}

/* Past this, http_gone() cannot reach it any more. */
static void
conn_free(struct http_conn *conn)
{
	net_conn_set_user(conn->net, NULL);
	list_remove(conn->http, conn);
	lock_end(&conn->lock);
	free(conn);
}

static void
conn_closed(struct http_conn *conn)
{
	struct net_conn *net = conn->net;

	conn_free(conn);
	net_conn_end(net);
}

bool
http_take(void *ctx, sock_t sock, struct net_conn *net)
{
	struct http *http = ctx;
	struct http_conn *conn = calloc(1, sizeof(*conn));
	unsigned number = net_conn_thread(net);
	struct conn_address address = {.family = AF_UNIX};

	if (!conn)
		return false;
	conn->http = http;
	conn->net = net;
	lock_init(&conn->lock);
	list_add(http, conn);
	net_conn_set_user(net, conn);
	address.conn = conn;
	if (MHD_add_connection(http->daemons[number], sock,
	        (const struct sockaddr *)&address, sizeof(address)) != MHD_YES)
		conn_closed(conn); /* MHD has closed the socket */
	return true;
}

void
http_gone(void *ctx, struct net_conn *net)
{
	struct http *http = ctx;
	struct http_conn *conn;

	lock_take(&http->lock);
	conn = net_conn_user(net);
	if (conn) {
		lock_take(&conn->lock);
		if (conn->active)
			request_inner_gone(conn->active);
		lock_give(&conn->lock);
	}
	lock_give(&http->lock);
}

void
http_conn_notify(void *ctx, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;
	struct conn_address address;

	(void)ctx;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*socket_context)
			conn_closed(*socket_context);
		*socket_context = NULL;
		return;
	}
	info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	memcpy(&address, info->client_addr, sizeof(address));
	*socket_context = address.conn;
	net_conn_phase(address.conn->net, NET_PHASE_HEADER, 0);
}

void
http_conn_end_rest(struct http *http)
{
	while (http->conns) {
		struct http_conn *conn = http->conns;
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): off the list */
		ensure(!conn->before);
		conn_closed(conn);
	}
}
