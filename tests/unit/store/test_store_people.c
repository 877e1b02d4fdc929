/* Contacts, trusted senders, all settings at once: each account its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "store/store.h"

#define NOW ((int64_t)1800000000)

struct fixture {
	struct store *store;
	struct arena *arena;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(8 << 20);
	assert_int_equal(store_open(":memory:", &f->store, &f->err), ERR_OK);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void
assert_str(struct str actual, const char *expected)
{
	if (!str_eq(actual, str_c(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(actual), expected);
}

static void
add(struct fixture *f, const char *account, const char *id, const char *name,
    const char *address)
{
	struct store_contact contact = {
	    str_c(id), str_c(name), str_c(address), NOW};

	assert_int_equal(store_contact_add(f->store, str_c(account), &contact,
	                     f->arena, &f->err),
	    ERR_OK);
}

static size_t
list(struct fixture *f, const char *account, struct store_contact **out)
{
	size_t count = 99;

	assert_int_equal(store_contact_list(f->store, str_c(account), f->arena,
	                     out, &count, &f->err),
	    ERR_OK);
	return count;
}

static void
test_contacts(void **state)
{
	struct fixture *f = *state;
	struct store_contact *found = NULL;
	bool has = true;

	assert_int_equal(list(f, "a", &found), 0);
	add(f, "a", "1", "Zoë", "zoe@example.org");
	add(f, "a", "2", "", "Mila@example.org");
	add(f, "a", "3", "anna", "anna@example.org");
	add(f, "b", "4", "Ben", "anna@example.org");
	assert_int_equal(list(f, "a", &found), 3);
	assert_str(found[0].name, "anna");
	assert_str(found[1].address, "Mila@example.org");
	assert_str(found[2].id, "1");
	assert_int_equal(found[2].created_s, NOW);
	/* The same address again: its id stays, the name may be new. */
	add(f, "a", "5", "Mila M.", "MILA@example.org");
	add(f, "a", "6", "", "mila@example.org");
	assert_int_equal(list(f, "a", &found), 3);
	assert_str(found[1].id, "2");
	assert_str(found[1].name, "Mila M.");
	assert_str(found[1].address, "Mila@example.org");
	assert_int_equal(store_contact_has(f->store, STR("a"),
	                     STR("MILA@EXAMPLE.org"), f->arena, &has, &f->err),
	    ERR_OK);
	assert_true(has);
	/* Only one's own. */
	assert_int_equal(
	    store_contact_delete(f->store, STR("b"), STR("2"), &f->err),
	    ERR_OK);
	assert_int_equal(list(f, "a", &found), 3);
	assert_int_equal(
	    store_contact_delete(f->store, STR("a"), STR("2"), &f->err),
	    ERR_OK);
	assert_int_equal(list(f, "a", &found), 2);
	assert_int_equal(list(f, "b", &found), 1);
	assert_int_equal(store_contact_has(f->store, STR("a"),
	                     STR("mila@example.org"), f->arena, &has, &f->err),
	    ERR_OK);
	assert_false(has);
}

static void
test_contacts_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store_contact *found = NULL;
	struct store_contact one = {.created_s = NOW};

	for (unsigned i = 0; i < LIMIT_CONTACTS; i++) {
		one.id = str_printf(f->arena, "id%u", i);
		one.address = str_printf(f->arena, "p%u@example.org", i);
		assert_int_equal(store_contact_add(f->store, STR("a"), &one,
		                     f->arena, &f->err),
		    ERR_OK);
	}
	one.id = STR("more");
	one.address = STR("more@example.org");
	assert_int_equal(
	    store_contact_add(f->store, STR("a"), &one, f->arena, &f->err),
	    ERR_LIMIT);
	assert_int_equal(list(f, "a", &found), LIMIT_CONTACTS);
}

static void
test_trusted(void **state)
{
	static const char *const senders[] = {"x@y", "z@y", "x@y"};
	struct fixture *f = *state;
	struct store_trust *found = NULL;
	size_t count = 0;

	for (int i = 0; i < 3; i++)
		assert_int_equal(store_trust_add(f->store, STR("a"),
		                     str_c(senders[i]), NOW + i, &f->err),
		    ERR_OK);
	assert_int_equal(
	    store_trust_add(f->store, STR("b"), STR("x@y"), NOW + 9, &f->err),
	    ERR_OK);
	assert_int_equal(store_trust_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 2);
	assert_str(found[0].sender, "x@y");
	assert_int_equal(found[0].added_s, NOW + 2);
	assert_str(found[1].sender, "z@y");
	assert_int_equal(
	    store_trust_delete(f->store, STR("a"), STR("x@y"), &f->err),
	    ERR_OK);
	assert_int_equal(store_trust_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_trust_list(f->store, STR("b"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
}

static void
test_prefs(void **state)
{
	struct fixture *f = *state;
	struct store_pref *found = NULL;
	size_t count = 9;

	assert_int_equal(store_pref_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(
	    store_pref_set(f->store, STR("a"), STR("rows"), STR("25"), &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_pref_set(f->store, STR("b"), STR("rows"), STR("50"), &f->err),
	    ERR_OK);
	assert_int_equal(store_pref_list(f->store, STR("a"), f->arena, &found,
	                     &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_str(found[0].name, "rows");
	assert_str(found[0].content, "25");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_contacts),
	    T(test_contacts_are_bounded),
	    T(test_trusted),
	    T(test_prefs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
