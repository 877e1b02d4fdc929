/* The street door with a small HTTP side: threads that echo, sink or wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>

#include "base/lock.h"
#include "cert_maker.h"
#include "net/net.h"
#include "net/net_client.h"
#include "os/clock.h"
#include "os/poller.h"

enum {
	DAY_S = 86400,
	LONG_MS = 20000, /* never reached when all is well */
	HUGE_BYTES = 4 << 20
};

enum mode {
	MODE_ECHO,  /* until the end */
	MODE_SINK,  /* reads HUGE_BYTES, then writes as many, then closes */
	MODE_JOB,   /* in NET_PHASE_JOB until told that the browser left */
	MODE_LATE,  /* the browser leaves, then NET_PHASE_JOB */
	MODE_READ,  /* reads to the end, never answers */
	MODE_HASTY, /* answers "no" and closes, without reading */
	MODE_REFUSE /* ready() says false */
};

struct house {
	struct net *net;
	struct net_tls *tls;
	struct net_tls_client *client_tls;
	struct cert cert;
	struct cert other;
	uint16_t plain_port;
	uint16_t secure_port;
	enum mode mode;
	enum net_phase phase; /* MODE_READ: this one, if not HEADER */
	int64_t phase_ms;
	/* What the last connection was. */
	bool was_tls;
	enum net_door door;
	uint16_t local_port;
	bool was_loopback;
	bool was_proxy;
	bool was_forwarded;
	bool was_introduced;
	struct socket_peer peer;
	struct lock lock; /* guards the counts */
	struct lock_cond changed;
	unsigned visits;
	unsigned begun; /* in their job */
	unsigned gone;
	unsigned ended;
};

struct visit {
	struct house *house;
	sock_t sock;
	struct net_conn *conn;
};

static int64_t
soon(void)
{
	return clock_mono_ms() + LONG_MS;
}

/* ---- the HTTP side ---- */

static bool
put_all(sock_t sock, const char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t put = socket_write(sock, buf + at, len - at);

		if (put == -2)
			return false;
		if (put > 0)
			at += (size_t)put;
		else if (poller_wait_one(
		             sock, POLLER_WRITE, soon(), NULL, NULL) != ERR_OK)
			return false;
	}
	return true;
}

/* > 0 bytes, 0 the end or broken. */
static int64_t
get_some(sock_t sock, char *buf, size_t len)
{
	for (;;) {
		const int64_t got = socket_read(sock, buf, len);

		if (got > 0)
			return got;
		if (got != -1)
			return 0;
		if (poller_wait_one(sock, POLLER_READ, soon(), NULL, NULL) !=
		    ERR_OK)
			return 0;
	}
}

static void
sink(sock_t sock)
{
	static const char zeros[4096];
	char buf[4096];
	size_t total = 0;

	while (total < HUGE_BYTES) {
		const int64_t got = get_some(sock, buf, sizeof(buf));

		if (got == 0)
			return;
		total += (size_t)got;
	}
	for (total = 0; total < HUGE_BYTES; total += sizeof(zeros)) {
		if (!put_all(sock, zeros, sizeof(zeros)))
			return;
	}
}

static void
wait_for_gone(struct house *house)
{
	lock_take(&house->lock);
	house->begun++;
	lock_cond_broadcast(&house->changed);
	while (house->gone == 0)
		lock_cond_wait(&house->changed, &house->lock);
	lock_give(&house->lock);
}

static void
visit_serve(const struct visit *visit)
{
	struct house *house = visit->house;
	char buf[4096];
	int64_t got = 1;

	switch (house->mode) {
	case MODE_ECHO:
		while (got > 0) {
			got = get_some(visit->sock, buf, sizeof(buf));
			if (got > 0 && !put_all(visit->sock, buf, (size_t)got))
				got = 0;
			net_conn_phase(visit->conn, NET_PHASE_IDLE, 0);
		}
		break;
	case MODE_SINK:
		net_conn_phase(visit->conn, NET_PHASE_BODY, soon());
		sink(visit->sock);
		break;
	case MODE_JOB:
		(void)get_some(visit->sock, buf, 1);
		net_conn_phase(visit->conn, NET_PHASE_JOB,
		    clock_mono_ms() + house->phase_ms);
		wait_for_gone(house);
		break;
	case MODE_LATE:
		while (got > 0)
			got = get_some(visit->sock, buf, sizeof(buf));
		net_conn_phase(visit->conn, NET_PHASE_JOB, soon());
		wait_for_gone(house);
		break;
	case MODE_READ:
		if (house->phase != NET_PHASE_HEADER)
			net_conn_phase(visit->conn, house->phase,
			    clock_mono_ms() + house->phase_ms);
		while (got > 0)
			got = get_some(visit->sock, buf, sizeof(buf));
		break;
	case MODE_HASTY:
		(void)put_all(visit->sock, "no", 2);
		break;
	case MODE_REFUSE:
		break;
	}
}

