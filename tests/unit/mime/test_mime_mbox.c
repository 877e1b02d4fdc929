/* Messages as one mbox file, whatever the pieces they come in. */
#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_mbox.h"

static bool
keep(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

static void
check(const char *in, const char *expected)
{
	static struct mime_mbox mbox;
	struct str head =
	    STR("From ben@example.com Fri Jan  2 00:00:00 1970\n");
	size_t len = strlen(in);

	for (size_t piece = 1; piece <= len + 1; piece++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		mime_mbox_init(&mbox, keep, &out);
		assert_true(
		    mime_mbox_begin(&mbox, STR("ben@example.com"), 86400));
		for (size_t at = 0; at < len; at += piece)
			assert_true(mime_mbox_write(
			    &mbox, str_of(in + at,
			               len - at < piece ? len - at : piece)));
		assert_true(mime_mbox_end(&mbox));
		assert_true(str_starts(buf_str(&out), head));
		expect_str(in, str_slice(buf_str(&out), head.len, out.len),
		    str_c(expected));
		buf_free(&out);
	}
}

static void
test_lines(void **state)
{
	(void)state;
	check("A: b\r\n\r\nx\r\n", "A: b\n\nx\n\n");
	check("", "\n");
	check("no end", "no end\n\n");
	check("a\rb\r\r\n", "a\rb\r\n\n");
	check("end in CR\r", "end in CR\r\n\n");
}

static void
test_quotes(void **state)
{
	(void)state;
	check("From me\r\nFrom\r\nFrom \r\n", ">From me\nFrom\n>From \n\n");
	check(">From x\r\n>>From y\r\n> From z\r\n",
	    ">>From x\n>>>From y\n> From z\n\n");
	check("Fro\r\nFroFrom \r\nxFrom y\r\n>\r\nFrom",
	    "Fro\nFroFrom \nxFrom y\n>\nFrom\n\n");
	check("F\rrom \r\n", "F\rrom \n\n");
}

/* What would break the "From " line is not taken into it. */
static void
test_senders(void **state)
{
	static const char *const odd[] = {"", "a b@c", "a@b\nFrom x"};
	static struct mime_mbox mbox;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		mime_mbox_init(&mbox, keep, &out);
		assert_true(mime_mbox_begin(&mbox, str_c(odd[i]), 0));
		assert_true(mime_mbox_end(&mbox));
		expect_str("sender", buf_str(&out),
		    STR("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n\n"));
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
