#include "mime_test.h"

#include "mime/mime_calendar.h"

#define BERLIN                                                        \
	"BEGIN:VTIMEZONE\r\nTZID:Berlin\r\n"                          \
	"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\n"                    \
	"TZOFFSETTO:+0200\r\nDTSTART:19810329T020000\r\n"             \
	"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"  \
	"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\n"                    \
	"TZOFFSETTO:+0100\r\nDTSTART:19961027T030000\r\n"             \
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n" \
	"END:VTIMEZONE\r\n"
#define NEW_YORK                                                     \
	"BEGIN:VTIMEZONE\r\nTZID:New York\r\n"                       \
	"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:-0500\r\n"                   \
	"TZOFFSETTO:-0400\r\nDTSTART:20070311T020000\r\n"            \
	"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\n"  \
	"BEGIN:STANDARD\r\nTZOFFSETFROM:-0400\r\n"                   \
	"TZOFFSETTO:-0500\r\nDTSTART:20071104T020000\r\n"            \
	"RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nEND:STANDARD\r\n" \
	"END:VTIMEZONE\r\n"
/* Zones that outlook.com writes: offsets without any rule. */
#define FIXED                                                        \
	"BEGIN:VTIMEZONE\r\nTZID:Fixed\r\n"                          \
	"BEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"              \
	"TZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530\r\nEND:STANDARD\r\n" \
	"END:VTIMEZONE\r\n"

#define D INT64_C(86400)
#define H INT64_C(3600)
/* 2026-01-01, 2026-07-01 00:00 UTC */
#define JANUARY INT64_C(1767225600)
#define JULY    INT64_C(1782864000)

static struct mime_calendar
parse(struct arena *arena, const char *text)
{
	struct str copy = heap_copy(text, strlen(text));
	struct mime_calendar calendar;
	struct err err = ERR_NONE;
	struct str bytes = str_dup(arena, copy);

	heap_free(copy);
	assert_int_equal(
	    mime_calendar_parse(bytes, arena, &calendar, &err), ERR_OK);
	return calendar;
}

static struct mime_event
parse_event(struct arena *arena, const char *zone, const char *lines)
{
	struct str text = str_printf(arena,
	    "BEGIN:VCALENDAR\r\n%sBEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\n"
	    "END:VCALENDAR\r\n",
	    zone, lines);
	struct mime_calendar calendar = parse(arena, str_dup_c(arena, text));

	assert_int_equal(calendar.count, 1);
	return calendar.list[0];
}