static void *
visit_run(void *ctx)
{
	struct visit *visit = ctx;
	struct house *house = visit->house;

	visit_serve(visit);
	socket_close(&visit->sock);
	net_conn_end(visit->conn);
	free(visit);
	lock_take(&house->lock);
	house->ended++;
	lock_cond_broadcast(&house->changed);
	lock_give(&house->lock);
	return NULL;
}

static bool
on_ready(void *ctx, sock_t sock, struct net_conn *conn)
{
	struct house *house = ctx;
	struct visit *visit = NULL;
	pthread_attr_t attributes;
	pthread_t thread;

	if (house->mode == MODE_REFUSE)
		return false;
	lock_take(&house->lock);
	house->visits++;
	house->was_tls = net_conn_is_tls(conn);
	house->door = net_conn_door(conn);
	house->local_port = net_conn_local_port(conn);
	house->was_loopback =
	    net_conn_peer(conn)->is_loopback &&
	    strcmp(net_conn_peer(conn)->address, "127.0.0.1") == 0 &&
	    net_conn_peer(conn)->port != 0;
	house->was_proxy = net_conn_is_proxy(conn);
	house->was_forwarded = net_conn_is_forwarded(conn);
	house->was_introduced = net_conn_is_introduced(conn);
	house->peer = *net_conn_peer(conn);
	lock_give(&house->lock);
	net_conn_set_user(conn, house);
	visit = calloc(1, sizeof(*visit));
	ensure(visit != NULL);
	*visit = (struct visit){house, sock, conn};
	ensure(pthread_attr_init(&attributes) == 0);
	ensure(pthread_attr_setdetachstate(
	           &attributes, PTHREAD_CREATE_DETACHED) == 0);
	ensure(pthread_create(&thread, &attributes, visit_run, visit) == 0);
	(void)pthread_attr_destroy(&attributes);
	return true;
}

static void
on_gone(void *ctx, struct net_conn *conn)
{
	struct house *house = ctx;

	ensure(net_conn_user(conn) == house);
	lock_take(&house->lock);
	house->gone++;
	lock_cond_broadcast(&house->changed);
	lock_give(&house->lock);
}

/* ---- the house ---- */

static struct net_tls *
server_tls(const struct cert *cert)
{
	struct secret key = cert_secret(cert->key_pem);
	const struct net_tls_site site = {
	    .identities = {{.certificate_pem = str_c(cert->pem),
	        .key_pem = &key,
	        .certificate_name = "cert",
	        .key_name = "key"}},
	    .identity_count = 1,
	};
	const struct net_tls_server_settings settings = {
	    .sites = &site, .site_count = 1, .has_tickets = true};
	struct net_tls *tls = NULL;

	ensure(net_tls_new(&settings, &tls, NULL) == ERR_OK);
	secret_end(&key);
	return tls;
}

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

static const struct net_settings usual = {
    .threads = 2,
    .max_connections = 1000,
    .max_connections_per_address = 10,
    .handshake_wait_ms = LONG_MS,
    .header_wait_ms = LONG_MS,
    .keep_alive_wait_ms = LONG_MS,
};

static void
house_open(struct house *house, enum mode mode,
    const struct net_settings *settings, bool has_tls)
{
	const struct net_handler handler = {
	    .ready = on_ready, .gone = on_gone, .ctx = house};
	sock_t plain = SOCK_NONE;
	sock_t secure = SOCK_NONE;

	house->mode = mode;
	house->phase = NET_PHASE_HEADER;
	house->phase_ms = LONG_MS;
	house->visits = 0;
	house->begun = 0;
	house->gone = 0;
	house->ended = 0;
	assert_int_equal(net_start(settings, &handler,
	                     has_tls ? house->tls : NULL, &house->net, NULL),
	    ERR_OK);
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &plain, NULL), ERR_OK);
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &secure, NULL), ERR_OK);
	house->plain_port = socket_port(plain);
	house->secure_port = socket_port(secure);
	assert_int_equal(
	    net_listen(house->net, plain, NET_DOOR_PLAIN, NULL), ERR_OK);
	assert_int_equal(
	    net_listen(house->net, secure, NET_DOOR_SECURE, NULL), ERR_OK);
}

