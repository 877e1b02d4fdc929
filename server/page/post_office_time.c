#include "base/num.h"
#include "base/scan.h"
#include "os/clock.h"
#include "page/page_time.h"
#include "page/post_office.h"

#define POST_AHEAD_MAX_S ((int64_t)366 * 86400)

/* A number of exactly so many digits. */
static bool
post_digits(struct str text, size_t at, size_t len, uint32_t *out)
{
	struct str digits = str_slice(text, at, at + len);

	for (size_t i = 0; i < digits.len; i++)
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return false;
	return digits.len == len &&
	       num_u32(digits, 0, UINT32_MAX, out, NULL) == ERR_OK;
}

/*
 * A valid local date and time string (HTML, 2.3.5.3): "2026-11-24T09:00", with
 * a space for the T as people type it, and seconds that are ignored.
 */
static bool
post_time_parse(struct str text, int64_t *out_local_s)
{
	uint32_t year = 0;
	uint32_t month = 0;
	uint32_t day = 0;
	uint32_t hour = 0;
	uint32_t minute = 0;

	if (text.len < 16 || text.len > 23 || text.ptr[4] != '-' ||
	    text.ptr[7] != '-' || text.ptr[13] != ':' ||
	    (text.ptr[10] != 'T' && text.ptr[10] != ' ') ||
	    (text.len > 16 && text.ptr[16] != ':'))
		return false;
	if (!post_digits(text, 0, 4, &year) ||
	    !post_digits(text, 5, 2, &month) ||
	    !post_digits(text, 8, 2, &day) ||
	    !post_digits(text, 11, 2, &hour) ||
	    !post_digits(text, 14, 2, &minute))
		return false;
	if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 ||
	    (int)day > clock_month_days(year, (int)month))
		return false;
	*out_local_s = clock_day_of(year, (int)month, (int)day) * 86400 +
	               (int64_t)hour * 3600 + (int64_t)minute * 60;
	return true;
}

enum err_code
post_time_check(
    struct request *req, struct text typed, int64_t *out_ms, struct err *err)
{
	int64_t now_s = clock_now_s();
	int64_t local_s = 0;
	int64_t unix_s = 0;

	if (!post_time_parse(str_trim(typed.s), &local_s))
		return err_set(err, ERR_INPUT,
		    "This is not a date and time. Please write it like "
		    "2026-11-24T09:00.",
		    NULL);
	/* The offset is that of the moment looked for. */
	unix_s = local_s - (int64_t)page_time_offset_minutes(req, local_s) * 60;
	unix_s = local_s - (int64_t)page_time_offset_minutes(req, unix_s) * 60;
	if (unix_s <= now_s)
		return err_set(err, ERR_INPUT,
		    "This time is past. Please choose a later one.", NULL);
	if (unix_s > now_s + POST_AHEAD_MAX_S)
		return err_set(err, ERR_INPUT,
		    "A message can wait for a year at most.", NULL);
	*out_ms = unix_s * 1000;
	return ERR_OK;
}

struct text
post_time_field(struct request *req, int64_t unix_ms)
{
	int64_t unix_s = unix_ms / 1000;
	struct clock_date date =
	    clock_date_of(unix_s, page_time_offset_minutes(req, unix_s));

	return text_from(req->arena,
	    str_printf(req->arena, "%04d-%02d-%02dT%02d:%02d", date.year,
	        date.month, date.day, date.hour, date.minute));
}
