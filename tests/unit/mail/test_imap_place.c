/* Texts found in the first bytes of a message. */
#include "mail_test.h"

#include "mail/imap_place.h"
#include "mail/imap_structure.h"

#define TEXT_OF(bytes) "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" " #bytes " 1)"
#define MIXED          " \"MIXED\" (\"BOUNDARY\" \"b\"))"
#define TWO            "(" TEXT_OF(5) TEXT_OF(3) MIXED

static const struct {
	const char *name, *structure, *body, *section, *content;
} place_table[] = {
    {"a lone text", TEXT_OF(5), "hello", "1", "hello"},
    {"cut", TEXT_OF(5), "hell", "1", ""},
    {"no body", TEXT_OF(5), "", "1", ""},
    {"the first of two", TWO, "--b\r\n\r\nhello\r\n--b\r\n\r\nabc\r\n--b--",
        "1", "hello"},
    {"the second of two", TWO,
        "pre\r\n--bb\r\n--b \r\nA: b\r\n\r\nhello\r\n--b\r\n\r\nabc\r\n--b--",
        "2", "abc"},
    {"bare line feeds", TWO, "--b\n\nhello\n--b\n\nabc\n--b--", "2", "abc"},
    {"a delimiter of another", TWO, "--b\r\n\r\nhello\r\n--bb\r\n\r\nabc", "1",
        ""},
    {"longer than told", TWO, "--b\r\n\r\nhello!\r\n--b\r\n\r\nabc\r\n--b--",
        "1", ""},
    {"shorter than told", TWO, "--b\r\n\r\nhell\r\n--b\r\n\r\nabc\r\n--b--",
        "1", ""},
    {"the end is not here", TWO, "--b\r\n\r\nhello", "1", ""},
    {"only the second is cut", TWO, "--b\r\n\r\nhello\r\n--b\r\n\r\nab", "1",
        "hello"},
    {"no delimiter", TWO, "hello\r\nabc", "1", ""},
    {"a header without end", TWO, "--b\r\nA: b\r\n", "1", ""},
    {"no boundary told", "(" TEXT_OF(5) TEXT_OF(3) " \"MIXED\" NIL)",
        "--b\r\n\r\nhello\r\n--b\r\n\r\nabc\r\n--b--", "1", ""},
    {"within a second one",
        "((" TEXT_OF(5) " \"ALTERNATIVE\" (\"BOUNDARY\" \"i\"))" TEXT_OF(3)
            MIXED,
        "--b\r\n\r\n--i\r\n\r\nhello\r\n--i--\r\nepilogue\r\n--b\r\n\r\nabc"
        "\r\n--b--",
        "1.1", "hello"},
    {"behind a second one",
        "((" TEXT_OF(5) " \"ALTERNATIVE\" (\"BOUNDARY\" \"i\"))" TEXT_OF(3)
            MIXED,
        "--b\r\n\r\n--i\r\n\r\nhello\r\n--i--\r\nepilogue\r\n--b\r\n\r\nabc"
        "\r\n--b--",
        "2", "abc"},
    {"within an attached message",
        "((\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 13 (NIL NIL NIL NIL NIL "
        "NIL NIL NIL NIL NIL) " TEXT_OF(5) " 3)" MIXED,
        "--b\r\n\r\nS: x\r\n\r\nhello\r\n--b--", "1.1", "hello"},
    {"a size past all bounds",
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 18446744073709551615 1)",
        "hello", "1", ""},
};

/* In a block of its very size, so that a byte too far is seen. */
static void
place_one(size_t i)
{
	const char *given = place_table[i].structure;
	struct imap_token list[256];
	struct arena *arena = arena_new(1 << 20);
	size_t len = strlen(place_table[i].body);
	char *copy = strdup(given);
	char *body = malloc(len == 0 ? 1 : len);
	const struct mime_part *part;
	struct mime_part *root;
	struct imap_tokens tokens;

	assert_non_null(copy);
	assert_non_null(body);
	memcpy(body, place_table[i].body, len);
	tokens = imap_tokens_parse(copy, strlen(given), list, 256);
	root = imap_structure_parse(
	    &tokens, 0, &mime_limits_default, arena, &(bool){false});
	assert_non_null(root);
	imap_place_parts(root, str_of(body, len));
	part = mime_part_find(root, str_c(place_table[i].section));
	assert_non_null(part);
	if (!str_eq(part->content, str_c(place_table[i].content)))
		fail_msg("%s: \"%.*s\"", place_table[i].name,
		    STR_ARG(part->content));
	free(body);
	free(copy);
	arena_free(arena);
}

static void
parts_are_found_where_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(place_table) / sizeof(place_table[0]);
	     i++)
		place_one(i);
}

static void
headers_end_at_an_empty_line(void **state)
{
	static const struct {
		const char *bytes;
		size_t end;
	} table[] = {{"", 0}, {"A: b", 4}, {"A: b\r\n", 6},
	    {"A: b\r\n\r\nx", 8}, {"A: b\n\nx", 6}, {"\r\nx", 2}, {"\nx", 1},
	    {"A: b\r\n\rx\r\n", 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(
		    imap_place_header(str_c(table[i].bytes)), table[i].end);
}

/* Past the limits parts are left out, and that is said. */
static void
structures_keep_to_their_limits(void **state)
{
	static const char given[] = "((" TEXT_OF(1) TEXT_OF(2)
	    TEXT_OF(3) " \"MIXED\")" TEXT_OF(4) " \"MIXED\")";
	static const struct {
		uint32_t depth, parts;
		size_t outer, inner;
		bool is_incomplete;
	} table[] = {{50, 2000, 2, 3, false}, {1, 2000, 2, 0, true},
	    {50, 4, 2, 1, true}, {50, 2, 1, 0, true}, {2, 6, 2, 3, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct mime_limits limits = mime_limits_default;
		struct arena *arena = arena_new(1 << 20);
		struct imap_token list[256];
		char copy[sizeof(given)];
		struct imap_tokens tokens;
		struct mime_part *root;
		bool is_incomplete = false;

		memcpy(copy, given, sizeof(given));
		limits.depth = table[i].depth;
		limits.parts = table[i].parts;
		tokens = imap_tokens_parse(copy, sizeof(given) - 1, list, 256);
		root = imap_structure_parse(
		    &tokens, 0, &limits, arena, &is_incomplete);
		assert_non_null(root);
		assert_int_equal(root->part_count, table[i].outer);
		assert_int_equal(root->parts[0].part_count, table[i].inner);
		assert_int_equal(is_incomplete, table[i].is_incomplete);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_found_where_they_are),
	    cmocka_unit_test(headers_end_at_an_empty_line),
	    cmocka_unit_test(structures_keep_to_their_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