static void
wait_for(struct house *house, const unsigned *what, unsigned count)
{
	const int64_t until_ms = soon();

	lock_take(&house->lock);
	while (*what < count) {
		const int64_t left_ms = until_ms - clock_mono_ms();

		if (left_ms <= 0 ||
		    !lock_cond_wait_ms(&house->changed, &house->lock, left_ms))
			break;
	}
	assert_int_equal(*what, count);
	lock_give(&house->lock);
}

static void
wait_for_ended(struct house *house, unsigned count)
{
	wait_for(house, &house->ended, count);
}

/* Nothing may be left open, and no visit unfinished. */
static void
house_close(struct house *house)
{
	net_stop(house->net, clock_mono_ms() + 5000);
	assert_int_equal(net_connection_count(house->net), 0);
	wait_for_ended(house, house->visits);
	net_free(house->net);
	house->net = NULL;
}

static int
set_up(void **state)
{
	static struct house house;

	house.cert = cert_make(&(struct cert_wish){
	    .name = "web.example", .alt = "DNS:web.example", .to_s = DAY_S});
	house.other = cert_make(&(struct cert_wish){
	    .name = "web.example", .alt = "DNS:web.example", .to_s = DAY_S});
	house.tls = server_tls(&house.cert);
	house.client_tls = client_tls(&house.cert);
	lock_init(&house.lock);
	lock_cond_init(&house.changed);
	*state = &house;
	return 0;
}

static int
tear_down(void **state)
{
	struct house *house = *state;

	cert_end(&house->cert);
	cert_end(&house->other);
	net_tls_unref(house->tls);
	net_tls_client_unref(house->client_tls);
	lock_cond_end(&house->changed);
	lock_end(&house->lock);
	return 0;
}

/* ---- the browser ---- */

static struct net_client *
call_plain(uint16_t port)
{
	struct net_client *client = NULL;

	assert_int_equal(net_client_open(STR("127.0.0.1"), port, soon(), NULL,
	                     &client, NULL),
	    ERR_OK);
	return client;
}

static struct net_client *
call_tls(const struct house *house, uint16_t port)
{
	struct net_client *client = call_plain(port);
	struct err err = ERR_NONE;

	if (net_client_start_tls(
	        client, house->client_tls, STR("web.example"), &err) != ERR_OK)
		print_error("%s (%s)\n", err.message, err.detail);
	assert_true(net_client_is_tls(client));
	assert_int_equal(net_client_error(client, NULL), ERR_OK);
	return client;
}

static void
put(struct net_client *client, const char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t got =
		    net_client_write(client, buf + at, len - at);

		assert_true(got > 0);
		at += (size_t)got;
	}
}

static void
get(struct net_client *client, char *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const int64_t got = net_client_read(client, buf + at, len - at);

		assert_true(got > 0);
		at += (size_t)got;
	}
}

static void
assert_echo(struct net_client *client)
{
	char buf[5];

	put(client, "hello", 5);
	get(client, buf, 5);
	assert_memory_equal(buf, "hello", 5);
}

/* Reads until the server ends it; the number of bytes. */
static size_t
read_to_end(struct net_client *client)
{
	char buf[4096];
	size_t total = 0;

	for (;;) {
		const int64_t got = net_client_read(client, buf, sizeof(buf));
		struct err err = ERR_NONE;

		if (got > 0) {
			total += (size_t)got;
			continue;
		}
		assert_int_equal(net_client_error(client, &err), ERR_AWAY);
		assert_string_equal(
		    err.message, "The connection to the mail server was lost.");
		return total;
	}
}

/* ---- tests ---- */

