#include "base/tr.h"
#include "mime/mime_calendar.h"
#include "mime/mime_vcard.h"
#include "os/clock.h"
#include "page/page_blocks.h"
#include "page/page_message.h"
#include "page/page_time.h"

#define WORDS_BYTES 400u
#define WHEN_FAR_S  (INT64_C(800) * 86400)

/* What needs no word has none: the empty msgid is a catalogue's header. */
static const char *
card_word(const char *english)
{
	return english[0] == '\0' ? english : tr(english);
}

/* ---- when --------------------------------------------------------------- */

/* "Tuesday, 1 December 2026": the long date without its time of day. */
static struct str
when_day(struct arena *arena, int64_t unix_s, int offset_minutes)
{
	struct str s = view_date_long(arena, unix_s, offset_minutes).s;

	/* Where the time does not stand behind a comma: as old days are told.
	 */
	return s.len > 7 && s.ptr[s.len - 7] == ','
	           ? str_slice(s, 0, s.len - 7)
	           : view_date_short(
	                 arena, unix_s, unix_s + WHEN_FAR_S, offset_minutes)
	                 .s;
}

static int
when_offset(const struct zone *zone, const struct mime_time *time)
{
	return time->kind == MIME_TIME_MOMENT
	           ? zone_offset_minutes(zone, time->unix_s)
	           : 0;
}

/* "14:00", or with its day where that is another than of `start`. */
static void
when_add_end(struct buf *out, struct arena *arena, const struct zone *zone,
    const struct mime_time *start, const struct mime_time *end)
{
	struct str first =
	    when_day(arena, start->unix_s, when_offset(zone, start));
	struct str last = when_day(arena, end->unix_s, when_offset(zone, end));
	struct str full =
	    view_date_long(arena, end->unix_s, when_offset(zone, end)).s;
	bool is_same = str_eq(first, last);

	if (end->kind != start->kind || end->unix_s <= start->unix_s)
		return;
	if (start->kind == MIME_TIME_DAY) {
		buf_add_c(out, tr(" to "));
		buf_add(out, last);
		return;
	}
	buf_add_c(out, tr(" to "));
	buf_add(out, is_same && full.len > 5
	                 ? view_date_short(arena, end->unix_s, end->unix_s,
	                       when_offset(zone, end))
	                       .s
	                 : full);
}

static void
when_add_zone(
    struct buf *out, const struct zone *zone, const struct mime_time *start)
{
	int offset = when_offset(zone, start);
	int minutes = offset < 0 ? -offset : offset;

	if (start->kind == MIME_TIME_DAY)
		buf_add_c(out, tr(", all day"));
	else if (start->kind == MIME_TIME_MOMENT)
		buf_addf(out, " (UTC%c%02d:%02d)", offset < 0 ? '-' : '+',
		    minutes / 60, minutes % 60);
	else if (text_is_empty(start->zone))
		buf_add_c(out, tr(" (wherever one is)"));
	else
		buf_addf(out, tr(" (time zone “%.*s”, as its sender wrote it)"),
		    STR_ARG(start->zone.s));
}

struct text
blocks_event_when(struct arena *arena, const struct zone *zone,
    const struct mime_time *start, const struct mime_time *end)
{
	struct buf out;

	if (start->kind == MIME_TIME_NONE)
		return (struct text){0};
	buf_init_arena(&out, arena, WORDS_BYTES);
	if (start->kind == MIME_TIME_DAY)
		buf_add(&out, when_day(arena, start->unix_s, 0));
	else
		buf_add(&out, view_date_long(arena, start->unix_s,
		                  when_offset(zone, start))
		                  .s);
	if (end->kind != MIME_TIME_NONE)
		when_add_end(&out, arena, zone, start, end);
	when_add_zone(&out, zone, start);
	return text_line(arena, buf_str(&out));
}

/* A zone that the calendar names without its rules may be one we know. */
static void
when_resolve(struct arena *arena, struct mime_time *time)
{
	const struct zone *zone = NULL;

	if (time->kind != MIME_TIME_WRITTEN || text_is_empty(time->zone) ||
	    zone_open(time->zone.s, arena, &zone, NULL) != ERR_OK)
		return;
	time->kind = MIME_TIME_MOMENT;
	time->unix_s = zone_moment(zone, time->unix_s);
}

/* ---- repeats ------------------------------------------------------------ */

