#include "base_test.h"

struct row {
	const char *name;
	const char *input;
	size_t len;
	const char *expected;
};
/* A literal with its NULs. */
#define IN(literal) literal, sizeof(literal) - 1

static const struct row texts[] = {
    {"empty", IN(""), ""},
    {"ascii", IN("abc"), "abc"},
    {"utf-8", IN("caf\xc3\xa9"), "caf\xc3\xa9"},
    {"four bytes", IN("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80"},
    {"tab and lf stay", IN("a\tb\nc"), "a\tb\nc"},
    {"crlf", IN("a\r\nb"), "a\nb"},
    {"lone cr", IN("a\rb"), "a\nb"},
    {"cr at the end", IN("a\r"), "a\n"},
    {"nul goes", IN("a\0b"), "ab"},
    {"escape goes", IN("a\x1b[31mb"), "a[31mb"},
    {"del goes", IN("a\x7f"), "a"},
    {"c1 goes",
        IN("a\xc2\x85"
           "b"),
        "ab"},
    {"lone continuation", IN("a\x80"), "a\xef\xbf\xbd"},
    {"cut sequence", IN("a\xe2\x82"), "a\xef\xbf\xbd\xef\xbf\xbd"},
    {"overlong", IN("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd"},
    {"surrogate", IN("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"too high", IN("\xf4\x90\x80\x80"),
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"latin1", IN("caf\xe9"), "caf\xef\xbf\xbd"},
};

static void
test_text_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct str in = exact(texts[i].input, texts[i].len);
		struct text out = text_from(arena, in);

		assert_str(out.s, texts[i].expected);
		assert_true(str_is_utf8(out.s));
		/* Text stays as it is when it is made text again. */
		assert_str(text_from(arena, out.s).s, texts[i].expected);
		exact_free(in);
		arena_free(arena);
	}
}

static void
test_text_line(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	assert_str(text_line(arena, STR("  a\tb\nc \n")).s, "a b c");
	assert_str(text_line(arena, STR("abc")).s, "abc");
	assert_str(text_line(arena, STR("")).s, "");
	arena_free(arena);
}

static void
test_shorten(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	assert_str(text_shorten(arena, TEXT("abc"), 3).s, "abc");
	assert_str(text_shorten(arena, TEXT("abcd"), 3).s, "abc\xe2\x80\xa6");
	assert_str(text_shorten(arena, TEXT("\xc3\xa9\xc3\xa9\xc3\xa9"), 2).s,
	    "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
	arena_free(arena);
}

static void
test_find(void **state)
{
	struct str s = exact("abcabc", 6);

	(void)state;
	assert_int_equal(str_find(s, STR("ca"), 0), 2);
	assert_int_equal(str_find(s, STR("abc"), 1), 3);
	assert_int_equal(str_find(s, STR("x"), 0), 6);
	assert_int_equal(str_find(s, STR("abcabcd"), 0), 6);
	assert_int_equal(str_find_nocase(s, STR("BC"), 2), 4);
	assert_int_equal(str_find_byte(s, 'c', 3), 5);
	assert_int_equal(str_find_byte(s, 'c', 6), 6);
	exact_free(s);
}

static void
test_cut(void **state)
{
	struct str rest = STR("a,b,,c");

	(void)state;
	assert_str(str_cut(&rest, ','), "a");
	assert_str(str_cut(&rest, ','), "b");
	assert_str(str_cut(&rest, ','), "");
	assert_str(str_cut(&rest, ','), "c");
	assert_null(rest.ptr);
	assert_str(str_cut(&rest, ','), "");
}

static void
test_compare(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_eq_nocase(STR("a"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_false(str_ends(STR("c"), STR("bc")));
	assert_int_equal(str_compare(STR("a"), STR("b")), -1);
	assert_int_equal(str_compare(STR("ab"), STR("a")), 1);
	assert_int_equal(str_compare(STR("a"), STR("a")), 0);
	assert_int_equal(
	    str_distance(STR("EnableSLL"), STR("enablessl"), 3), 1);
	assert_int_equal(str_distance(STR("abc"), STR("xyz"), 2), 3);
	assert_true(str_has_line_break(str_of("a\0b", 3)));
	assert_false(str_has_line_break(STR("a b")));
	assert_str(str_trim(STR(" \r\n a b\t")), "a b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_from),
	    cmocka_unit_test(test_text_line),
	    cmocka_unit_test(test_shorten),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
