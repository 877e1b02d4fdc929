#include "mime/mime_calendar.h"

#include "mime/mime_calendar_zone.h"

#define CALENDAR_BYTES ((size_t)256 << 10) /* looked at, of one part */
#define LINE_TEXT      ((size_t)1000)      /* of a summary, a place, a name */
#define LONG_TEXT      ((size_t)4000)      /* of a description */
#define DAY_S          INT64_C(86400)

/* What stands between BEGIN and END. */
enum component {
	COMPONENT_NONE,
	COMPONENT_CALENDAR,
	COMPONENT_EVENT,
	COMPONENT_ZONE,
	COMPONENT_OBSERVANCE,
	COMPONENT_OTHER
};
#define COMPONENTS_MAX 6u

/* A time before its zone is known: the zones may stand behind it. */
struct loose_time {
	bool is_set;
	struct calendar_time time;
	struct str zone; /* TZID, or empty */
};
struct loose_event {
	struct loose_time start, end, instance;
	bool has_duration;
	int64_t duration_s;
};

struct reader {
	struct arena *arena;
	struct mime_calendar *out;
	enum component stack[COMPONENTS_MAX];
	size_t depth;
	struct calendar_zones *zones;
	struct str zone;           /* of the VTIMEZONE being read */
	struct mime_event *event;  /* being read, or NULL */
	struct loose_event *loose; /* MIME_EVENTS_MAX of them */
	struct calendar_observance *observance;
};

/* ---- times ---- */

static void
take_time(const struct mime_line *line, struct loose_time *out)
{
	out->is_set = calendar_time_parse(line->value, &out->time);
	out->zone = mime_line_param(line, "TZID");
}

static struct mime_time
settle_time(const struct reader *in, const struct loose_time *loose)
{
	struct mime_time time = {.unix_s = loose->time.s};
	int64_t offset_s = 0;

	if (!loose->is_set)
		return (struct mime_time){0};
	if (loose->time.is_day) {
		time.kind = MIME_TIME_DAY;
	} else if (loose->time.is_utc) {
		time.kind = MIME_TIME_MOMENT;
	} else if (loose->zone.len > 0 &&
	           calendar_zone_offset(
	               in->zones, loose->zone, time.unix_s, &offset_s)) {
		time.kind = MIME_TIME_MOMENT;
		time.unix_s -= offset_s;
	} else {
		time.kind = MIME_TIME_WRITTEN;
		time.zone =
		    text_line(in->arena, str_slice(loose->zone, 0, 100));
	}
	return time;
}

static void
settle_event(const struct reader *in, size_t index)
{
	const struct loose_event *loose = &in->loose[index];
	struct mime_event *event = &in->out->list[index];

	event->start = settle_time(in, &loose->start);
	event->end = settle_time(in, &loose->end);
	event->instance = settle_time(in, &loose->instance);
	if (event->end.kind == MIME_TIME_NONE && loose->has_duration &&
	    event->start.kind != MIME_TIME_NONE) {
		event->end = event->start;
		event->end.unix_s += loose->duration_s;
	}
	/* The end of whole days is the day after (RFC 5545, 3.6.1). */
	if (event->kind == MIME_EVENT && event->end.kind == MIME_TIME_DAY &&
	    event->end.unix_s > event->start.unix_s)
		event->end.unix_s -= DAY_S;
}

/* ---- lines of an event ---- */

static struct text
line_text(struct reader *in, const struct mime_line *line, size_t max_bytes)
{
	struct str value = mime_line_decoded(in->arena, line);

	return mime_line_text(in->arena, value, max_bytes);
}

static struct text
short_text(struct reader *in, const struct mime_line *line)
{
	return text_line(in->arena, line_text(in, line, LINE_TEXT).s);
}

