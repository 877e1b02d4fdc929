/* An import is begun once, by one account, and is known as long as was said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "store/store_import.h"

#define NOW_S  ((int64_t)1800000000)
#define HOUR_S ((int64_t)3600)
#define KEPT   50u /* of an account */

struct desk {
	char folder[64], path[96];
	struct store *store;
	struct arena *arena;
	struct err err;
};

static int
desk_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	(void)snprintf(
	    desk->folder, sizeof(desk->folder), "/tmp/iwebmsg-import-XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->path, sizeof(desk->path), "%s/db", desk->folder);
	desk->arena = arena_new(1 << 20);
	assert_int_equal(
	    store_open(desk->path, &desk->store, &desk->err), ERR_OK);
	*state = desk;
	return 0;
}

static int
desk_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct desk *desk = *state;
	char path[128];

	store_close(desk->store);
	arena_free(desk->arena);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", desk->path, ends[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(desk->folder), 0);
	free(desk);
	return 0;
}

/* At this time, kept for an hour: is it new? */
static bool
begins(struct desk *desk, const char *account, const char *id,
    const char *sealed, int64_t now_s)
{
	bool is_new = false;

	assert_int_equal(
	    store_import_begin(desk->store, str_c(account), str_c(id),
	        str_c(sealed), now_s, now_s + HOUR_S, &is_new, &desk->err),
	    ERR_OK);
	return is_new;
}

static enum err_code
sets(struct desk *desk, const char *account, const char *id, const char *sealed)
{
	return store_import_set(
	    desk->store, str_c(account), str_c(id), str_c(sealed), &desk->err);
}

/* NULL: it is not known. */
static void
holds(struct desk *desk, const char *account, const char *id,
    const char *expected)
{
	struct str sealed = STR("something of before");
	enum err_code rc = store_import_get(desk->store, str_c(account),
	    str_c(id), desk->arena, &sealed, &desk->err);

	assert_int_equal(rc, expected == NULL ? ERR_NOT_FOUND : ERR_OK);
	if (!str_eq(sealed, str_c(expected == NULL ? "" : expected)))
		fail_msg("%s's %s: \"%.*s\"", account, id, STR_ARG(sealed));
}

/* Sent twice, by a second click or a reload: the second is told so. */
static void
test_begun_once(void **state)
{
	struct desk *desk = *state;

	holds(desk, "anna", "one", NULL);
	assert_true(begins(desk, "anna", "one", "0 of 9", NOW_S));
	holds(desk, "anna", "one", "0 of 9");
	assert_int_equal(sets(desk, "anna", "one", "5 of 9"), ERR_OK);
	assert_false(begins(desk, "anna", "one", "0 of 9", NOW_S + 60));
	holds(desk, "anna", "one", "5 of 9");
	assert_true(begins(desk, "anna", "two", "0 of 2", NOW_S + 60));
	holds(desk, "anna", "one", "5 of 9");
}

/* Its number, guessed or seen, is of no use to others. */
static void
test_of_one_account(void **state)
{
	struct desk *desk = *state;

	assert_true(begins(desk, "anna", "one", "hers", NOW_S));
	holds(desk, "ben", "one", NULL);
	assert_int_equal(sets(desk, "ben", "one", "his"), ERR_NOT_FOUND);
	assert_false(begins(desk, "ben", "one", "his", NOW_S));
	holds(desk, "ben", "one", NULL);
	holds(desk, "anna", "one", "hers");
	assert_int_equal(sets(desk, "anna", "never", "x"), ERR_NOT_FOUND);
}

/* Bytes that were sealed come back, all of them. */
static void
test_any_bytes(void **state)
{
	struct desk *desk = *state;
	struct str bytes = str_of("\0\xff'\"; --\n\0", 10);
	struct str back;
	bool is_new = false;

	assert_int_equal(
	    store_import_begin(desk->store, STR("anna"), STR("one"), bytes,
	        NOW_S, NOW_S + 1, &is_new, &desk->err),
	    ERR_OK);
	assert_true(is_new);
	assert_int_equal(store_import_get(desk->store, STR("anna"), STR("one"),
	                     desk->arena, &back, &desk->err),
	    ERR_OK);
	assert_true(str_eq(back, bytes));
}

/* What ended goes when the next one begins, whose ever it was. */
static void
test_ends(void **state)
{
	struct desk *desk = *state;

	assert_true(begins(desk, "anna", "old", "x", NOW_S));
	assert_true(begins(desk, "ben", "now", "x", NOW_S + HOUR_S));
	holds(desk, "anna", "old", "x");
	assert_true(begins(desk, "ben", "later", "x", NOW_S + HOUR_S + 1));
	holds(desk, "anna", "old", NULL);
	holds(desk, "ben", "now", "x");
	assert_int_equal(sets(desk, "anna", "old", "y"), ERR_NOT_FOUND);
	/* Its number may be used again. */
	assert_true(begins(desk, "anna", "old", "z", NOW_S + HOUR_S + 2));
}

/* The newest ones of each account, however many somebody begins. */
static void
test_not_too_many(void **state)
{
	struct desk *desk = *state;
	char id[32];

	assert_true(begins(desk, "ben", "his", "x", NOW_S));
	for (unsigned i = 0; i < KEPT + 5; i++) {
		(void)snprintf(id, sizeof(id), "id-%u", i);
		assert_true(begins(desk, "anna", id, "x", NOW_S + i));
		holds(desk, "anna", id, "x");
	}
	for (unsigned i = 0; i < KEPT + 5; i++) {
		(void)snprintf(id, sizeof(id), "id-%u", i);
		holds(desk, "anna", id, i < 5 ? NULL : "x");
	}
	holds(desk, "ben", "his", "x");
}

/* All within one second: the one that begins is never the one that goes. */
static void
test_many_in_a_second(void **state)
{
	struct desk *desk = *state;
	char id[32];

	for (unsigned i = 0; i < KEPT + 5; i++) {
		(void)snprintf(id, sizeof(id), "id-%03u", i);
		assert_true(begins(desk, "anna", id, "x", NOW_S));
		holds(desk, "anna", id, "x");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_begun_once, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_of_one_account, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(test_any_bytes, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(test_ends, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_not_too_many, desk_up, desk_down),
	    cmocka_unit_test_setup_teardown(
	        test_many_in_a_second, desk_up, desk_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
