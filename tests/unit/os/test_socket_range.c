#include "os/socket_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Parses from a block of exactly its size, without NUL. */
static enum err_code
parse(struct arena *arena, const char *words, struct socket_ranges *out,
    struct err *err)
{
	size_t len = strlen(words);
	char *block = malloc(len > 0 ? len : 1);
	enum err_code rc;

	assert_non_null(block);
	memcpy(block, words, len);
	rc = socket_ranges_parse(arena, str_of(block, len), out, err);
	free(block);
	return rc;
}

static void
test_parse(void **state)
{
	static const struct {
		const char *words;
		size_t count;     /* SIZE_MAX: refused */
		const char *word; /* that the refusal names */
	} rows[] = {
	    {"", 0, ""},
	    {" \t, ,", 0, ""},
	    {"127.0.0.1", 1, ""},
	    {"127.0.0.1 10.0.0.0/8,192.168.0.0/16, ::1\t[2001:db8::]/32", 5,
	        ""},
	    {"0.0.0.0/0", 1, ""},
	    {"::/0", 1, ""},
	    {"10.0.0.0/32 ::1/128", 2, ""},
	    {"10.0.0.0/33", SIZE_MAX, "10.0.0.0/33"},
	    {"::1/129", SIZE_MAX, "::1/129"},
	    {"10.0.0.1/8", SIZE_MAX, "10.0.0.1/8"},
	    {"2001:db8::1/32", SIZE_MAX, "2001:db8::1/32"},
	    {"::1 10.0.0.0/", SIZE_MAX, "10.0.0.0/"},
	    {"10.0.0.0/-1", SIZE_MAX, "10.0.0.0/-1"},
	    {"10.0.0", SIZE_MAX, "10.0.0"},
	    {"010.0.0.1", SIZE_MAX, "010.0.0.1"},
	    {"proxy.example", SIZE_MAX, "proxy.example"},
	    {"127.0.0.1;::1", SIZE_MAX, "127.0.0.1;::1"},
	    {"fe80::1%lo", SIZE_MAX, "fe80::1%lo"},
	    {"10.0.0.0/8/8", SIZE_MAX, "10.0.0.0/8/8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
		struct socket_ranges ranges;
		struct err err = ERR_NONE;
		enum err_code rc = parse(arena, rows[i].words, &ranges, &err);

		print_message("  %s\n", rows[i].words);
		if (rows[i].count == SIZE_MAX) {
			assert_int_equal(rc, ERR_INPUT);
			assert_ptr_equal(
			    strstr(err.message, rows[i].word), err.message);
			assert_non_null(strstr(err.message, "allowed: "));
		} else {
			assert_int_equal(rc, ERR_OK);
			assert_int_equal(ranges.count, rows[i].count);
		}
	}
}

static void
test_hold(void **state)
{
	static const struct {
		const char *ranges;
		const char *address;
		bool is_held;
	} rows[] = {
	    {"", "127.0.0.1", false},
	    {"127.0.0.1", "127.0.0.1", true},
	    {"127.0.0.1", "127.0.0.2", false},
	    {"127.0.0.1", "::ffff:127.0.0.1", true},
	    {"10.0.0.0/8", "10.255.255.255", true},
	    {"10.0.0.0/8", "11.0.0.0", false},
	    {"10.0.0.0/8", "9.255.255.255", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "203.0.113.9", true},
	    {"::1", "::1", true},
	    {"::1", "[::1]", true},
	    {"::1", "[::1", false},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"10.0.0.0/8 ::1", "::1", true},
	    {"10.0.0.0/8", "", false},
	    {"10.0.0.0/8", "unix:", false},
	    {"10.0.0.0/8", "10.0.0.1, 127.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 16);
		struct socket_ranges ranges;

		print_message("  %s in %s\n", rows[i].address, rows[i].ranges);
		assert_int_equal(
		    parse(arena, rows[i].ranges, &ranges, NULL), ERR_OK);
		assert_int_equal(
		    socket_ranges_hold(&ranges, str_c(rows[i].address)),
		    rows[i].is_held);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
