#include "os/clock.h"
#include "page/page_time.h"
#include "page/pages.h"

#define HALF_YEAR_S (INT64_C(182) * 86400)

/* "UTC+01:00", of now. */
static struct text
choice_distance(struct request *req, const struct zone *zone)
{
	int offset = zone_offset_minutes(zone, clock_now_s());
	int minutes = offset < 0 ? -offset : offset;

	return text_line(req->arena,
	    str_printf(req->arena, "UTC%c%02d:%02d", offset < 0 ? '-' : '+',
	        minutes / 60, minutes % 60));
}

/* "Argentina/Buenos_Aires" becomes "Argentina, Buenos Aires". */
static struct text
choice_words(struct request *req, struct str place)
{
	struct buf out;

	buf_init_arena(&out, req->arena, 2 * (size_t)ZONE_NAME_BYTES);
	for (size_t i = 0; i < place.len; i++) {
		if (place.ptr[i] == '/')
			buf_add_c(&out, page_comma());
		else
			buf_add_byte(
			    &out, place.ptr[i] == '_' ? ' ' : place.ptr[i]);
	}
	return text_line(req->arena, buf_str(&out));
}

enum err_code
page_time_view_choice(struct request *req, struct view *view, struct err *err)
{
	struct str chosen = page_time_chosen(req);
	struct view_list *groups = view_list(view, "zone_groups");
	struct view_list *rows = NULL;
	struct str group = {NULL, 0};
	struct zone_names names;
	bool is_listed = str_is_empty(chosen) ||
	                 str_eq(chosen, STR(PAGE_TIME_SERVER)) ||
	                 str_eq(chosen, STR("UTC"));
	enum err_code rc = zone_names_read(req->arena, &names, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < names.count; i++) {
		struct str place = names.list[i];
		struct str region = str_cut(&place, '/');
		struct view *row;

		if (rows == NULL || !str_eq(region, group)) {
			struct view *one = view_list_add(groups);

			group = region;
			view_str(one, "region", region);
			rows = view_list(one, "zones");
		}
		row = view_list_add(rows);
		view_str(row, "value", names.list[i]);
		view_text(row, "words", choice_words(req, place));
		view_bool(row, "selected", str_eq(names.list[i], chosen));
		is_listed |= str_eq(names.list[i], chosen);
	}
	view_text(
	    view, "server_zone", choice_distance(req, page_time_default(req)));
	view_bool(view, "zone_is_utc", str_eq(chosen, STR("UTC")));
	/* An older spelling, as browsers may tell. */
	if (!is_listed)
		view_str(view, "own_zone", chosen);
	view_bool(view, "has_own_zone", !is_listed);
	return ERR_OK;
}

void
page_time_view_offer(struct request *req, struct view *view, struct str back)
{
	const struct zone *zone = page_time_zone(req);
	/* By the hour: a page that is asked for again stays the same. */
	int64_t now_s = clock_now_s() / 3600 * 3600;
	struct view *offer;

	if (page_time_chosen(req).ptr != NULL)
		return;
	offer = view_child(view, "zone_offer");
	view_text(offer, "server_zone", choice_distance(req, zone));
	/* Two moments tell zones apart well enough: one is summer. */
	view_str(offer, "times",
	    str_printf(req->arena, "%lld %d %lld %d", (long long)now_s,
	        zone_offset_minutes(zone, now_s),
	        (long long)(now_s + HALF_YEAR_S),
	        zone_offset_minutes(zone, now_s + HALF_YEAR_S)));
	view_str(offer, "back", back);
}

enum err_code
page_time_read(struct request *req, struct str *out, struct err *err)
{
	const struct zone *zone = NULL;

	*out = request_field(req, "time_zone");
	if (str_is_empty(*out) || str_eq(*out, STR(PAGE_TIME_SERVER)))
		return ERR_OK;
	return zone_open(*out, req->arena, &zone, err);
}

enum err_code
page_time_save(struct request *req, struct str chosen, struct err *err)
{
	if (str_is_empty(chosen))
		return ERR_OK;
	return store_pref_set(req->app->store, req->session->account,
	    str_c(page_time_pref), chosen, err);
}

enum err_code
page_time_post(struct request *req, struct response *res, struct err *err)
{
	struct str chosen;
	enum err_code rc = page_time_read(req, &chosen, err);

	if (rc == ERR_OK)
		rc = page_time_save(req, chosen, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    view_url_own(
	        req->arena, session_own_path(request_field(req, "back"))),
	    err);
}