/* Both protocols on both ports, by the first byte. */
static void
test_doors(void **state)
{
	struct house *house = *state;

	for (unsigned i = 0; i < 4; i++) {
		const bool is_tls = (i & 1) != 0;
		const bool is_secure = (i & 2) != 0;
		struct net_client *client = NULL;
		uint16_t port = 0;

		house_open(house, MODE_ECHO, &usual, true);
		port = is_secure ? house->secure_port : house->plain_port;
		client = is_tls ? call_tls(house, port) : call_plain(port);
		assert_echo(client);
		assert_echo(client);
		lock_take(&house->lock);
		assert_int_equal(house->was_tls, is_tls);
		assert_int_equal(
		    house->door, is_secure ? NET_DOOR_SECURE : NET_DOOR_PLAIN);
		assert_int_equal(house->local_port, port);
		assert_true(house->was_loopback);
		lock_give(&house->lock);
		net_client_close(client);
		wait_for_ended(house, 1);
		assert_int_equal(house->gone, 0);
		house_close(house);
	}
}

/* More than all buffers hold, in both directions. */
static void
test_huge(void **state)
{
	struct house *house = *state;
	char *buf = calloc(1, HUGE_BYTES);
	struct net_client *client = NULL;

	assert_non_null(buf);
	for (int is_tls = 0; is_tls < 2; is_tls++) {
		house_open(house, MODE_SINK, &usual, true);
		client = is_tls ? call_tls(house, house->secure_port)
		                : call_plain(house->plain_port);
		put(client, buf, HUGE_BYTES);
		assert_int_equal(read_to_end(client), HUGE_BYTES);
		net_client_close(client);
		wait_for_ended(house, 1);
		house_close(house);
	}
	free(buf);
}

static void
test_ping_pong(void **state)
{
	struct house *house = *state;
	struct net_client *client = NULL;
	char out[4096];
	char in[4096];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (char)(i ^ (i >> 7));
	house_open(house, MODE_ECHO, &usual, true);
	client = call_tls(house, house->secure_port);
	/* 1 MB in records of every kind of length. */
	for (size_t total = 0, len = 1; total < (size_t)1 << 20; total += len) {
		len = (len * 3 + 1) % sizeof(out) + 1;
		put(client, out, len);
		get(client, in, len);
		assert_memory_equal(in, out, len);
	}
	net_client_close(client);
	wait_for_ended(house, 1);
	house_close(house);
}

static void
test_many(void **state)
{
	struct house *house = *state;
	struct net_client *clients[40];

	house_open(house, MODE_ECHO, &usual, true);
	for (size_t i = 0; i < 40; i++)
		clients[i] = i % 2 == 0 ? call_tls(house, house->plain_port)
		                        : call_plain(house->secure_port);
	for (size_t i = 0; i < 40; i++)
		assert_echo(clients[i]);
	assert_int_equal(net_connection_count(house->net), 40);
	for (size_t i = 0; i < 40; i++)
		net_client_close(clients[i]);
	wait_for_ended(house, 40);
	house_close(house);
}

static void
test_no_tls(void **state)
{
	static const unsigned char expected[] = {21, 3, 1, 0, 2, 2, 40};
	struct house *house = *state;
	struct net_client *client = NULL;
	struct err err = ERR_NONE;
	char alert[7];

	house_open(house, MODE_ECHO, &usual, false);
	client = call_plain(house->plain_port);
	put(client, "\x16\x03\x01", 3);
	get(client, alert, 7);
	assert_memory_equal(alert, expected, 7);
	assert_int_equal(read_to_end(client), 0);
	net_client_close(client);
	client = call_plain(house->secure_port);
	assert_int_equal(net_client_start_tls(client, house->client_tls,
	                     STR("web.example"), &err),
	    ERR_AWAY);
	assert_non_null(strstr(err.detail, "handshake failure"));
	net_client_close(client);
	/* Plain is served as ever. */
	client = call_plain(house->plain_port);
	assert_echo(client);
	net_client_close(client);
	house_close(house);
}

/*
 * Sends a byte every 20 ms until the server ends it; how long that took.
 * `first` makes it a handshake that never completes, or a header.
 */
static int64_t
drip_until_cut(struct net_client *client, const char *first, size_t len)
{
	const int64_t start_ms = clock_mono_ms();

	put(client, first, len);
	for (;;) {
		if (poller_wait_one(net_client_socket(client), POLLER_GONE,
		        clock_mono_ms() + 20, NULL, NULL) == ERR_OK)
			break;
		if (net_client_write(client, "x", 1) != 1)
			break;
		assert_true(clock_mono_ms() - start_ms < LONG_MS);
	}
	return clock_mono_ms() - start_ms;
}

