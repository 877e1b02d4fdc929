/* Ways round: what a proxy is asked, and what its answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "net/net_client.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	LONG_MS = 20000, /* never reached when all is well */
	TURNS_MOST = 4
};

/* Reads `wants` bytes of the client, then says `says`. */
struct turn {
	struct str wants, says;
};

struct server {
	struct turn turns[TURNS_MOST];
	bool hangs; /* at the end, instead of closing */
	sock_t listener;
	uint16_t port;
	pthread_t thread;
	bool is_as_wanted;
};

/* A macro because turns are initialised. */
#define TURN(wanted, said)             \
	{                              \
		STR(wanted), STR(said) \
	}

static int64_t
soon(void)
{
	return clock_mono_ms() + LONG_MS;
}

static bool
expect(sock_t sock, struct str wanted)
{
	char got[1024];
	size_t at = 0;

	while (at < wanted.len) {
		const ssize_t n = read(sock, got + at, wanted.len - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return str_eq(str_of(got, at), wanted);
}

static void *
server_run(void *ctx)
{
	struct server *server = ctx;
	struct socket_peer peer;
	sock_t sock = SOCK_NONE;
	char byte = 0;

	if (poller_wait_one(
	        server->listener, POLLER_READ, soon(), NULL, NULL) == ERR_OK)
		sock = socket_accept(server->listener, &peer);
	if (sock == SOCK_NONE)
		return NULL;
	socket_set_nonblocking(sock, false);
	server->is_as_wanted = true;
	for (size_t i = 0; i < TURNS_MOST && server->is_as_wanted; i++) {
		const struct turn *turn = &server->turns[i];

		server->is_as_wanted = expect(sock, turn->wants);
		if (server->is_as_wanted && turn->says.len > 0)
			(void)!write(sock, turn->says.ptr, turn->says.len);
	}
	if (!server->hangs)
		socket_shutdown_write(sock);
	while (read(sock, &byte, 1) > 0)
		;
	socket_close(&sock);
	return NULL;
}

struct asking {
	struct server server;
	const char *user; /* "NAME:PASSWORD@" or "" */
	const char *host; /* NULL: imap.inner.example */
	const char *scheme;
	struct net_client *client;
	struct err err;
};

static enum err_code
ask(struct asking *asking, int64_t wait_ms, struct cancel *cancel)
{
	struct server *server = &asking->server;
	struct arena *arena = arena_new(8 << 10);
	struct net_proxy proxy;
	enum err_code rc;

	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &server->listener, NULL),
	    ERR_OK);
	server->port = socket_port(server->listener);
	assert_int_equal(
	    pthread_create(&server->thread, NULL, server_run, server), 0);
	rc = net_proxy_parse(arena,
	    str_printf(arena, "%s://%s127.0.0.1:%u", asking->scheme,
	        asking->user, (unsigned)server->port),
	    &proxy, &asking->err);
	if (rc != ERR_OK)
		fail_msg("%s", asking->err.message);
	rc = net_client_open_by(&proxy,
	    str_c(asking->host == NULL ? "imap.inner.example" : asking->host),
	    993, clock_mono_ms() + wait_ms, cancel, &asking->client,
	    &asking->err);
	arena_free(arena);
	return rc;
}

static void
ask_end(struct asking *asking)
{
	net_client_close(asking->client);
	socket_shutdown(asking->server.listener);
	(void)pthread_join(asking->server.thread, NULL);
	socket_close(&asking->server.listener);
}

/* ---- addresses ---- */

