#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route/serve_known.h"

#define ANNA  UINT64_C(0x1234567800000007)
#define CHLOE (ANNA + UINT64_C(0x100000000)) /* of the same slot */

static struct serve_known known;

static void
what_was_learned_is_found(void **state)
{
	(void)state;
	assert_int_equal(serve_known_find(&known, ANNA, 5), 5);
	serve_known_learn(&known, ANNA, 9);
	assert_int_equal(serve_known_find(&known, ANNA, 5), 9);
	serve_known_learn(&known, ANNA, 5);
	assert_int_equal(serve_known_find(&known, ANNA, 9), 5);
}

static void
others_of_a_slot_are_not_taken_for_it(void **state)
{
	(void)state;
	serve_known_learn(&known, ANNA, 9);
	assert_int_equal(serve_known_find(&known, CHLOE, 3), 3);
	serve_known_learn(&known, CHLOE, 8);
	assert_int_equal(serve_known_find(&known, CHLOE, 3), 8);
	assert_int_equal(serve_known_find(&known, ANNA, 5), 5);
	assert_int_equal(serve_known_find(&known, ANNA + 1, 4), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_learned_is_found),
	    cmocka_unit_test(others_of_a_slot_are_not_taken_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
