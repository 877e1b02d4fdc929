#include "base/buf.h"
#include "base/tr.h"
#include "os/clock.h"
#include "view/view.h"
#include "view/view_locale.h"

#define VIEW_DAY_S       86400
#define VIEW_WORDS_BYTES 128

static const char *const view_months[] = {"January", "February", "March",
    "April", "May", "June", "July", "August", "September", "October",
    "November", "December"};
static const char *const view_days[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};

static struct text
view_words_end(struct buf *buf)
{
	struct str s;

	if (buf_end(buf, &s, NULL) != ERR_OK)
		return (struct text){str_of(NULL, 0)};
	return (struct text){s};
}

/* One decimal below 10, none above: "3.4 MB", "34 MB". */
static void
view_size_in(struct buf *buf, uint64_t bytes, int shift, const char *name)
{
	uint64_t unit = (uint64_t)1 << shift;
	uint64_t rest;

	if (bytes < unit)
		bytes = unit;
	rest = bytes % unit * 10 / unit;
	buf_add_u64(buf, bytes / unit);
	if (bytes / unit < 10 && rest > 0) {
		buf_add_byte(buf, '.');
		buf_add_u64(buf, rest);
	}
	buf_add_c(buf, name);
}

/* Tenths as they are cut in English: 3.49 MB is "3.4 MB". */
static void
view_size_by(const struct view_locale *locale, struct buf *buf, uint64_t bytes)
{
	unsigned power = 0;
	double number = (double)bytes;

	for (uint64_t limit = 1000; power < 3 && bytes >= limit; limit <<= 10)
		power++;
	if (power > 0) {
		uint64_t unit = (uint64_t)1 << (power * 10);
		uint64_t tenths = bytes % unit * 10 / unit;

		number = bytes < unit ? 1.0 : (double)(bytes / unit);
		if (bytes >= unit && bytes / unit < 10)
			number += (double)tenths / 10;
	}
	view_locale_size(locale, buf, number, power);
}

struct text
view_size(struct arena *arena, uint64_t bytes)
{
	const struct view_locale *locale = view_locale_used();
	struct buf buf;

	buf_init_arena(&buf, arena, VIEW_WORDS_BYTES);
	if (locale != NULL) {
		view_size_by(locale, &buf, bytes);
	} else if (bytes < 1000) {
		buf_add_u64(&buf, bytes);
		buf_add_c(&buf, bytes == 1 ? " byte" : " bytes");
	} else if (bytes < (uint64_t)1000 << 10) {
		view_size_in(&buf, bytes, 10, " KB");
	} else if (bytes < (uint64_t)1000 << 20) {
		view_size_in(&buf, bytes, 20, " MB");
	} else {
		view_size_in(&buf, bytes, 30, " GB");
	}
	return view_words_end(&buf);
}

struct text
view_number(struct arena *arena, uint64_t number)
{
	const struct view_locale *locale = view_locale_used();
	struct buf buf;

	buf_init_arena(&buf, arena, VIEW_WORDS_BYTES);
	if (locale != NULL)
		view_locale_number(locale, &buf, number);
	else
		buf_add_u64(&buf, number);
	return view_words_end(&buf);
}

/* Days since 1970 where the reader is; rounds down before 1970 too. */
static int64_t
view_day_of(int64_t unix_s, int offset_minutes)
{
	int64_t here = unix_s + (int64_t)offset_minutes * 60;

	return here / VIEW_DAY_S - (here % VIEW_DAY_S < 0 ? 1 : 0);
}

/* What clock_date_of can tell: years 1 to 9999. */
static bool
view_date_is_sane(int64_t unix_s)
{
	return unix_s > INT64_C(-62135510400) && unix_s < INT64_C(253402214400);
}

/* How much of a date a list needs. */
static enum view_date_kind
view_date_kind_of(int64_t age_days, bool is_same_year)
{
	if (age_days == 0)
		return VIEW_DATE_TODAY;
	if (age_days > 0 && age_days < 7)
		return VIEW_DATE_WEEK;
	return is_same_year ? VIEW_DATE_YEAR : VIEW_DATE_EARLIER;
}

/* "05": by hand, as each row of a list has a date and printf is slow. */
static void
view_two_digits(struct buf *buf, int number)
{
	buf_add_byte(buf, (char)('0' + number / 10 % 10));
	buf_add_byte(buf, (char)('0' + number % 10));
}

static void
view_time_english(struct buf *buf, const struct clock_date *date)
{
	view_two_digits(buf, date->hour);
	buf_add_byte(buf, ':');
	view_two_digits(buf, date->minute);
}

/* "21 Nov", "21 November 2026" */
static void
view_day_english(struct buf *buf, const struct clock_date *date,
    size_t month_letters, bool with_year)
{
	struct str month = str_c(view_months[date->month - 1]);

	buf_add_i64(buf, date->day);
	buf_add_byte(buf, ' ');
	buf_add(buf, str_slice(month, 0, month_letters));
	if (!with_year)
		return;
	buf_add_byte(buf, ' ');
	buf_add_i64(buf, date->year);
}

static void
view_date_english(
    struct buf *buf, enum view_date_kind kind, const struct clock_date *date)
{
	struct str day = str_c(view_days[date->weekday]);

	if (kind == VIEW_DATE_TODAY) {
		view_time_english(buf, date);
	} else if (kind == VIEW_DATE_WEEK) {
		buf_add(buf, str_slice(day, 0, 3));
		buf_add_byte(buf, ' ');
		view_time_english(buf, date);
	} else if (kind == VIEW_DATE_LONG) {
		buf_add(buf, day);
		buf_add_c(buf, ", ");
		view_day_english(buf, date, SIZE_MAX, true);
		buf_add_c(buf, ", ");
		view_time_english(buf, date);
	} else {
		view_day_english(buf, date, 3, kind == VIEW_DATE_EARLIER);
	}
}

static struct text
view_date_in(struct arena *arena, enum view_date_kind kind,
    const struct clock_date *date)
{
	const struct view_locale *locale = view_locale_used();
	struct buf buf;

	buf_init_arena(&buf, arena, VIEW_WORDS_BYTES);
	if (locale != NULL)
		view_locale_date(locale, &buf, kind, date);
	else
		view_date_english(&buf, kind, date);
	return view_words_end(&buf);
}

struct text
view_date_short(
    struct arena *arena, int64_t unix_s, int64_t now_s, int offset_minutes)
{
	struct clock_date date;
	struct clock_date today;
	int64_t age_days;

	if (!view_date_is_sane(unix_s) || !view_date_is_sane(now_s))
		return tr_text("no date");
	date = clock_date_of(unix_s, offset_minutes);
	today = clock_date_of(now_s, offset_minutes);
	age_days = view_day_of(now_s, offset_minutes) -
	           view_day_of(unix_s, offset_minutes);
	return view_date_in(
	    arena, view_date_kind_of(age_days, date.year == today.year), &date);
}

struct text
view_date_long(struct arena *arena, int64_t unix_s, int offset_minutes)
{
	struct clock_date date;

	if (!view_date_is_sane(unix_s))
		return tr_text("no date");
	date = clock_date_of(unix_s, offset_minutes);
	return view_date_in(arena, VIEW_DATE_LONG, &date);
}