static enum mime_answer
answer_of(struct str s)
{
	static const struct {
		const char *word;
		enum mime_answer answer;
	} words[] = {
	    {"ACCEPTED", MIME_ANSWER_ACCEPTED},
	    {"COMPLETED", MIME_ANSWER_ACCEPTED},
	    {"DECLINED", MIME_ANSWER_DECLINED},
	    {"TENTATIVE", MIME_ANSWER_TENTATIVE},
	    {"DELEGATED", MIME_ANSWER_DELEGATED},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(s, str_c(words[i].word)))
			return words[i].answer;
	}
	return MIME_ANSWER_NONE;
}

/* ATTENDEE;CN="A";PARTSTAT=ACCEPTED:mailto:a@b */
static struct mime_event_person
person_of(struct reader *in, const struct mime_line *line)
{
	struct mime_event_person person = {0};
	struct str address = str_trim(line->value);
	struct str name =
	    mime_decode_charset(in->arena, STR(""), mime_line_param(line, "CN"))
	        .s;

	if (str_starts_nocase(address, STR("mailto:")))
		address = str_slice(address, 7, address.len);
	person.address = text_line(in->arena, str_slice(address, 0, LINE_TEXT));
	person.name =
	    text_line(in->arena, mime_line_text(in->arena, name, LINE_TEXT).s);
	if (str_eq(person.name.s, person.address.s))
		person.name = (struct text){0};
	person.answer = answer_of(mime_line_param(line, "PARTSTAT"));
	person.is_optional = str_eq_nocase(
	    mime_line_param(line, "ROLE"), STR("OPT-PARTICIPANT"));
	return person;
}

static void
take_person(struct reader *in, const struct mime_line *line)
{
	struct mime_event *event = in->event;

	if (event->people == NULL)
		event->people = ARENA_ARRAY(
		    in->arena, MIME_EVENT_PEOPLE_MAX, struct mime_event_person);
	if (event->people == NULL ||
	    event->person_count >= MIME_EVENT_PEOPLE_MAX) {
		event->people_left_out++;
		return;
	}
	event->people[event->person_count] = person_of(in, line);
	event->person_count++;
}

static enum mime_event_status
status_of(struct str s)
{
	if (str_eq_nocase(s, STR("CONFIRMED")))
		return MIME_EVENT_CONFIRMED;
	if (str_eq_nocase(s, STR("TENTATIVE")))
		return MIME_EVENT_TENTATIVE;
	if (str_eq_nocase(s, STR("CANCELLED")) ||
	    str_eq_nocase(s, STR("CANCELED")))
		return MIME_EVENT_CANCELLED;
	return str_eq_nocase(s, STR("COMPLETED")) ? MIME_EVENT_DONE
	                                          : MIME_EVENT_NO_STATUS;
}

static enum mime_repeat_every
every_of(struct str freq)
{
	if (str_eq_nocase(freq, STR("DAILY")))
		return MIME_REPEAT_DAY;
	if (str_eq_nocase(freq, STR("WEEKLY")))
		return MIME_REPEAT_WEEK;
	if (str_eq_nocase(freq, STR("MONTHLY")))
		return MIME_REPEAT_MONTH;
	return str_eq_nocase(freq, STR("YEARLY")) ? MIME_REPEAT_YEAR
	                                          : MIME_REPEAT_OFTEN;
}

static void
take_rule(struct reader *in, struct str value)
{
	struct calendar_rule rule = calendar_rule_parse(value);
	struct mime_repeat *repeat = &in->event->repeat;
	bool is_second = repeat->every != MIME_REPEAT_NEVER;

	*repeat = (struct mime_repeat){.every = every_of(rule.freq),
	    .interval = rule.interval,
	    .count = rule.count,
	    .weekdays = rule.weekdays,
	    .nth = rule.nth,
	    .month_day = rule.month_day,
	    .has_more = rule.has_other || is_second || rule.month_count > 1 ||
	                rule.month_day_count > 1 ||
	                (rule.nth != 0 && rule.weekday_count > 1)};
	if (rule.has_until)
		repeat->until = (struct mime_time){
		    .kind =
		        rule.until.is_utc ? MIME_TIME_MOMENT : MIME_TIME_DAY,
		    .unix_s = rule.until.s};
}