static void
test_deadlines(void **state)
{
	struct house *house = *state;
	const struct {
		const char *name;
		bool is_tls;
		enum net_phase phase; /* HEADER: left as it is */
		const char *first;
		size_t len;
		struct {
			int64_t handshake_ms, header_ms, keep_alive_ms;
			int64_t phase_ms;
		} wait;
	} rows[] = {
	    {"no handshake", false, NET_PHASE_HEADER, "\x16\x03\x01\x02\x00", 5,
	        {300, LONG_MS, LONG_MS, 0}},
	    {"plain header", false, NET_PHASE_HEADER, "G", 1,
	        {LONG_MS, 300, LONG_MS, 0}},
	    {"TLS header", true, NET_PHASE_HEADER, "G", 1,
	        {LONG_MS, 300, LONG_MS, 0}},
	    {"plain body", false, NET_PHASE_BODY, "P", 1,
	        {LONG_MS, LONG_MS, LONG_MS, 300}},
	    {"TLS body", true, NET_PHASE_BODY, "P", 1,
	        {LONG_MS, LONG_MS, LONG_MS, 300}},
	    {"TLS answer", true, NET_PHASE_ANSWER, "P", 1,
	        {LONG_MS, LONG_MS, LONG_MS, 300}},
	    {"plain idle", false, NET_PHASE_IDLE, "P", 1,
	        {LONG_MS, LONG_MS, 300, 0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_settings settings = usual;
		struct net_client *client = NULL;
		int64_t took_ms = 0;

		settings.handshake_wait_ms = rows[i].wait.handshake_ms;
		settings.header_wait_ms = rows[i].wait.header_ms;
		settings.keep_alive_wait_ms = rows[i].wait.keep_alive_ms;
		house_open(house, MODE_READ, &settings, true);
		house->phase = rows[i].phase;
		house->phase_ms = rows[i].wait.phase_ms;
		client = rows[i].is_tls ? call_tls(house, house->secure_port)
		                        : call_plain(house->plain_port);
		took_ms = drip_until_cut(client, rows[i].first, rows[i].len);
		if (took_ms < 250 || took_ms > LONG_MS / 2)
			print_error(
			    "row %s: %d ms\n", rows[i].name, (int)took_ms);
		assert_in_range(took_ms, 250, LONG_MS / 2);
		net_client_close(client);
		house_close(house);
	}
}

/* Many who send a byte now and then hinder nobody, and are cut in time. */
static void
test_drippers(void **state)
{
	struct house *house = *state;
	struct net_settings settings = usual;
	struct net_client *drippers[64];
	struct net_client *other = NULL;
	const int64_t start_ms = clock_mono_ms();
	bool is_cut = false;

	settings.header_wait_ms = 500;
	house_open(house, MODE_READ, &settings, true);
	for (size_t i = 0; i < 64; i++) {
		drippers[i] = i % 2 == 0 ? call_plain(house->plain_port)
		                         : call_tls(house, house->secure_port);
		put(drippers[i], "G", 1);
	}
	while (!is_cut) {
		is_cut = true;
		for (size_t i = 0; i < 64; i++)
			is_cut = net_client_write(drippers[i], "x", 1) != 1 &&
			         is_cut;
		other = call_tls(house, house->plain_port);
		net_client_close(other);
		assert_true(clock_mono_ms() - start_ms < LONG_MS);
	}
	assert_true(clock_mono_ms() - start_ms >= 500);
	for (size_t i = 0; i < 64; i++)
		net_client_close(drippers[i]);
	house_close(house);
}

/* A connection that sends nothing at all. */
static void
test_silent(void **state)
{
	struct house *house = *state;
	struct net_settings settings = usual;
	struct net_client *client = NULL;

	settings.handshake_wait_ms = 100;
	settings.keep_alive_wait_ms = 100;
	house_open(house, MODE_READ, &settings, true);
	client = call_plain(house->plain_port);
	assert_int_equal(read_to_end(client), 0);
	net_client_close(client);
	/* After the handshake: the time of keep-alive. */
	client = call_tls(house, house->plain_port);
	assert_int_equal(read_to_end(client), 0);
	net_client_close(client);
	wait_for_ended(house, 1);
	house_close(house);
}

static void
test_gone(void **state)
{
	struct house *house = *state;
	const struct {
		enum mode mode;
		bool is_tls;
	} rows[] = {
	    {MODE_JOB, false},
	    {MODE_JOB, true},
	    {MODE_LATE, false},
	    {MODE_LATE, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_client *client = NULL;

		house_open(house, rows[i].mode, &usual, true);
		client = rows[i].is_tls ? call_tls(house, house->secure_port)
		                        : call_plain(house->plain_port);
		put(client, "G", 1);
		net_client_close(client);
		wait_for_ended(house, 1);
		house_close(house);
		assert_int_equal(house->gone, 1);
	}
}

/* The job's deadline tells, too, and ends the connection. */
static void
test_job_deadline(void **state)
{
	struct house *house = *state;

	for (int is_tls = 0; is_tls < 2; is_tls++) {
		struct net_client *client = NULL;

		house_open(house, MODE_JOB, &usual, true);
		house->phase_ms = 100;
		client = is_tls ? call_tls(house, house->secure_port)
		                : call_plain(house->plain_port);
		put(client, "G", 1);
		assert_int_equal(read_to_end(client), 0);
		wait_for_ended(house, 1);
		net_client_close(client);
		house_close(house);
		assert_int_equal(house->gone, 1);
	}
}

/* An answer before the request was read must arrive all the same. */
static void
test_hasty(void **state)
{
	struct house *house = *state;

	for (int is_tls = 0; is_tls < 2; is_tls++) {
		struct net_client *client = NULL;
		char *buf = calloc(1, 100000);
		char answer[2];

		assert_non_null(buf);
		house_open(house, MODE_HASTY, &usual, true);
		client = is_tls ? call_tls(house, house->secure_port)
		                : call_plain(house->plain_port);
		put(client, buf, 100000);
		get(client, answer, 2);
		assert_memory_equal(answer, "no", 2);
		assert_int_equal(read_to_end(client), 0);
		net_client_close(client);
		wait_for_ended(house, 1);
		house_close(house);
		free(buf);
	}
}

static void
test_refused(void **state)
{
	struct house *house = *state;
	struct net_settings settings = usual;
	struct net_client *first = NULL;
	struct net_client *second = NULL;

	house_open(house, MODE_REFUSE, &usual, true);
	first = call_tls(house, house->secure_port);
	assert_int_equal(read_to_end(first), 0);
	net_client_close(first);
	first = call_plain(house->plain_port);
	put(first, "G", 1);
	(void)read_to_end(first);
	net_client_close(first);
	house_close(house);
	/* Too many in all. */
	settings.max_connections = 1;
	house_open(house, MODE_ECHO, &settings, true);
	first = call_plain(house->plain_port);
	assert_echo(first);
	second = call_plain(house->plain_port);
	assert_int_equal(read_to_end(second), 0);
	net_client_close(second);
	assert_echo(first);
	net_client_close(first);
	house_close(house);
}

static void
test_swap(void **state)
{
	struct house *house = *state;
	struct net_tls *other = server_tls(&house->other);
	struct net_client *before = NULL;
	struct net_client *after = NULL;
	struct err err = ERR_NONE;

	house_open(house, MODE_ECHO, &usual, true);
	before = call_tls(house, house->secure_port);
	net_set_tls(house->net, other);
	net_tls_unref(other);
	assert_echo(before);
	after = call_plain(house->secure_port);
	assert_int_equal(net_client_start_tls(after, house->client_tls,
	                     STR("web.example"), &err),
	    ERR_TRUST);
	net_client_close(after);
	net_set_tls(house->net, NULL);
	assert_echo(before);
	net_set_tls(house->net, house->tls);
	after = call_tls(house, house->secure_port);
	assert_echo(after);
	net_client_close(after);
	net_client_close(before);
	house_close(house);
}

/* Stopping: no new ones, idle ones go at once, busy ones at the deadline. */
static void
test_stop(void **state)
{
	struct house *house = *state;
	struct net_client *idle = NULL;
	struct net_client *busy = NULL;
	struct net_client *refused = NULL;
	const int64_t start_ms = clock_mono_ms();

	house_open(house, MODE_ECHO, &usual, true);
	idle = call_tls(house, house->secure_port);
	assert_echo(idle);
	net_stop_accepting(house->net);
	assert_echo(idle);
	assert_int_equal(net_client_open(STR("127.0.0.1"), house->plain_port,
	                     soon(), NULL, &refused, NULL),
	    ERR_AWAY);
	net_stop(house->net, start_ms + LONG_MS);
	assert_true(clock_mono_ms() - start_ms < LONG_MS / 2);
	assert_int_equal(net_connection_count(house->net), 0);
	assert_int_equal(read_to_end(idle), 0);
	net_client_close(idle);
	house_close(house);
	house_open(house, MODE_JOB, &usual, true);
	busy = call_plain(house->plain_port);
	put(busy, "G", 1);
	wait_for(house, &house->begun, 1);
	net_stop(house->net, clock_mono_ms() + 300);
	wait_for_ended(house, 1);
	assert_int_equal(house->gone, 1);
	net_client_close(busy);
	house_close(house);
}

/* Offered protocols: ours, or an alert. TLS 1.1 is refused. */
static void
test_policy(void **state)
{
	struct house *house = *state;
	const struct {
		int max_version;
		const char *ciphers;
		const char *protocols;
		bool expected;
	} rows[] = {
	    {TLS1_3_VERSION, NULL, "\x02h2\x08http/1.1", true},
	    {TLS1_3_VERSION, NULL, "\x02h2", false},
	    {TLS1_3_VERSION, NULL, "", true},
	    {TLS1_2_VERSION, "ALL:@SECLEVEL=0", "", true},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0", "",
	        false},
	    {TLS1_1_VERSION, "ALL:@SECLEVEL=0", "", false},
	};

	house_open(house, MODE_ECHO, &usual, true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_client *raw = call_plain(house->secure_port);
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		SSL *ssl = NULL;
		bool is_fine = false;

		assert_non_null(ctx);
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, rows[i].max_version);
		if (rows[i].ciphers != NULL)
			assert_int_equal(
			    SSL_CTX_set_cipher_list(ctx, rows[i].ciphers), 1);
		if (rows[i].protocols[0] != '\0')
			(void)SSL_CTX_set_alpn_protos(ctx,
			    (const unsigned char *)rows[i].protocols,
			    (unsigned)strlen(rows[i].protocols));
		socket_set_nonblocking(net_client_socket(raw), false);
		ssl = SSL_new(ctx);
		SSL_set_fd(ssl, net_client_socket(raw));
		is_fine = SSL_connect(ssl) == 1;
		if (is_fine) {
			char byte = 0;

			/* In TLS 1.3 an alert may come after our "done". */
			is_fine = SSL_write(ssl, "x", 1) == 1 &&
			          SSL_read(ssl, &byte, 1) == 1 && byte == 'x';
		}
		if (is_fine != rows[i].expected)
			print_error("row %zu\n", i);
		assert_int_equal(is_fine, rows[i].expected);
		SSL_free(ssl);
		SSL_CTX_free(ctx);
		net_client_close(raw);
	}
	house_close(house);
}

static void
set_proxies(struct house *house, const char *words, bool speaks_proxy)
{
	struct arena *arena = arena_new(1 << 16);
	struct socket_ranges ranges;

	assert_non_null(arena);
	assert_int_equal(
	    socket_ranges_parse(arena, str_c(words), &ranges, NULL), ERR_OK);
	assert_int_equal(
	    net_set_proxies(house->net, &ranges, speaks_proxy, NULL), ERR_OK);
	arena_free(arena); /* it was copied */
}

/* Who it is, said by TCP or by a proxy that is one, on plain and TLS. */
static void
test_proxies(void **state)
{
	static const char named[] =
	    "PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n";
	static const char unnamed[] = "PROXY UNKNOWN\r\n";
	const struct {
		const char *proxies;
		bool speaks;
		const char *header;
		const char *peer;
		bool is_proxy, is_forwarded;
	} rows[] = {
	    {"127.0.0.2", true, "", "127.0.0.1", false, false},
	    {"127.0.0.0/8", false, "", "127.0.0.1", true, false},
	    {"::1 127.0.0.1", true, named, "192.0.2.7", true, true},
	    {"127.0.0.1", true, unnamed, "127.0.0.1", true, false},
	};
	struct house *house = *state;

	house_open(house, MODE_ECHO, &usual, true);
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t row = i / 2;
		struct net_client *client = NULL;

		set_proxies(house, rows[row].proxies, rows[row].speaks);
		client = call_plain(house->plain_port);
		put(client, rows[row].header, strlen(rows[row].header));
		if (i % 2 == 1) {
			assert_int_equal(
			    net_client_start_tls(client, house->client_tls,
			        STR("web.example"), NULL),
			    ERR_OK);
		}
		assert_echo(client);
		lock_take(&house->lock);
		assert_int_equal(house->was_tls, i % 2 == 1);
		assert_int_equal(house->was_proxy, rows[row].is_proxy);
		assert_int_equal(house->was_forwarded, rows[row].is_forwarded);
		assert_string_equal(house->peer.address, rows[row].peer);
		assert_int_equal(
		    house->was_introduced, rows[row].header[0] != '\0');
		assert_int_equal(
		    house->peer.is_loopback, rows[row].header[0] == '\0');
		if (rows[row].is_forwarded)
			assert_int_equal(house->peer.port, 4711);
		lock_give(&house->lock);
		net_client_close(client);
		wait_for_ended(house, (unsigned)i + 1);
	}
	house_close(house);
}

