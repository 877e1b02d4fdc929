#include "page_test.h"

#include "mime/mime_calendar.h"
#include "os/zone.h"
#include "page/page_blocks.h"

/* 2026-12-01 14:00 UTC, a Tuesday */
#define START INT64_C(1796133600)
#define DAY   INT64_C(86400)

static const struct {
	struct mime_time start, end;
	const char *expected;
} times[] = {
    {{0}, {0}, ""},
    {{MIME_TIME_MOMENT, START, {{0}}}, {0},
        "Tuesday, 1 December 2026, 14:00 (UTC+00:00)"},
    {{MIME_TIME_MOMENT, START, {{0}}}, {MIME_TIME_MOMENT, START + 5400, {{0}}},
        "Tuesday, 1 December 2026, 14:00 to 15:30 (UTC+00:00)"},
    {{MIME_TIME_MOMENT, START, {{0}}}, {MIME_TIME_MOMENT, START + DAY, {{0}}},
        "Tuesday, 1 December 2026, 14:00 to Wednesday, 2 December 2026, 14:00 "
        "(UTC+00:00)"},
    {{MIME_TIME_MOMENT, START, {{0}}}, {MIME_TIME_MOMENT, START - 60, {{0}}},
        "Tuesday, 1 December 2026, 14:00 (UTC+00:00)"},
    {{MIME_TIME_DAY, START - START % DAY, {{0}}}, {0},
        "Tuesday, 1 December 2026, all day"},
    {{MIME_TIME_DAY, START - START % DAY, {{0}}},
        {MIME_TIME_DAY, START - START % DAY + DAY, {{0}}},
        "Tuesday, 1 December 2026 to Wednesday, 2 December 2026, all day"},
    {{MIME_TIME_WRITTEN, START, {{0}}}, {0},
        "Tuesday, 1 December 2026, 14:00 (wherever one is)"},
    {{MIME_TIME_WRITTEN, START, {{"Mars", 4}}}, {0},
        "Tuesday, 1 December 2026, 14:00 (time zone \xe2\x80\x9cMars\xe2\x80"
        "\x9d, as its sender wrote it)"},
};

static void
test_when(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct text got = blocks_event_when(
		    arena, NULL, &times[i].start, &times[i].end);

		if (!str_eq(got.s, str_c(times[i].expected)))
			fail_msg("%.*s", STR_ARG(got.s));
		arena_free(arena);
	}
}

/* The day and the hour are those of the reader; a whole day is one. */
static void
test_when_there(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct mime_time moment = {MIME_TIME_MOMENT, START + 36000, {{0}}};
	struct mime_time july = {MIME_TIME_MOMENT, START + 212 * DAY, {{0}}};
	struct mime_time day = {MIME_TIME_DAY, START - START % DAY, {{0}}};
	struct mime_time none = {0};
	const struct zone *zone;
	struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(
	    zone_open(STR("Europe/Berlin"), arena, &zone, &err), ERR_OK);
	assert_says(blocks_event_when(arena, zone, &moment, &none).s,
	    "Wednesday, 2 December 2026, 01:00 (UTC+01:00)");
	assert_says(blocks_event_when(arena, zone, &july, &none).s,
	    "Thursday, 1 July 2027, 16:00 (UTC+02:00)");
	assert_says(blocks_event_when(arena, zone, &day, &none).s,
	    "Tuesday, 1 December 2026, all day");
	assert_int_equal(
	    zone_open(STR("Asia/Kathmandu"), arena, &zone, &err), ERR_OK);
	assert_says(blocks_event_when(arena, zone, &july, &july).s,
	    "Thursday, 1 July 2027, 19:45 (UTC+05:45)");
	arena_free(arena);
}

static const struct {
	struct mime_repeat repeat;
	const char *expected;
} repeats[] = {
    {{.every = MIME_REPEAT_NEVER}, ""},
    {{.every = MIME_REPEAT_NEVER, .has_more = true}, "On other days, too"},
    {{.every = MIME_REPEAT_DAY, .interval = 1}, "Every day"},
    {{.every = MIME_REPEAT_WEEK, .interval = 2, .weekdays = 0x23, .count = 9},
        "Every 2 weeks on Monday, Friday, Sunday, 9 times"},
    {{.every = MIME_REPEAT_MONTH, .interval = 1, .weekdays = 2, .nth = -1},
        "Every month on the last Monday"},
    {{.every = MIME_REPEAT_MONTH, .interval = 1, .weekdays = 4, .nth = 2},
        "Every month on the second Tuesday"},
    {{.every = MIME_REPEAT_MONTH, .interval = 1, .month_day = 15},
        "Every month on day 15"},
    {{.every = MIME_REPEAT_YEAR,
         .interval = 1,
         .until = {MIME_TIME_DAY, START - START % DAY, {{0}}},
         .has_more = true},
        "Every year, until Tuesday, 1 December 2026, by rules that are not "
        "told here"},
    {{.every = MIME_REPEAT_OFTEN, .interval = 1}, "Many times a day"},
};

static void
test_repeat(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(repeats) / sizeof(repeats[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		struct text got =
		    blocks_repeat_words(arena, NULL, &repeats[i].repeat);

		if (!str_eq(got.s, str_c(repeats[i].expected)))
			fail_msg("%.*s", STR_ARG(got.s));
		arena_free(arena);
	}
}

static void
test_status(void **state)
{
	static const struct {
		unsigned status[3];
		const char *word; /* NULL: nothing is known */
	} rows[] = {
	    {{5, 1, 1}, "no such mailbox"},
	    {{5, 1, 99}, "wrong with the address"},
	    {{4, 2, 2}, "full"},
	    {{5, 7, 0}, "refused"},
	    {{5, 0, 0}, NULL},
	    {{5, 9, 1}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = blocks_status_words(rows[i].status);

		if (rows[i].word == NULL)
			assert_null(got);
		else
			assert_non_null(strstr(got, rows[i].word));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_when),
	    cmocka_unit_test(test_when_there),
	    cmocka_unit_test(test_repeat),
	    cmocka_unit_test(test_status),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
