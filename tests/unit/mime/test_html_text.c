/* HTML as plain text, for quoting. */
#include "mime_test.h"

static const struct {
	const char *input;
	const char *expected;
} texts[] = {
    {"", ""},
    {"a  b\n c", "a b c\n"},
    {"<p>a</p><p>b</p>", "a\n\nb\n"},
    {"a<br>b<br><br>c", "a\nb\n\nc\n"},
    {"<div>a<div>b</div></div>c", "a\nb\nc\n"},
    {"<b>a</b>b", "ab\n"},
    /* pictures */
    {"a<img src=x alt=smile>b", "a smile b\n"},
    {"a<img src=x>b <img src=x alt=' '>c", "ab c\n"},
    {"see<img src=cid:1@x alt='cat.png'>there",
        "see [picture: cat.png] there\n"},
    {"<p>see</p><img src='cid:1@x'><p>b</p>", "see\n\n[picture]\n\nb\n"},
    {"a<hr>b", "a\n----\nb\n"},
    {"&lt;b&gt;&#1;", "<b>\n"},
    /* lists */
    {"<ul><li>a<li>b</ul>", "- a\n- b\n"},
    {"x<ul><li>a<br>b<li><p>c<p>d</ul>y", "x\n\n- a\n  b\n\n- c\n\n  d\n\ny\n"},
    {"<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d\n"},
    {"<ol><li>a<li>b<ul><li>c</ul></ol>", "1. a\n2. b\n   - c\n"},
    {"<ol start=9><li>a<li>b<li value=20>c</ol>", "9. a\n10. b\n20. c\n"},
    {"<li>a", "- a\n"},
    /* quotes */
    {"x<blockquote>a<p>b</blockquote>c", "x\n> a\n> \n> b\n\nc\n"},
    {"<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n> > b\n"},
    {"<blockquote><ul><li>a</ul></blockquote>", "> - a\n"},
    /* tables */
    {"<table><tr><td>a<td>b<tr><td>c</table>", "a  b\nc\n"},
    {"<table><tr><th>a</th>\n<th></th>\n<th>b</th></tr></table>", "a  b\n"},
    /* as it stands */
    {"<pre>a\n  b\n</pre>c", "a\n  b\n\nc\n"},
    {"<pre>a\n\n\nb</pre>", "a\n\n\nb\n"},
    /* links */
    {"<a href=https://example.org/x>here</a>.",
        "here <https://example.org/x>.\n"},
    {"<a href=https://example.org/>https://example.org/</a>",
        "https://example.org/\n"},
    {"<a href=https://www.example.org/>Example.org</a>", "Example.org\n"},
    {"<a href='mailto:a@example.org?subject=x'>write</a>",
        "write <a@example.org>\n"},
    {"<a href=mailto:a@example.org>a@example.org</a>", "a@example.org\n"},
    {"<a href=javascript:x>a</a> <a href=#x>b</a> <a>c</a>", "a b c\n"},
    {"<a href=https://example.org/x><img src=y></a>z", "z\n"},
    {"<a href=https://example.org/x><p>a</p></a>z",
        "a <https://example.org/x>\n\nz\n"},
    /* what is not shown */
    {"<style>x</style><script>y</script><title>z</title>a", "a\n"},
    {"<span style='display:none'>hidden</span>a", "a\n"},
    {"<span style='visibility:hidden'>hidden</span>a", "a\n"},
    {"<p hidden>hidden</p>a", "a\n"},
    {"<style>.pre{display:none!important}</style><div class='x pre'>hidden"
     "</div>a",
        "a\n"},
    {"<svg><text>x</text></svg>a", "a\n"},
    {"<select><option>x</select><textarea>y</textarea>a", "a\n"},
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in =
		    heap_copy(texts[i].input, strlen(texts[i].input));
		struct text got = mime_html_to_text(arena, in);
		expect_str(texts[i].input, got.s, str_c(texts[i].expected));
		expect_text(texts[i].input, got);
		heap_free(in);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
