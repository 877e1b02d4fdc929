/* Conversations of a folder as a server tells them. */
#include "mail_test.h"

#include "mail/imap_threads.h"

static const struct {
	const char *name, *told;
	bool is_known;
	uint32_t uid;
	uint32_t uids[6]; /* rising, up to the first 0 */
} threads_table[] = {
    {"a folder without messages", "", true, 7, {7}},
    {"alone", "(1)(2)(3)", true, 2, {2}},
    {"nobody told of it", "(1)(2 3)", true, 9, {9}},
    {"a row", "(1)(4 2 3)(5)", true, 2, {2, 3, 4}},
    {"the example of RFC 5256", "(2)(3 6 (4 23)(44 7 96))", true, 23,
        {3, 4, 6, 7, 23, 44}},
    {"without a root", "((3)(5))(6)", true, 5, {3, 5}},
    {"blanks", " (1 2) (3) ", true, 1, {1, 2}},
    {"not closed", "(1 2", false, 1, {0}},
    {"closed too often", "(1 2))", false, 1, {0}},
    {"no numbers", "(1 x)", false, 1, {0}},
    {"zero", "(0 1)", false, 1, {0}},
    {"larger than a UID", "(1 4294967296)", false, 1, {0}},
    {"words behind it", "(1 2) x", false, 1, {0}},
};

static void
threads_one(size_t i)
{
	struct imap_threads threads = {0};
	struct arena *arena = arena_new(1 << 20);
	size_t len = strlen(threads_table[i].told);
	char *told = malloc(len == 0 ? 1 : len);
	uint32_t *uids = NULL;
	size_t count;

	assert_non_null(told);
	memcpy(told, threads_table[i].told, len);
	imap_threads_read(&threads, 5, str_of(told, len));
	free(told);
	if (threads.is_known != threads_table[i].is_known)
		fail_msg("%s", threads_table[i].name);
	assert_int_equal(threads.changes, 5);
	if (threads.is_known) {
		count = imap_threads_find(
		    &threads, threads_table[i].uid, arena, &uids);
		for (size_t at = 0; at < 6 && threads_table[i].uids[at] != 0;
		     at++) {
			if (at >= count ||
			    uids[at] != threads_table[i].uids[at])
				fail_msg("%s", threads_table[i].name);
		}
	}
	imap_threads_end(&threads);
	arena_free(arena);
}

static void
conversations_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(threads_table) / sizeof(threads_table[0]);
	     i++)
		threads_one(i);
}

/* As many parentheses as a server likes cost no stack and no more memory. */
static void
what_is_hostile_ends(void **state)
{
	static char deep[200001], wide[200001];
	struct imap_threads threads = {0};

	(void)state;
	memset(deep, '(', 200000);
	imap_threads_read(&threads, 1, str_of(deep, 200000));
	assert_false(threads.is_known);
	for (size_t i = 0; i < 200000; i += 4)
		memcpy(wide + i, i == 0 ? "(1 2" : " 3 4", 4);
	imap_threads_read(&threads, 1, str_of(wide, 200000));
	assert_false(threads.is_known);
	assert_true(threads.capacity <= 4 * (size_t)IMAP_THREADS_MOST);
	imap_threads_read(&threads, 2, STR("(1 2)"));
	assert_true(threads.is_known);
	imap_threads_end(&threads);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conversations_are_found),
	    cmocka_unit_test(what_is_hostile_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
