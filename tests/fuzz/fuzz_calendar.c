/* Calendars: any bytes give a few events whose texts are text. */
#include "mime/mime_calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define YEAR_S (INT64_C(366) * 86400)

static void
check_text(struct text text)
{
	ensure(str_is_utf8(text.s));
	for (size_t i = 0; i < text.s.len; i++) {
		unsigned char c = (unsigned char)text.s.ptr[i];
		ensure(c >= ' ' || c == '\t' || c == '\n');
	}
}

static void
check_line(struct text text)
{
	check_text(text);
	ensure(!str_has_line_break(text.s));
}

/* Years 1 to 9999, a time zone and a duration away from that. */
static void
check_time(const struct mime_time *time)
{
	ensure(time->unix_s > -INT64_C(2200) * YEAR_S);
	ensure(time->unix_s < INT64_C(8200) * YEAR_S);
	check_line(time->zone);
}

static void
check_event(const struct mime_event *event)
{
	check_line(event->summary);
	check_line(event->location);
	check_line(event->url);
	check_line(event->organizer.name);
	check_line(event->organizer.address);
	check_text(event->description);
	check_time(&event->start);
	check_time(&event->end);
	check_time(&event->instance);
	check_time(&event->repeat.until);
	ensure(event->person_count <= MIME_EVENT_PEOPLE_MAX);
	ensure(event->repeat.every == MIME_REPEAT_NEVER ||
	       event->repeat.interval > 0);
	for (size_t i = 0; i < event->person_count; i++) {
		check_line(event->people[i].name);
		check_line(event->people[i].address);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct mime_calendar calendar;
	struct err err = ERR_NONE;

	ensure(arena != NULL);
	ensure(mime_calendar_parse(str_of((const char *)data, size), arena,
	           &calendar, &err) == ERR_OK);
	ensure(calendar.count <= MIME_EVENTS_MAX);
	for (size_t i = 0; i < calendar.count; i++)
		check_event(&calendar.list[i]);
	arena_free(arena);
	return 0;
}
