/* What a server did not manage: left alone for a while, then tried again. */
#include "mail/account_slow.h"

#include "mail_test.h"

#define NOW    ((int64_t)1000000)
#define MINUTE ((int64_t)60000)
#define MOST   ((int64_t)60000) /* SearchWait */

static void
test_pauses(void **state)
{
	struct account_slow slow;
	uint64_t key = account_slow_key(STR("INBOX"), 0);
	int64_t now = NOW;

	(void)state;
	account_slow_init(&slow);
	assert_int_equal(account_slow_find(&slow, key, now), MAIL_SETBACK_NONE);
	assert_int_equal(account_slow_note(&slow, key, MAIL_SETBACK_LOST, now),
	    now + 5 * MINUTE);
	assert_int_equal(account_slow_find(&slow, key, now + 5 * MINUTE - 1),
	    MAIL_SETBACK_LOST);
	now += 5 * MINUTE;
	assert_int_equal(account_slow_find(&slow, key, now), MAIL_SETBACK_NONE);
	/* Twice as long each time, at last an hour. */
	assert_int_equal(account_slow_note(&slow, key, MAIL_SETBACK_LOST, now),
	    now + 10 * MINUTE);
	for (int i = 0; i < 40; i++)
		(void)account_slow_note(&slow, key, MAIL_SETBACK_LOST, now);
	assert_int_equal(account_slow_note(&slow, key, MAIL_SETBACK_LOST, now),
	    now + 60 * MINUTE);
	/* What is only slow is tried each minute. */
	assert_int_equal(account_slow_note(&slow, key, MAIL_SETBACK_SLOW, now),
	    now + MINUTE);
	account_slow_done(&slow, key);
	assert_int_equal(account_slow_find(&slow, key, now), MAIL_SETBACK_NONE);
	assert_int_equal(account_slow_note(&slow, key, MAIL_SETBACK_LOST, now),
	    now + 5 * MINUTE);
	account_slow_end(&slow);
}

/* Longer each time, so that a server that begins anew comes to an end. */
static void
test_patience(void **state)
{
	struct account_slow slow;
	uint64_t key = account_slow_key(STR("INBOX"), 4);

	(void)state;
	account_slow_init(&slow);
	assert_int_equal(account_slow_patience_ms(&slow, key, MOST), 10000);
	assert_int_equal(account_slow_patience_ms(&slow, key, 3000), 3000);
	(void)account_slow_note(&slow, key, MAIL_SETBACK_SLOW, NOW);
	assert_int_equal(account_slow_patience_ms(&slow, key, MOST), 20000);
	for (int i = 0; i < 100; i++)
		(void)account_slow_note(&slow, key, MAIL_SETBACK_SLOW, NOW);
	assert_int_equal(account_slow_patience_ms(&slow, key, MOST), MOST);
	account_slow_done(&slow, key);
	assert_int_equal(account_slow_patience_ms(&slow, key, MOST), 10000);
	account_slow_end(&slow);
}

static void
test_each_for_itself(void **state)
{
	struct account_slow slow;
	uint64_t first = account_slow_key(STR("a"), 0);

	(void)state;
	account_slow_init(&slow);
	(void)account_slow_note(&slow, first, MAIL_SETBACK_LOST, NOW);
	assert_int_equal(
	    account_slow_find(&slow, account_slow_key(STR("a"), 1), NOW),
	    MAIL_SETBACK_NONE);
	assert_int_equal(
	    account_slow_find(&slow, account_slow_key(STR("b"), 0), NOW),
	    MAIL_SETBACK_NONE);
	/* Of very many the oldest makes way, and no other. */
	for (unsigned i = 1; i <= ACCOUNT_SLOW_MOST; i++) {
		assert_int_equal(account_slow_find(&slow, first, NOW + i),
		    MAIL_SETBACK_LOST);
		(void)account_slow_note(&slow, account_slow_key(STR("c"), i),
		    MAIL_SETBACK_SLOW, NOW + i);
	}
	assert_int_equal(
	    account_slow_find(&slow, first, NOW + 100), MAIL_SETBACK_NONE);
	for (unsigned i = 1; i <= ACCOUNT_SLOW_MOST; i++)
		assert_int_equal(account_slow_find(&slow,
		                     account_slow_key(STR("c"), i), NOW + 100),
		    MAIL_SETBACK_SLOW);
	account_slow_end(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pauses),
	    cmocka_unit_test(test_patience),
	    cmocka_unit_test(test_each_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
