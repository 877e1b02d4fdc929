#include "mime_test.h"

#include "base/buf.h"
#include "mime/html_budget.h"
#include "mime/html_clean.h"

#define MB ((size_t)1 << 20)

/* What is repeated, how often, and how much of it must fit. */
static const struct {
	const char *name;
	const char *begin;
	const char *each;
	unsigned count;
	bool fits;
} rows[] = {
    {"nothing", "", "", 1, true},
    {"letter", "<html><body>",
        "<p>Some words, <b>bold</b> <a href=\"https://example.com\">a "
        "link</a>.</p>\n",
        9000, true},
    {"a table of many rows", "<table>", "<tr><td><b>1</b></td><td>2</td></tr>",
        9000, true},
    /* Left out end tags, as people and programs leave them out. */
    {"cells and rows", "<table>", "<tr><td>1<td>2", 20000, true},
    {"font in cells", "<table>", "<tr><td><font size=1>x</td></tr>", 20000,
        true},
    {"div in cells", "<table>", "<tr><td><div><div>x</td></tr>", 20000, true},
    {"table in cells", "<table>", "<tr><td><table><tr><td>x</table></td></tr>",
        9000, true},
    {"paragraphs", "", "<p>x", 40000, true},
    {"fonts in paragraphs", "", "<p><font size=1><b>x", 20000, true},
    {"fonts in blocks", "", "<div><font size=1><div>x</div></div>", 9000, true},
    {"items", "<ul>", "<li><b>x", 20000, true},
    {"lists in items", "<ul>", "<li><ul><li>x<li>y</ul>", 9000, true},
    {"names", "<dl>", "<dt>x<dd>y", 20000, true},
    {"anchors", "", "<a name=x>y", 20000, true},
    {"breaks", "", "<br>x<hr><img src=x>", 9000, true},
    {"nested wrongly", "", "<b><i>x</b></i>", 20000, true},
    {"lists and headings", "", "<h1>x</h1><ol><li>y</ol><pre>z</pre>", 9000,
        true},
    {"comments with tags", "", "<!-- <div><div><div> -->x", 9000, true},
    {"no tags", "", "a < b & c <3 </ ", 99999, true},
    {"400 levels", "", "<div>", 400, true},
    /* What only an attack has. */
    {"divs", "", "<div>", 2000, false},
    {"spans", "", "<span>x", 2000, false},
    {"tables", "", "<table><tr><td>", 2000, false},
    {"tables alone", "", "<table>", 2000, false},
    {"end tags of others", "", "<div></p></b></table></x>", 2000, false},
    {"nobody knows them", "", "<x-y>", 2000, false},
    {"fonts around blocks", "", "<font><div>", 2000, false},
    {"attributes", "<p ", "a ", 2000, false},
    {"values", "<p ", "a='>' b=\">\" c=d e = 'f' g", 2000, false},
    {"ended early", "<p a=>", "b=c d='e' f=g h=i", 2000, true},
    {"elements", "", "<b>x</b>", 131072, false},
};

static struct str
made(size_t row)
{
	struct buf out;
	struct str copy;

	buf_init(&out, 16 * MB);
	buf_add_c(&out, rows[row].begin);
	for (unsigned i = 0; i < rows[row].count; i++)
		buf_add_c(&out, rows[row].each);
	copy = heap_copy(out.ptr != NULL ? out.ptr : "", out.len);
	buf_free(&out);
	return copy;
}

static void
test_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str html = made(i);
		size_t len = html_budget_fit(html, 30 * MB);

		if ((len == html.len) != rows[i].fits)
			fail_msg("%s: %zu of %zu", rows[i].name, len, html.len);
		if (len < html.len)
			assert_int_equal(html.ptr[len], '<');
		heap_free(html);
	}
}

/* Cut anywhere: nothing is read behind the end. */
static void
test_ends(void **state)
{
	static const char html[] =
	    "<table><tr><td a='1' b=\"2\" c=3 d><!-- x --><p>a</p></td></"
	    "table><a><!-><b/></b ><i =x= y>";

	(void)state;
	for (size_t len = 0; len < sizeof(html); len++) {
		struct str cut = heap_copy(html, len);

		assert_true(html_budget_fit(cut, 1500) <= len);
		assert_int_equal(html_budget_fit(cut, 30 * MB), len);
		heap_free(cut);
	}
}

/* All of an attack is answered by its beginning, and that says so. */
static void
test_cleaned(void **state)
{
	const struct html_clean_options options = {.max_bytes = 4 * MB};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str html = made(i);
		struct html_clean_result out;
		struct err err = ERR_NONE;

		assert_int_equal(
		    html_clean(html, &options, arena, &out, &err), ERR_OK);
		if (!rows[i].fits && !out.is_truncated)
			fail_msg("%s is not said to be cut", rows[i].name);
		heap_free(html);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fits),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
