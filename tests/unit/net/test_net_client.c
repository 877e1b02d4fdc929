/* The client against a scripted mail server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cert_maker.h"
#include "net/net_client.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	DAY_S = 86400,
	LONG_MS = 20000 /* never reached when all is well */
};

/* What the server does with its one connection. */
enum script {
	SCRIPT_ECHO,      /* plain, until the end */
	SCRIPT_SILENT,    /* plain, says nothing until the client leaves */
	SCRIPT_CLOSE,     /* plain, closes at once */
	SCRIPT_DRIP,      /* plain, a byte whenever the client has read one */
	SCRIPT_TLS,       /* TLS echo */
	SCRIPT_TLS_CLOSE, /* TLS, "bye", close_notify, close */
	SCRIPT_TLS_CUT,   /* TLS, then closes without a word */
	SCRIPT_INJECT,    /* plain bytes before the handshake */
	SCRIPT_GARBAGE    /* plain answer to the ClientHello */
};

struct server {
	enum script script;
	const struct cert *cert;
	sock_t listener;
	uint16_t port;
	pthread_t thread;
};

struct shelf {
	struct cert ca, other_ca;
	struct cert good, wrong_name, expired, self_signed;
	struct net_tls_client *trusting; /* ca */
	struct net_tls_client *strict;   /* other_ca */
};

static int64_t
soon(void)
{
	return clock_mono_ms() + LONG_MS;
}

/* ---- the server ---- */

static void
echo_plain(sock_t sock)
{
	char buf[4096];

	for (;;) {
		const ssize_t got = read(sock, buf, sizeof(buf));

		if (got <= 0 || write(sock, buf, (size_t)got) != got)
			return;
	}
}

/* Keeps sending single bytes: reading them never ends. */
static void
drip(sock_t sock)
{
	struct cancel *never = cancel_new(NULL);

	while (socket_write(sock, "x", 1) == 1) {
		/* 20 ms, or the client's end. */
		if (poller_wait_one(sock, POLLER_READ, clock_mono_ms() + 20,
		        never, NULL) == ERR_OK)
			break;
	}
	cancel_free(never);
}

static void
serve_tls(const struct server *server, sock_t sock)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl = NULL;
	char buf[4096];

	SSL_CTX_use_certificate(ctx, server->cert->x509);
	SSL_CTX_use_PrivateKey(ctx, server->cert->key);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, sock);
	if (SSL_accept(ssl) == 1) {
		int got = server->script == SCRIPT_TLS ? 1 : 0;

		if (server->script == SCRIPT_TLS_CLOSE) {
			(void)SSL_write(ssl, "bye", 3);
			(void)SSL_shutdown(ssl);
		}
		while (got > 0) {
			got = SSL_read(ssl, buf, sizeof(buf));
			if (got > 0)
				got = SSL_write(ssl, buf, got);
		}
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
serve(const struct server *server, sock_t sock)
{
	char buf[512];

	switch (server->script) {
	case SCRIPT_ECHO:
		echo_plain(sock);
		break;
	case SCRIPT_SILENT:
		while (read(sock, buf, sizeof(buf)) > 0)
			;
		break;
	case SCRIPT_CLOSE:
		break;
	case SCRIPT_DRIP:
		drip(sock);
		break;
	case SCRIPT_TLS:
	case SCRIPT_TLS_CLOSE:
	case SCRIPT_TLS_CUT:
		serve_tls(server, sock);
		break;
	case SCRIPT_INJECT:
		(void)!write(sock, "* OK injected\r\n", 15);
		(void)!read(sock, buf, sizeof(buf));
		break;
	case SCRIPT_GARBAGE:
		(void)!read(sock, buf, sizeof(buf));
		(void)!write(sock, "* BAD what?\r\n", 13);
		(void)!read(sock, buf, sizeof(buf));
		break;
	}
}

static void *
server_run(void *ctx)
{
	const struct server *server = ctx;
	struct socket_peer peer;
	sock_t sock = SOCK_NONE;

	if (poller_wait_one(
	        server->listener, POLLER_READ, soon(), NULL, NULL) != ERR_OK)
		return NULL;
	sock = socket_accept(server->listener, &peer);
	if (sock == SOCK_NONE)
		return NULL;
	socket_set_nonblocking(sock, false);
	serve(server, sock);
	socket_close(&sock);
	return NULL;
}

static void
server_start(struct server *server, enum script script, const struct cert *cert)
{
	server->script = script;
	server->cert = cert;
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &server->listener, NULL),
	    ERR_OK);
	server->port = socket_port(server->listener);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, server_run, server), 0);
}

static void
server_end(struct server *server)
{
	(void)pthread_join(server->thread, NULL);
	socket_close(&server->listener);
}

