#include "mail/search_value.h"

#include "base/scan.h"
#include "os/clock.h"

#define VALUE_YEAR_FIRST ((int64_t)1900)
#define VALUE_YEAR_LAST  ((int64_t)9999)
#define VALUE_AGE_MOST   UINT64_C(100000)
/* number = 32 bits (RFC 3501, 9) */
#define VALUE_BYTES_MOST ((uint64_t)UINT32_MAX)

/* A day that IMAP can say: years have four digits. */
static int64_t
value_clip(int64_t day)
{
	int64_t first = clock_day_of(VALUE_YEAR_FIRST, 1, 1);

	return day < first ? first : day;
}

/* The same day of an earlier month, or that month's last. */
static int64_t
value_months_before(int64_t today, int64_t months)
{
	struct clock_date date = clock_date_of(today * 86400, 0);
	int64_t month = (int64_t)date.year * 12 + date.month - 1 - months;
	int64_t year = month / 12;
	int most;

	if (year < VALUE_YEAR_FIRST)
		return value_clip(INT64_MIN);
	most = clock_month_days(year, (int)(month % 12) + 1);
	return clock_day_of(
	    year, (int)(month % 12) + 1, date.day < most ? date.day : most);
}

bool
search_value_age(struct str s, int64_t today, int64_t *out_day)
{
	struct scan scan = scan_of(s);
	uint64_t number;
	int64_t count;
	int unit;

	if (!scan_u64(&scan, VALUE_AGE_MOST, &number))
		return false;
	count = (int64_t)number;
	unit = scan_next(&scan);
	if (!scan_end(&scan))
		return false;
	switch (unit) {
	case 'd':
	case 'D':
		*out_day = value_clip(today - count);
		return true;
	case 'w':
	case 'W':
		*out_day = value_clip(today - 7 * count);
		return true;
	case 'm':
	case 'M':
		*out_day = value_months_before(today, count);
		return true;
	case 'y':
	case 'Y':
		*out_day = value_months_before(today, 12 * count);
		return true;
	default:
		return false;
	}
}

bool
search_value_date(struct str s, int64_t today, int64_t *out_day)
{
	struct scan scan = scan_of(s);
	uint64_t year;
	uint64_t month;
	uint64_t day;
	char mark;

	if (str_eq_nocase(s, STR("today")) ||
	    str_eq_nocase(s, STR("yesterday"))) {
		*out_day = value_clip(today - (s.len == 5 ? 0 : 1));
		return true;
	}
	if (search_value_age(s, today, out_day))
		return true;
	if (!scan_u64(&scan, (uint64_t)VALUE_YEAR_LAST, &year) ||
	    year < (uint64_t)VALUE_YEAR_FIRST)
		return false;
	mark = scan_peek(&scan) == '/' ? '/' : '-';
	if (!scan_byte(&scan, mark) || !scan_u64(&scan, 12, &month) ||
	    month == 0 || !scan_byte(&scan, mark) ||
	    !scan_u64(&scan, 31, &day) || day == 0 || !scan_end(&scan) ||
	    (int)day > clock_month_days((int64_t)year, (int)month))
		return false;
	*out_day = clock_day_of((int64_t)year, (int)month, (int)day);
	return true;
}

bool
search_value_size(struct str s, int64_t *out_bytes)
{
	static const char units[] = "kmg";
	struct scan scan = scan_of(s);
	uint64_t bytes;
	int unit;

	if (!scan_u64(&scan, VALUE_BYTES_MOST, &bytes))
		return false;
	unit = scan_peek(&scan);
	for (size_t i = 0; unit > 0 && units[i] != '\0'; i++) {
		if ((unit | 0x20) != units[i])
			continue;
		(void)scan_next(&scan);
		bytes <<= 10 * (i + 1);
		break;
	}
	if ((scan_peek(&scan) | 0x20) == 'b')
		(void)scan_next(&scan);
	if (!scan_end(&scan))
		return false;
	*out_bytes =
	    (int64_t)(bytes < VALUE_BYTES_MOST ? bytes : VALUE_BYTES_MOST);
	return true;
}
