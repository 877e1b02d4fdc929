/* What only its writer may know stays behind, however the bytes come. */
#include "mime_test.h"

#include "base/buf.h"

#include "mime/mime_private.h"

static bool
collect(void *ctx, struct str bytes)
{
	struct buf *out = ctx;

	buf_add(out, bytes);
	return true;
}

static const struct {
	const char *name, *input, *expected;
} cases[] = {
    {"nothing of it", "A: b\r\n c\r\n\r\nbody\r\n",
        "A: b\r\n c\r\n\r\nbody\r\n"},
    {"first, folded, any case", "bCC: x\r\n y\r\n\tz\r\nA: b\r\n\r\nBcc: body",
        "A: b\r\n\r\nBcc: body"},
    {"our own, of any name",
        "A: b\nX-Iwebmsg-Compose: q\nx-iwebmsg-Something-That-Is-Long: 1\nB: "
        "c\n",
        "A: b\nB: c\n"},
    {"blanks before the colon", "Bcc \t: x\nA: b\n\n", "A: b\n\n"},
    {"names that only look so", "Bccs: a\nX-Bcc: b\nX-Iwebmsg: c\n\n",
        "Bccs: a\nX-Bcc: b\nX-Iwebmsg: c\n\n"},
    {"no name at all", "Bcc\nBcc: x\n\n", "Bcc\n\n"},
    {"last, without an end", "A: b\nBcc: x", "A: b\n"},
    {"half a name", "A: b\nBc", "A: b\nBc"},
    {"hidden by NUL", "B\\0cc: x\nA: b\n\n\\0", "A: b\n\n\\0"},
    {"NUL in the body stays", "A: b\n\n\\0x", "A: b\n\n\\0x"},
    {"empty", "", ""},
};

/* "\\0" stands for a NUL in the cases. */
static struct str
unescape(const char *text, char *room)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		bool is_nul = text[0] == '\\' && text[1] == '0';

		room[len++] = (char)(is_nul ? 0 : *text);
		text += is_nul;
	}
	return str_of(room, len);
}

/* In pieces of each size. */
static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char in_room[200];
		char out_room[200];
		struct str in = unescape(cases[i].input, in_room);
		struct str expected = unescape(cases[i].expected, out_room);

		for (size_t step = 1; step <= in.len + 1; step++) {
			struct mime_private passage;
			struct buf out;

			buf_init(&out, 1000);
			mime_private_init(&passage, collect, &out);
			for (size_t at = 0; at < in.len; at += step)
				assert_true(mime_private_sink(
				    &passage, str_slice(in, at, at + step)));
			assert_true(mime_private_end(&passage));
			if (!str_eq(buf_str(&out), expected))
				fail_msg("%s, pieces of %zu: %.*s",
				    cases[i].name, step,
				    STR_ARG(buf_str(&out)));
			buf_free(&out);
		}
	}
}

static bool
refuse(void *ctx, struct str bytes)
{
	(void)bytes;
	(*(int *)ctx)++;
	return false;
}

static void
test_stop(void **state)
{
	struct mime_private passage;
	int calls = 0;

	(void)state;
	mime_private_init(&passage, refuse, &calls);
	assert_false(mime_private_sink(&passage, STR("A: b\n\nbody")));
	assert_false(mime_private_sink(&passage, STR("more")));
	assert_false(mime_private_end(&passage));
	assert_int_equal(calls, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
