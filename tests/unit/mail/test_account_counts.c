/* What an account remembers of its folders: never longer than it is true. */
#include "mail/account_counts.h"

#include "base/limits.h"
#include "mail/imap_folder_order.h"
#include "mail_test.h"
#include "os/clock.h"

static const struct imap_folder two[] = {{.wire = {"INBOX", 5},
                                             .delimiter = '/',
                                             .is_selectable = true,
                                             .messages = 7,
                                             .unseen = 3,
                                             .uid_validity = 9},
    {.wire = {"Sent", 4}, .attribute = MAIL_SENT, .is_leaf = true}};

struct known {
	struct account_counts counts;
	struct arena *arena;
	struct imap_folder *list;
	size_t count;
};

static int
known_begin(void **state)
{
	struct known *known = calloc(1, sizeof(*known));

	assert_non_null(known);
	account_counts_init(&known->counts);
	known->arena = arena_new(8 << 20);
	*state = known;
	return 0;
}

static int
known_end(void **state)
{
	struct known *known = *state;

	account_counts_end(&known->counts);
	arena_free(known->arena);
	free(known);
	return 0;
}

static bool
is_known(struct known *known)
{
	return account_counts_find(&known->counts, ACCOUNT_COUNTS_MESSAGE_MS,
	    known->arena, &known->list, &known->count);
}

static bool
is_known_since(struct known *known, int64_t most_ms)
{
	return account_counts_find(
	    &known->counts, most_ms, known->arena, &known->list, &known->count);
}

static void
keep(struct known *known, int64_t age_ms)
{
	account_counts_keep(&known->counts,
	    account_counts_changes(&known->counts), clock_mono_ms() - age_ms,
	    two, 2);
}

static void
what_was_kept_comes_back(void **state)
{
	struct known *known = *state;

	assert_false(is_known(known));
	keep(known, 0);
	assert_true(is_known(known));
	assert_int_equal(known->count, 2);
	assert_true(str_eq(known->list[0].wire, STR("INBOX")));
	assert_int_equal(known->list[0].unseen, 3);
	assert_int_equal(known->list[0].messages, 7);
	assert_int_equal(known->list[0].uid_validity, 9);
	assert_true(known->list[0].is_selectable);
	assert_int_equal(known->list[1].attribute, MAIL_SENT);
	assert_true(known->list[1].is_leaf);
}

static void
a_change_forgets_it(void **state)
{
	struct known *known = *state;

	keep(known, 0);
	account_counts_forget(&known->counts, ACCOUNT_CHANGE_SPACE);
	assert_false(is_known(known));
}

/* Marks take no space; what else there is may. */
static void
space_outlives_marks(void **state)
{
	struct known *known = *state;
	struct account_counts *counts = &known->counts;
	struct mail_quota quota = {
	    .is_known = true, .used_bytes = 5, .limit_bytes = 9};
	uint64_t before = account_counts_space_changes(counts);

	assert_false(account_counts_quota(counts, &quota));
	account_counts_keep_quota(counts, before, &quota);
	account_counts_forget(counts, ACCOUNT_CHANGE_MARKS);
	quota = (struct mail_quota){0};
	assert_true(account_counts_quota(counts, &quota));
	assert_int_equal(quota.used_bytes, 5);
	account_counts_forget(counts, ACCOUNT_CHANGE_SPACE);
	assert_false(account_counts_quota(counts, &quota));
	account_counts_keep_quota(counts, before, &quota);
	assert_false(account_counts_quota(counts, &quota));
}

/* A page goes without it, or with what it was, where nobody looks for it. */
static void
space_need_not_be_told_at_once_after_a_move(void **state)
{
	struct known *known = *state;
	struct account_counts *counts = &known->counts;
	struct mail_quota quota = {.is_known = true, .used_bytes = 5};

	/* Whoever looks for the first time waits. */
	assert_false(account_counts_quota_may_lack(counts, &quota));
	assert_false(quota.is_known);
	account_counts_forget(counts, ACCOUNT_CHANGE_MOVE);
	assert_true(account_counts_quota_may_lack(counts, &quota));
	assert_false(quota.is_known);

	quota = (struct mail_quota){.is_known = true, .used_bytes = 5};
	account_counts_keep_quota(
	    counts, account_counts_space_changes(counts), &quota);
	account_counts_forget(counts, ACCOUNT_CHANGE_MOVE);
	assert_false(account_counts_quota(counts, &quota));
	assert_true(account_counts_quota_may_lack(counts, &quota));
	assert_int_equal(quota.used_bytes, 5);
	counts->quota_mono_ms -= 600000;
	assert_true(account_counts_quota_may_lack(counts, &quota));
	assert_false(quota.is_known);

	/* What was deleted for good has to be seen there. */
	account_counts_forget(counts, ACCOUNT_CHANGE_SPACE);
	assert_false(account_counts_quota_may_lack(counts, &quota));
	account_counts_forget(counts, ACCOUNT_CHANGE_MOVE);
	assert_true(account_counts_quota_may_lack(counts, &quota));
	assert_false(quota.is_known);
}

