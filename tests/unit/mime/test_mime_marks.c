#include "mime_test.h"

#include "mime/mime_marks.h"

static const struct {
	const char *name;
	const char *input;
	const char *expected;
	size_t removed;
} rows[] = {
    {"plain", "Hello", "Hello", 0},
    {"accents", "caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac", 0},
    {"override",
        "a\xe2\x80\xae"
        "b",
        "ab", 1},
    {"isolates",
        "\xe2\x81\xa6"
        "a\xe2\x81\xa9",
        "a", 2},
    {"zero-width space", "pay\xe2\x80\x8bpal", "paypal", 1},
    {"joiner among Latin", "pay\xe2\x80\x8dpal", "paypal", 1},
    {"soft hyphen, mark, filler", "a\xc2\xad\xef\xbb\xbf\xe3\x85\xa4z", "az",
        3},
    {"non-joiner of Persian", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4",
        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4", 0},
    {"joiner of Hindi", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d",
        "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d", 0},
    {"family", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
        "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", 0},
    {"heart", "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f", 0},
    {"selectors in a row", "a\xef\xb8\x80\xef\xb8\x81z", "a\xef\xb8\x80z", 1},
    {"selector of an ideograph", "\xe8\x91\x9b\xf3\xa0\x84\x80",
        "\xe8\x91\x9b\xf3\xa0\x84\x80", 0},
    {"the same behind a letter", "a\xf3\xa0\x84\x80", "a", 1},
    {"flag of Wales",
        "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xbf",
        "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xbf", 0},
    {"tags without a flag", "a\xf3\xa0\x81\xa7\xf3\xa0\x81\xbfz", "az", 2},
    {"direction mark in Hebrew", "\xd7\xa9!\xe2\x80\x8f",
        "\xd7\xa9!\xe2\x80\x8f", 0},
    {"the same in Latin", "a!\xe2\x80\x8f", "a!", 1},
    {"line separator",
        "a\xe2\x80\xa8"
        "b",
        "a b", 0},
    {"stack of marks",
        "a\xcc\x80\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85"
        "b\xcc\x80",
        "a\xcc\x80\xcc\x81\xcc\x82\xcc\x83"
        "b\xcc\x80",
        2},
    {"controls",
        "a\x01"
        "b\xc2\x85"
        "c\x7f",
        "abc", 3},
    {"folds", "a\r\n\tb", "a  b", 0},
    {"noncharacter",
        "a\xef\xbf\xbf"
        "b",
        "ab", 1},
    {"not UTF-8",
        "a\xff"
        "b",
        "a\xef\xbf\xbd"
        "b",
        0},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		size_t removed = 0;
		struct text got = mime_marks_line(arena, in, &removed);
		expect_str(rows[i].name, got.s, str_c(rows[i].expected));
		expect_text(rows[i].name, got);
		if (removed != rows[i].removed)
			fail_msg("%s: removed %zu", rows[i].name, removed);
		expect_str(
		    rows[i].name, mime_marks_line(arena, got.s, NULL).s, got.s);
		heap_free(in);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
