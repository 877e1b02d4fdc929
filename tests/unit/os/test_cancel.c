#include "os/cancel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

#include "os/clock.h"
#include "os/poller.h"

static bool
is_readable(const struct cancel *cancel)
{
	return poller_wait_one(cancel_descriptor(cancel), POLLER_READ,
	           clock_mono_ms(), NULL, NULL) == ERR_OK;
}

static void
test_fire_and_reset(void **state)
{
	struct cancel *cancel = cancel_new(NULL);

	(void)state;
	assert_non_null(cancel);
	cancel_reset(cancel);
	for (int i = 0; i < 3; i++) {
		assert_false(cancel_is_fired(cancel));
		assert_false(is_readable(cancel));
		cancel_fire(cancel);
		cancel_fire(cancel);
		assert_true(cancel_is_fired(cancel));
		assert_true(is_readable(cancel));
		cancel_reset(cancel);
	}
	assert_false(is_readable(cancel));
	cancel_free(cancel);
	cancel_free(NULL);
}

static void *
fire_often(void *ctx)
{
	for (int i = 0; i < 1000; i++)
		cancel_fire(ctx);
	return NULL;
}

/* Whatever the order, flag and descriptor agree. */
static void
test_threads(void **state)
{
	struct cancel *cancel = cancel_new(NULL);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, fire_often, cancel), 0);
	for (int i = 0; i < 1000; i++)
		cancel_reset(cancel);
	(void)pthread_join(thread, NULL);
	assert_int_equal(is_readable(cancel), cancel_is_fired(cancel));
	cancel_free(cancel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fire_and_reset),
	    cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
