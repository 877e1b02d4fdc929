#include "mime/mime_calendar_zone.h"

#include "base/scan.h"
#include "os/clock.h"

#define DAY_S          INT64_C(86400)
#define DURATION_MAX_S (INT64_C(100) * 366 * DAY_S)

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t
year_of(int64_t wall_s)
{
	int64_t day = floor_div(wall_s, DAY_S);
	/* Never later than it is. */
	int64_t year = 1970 + floor_div(day, day < 0 ? 365 : 366);

	while (clock_day_of(year + 1, 1, 1) <= day)
		year++;
	return year;
}

/* ---- values ---- */

static bool
digits(struct scan *scan, size_t count, int *out)
{
	struct str s = scan_take(scan, count);

	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		*out = *out * 10 + (s.ptr[i] - '0');
	}
	return s.len == count;
}

bool
calendar_time_parse(struct str s, struct calendar_time *out)
{
	struct scan scan = scan_of(str_trim(s));
	int year, month, day;
	int hour = 0, minute = 0, second = 0;

	if (!digits(&scan, 4, &year) || !digits(&scan, 2, &month) ||
	    !digits(&scan, 2, &day) || year < 1 || month < 1 || month > 12 ||
	    day < 1 || day > clock_month_days(year, month))
		return false;
	out->is_day = !scan_byte(&scan, 'T');
	if (!out->is_day) {
		if (!digits(&scan, 2, &hour) || !digits(&scan, 2, &minute) ||
		    hour > 24 || minute > 59)
			return false;
		/* Some leave the seconds out. */
		if (scan_peek(&scan) >= '0' && scan_peek(&scan) <= '9' &&
		    (!digits(&scan, 2, &second) || second > 60))
			return false;
	}
	out->is_utc = !out->is_day && scan_byte(&scan, 'Z');
	out->s = clock_day_of(year, month, day) * DAY_S + hour * INT64_C(3600) +
	         minute * INT64_C(60) + second;
	return true;
}

static int64_t
duration_unit(int letter)
{
	switch (letter) {
	case 'W':
		return 7 * DAY_S;
	case 'D':
		return DAY_S;
	case 'H':
		return 3600;
	case 'M':
		return 60;
	default:
		return letter == 'S' ? 1 : 0;
	}
}

bool
calendar_duration_parse(struct str s, int64_t *out)
{
	struct scan scan = scan_of(str_trim(s));
	bool is_back = scan_byte(&scan, '-');
	uint64_t number = 0;
	int64_t total = 0;

	(void)scan_byte(&scan, '+');
	if (!scan_byte(&scan, 'P'))
		return false;
	while (!scan_end(&scan)) {
		int64_t unit;
		(void)scan_byte(&scan, 'T');
		if (!scan_u64(&scan, 1000000, &number))
			return false;
		unit = duration_unit(scan_next(&scan));
		total += (int64_t)number * unit;
		if (unit == 0 || total > DURATION_MAX_S)
			return false;
	}
	*out = is_back ? -total : total;
	return true;
}

/* "+0100", "-053000": seconds. */
static int64_t
offset_parse(struct str s)
{
	struct scan scan = scan_of(str_trim(s));
	bool is_west = scan_peek(&scan) == '-';
	int hours = 0, minutes = 0, seconds = 0;
	int64_t total;

	if (is_west || scan_peek(&scan) == '+')
		(void)scan_next(&scan);
	if (!digits(&scan, 2, &hours) || !digits(&scan, 2, &minutes))
		return 0;
	if (!scan_end(&scan) && !digits(&scan, 2, &seconds))
		seconds = 0;
	total = hours * INT64_C(3600) + minutes * INT64_C(60) + seconds;
	if (total > DAY_S)
		return 0;
	return is_west ? -total : total;
}

/* ---- rules ---- */

