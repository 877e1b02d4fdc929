/* What rows of the outbox hold comes out as it went in; when is the next try.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "page/post_office.h"

static void
test_envelope(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	struct str people[] = {
	    STR("a@example.org"), STR("b=\n%@x"), STR("ü@x")};
	const struct post_envelope in = {.subject = TEXT("Käse = 100 %\t"),
	    .from = STR("anna@example.org"),
	    .recipients = people,
	    .count = 3,
	    .is_8bit = true,
	    .asks_dsn = true,
	    .language = STR("pt-BR"),
	    .kind = COMPOSE_REPLY,
	    .source_folder = TEXT("A/Ä"),
	    .source_uid = 7,
	    .source_validity = UINT32_MAX};
	struct post_envelope out;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(post_envelope_unpack(
	                     post_envelope_pack(arena, &in), arena, &out, &err),
	    ERR_OK);
	assert_true(str_eq(out.subject.s, in.subject.s));
	assert_true(str_eq(out.from, in.from));
	assert_int_equal(out.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(str_eq(out.recipients[i], people[i]));
	assert_true(out.is_8bit && out.asks_dsn);
	assert_true(str_eq(out.language, STR("pt-BR")));
	assert_false(out.is_utf8 || out.server_keeps_sent);
	assert_int_equal(out.kind, COMPOSE_REPLY);
	assert_true(str_eq(out.source_folder.s, in.source_folder.s));
	assert_int_equal(out.source_uid, 7);
	assert_int_equal(out.source_validity, UINT32_MAX);
	/* Nobody to send to, or from nobody: not a message of ours. */
	assert_int_equal(
	    post_envelope_unpack(STR("from=a%40b\n"), arena, &out, &err),
	    ERR_INTERNAL);
	assert_int_equal(
	    post_envelope_unpack(STR("recipient=a\n=\n\n"), arena, &out, &err),
	    ERR_INTERNAL);
}

static void
test_return(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	struct text people[] = {TEXT("a@x"), TEXT("b@x")};
	const struct post_return in = {TEXT("no\nsuch user"), people, 2};
	struct post_return out;

	(void)state;
	post_return_unpack(post_return_pack(arena, &in), arena, &out);
	assert_true(str_eq(out.words.s, STR("no such user")));
	assert_int_equal(out.refused_count, 2);
	assert_true(str_eq(out.refused[1].s, STR("b@x")));
	post_return_unpack(STR("alone"), arena, &out);
	assert_true(str_eq(out.words.s, STR("alone")));
	assert_int_equal(out.refused_count, 0);
	post_return_unpack(STR(""), arena, &out);
	assert_int_equal(out.words.s.len, 0);
}

/* 1, 5, 15, 60 minutes, then each hour; not past the end. */
static void
test_tries(void **state)
{
	static const int64_t minutes[] = {1, 5, 15, 60, 60, 60};
	const int64_t day_ms = (int64_t)24 * 3600000;

	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		assert_true(post_wait_ms(i + 1) == minutes[i] * 60000);
	assert_false(post_is_over(1, 60000));
	assert_true(post_is_over(2, 60000));
	assert_false(post_is_over(3, day_ms));
	assert_false(post_is_over(26, day_ms));
	assert_true(post_is_over(27, day_ms));
	assert_true(post_is_over(UINT32_MAX, day_ms));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_envelope),
	    cmocka_unit_test(test_return),
	    cmocka_unit_test(test_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