/* A million messages to be added up: who asks again waits again. */
static void
a_server_that_is_still_adding_up_is_not_asked(void **state)
{
	struct known *known = *state;
	struct account_counts *counts = &known->counts;
	struct mail_quota quota = {.is_known = true};

	assert_true(account_counts_ask_quota(counts));
	assert_true(account_counts_ask_quota(counts)); /* at the same time */
	counts->quota_asked_mono_ms -= LIMIT_IMAP_EXTRA_MS;
	assert_false(account_counts_ask_quota(counts));
	account_counts_forget(counts, ACCOUNT_CHANGE_SPACE);
	assert_false(account_counts_ask_quota(counts));
	counts->quota_asked_mono_ms -= 60000;
	assert_true(account_counts_ask_quota(counts));
	account_counts_keep_quota(
	    counts, account_counts_space_changes(counts), &quota);
	assert_true(account_counts_quota(counts, &quota));
	assert_true(account_counts_ask_quota(counts));
}

/* It was asked before somebody changed it, and answered after. */
static void
an_answer_of_before_a_change_is_not_kept(void **state)
{
	struct known *known = *state;
	uint64_t changes = account_counts_changes(&known->counts);

	account_counts_forget(&known->counts, ACCOUNT_CHANGE_SPACE);
	account_counts_keep(&known->counts, changes, clock_mono_ms(), two, 2);
	assert_false(is_known(known));
	changes = account_counts_changes(&known->counts);
	account_counts_read(&known->counts, STR("INBOX"), 2);
	account_counts_keep(&known->counts, changes, clock_mono_ms(), two, 2);
	assert_false(is_known(known));
}

static void
what_is_old_is_asked_for_again(void **state)
{
	struct known *known = *state;

	keep(known, 60000);
	assert_false(is_known(known));
	keep(known, 0);
	/* The older answer came later. */
	keep(known, 10000);
	assert_true(is_known(known));
}

/* A list of messages is held to less than what stands beside a message. */
static void
who_wants_it_newer_asks(void **state)
{
	struct known *known = *state;

	keep(known, 3000);
	assert_false(is_known_since(known, 2000));
	assert_true(is_known_since(known, 10000));
	assert_true(is_known(known));
	keep(known, 0);
	assert_true(is_known_since(known, 2000));
	assert_false(is_known_since(known, 0));
}

static void
what_one_folder_was_counted_anew_stays(void **state)
{
	struct known *known = *state;
	uint64_t changes;
	struct imap_folder told = two[0];

	keep(known, 1900);
	changes = account_counts_changes(&known->counts);
	told.unseen = 8;
	told.messages = 12;
	account_counts_told(&known->counts, changes, &told);
	assert_true(is_known_since(known, 10000));
	assert_int_equal(known->list[0].unseen, 8);
	assert_int_equal(known->list[0].messages, 12);
	assert_int_equal(known->list[1].messages, 0);
	/* The others are as old as before. */
	assert_false(is_known_since(known, 1900));
	/* Counted before somebody changed it. */
	account_counts_read(&known->counts, STR("INBOX"), 7);
	account_counts_told(&known->counts, changes, &told);
	assert_true(is_known(known));
	assert_int_equal(known->list[0].unseen, 7);
}

static void
reading_counts_down(void **state)
{
	struct known *known = *state;

	keep(known, 0);
	account_counts_read(&known->counts, STR("INBOX"), 2);
	assert_true(is_known(known));
	assert_int_equal(known->list[0].unseen, 2);
	assert_int_equal(known->list[1].unseen, 0);
}

static void
what_is_large_is_not_kept(void **state)
{
	struct known *known = *state;
	size_t count = 20000;
	struct imap_folder *many = calloc(count, sizeof(*many));

	assert_non_null(many);
	for (size_t i = 0; i < count; i++)
		many[i] = two[0];
	account_counts_keep(&known->counts,
	    account_counts_changes(&known->counts), clock_mono_ms(), many,
	    count);
	free(many);
	assert_false(is_known(known));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        a_server_that_is_still_adding_up_is_not_asked, known_begin,
	        known_end),
	    cmocka_unit_test_setup_teardown(
	        what_was_kept_comes_back, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        a_change_forgets_it, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        space_outlives_marks, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        space_need_not_be_told_at_once_after_a_move, known_begin,
	        known_end),
	    cmocka_unit_test_setup_teardown(
	        an_answer_of_before_a_change_is_not_kept, known_begin,
	        known_end),
	    cmocka_unit_test_setup_teardown(
	        what_is_old_is_asked_for_again, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        who_wants_it_newer_asks, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        what_one_folder_was_counted_anew_stays, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        reading_counts_down, known_begin, known_end),
	    cmocka_unit_test_setup_teardown(
	        what_is_large_is_not_kept, known_begin, known_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
