#include "os/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/poller.h"

static int64_t
soon(void)
{
	return clock_mono_ms() + 10000;
}

static void
test_listen_errors(void **state)
{
	const struct {
		struct str address;
		const char *message;
	} rows[] = {
	    {STR(""), "Cannot listen on \"\": this is no numeric address."},
	    {STR("example.org"), "Cannot listen on address example.org, port "
	                         "1: this is no numeric address."},
	    {STR("1.2.3.4\0"), "Cannot listen on \"1.2.3.4"},
	    {STR("203.0.113.7"), "Cannot listen on address 203.0.113.7, port "
	                         "1: Cannot assign requested address."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_NONE;
		sock_t sock = 0;

		assert_int_equal(
		    socket_listen(rows[i].address, 1, &sock, &err), ERR_CONFIG);
		assert_int_equal(sock, SOCK_NONE);
		assert_non_null(strstr(err.message, rows[i].message));
	}
}

static void
test_in_use(void **state)
{
	struct err err = ERR_NONE;
	sock_t first = SOCK_NONE;
	sock_t second = SOCK_NONE;

	(void)state;
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &first, &err), ERR_OK);
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), socket_port(first), &second, &err),
	    ERR_CONFIG);
	assert_non_null(strstr(err.message, "Address already in use."));
	socket_close(&first);
	assert_int_equal(first, SOCK_NONE);
	socket_close(&first);
}

/* Connects by every address a listener on `address` should answer. */
static void
connect_and_accept(struct str address, const char *host, const char *peer)
{
	struct socket_targets targets;
	struct socket_peer seen;
	sock_t listener = SOCK_NONE;
	sock_t client = SOCK_NONE;
	sock_t server = SOCK_NONE;

	assert_int_equal(socket_listen(address, 0, &listener, NULL), ERR_OK);
	assert_int_equal(socket_accept(listener, &seen), SOCK_NONE);
	assert_int_equal(
	    socket_lookup(host, socket_port(listener), true, &targets, NULL),
	    ERR_OK);
	client = socket_connect(&targets.list[0]);
	assert_int_not_equal(client, SOCK_NONE);
	assert_int_equal(
	    poller_wait_one(client, POLLER_WRITE, soon(), NULL, NULL), ERR_OK);
	assert_int_equal(socket_connect_result(client), 0);
	assert_int_equal(
	    poller_wait_one(listener, POLLER_READ, soon(), NULL, NULL), ERR_OK);
	server = socket_accept(listener, &seen);
	assert_int_not_equal(server, SOCK_NONE);
	assert_string_equal(seen.address, peer);
	assert_true(seen.is_loopback);
	assert_int_equal(seen.port, socket_port(client));
	socket_close(&server);
	socket_close(&client);
	socket_close(&listener);
}

static void
test_families(void **state)
{
	struct err err = ERR_NONE;
	sock_t probe = SOCK_NONE;

	(void)state;
	connect_and_accept(STR("127.0.0.1"), "127.0.0.1", "127.0.0.1");
	/* Mapped addresses are shown as what they are. */
	connect_and_accept(STR("*"), "127.0.0.1", "127.0.0.1");
	if (socket_listen(STR("::1"), 0, &probe, &err) != ERR_OK)
		skip();
	socket_close(&probe);
	connect_and_accept(STR("::1"), "::1", "::1");
	connect_and_accept(STR("*"), "::1", "::1");
}

static void
test_pair(void **state)
{
	sock_t pair[2];
	sock_t copy = SOCK_NONE;
	char buf[8];

	(void)state;
	assert_int_equal(socket_pair(pair, NULL), ERR_OK);
	assert_int_equal(socket_read(pair[0], buf, 8), -1);
	assert_int_equal(socket_write(pair[1], "abc", 3), 3);
	assert_int_equal(socket_peek(pair[0], buf, 8), 3);
	assert_int_equal(socket_read(pair[0], buf, 2), 2);
	assert_memory_equal(buf, "ab", 2);
	copy = socket_dup(pair[1]);
	socket_shutdown_write(pair[1]);
	assert_int_equal(socket_read(pair[0], buf, 8), 1);
	assert_int_equal(socket_read(pair[0], buf, 8), 0);
	assert_int_equal(socket_write(pair[0], "x", 1), 1);
	assert_int_equal(socket_read(copy, buf, 8), 1);
	/* Seen by all who share it, unlike a close. */
	socket_shutdown(copy);
	assert_int_equal(socket_read(pair[1], buf, 8), 0);
	assert_int_equal(socket_write(pair[0], "x", 1), -2);
	socket_close(&copy);
	socket_close(&pair[0]);
	socket_close(&pair[1]);
}

static void
test_full(void **state)
{
	static const char zeros[65536];
	sock_t pair[2];
	int64_t put = 0;

	(void)state;
	assert_int_equal(socket_pair(pair, NULL), ERR_OK);
	while (put >= 0)
		put = socket_write(pair[0], zeros, sizeof(zeros));
	assert_int_equal(put, -1);
	socket_close(&pair[0]);
	socket_close(&pair[1]);
}

static void
test_network(void **state)
{
	const struct {
		const char *a, *b;
		bool is_same;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
	    {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct socket_peer a = {.port = 1};
		struct socket_peer b = {.port = 2};

		(void)snprintf(a.address, sizeof(a.address), "%s", rows[i].a);
		(void)snprintf(b.address, sizeof(b.address), "%s", rows[i].b);
		assert_int_equal(
		    socket_peer_network(&a) == socket_peer_network(&b),
		    rows[i].is_same);
	}
}

static void
test_parse(void **state)
{
	const struct {
		struct str text;
		const char *address; /* NULL: none */
		bool is_loopback;
	} rows[] = {
	    {STR("192.0.2.1"), "192.0.2.1", false},
	    {STR("127.9.9.9"), "127.9.9.9", true},
	    {STR("::1"), "::1", true},
	    {STR("[::1]"), "::1", true},
	    {STR("2001:DB8:0:0::7"), "2001:db8::7", false},
	    {STR("::ffff:127.0.0.1"), "127.0.0.1", true},
	    {STR("::ffff:192.0.2.1"), "192.0.2.1", false},
	    {STR(""), NULL, false},
	    {STR("["), NULL, false},
	    {STR("[]"), NULL, false},
	    {STR("unknown"), NULL, false},
	    {STR("192.0.2.1:80"), NULL, false},
	    {STR("192.0.2.1\0"), NULL, false},
	    {STR("192.0.2.01 "), NULL, false},
	    {STR("10.1"), NULL, false},
	    {STR("fe80::1%eth0"), NULL, false},
	    {STR("1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:"
	         "1111:1111"),
	        NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct socket_peer peer = {.port = 9};

		assert_int_equal(socket_peer_parse(rows[i].text, &peer),
		    rows[i].address != NULL);
		if (rows[i].address == NULL)
			continue;
		assert_string_equal(peer.address, rows[i].address);
		assert_int_equal(peer.is_loopback, rows[i].is_loopback);
		assert_int_equal(peer.port, 0);
	}
}

static void
test_lookup_errors(void **state)
{
	struct socket_targets targets;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    socket_lookup("localhost", 1, true, &targets, &err), ERR_AWAY);
	assert_int_equal(targets.count, 0);
	assert_non_null(strstr(err.detail, "localhost"));
	assert_int_equal(
	    socket_lookup("localhost", 1, false, &targets, &err), ERR_OK);
	assert_true(targets.count >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_listen_errors),
	    cmocka_unit_test(test_in_use),
	    cmocka_unit_test(test_families),
	    cmocka_unit_test(test_pair),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_lookup_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
