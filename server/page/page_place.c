#include "base/num.h"
#include "page/page_message.h"

/* So far a message may have moved in its list since the address was made. */
#define PLACE_WINDOW 5u

enum err_code
place_read(
    struct request *req, uint32_t rows, struct place *out, struct err *err)
{
	enum err_code rc = list_query_parse(req, rows, &out->query, err);
	struct str at = request_query(req, "at");

	if (rc != ERR_OK)
		return rc;
	out->is_known = at.len > 0 && num_u32(at, 0, UINT32_MAX / 2, &out->at,
	                                  NULL) == ERR_OK;
	if (out->is_known) {
		out->query.page = out->at / rows + 1;
		out->query.mail.first = out->at / rows * rows;
	}
	return ERR_OK;
}

void
place_params(struct request *req, struct view_url_param out[PLACE_PARAMS + 1])
{
	static const char *const names[PLACE_PARAMS] = {
	    "at", "sort", "rev", "in", "of", "q", "s"};
	bool sealed = req->session->expire_views;
	size_t count = 0;

	for (size_t i = 0; i < PLACE_PARAMS; i++) {
		struct str value = request_query(req, names[i]);

		/* Words that somebody typed into the address stay out. */
		if (value.len > 0 && !(sealed && strcmp(names[i], "q") == 0))
			out[count++] = (struct view_url_param){names[i], value};
	}
	out[count] = (struct view_url_param){NULL, {0}};
}

struct view_url
place_message_url(struct request *req, const struct list_query *query,
    uint32_t at, const struct mail_id *id)
{
	struct view_url_param params[4 + LIST_QUERY_PARAMS + 1] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {"at", page_u64(req->arena, at)},
	};

	list_query_params(req, query, &params[4]);
	return view_url_local(req->arena, "/message", params);
}

struct view_url
place_list_url(
    struct request *req, const struct place *place, const struct mail_id *id)
{
	struct view_url url = list_query_url(req, &place->query);

	if (id == NULL || url.s.ptr == NULL)
		return url;
	if (place->query.scope == MAIL_SCOPE_HERE)
		return view_url_own(
		    req->arena, str_printf(req->arena, "%.*s#m%u",
		                    STR_ARG(url.s), id->uid));
	return view_url_own(
	    req->arena, str_printf(req->arena, "%.*s#%.*s", STR_ARG(url.s),
	                    STR_ARG(list_anchor(req->arena, id))));
}

/* A list that the order of arrival does not tell. */
static bool
place_is_ordered(const struct place *place)
{
	return place->query.mail.sort != MAIL_SORT_ARRIVAL ||
	       !text_is_empty(place->query.words);
}

static void
place_by_arrival(const struct place *place, const struct mail_message *message,
    struct place_around *out)
{
	bool reversed = place->query.mail.is_reversed;

	out->before_uid = reversed ? message->older_uid : message->newer_uid;
	out->after_uid = reversed ? message->newer_uid : message->older_uid;
	out->before_at = place->at > 0 ? place->at - 1 : 0;
	out->after_at = place->at + 1;
}

static void
place_by_list(const struct mail_list *list, const struct mail_id *id,
    struct place_around *out)
{
	for (size_t i = 0; i < list->row_count; i++) {
		uint32_t at = list->first + (uint32_t)i;

		if (list->rows[i].uid != id->uid)
			continue;
		if (i > 0) {
			out->before_uid = list->rows[i - 1].uid;
			out->before_at = at - 1;
		}
		if (i + 1 < list->row_count) {
			out->after_uid = list->rows[i + 1].uid;
			out->after_at = at + 1;
		}
	}
}

enum err_code
place_find_around(struct request *req, const struct place *place,
    const struct mail_id *id, const struct mail_message *message,
    struct place_around *out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_query query = place->query.mail;
	struct mail_list list = {0};
	enum err_code rc;

	*out = (struct place_around){0};
	if (!place->is_known || !place_is_ordered(place)) {
		place_by_arrival(place, message, out);
		return ERR_OK;
	}
	query.first = place->at > PLACE_WINDOW ? place->at - PLACE_WINDOW : 0;
	query.row_count = 2 * PLACE_WINDOW + 1;
	rc = mail_list(&mail, &query, &list, NULL, NULL, err);
	/* Else in another order: nobody knows which are beside it. */
	if (rc == ERR_OK && list.setback == MAIL_SETBACK_NONE)
		place_by_list(&list, id, out);
	return rc;
}