static int
weekday_named(struct str s)
{
	static const char *const names[] = {
	    "SU", "MO", "TU", "WE", "TH", "FR", "SA"};

	for (int i = 0; i < 7; i++) {
		if (str_eq_nocase(s, str_c(names[i])))
			return i;
	}
	return -1;
}

/* A number with a sign, of three digits at most; 0: none. */
static int
small_number(struct scan *scan)
{
	bool is_back = scan_byte(scan, '-');
	uint64_t number = 0;

	(void)scan_byte(scan, '+');
	if (!scan_u64(scan, 400, &number))
		return 0;
	return is_back ? -(int)number : (int)number;
}

/* "MO,TU", "-1SU", "2TH" */
static void
rule_weekdays(struct calendar_rule *rule, struct str list)
{
	while (list.len > 0) {
		struct scan scan = scan_of(str_trim(str_cut(&list, ',')));
		int nth = small_number(&scan);
		int weekday = weekday_named(scan_rest(&scan));

		if (weekday < 0)
			continue;
		if (rule->weekday_count == 0)
			rule->nth = nth;
		else if (nth != rule->nth)
			rule->has_other = true;
		rule->weekdays |= 1u << weekday;
		rule->weekday_count++;
	}
}

static int
first_number(struct str list, unsigned *count)
{
	int first = 0;

	*count = 0;
	while (list.len > 0) {
		struct scan scan = scan_of(str_trim(str_cut(&list, ',')));
		int number = small_number(&scan);
		if (*count == 0)
			first = number;
		(*count)++;
	}
	return first;
}

static uint32_t
rule_number(struct str s)
{
	struct scan scan = scan_of(str_trim(s));
	uint64_t number = 0;

	return scan_u64(&scan, 1000000, &number) ? (uint32_t)number : 0;
}

struct calendar_rule
calendar_rule_parse(struct str s)
{
	struct calendar_rule rule = {.interval = 1};

	while (s.len > 0) {
		struct str value = str_trim(str_cut(&s, ';'));
		struct str name = str_trim(str_cut(&value, '='));

		if (str_eq_nocase(name, STR("FREQ")))
			rule.freq = str_trim(value);
		else if (str_eq_nocase(name, STR("INTERVAL")))
			rule.interval = rule_number(value);
		else if (str_eq_nocase(name, STR("COUNT")))
			rule.count = rule_number(value);
		else if (str_eq_nocase(name, STR("UNTIL")))
			rule.has_until =
			    calendar_time_parse(value, &rule.until);
		else if (str_eq_nocase(name, STR("BYDAY")))
			rule_weekdays(&rule, value);
		else if (str_eq_nocase(name, STR("BYMONTH")))
			rule.month = first_number(value, &rule.month_count);
		else if (str_eq_nocase(name, STR("BYMONTHDAY")))
			rule.month_day =
			    first_number(value, &rule.month_day_count);
		else if (!str_eq_nocase(name, STR("WKST")) && name.len > 0)
			rule.has_other = true;
	}
	if (rule.interval == 0)
		rule.interval = 1;
	return rule;
}

/* ---- zones ---- */

void
calendar_observance_line(
    struct calendar_observance *out, const struct mime_line *line)
{
	struct calendar_time time;

	if (mime_line_is(line, "TZOFFSETFROM")) {
		out->from_s = offset_parse(line->value);
	} else if (mime_line_is(line, "TZOFFSETTO")) {
		out->to_s = offset_parse(line->value);
	} else if (mime_line_is(line, "DTSTART")) {
		out->has_start = calendar_time_parse(line->value, &time);
		if (out->has_start)
			out->start_s = time.s;
	} else if (mime_line_is(line, "RRULE")) {
		out->rule = calendar_rule_parse(line->value);
		out->has_rule = str_eq_nocase(out->rule.freq, STR("YEARLY"));
	} else if (mime_line_is(line, "RDATE") &&
	           calendar_time_parse(line->value, &time) &&
	           time.s > out->last_date_s) {
		out->last_date_s = time.s;
	}
}

