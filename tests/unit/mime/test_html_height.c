/* How high a text is taken to be. */
#include "mime_test.h"

#include "base/buf.h"
#include "mime/html_height.h"

static void
assert_height(const char *html, unsigned least, unsigned most)
{
	struct str text = str_c(html);
	char *exact = malloc(text.len + 1);
	unsigned px;

	assert_non_null(exact);
	memcpy(exact, text.ptr, text.len);
	px =
	    html_height_px(html_height_of(str_of(exact, text.len), false).wide);
	free(exact);
	if (px < least || px > most)
		fail_msg("%s: %u, not %u to %u", html, px, least, most);
}

static void
test_words(void **state)
{
	(void)state;
	assert_height("", 60, 100);
	assert_height("<p>Hi</p>", 60, 130);
	assert_height("<p>Hi</p><p>How are you?</p><p>Ben</p>", 130, 250);
	assert_height("one<br>two<br>three<br>four<br>five<br>six", 180, 310);
	assert_height("<style>p{color:red} .very .long {}</style><!-- more "
	              "than one line, and > in it <p><p><p> --><p>Hi</p>",
	    60, 130);
	assert_height("<p style=\"padding:100px\">Hi</p>", 240, 480);
	assert_height("&nbsp;&nbsp;&amp; some words", 60, 130);
}

static void
test_rows(void **state)
{
	(void)state;
	/* Cells stand beside each other. */
	assert_height("<table><tr><td>a</td><td>b</td><td>c</td><td>d</td>"
	              "<td>e</td></tr></table>",
	    60, 130);
	assert_height("<table><tr><td>a</td></tr><tr><td>b</td></tr><tr><td>c"
	              "</td></tr><tr><td>d</td></tr><tr><td>e</td></tr>",
	    180, 310);
}

static void
test_pictures(void **state)
{
	struct str far =
	    STR("<img src=\"https://example.net/a.png\" height=\"500\">");

	(void)state;
	assert_height("<img src=\"cid:a\" height=\"500\">", 500, 700);
	assert_height("<img src=\"cid:a\" height=\"1\">", 60, 100);
	assert_height("<img src=\"cid:a\" style=\"height:500px\">", 500, 700);
	assert_height("<img style=\"line-height:500px\">", 60, 130);
	assert_true(html_height_px(html_height_of(far, false).wide) < 250);
	assert_true(html_height_px(html_height_of(far, true).wide) >= 500);
}

/* What never ends, or has no end at all. */
static void
test_broken(void **state)
{
	static const char *const broken[] = {"<", "<!--", "<!-", "</", "<p",
	    "<style>", "<style><", "<style></", "<style></styl", "</td>",
	    "<img height", "<img height=", "<p style=\"margin:99999999999\"",
	    "&", "<p style=\"margin", "<td", "-height"};
	CLEANUP(buf_free) struct buf rows = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_height(broken[i], 60, 130);
	/* Higher than all steps: as high as the window. */
	buf_init(&rows, (size_t)1 << 20);
	for (size_t i = 0; i < 5000; i++)
		buf_add_c(&rows, "<tr><td><p>x</p></td></tr>");
	assert_int_equal(
	    html_height_of(buf_str(&rows), false).wide, HTML_HEIGHT_STEPS);
	assert_int_equal(html_height_px(HTML_HEIGHT_STEPS), 0);
	assert_int_equal(html_height_px(0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_pictures),
	    cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
