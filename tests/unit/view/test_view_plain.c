#include "view_test.h"

#include "base/buf.h"
#include "view/view.h"

struct row {
	const char *name;
	const char *input;
	const char *expected;
};

#define A(url, text)     \
	"<a href=\"" url \
	"\" rel=\"noopener noreferrer\" target=\"_blank\">" text "</a>"
#define P(inner)   "<p dir=\"auto\">" inner "</p>\n"
#define M(address) "<a href=\"/compose?to=" address "\">"

static const struct row rows[] = {
    {"empty", "", ""},
    {"one line", "hello", P("hello")},
    {"two lines", "a\nb", P("a\nb")},
    {"paragraphs", "a\n\n\nb\n", P("a") P("b")},
    {"markup", "<b>&\"'", P("&lt;b&gt;&amp;&quot;&#39;")},
    {"blanks kept", "  a  b", P("  a  b")},
    {"http", "see http://a.b/c?d=1&e=2.",
        P("see " A(
            "http://a.b/c?d=1&amp;e=2", "http://a.b/c?d=1&amp;e=2") ".")},
    {"https in brackets", "(https://a.b/c_(d))",
        P("(" A("https://a.b/c_(d)", "https://a.b/c_(d)") ")")},
    {"angle brackets", "<HTTPS://a.b>",
        P("&lt;" A("HTTPS://a.b", "HTTPS://a.b") "&gt;")},
    {"quote ends it", "http://a.b/\"onclick=x",
        P(A("http://a.b/", "http://a.b/") "&quot;onclick=x")},
    {"apostrophe within", "http://a.b/'c",
        P(A("http://a.b/&#39;c", "http://a.b/&#39;c"))},
    {"no host", "http:// and http://.", P("http:// and http://.")},
    {"javascript is text", "javascript:alert(1)", P("javascript:alert(1)")},
    {"data is text", "data:text/html,<script>",
        P("data:text/html,&lt;script&gt;")},
    {"no link in a word", "xhttp://a.b", P("xhttp://a.b")},
    {"www", "www.example.org!",
        P(A("http://www.example.org", "www.example.org") "!")},
    {"www only", "www. www.", P("www. www.")},
    {"umlauts are encoded", "http://a.b/\xc3\xa4",
        P(A("http://a.b/%C3%A4", "http://a.b/\xc3\xa4"))},
    {"backslash is encoded", "http://a.b\\c",
        P(A("http://a.b%5Cc", "http://a.b\\c"))},
    {"marks of direction end it", "http://a.b/\xe2\x80\xaegpj.exe",
        P(A("http://a.b/", "http://a.b/") "\xe2\x80\xaegpj.exe")},
    {"address", "write to j.doe+x@example.org.",
        P("write to " M("j.doe%2Bx%40example.org") "j.doe+x@example.org</a>.")},
    {"mailto", "mailto:a@b.cd?subject=x",
        P("mailto:" M("a%40b.cd") "a@b.cd</a>?subject=x")},
    {"no address", "@ a@ @b a@b a@@b.c @b.c", P("@ a@ @b a@b a@@b.c @b.c")},
    {"two addresses", "a@b.cd,e@f.gh",
        P(M("a%40b.cd") "a@b.cd</a>," M("e%40f.gh") "e@f.gh</a>")},
    {"address in a url", "http://u@h.de/x",
        P(A("http://u@h.de/x", "http://u@h.de/x"))},
    {"quote", "> a\n> b\nc",
        "<blockquote class=\"q\">\n" P("a\nb") "</blockquote>\n" P("c")},
    {"nested quote", "> a\n>> b\n> > c",
        "<blockquote class=\"q\">\n" P("a") "<blockquote class=\"q\">\n" P(
            "b\nc") "</blockquote>\n</blockquote>\n"},
    {"empty quoted line", ">\n> a",
        "<blockquote class=\"q\">\n" P("a") "</blockquote>\n"},
    {"columns", "a   b\nc", "<p class=\"mono\">a   b\nc</p>\n"},
    {"columns later", "x\n> a\n> b\tc\n> d\n\ne",
        P("x") "<blockquote class=\"q\">\n<p class=\"mono\">a\nb\tc\nd</p>\n"
               "</blockquote>\n" P("e")},
    {"indented is no column", "a\n    b", P("a\n    b")},
    {"columns of the next paragraph", "a\n\nb   c",
        P("a") "<p class=\"mono\">b   c</p>\n"},
    {"signature", "a\n-- \nb <c>",
        P("a") "<div class=\"sig\">\n" P("-- \nb &lt;c&gt;") "</div>\n"},
    {"signature ends at a quote", "-- \nb\n> c",
        "<div class=\"sig\">\n" P("-- \nb") "</div>\n"
                                            "<blockquote class=\"q\">\n" P(
                                                "c") "</blockquote>\n"},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct str input = test_heap(rows[i].input);
		struct html html = view_plain_text(arena, (struct text){input});

		test_same(rows[i].name, html.s, rows[i].expected);
		test_heap_free(input);
		arena_free(arena);
	}
}