/* Their header comes in drops; it must come, be one, and come in time. */
static void
test_proxy_header(void **state)
{
	static const char named[] = "PROXY TCP6 2001:db8::1 ::1 1 2\r\n";
	const struct {
		const char *header;
		bool ends;
	} rows[] = {
	    {"GET / HTTP/1.1\r\n\r\n", false},
	    {"\x16\x03\x01", false},
	    {"PROXY TCP4 elsewhere 127.0.0.1 1 2\r\n", false},
	    {"PROXY TCP4 192.0.2.1", true},  /* and it leaves */
	    {"PROXY TCP4 192.0.2.1", false}, /* and it stays silent */
	    {"", false},
	};
	struct house *house = *state;
	struct net_settings settings = usual;
	struct net_client *client = NULL;

	settings.handshake_wait_ms = 300;
	house_open(house, MODE_ECHO, &settings, true);
	set_proxies(house, "127.0.0.1", true);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		client = call_plain(house->plain_port);
		put(client, rows[i].header, strlen(rows[i].header));
		if (!rows[i].ends)
			assert_int_equal(read_to_end(client), 0);
		net_client_close(client);
	}
	client = call_plain(house->plain_port);
	for (size_t i = 0; named[i] != '\0'; i++)
		put(client, &named[i], 1);
	assert_echo(client);
	lock_take(&house->lock);
	assert_string_equal(house->peer.address, "2001:db8::1");
	lock_give(&house->lock);
	net_client_close(client);
	wait_for(house, &house->visits, 1);
	wait_for_ended(house, 1);
	house_close(house);
}