/* What is text only: name of the property, and where it goes. */
static bool
take_text(struct reader *in, const struct mime_line *line)
{
	struct mime_event *event = in->event;

	if (mime_line_is(line, "SUMMARY"))
		event->summary = short_text(in, line);
	else if (mime_line_is(line, "LOCATION"))
		event->location = short_text(in, line);
	else if (mime_line_is(line, "DESCRIPTION"))
		event->description = line_text(in, line, LONG_TEXT);
	else if (mime_line_is(line, "URL"))
		event->url = short_text(in, line);
	else
		return false;
	return true;
}

static void
take_event_line(struct reader *in, const struct mime_line *line)
{
	struct mime_event *event = in->event;
	struct loose_event *loose = &in->loose[in->out->count];

	if (take_text(in, line))
		return;
	if (mime_line_is(line, "DTSTART"))
		take_time(line, &loose->start);
	else if (mime_line_is(line, "DTEND") || mime_line_is(line, "DUE"))
		take_time(line, &loose->end);
	else if (mime_line_is(line, "RECURRENCE-ID"))
		take_time(line, &loose->instance);
	else if (mime_line_is(line, "DURATION"))
		loose->has_duration =
		    calendar_duration_parse(line->value, &loose->duration_s);
	else if (mime_line_is(line, "ORGANIZER"))
		event->organizer = person_of(in, line);
	else if (mime_line_is(line, "ATTENDEE"))
		take_person(in, line);
	else if (mime_line_is(line, "STATUS"))
		event->status = status_of(str_trim(line->value));
	else if (mime_line_is(line, "RRULE"))
		take_rule(in, line->value);
	else if (mime_line_is(line, "RDATE"))
		event->repeat.has_more = true;
}

static enum mime_method
method_of(struct str s)
{
	static const struct {
		const char *word;
		enum mime_method method;
	} words[] = {
	    {"PUBLISH", MIME_METHOD_PUBLISH},
	    {"REQUEST", MIME_METHOD_REQUEST},
	    {"ADD", MIME_METHOD_REQUEST},
	    {"REPLY", MIME_METHOD_REPLY},
	    {"CANCEL", MIME_METHOD_CANCEL},
	    {"COUNTER", MIME_METHOD_COUNTER},
	    {"DECLINECOUNTER", MIME_METHOD_DECLINE_COUNTER},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(s, str_c(words[i].word)))
			return words[i].method;
	}
	return MIME_METHOD_OTHER;
}

/* ---- components ---- */

static const struct {
	const char *name;
	enum component component;
	enum mime_event_kind kind;
} components[] = {
    {"VCALENDAR", COMPONENT_CALENDAR, MIME_EVENT},
    {"VEVENT", COMPONENT_EVENT, MIME_EVENT},
    {"VTODO", COMPONENT_EVENT, MIME_EVENT_TASK},
    {"VJOURNAL", COMPONENT_EVENT, MIME_EVENT_JOURNAL},
    {"VFREEBUSY", COMPONENT_EVENT, MIME_EVENT_BUSY},
    {"VTIMEZONE", COMPONENT_ZONE, MIME_EVENT},
    {"STANDARD", COMPONENT_OBSERVANCE, MIME_EVENT},
    {"DAYLIGHT", COMPONENT_OBSERVANCE, MIME_EVENT},
};

static enum component
component_named(struct str name, enum mime_event_kind *out_kind)
{
	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]);
	     i++) {
		*out_kind = components[i].kind;
		if (str_eq_nocase(name, str_c(components[i].name)))
			return components[i].component;
	}
	return COMPONENT_OTHER;
}

static enum component
inside(const struct reader *in)
{
	if (in->depth == 0)
		return COMPONENT_NONE;
	return in->depth > COMPONENTS_MAX ? COMPONENT_OTHER
	                                  : in->stack[in->depth - 1];
}