/* The day of that year on which the rule falls. */
static int64_t
rule_day(const struct calendar_observance *one, int64_t year)
{
	const struct calendar_rule *rule = &one->rule;
	int64_t start_year = year_of(one->start_s);
	int64_t start_day = floor_div(one->start_s, DAY_S);
	int month = rule->month;
	int64_t day;
	int weekday = 0;

	for (int m = 1; month < 1 || month > 12; m++) {
		if (m == 12 || clock_day_of(start_year, m + 1, 1) > start_day)
			month = m;
	}
	while (weekday < 6 && (rule->weekdays & (1u << weekday)) == 0)
		weekday++;
	if (rule->weekday_count == 0) {
		int last = clock_month_days(year, month);
		int in_month = rule->month_day != 0
		                   ? rule->month_day
		                   : (int)(start_day -
		                           clock_day_of(start_year, month, 1)) +
		                         1;
		if (in_month < 1 || in_month > last)
			in_month = last;
		return clock_day_of(year, month, in_month);
	}
	if (rule->nth < 0) {
		day = clock_day_of(year, month, clock_month_days(year, month));
		day -= (clock_weekday_of(day) - weekday + 7) % 7;
		return day + (rule->nth + 1) * 7;
	}
	/* "SU" on or after the first of BYMONTHDAY, or the nth of the month. */
	day = clock_day_of(year, month,
	    rule->nth == 0 && rule->month_day > 0 && rule->month_day <= 28
	        ? rule->month_day
	        : 1);
	day += (weekday - clock_weekday_of(day) + 7) % 7;
	return day + (rule->nth > 1 ? rule->nth - 1 : 0) * 7;
}

/* The last onset at or before that wall clock time; false: none yet. */
static bool
onset_before(
    const struct calendar_observance *one, int64_t wall_s, int64_t *out)
{
	int64_t time_of_day =
	    one->start_s - floor_div(one->start_s, DAY_S) * DAY_S;
	int64_t limit_s = wall_s;
	int64_t year;

	if (!one->has_start || one->start_s > wall_s)
		return false;
	*out = one->start_s;
	if (one->last_date_s > *out && one->last_date_s <= wall_s)
		*out = one->last_date_s;
	if (!one->has_rule)
		return true;
	/* UNTIL is in UTC. */
	if (one->rule.has_until && one->rule.until.s + one->from_s < limit_s)
		limit_s = one->rule.until.s + one->from_s;
	year = year_of(limit_s);
	for (int64_t y = year; y >= year - 1; y--) {
		int64_t onset = rule_day(one, y) * DAY_S + time_of_day;
		if (onset <= limit_s && onset > *out) {
			*out = onset;
			return true;
		}
	}
	return true;
}

static bool
is_utc_name(struct str zone)
{
	static const char *const names[] = {
	    "UTC", "GMT", "Z", "Etc/UTC", "Etc/GMT", "Zulu"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_nocase(zone, str_c(names[i])))
			return true;
	}
	return false;
}

bool
calendar_zone_offset(const struct calendar_zones *zones, struct str zone,
    int64_t wall_s, int64_t *out)
{
	const struct calendar_observance *first = NULL;
	int64_t latest = INT64_MIN;

	*out = 0;
	for (size_t i = 0; i < zones->count; i++) {
		const struct calendar_observance *one = &zones->list[i];
		int64_t onset = 0;

		if (!str_eq(one->zone, zone))
			continue;
		if (onset_before(one, wall_s, &onset) && onset > latest) {
			latest = onset;
			*out = one->to_s;
		}
		if (first == NULL || one->start_s < first->start_s)
			first = one;
	}
	/* Before the first change, what was in force until then. */
	if (latest == INT64_MIN && first != NULL)
		*out = first->from_s;
	return first != NULL || is_utc_name(zone);
}
