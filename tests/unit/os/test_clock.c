#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/clock.h"

static const struct {
	int64_t unix_s;
	const char *http;
	const char *mail;
	const char *iso;
} dates[] = {
    {784111777, "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 +0000", "1994-11-06T08:49:37Z"},
    {0, "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 1 Jan 1970 00:00:00 +0000",
        "1970-01-01T00:00:00Z"},
    {-1, "Wed, 31 Dec 1969 23:59:59 GMT", "Wed, 31 Dec 1969 23:59:59 +0000",
        "1969-12-31T23:59:59Z"},
    /* Leap days: every fourth year, not 2100, but 2000. */
    {951782400, "Tue, 29 Feb 2000 00:00:00 GMT",
        "Tue, 29 Feb 2000 00:00:00 +0000", "2000-02-29T00:00:00Z"},
    {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT",
        "Mon, 1 Mar 2100 00:00:00 +0000", "2100-03-01T00:00:00Z"},
    {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT",
        "Sun, 28 Feb 2100 23:59:59 +0000", "2100-02-28T23:59:59Z"},
    /* What a sender's Date can say, and past it. */
    {INT64_C(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59Z"},
    {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59Z"},
    {INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT",
        "Sat, 1 Jan 0000 00:00:00 +0000", "0000-01-01T00:00:00Z"},
};

static void
assert_written(
    void (*add)(struct buf *, int64_t), int64_t unix_s, const char *expected)
{
	CLEANUP(buf_free) struct buf out;

	buf_init(&out, 64);
	add(&out, unix_s);
	buf_add_byte(&out, '\0');
	assert_string_equal(buf_str(&out).ptr, expected);
}

static void
test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		assert_written(clock_add_http, dates[i].unix_s, dates[i].http);
		assert_written(clock_add_mail, dates[i].unix_s, dates[i].mail);
		assert_written(clock_add_iso, dates[i].unix_s, dates[i].iso);
	}
}

/* Every day of 800 years, against the C library. */
static void
test_every_day(void **state)
{
	(void)state;
	for (int64_t day = -135140; day < 146097 * 2 - 135140; day++) {
		time_t when = (time_t)(day * 86400 + 3723);
		struct clock_date date = clock_date_of(when, 0);
		struct tm expected = {0};

		assert_non_null(gmtime_r(&when, &expected));
		assert_int_equal(date.year, expected.tm_year + 1900);
		assert_int_equal(date.month, expected.tm_mon + 1);
		assert_int_equal(date.day, expected.tm_mday);
		assert_int_equal(date.weekday, expected.tm_wday);
		assert_int_equal(
		    clock_day_of(date.year, date.month, date.day), day);
		assert_int_equal(date.hour, 1);
		assert_int_equal(date.minute, 2);
		assert_int_equal(date.second, 3);
	}
}

static void
test_months(void **state)
{
	(void)state;
	assert_int_equal(clock_month_days(2023, 2), 28);
	assert_int_equal(clock_month_days(2024, 2), 29);
	assert_int_equal(clock_month_days(1900, 2), 28);
	assert_int_equal(clock_month_days(2000, 2), 29);
	assert_int_equal(clock_month_days(2026, 12), 31);
	assert_int_equal(clock_weekday_of(0), 4);
	assert_int_equal(clock_weekday_of(-5), 6);
}

static void
test_offset(void **state)
{
	struct clock_date east = clock_date_of(784111777, 14 * 60);
	struct clock_date west = clock_date_of(784111777, -9 * 60 - 30);

	(void)state;
	assert_int_equal(east.day, 6);
	assert_int_equal(east.hour, 22);
	assert_int_equal(west.day, 5);
	assert_int_equal(west.hour, 23);
	assert_int_equal(west.minute, 19);
	assert_int_equal(west.weekday, 6);
}

static void
test_now(void **state)
{
	int64_t before_ms = clock_mono_ms();
	int64_t before_us = clock_mono_us();
	int64_t now_s = clock_now_s();

	(void)state;
	assert_true(now_s > 1600000000 && now_s < INT64_C(253402300799));
	assert_true(clock_now_ms() / 1000 - now_s <= 1);
	assert_true(clock_mono_ms() >= before_ms);
	assert_true(clock_mono_us() >= before_us);
	assert_true(before_us / 1000 - before_ms <= 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_every_day),
	    cmocka_unit_test(test_months),
	    cmocka_unit_test(test_offset),
	    cmocka_unit_test(test_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