static void
proxies_are_written(void **state)
{
	const struct {
		const char *url;
		enum net_proxy_kind kind;
		const char *host;
		uint16_t port;
		const char *name, *password;
	} rows[] = {
	    {"", NET_PROXY_NONE, "", 0, "", ""},
	    {"socks5://p", NET_PROXY_SOCKS5, "p", 1080, "", ""},
	    {"SOCKS5://10.0.0.1:99/", NET_PROXY_SOCKS5, "10.0.0.1", 99, "", ""},
	    {"http://[fd00::1]:3128", NET_PROXY_HTTP, "fd00::1", 3128, "", ""},
	    {"http://p", NET_PROXY_HTTP, "p", 8080, "", ""},
	    {"socks5://me:a%40b%3Ac@p:1", NET_PROXY_SOCKS5, "p", 1, "me",
	        "a@b:c"},
	};
	static const char *const wrong[] = {"p:1080", "ftp://p", "socks5://",
	    "socks5://p:0", "socks5://p:70000", "socks5://me@p",
	    "socks5://me:@p", "http://a%3Ab:c@p", "socks5://[::1", "http://a b",
	    "socks5://a:b%0D%0A@p", "http://p/path"};
	struct arena *arena = arena_new(64 << 10);
	struct net_proxy proxy;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (net_proxy_parse(arena, str_c(rows[i].url), &proxy, &err) !=
		    ERR_OK)
			fail_msg("%s: %s", rows[i].url, err.message);
		assert_int_equal(proxy.kind, rows[i].kind);
		assert_true(str_eq(proxy.host, str_c(rows[i].host)));
		assert_int_equal(proxy.port, rows[i].port);
		assert_true(str_eq(proxy.name, str_c(rows[i].name)));
		assert_true(str_eq(proxy.password, str_c(rows[i].password)));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (net_proxy_parse(arena, str_c(wrong[i]), &proxy, &err) !=
		    ERR_INPUT)
			fail_msg("taken: %s", wrong[i]);
		assert_int_equal(proxy.kind, NET_PROXY_NONE);
		assert_true(err.message[0] != '\0');
	}
	arena_free(arena);
}

/* ---- talking ---- */

#define SOCKS_ASK "\x05\x01\x00\x03\x12imap.inner.example\x03\xe1"
#define SOCKS_YES "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"
#define HTTP_ASK                                      \
	"CONNECT imap.inner.example:993 HTTP/1.1\r\n" \
	"Host: imap.inner.example:993\r\n"