static struct net_client *
connect_to(const struct server *server)
{
	struct net_client *client = NULL;
	struct err err = ERR_NONE;

	assert_int_equal(net_client_open(STR("127.0.0.1"), server->port, soon(),
	                     NULL, &client, &err),
	    ERR_OK);
	assert_non_null(client);
	return client;
}

/* ---- fixtures ---- */

static struct net_tls_client *
client_tls(const struct cert *ca)
{
	const struct net_tls_client_settings settings = {
	    .trust = {.pem = str_c(ca->pem), .name = "ca"},
	};
	struct net_tls_client *tls = NULL;

	ensure(net_tls_client_new(&settings, &tls, NULL) == ERR_OK);
	return tls;
}

static int
set_up(void **state)
{
	static struct shelf shelf;

	shelf.ca = cert_make(
	    &(struct cert_wish){.name = "CA", .is_ca = true, .to_s = DAY_S});
	shelf.other_ca = cert_make(
	    &(struct cert_wish){.name = "CA 2", .is_ca = true, .to_s = DAY_S});
	shelf.good = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example,DNS:*.wild.example,IP:127.0.0.1",
	    .issuer = &shelf.ca,
	    .to_s = DAY_S});
	/* The right name where nobody looks for it any more. */
	shelf.wrong_name = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:evil.example",
	    .issuer = &shelf.ca,
	    .to_s = DAY_S});
	shelf.expired = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example",
	    .issuer = &shelf.ca,
	    .from_s = -2L * DAY_S,
	    .to_s = -DAY_S});
	shelf.self_signed = cert_make(&(struct cert_wish){
	    .name = "mail.example", .alt = "DNS:mail.example", .to_s = DAY_S});
	shelf.trusting = client_tls(&shelf.ca);
	shelf.strict = client_tls(&shelf.other_ca);
	*state = &shelf;
	return 0;
}

static int
tear_down(void **state)
{
	struct shelf *shelf = *state;

	cert_end(&shelf->ca);
	cert_end(&shelf->other_ca);
	cert_end(&shelf->good);
	cert_end(&shelf->wrong_name);
	cert_end(&shelf->expired);
	cert_end(&shelf->self_signed);
	net_tls_client_unref(shelf->trusting);
	net_tls_client_unref(shelf->strict);
	return 0;
}

/* ---- tests ---- */

static void
read_all(struct net_client *client, char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t got = net_client_read(client, buf + at, len - at);

		assert_true(got > 0);
		at += (size_t)got;
	}
}

static void
write_all(struct net_client *client, const char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t put =
		    net_client_write(client, buf + at, len - at);

		assert_true(put > 0);
		at += (size_t)put;
	}
}

static void
test_plain(void **state)
{
	struct server server;
	struct net_client *client = NULL;
	char buf[5];

	(void)state;
	server_start(&server, SCRIPT_ECHO, NULL);
	client = connect_to(&server);
	assert_int_equal(net_client_look(client), NET_CLIENT_QUIET);
	write_all(client, "hello", 5);
	assert_int_equal(poller_wait_one(net_client_socket(client), POLLER_READ,
	                     soon(), NULL, NULL),
	    ERR_OK);
	assert_int_equal(net_client_look(client), NET_CLIENT_READABLE);
	read_all(client, buf, 5);
	assert_memory_equal(buf, "hello", 5);
	assert_false(net_client_is_tls(client));
	assert_int_equal(net_client_error(client, NULL), ERR_OK);
	net_client_close(client);
	server_end(&server);
}

