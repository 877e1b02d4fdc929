#ifndef OS_CLOCK_H
#define OS_CLOCK_H
/* Time. Monotonic for deadlines, Unix seconds for everything that is stored. */
#include <stdint.h>

#include "base/buf.h"

int64_t clock_now_s(void);  /* Unix time, seconds */
int64_t clock_now_ms(void); /* Unix time, milliseconds */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_cpu_ms(void); /* processor time of the calling thread */

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). */
void clock_add_http(struct buf *out, int64_t unix_s);
/* "Sun, 6 Nov 1994 08:49:37 +0000" (RFC 5322, 3.3), in UTC. */
void clock_add_mail(struct buf *out, int64_t unix_s);
/* "2026-11-21T08:49:37Z" (RFC 3339). */
void clock_add_iso(struct buf *out, int64_t unix_s);

struct clock_date {
	int year, month, day; /* 1-based month and day */
	int hour, minute, second;
	int weekday; /* 0 is Sunday */
};
/* UTC, shifted by `offset_minutes`. */
struct clock_date clock_date_of(int64_t unix_s, int offset_minutes);

/*
 * The way back: days since 1970-01-01 of the proleptic Gregorian calendar.
 * Month and day are 1-based, the month 1 to 12.
 */
int64_t clock_day_of(int64_t year, int month, int day);
int clock_month_days(int64_t year, int month);
/* 0 is Sunday; of such a day, before 1970 too. */
int clock_weekday_of(int64_t day);

#endif
