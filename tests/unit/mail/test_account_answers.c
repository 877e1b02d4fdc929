/* What an account remembers: answers about messages, and senders. */
#include "mail_test.h"

#include <pthread.h>

#define FOLDER STR("INBOX")

static struct account_answers_key
key_of(uint32_t uid_validity, uint32_t uid)
{
	return (struct account_answers_key){
	    .folder = FOLDER, .uid_validity = uid_validity, .uid = uid};
}

static void
put(struct account_answers *answers, struct account_answers_owner *owner,
    uint32_t uid, struct str answer)
{
	struct account_answers_key key = key_of(9, uid);

	account_answers_put(answers, owner, &key, answer);
}

static bool
is_there(struct account_answers *answers, struct account_answers_owner *owner,
    struct account_answers_key key, struct str wanted)
{
	struct arena *arena = arena_new(1 << 20);
	struct str found;
	bool is = account_answers_find(answers, owner, &key, arena, &found) &&
	          str_eq(found, wanted);

	arena_free(arena);
	return is;
}

static void
answers_are_of_one_message(void **state)
{
	struct account_answers answers;
	struct account_answers_owner anna = {0}, ben = {0};
	struct account_answers_key other = key_of(9, 1);

	(void)state;
	account_answers_init(&answers);
	put(&answers, &anna, 1, STR("nothing is kept yet"));
	assert_false(is_there(
	    &answers, &anna, key_of(9, 1), STR("nothing is kept yet")));
	account_answers_limit(&answers, 1 << 20);
	put(&answers, &anna, 1, STR("one"));
	put(&answers, &anna, 2, STR("two"));
	put(&answers, &ben, 1, STR("his"));
	assert_true(is_there(&answers, &anna, key_of(9, 1), STR("one")));
	assert_true(is_there(&answers, &anna, key_of(9, 2), STR("two")));
	assert_true(is_there(&answers, &ben, key_of(9, 1), STR("his")));
	assert_false(is_there(&answers, &ben, key_of(9, 2), STR("two")));
	/* Another UIDVALIDITY: another message (RFC 9051, 2.3.1.1). */
	assert_false(is_there(&answers, &anna, key_of(10, 1), STR("one")));
	other.folder = STR("INBO");
	assert_false(is_there(&answers, &anna, other, STR("one")));
	put(&answers, &anna, 1, STR("anew"));
	assert_true(is_there(&answers, &anna, key_of(9, 1), STR("anew")));
	account_answers_forget(&answers, &anna);
	assert_null(anna.first);
	assert_false(is_there(&answers, &anna, key_of(9, 2), STR("two")));
	assert_true(is_there(&answers, &ben, key_of(9, 1), STR("his")));
	account_answers_expire(&answers, clock_mono_ms() + 1);
	assert_int_equal(answers.bytes, 0);
	account_answers_end(&answers);
}

static void
memory_has_a_bound(void **state)
{
	static char large[300 << 10];
	struct account_answers answers;
	struct account_answers_owner owner = {0};

	(void)state;
	account_answers_init(&answers);
	account_answers_limit(&answers, 100 << 10);
	for (uint32_t uid = 1; uid <= 1000; uid++) {
		put(&answers, &owner, uid, str_of(large, 10 << 10));
		/* The first is used all the time, so it stays. */
		assert_true(is_there(
		    &answers, &owner, key_of(9, 1), str_of(large, 10 << 10)));
		assert_true(answers.bytes <= 100 << 10);
	}
	assert_false(is_there(
	    &answers, &owner, key_of(9, 900), str_of(large, 10 << 10)));
	assert_true(is_there(
	    &answers, &owner, key_of(9, 1000), str_of(large, 10 << 10)));
	put(&answers, &owner, 1001, str_of(large, sizeof(large)));
	assert_false(is_there(
	    &answers, &owner, key_of(9, 1001), str_of(large, sizeof(large))));
	account_answers_limit(&answers, 0);
	assert_int_equal(answers.bytes, 0);
	assert_null(owner.first);
	account_answers_end(&answers);
}

static void *
many_calls(void *ctx)
{
	struct account_answers *answers = ctx;
	struct account_answers_owner owner = {0};

	for (uint32_t i = 0; i < 2000; i++) {
		put(answers, &owner, i % 50, STR("something of a message"));
		(void)is_there(answers, &owner, key_of(9, i % 70),
		    STR("something of a message"));
		if (i % 500 == 499)
			account_answers_expire(answers, clock_mono_ms());
	}
	account_answers_forget(answers, &owner);
	return NULL;
}

static void
many_threads_share_it(void **state)
{
	struct account_answers answers;
	pthread_t threads[4];

	(void)state;
	account_answers_init(&answers);
	account_answers_limit(&answers, 8 << 10);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, many_calls, &answers), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(answers.bytes, 0);
	account_answers_end(&answers);
}

/* ---- senders ---- */
static struct account_letter
letter_of(uint32_t uid_validity, uint32_t uid, const char *address)
{
	return (struct account_letter){.folder = FOLDER,
	    .uid_validity = uid_validity,
	    .uid = uid,
	    .address = str_c(address)};
}

static bool
is_known(struct account_senders *senders, struct account_letter letter)
{
	return account_senders_has_older(senders, &letter);
}

static void
a_sender_is_known_by_an_older_letter(void **state)
{
	struct account_senders senders;
	struct account_letter letter = letter_of(9, 10, "Ben@Example.com");

	(void)state;
	account_senders_init(&senders);
	assert_false(is_known(&senders, letter));
	account_senders_note(&senders, &letter);
	/* His first letter is not known by itself. */
	assert_false(is_known(&senders, letter));
	assert_true(is_known(&senders, letter_of(9, 11, "ben@example.com")));
	assert_false(is_known(&senders, letter_of(9, 9, "ben@example.com")));
	assert_false(is_known(&senders, letter_of(8, 11, "ben@example.com")));
	assert_false(is_known(&senders, letter_of(9, 11, "en@example.com")));
	letter = letter_of(9, 5, "ben@example.com");
	account_senders_note(&senders, &letter);
	assert_true(is_known(&senders, letter_of(9, 9, "ben@example.com")));
	letter = letter_of(9, 5, "");
	account_senders_note(&senders, &letter);
	assert_false(is_known(&senders, letter_of(9, 9, "")));
	account_senders_end(&senders);
}

/* Forgetting is allowed; taking one for another is not. */
static void
strangers_stay_strangers(void **state)
{
	struct account_senders senders;
	char address[40];

	(void)state;
	account_senders_init(&senders);
	for (unsigned i = 0; i < 5000; i++) {
		struct account_letter letter;

		(void)snprintf(address, sizeof(address), "%u@example.com", i);
		letter = letter_of(9, 1, address);
		account_senders_note(&senders, &letter);
		assert_true(is_known(&senders, letter_of(9, 2, address)));
		(void)snprintf(address, sizeof(address), "%u@example.org", i);
		assert_false(is_known(&senders, letter_of(9, 2, address)));
	}
	account_senders_end(&senders);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_of_one_message),
	    cmocka_unit_test(memory_has_a_bound),
	    cmocka_unit_test(many_threads_share_it),
	    cmocka_unit_test(a_sender_is_known_by_an_older_letter),
	    cmocka_unit_test(strangers_stay_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
