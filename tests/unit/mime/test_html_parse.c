/* The squeezed parse walks over the same tree as the plain one. */
#include "mime_test.h"

#include "base/buf.h"
#include "mime/html_parse.h"
#include "mime/html_pool.h"

static void
note_element(struct buf *notes, const struct html_element *element)
{
	buf_addf(notes, "<%.*s", STR_ARG(element->name));
	for (size_t i = 0; i < element->attribute_count; i++) {
		buf_add_byte(notes, ' ');
		buf_add(notes, element->attributes[i].name);
		buf_add_byte(notes, '=');
		buf_add(notes, element->attributes[i].value);
	}
	buf_add_byte(notes, '>');
}

static bool
note_open(void *ctx, const struct html_element *element)
{
	note_element(ctx, element);
	return true;
}

static void
note_body(void *ctx, const struct html_element *element)
{
	note_element(ctx, element);
}

static void
note_close(void *ctx, const struct html_element *element)
{
	buf_addf(ctx, "</%.*s>", STR_ARG(element->name));
}

static void
note_text(void *ctx, struct str text)
{
	buf_add(ctx, text);
	buf_add_byte(ctx, '|');
}

static enum err_code
walk(struct buf *notes, struct str source, bool is_plain, size_t max_bytes)
{
	const struct html_visitor visitor = {.ctx = notes,
	    .style = note_text,
	    .body = note_body,
	    .open = note_open,
	    .close = note_close,
	    .text = note_text};
	const struct html_parse_limits limits = {
	    max_bytes, html_pool_cpu_ms() + 2000};
	struct err err = ERR_NONE;

	buf_init(notes, (size_t)1 << 20);
	return is_plain ? html_parse_plainly(source, &limits, &visitor, &err)
	                : html_parse(source, &limits, &visitor, &err);
}

static const char *const sources[] = {
    "long plain text without anything",
    "text &amp; more text &copy2020 and on &#xF0000; end of it",
    "text \xf3\xb0\x80\x80 of the private plane, long enough",
    "text \xf4\x8f\xbf\xbd of the last plane, long enough &lt;",
    "&#983040;text that is long enough",
    "<p title=\"a long enough value\">x</p>",
    "<p title='a long & strange &amp;&quot; value'>x</p>",
    "<p title=unquoted-long-enough-value>x</p>",
    "<p ='odd long name' title = \"spaced long value\"/x>x</p>",
    "<p title=\"never closed long value",
    "<p title=\"long value with > in it\" lang='and < there'>x</p>",
    "<b title=\"long value 1\"><b title=\"long value 1\"><b title=\"long value "
    "1\"><b title=\"long value 1\"><p>noah",
    "<b title=\"long &amp; value\"><b title=\"long & value\"><b title=\"long "
    "&#38; value\"><b title=\"long &amp; value\"><p>noah",
    "<!-- a comment of some length --><p>after it</p>",
    "<!--> not a long comment --><p>after it</p>",
    "<!---> not a long comment --><p>after it</p>",
    "<!--!> still a comment --!> after it, long enough --> text",
    "<!-- never closed, long enough",
    "<!bogus comment> long text after it</!bogus> long text",
    "<?php long enough ?> long text after it",
    "</ bogus long enough> long text after it",
    "<!DOCTYPE html PUBLIC \"long enough > text\"> long text after it",
    "<style>p{color:red;margin:0 auto}</style>long text after it",
    "<style>p{content:\"</style>long text after it\"}",
    "<title>long title </p> &amp; text</title><p>long text after it",
    "<textarea>\nlong text <b title=\"</textarea>\">long text after it",
    "<script>if (a < b) x('</p>long text');</script>long text after it",
    "<script><!-- <script> long </script> long text</script>--></script>long",
    "<xmp><p title=\"</xmp>long text\">after it",
    "<noscript><p title=\"</noscript>long text\">after it",
    "<plaintext>long text </plaintext> and on",
    "<svg><style><b title=\"</style>long text\">after it, long enough",
    "<svg><![CDATA[long text ]]> after it, long enough</svg>",
    "<![CDATA[long text > after ]]> it, long enough",
    "<math><annotation-xml encoding=\"text/html\"><p>long text",
    "<select><textarea>long text</select>after it, long enough",
    "<select><style>long text</select>after it, long enough</style>x",
    "<frameset><style>long text</frameset>after it, long enough",
    "<table>  long text out of place<tr><td>long text within</table>",
    "<table><tr>\n  <td>long text</td>\n  long text\n</tr></table>",
    "<colgroup>long text<col></colgroup>",
    "<body title=\"long value of it\"><p>long text<body lang=\"long value 2\">",
    "<a href=\"https://a.example/?a=1&amp;bb=22222222222\">long text</a>",
    "<template><p title=\"long value of it\">long text</template>after it",
    "<pre>\nlong text that stands as it is\n</pre>",
    "<input type=\"hidden\"><table><input type=\" hidden  \"></table>",
    "<p>< long text > & more of it <3 and on",
};

static void
test_same_tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct str in = heap_copy(sources[i], strlen(sources[i]));
		struct buf plain;
		struct buf squeezed;
		assert_int_equal(
		    walk(&plain, in, true, (size_t)8 << 20), ERR_OK);
		assert_int_equal(
		    walk(&squeezed, in, false, (size_t)8 << 20), ERR_OK);
		expect_str(sources[i], buf_str(&squeezed), buf_str(&plain));
		buf_free(&plain);
		buf_free(&squeezed);
		heap_free(in);
	}
}

/* Ends of a source within anything. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		for (size_t len = 0; len < strlen(sources[i]); len++) {
			struct str in = heap_copy(sources[i], len);
			struct buf plain;
			struct buf squeezed;
			if (str_is_utf8(in)) {
				(void)!walk(&plain, in, true, (size_t)8 << 20);
				(void)!walk(
				    &squeezed, in, false, (size_t)8 << 20);
				expect_str(sources[i], buf_str(&squeezed),
				    buf_str(&plain));
				buf_free(&plain);
				buf_free(&squeezed);
			}
			heap_free(in);
		}
	}
}

static void
test_memory(void **state)
{
	struct buf notes;
	char source[3000];

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof(source); i += 3)
		memcpy(source + i, "<p>", 3);
	assert_int_equal(
	    walk(&notes, str_of(source, sizeof(source)), false, 100000),
	    ERR_LIMIT);
	assert_int_equal(notes.len, 0);
	buf_free(&notes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_tree),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
