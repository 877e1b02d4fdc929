#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/zone.h"
#include "os/zone_rule.h"

static const struct zone *
zone_named(struct arena *arena, const char *name)
{
	const struct zone *zone = NULL;
	struct err err = ERR_NONE;

	if (zone_open(str_c(name), arena, &zone, &err) != ERR_OK)
		fail_msg("%s: %s", name, err.message);
	return zone;
}

/* "2026-03-29T00:59:59" as seconds, as if it were UTC. */
static int64_t
seconds(const char *iso)
{
	struct tm tm = {0};

	assert_non_null(strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm));
	return clock_day_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) *
	           86400 +
	       tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

static const struct {
	const char *zone;
	const char *utc;
	int minutes;
} offsets[] = {
    /* The hour clocks change, to the second; before, after, far after. */
    {"Europe/Berlin", "2026-03-29T00:59:59", 60},
    {"Europe/Berlin", "2026-03-29T01:00:00", 120},
    {"Europe/Berlin", "2026-10-25T00:59:59", 120},
    {"Europe/Berlin", "2026-10-25T01:00:00", 60},
    {"Europe/Berlin", "1975-07-01T12:00:00", 60}, /* no summer time then */
    {"Europe/Berlin", "1945-05-24T12:00:00", 180},
    {"Europe/Berlin", "2037-07-01T12:00:00", 120},
    {"Europe/Berlin", "2038-07-01T12:00:00", 120}, /* by the rule from here */
    {"Europe/Berlin", "2099-03-29T00:59:59", 60},
    {"Europe/Berlin", "2099-03-29T01:00:00", 120},
    {"Europe/Berlin", "9999-12-31T12:00:00", 60},
    {"Europe/Berlin", "1850-01-01T12:00:00", 53}, /* of the sun */
    /* Summer time in the south until 2019, never again. */
    {"America/Sao_Paulo", "2018-01-15T12:00:00", -120},
    {"America/Sao_Paulo", "2018-07-15T12:00:00", -180},
    {"America/Sao_Paulo", "2019-02-17T01:59:59", -120},
    {"America/Sao_Paulo", "2019-02-17T02:00:00", -180},
    {"America/Sao_Paulo", "2026-01-15T12:00:00", -180},
    {"America/Sao_Paulo", "2050-01-15T12:00:00", -180},
    {"Asia/Kathmandu", "2026-06-01T00:00:00", 345},
    {"Asia/Kathmandu", "1980-06-01T00:00:00", 330},
    /* Half an hour of summer time. */
    {"Australia/Lord_Howe", "2026-01-01T00:00:00", 660},
    {"Australia/Lord_Howe", "2026-07-01T00:00:00", 630},
    {"Australia/Lord_Howe", "2060-01-01T00:00:00", 660},
    {"Australia/Lord_Howe", "2060-07-01T00:00:00", 630},
    /* 30 December 2011 never was. */
    {"Pacific/Apia", "2011-12-30T09:59:59", -600},
    {"Pacific/Apia", "2011-12-30T10:00:00", 840},
    /* Winter time is the exception. */
    {"Europe/Dublin", "2026-07-01T12:00:00", 60},
    {"Europe/Dublin", "2080-07-01T12:00:00", 60},
    {"Europe/Dublin", "2080-01-01T12:00:00", 0},
    {"America/New_York", "2026-11-01T05:59:59", -240},
    {"America/New_York", "2026-11-01T06:00:00", -300},
    {"Africa/Cairo", "2024-07-01T12:00:00", 180}, /* again since 2023 */
    {"UTC", "2026-07-01T12:00:00", 0},
    {"Etc/GMT+5", "2026-07-01T12:00:00", -300},
    {"Asia/Calcutta", "2026-07-01T12:00:00", 330}, /* the old spelling */
};

static void
test_offsets(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int minutes =
		    zone_offset_minutes(zone_named(arena, offsets[i].zone),
		        seconds(offsets[i].utc));

		if (minutes != offsets[i].minutes)
			fail_msg("%s %s: %d instead of %d", offsets[i].zone,
			    offsets[i].utc, minutes, offsets[i].minutes);
	}
}