static const struct {
	const char *zone, *lines;
	enum mime_time_kind kind;
	int64_t start_s, end_s; /* end 0: none */
} times[] = {
    {"", "DTSTART:20260101T000000Z", MIME_TIME_MOMENT, JANUARY, 0},
    {"", "DTSTART:20260101T100000", MIME_TIME_WRITTEN, JANUARY + 10 * H, 0},
    {"", "DTSTART:20260101T1000", MIME_TIME_WRITTEN, JANUARY + 10 * H, 0},
    {"", "DTSTART;TZID=Mars:20260101T100000", MIME_TIME_WRITTEN,
        JANUARY + 10 * H, 0},
    {"", "DTSTART;TZID=Etc/UTC:20260101T100000", MIME_TIME_MOMENT,
        JANUARY + 10 * H, 0},
    {"", "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260104",
        MIME_TIME_DAY, JANUARY, JANUARY + 2 * D},
    {"", "DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260101",
        MIME_TIME_DAY, JANUARY, JANUARY},
    {"", "DTSTART:20260101T000000Z\r\nDURATION:P1DT2H30M", MIME_TIME_MOMENT,
        JANUARY, JANUARY + D + 2 * H + 1800},
    {"", "DTSTART:20260101T000000Z\r\nDURATION:P2W", MIME_TIME_MOMENT, JANUARY,
        JANUARY + 14 * D},
    {"", "DTSTART:20260101T000000Z\r\nDURATION:nonsense", MIME_TIME_MOMENT,
        JANUARY, 0},
    {BERLIN, "DTSTART;TZID=Berlin:20260101T120000", MIME_TIME_MOMENT,
        JANUARY + 11 * H, 0},
    {BERLIN, "DTSTART;TZID=Berlin:20260701T120000", MIME_TIME_MOMENT,
        JULY + 10 * H, 0},
    {BERLIN, "DTSTART;TZID=\"Berlin\":20260701T120000", MIME_TIME_MOMENT,
        JULY + 10 * H, 0},
    /* The nights of the change: 29 March and 25 October 2026. */
    {BERLIN, "DTSTART;TZID=Berlin:20260329T015900", MIME_TIME_MOMENT,
        INT64_C(1774745940), 0},
    {BERLIN, "DTSTART;TZID=Berlin:20260329T030000", MIME_TIME_MOMENT,
        INT64_C(1774746000), 0},
    {BERLIN, "DTSTART;TZID=Berlin:20261025T040000", MIME_TIME_MOMENT,
        INT64_C(1792897200), 0},
    /* Before every rule of the zone. */
    {BERLIN, "DTSTART;TZID=Berlin:19700101T010000", MIME_TIME_MOMENT, 0, 0},
    {NEW_YORK, "DTSTART;TZID=New York:20260101T000000", MIME_TIME_MOMENT,
        JANUARY + 5 * H, 0},
    {NEW_YORK, "DTSTART;TZID=New York:20260701T000000", MIME_TIME_MOMENT,
        JULY + 4 * H, 0},
    /* 2026-03-08 and 2026-11-01 are the Sundays of the change. */
    {NEW_YORK, "DTSTART;TZID=New York:20260308T010000", MIME_TIME_MOMENT,
        INT64_C(1772949600), 0},
    {NEW_YORK, "DTSTART;TZID=New York:20260308T030000", MIME_TIME_MOMENT,
        INT64_C(1772953200), 0},
    {NEW_YORK, "DTSTART;TZID=New York:20261101T030000", MIME_TIME_MOMENT,
        INT64_C(1793520000), 0},
    {FIXED, "DTSTART;TZID=Fixed:20260101T053000", MIME_TIME_MOMENT, JANUARY, 0},
    {"", "DTSTART:20261301T000000Z", MIME_TIME_NONE, 0, 0},
    {"", "DTSTART:20260230T000000Z", MIME_TIME_NONE, 0, 0},
    {"", "DTSTART:00000101T000000Z", MIME_TIME_NONE, 0, 0},
    {"", "DTSTART:tomorrow", MIME_TIME_NONE, 0, 0},
    {"", "SUMMARY:nothing", MIME_TIME_NONE, 0, 0},
};

static void
test_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_event event =
		    parse_event(arena, times[i].zone, times[i].lines);

		if (event.start.kind != times[i].kind ||
		    event.start.unix_s != times[i].start_s ||
		    event.end.unix_s != times[i].end_s)
			fail_msg("%s: %d %lld %lld", times[i].lines,
			    (int)event.start.kind,
			    (long long)event.start.unix_s,
			    (long long)event.end.unix_s);
		arena_free(arena);
	}
}

static void
test_event(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct mime_calendar calendar = parse(arena,
	    "BEGIN:VCALENDAR\nMETHOD:REQUEST\n"
	    "BEGIN:VEVENT\nSUMMARY;LANGUAGE=de:A\\, b\\;\\nc\n"
	    "DESCRIPTION:one\\ntwo \n three\n"
	    "ORGANIZER;CN=\"Boss; the\":MAILTO:boss@x.org\n"
	    "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=TENTATIVE:mailto:a@x.org\n"
	    "ATTENDEE;CN=b@x.org:mailto:b@x.org\n"
	    "STATUS:CONFIRMED\nURL:https://x.org/\n"
	    "BEGIN:VALARM\nDESCRIPTION:alarm\nSUMMARY:alarm\nEND:VALARM\n"
	    "LOCATION:Here\nEND:VEVENT\n"
	    "BEGIN:VTODO\nSUMMARY:Do\nDUE:20260101T000000Z\nEND:VTODO\n"
	    "END:VCALENDAR\n");
	const struct mime_event *event = &calendar.list[0];

	(void)state;
	assert_int_equal(calendar.method, MIME_METHOD_REQUEST);
	assert_int_equal(calendar.count, 2);
	expect_str("summary", event->summary.s, STR("A, b; c"));
	expect_str("description", event->description.s, STR("one\ntwo three"));
	expect_str("name", event->organizer.name.s, STR("Boss; the"));
	expect_str("address", event->organizer.address.s, STR("boss@x.org"));
	expect_str("where", event->location.s, STR("Here"));
	expect_str("url", event->url.s, STR("https://x.org/"));
	assert_int_equal(event->status, MIME_EVENT_CONFIRMED);
	assert_int_equal(event->person_count, 2);
	assert_true(event->people[0].is_optional);
	assert_int_equal(event->people[0].answer, MIME_ANSWER_TENTATIVE);
	assert_true(text_is_empty(event->people[1].name));
	assert_int_equal(calendar.list[1].kind, MIME_EVENT_TASK);
	assert_int_equal(calendar.list[1].end.kind, MIME_TIME_MOMENT);
	arena_free(arena);
}

