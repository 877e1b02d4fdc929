#include "net/net_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/net_client_inside.h"
#include "net/net_connect.h"
#include "net/net_policy.h"
#include "net/net_proxy.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	REASON_BYTES = 128,
	WRITE_MOST = 1 << 20
};

static const char message_away[] = "The mail server cannot be reached.";
static const char message_late[] = "The mail server did not answer in time.";
const char net_client_lost[] = "The connection to the mail server was lost.";

/* Remembers the first error; returns -1 for read and write to return. */
int
net_client_fail(struct net_client *client, enum err_code code,
    const char *message, const char *detail)
{
	if (client->err.code == ERR_OK)
		(void)err_set(&client->err, code, message, detail);
	return -1;
}

/* Waits for the socket; -1 with the error noted. */
int
net_client_wait_for(struct net_client *client, unsigned flags)
{
	struct err err = ERR_NONE;
	const enum err_code rc = poller_wait_one(client->sock, flags,
	    client->deadline_mono_ms, client->cancel, &err);

	if (rc == ERR_OK)
		return 0;
	if (rc == ERR_AWAY)
		return net_client_fail(
		    client, ERR_AWAY, message_late, "deadline passed");
	return net_client_fail(client, rc, NULL, err.detail);
}

/* A server that always has something to say must not talk us past it. */
bool
net_client_may_go_on(struct net_client *client)
{
	if (client->err.code != ERR_OK)
		return false;
	if (client->cancel != NULL && cancel_is_fired(client->cancel)) {
		(void)net_client_fail(client, ERR_CANCELED, NULL, "canceled");
		return false;
	}
	if (clock_mono_ms() < client->deadline_mono_ms)
		return true;
	(void)net_client_fail(
	    client, ERR_AWAY, message_late, "deadline passed");
	return false;
}

/* ---- opening and closing ---- */

/* A client on a connected socket, which it owns from now on. */
static enum err_code
client_new(sock_t sock, int64_t deadline_mono_ms, struct cancel *cancel,
    struct net_client **out, struct err *err)
{
	struct net_client *client = calloc(1, sizeof(*client));

	*out = NULL;
	if (client == NULL) {
		socket_close(&sock);
		return err_set(err, ERR_NO_MEMORY, NULL, "net_client");
	}
	socket_set_nodelay(sock);
	socket_set_keepalive(sock);
	client->sock = sock;
	client->deadline_mono_ms = deadline_mono_ms;
	client->cancel = cancel;
	*out = client;
	return ERR_OK;
}

/* Says where the way ended. */
static enum err_code
fail_open(const char *what, struct str host, uint16_t port, enum err_code rc,
    const struct err *why, struct err *err)
{
	if (rc != ERR_AWAY)
		return err_set(err, rc, why->message, why->detail);
	return err_setf(err, ERR_AWAY, message_away, "%s%.*s:%u: %s", what,
	    host.len > 200 ? 200 : (int)host.len, host.len == 0 ? "" : host.ptr,
	    (unsigned)port, why->detail);
}

