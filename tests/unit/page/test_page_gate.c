/* One at a time for one composition; others do not wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

#include "os/clock.h"
#include "page/page_gate.h"

#define LONG_MS 20000
#define THREADS 8
#define ROUNDS  200

static const struct str key = {"AAAAAAAAAAAAAAAAAAAAAA", 22};
static const struct str other = {"BBBBBBBBBBBBBBBBBBBBBB", 22};

struct crowd {
	struct page_gate *gate;
	unsigned count; /* guarded by the gate alone */
	unsigned inside;
	bool met;
};

static void *
visit(void *ctx)
{
	struct crowd *crowd = ctx;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (page_gate_enter(crowd->gate, key, clock_mono_ms() + LONG_MS,
		        NULL) != ERR_OK)
			return NULL;
		crowd->met = crowd->met || crowd->inside != 0;
		crowd->inside++;
		crowd->count++;
		crowd->inside--;
		page_gate_leave(crowd->gate, key);
	}
	return NULL;
}

static void
test_one_at_a_time(void **state)
{
	struct crowd crowd = {.gate = page_gate_new()};
	pthread_t threads[THREADS];

	(void)state;
	assert_non_null(crowd.gate);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, visit, &crowd), 0);
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(crowd.count, THREADS * ROUNDS);
	assert_false(crowd.met);
	page_gate_free(crowd.gate);
}

static void
test_deadline(void **state)
{
	struct page_gate *gate = page_gate_new();
	int64_t now = clock_mono_ms();

	(void)state;
	assert_int_equal(page_gate_enter(gate, key, now, NULL), ERR_OK);
	assert_int_equal(page_gate_enter(gate, key, now - 1, NULL), ERR_BUSY);
	assert_int_equal(
	    page_gate_enter(gate, key, clock_mono_ms() + 20, NULL), ERR_BUSY);
	assert_int_equal(page_gate_enter(gate, other, now, NULL), ERR_OK);
	page_gate_leave(gate, key);
	assert_int_equal(page_gate_enter(gate, key, now, NULL), ERR_OK);
	page_gate_leave(gate, key);
	page_gate_leave(gate, other);
	page_gate_free(gate);
	page_gate_free(NULL);
}

/* More compositions than places: busy at once, none is lost. */
static void
test_full(void **state)
{
	struct page_gate *gate = page_gate_new();
	char name[23];
	unsigned count = 0;

	(void)state;
	for (;;) {
		(void)snprintf(name, sizeof(name), "%022u", count);
		if (page_gate_enter(gate, str_of(name, 22),
		        clock_mono_ms() + LONG_MS, NULL) != ERR_OK)
			break;
		count++;
	}
	assert_int_equal(count, 1024);
	page_gate_leave(gate, STR("0000000000000000000007"));
	assert_int_equal(
	    page_gate_enter(gate, str_of(name, 22), clock_mono_ms(), NULL),
	    ERR_OK);
	page_gate_free(gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_at_a_time),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