static void
test_trust(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *name;
		const struct cert *cert;
		struct net_tls_client *tls;
		const char *host;
		enum err_code expected;
		const char *message;
	} rows[] = {
	    {"good", &shelf->good, shelf->trusting, "mail.example", ERR_OK, ""},
	    {"last dot", &shelf->good, shelf->trusting, "mail.example.", ERR_OK,
	        ""},
	    {"case", &shelf->good, shelf->trusting, "MAIL.example", ERR_OK, ""},
	    {"address", &shelf->good, shelf->trusting, "127.0.0.1", ERR_OK, ""},
	    {"wildcard", &shelf->good, shelf->trusting, "a.wild.example",
	        ERR_OK, ""},
	    {"wildcard too deep", &shelf->good, shelf->trusting,
	        "a.b.wild.example", ERR_TRUST, "is for another name"},
	    {"wrong address", &shelf->good, shelf->trusting, "127.0.0.2",
	        ERR_TRUST, "is for another name"},
	    {"wrong name", &shelf->wrong_name, shelf->trusting, "mail.example",
	        ERR_TRUST, "is for another name"},
	    {"wrong CA", &shelf->good, shelf->strict, "mail.example", ERR_TRUST,
	        "authority that is not trusted"},
	    {"expired", &shelf->expired, shelf->trusting, "mail.example",
	        ERR_TRUST, "has expired"},
	    {"self-signed", &shelf->self_signed, shelf->trusting,
	        "mail.example", ERR_TRUST, "(self-signed)"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct server server;
		struct net_client *client = NULL;
		struct err err = ERR_NONE;
		char buf[4];
		enum err_code rc = ERR_OK;

		server_start(&server, SCRIPT_TLS, rows[i].cert);
		client = connect_to(&server);
		rc = net_client_start_tls(
		    client, rows[i].tls, str_c(rows[i].host), &err);
		if (rc != rows[i].expected)
			print_error("row %s: %s (%s)\n", rows[i].name,
			    err.message, err.detail);
		assert_int_equal(rc, rows[i].expected);
		assert_non_null(strstr(err.message, rows[i].message));
		if (rc == ERR_OK) {
			write_all(client, "ping", 4);
			read_all(client, buf, 4);
			assert_memory_equal(buf, "ping", 4);
			assert_true(net_client_is_tls(client));
			/* Session tickets are no reason to be readable. */
			assert_int_equal(
			    net_client_look(client), NET_CLIENT_QUIET);
		} else {
			assert_int_equal(net_client_read(client, buf, 4), -1);
			assert_int_equal(
			    net_client_look(client), NET_CLIENT_DEAD);
		}
		net_client_close(client);
		server_end(&server);
	}
}

static void
test_large(void **state)
{
	const struct shelf *shelf = *state;
	const size_t len = (size_t)64 << 10;
	struct server server;
	struct net_client *client = NULL;
	char *out = malloc(len);
	char *in = malloc(len);

	assert_non_null(out);
	assert_non_null(in);
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(i * 7 + i / 251);
	server_start(&server, SCRIPT_TLS, &shelf->good);
	client = connect_to(&server);
	assert_int_equal(net_client_start_tls(client, shelf->trusting,
	                     STR("mail.example"), NULL),
	    ERR_OK);
	for (int i = 0; i < 8; i++) {
		write_all(client, out, len);
		read_all(client, in, len);
		assert_memory_equal(in, out, len);
	}
	net_client_close(client);
	server_end(&server);
	free(out);
	free(in);
}

static void
test_refused(void **state)
{
	struct net_client *client = NULL;
	struct err err = ERR_NONE;
	sock_t listener = SOCK_NONE;
	uint16_t port = 0;

	(void)state;
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &listener, NULL), ERR_OK);
	port = socket_port(listener);
	socket_close(&listener);
	assert_int_equal(net_client_open(STR("127.0.0.1"), port, soon(), NULL,
	                     &client, &err),
	    ERR_AWAY);
	assert_null(client);
	assert_string_equal(err.message, "The mail server cannot be reached.");
	assert_int_equal(net_client_open(STR("no-such-host.invalid"), port,
	                     soon(), NULL, &client, &err),
	    ERR_AWAY);
	assert_int_equal(
	    net_client_open(STR(""), port, soon(), NULL, &client, &err),
	    ERR_AWAY);
}

static void
test_by_name(void **state)
{
	struct server server;
	struct net_client *client = NULL;
	struct err err = ERR_NONE;

	(void)state;
	server_start(&server, SCRIPT_CLOSE, NULL);
	/* May have to go past "::1", where nobody listens. */
	assert_int_equal(net_client_open(STR("localhost"), server.port, soon(),
	                     NULL, &client, &err),
	    ERR_OK);
	net_client_close(client);
	server_end(&server);
}

/* The end is -1, and stays. */
static void
test_end(void **state)
{
	const struct shelf *shelf = *state;
	const enum script scripts[] = {
	    SCRIPT_CLOSE, SCRIPT_TLS_CLOSE, SCRIPT_TLS_CUT};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct server server;
		struct net_client *client = NULL;
		struct err err = ERR_NONE;
		char buf[16];

		server_start(&server, scripts[i], &shelf->good);
		client = connect_to(&server);
		if (scripts[i] != SCRIPT_CLOSE)
			assert_int_equal(
			    net_client_start_tls(client, shelf->trusting,
			        STR("mail.example"), NULL),
			    ERR_OK);
		if (scripts[i] == SCRIPT_TLS_CLOSE)
			read_all(client, buf, 3);
		assert_int_equal(net_client_read(client, buf, 16), -1);
		assert_int_equal(net_client_read(client, buf, 16), -1);
		assert_int_equal(net_client_error(client, &err), ERR_AWAY);
		assert_string_equal(
		    err.message, "The connection to the mail server was lost.");
		assert_int_equal(net_client_look(client), NET_CLIENT_DEAD);
		net_client_close(client);
		server_end(&server);
	}
}