static void
begin_event(struct reader *in, enum mime_event_kind kind)
{
	struct mime_calendar *out = in->out;

	if (out->count >= MIME_EVENTS_MAX) {
		out->is_cut = true;
		return;
	}
	in->event = &out->list[out->count];
	*in->event = (struct mime_event){.kind = kind};
	in->loose[out->count] = (struct loose_event){0};
}

static void
begin_observance(struct reader *in)
{
	struct calendar_zones *zones = in->zones;

	if (zones->count >= CALENDAR_RULES_MAX || in->zone.len == 0) {
		in->out->is_cut |= zones->count >= CALENDAR_RULES_MAX;
		return;
	}
	in->observance = &zones->list[zones->count];
	*in->observance = (struct calendar_observance){.zone = in->zone};
	zones->count++;
}

static void
begin(struct reader *in, struct str name)
{
	enum mime_event_kind kind = MIME_EVENT;
	enum component now = component_named(name, &kind);
	enum component around = inside(in);

	in->depth++;
	if (in->depth > COMPONENTS_MAX)
		return;
	in->stack[in->depth - 1] = now;
	if (now == COMPONENT_EVENT &&
	    (around == COMPONENT_CALENDAR || around == COMPONENT_NONE))
		begin_event(in, kind);
	else if (now == COMPONENT_EVENT)
		in->stack[in->depth - 1] = COMPONENT_OTHER;
	else if (now == COMPONENT_ZONE)
		in->zone = (struct str){0};
	else if (now == COMPONENT_OBSERVANCE)
		begin_observance(in);
}

static void
finish(struct reader *in)
{
	enum component was = inside(in);

	if (in->depth > 0)
		in->depth--;
	if (was == COMPONENT_EVENT && in->event != NULL) {
		in->event = NULL;
		in->out->count++;
	} else if (was == COMPONENT_OBSERVANCE) {
		in->observance = NULL;
	}
}

static void
take_line(struct reader *in, const struct mime_line *line)
{
	enum component now = inside(in);

	if (mime_line_is(line, "BEGIN"))
		begin(in, str_trim(line->value));
	else if (mime_line_is(line, "END"))
		finish(in);
	else if (now == COMPONENT_EVENT && in->event != NULL)
		take_event_line(in, line);
	else if (now == COMPONENT_OBSERVANCE && in->observance != NULL)
		calendar_observance_line(in->observance, line);
	else if (now == COMPONENT_ZONE && mime_line_is(line, "TZID"))
		in->zone = str_trim(line->value);
	else if (now == COMPONENT_CALENDAR && mime_line_is(line, "METHOD"))
		in->out->method = method_of(str_trim(line->value));
}

enum err_code
mime_calendar_parse(struct str bytes, struct arena *arena,
    struct mime_calendar *out, struct err *err)
{
	struct mime_lines lines = {
	    .arena = arena, .rest = str_slice(bytes, 0, CALENDAR_BYTES)};
	struct reader in = {.arena = arena, .out = out};
	struct mime_line line;

	*out = (struct mime_calendar){.is_cut = bytes.len > CALENDAR_BYTES};
	out->list = ARENA_ARRAY(arena, MIME_EVENTS_MAX, struct mime_event);
	in.loose = ARENA_ARRAY(arena, MIME_EVENTS_MAX, struct loose_event);
	in.zones = ARENA_NEW(arena, struct calendar_zones);
	while (out->list != NULL && in.loose != NULL && in.zones != NULL &&
	       mime_lines_next(&lines, &line))
		take_line(&in, &line);
	/* Cut off in the middle of an event: what there is of it. */
	if (in.event != NULL)
		out->count++;
	for (size_t i = 0; in.zones != NULL && i < out->count; i++)
		settle_event(&in, i);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This calendar is too large to be shown.",
		    "mime: calendar");
	return ERR_OK;
}
