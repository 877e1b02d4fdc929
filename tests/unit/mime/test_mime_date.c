#include "mime_test.h"

static const struct {
	const char *input;
	int64_t expected;
	int offset_minutes;
} rows[] = {
    {"Thu, 29 Feb 2024 12:34:56 +0200", 1709202896, 120},
    {"Thu, 29 Feb 2024 12:34:56 -0730", 1709237096, -450},
    {"29 Feb 2024 12:34:56 +0000", 1709210096, 0},
    {"29 Feb 2024 12:34:56 GMT", 1709210096, 0},
    {"29 Feb 2024 12:34:56 EST", 1709228096, -300},
    {"29 Feb 2024 12:34:56 +0000 (UTC)", 1709210096, 0},
    {"29 Feb 2024 12:34:56 (a (nested) comment) +0000", 1709210096, 0},
    {"Thu, 29-Feb-2024 12:34:56 +0000", 1709210096, 0},
    {"Thu Feb 29 12:34:56 2024", 1709210096, 0},
    {"Thu Feb 29 12:34:56 +0000 2024", 1709210096, 0},
    {"29 Feb 24 12:34 UT", 1709210040, 0},
    {"1 Jan 99 00:00:00 +0000", 915148800, 0},
    {"1 Jan 2000 00:00:00 +00:00", 946684800, 0},
    {"2024-02-29T12:34:56Z", 1709210096, 0},
    {"2024-02-29 12:34:56.123 +0200", 1709202896, 120},
    {"  Thu,\r\n 29 Feb 2024 12:34:56 +0000", 1709210096, 0},
    {"29 February 2024 12:34:56 +0000", 1709210096, 0},
    {"29 Feb 2024 12:34:56 +9900", 1709210096, 0},
    {"", 0, 0},
    {"garbage", 0, 0},
    {"29 Foo 2024 12:34:56 +0000", 0, 0},
    {"99 Feb 2024 12:34:56 +0000", 0, 0},
    {"30 Feb 2024 12:34:56 +0000", 0, 0},
    {"29 Feb 2023 12:34:56 +0000", 0, 0},
    {"31 Apr 2024 12:34:56 +0000", 0, 0},
    {"31 Dec 2024 00:00:00 +0000", 1735603200, 0},
    {"29 Feb 2024", 0, 0},
    {"1 Jan 1960 00:00:00 +0000", 0, 0},
    {"29 Feb 99999999999999999999 12:34:56", 0, 0},
    {"((((((((((", 0, 0},
};

static void
test_date(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		int offset = -1;
		int64_t got = mime_parse_date(in, &offset);
		if (got != rows[i].expected || offset != rows[i].offset_minutes)
			fail_msg("%s: got %lld %d", rows[i].input,
			    (long long)got, offset);
		heap_free(in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_date)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
