#include "os/clock.h"

/* The years 0 to 9999: what the formats below can write. */
#define CLOCK_MIN_S INT64_C(-62167219200)
#define CLOCK_MAX_S INT64_C(253402300799)

#define DAY_S 86400

static const char weekday_names[7][4] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static struct timespec
clock_read(clockid_t id)
{
	struct timespec now = {0};

	/* Fails only for clocks the kernel does not have. */
	ensure(clock_gettime(id, &now) == 0);
	return now;
}

static int64_t
clock_clip(int64_t unix_s)
{
	if (unix_s < CLOCK_MIN_S)
		return CLOCK_MIN_S;
	return unix_s > CLOCK_MAX_S ? CLOCK_MAX_S : unix_s;
}

int64_t
clock_now_s(void)
{
	return (int64_t)clock_read(CLOCK_REALTIME).tv_sec;
}

int64_t
clock_now_ms(void)
{
	struct timespec now = clock_read(CLOCK_REALTIME);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
	struct timespec now = clock_read(CLOCK_MONOTONIC);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_cpu_ms(void)
{
	struct timespec now = clock_read(CLOCK_THREAD_CPUTIME_ID);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_us(void)
{
	struct timespec now = clock_read(CLOCK_MONOTONIC);

	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * Year, month and day of a day number: the proleptic Gregorian calendar is
 * cut into eras of 400 years that begin on 1 March, so that the leap day is
 * the last of its year. Day 0 of era 0 is 0000-03-01, 719468 days before
 * 1970.
 */
static void
clock_civil(int64_t days_since_1970, struct clock_date *date)
{
	int64_t days = days_since_1970 + 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
	                          day_of_era / 36524 - day_of_era / 146096) /
	                      365;
	int64_t day_of_year =
	    day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;

	date->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
	date->month = (int)(month_from_march < 10 ? month_from_march + 3
	                                          : month_from_march - 9);
	date->year =
	    (int)(year_of_era + era * 400 + (date->month <= 2 ? 1 : 0));
}

int64_t
clock_day_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	                     year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int
clock_month_days(int64_t year, int month)
{
	int64_t next = month == 12 ? clock_day_of(year + 1, 1, 1)
	                           : clock_day_of(year, month + 1, 1);

	return (int)(next - clock_day_of(year, month, 1));
}

int
clock_weekday_of(int64_t day)
{
	/* 1970-01-01 was a Thursday. */
	int weekday = (int)((day + 4) % 7);

	return weekday < 0 ? weekday + 7 : weekday;
}

struct clock_date
clock_date_of(int64_t unix_s, int offset_minutes)
{
	struct clock_date date = {0};
	int64_t local_s =
	    clock_clip(clock_clip(unix_s) + (int64_t)offset_minutes * 60);
	int64_t days = local_s / DAY_S;
	int64_t second = local_s % DAY_S;

	if (second < 0) {
		second += DAY_S;
		days -= 1;
	}
	clock_civil(days, &date);
	date.hour = (int)(second / 3600);
	date.minute = (int)(second / 60 % 60);
	date.second = (int)(second % 60);
	date.weekday = clock_weekday_of(days);
	return date;
}

void
clock_add_http(struct buf *out, int64_t unix_s)
{
	struct clock_date date = clock_date_of(unix_s, 0);

	buf_addf(out, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	    weekday_names[date.weekday], date.day, month_names[date.month - 1],
	    date.year, date.hour, date.minute, date.second);
}

void
clock_add_mail(struct buf *out, int64_t unix_s)
{
	struct clock_date date = clock_date_of(unix_s, 0);

	buf_addf(out, "%s, %d %s %04d %02d:%02d:%02d +0000",
	    weekday_names[date.weekday], date.day, month_names[date.month - 1],
	    date.year, date.hour, date.minute, date.second);
}

/* The last digits of a number; printf is slow where each row has a date. */
static void
clock_digits(char *to, size_t count, int number)
{
	for (; count > 0; number /= 10)
		to[--count] = (char)('0' + number % 10);
}

void
clock_add_iso(struct buf *out, int64_t unix_s)
{
	struct clock_date date = clock_date_of(unix_s, 0);
	char iso[] = "0000-00-00T00:00:00Z";

	clock_digits(iso, 4, date.year);
	clock_digits(iso + 5, 2, date.month);
	clock_digits(iso + 8, 2, date.day);
	clock_digits(iso + 11, 2, date.hour);
	clock_digits(iso + 14, 2, date.minute);
	clock_digits(iso + 17, 2, date.second);
	buf_add(out, str_of(iso, sizeof(iso) - 1));
}
