#include "view_test.h"

#include "view/view.h"
#include "view/view_value.h"

struct row {
	const char *name;
	const char *input;
	const char *expected;
};

static const struct row foreign[] = {
    {"http", "http://a.b/c", "http://a.b/c"},
    {"any case", "HtTpS://a", "HtTpS://a"},
    {"mailto", "mailto:a@b.c?subject=x%20y", "mailto:a@b.c?subject=x%20y"},
    {"blanks around", "  http://a ", "http://a"},
    {"javascript", "javascript:alert(1)", "#"},
    {"javascript in caps", "JAVASCRIPT:alert(1)", "#"},
    {"line break within", "java\nscript:x", "#"},
    {"tab in the scheme", "ht\ttp://a", "#"},
    {"control before", "\x01http://a", "#"},
    {"data", "data:text/html,x", "#"},
    {"path", "/list", "#"},
    {"two slashes", "//evil.example", "#"},
    {"empty", "", "#"},
    {"quote and brackets", "http://a/\"<>", "http://a/%22%3C%3E"},
    {"blank and letters", "http://a/b c\xc3\xa4", "http://a/b%20c%C3%A4"},
    {"only a scheme's beginning", "http:a", "#"},
};

static const struct row own[] = {
    {"path", "/list?folder=INBOX&page=2", "/list?folder=INBOX&page=2"},
    {"root", "/", "/"},
    {"two slashes", "//evil.example/", "#"},
    {"slash, backslash", "/\\evil.example/", "#"},
    {"not a path", "list", "#"},
    {"scheme", "javascript:x", "#"},
    {"empty", "", "#"},
    {"line break", "/a\nb", "#"},
    {"quote", "/a\"b", "/a%22b"},
};

static void
test_url_rows(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		struct str input = test_heap(foreign[i].input);

		test_same(foreign[i].name, view_url_foreign(arena, input).s,
		    foreign[i].expected);
		test_heap_free(input);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct str input = test_heap(own[i].input);

		test_same(
		    own[i].name, view_url_own(arena, input).s, own[i].expected);
		test_heap_free(input);
	}
	arena_free(arena);
}

static void
test_url_local(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	const struct view_url_param params[] = {
	    {"folder", STR("a/b & \xc3\xa4")}, {"page", {NULL, 0}},
	    {"q", {"", 0}}, {"u", STR("1")}, {NULL, {NULL, 0}}};

	(void)state;
	test_same("local", view_url_local(arena, "/list", params).s,
	    "/list?folder=a%2Fb%20%26%20%C3%A4&q=&u=1");
	test_same("none", view_url_local(arena, "/list", NULL).s, "/list");
	arena_free(arena);
}

static struct str
based(struct arena *arena, struct view_url url)
{
	return view_url_with_base(arena, url).s;
}

/* BasePath is put in front where an address of ours is printed. */
static void
test_url_base(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct view_url list = view_url_local(arena, "/list", NULL);
	struct view_url none = view_url_own(arena, STR("//elsewhere"));
	struct view_url far = view_url_foreign(arena, STR("http://a/b"));

	(void)state;
	test_same("no base", based(arena, list), "/list");
	view_url_set_base(STR("/mail"));
	test_same("kept inside", list.s, "/list");
	test_same("ours", based(arena, list), "/mail/list");
	test_same("nowhere", based(arena, none), "#");
	test_same("foreign", based(arena, far), "http://a/b");
	test_same("mail link",
	    view_plain_text(arena, text_known(STR("a@b.test"))).s,
	    "<p dir=\"auto\"><a href=\"/mail/compose?to=a%40b.test\">"
	    "a@b.test</a></p>\n");
	view_url_set_base(STR(""));
	arena_free(arena);
}

static void
test_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *expected;
	} sizes[] = {{0, "0 bytes"}, {1, "1 byte"}, {800, "800 bytes"},
	    {999, "999 bytes"}, {1000, "1 KB"}, {1024, "1 KB"},
	    {1536, "1.5 KB"}, {12288, "12 KB"}, {1023999, "999 KB"},
	    {1024000, "1 MB"}, {3565158, "3.3 MB"}, {3565159, "3.4 MB"},
	    {104857600, "100 MB"}, {1048575999, "999 MB"}, {1048576000, "1 GB"},
	    {UINT64_MAX, "17179869183 GB"}};
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		test_same("size", view_size(arena, sizes[i].bytes).s,
		    sizes[i].expected);
	arena_free(arena);
}

static void
test_dates(void **state)
{
	const int64_t now = 1795269900; /* 2026-11-21 14:05 UTC, a Saturday */
	static const struct {
		const char *name;
		int64_t age_s;
		int offset;
		const char *expected;
	} dates[] = {{"now", 0, 0, "14:05"},
	    {"first minute of today", 50700, 0, "00:00"},
	    {"yesterday", 50760, 0, "Fri 23:59"},
	    {"today, further east", 50760, 60, "00:59"},
	    {"six days", 6 * 86400, 0, "Sun 14:05"},
	    {"a week", 7 * 86400, 0, "14 Nov"},
	    {"tomorrow", -86400, 0, "22 Nov"},
	    {"last year", 365 * 86400, 0, "21 Nov 2025"},
	    {"1969", 1795269900 + 3600, 0, "31 Dec 1969"},
	    {"nonsense", INT64_MIN / 2, 0, "no date"}};
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		test_same(dates[i].name,
		    view_date_short(
		        arena, now - dates[i].age_s, now, dates[i].offset)
		        .s,
		    dates[i].expected);
	test_same("long", view_date_long(arena, now, 0).s,
	    "Saturday, 21 November 2026, 14:05");
	test_same("long, west", view_date_long(arena, now, -15 * 60).s,
	    "Friday, 20 November 2026, 23:05");
	arena_free(arena);
}

/* The last value of a name counts; what is set twice is replaced. */
static void
test_find(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct view *view = view_new(arena);
	const struct view_value *value;

	(void)state;
	view_u64(view, "n", 0);
	view_word(view, "a", "one");
	view_word(view, "a", "two");
	view_str(view, "s", STR("a\xff\x01"));
	value = view_value_find(view, STR("a"), view_value_hash(STR("a")));
	test_same("last", value->s, "two");
	value = view_value_find(view, STR("s"), view_value_hash(STR("s")));
	test_same("made text", value->s, "a\xef\xbf\xbd");
	value = view_value_find(view, STR("n"), view_value_hash(STR("n")));
	test_same("number", value->s, "0");
	assert_false(value->is_true);
	assert_null(view_value_find(view, STR("b"), view_value_hash(STR("b"))));
	assert_false(view_failed(view));
	arena_free(arena);
}

/* Memory used up anywhere within is remembered; nothing crashes. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (size_t max = 0; max < 2000; max += 24) {
		struct arena *arena = arena_new(max);
		struct view *view = view_new(arena);
		struct view *row = view_list_add(view_list(view, "rows"));

		view_u64(row, "n", 7);
		view_str(row, "s", STR("a\xff"));
		view_set_url(view_child(row, "c"), "u",
		    view_url_foreign(arena, STR("http://a/ b")));
		view_text(row, "size", view_size(arena, 5000));
		view_html(row, "h", view_plain_text(arena, TEXT("a")));
		assert_true(view_failed(view) == arena_failed(arena));
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_url_rows),
	    cmocka_unit_test(test_url_base),
	    cmocka_unit_test(test_url_local),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