enum err_code
net_client_open(struct str host, uint16_t port, int64_t deadline_mono_ms,
    struct cancel *cancel, struct net_client **out, struct err *err)
{
	return net_client_open_by(
	    NULL, host, port, deadline_mono_ms, cancel, out, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
net_client_open_by(const struct net_proxy *proxy, struct str host,
    uint16_t port, int64_t deadline_mono_ms, struct cancel *cancel,
    struct net_client **out, struct err *err)
{
	const bool has_proxy = proxy != NULL && proxy->kind != NET_PROXY_NONE;
	struct str next = has_proxy ? proxy->host : host;
	uint16_t next_port = has_proxy ? proxy->port : port;
	struct err why = ERR_NONE;
	sock_t sock = SOCK_NONE;
	enum err_code rc = net_connect_open(
	    next, next_port, deadline_mono_ms, cancel, &sock, &why);

	*out = NULL;
	if (rc != ERR_OK)
		return fail_open(
		    has_proxy ? "proxy " : "", next, next_port, rc, &why, err);
	rc = client_new(sock, deadline_mono_ms, cancel, out, err);
	if (rc != ERR_OK || !has_proxy)
		return rc;
	rc = net_proxy_pass(*out, proxy, host, port, &why);
	if (rc == ERR_OK)
		return ERR_OK;
	net_client_close(*out);
	*out = NULL;
	return fail_open("", host, port, rc, &why, err);
}

void
net_client_close(struct net_client *client)
{
	if (client == NULL)
		return;
	if (client->ssl != NULL) {
		/* Good manners, not waited for; not after a broken session
		 * (SSL_shutdown(3)). */
		ERR_clear_error();
		if (SSL_is_init_finished(client->ssl) && !client->bio.is_broken)
			(void)SSL_shutdown(client->ssl);
		SSL_free(client->ssl);
		ERR_clear_error();
	}
	net_tls_client_unref(client->tls);
	socket_close(&client->sock);
	free(client);
}

/*
 * What SSL_* wants: 0 try again, -1 failed (*out_is_end: orderly end). Waits.
 */
int
net_client_settle(struct net_client *client, int result, bool *out_is_end)
{
	const int what = SSL_get_error(client->ssl, result);

	*out_is_end = what == SSL_ERROR_ZERO_RETURN;
	if (what == SSL_ERROR_WANT_READ)
		return net_client_wait_for(client, POLLER_READ);
	if (what == SSL_ERROR_WANT_WRITE)
		return net_client_wait_for(client, POLLER_WRITE);
	client->bio.is_broken = !*out_is_end;
	return -1;
}

bool
net_client_is_tls(const struct net_client *client)
{
	return client->ssl != NULL;
}

/* ---- reading and writing ---- */

void
net_client_set_wait(
    struct net_client *client, int64_t deadline_mono_ms, struct cancel *cancel)
{
	client->deadline_mono_ms = deadline_mono_ms;
	client->cancel = cancel;
}

static int64_t
fail_tls(struct net_client *client, bool is_end)
{
	char reason[REASON_BYTES] = "closed by the server";

	if (!is_end) {
		/* In TLS 1.3 an alert may come behind the handshake. */
		if (client->err.code == ERR_OK && net_client_blame(client))
			return -1;
		net_policy_reason(reason, sizeof(reason));
	}
	return net_client_fail(client, ERR_AWAY, net_client_lost, reason);
}

/* One try: > 0 bytes, 0 try again, -1 with the error noted. */
static int64_t
read_once(struct net_client *client, void *buf, size_t len)
{
	bool is_end = false;
	int64_t got = 0;

	if (client->ssl == NULL) {
		got = socket_read(client->sock, buf, len);
		if (got > 0)
			return got;
		if (got == -1)
			return net_client_wait_for(client, POLLER_READ);
		return net_client_fail(client, ERR_AWAY, net_client_lost,
		    got == 0 ? "closed by the server" : "connection broken");
	}
	ERR_clear_error();
	got = SSL_read(
	    client->ssl, buf, len > WRITE_MOST ? WRITE_MOST : (int)len);
	if (got > 0)
		return got;
	if (net_client_settle(client, (int)got, &is_end) == 0)
		return 0;
	return fail_tls(client, is_end);
}

int64_t
net_client_read(struct net_client *client, void *buf, size_t len)
{
	ensure(len > 0);
	while (net_client_may_go_on(client)) {
		const int64_t got = read_once(client, buf, len);

		if (got != 0)
			return got;
	}
	return -1;
}

static int64_t
write_once(struct net_client *client, const void *buf, size_t len)
{
	bool is_end = false;
	int64_t put = 0;

	if (client->ssl == NULL) {
		put = socket_write(client->sock, buf, len);
		if (put > 0)
			return put;
		if (put == -1 || put == 0)
			return net_client_wait_for(client, POLLER_WRITE);
		return net_client_fail(
		    client, ERR_AWAY, net_client_lost, "connection broken");
	}
	ERR_clear_error();
	put = SSL_write(
	    client->ssl, buf, len > WRITE_MOST ? WRITE_MOST : (int)len);
	if (put > 0)
		return put;
	if (net_client_settle(client, (int)put, &is_end) == 0)
		return 0;
	return fail_tls(client, is_end);
}

int64_t
net_client_write(struct net_client *client, const void *buf, size_t len)
{
	ensure(len > 0);
	while (net_client_may_go_on(client)) {
		const int64_t put = write_once(client, buf, len);

		if (put != 0)
			return put;
	}
	return -1;
}

enum err_code
net_client_error(const struct net_client *client, struct err *err)
{
	if (client->err.code == ERR_OK)
		return ERR_OK;
	return err_set(
	    err, client->err.code, client->err.message, client->err.detail);
}

enum net_client_state
net_client_look(struct net_client *client)
{
	char byte = 0;
	int64_t got = 0;

	if (client->err.code != ERR_OK)
		return NET_CLIENT_DEAD;
	if (client->ssl == NULL) {
		got = socket_peek(client->sock, &byte, 1);
		if (got == -1)
			return NET_CLIENT_QUIET;
		return got > 0 ? NET_CLIENT_READABLE : NET_CLIENT_DEAD;
	}
	/* Bytes on the socket may be a ticket: let OpenSSL look at them. */
	ERR_clear_error();
	got = SSL_peek(client->ssl, &byte, 1);
	if (got > 0)
		return NET_CLIENT_READABLE;
	switch (SSL_get_error(client->ssl, (int)got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return NET_CLIENT_QUIET;
	default:
		ERR_clear_error();
		return NET_CLIENT_DEAD;
	}
}

enum net_client_state
net_client_await(struct net_client *client, int64_t most_ms)
{
	const int64_t until = clock_mono_ms() + most_ms;
	enum net_client_state state = net_client_look(client);

	while (state == NET_CLIENT_QUIET &&
	       poller_wait_one(client->sock, POLLER_READ, until, client->cancel,
	           NULL) == ERR_OK)
		state = net_client_look(client);
	return state;
}

sock_t
net_client_socket(const struct net_client *client)
{
	return client->sock;
}