/* Every zone people choose from, each week of 150 years, as glibc has it. */
static void
test_as_glibc(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(8 << 20);
	struct zone_names names;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(zone_names_read(arena, &names, &err), ERR_OK);
	assert_true(names.count > 300);
	for (size_t i = 0; i < names.count; i += 7) {
		const char *name = str_dup_c(arena, names.list[i]);
		const struct zone *zone = zone_named(arena, name);

		assert_int_equal(setenv("TZ", name, 1), 0);
		tzset();
		for (int64_t s = -2208988800; s < 2524608000; s += 604789) {
			int ours = zone_offset_minutes(zone, s);
			int theirs = zone_offset_minutes(NULL, s);

			if (ours != theirs)
				fail_msg("%s at %lld: %d instead of %d", name,
				    (long long)s, ours, theirs);
		}
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void
test_moments(void **state)
{
	static const struct {
		const char *zone, *wall, *utc;
	} rows[] = {
	    {"Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00"},
	    {"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59"},
	    /* Left out; twice; and after. */
	    {"Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00"},
	    {"Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00"},
	    {"Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00"},
	    {"Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00"},
	    {"Asia/Kathmandu", "2026-10-25T03:00:00", "2026-10-24T21:15:00"},
	    {"Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00"},
	};
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(zone_moment(zone_named(arena, rows[i].zone),
		                     seconds(rows[i].wall)),
		    seconds(rows[i].utc));
}

static void
test_no_names(void **state)
{
	static const char *const names[] = {"", "/", "Europe", "Europe/",
	    "/Europe/Berlin", "Europe//Berlin", "Europe/../Europe/Berlin",
	    "../zoneinfo/Europe/Berlin", "../../../etc/passwd", "europe/Berlin",
	    "Europe/Berlin\n", "Europe/Berlin ", "Europe\\Berlin", "zone.tab",
	    "tzdata.zi", "localtime", "right/Europe/Berlin", "Mars/Olympus",
	    "Europe/B\xc3\xa9rlin", "\"><b>",
	    ("Ccccccccccccccccccccccccccccccccc"
	     "cccccccccccccccccccccccccccccccccccccccccccc")};
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	const struct zone *zone = NULL;
	struct err err = ERR_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(
		    zone_open(str_c(names[i]), arena, &zone, &err), ERR_INPUT);
		assert_null(zone);
	}
	assert_int_equal(
	    zone_open(STR("Mars/Olympus"), arena, &zone, &err), ERR_INPUT);
	assert_non_null(strstr(err.message, "“Mars/Olympus”"));
	assert_int_equal(
	    zone_open(str_of("Europe/Berlin\0", 14), arena, &zone, &err),
	    ERR_INPUT);
}

/* Cut anywhere, or with any byte another: read within its bytes, or refused. */
static void
test_damaged(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 20);
	const struct zone *zone = NULL;
	struct err err = ERR_NONE;
	struct str file;

	(void)state;
	assert_int_equal(file_read("/usr/share/zoneinfo/Europe/Berlin", 1 << 16,
	                     arena, &file, &err),
	    ERR_OK);
	for (size_t len = 0; len < file.len; len++) {
		char *copy = malloc(len == 0 ? 1 : len);

		assert_non_null(copy);
		memcpy(copy, file.ptr, len);
		assert_int_equal(
		    zone_parse(str_of(copy, len), arena, &zone, &err),
		    ERR_INPUT);
		free(copy);
	}
	for (size_t at = 0; at < file.len; at++) {
		char *copy = malloc(file.len);

		assert_non_null(copy);
		memcpy(copy, file.ptr, file.len);
		copy[at] = (char)(copy[at] ^ 0x81);
		if (zone_parse(str_of(copy, file.len), arena, &zone, &err) ==
		    ERR_OK)
			for (int64_t s = -4000000000; s < 8000000000;
			     s += 999999999)
				assert_in_range(
				    zone_offset_minutes(zone, s) + 1560, 0,
				    3120);
		free(copy);
	}
}

static void
test_rules(void **state)
{
	static const char *const bad[] = {"", "C", "CET", "CET-", "CET-1CEST,",
	    "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
	    "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
	    "CET-1CEST,J0,J9", "CET-1CEST,366,9", "<+05-5", "CET-25",
	    "CET-1:60", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1 ",
	    "CET-1CEST,M3.5.0,M10.5.0,"};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (zone_rule_parse(str_c(bad[i]), &rule))
			fail_msg("%s is taken", bad[i]);
	assert_true(zone_rule_parse(STR("<-0330>3:30"), &rule));
	assert_int_equal(zone_rule_offset(&rule, 0), -12600);
	/* All of 2023 and 2024 but for the days from 1 March to 1 October. */
	assert_true(zone_rule_parse(STR("AAA0BBB,J274,J60"), &rule));
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2024-02-29T12:00:00")), 3600);
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2024-03-01T12:00:00")), 0);
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2023-03-01T12:00:00")), 0);
	assert_true(zone_rule_parse(STR("AAA0BBB,273,60"), &rule));
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2024-03-01T00:00:00")), 3600);
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2024-03-01T12:00:00")), 0);
	/* Greenland's: the day before the last Sunday, at 22 o'clock. */
	assert_true(
	    zone_rule_parse(STR("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"), &rule));
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2026-03-29T00:59:59")), -7200);
	assert_int_equal(
	    zone_rule_offset(&rule, seconds("2026-03-29T01:00:00")), -3600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_offsets),
	    cmocka_unit_test(test_as_glibc),
	    cmocka_unit_test(test_moments),
	    cmocka_unit_test(test_no_names),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
