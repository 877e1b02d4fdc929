#include "os/zone_rule.h"

#include "base/scan.h"
#include "os/clock.h"

#define DAY_S       INT64_C(86400)
#define HOURS_MAX   167u /* RFC 9636, 3.3.1 */
#define OFFSETS_MAX 24u

/* "CET" or "<+0530>"; what it says is not needed. */
static bool
rule_name(struct scan *scan)
{
	if (scan_byte(scan, '<')) {
		(void)scan_until_byte(scan, '>');
		return scan_byte(scan, '>');
	}
	return scan_while(scan, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                        "abcdefghijklmnopqrstuvwxyz")
	           .len >= 3;
}

/* [ "+" / "-" ] hh [ ":" mm [ ":" ss ] ] */
static bool
rule_time(struct scan *scan, uint64_t max_hours, int32_t *out)
{
	bool is_back = scan_byte(scan, '-');
	uint64_t hours = 0, minutes = 0, seconds = 0;
	int32_t total;

	if (!is_back)
		(void)scan_byte(scan, '+');
	if (!scan_u64(scan, max_hours, &hours))
		return false;
	if (scan_byte(scan, ':') && !scan_u64(scan, 59, &minutes))
		return false;
	if (scan_byte(scan, ':') && !scan_u64(scan, 59, &seconds))
		return false;
	total = (int32_t)(hours * 3600 + minutes * 60 + seconds);
	*out = is_back ? -total : total;
	return true;
}

/* "M" month "." week "." weekday, "J" day, or day */
static bool
rule_day(struct scan *scan, struct zone_change *out)
{
	uint64_t month = 0, week = 0, day = 0;

	if (scan_byte(scan, 'M')) {
		out->kind = ZONE_DAY_WEEK;
		if (!scan_u64(scan, 12, &month) || !scan_byte(scan, '.') ||
		    !scan_u64(scan, 5, &week) || !scan_byte(scan, '.') ||
		    !scan_u64(scan, 6, &day) || month == 0 || week == 0)
			return false;
	} else {
		out->kind =
		    scan_byte(scan, 'J') ? ZONE_DAY_JULIAN : ZONE_DAY_YEAR;
		if (!scan_u64(scan, 365, &day) ||
		    (day == 0 && out->kind == ZONE_DAY_JULIAN))
			return false;
	}
	out->month = (int)month;
	out->week = (int)week;
	out->day = (int)day;
	return true;
}

static bool
rule_change(struct scan *scan, struct zone_change *out)
{
	out->time_s = 7200;
	return scan_byte(scan, ',') && rule_day(scan, out) &&
	       (!scan_byte(scan, '/') ||
	           rule_time(scan, HOURS_MAX, &out->time_s));
}

bool
zone_rule_parse(struct str s, struct zone_rule *out)
{
	struct scan scan = scan_of(s);
	int32_t west_s = 0;

	*out = (struct zone_rule){0};
	if (!rule_name(&scan) || !rule_time(&scan, OFFSETS_MAX, &west_s))
		return false;
	out->standard_s = -west_s;
	if (scan_end(&scan))
		return true;
	out->has_saving = true;
	out->saving_s = out->standard_s + 3600;
	if (!rule_name(&scan))
		return false;
	if (scan_peek(&scan) != ',') {
		if (!rule_time(&scan, OFFSETS_MAX, &west_s))
			return false;
		out->saving_s = -west_s;
	}
	return rule_change(&scan, &out->begins) &&
	       rule_change(&scan, &out->ends) && scan_end(&scan);
}

static int64_t
change_day(const struct zone_change *change, int year)
{
	int64_t first;
	int64_t day;

	if (change->kind == ZONE_DAY_YEAR)
		return clock_day_of(year, 1, 1) + change->day;
	if (change->kind == ZONE_DAY_JULIAN)
		return clock_day_of(year, 1, 1) + change->day - 1 +
		       (change->day > 59 && clock_month_days(year, 2) == 29
		               ? 1
		               : 0);
	first = clock_day_of(year, change->month, 1);
	day = first + (change->day - clock_weekday_of(first) + 7) % 7 +
	      (change->week - 1) * INT64_C(7);
	/* The fifth is the last. */
	if (day >= first + clock_month_days(year, change->month))
		day -= 7;
	return day;
}

int32_t
zone_rule_offset(const struct zone_rule *rule, int64_t unix_s)
{
	int64_t begins_s, ends_s;
	int year;
	bool is_saving;

	if (!rule->has_saving)
		return rule->standard_s;
	year = clock_date_of(unix_s, rule->standard_s / 60).year;
	begins_s = change_day(&rule->begins, year) * DAY_S +
	           rule->begins.time_s - rule->standard_s;
	ends_s = change_day(&rule->ends, year) * DAY_S + rule->ends.time_s -
	         rule->saving_s;
	/* In the south summer spans the turn of the year. */
	if (begins_s < ends_s)
		is_saving = unix_s >= begins_s && unix_s < ends_s;
	else
		is_saving = unix_s < ends_s || unix_s >= begins_s;
	return is_saving ? rule->saving_s : rule->standard_s;
}