static const struct {
	const char *rule;
	struct mime_repeat repeat;
} repeats[] = {
    {"FREQ=DAILY", {MIME_REPEAT_DAY, 1, 0, {0}, 0, 0, 0, false}},
    {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=9",
        {MIME_REPEAT_WEEK, 2, 9, {0}, 0x22, 0, 0, false}},
    {"FREQ=MONTHLY;BYDAY=-1SU",
        {MIME_REPEAT_MONTH, 1, 0, {0}, 1, -1, 0, false}},
    {"FREQ=MONTHLY;BYMONTHDAY=15",
        {MIME_REPEAT_MONTH, 1, 0, {0}, 0, 0, 15, false}},
    {"FREQ=YEARLY;BYMONTH=1,2", {MIME_REPEAT_YEAR, 1, 0, {0}, 0, 0, 0, true}},
    {"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2",
        {MIME_REPEAT_MONTH, 1, 0, {0}, 2, 0, 0, true}},
    {"FREQ=SECONDLY", {MIME_REPEAT_OFTEN, 1, 0, {0}, 0, 0, 0, false}},
    {"INTERVAL=0;;=;FREQ=DAILY;COUNT=99999999999",
        {MIME_REPEAT_DAY, 1, 0, {0}, 0, 0, 0, false}},
};

static void
test_repeats(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(repeats) / sizeof(repeats[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct mime_repeat got = parse_event(arena, "",
		    str_dup_c(
		        arena, str_printf(arena, "RRULE:%s", repeats[i].rule)))
		                             .repeat;
		const struct mime_repeat *want = &repeats[i].repeat;

		if (got.every != want->every || got.count != want->count ||
		    got.interval != want->interval ||
		    got.weekdays != want->weekdays || got.nth != want->nth ||
		    got.month_day != want->month_day ||
		    got.has_more != want->has_more)
			fail_msg("%s", repeats[i].rule);
		arena_free(arena);
	}
}

/* What libical spends minutes on, and other floods: all in a moment. */
static void
test_hostile(void **state)
{
	static const char *const units[] = {"BEGIN:VCALENDAR\r\n",
	    "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "END:VEVENT\r\n", "X\r\n ",
	    ("BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:STANDARD\r\n"
	     "DTSTART:00010101T000000\r\nRRULE:FREQ=SECONDLY\r\n"),
	    "ATTENDEE;CN=\"x:mailto:a@b\r\n", ";", "\\", "=\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		size_t len = strlen(units[i]);
		size_t count = 300000 / len;
		char *text = malloc(count * len + 1);

		assert_non_null(text);
		for (size_t n = 0; n < count; n++)
			memcpy(text + n * len, units[i], len + 1);
		assert_true(parse(arena, text).count <= MIME_EVENTS_MAX);
		free(text);
		arena_free(arena);
	}
}

static void
test_odd(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);

	(void)state;
	assert_int_equal(parse(arena, "").count, 0);
	assert_int_equal(parse(arena, "hello\n").count, 0);
	assert_int_equal(parse(arena, "END:VEVENT\nEND:X\n").count, 0);
	/* Without a calendar around it, and cut off. */
	assert_int_equal(parse(arena, "BEGIN:VEVENT\nSUMMARY:x\n").count, 1);
	/* The zone stands behind the event. */
	assert_int_equal(
	    parse(arena,
	        "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"
	        "DTSTART;TZID=Fixed:20260101T053000\nEND:VEVENT\n" FIXED
	        "END:VCALENDAR\n")
	        .list[0]
	        .start.unix_s,
	    JANUARY);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_event),
	    cmocka_unit_test(test_repeats),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
