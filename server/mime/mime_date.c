#include "base/scan.h"
#include "mime/mime.h"
#include "os/clock.h"

/*
 * Dates of RFC 5322, 3.3 and what else is found in mail: obsolete zones and
 * two-digit years (4.3), asctime() order, missing seconds, zone or time, ISO
 * 8601, other orders of three numbers, AM and PM, comments and dashes. Words
 * are taken as they come, so the order of the parts matters little.
 *
 *   date-time = [ day-name "," ] day month year hour ":" minute
 *               [ ":" second ] zone
 */

#define YEAR_MIN  1970
#define YEAR_MAX  9999
#define WORDS_MAX 24u

struct date {
	int year;  /* -1: not seen */
	int month; /* 1 to 12 */
	int day;
	int hour;
	int minute;
	int second;
	int offset_minutes;
	bool has_zone;
	bool is_utc; /* by a word: "GMT+0200" may follow */
};

static const char *const months[12] = {"jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec"};

static const struct {
	const char *name;
	int offset_minutes;
} zones[] = {
    {"utc", 0},
    {"gmt", 0},
    {"ut", 0},
    {"z", 0},
    {"est", -300},
    {"edt", -240},
    {"cst", -360},
    {"cdt", -300},
    {"mst", -420},
    {"mdt", -360},
    {"pst", -480},
    {"pdt", -420},
    {"cet", 60},
    {"cest", 120},
    {"met", 60},
    {"mest", 120},
    {"mez", 60},
    {"mesz", 120},
    {"bst", 60},
    {"wet", 0},
    {"west", 60},
    {"eet", 120},
    {"eest", 180},
    {"msk", 180},
    {"jst", 540},
    {"kst", 540},
    {"hkt", 480},
};

static const char digits[] = "0123456789";
static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* "1:30 PM", and "12:30 AM" for half past midnight. */
static bool
read_half_day(struct date *date, struct str word)
{
	bool is_pm = str_eq_nocase(word, STR("pm"));

	if ((!is_pm && !str_eq_nocase(word, STR("am"))) || date->hour < 1 ||
	    date->hour > 12)
		return false;
	date->hour = date->hour % 12 + (is_pm ? 12 : 0);
	return true;
}

static void
read_word(struct date *date, struct str word)
{
	if (read_half_day(date, word))
		return;
	for (int i = 0; i < 12; i++) {
		if (date->month < 0 &&
		    str_starts_nocase(word, str_c(months[i]))) {
			date->month = i + 1;
			return;
		}
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (str_eq_nocase(word, str_c(zones[i].name)) &&
		    !date->has_zone) {
			date->offset_minutes = zones[i].offset_minutes;
			date->has_zone = true;
			date->is_utc = date->offset_minutes == 0;
			return;
		}
	}
}

static int
digits_value(struct str s)
{
	int value = 0;

	for (size_t i = 0; i < s.len && i < 6; i++)
		value = value * 10 + (s.ptr[i] - '0');
	return value;
}

/* ":" minute [ ":" second ] after an hour. */
static bool
read_time(struct date *date, struct scan *scan, int hour)
{
	struct str part = {0};

	if (date->hour >= 0 || !scan_byte(scan, ':'))
		return false;
	part = scan_while(scan, digits);
	date->hour = hour;
	date->minute = digits_value(part);
	date->second = 0;
	if (scan_byte(scan, ':'))
		date->second = digits_value(scan_while(scan, digits));
	if (scan_byte(scan, '.'))
		(void)scan_while(scan, digits);
	return true;
}

/* "+0200", "-07:00", "+02". */
static void
read_zone(struct date *date, struct scan *scan, bool is_west)
{
	struct str part = scan_while(scan, digits);
	int value = digits_value(part);
	int minutes = 0;

	if (part.len <= 2 && scan_byte(scan, ':'))
		minutes = value * 60 + digits_value(scan_while(scan, digits));
	else if (part.len <= 2)
		minutes = value * 60;
	else
		minutes = value / 100 * 60 + value % 100;
	if (minutes > 14 * 60 || part.len > 4) /* nowhere on earth */
		minutes = 0;
	date->offset_minutes = is_west ? -minutes : minutes;
	date->has_zone = true;
	date->is_utc = false;
}

/* RFC 5322, 4.3: two-digit years. */
static int
full_year(struct str part)
{
	int year = digits_value(part);

	if (part.len == 2)
		return year < 50 ? year + 2000 : year + 1900;
	return part.len == 3 ? year + 1900 : year;
}

