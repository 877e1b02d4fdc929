#include "os/poller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

#include "os/cancel.h"
#include "os/clock.h"

enum {
	LONG_MS = 10000
};

static void
test_flags(void **state)
{
	struct poller *poller = poller_new(NULL);
	struct poller_event events[4];
	sock_t pair[2];
	char byte = 0;

	(void)state;
	assert_non_null(poller);
	assert_int_equal(socket_pair(pair, NULL), ERR_OK);
	assert_true(poller_add(poller, pair[0], POLLER_READ, &byte));
	assert_int_equal(poller_wait(poller, events, 4, 0), 0);
	assert_int_equal(socket_write(pair[1], "x", 1), 1);
	/* A state: reported as long as it lasts. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(poller_wait(poller, events, 4, LONG_MS), 1);
		assert_ptr_equal(events[0].data, &byte);
		assert_int_equal(events[0].flags, POLLER_READ);
	}
	assert_true(poller_change(
	    poller, pair[0], POLLER_READ | POLLER_WRITE | POLLER_EDGE, &byte));
	/* A change: reported once. */
	assert_int_equal(poller_wait(poller, events, 4, LONG_MS), 1);
	assert_int_equal(events[0].flags, POLLER_READ | POLLER_WRITE);
	assert_int_equal(poller_wait(poller, events, 4, 0), 0);
	socket_close(&pair[1]);
	assert_int_equal(poller_wait(poller, events, 4, LONG_MS), 1);
	assert_true((events[0].flags & POLLER_GONE) != 0);
	poller_remove(poller, pair[0]);
	assert_int_equal(poller_wait(poller, events, 4, 0), 0);
	socket_close(&pair[0]);
	assert_false(poller_add(poller, SOCK_NONE, POLLER_READ, &byte));
	poller_free(poller);
	poller_free(NULL);
}

/* The end alone, on a duplicate: as records of connections use it. */
static void
test_gone_only(void **state)
{
	struct poller *poller = poller_new(NULL);
	struct poller_event events[4];
	sock_t pair[2];
	sock_t copy = SOCK_NONE;

	(void)state;
	assert_int_equal(socket_pair(pair, NULL), ERR_OK);
	copy = socket_dup(pair[0]);
	assert_true(poller_add(poller, copy, POLLER_EDGE, &copy));
	assert_int_equal(socket_write(pair[1], "x", 1), 1);
	assert_int_equal(poller_wait(poller, events, 4, 0), 0);
	socket_shutdown_write(pair[1]);
	assert_int_equal(poller_wait(poller, events, 4, LONG_MS), 1);
	assert_int_equal(events[0].flags, POLLER_GONE);
	poller_free(poller);
	socket_close(&copy);
	socket_close(&pair[0]);
	socket_close(&pair[1]);
}

static void *
wake(void *ctx)
{
	poller_wake(ctx);
	return NULL;
}

static void
test_wake(void **state)
{
	struct poller *poller = poller_new(NULL);
	struct poller_event events[4];

	(void)state;
	for (int i = 0; i < 3; i++) {
		pthread_t thread;

		assert_int_equal(
		    pthread_create(&thread, NULL, wake, poller), 0);
		assert_int_equal(poller_wait(poller, events, 4, -1), 0);
		(void)pthread_join(thread, NULL);
	}
	/* A wake before the wait is not lost. */
	poller_wake(poller);
	assert_int_equal(poller_wait(poller, events, 4, -1), 0);
	poller_free(poller);
	assert_true(poller_core_count() >= 1);
}

static void
test_shared_listener(void **state)
{
	struct poller *a = poller_new(NULL);
	struct poller *b = poller_new(NULL);
	struct poller_event events[4];
	struct socket_targets targets;
	struct socket_peer peer;
	sock_t listener = SOCK_NONE;
	sock_t client = SOCK_NONE;
	sock_t server = SOCK_NONE;
	const unsigned flags = POLLER_READ | POLLER_EDGE | POLLER_ALONE;

	(void)state;
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &listener, NULL), ERR_OK);
	assert_true(poller_add(a, listener, flags, &peer));
	assert_true(poller_add(b, listener, flags, &peer));
	assert_int_equal(socket_lookup("127.0.0.1", socket_port(listener), true,
	                     &targets, NULL),
	    ERR_OK);
	client = socket_connect(&targets.list[0]);
	assert_int_equal(poller_wait_one(listener, POLLER_READ,
	                     clock_mono_ms() + LONG_MS, NULL, NULL),
	    ERR_OK);
	assert_true(
	    poller_wait(a, events, 4, 0) + poller_wait(b, events, 4, 0) >= 1);
	server = socket_accept(listener, &peer);
	assert_int_not_equal(server, SOCK_NONE);
	socket_close(&server);
	socket_close(&client);
	poller_free(a);
	poller_free(b);
	socket_close(&listener);
}

static void *
fire(void *ctx)
{
	cancel_fire(ctx);
	return NULL;
}

static void
test_wait_one(void **state)
{
	struct cancel *cancel = cancel_new(NULL);
	struct err err = ERR_NONE;
	pthread_t thread;
	sock_t pair[2];
	const int64_t start_ms = clock_mono_ms();

	(void)state;
	assert_int_equal(socket_pair(pair, NULL), ERR_OK);
	assert_int_equal(
	    poller_wait_one(pair[0], POLLER_WRITE, start_ms, cancel, &err),
	    ERR_OK);
	assert_int_equal(
	    poller_wait_one(pair[0], POLLER_READ, start_ms + 50, cancel, &err),
	    ERR_AWAY);
	assert_true(clock_mono_ms() >= start_ms + 50);
	assert_int_equal(
	    poller_wait_one(pair[0], POLLER_READ, 0, cancel, &err), ERR_AWAY);
	assert_int_equal(pthread_create(&thread, NULL, fire, cancel), 0);
	assert_int_equal(poller_wait_one(pair[0], POLLER_READ,
	                     start_ms + LONG_MS, cancel, &err),
	    ERR_CANCELED);
	(void)pthread_join(thread, NULL);
	/* Canceled wins over ready. */
	assert_int_equal(poller_wait_one(pair[0], POLLER_WRITE,
	                     start_ms + LONG_MS, cancel, &err),
	    ERR_CANCELED);
	assert_int_equal(poller_wait_one(pair[0], POLLER_WRITE,
	                     start_ms + LONG_MS, NULL, &err),
	    ERR_OK);
	socket_close(&pair[1]);
	assert_int_equal(poller_wait_one(pair[0], POLLER_GONE,
	                     start_ms + LONG_MS, NULL, &err),
	    ERR_OK);
	socket_close(&pair[0]);
	cancel_free(cancel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_gone_only),
	    cmocka_unit_test(test_wake),
	    cmocka_unit_test(test_shared_listener),
	    cmocka_unit_test(test_wait_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