/* A proxy's connections count for whom they are. */
static void
test_proxy_count(void **state)
{
	static const char one[] = "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n";
	static const char two[] = "PROXY TCP4 192.0.2.2 127.0.0.1 1 2\r\n";
	struct house *house = *state;
	struct net_settings settings = usual;
	struct net_client *clients[3];

	settings.max_connections_per_address = 1;
	house_open(house, MODE_ECHO, &settings, true);
	set_proxies(house, "127.0.0.1", true);
	for (size_t i = 0; i < 3; i++) {
		const char *header = i == 2 ? two : one;

		clients[i] = call_plain(house->plain_port);
		put(clients[i], header, strlen(header));
		if (i == 1)
			assert_int_equal(read_to_end(clients[i]), 0);
		else
			assert_echo(clients[i]);
	}
	for (size_t i = 0; i < 3; i++)
		net_client_close(clients[i]);
	wait_for_ended(house, 2);
	house_close(house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_doors),
	    cmocka_unit_test(test_huge),
	    cmocka_unit_test(test_ping_pong),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_no_tls),
	    cmocka_unit_test(test_deadlines),
	    cmocka_unit_test(test_drippers),
	    cmocka_unit_test(test_silent),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_job_deadline),
	    cmocka_unit_test(test_hasty),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_swap),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_proxies),
	    cmocka_unit_test(test_proxy_header),
	    cmocka_unit_test(test_proxy_count),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