static size_t
count(struct str s, struct str needle)
{
	size_t found = 0;

	for (size_t at = str_find(s, needle, 0); at < s.len;
	     at = str_find(s, needle, at + 1))
		found++;
	return found;
}

/* Whatever comes, elements are closed and the page's limit is kept. */
static void
test_large(void **state)
{
	static const char *const pieces[] = {"&", "> a\nb\n", ">", "a@b.cd ",
	    "http://a/)", "@", "www.a ", "(", "\xe2\x82\xac"};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_new((size_t)64 << 20);
		size_t len = strlen(pieces[i]);
		size_t total = ((size_t)2 << 20) / len * len;
		char *text = malloc(total);
		struct html html;

		assert_non_null(text);
		for (size_t at = 0; at < total; at++)
			text[at] = pieces[i][at % len];
		html =
		    view_plain_text(arena, (struct text){str_of(text, total)});
		assert_true(html.s.len > 0);
		assert_true(html.s.len < (size_t)6 << 20);
		assert_true(str_is_utf8(html.s));
		assert_int_equal(
		    count(html.s, STR("<p")), count(html.s, STR("</p>")));
		assert_int_equal(count(html.s, STR("<blockquote")),
		    count(html.s, STR("</blockquote>")));
		assert_int_equal(
		    count(html.s, STR("<a ")), count(html.s, STR("</a>")));
		free(text);
		arena_free(arena);
	}
}

/*
 * Which lines are folded away: a text in short, a line per letter: "a" one's
 * own words, ":" words that end in a colon, "." an empty line, "1" and "2"
 * quoted lines; "8" stands for thirteen quoted ones. Of the result: "[" and
 * "]" where a fold begins and ends, "a" and "q" for lines.
 */
static const struct {
	const char *lines;
	const char *expected;
} folds[] = {
    {"a", "a"},
    {"a8", "a[q]"},
    {"a.8.a", "a[q]a"},
    {"a.:8", "a:[q]"},
    {":8", ":q"},
    {":8.a", ":qa"},
    {"8", "q"},
    {"8a", "qa"},
    {"a1a1a1", "aqaqaq"},
    {"a1111a1111a", "aqaqa"},
    {"a.1.1.1.1.1.1.1.1.1.1.1.1.1.a", "a[q]a"},
    {"a122222", "aq[q]"},
    {"a1222221a", "aq[q]qa"},
    {"122222", "q"},
    {"a1221", "aq"},
    {"aa:8", "aa:[q]"},
};

static void
fold_input(const char *lines, char *out)
{
	for (size_t i = 0; lines[i] != '\0'; i++) {
		const char *line = lines[i] == 'a'   ? "words"
		                   : lines[i] == ':' ? "They wrote:"
		                   : lines[i] == '.' ? ""
		                   : lines[i] == '2' ? ">> quoted"
		                                     : "> quoted";
		for (int n = lines[i] == '8' ? 13 : 1; n > 0; n--)
			out += snprintf(out, 20, "%s\n", line);
	}
}

/* Marks of what is in the result, of each kind only the first in a row. */
static void
fold_outline(struct str html, char *out)
{
	static const struct {
		const char *found;
		char mark;
	} marks[] = {{"<details class=\"quoted\"><summary>", '['},
	    {"</details>", ']'}, {"words", 'a'}, {"wrote:", ':'},
	    {"quoted\n", 'q'}, {"quoted<", 'q'}};
	char last = '\0';

	for (size_t at = 0; at < html.len; at++) {
		struct str rest = str_slice(html, at, html.len);
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			if (!str_starts(rest, str_c(marks[i].found)) ||
			    (marks[i].mark == 'q' && last == 'q'))
				continue;
			last = marks[i].mark;
			*out++ = last;
		}
	}
	*out = '\0';
}

static void
test_folds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct view_plain how = {.folds = true, .max_bytes = 100000};
		char input[1000] = "";
		char got[200] = "";
		bool is_cut = true;
		struct html html;

		fold_input(folds[i].lines, input);
		html = view_plain_shown(
		    arena, (struct text){str_c(input)}, &how, &is_cut);
		assert_false(is_cut);
		fold_outline(html.s, got);
		assert_string_equal(got, folds[i].expected);
		arena_free(arena);
	}
}

/* Patterns that look ahead at every line take no longer than others. */
static void
test_fold_time(void **state)
{
	static const char *const units[] = {"> a\n\n", ">> a\n> a\n",
	    "a\n> a\n", ">> a\n\n", "a\n\n> a\n\n\n\n\n\n\n\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *arena = arena_new((size_t)64 << 20);
		struct view_plain how = {
		    .folds = true, .max_bytes = (size_t)4 << 20};
		struct buf in;
		bool is_cut = false;

		buf_init_arena(&in, arena, (size_t)1 << 20);
		buf_add_c(&in, i == 3 ? "" : "a\n");
		while (in.len < ((size_t)1 << 20) - 40)
			buf_add_c(&in, units[i]);
		assert_non_null(view_plain_shown(
		    arena, (struct text){buf_str(&in)}, &how, &is_cut)
		                    .s.ptr);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_folds),
	    cmocka_unit_test(test_fold_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
