/* Which messages are ours, where the server does not say. */
#include "mail_test.h"

#include "mail/imap_prove.h"

static void
test_fields(void **state)
{
	static const struct {
		const char *name, *header, *expected;
	} cases[] = {
	    {"only ours",
	        "Received: a\r\n\tb\r\nX-Spam: no\r\n  more\r\nDATE: d\r\n"
	        "\r\nSubject: body\r\n",
	        "Received: a\r\n\tb\r\nDATE: d\r\n\r\n"},
	    {"order and case stay", "cc: x\r\nFROM: y\r\ncc: z\r\n\r\n",
	        "cc: x\r\nFROM: y\r\ncc: z\r\n\r\n"},
	    {"none of ours", "X: y\r\n\r\n", "\r\n"},
	    {"nothing", "", "\r\n"},
	    {"no end", "Date: x", "Date: x\r\n"},
	    {"a line without a colon", "Date\r\nSubject: s\r\n\r\n",
	        "Subject: s\r\n\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;

		buf_init(&out, 1000);
		imap_prove_fields(str_c(cases[i].header), &out);
		assert_int_equal(out.failed, ERR_OK);
		if (!str_eq(buf_str(&out), str_c(cases[i].expected)))
			fail_msg(
			    "%s: %.*s", cases[i].name, STR_ARG(buf_str(&out)));
		buf_free(&out);
	}
}

/* "1a 2b": UID and digest. */
static size_t
prints(const char *words, struct imap_print *list)
{
	size_t count = 0;

	for (; words[0] != '\0'; words += words[2] == ' ' ? 3 : 2) {
		list[count] = (struct imap_print){
		    .uid = (uint32_t)(words[0] - '0'), .what = count};
		list[count++].digest[0] = (unsigned char)words[1];
	}
	return count;
}

static void
test_match(void **state)
{
	static const struct {
		const char *name, *there, *came;
		bool is_proven;
	} cases[] = {
	    {"one", "1a", "7a", true},
	    {"in another order", "1a 2b 3c", "7c 8a 9b", true},
	    {"others came between", "1b 2d", "5a 6b 7c 8d 9e", true},
	    {"alike among themselves", "1a 2a 3b", "5a 6b 7a", true},
	    {"one is missing", "1a 2b", "5a", false},
	    {"one of those alike is missing", "1a 2a", "5a 6b", false},
	    {"one more like them", "1a 2b", "5a 6a 7b", false},
	    {"one more like the last", "1a 2b", "5a 6b 7b", false},
	    {"another one instead", "1b", "5a", false},
	    {"told twice", "1a 2a", "5a 5a", false},
	    {"nothing came", "1a", "", false},
	    {"nothing was put there", "", "5a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imap_print a[9];
		struct imap_print b[9];
		struct imap_prints there = {
		    .list = a, .count = prints(cases[i].there, a)};
		struct imap_prints came = {
		    .list = b, .count = prints(cases[i].came, b)};

		if (imap_prove_match(&there, &came) != cases[i].is_proven)
			fail_msg("%s", cases[i].name);
		for (size_t k = 0; cases[i].is_proven && k < there.count; k++)
			assert_true(there.list[k].found >= 5);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
