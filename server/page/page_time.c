#include "page/page_time.h"

#include "os/clock.h"

struct page_time {
	struct str chosen;
	const struct zone *zone;
	bool has_zone; /* zone is found */
};

static struct page_time *
time_of(struct request *req)
{
	if (req->time == NULL)
		req->time = ARENA_NEW(req->arena, struct page_time);
	return req->time;
}

void
page_time_know(struct request *req, struct str chosen)
{
	struct page_time *time = time_of(req);

	/* A choice that was taken back is none. */
	if (chosen.len == 0)
		chosen.ptr = NULL;
	if (time != NULL)
		*time = (struct page_time){.chosen = chosen};
}

struct str
page_time_chosen(struct request *req)
{
	if (req->time == NULL && req->session != NULL) {
		struct store_pref *list = NULL;
		size_t count = 0;
		struct str chosen = {NULL, 0};

		/* Without the settings a page has the server's times. */
		err_ignore(page_pref_list(req, &list, &count, NULL));
		for (size_t i = 0; i < count; i++)
			if (str_eq(list[i].name, str_c(page_time_pref)))
				chosen = list[i].content;
		page_time_know(req, chosen);
	}
	return req->time != NULL ? req->time->chosen : (struct str){NULL, 0};
}

const struct zone *
page_time_default(struct request *req)
{
	const struct zone *zone = NULL;

	/* Checked at start; gone since: this machine's. */
	if (req->site != NULL && !str_is_empty(req->site->time_zone))
		err_ignore(
		    zone_open(req->site->time_zone, req->arena, &zone, NULL));
	return zone;
}

const struct zone *
page_time_zone(struct request *req)
{
	struct str chosen = page_time_chosen(req);
	struct page_time *time = time_of(req);

	if (time == NULL || time->has_zone)
		return time != NULL ? time->zone : NULL;
	time->has_zone = true;
	if (str_is_empty(chosen) || str_eq(chosen, STR(PAGE_TIME_SERVER)) ||
	    zone_open(chosen, req->arena, &time->zone, NULL) != ERR_OK)
		time->zone = page_time_default(req);
	return time->zone;
}

int
page_time_offset_minutes(struct request *req, int64_t unix_s)
{
	return zone_offset_minutes(page_time_zone(req), unix_s);
}

struct text
page_time_long(struct request *req, int64_t unix_s)
{
	return view_date_long(
	    req->arena, unix_s, page_time_offset_minutes(req, unix_s));
}

struct text
page_time_short(struct request *req, int64_t unix_s)
{
	int64_t now_s = clock_now_s();
	int offset = page_time_offset_minutes(req, unix_s);
	int now = page_time_offset_minutes(req, now_s);

	/* Today begins at midnight of today's offset, whatever that one's. */
	return view_date_short(
	    req->arena, unix_s, now_s + (now - offset) * INT64_C(60), offset);
}
