#include "mime_test.h"

#include "base/buf.h"
#include "mime/mime_address.h"

/* "name|address" of each, separated by newlines. */
static struct str
flat(struct arena *arena, const struct mime_addresses *list)
{
	struct buf out;

	buf_init_arena(&out, arena, 100000);
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_add_byte(&out, '\n');
		buf_add(&out, list->list[i].name.s);
		buf_add_byte(&out, '|');
		buf_add(&out, list->list[i].address.s);
	}
	return buf_str(&out);
}

struct row {
	const char *name;
	const char *input;
	const char *expected;
};

static const struct row received[] = {
    {"bare", "a@b.c", "|a@b.c"},
    {"angle", "A B <a@b.c>", "A B|a@b.c"},
    {"two", "A <a@b>, c@d", "A|a@b\n|c@d"},
    {"quoted name", "\"Doe, John\" <j@x>", "Doe, John|j@x"},
    {"escaped quote", "\"a \\\"b\\\" c\" <j@x>", "a \"b\" c|j@x"},
    {"unquoted comma", "Doe, John <j@x>", "Doe, John|j@x"},
    {"comment as name", "j@x (John Doe)", "John Doe|j@x"},
    {"nested comment", "j@x (John (J) Doe)", "John (J) Doe|j@x"},
    {"encoded name", "=?utf-8?Q?Jos=C3=A9?= <j@x>", "Jos\xc3\xa9|j@x"},
    {"encoded, in quotes", "\"=?utf-8?Q?Jos=C3=A9?=\" <j@x>",
        "Jos\xc3\xa9|j@x"},
    {"encoded comma stays in the name", "=?utf-8?Q?Doe=2C_J?= <j@x>",
        "Doe, J|j@x"},
    {"raw latin1 name", "Jos\xe9 <j@x>", "Jos\xc3\xa9|j@x"},
    {"group", "Team: a@b, C <c@d>;", "Team|\n|a@b\nC|c@d"},
    {"empty group", "undisclosed-recipients:;", "undisclosed-recipients|"},
    {"route", "<@a,@b:c@d>", "|c@d"},
    {"semicolons", "a@b; c@d", "|a@b\n|c@d"},
    {"no brackets", "John Doe j@x.org", "John Doe|j@x.org"},
    {"blanks around @", "john @ example.org", "|john@example.org"},
    {"quoted local part", "\"john doe\"@x.org", "|\"john doe\"@x.org"},
    {"quoted local part in brackets", "<\"a>b\"@x.org>", "|\"a>b\"@x.org"},
    {"comments in brackets", "A <a(x)@(y (z))b>", "A|a@b"},
    {"comment not closed in brackets", "A <a@b(x>", "A|a@b"},
    {"blanks in brackets", "A <a . b @ c . d>", "A|a.b@c.d"},
    {"other blanks in brackets stay", "A <a b@c>", "A|a b@c"},
    {"blanks in a quoted local part stay", "A <\"a . (b)\" @c>",
        "A|\"a . (b)\"@c"},
    {"no comma", "<a@b> <c@d>", "|a@b\n|c@d"},
    {"no comma, with names", "A <a@b> C D <c@d>", "A|a@b\nC D|c@d"},
    {"an encoded-word is no address", "=?utf-8?Q?A_=3Ca=40b=3E?=", "A <a@b>|"},
    {"bracket not closed", "A <a@b", "A|a@b"},
    {"quote not closed", "\"A <a@b>", "|\"A <a@b>\""},
    {"only a name", "Cron Daemon", "Cron Daemon|"},
    {"local address", "root", "|root"},
    {"empty", "", ""},
    {"separators only", " ,;, ", ""},
    {"empty brackets", "<>", ""},
    {"name, empty brackets", "A <>", "A|"},
    {"folded", "A\r\n B <a@b>,\r\n c@d", "A B|a@b\n|c@d"},
    {"line break in a name", "\"a\r\nBcc: x@y\" <a@b>", "a Bcc: x@y|a@b"},
    {"literal", "a@[IPv6:2001:db8::1]", "|a@[IPv6:2001:db8::1]"},
    {"mailto", "mailto:a@b", "|a@b"},
};

static void
test_received(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(received) / sizeof(received[0]); i++) {
		const struct row *row = &received[i];
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(row->input, strlen(row->input));
		struct mime_addresses list;
		struct err err = ERR_NONE;
		assert_int_equal(
		    mime_parse_addresses(in, arena, &list, &err), ERR_OK);
		heap_free(in);
		expect_str(row->name, flat(arena, &list), str_c(row->expected));
		arena_free(arena);
	}
}