/* What comes right behind the proxy's answer is the mail server's. */
static void
a_way_is_found(void **state)
{
	struct asking rows[] = {
	    {.scheme = "socks5",
	        .user = "",
	        .server.turns = {TURN("\x05\x01\x00", "\x05\x00"),
	            TURN(SOCKS_ASK, SOCKS_YES "* OK ready")}},
	    {.scheme = "socks5",
	        .user = "me:word@",
	        .server.turns = {TURN("\x05\x02\x00\x02", "\x05\x02"),
	            TURN("\x01\x02me\x04word", "\x01\x00"),
	            TURN(SOCKS_ASK,
	                "\x05\x00\x00\x03\x05inner\x00\x01* OK ready")}},
	    {.scheme = "socks5",
	        .user = "me:word@",
	        .server.turns = {TURN("\x05\x02\x00\x02", "\x05\x00"),
	            TURN(SOCKS_ASK, "\x05\x00\x00\x04"
	                            "0123456789abcdef\x00\x01* OK ready")}},
	    {.scheme = "socks5",
	        .user = "",
	        .host = "10.0.0.5",
	        .server.turns = {TURN("\x05\x01\x00", "\x05\x00"),
	            TURN("\x05\x01\x00\x01\x0a\x00\x00\x05\x03\xe1",
	                SOCKS_YES "* OK ready")}},
	    {.scheme = "http",
	        .user = "",
	        .host = "fd00::5",
	        .server.turns = {TURN("CONNECT [fd00::5]:993 HTTP/1.1\r\n"
	                              "Host: [fd00::5]:993\r\n\r\n",
	            "HTTP/1.1 200 Go\r\n\r\n* OK ready")}},
	    {.scheme = "http",
	        .user = "",
	        .server.turns = {TURN(HTTP_ASK "\r\n",
	            "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
	            "* OK ready")}},
	    {.scheme = "http",
	        .user = "me:word@",
	        .server.turns = {TURN(HTTP_ASK
	            "Proxy-Authorization: Basic bWU6d29yZA==\r\n\r\n",
	            "HTTP/1.0 200\r\n\r\n* OK ready")}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[11] = "";
		size_t at = 0;

		if (ask(&rows[i], LONG_MS, NULL) != ERR_OK)
			fail_msg("row %zu: %s (%s)", i, rows[i].err.message,
			    rows[i].err.detail);
		while (at < 10) {
			const int64_t got =
			    net_client_read(rows[i].client, buf + at, 10 - at);

			assert_true(got > 0);
			at += (size_t)got;
		}
		assert_string_equal(buf, "* OK ready");
		ask_end(&rows[i]);
		assert_true(rows[i].server.is_as_wanted);
	}
}

static void
refusals_have_words(void **state)
{
	struct {
		struct asking asking;
		const char *detail;
	} rows[] = {
	    {{.scheme = "socks5",
	         .user = "",
	         .server.turns = {TURN("\x05\x01\x00", "\x05\xff")}},
	        "the proxy refused: it wants a name and a password"},
	    {{.scheme = "socks5",
	         .user = "me:word@",
	         .server.turns = {TURN("\x05\x02\x00\x02", "\x05\x02"),
	             TURN("\x01\x02me\x04word", "\x01\x01")}},
	        "the proxy refused: its name or password is wrong"},
	    {{.scheme = "socks5",
	         .user = "",
	         .server.turns = {TURN("\x05\x01\x00", "\x05\x00"),
	             TURN(SOCKS_ASK, "\x05\x02\x00\x01")}},
	        "the proxy refused: its rules do not allow"},
	    {{.scheme = "socks5",
	         .user = "",
	         .server.turns = {TURN("\x05\x01\x00", "\x05\x00"),
	             TURN(SOCKS_ASK, "\x05\x05\x00\x01")}},
	        "connection refused by the mail server"},
	    {{.scheme = "socks5",
	         .user = "",
	         .server.turns = {TURN("\x05\x01\x00", "HTTP/1.1 400")}},
	        "does not answer as SOCKS5 does"},
	    {{.scheme = "socks5",
	         .user = "",
	         .server.turns = {TURN("\x05\x01\x00", "")}},
	        "the proxy: closed by the server"},
	    {{.scheme = "http",
	         .user = "",
	         .server.turns = {TURN(HTTP_ASK "\r\n",
	             "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")}},
	        "the proxy refused: HTTP/1.1 407 Proxy Authentication"},
	    {{.scheme = "http",
	         .user = "",
	         .server.turns = {TURN(HTTP_ASK "\r\n", "* OK IMAP\r\n\r\n")}},
	        "does not answer as HTTP does"},
	    {{.scheme = "http",
	         .user = "",
	         .server.turns = {TURN(HTTP_ASK "\r\n", "HTTP/1.1 2000\n\n")}},
	        "does not answer as HTTP does"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asking *asking = &rows[i].asking;
		enum err_code rc = ask(asking, LONG_MS, NULL);

		if (rc != ERR_AWAY ||
		    strstr(asking->err.detail, rows[i].detail) == NULL)
			fail_msg("row %zu: %s %s (%s)", i, err_name(rc),
			    asking->err.message, asking->err.detail);
		assert_null(asking->client);
		assert_string_equal(
		    asking->err.message, "The mail server cannot be reached.");
		ask_end(asking);
	}
}

/* An answer without an end, one that never comes, and a browser that left. */
static void
answers_are_bounded(void **state)
{
	char *endless = malloc(20000);
	struct asking asking = {.scheme = "http", .user = ""};
	struct cancel *cancel = cancel_new(NULL);
	const int64_t start_ms = clock_mono_ms();

	(void)state;
	assert_non_null(endless);
	memset(endless, 'x', 20000);
	memcpy(endless, "HTTP/1.1 200 ", 13);
	asking.server.turns[0] =
	    (struct turn){STR(HTTP_ASK "\r\n"), str_of(endless, 20000)};
	asking.server.hangs = true;
	assert_int_equal(ask(&asking, LONG_MS, NULL), ERR_AWAY);
	assert_non_null(strstr(asking.err.detail, "as HTTP does"));
	ask_end(&asking);
	asking = (struct asking){
	    .scheme = "socks5", .user = "", .server.hangs = true};
	assert_int_equal(ask(&asking, 200, NULL), ERR_AWAY);
	assert_non_null(strstr(asking.err.detail, "deadline passed"));
	ask_end(&asking);
	assert_true(clock_mono_ms() - start_ms < LONG_MS / 2);
	cancel_fire(cancel);
	asking = (struct asking){
	    .scheme = "socks5", .user = "", .server.hangs = true};
	assert_int_equal(ask(&asking, LONG_MS, cancel), ERR_CANCELED);
	ask_end(&asking);
	cancel_free(cancel);
	free(endless);
}

static void
a_proxy_that_is_away(void **state)
{
	const struct net_proxy proxy = {
	    .kind = NET_PROXY_SOCKS5, .host = STR("127.0.0.1"), .port = 1};
	struct net_client *client = NULL;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(net_client_open_by(&proxy, STR("imap.inner.example"),
	                     993, soon(), NULL, &client, &err),
	    ERR_AWAY);
	assert_null(client);
	assert_non_null(
	    strstr(err.detail, "proxy 127.0.0.1:1: Connection refused"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(proxies_are_written),
	    cmocka_unit_test(a_way_is_found),
	    cmocka_unit_test(refusals_have_words),
	    cmocka_unit_test(answers_are_bounded),
	    cmocka_unit_test(a_proxy_that_is_away),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