/* Dead without a read having failed: for pools. */
static void
test_look_dead(void **state)
{
	const struct shelf *shelf = *state;
	const enum script scripts[] = {SCRIPT_CLOSE, SCRIPT_TLS_CUT};

	for (size_t i = 0; i < 2; i++) {
		struct server server;
		struct net_client *client = NULL;

		server_start(&server, scripts[i], &shelf->good);
		client = connect_to(&server);
		if (scripts[i] != SCRIPT_CLOSE)
			assert_int_equal(
			    net_client_start_tls(client, shelf->trusting,
			        STR("mail.example"), NULL),
			    ERR_OK);
		server_end(&server);
		assert_int_equal(poller_wait_one(net_client_socket(client),
		                     POLLER_GONE, soon(), NULL, NULL),
		    ERR_OK);
		assert_int_equal(net_client_look(client), NET_CLIENT_DEAD);
		net_client_close(client);
	}
}

static void *
fire(void *ctx)
{
	cancel_fire(ctx);
	return NULL;
}

static void
test_cancel(void **state)
{
	struct server server;
	struct net_client *client = NULL;
	struct cancel *cancel = cancel_new(NULL);
	pthread_t thread;
	char byte = 0;

	(void)state;
	server_start(&server, SCRIPT_SILENT, NULL);
	client = connect_to(&server);
	net_client_set_wait(client, soon(), cancel);
	assert_int_equal(pthread_create(&thread, NULL, fire, cancel), 0);
	assert_int_equal(net_client_read(client, &byte, 1), -1);
	assert_int_equal(net_client_error(client, NULL), ERR_CANCELED);
	(void)pthread_join(thread, NULL);
	net_client_close(client);
	server_end(&server);
	/* And while connecting: nothing is even tried. */
	assert_int_equal(net_client_open(STR("no-such-host.invalid"), 1, soon(),
	                     cancel, &client, NULL),
	    ERR_CANCELED);
	cancel_free(cancel);
}

static void
test_deadline(void **state)
{
	const struct {
		enum script script;
		bool wants_tls;
	} rows[] = {
	    {SCRIPT_DRIP, false}, {SCRIPT_SILENT, false},
	    {SCRIPT_SILENT, true}, /* takes the ClientHello, says nothing */
	};
	const struct shelf *shelf = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct server server;
		struct net_client *client = NULL;
		struct err err = ERR_NONE;
		const int64_t start_ms = clock_mono_ms();
		char byte = 0;

		server_start(&server, rows[i].script, NULL);
		client = connect_to(&server);
		net_client_set_wait(client, start_ms + 300, NULL);
		if (rows[i].wants_tls)
			assert_int_equal(
			    net_client_start_tls(client, shelf->trusting,
			        STR("mail.example"), &err),
			    ERR_AWAY);
		while (net_client_read(client, &byte, 1) > 0)
			;
		assert_int_equal(net_client_error(client, &err), ERR_AWAY);
		assert_string_equal(
		    err.message, "The mail server did not answer in time.");
		assert_true(clock_mono_ms() - start_ms >= 300);
		assert_true(clock_mono_ms() - start_ms < LONG_MS / 2);
		net_client_close(client);
		server_end(&server);
	}
}

static void
test_injection(void **state)
{
	const struct shelf *shelf = *state;
	struct server server;
	struct net_client *client = NULL;
	struct err err = ERR_NONE;

	server_start(&server, SCRIPT_INJECT, NULL);
	client = connect_to(&server);
	assert_int_equal(poller_wait_one(net_client_socket(client), POLLER_READ,
	                     soon(), NULL, NULL),
	    ERR_OK);
	assert_int_equal(net_client_start_tls(client, shelf->trusting,
	                     STR("mail.example"), &err),
	    ERR_FORBIDDEN);
	assert_false(net_client_is_tls(client));
	assert_int_equal(net_client_write(client, "x", 1), -1);
	net_client_close(client);
	server_end(&server);
	server_start(&server, SCRIPT_GARBAGE, NULL);
	client = connect_to(&server);
	assert_int_equal(net_client_start_tls(client, shelf->trusting,
	                     STR("mail.example"), &err),
	    ERR_AWAY);
	assert_string_equal(err.message,
	    "The mail server does not speak TLS on this port. "
	    "Please tell the administrator.");
	net_client_close(client);
	server_end(&server);
}

/* select() would abort here (FD_SETSIZE). */
static void
test_high_descriptors(void **state)
{
	struct rlimit limit;
	int held[1100];
	size_t count = 0;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2048)
		skip();
	for (; count < 1100; count++) {
		held[count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(held[count] >= 0);
	}
	test_plain(state);
	test_cancel(state);
	while (count > 0)
		(void)close(held[--count]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_trust),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_by_name),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_look_dead),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_injection),
	    cmocka_unit_test(test_high_descriptors),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