static const struct row typed[] = {
    {"one", "a@b.c", "|a@b.c"},
    {"default domain", "bob", "|bob@example.org"},
    {"default domain, then another", "bob, Jane <j@x.org>",
        "|bob@example.org\nJane|j@x.org"},
    {"semicolon", "a@b.c; d@e.f;", "|a@b.c\n|d@e.f"},
    {"group", "Team: a@b.c, d@e.f;", "|a@b.c\n|d@e.f"},
    {"empty", "", ""},
    {"no address", "John Doe", NULL},
    {"two @", "a@b@c.d", NULL},
    {"no domain", "a@", NULL},
    {"space in brackets", "<a b@c.d>", NULL},
    {"line break", "<a@b.c\r\nRCPT TO:<x@y>>", NULL},
    {"dot at the end", "a.@b.c", NULL},
    {"two dots", "a..b@b.c", NULL},
    {"domain with empty label", "a@b..c", NULL},
    {"domain with dash first", "a@-b.c", NULL},
    {"letters beyond ASCII", "jos\xc3\xa9@x.org", "|jos\xc3\xa9@x.org"},
    {"a domain in other letters",
        "jos\xc3\xa9@b\xc3\xbc"
        "cher.example",
        "|jos\xc3\xa9@xn--bcher-kva.example"},
    {"a domain that cannot be", "a@b\xe3\x80\x82\xe3\x80\x82z\xc3\xbc.example",
        NULL},
    {"an invisible letter is taken out",
        "a\xe2\x80\x8b"
        "b@x.org",
        "|ab@x.org"},
    {"bytes that are no letters", "a\xff@x.org", NULL},
    {"quoted", "\"a b\"@x.org", "|\"a b\"@x.org"},
};

static void
test_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		const struct row *row = &typed[i];
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_addresses list;
		struct err err = ERR_NONE;
		enum err_code rc = mime_check_recipients(
		    str_c(row->input), STR("example.org"), arena, &list, &err);
		if (rc != (row->expected == NULL ? ERR_INPUT : ERR_OK))
			fail_msg("%s: %s", row->name, err_name(rc));
		if (rc == ERR_OK)
			expect_str(row->name, flat(arena, &list),
			    str_c(row->expected));
		else
			assert_true(err.message[0] != '\0');
		arena_free(arena);
	}
}

/* Each wrong one is named, so that nobody meets them one by one. */
static void
test_all_wrong(void **state)
{
	static const struct row rows[] = {
	    {"one", "a@b.c, nobody at all",
	        "“nobody at all” is not an address that mail can be sent "
	        "to."},
	    {"two", "x@, a@b.c, y@",
	        "“x@” and “y@” are not addresses that mail can be sent "
	        "to."},
	    {"many", "a@, b@, c@, d@, e@, f@, g@, h@",
	        "“a@”, “b@”, “c@”, “d@”, “e@”, “f@” and 2 more are not "
	        "addresses that mail can be sent to."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_addresses list;
		struct err err = ERR_NONE;

		assert_int_equal(mime_check_recipients(str_c(rows[i].input),
		                     STR(""), arena, &list, &err),
		    ERR_INPUT);
		expect_str(
		    rows[i].name, str_c(err.message), str_c(rows[i].expected));
		arena_free(arena);
	}
}

static void
test_too_many(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_addresses list;
	struct err err = ERR_NONE;
	char in[4 * 1001];

	(void)state;
	for (size_t i = 0; i < 1001; i++)
		memcpy(in + 4 * i, "a@b,", 4);
	assert_int_equal(mime_check_recipients(str_of(in, sizeof(in)), STR(""),
	                     arena, &list, &err),
	    ERR_INPUT);
	arena_free(arena);
}

/* What breaks stacks and clocks elsewhere. */
static void
test_hostile(void **state)
{
	static const char *const pieces[] = {"(", "g:", "<", "\"", ",", "a,",
	    "a@b,", "\\", "(((\\", "<@a:", "A <a@b>, ", "[:"};
	size_t len = 1000000;
	char *in = malloc(len);

	(void)state;
	assert_non_null(in);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_addresses list;
		struct err err = ERR_NONE;
		for (size_t at = 0; at < len; at++)
			in[at] = pieces[i][at % strlen(pieces[i])];
		assert_int_equal(
		    mime_parse_addresses(str_of(in, len), arena, &list, &err),
		    ERR_OK);
		arena_free(arena);
	}
	free(in);
}

static void
test_sendable(void **state)
{
	(void)state;
	assert_true(mime_address_is_sendable(STR("a@b")));
	assert_true(mime_address_is_sendable(STR("a+b@[192.0.2.1]")));
	assert_false(mime_address_is_sendable(STR("a@b\r\n")));
	assert_false(mime_address_is_sendable(STR("a@b>")));
	assert_false(mime_address_is_sendable(STR("\"a\"b\"@c")));
	assert_false(mime_address_is_sendable(STR("\"a\\\"@c")));
	assert_false(mime_address_is_sendable(STR("")));
	assert_false(mime_address_is_sendable(STR("@b")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_received),
	    cmocka_unit_test(test_typed),
	    cmocka_unit_test(test_all_wrong),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_sendable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