/* "Every week": how often. */
static struct str
repeat_every(struct arena *arena, const struct mime_repeat *repeat)
{
	const unsigned n = repeat->interval;

	switch (repeat->every) {
	case MIME_REPEAT_DAY:
		return n <= 1 ? str_c(tr("Every day"))
		              : str_printf(arena,
		                    trn("Every %u day", "Every %u days", n), n);
	case MIME_REPEAT_WEEK:
		return n <= 1
		           ? str_c(tr("Every week"))
		           : str_printf(arena,
		                 trn("Every %u week", "Every %u weeks", n), n);
	case MIME_REPEAT_MONTH:
		return n <= 1 ? str_c(tr("Every month"))
		              : str_printf(arena,
		                    trn("Every %u month", "Every %u months", n),
		                    n);
	case MIME_REPEAT_YEAR:
		return n <= 1
		           ? str_c(tr("Every year"))
		           : str_printf(arena,
		                 trn("Every %u year", "Every %u years", n), n);
	case MIME_REPEAT_NEVER:
	case MIME_REPEAT_OFTEN:
		break;
	}
	return str_c(tr("Many times a day"));
}

/* "the first Friday", of a month or a year. */
static struct str
repeat_nth(struct arena *arena, int nth, const char *day)
{
	switch (nth) {
	case -1:
		return str_printf(arena, tr("the last %s"), day);
	case 1:
		return str_printf(arena, tr("the first %s"), day);
	case 2:
		return str_printf(arena, tr("the second %s"), day);
	case 3:
		return str_printf(arena, tr("the third %s"), day);
	case 4:
		return str_printf(arena, tr("the fourth %s"), day);
	case 5:
		return str_printf(arena, tr("the fifth %s"), day);
	default:
		return str_c(day);
	}
}

/* "Monday, Wednesday", "the first Friday" */
static struct str
repeat_weekdays(struct arena *arena, const struct mime_repeat *repeat)
{
	static const char *const days[] = {N_("Sunday"), N_("Monday"),
	    N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"),
	    N_("Saturday")};
	struct buf out;

	buf_init_arena(&out, arena, WORDS_BYTES);
	for (int i = 1; i <= 7; i++) {
		int day = i % 7; /* Monday first */

		if ((repeat->weekdays & (1u << day)) == 0)
			continue;
		if (out.len > 0)
			buf_add_c(&out, page_comma());
		buf_add(&out, repeat_nth(arena, repeat->nth, tr(days[day])));
	}
	return buf_str(&out);
}

/* On which days, behind how often. */
static struct str
repeat_on(
    struct arena *arena, const struct mime_repeat *repeat, struct str every)
{
	struct str days = repeat_weekdays(arena, repeat);

	if (days.len > 0)
		return str_printf(
		    arena, tr("%.*s on %.*s"), STR_ARG(every), STR_ARG(days));
	if (repeat->month_day > 0)
		return str_printf(arena, tr("%.*s on day %d"), STR_ARG(every),
		    repeat->month_day);
	if (repeat->month_day < 0)
		return str_printf(
		    arena, tr("%.*s on the last day"), STR_ARG(every));
	return every;
}

/* When it ends, behind the days. */
static struct str
repeat_end(struct arena *arena, const struct zone *zone,
    const struct mime_repeat *repeat, struct str days)
{
	int offset = when_offset(zone, &repeat->until);
	struct str last;

	if (repeat->count > 0)
		return str_printf(arena,
		    trn("%.*s, %u time", "%.*s, %u times", repeat->count),
		    STR_ARG(days), repeat->count);
	if (repeat->until.kind == MIME_TIME_NONE)
		return days;
	last = when_day(arena, repeat->until.unix_s, offset);
	return str_printf(
	    arena, tr("%.*s, until %.*s"), STR_ARG(days), STR_ARG(last));
}

struct text
blocks_repeat_words(struct arena *arena, const struct zone *zone,
    const struct mime_repeat *repeat)
{
	struct str words;

	if (repeat->every == MIME_REPEAT_NEVER)
		return repeat->has_more ? tr_text("On other days, too")
		                        : (struct text){0};
	words = repeat_every(arena, repeat);
	words = repeat_on(arena, repeat, words);
	words = repeat_end(arena, zone, repeat, words);
	if (repeat->has_more)
		words = str_printf(arena,
		    tr("%.*s, by rules that are not told here"),
		    STR_ARG(words));
	return text_line(arena, words);
}

