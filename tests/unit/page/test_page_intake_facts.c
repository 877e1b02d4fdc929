/*
 * What a message out of a file says of itself, in the ways of several mail
 * programs: read or not, flagged, deleted, when it came, what it is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "page/page_intake.h"

/* 2026-11-21 10:00:00 UTC */
#define TEN_S ((int64_t)1795255200)

struct facts_case {
	const char *name, *header;
	bool is_mail, is_deleted, is_read_told;
	unsigned flags;
	int64_t arrived_s;
	const char *subject;
};

static void
check(const struct facts_case *one)
{
	struct arena *arena = arena_new(1 << 20);
	size_t len = strlen(one->header);
	struct intake_facts facts;
	/* No NUL behind it, so that a sanitizer sees one byte too many. */
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, one->header, len);
	intake_facts(arena, str_of(copy, len), &facts);
	/* The header's bytes are used again. */
	memset(copy, 'x', len);
	free(copy);
	if (facts.is_mail != one->is_mail ||
	    facts.is_deleted != one->is_deleted ||
	    facts.is_read_told != one->is_read_told ||
	    facts.flags != one->flags || facts.arrived_s != one->arrived_s)
		fail_msg("%s: mail %d, deleted %d, told %d, flags %x, %lld",
		    one->name, facts.is_mail, facts.is_deleted,
		    facts.is_read_told, facts.flags,
		    (long long)facts.arrived_s);
	if (!str_eq(facts.subject.s,
	        str_c(one->subject == NULL ? "" : one->subject)))
		fail_msg(
		    "%s: about \"%.*s\"", one->name, STR_ARG(facts.subject.s));
	arena_free(arena);
}

static void
test_marks(void **state)
{
	static const struct facts_case table[] = {
	    {"nothing of them", "From: a@b\r\n", true, false, false, 0, 0,
	        NULL},
	    {"mbox: new", "From: a@b\r\nStatus: O\r\n", true, false, true, 0, 0,
	        NULL},
	    {"mbox: read and seen", "Status: RO\nX-Status: \nTo: c\n", true,
	        false, true, MAIL_SEEN, 0, NULL},
	    {"mbox: answered, flagged",
	        "Status: RO\r\nX-Status: AF\r\nFrom: a@b\r\n", true, false,
	        true, MAIL_SEEN | MAIL_ANSWERED | MAIL_FLAGGED, 0, NULL},
	    {"mbox: a draft, deleted", "X-Status: TD\r\nSubject: x\r\n", true,
	        true, false, MAIL_DRAFT, 0, "x"},
	    {"Thunderbird: unread", "X-Mozilla-Status: 0000\r\nDate: x\r\n",
	        true, false, true, 0, 0, NULL},
	    {"Thunderbird: read, replied, starred",
	        "X-Mozilla-Status: 0007\r\nFrom: a@b\r\n", true, false, true,
	        MAIL_SEEN | MAIL_ANSWERED | MAIL_FLAGGED, 0, NULL},
	    {"Thunderbird: forwarded",
	        "x-mozilla-status: 1001\r\nFrom: a@b\r\n", true, false, true,
	        MAIL_SEEN | MAIL_FORWARDED, 0, NULL},
	    {"Thunderbird: deleted, until it compacts",
	        "X-Mozilla-Status: 0009\r\nX-Mozilla-Status2: 00800000\r\n"
	        "From: a@b\r\n",
	        true, true, true, MAIL_SEEN, 0, NULL},
	    {"no digits", "X-Mozilla-Status: zzzz\r\nFrom: a@b\r\n", true,
	        false, true, 0, 0, NULL},
	    {"many digits", "X-Mozilla-Status: 0001ffffffff\r\nFrom: a\r\n",
	        true, false, true, MAIL_SEEN, 0, NULL},
	    {"capital digits", "X-Mozilla-Status: 000D\r\nFrom: a\r\n", true,
	        true, true, MAIL_SEEN | MAIL_FLAGGED, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(&table[i]);
}

static void
test_when_it_came(void **state)
{
#define DATE    "Date: Sat, 21 Nov 2026 11:00:00 +0000\r\n"
#define ARRIVED "by b (Postfix) id 1;\r\n\tSat, 21 Nov 2026 12:00:00 +0200\r\n"
	static const struct facts_case table[] = {
	    {"by the last server",
	        DATE
	        "Received: from a " ARRIVED
	        "Received: from c by a; Sat, 21 Nov 2026 01:00:00 +0000\r\n",
	        true, false, false, 0, TEN_S, NULL},
	    {"by the sender", DATE "Subject: x\r\n", true, false, false, 0,
	        TEN_S + 3600, "x"},
	    {"no date in it", "Received: from a by b\r\n" DATE, true, false,
	        false, 0, TEN_S + 3600, NULL},
	    {"the next one tells it",
	        "Received: from a; soon\r\nReceived: "
	        "from a " ARRIVED,
	        true, false, false, 0, TEN_S, NULL},
	    {"nobody", "Subject: x\r\nDate: some day\r\n", true, false, false,
	        0, 0, "x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(&table[i]);
}

static void
test_what_it_is(void **state)
{
	static const struct facts_case table[] = {
	    {"nothing", "", false, false, false, 0, 0, NULL},
	    {"no mail", "Hello\r\nthere: you\r\n", false, false, false, 0, 0,
	        NULL},
	    {"an empty line first", "\r\nSubject: body\r\n", false, false,
	        false, 0, 0, NULL},
	    {"the header alone", "Subject: a\r\n\r\nStatus: RO\r\n", true,
	        false, false, 0, 0, "a"},
	    {"no end of line", "Subject: a", true, false, false, 0, 0, "a"},
	    {"cut in a name", "Subject: a\r\nX-Stat", true, false, false, 0, 0,
	        "a"},
	    {"encoded", "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n", true, false,
	        false, 0, 0, "grüße"},
	    {"in lines", "Subject: a\r\n b\r\n\tc\r\nStatus: R\r\n", true,
	        false, true, MAIL_SEEN, 0, "a b c"},
	    {"the first one", "Subject: a\r\nSubject: b\r\n", true, false,
	        false, 0, 0, "a"},
	    {"of no encoding", "Subject: \xff\xfe\x01\r\n", true, false, false,
	        0, 0, "ÿþ"},
	    {"a space before the colon", "Status : RO\r\nFrom : a\r\n", true,
	        false, true, MAIL_SEEN, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(&table[i]);
}

/* A subject of a megabyte is cut, and takes no time. */
static void
test_long(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	size_t len = (size_t)1 << 20;
	char *header = malloc(len);
	struct intake_facts facts;

	(void)state;
	assert_non_null(header);
	memset(header, 'w', len);
	memcpy(header, "Subject: ", 9);
	intake_facts(arena, str_of(header, len), &facts);
	assert_true(facts.is_mail);
	assert_in_range(facts.subject.s.len, 90, 103);
	free(header);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_when_it_came),
	    cmocka_unit_test(test_what_it_is),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
