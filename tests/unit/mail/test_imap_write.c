/* What goes out, and names of folders. */
#include "mail_test.h"

#include "mail/imap_utf7.h"
#include "mail/imap_write.h"

static void
strings_are_quoted_or_literals(void **state)
{
	static const struct {
		const char *name, *input;
		size_t len;
		size_t free_bytes;
		const char *expected; /* NULL: refused */
		size_t pauses;
	} table[] = {
	    {"empty", "", 0, 0, "i7 X \"\"\r\n", 0},
	    {"plain", "a b", 3, 0, "i7 X \"a b\"\r\n", 0},
	    {"quotes", "a\"\\", 3, 0, "i7 X \"a\\\"\\\\\"\r\n", 0},
	    {"8-bit", "\xC3\xA4", 2, 0, "i7 X {2}\r\n\xC3\xA4\r\n", 1},
	    {"8-bit plus", "\xC3\xA4", 2, 4096, "i7 X {2+}\r\n\xC3\xA4\r\n", 0},
	    {"tab", "a\tb", 3, 0, "i7 X {3}\r\na\tb\r\n", 1},
	    {"CR", "a\rb", 3, 4096, NULL, 0},
	    {"LF", "a\n", 2, 4096, NULL, 0},
	    {"NUL", "a\0b", 3, 4096, NULL, 0},
	    {"injection", "x\r\ni8 LOGOUT", 12, 4096, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct imap_writer writer;
		struct str all = {0};
		enum err_code rc;

		imap_writer_init(&writer, 7, table[i].free_bytes);
		imap_write_begin(&writer, "X ");
		imap_write_string(
		    &writer, str_of(table[i].input, table[i].len));
		imap_write_end(&writer);
		rc = buf_end(&writer.out, &all, NULL);
		if (table[i].expected == NULL) {
			if (rc != ERR_INPUT)
				fail_msg("%s", table[i].name);
		} else if (rc != ERR_OK ||
		           !str_eq(all, str_c(table[i].expected)) ||
		           writer.pause_count != table[i].pauses) {
			fail_msg("%s: %.*s", table[i].name, STR_ARG(all));
		}
		if (writer.pause_count > 0)
			assert_int_equal(writer.pauses[0].resume, all.len);
		imap_writer_end(&writer);
	}
}

static void
sets_are_short(void **state)
{
	static const struct {
		uint32_t uids[8];
		size_t count;
		const char *expected;
	} table[] = {
	    {{5}, 1, "5"},
	    {{1, 2, 3, 5}, 4, "1:3,5"},
	    {{9, 8, 7, 1}, 4, "9:7,1"},
	    {{1, 3, 2}, 3, "1,3:2"},
	    {{4294967295u, 1}, 2, "4294967295,1"},
	    {{7, 7}, 2, "7,7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct imap_writer writer;

		imap_writer_init(&writer, 1, 0);
		imap_write_set(&writer, table[i].uids, table[i].count);
		if (!str_eq(buf_str(&writer.out), str_c(table[i].expected)))
			fail_msg("%s: %.*s", table[i].expected,
			    STR_ARG(buf_str(&writer.out)));
		imap_writer_end(&writer);
	}
}

static void
names_come_back_as_they_were(void **state)
{
	static const struct {
		const char *wire, *name;
	} table[] = {
	    {"INBOX", "INBOX"},
	    {"a &- b", "a & b"},
	    {"Entw&APw-rfe", "Entw\xC3\xBCrfe"},
	    {"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
	        "~peter/mail/\xE5\x8F\xB0\xE5\x8C\x97/"
	        "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
	    {"&2D3cqQ-", "\xF0\x9F\x92\xA9"},
	    /* No modified UTF-7, or not the way we would write it. */
	    {"&APw", "\xEF\xA3\xB0&APw"},
	    {"&AGE-", "\xEF\xA3\xB0&AGE-"},
	    {"&2D0-", "\xEF\xA3\xB0&2D0-"},
	    {"\xFC", "\xEF\xA3\xB0\xEF\x9F\xBC"},
	    {"a&AAA-", "\xEF\xA3\xB0"
	               "a&AAA-"},
	    {"\x07", "\xEF\xA3\xB0\xEF\x9C\x87"},
	};
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct text name =
		    imap_utf7_decode(arena, str_c(table[i].wire));

		if (!str_eq(name.s, str_c(table[i].name)))
			fail_msg("%s: %.*s", table[i].wire, STR_ARG(name.s));
		assert_true(str_eq(
		    imap_utf7_encode(arena, name), str_c(table[i].wire)));
	}
	assert_true(
	    str_eq(imap_utf7_encode(arena, TEXT("a\nb")), STR("a&AAo-b")));
	/* Carried bytes cannot smuggle a line break in. */
	assert_int_equal(
	    imap_utf7_encode(arena, TEXT("\xEF\xA3\xB0\xEF\x9C\x8A")).len, 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strings_are_quoted_or_literals),
	    cmocka_unit_test(sets_are_short),
	    cmocka_unit_test(names_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