/* The next number behind one more of the same separator. */
static bool
next_number(struct scan *scan, int separator, struct str *out)
{
	struct scan at = *scan;

	if (!scan_byte(&at, (char)separator))
		return false;
	*out = scan_while(&at, digits);
	if (out->len == 0)
		return false;
	*scan = at;
	return true;
}

/*
 * Three numbers: 2024-02-29 and 2024/02/29 (ISO 8601), 29.02.2024, 29-02-2024
 * and, where there is no doubt, 02/29/2024.
 */
static bool
read_numbers(struct date *date, struct scan *scan, struct str first)
{
	int separator = scan_peek(scan);
	struct scan at = *scan;
	struct str second = {0};
	struct str third = {0};
	int a = digits_value(first);
	int b = 0;

	if ((separator != '-' && separator != '/' && separator != '.') ||
	    date->day >= 0 || date->month >= 0 || date->year >= 0 ||
	    !next_number(&at, separator, &second) ||
	    !next_number(&at, separator, &third))
		return false;
	b = digits_value(second);
	if (first.len == 4) {
		date->year = a;
		date->month = b;
		date->day = digits_value(third);
	} else {
		bool is_month_first = separator == '/' && b > 12;
		date->year = full_year(third);
		date->month = is_month_first ? a : b;
		date->day = is_month_first ? b : a;
	}
	*scan = at;
	return true;
}

static void
read_number(struct date *date, struct scan *scan)
{
	struct str part = scan_while(scan, digits);
	int value = digits_value(part);

	if (scan_peek(scan) == ':' && read_time(date, scan, value))
		return;
	if (read_numbers(date, scan, part)) {
		if (!scan_byte(scan, 'T'))
			(void)scan_byte(scan, 't');
		return;
	}
	if (date->day < 0 && part.len <= 2)
		date->day = value;
	else if (date->year < 0)
		date->year = full_year(part);
}

static void
skip_comment(struct scan *scan)
{
	unsigned depth = 0;

	do {
		int byte = scan_next(scan);
		if (byte < 0)
			return;
		if (byte == '(')
			depth++;
		else if (byte == ')')
			depth--;
	} while (depth > 0);
}

static bool
is_whole(const struct date *date)
{
	return date->year >= YEAR_MIN && date->year <= YEAR_MAX &&
	       date->month >= 1 && date->month <= 12 && date->day >= 1 &&
	       date->day <= clock_month_days(date->year, date->month) &&
	       date->hour >= 0 && date->hour <= 24 && date->minute >= 0 &&
	       date->minute <= 60 && date->second >= 0 && date->second <= 61;
}

static void
read_part(struct date *date, struct scan *scan)
{
	int byte = scan_peek(scan);

	if (byte >= '0' && byte <= '9') {
		read_number(date, scan);
	} else if ((byte == '+' || byte == '-') && date->hour >= 0 &&
	           (!date->has_zone || date->is_utc)) {
		(void)scan_next(scan);
		read_zone(date, scan, byte == '-');
	} else if (byte == '(') {
		skip_comment(scan);
	} else {
		struct str word = scan_while(scan, letters);
		if (word.len == 0)
			(void)scan_next(scan);
		else
			read_word(date, word);
	}
}

int64_t
mime_parse_date(struct str raw, int *out_offset_minutes)
{
	struct scan scan = scan_of(raw);
	struct date date = {.year = -1, .month = -1, .day = -1, .hour = -1};
	int64_t time_s = 0;

	*out_offset_minutes = 0;
	for (unsigned i = 0; i < WORDS_MAX && !scan_end(&scan); i++) {
		(void)scan_while(&scan, " \t\r\n,-");
		/* A dash before digits after the time is a zone. */
		if (date.hour >= 0 && !date.has_zone && scan.at > 0 &&
		    raw.ptr[scan.at - 1] == '-')
			scan.at--;
		read_part(&date, &scan);
	}
	if (date.hour < 0) /* a day without a time is still a day */
		date.hour = 0;
	if (!is_whole(&date))
		return 0;
	time_s = clock_day_of(date.year, date.month, date.day) * 86400 +
	         (int64_t)date.hour * 3600 + (int64_t)date.minute * 60 +
	         date.second - (int64_t)date.offset_minutes * 60;
	if (time_s <= 0)
		return 0;
	*out_offset_minutes = date.offset_minutes;
	return time_s;
}