/* ---- calendars ---------------------------------------------------------- */

static struct text
person_words(struct arena *arena, const struct mime_event_person *person)
{
	struct mime_address address = {person->name, person->address};
	struct mime_addresses one = {.list = &address, .count = 1};

	return blocks_people(arena, &one);
}

static void
event_view_people(
    struct blocks *in, struct view *row, const struct mime_event *event)
{
	static const char *const answers[] = {
	    [MIME_ANSWER_NONE] = "",
	    [MIME_ANSWER_ACCEPTED] = N_("accepted"),
	    [MIME_ANSWER_DECLINED] = N_("declined"),
	    [MIME_ANSWER_TENTATIVE] = N_("accepted tentatively"),
	    [MIME_ANSWER_DELEGATED] = N_("sends somebody else"),
	};
	struct view_list *list = view_list(row, "people");

	for (size_t i = 0; i < event->person_count; i++) {
		const struct mime_event_person *person = &event->people[i];
		struct view *one = view_list_add(list);

		view_text(one, "person", person_words(in->req->arena, person));
		view_word(one, "answer", card_word(answers[person->answer]));
		view_bool(one, "is_optional", person->is_optional);
	}
	view_u64(row, "people_left_out", event->people_left_out);
}

static void
event_view(struct blocks *in, struct view *row, const struct mime_event *event)
{
	static const char *const kinds[] = {
	    [MIME_EVENT] = "",
	    [MIME_EVENT_TASK] = N_("Task"),
	    [MIME_EVENT_JOURNAL] = N_("Note"),
	    [MIME_EVENT_BUSY] = N_("Free and busy times"),
	};
	static const char *const states[] = {
	    [MIME_EVENT_NO_STATUS] = "",
	    [MIME_EVENT_CONFIRMED] = "",
	    [MIME_EVENT_TENTATIVE] = N_("Not certain yet"),
	    [MIME_EVENT_CANCELLED] = N_("Cancelled"),
	    [MIME_EVENT_DONE] = N_("Done"),
	};
	struct arena *arena = in->req->arena;
	const struct zone *zone = page_time_zone(in->req);
	struct mime_time never = {0};
	const struct mime_time *start =
	    event->start.kind == MIME_TIME_NONE ? &event->end : &event->start;

	view_text(row, "event_summary", event->summary);
	view_bool(row, "has_summary", !text_is_empty(event->summary));
	view_word(row, "event_kind", card_word(kinds[event->kind]));
	view_word(row, "event_status", card_word(states[event->status]));
	view_text(row, "event_when",
	    blocks_event_when(arena, zone, start, &event->end));
	view_text(row, "event_repeat",
	    blocks_repeat_words(arena, zone, &event->repeat));
	view_text(row, "event_instance",
	    blocks_event_when(arena, zone, &event->instance, &never));
	view_text(row, "event_where", event->location);
	view_text(row, "event_url", event->url);
	if (!text_is_empty(event->organizer.address))
		view_text(row, "event_organizer",
		    person_words(arena, &event->organizer));
	event_view_people(in, row, event);
	if (!text_is_empty(event->description))
		blocks_view_plain(in, row, event->description);
}

/* "Ada accepts the invitation": of a reply with one person's answer. */
static void
calendar_view_method(
    struct blocks *in, struct view *row, const struct mime_calendar *calendar)
{
	static const char *const names[] = {
	    [MIME_METHOD_NONE] = "is_dates",
	    [MIME_METHOD_PUBLISH] = "is_dates",
	    [MIME_METHOD_REQUEST] = "is_invitation",
	    [MIME_METHOD_REPLY] = "is_reply",
	    [MIME_METHOD_CANCEL] = "is_cancellation",
	    [MIME_METHOD_COUNTER] = "is_counter",
	    [MIME_METHOD_DECLINE_COUNTER] = "is_counter_declined",
	    [MIME_METHOD_OTHER] = "is_dates",
	};
	static const char *const answers[] = {
	    [MIME_ANSWER_NONE] = "is_answer_unclear",
	    [MIME_ANSWER_ACCEPTED] = "is_accepted",
	    [MIME_ANSWER_DECLINED] = "is_declined",
	    [MIME_ANSWER_TENTATIVE] = "is_tentative",
	    [MIME_ANSWER_DELEGATED] = "is_delegated",
	};
	const struct mime_event *first = &calendar->list[0];

