/* Many settings at once: all of them or none, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "store/store_settings.h"

static const char anna[] = "anna@example.org";
static const char ben[] = "ben@example.org";

struct fixture {
	struct store *store;
	struct arena *arena;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

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

/* How many of each kind the account has, as "prefs identities …". */
static void
assert_counts(struct fixture *f, const char *account, const char *expected)
{
	struct store_pref *prefs;
	struct store_identity *identities;
	struct store_response *responses;
	struct store_search *searches;
	struct store_trust *senders;
	struct str who = str_c(account);
	size_t n[5];
	char text[64];

	assert_int_equal(
	    store_pref_list(f->store, who, f->arena, &prefs, &n[0], &f->err),
	    ERR_OK);
	assert_int_equal(store_identity_list(f->store, who, f->arena,
	                     &identities, &n[1], &f->err),
	    ERR_OK);
	assert_int_equal(store_response_list(f->store, who, f->arena,
	                     &responses, &n[2], &f->err),
	    ERR_OK);
	assert_int_equal(store_search_list(f->store, who, f->arena, &searches,
	                     &n[3], &f->err),
	    ERR_OK);
	assert_int_equal(
	    store_trust_list(f->store, who, f->arena, &senders, &n[4], &f->err),
	    ERR_OK);
	(void)snprintf(text, sizeof(text), "%zu %zu %zu %zu %zu", n[0], n[1],
	    n[2], n[3], n[4]);
	assert_string_equal(text, expected);
}

static struct store_pref prefs[] = {
    {{"rows", 4}, {"100", 3}}, {{"keys", 4}, {"0", 1}}};
static struct store_identity identities[] = {
    {.id = {"i1", 2}, .address = {"a@example.org", 13}}};
static struct store_response responses[] = {
    {.id = {"r1", 2}, .name = {"Thanks", 6}}};
static struct store_search searches[] = {
    {.id = {"s1", 2}, .name = {"Bills", 5}, .words = {"bill", 4}}};
static struct store_trust senders[] = {{{"a@shop.example", 14}, 5}};

static const struct store_settings_change all = {
    .prefs = prefs,
    .pref_count = 2,
    .identities = identities,
    .identity_count = 1,
    .responses = responses,
    .response_count = 1,
    .searches = searches,
    .search_count = 1,
    .senders = senders,
    .sender_count = 1,
};

static void
test_in_and_out(void **state)
{
	struct fixture *f = *state;
	struct store_pref none[] = {{{"rows", 4}, {NULL, 0}}};
	struct str ids[] = {
	    {"i1", 2}, {"r1", 2}, {"s1", 2}, {"a@shop.example", 14}};
	const struct store_settings_change back = {
	    .prefs = none,
	    .pref_count = 1,
	    .identities_gone = &ids[0],
	    .identity_gone_count = 1,
	    .responses_gone = &ids[1],
	    .response_gone_count = 1,
	    .searches_gone = &ids[2],
	    .search_gone_count = 1,
	    .senders_gone = &ids[3],
	    .sender_gone_count = 1,
	};

	assert_int_equal(
	    store_settings_apply(f->store, str_c(anna), &all, &f->err), ERR_OK);
	assert_counts(f, anna, "2 1 1 1 1");
	/* Again: each replaces itself. */
	assert_int_equal(
	    store_settings_apply(f->store, str_c(anna), &all, &f->err), ERR_OK);
	assert_counts(f, anna, "2 1 1 1 1");
	/* What goes by these names is not somebody else's. */
	assert_int_equal(
	    store_settings_apply(f->store, str_c(ben), &back, &f->err), ERR_OK);
	assert_counts(f, anna, "2 1 1 1 1");
	assert_int_equal(
	    store_settings_apply(f->store, str_c(anna), &back, &f->err),
	    ERR_OK);
	assert_counts(f, anna, "1 0 0 0 0");
}

static void
test_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	static struct store_identity many[LIMIT_IDENTITIES + 1];
	struct store_settings_change change = {.prefs = prefs, .pref_count = 2};

	assert_int_equal(
	    store_settings_apply(f->store, str_c(anna), &all, &f->err), ERR_OK);
	/* The identity is Anna's: nothing at all comes in. */
	assert_int_equal(
	    store_settings_apply(f->store, str_c(ben), &all, &f->err),
	    ERR_FORBIDDEN);
	assert_counts(f, ben, "0 0 0 0 0");
	for (size_t i = 0; i <= LIMIT_IDENTITIES; i++)
		many[i].id = str_printf(f->arena, "many%zu", i);
	change.identities = many;
	change.identity_count = LIMIT_IDENTITIES + 1;
	assert_int_equal(
	    store_settings_apply(f->store, str_c(ben), &change, &f->err),
	    ERR_LIMIT);
	assert_non_null(strstr(f->err.message, "Nothing was changed"));
	assert_counts(f, ben, "0 0 0 0 0");
	change.identity_count = LIMIT_IDENTITIES;
	assert_int_equal(
	    store_settings_apply(f->store, str_c(ben), &change, &f->err),
	    ERR_OK);
	assert_counts(f, ben, "2 50 0 0 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_in_and_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        test_all_or_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