	if (calendar->method == MIME_METHOD_REPLY && calendar->count > 0 &&
	    first->person_count == 1) {
		view_bool(row, "is_answer", true);
		view_bool(row, answers[first->people[0].answer], true);
		view_text(row, "answer_of",
		    person_words(in->req->arena, &first->people[0]));
		return;
	}
	view_bool(row, names[calendar->method], true);
}

enum err_code
blocks_calendar(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);
	struct view_list *list = view_list(row, "events");
	struct mime_calendar calendar = {0};
	struct text text = {0};
	enum err_code rc = blocks_read_text(in, row, part, &text);

	view_bool(row, "is_calendar", true);
	if (rc == ERR_OK)
		rc = mime_calendar_parse(
		    text.s, in->req->arena, &calendar, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	calendar_view_method(in, row, &calendar);
	for (size_t i = 0; i < calendar.count; i++) {
		struct mime_event *event = &calendar.list[i];

		when_resolve(in->req->arena, &event->start);
		when_resolve(in->req->arena, &event->end);
		when_resolve(in->req->arena, &event->instance);
		when_resolve(in->req->arena, &event->repeat.until);
		event_view(in, view_list_add(list), event);
	}
	view_bool(row, "is_card_cut", calendar.is_cut);
	view_bool(row, "is_card_empty", calendar.count == 0);
	return ERR_OK;
}

/* ---- people ------------------------------------------------------------- */

static const char *
contact_label(struct arena *arena, const struct mime_vcard_line *line)
{
	static const char *const labels[] = {
	    [MIME_VCARD_NICKNAME] = N_("Called"),
	    [MIME_VCARD_ORGANISATION] = N_("Organisation"),
	    [MIME_VCARD_TITLE] = N_("Position"),
	    [MIME_VCARD_ROLE] = N_("Role"),
	    [MIME_VCARD_MAIL] = N_("Mail"),
	    [MIME_VCARD_PHONE] = N_("Telephone"),
	    [MIME_VCARD_FAX] = N_("Fax"),
	    [MIME_VCARD_ADDRESS] = N_("Address"),
	    [MIME_VCARD_WEB] = N_("Web"),
	    [MIME_VCARD_BIRTHDAY] = N_("Birthday"),
	    [MIME_VCARD_NOTE] = N_("Note"),
	};
	const char *where = line->is_mobile ? tr(", mobile")
	                    : line->is_home ? tr(", home")
	                    : line->is_work ? tr(", work")
	                                    : "";
	const char *label = str_dup_c(arena,
	    str_printf(arena, "%s%s",
	        tr(line->is_mobile ? N_("Telephone") : labels[line->kind]),
	        where));

	return label != NULL ? label : "";
}

static void
contact_view(struct blocks *in, struct view *row, const struct mime_vcard *card)
{
	struct arena *arena = in->req->arena;
	struct view_list *list = view_list(row, "contact_lines");

	view_text(row, "contact_name", card->name);
	for (size_t i = 0; i < card->line_count; i++) {
		const struct mime_vcard_line *line = &card->lines[i];
		struct view *one = view_list_add(list);

		view_word(one, "contact_label", contact_label(arena, line));
		view_text(one, "contact_value", line->value);
		if (line->kind == MIME_VCARD_MAIL)
			view_set_url(one, "contact_url",
			    message_write_url(in->req, "to", line->value.s));
	}
}

enum err_code
blocks_contacts(struct blocks *in, const struct mime_part *part)
{
	struct view *row = view_list_add(in->list);
	struct view_list *list = view_list(row, "contacts");
	struct mime_vcards cards = {0};
	struct text text = {0};
	enum err_code rc = blocks_read_text(in, row, part, &text);

	view_bool(row, "is_contacts", true);
	if (rc == ERR_OK)
		rc = mime_vcard_parse(text.s, in->req->arena, &cards, in->err);
	if (rc != ERR_OK)
		return blocks_failed(in, row, rc);
	for (size_t i = 0; i < cards.count; i++)
		contact_view(in, view_list_add(list), &cards.list[i]);
	view_bool(row, "is_card_cut", cards.is_cut);
	view_bool(row, "is_card_empty", cards.count == 0);
	return ERR_OK;
}
