#include "page/page_search.h"

#include "base/codec.h"
#include "page/page_inside.h"
#include "page/page_saved.h"
#include "page/page_time.h"
#include "page/pages.h"

/* ---- searches that can be stopped ---- */
void
page_find_begin(struct app *app, struct page_find *find)
{
	unsigned char bytes[16];
	struct buf hex;

	secret_fill_random(bytes, sizeof(bytes));
	buf_init(&hex, sizeof(find->id));
	codec_hex_encode(&hex, str_of((const char *)bytes, sizeof(bytes)));
	(void)snprintf(
	    find->id, sizeof(find->id), "%.*s", STR_ARG(buf_str(&hex)));
	buf_free(&hex);
	lock_take(&app->lock);
	find->next = app->finds;
	app->finds = find;
	lock_give(&app->lock);
}

void
page_find_end(struct app *app, struct page_find *find)
{
	struct page_find **at = &app->finds;

	lock_take(&app->lock);
	while (*at != find)
		at = &(*at)->next;
	*at = find->next;
	lock_give(&app->lock);
}

bool
page_find_is_stopped(struct app *app, const struct page_find *find)
{
	bool is_stopped;

	lock_take(&app->lock);
	is_stopped = find->is_stopped;
	lock_give(&app->lock);
	return is_stopped;
}

/* Its page ends by itself and says what is missing; this one stays away. */
enum err_code
page_search_stop(struct request *req, struct response *res, struct err *err)
{
	static const char empty[] = "";
	struct str id = request_field(req, "id");

	(void)err;
	lock_take(&req->app->lock);
	for (struct page_find *at = req->app->finds; at != NULL; at = at->next)
		if (str_eq(id, str_c(at->id)))
			at->is_stopped = true;
	lock_give(&req->app->lock);
	/* No Content: the browser goes on showing what it shows. */
	response_status(res, 204);
	response_body(res, str_of(empty, 0));
	return ERR_OK;
}

/* ---- what is asked for ---- */
/* q, or s, or a search that is kept; as lists have it. */
static enum err_code
search_parse(struct request *req, uint32_t rows, struct page_search *search,
    struct err *err)
{
	struct str saved = request_query(req, "saved");
	struct list_query *query = &search->query;
	enum err_code rc = list_query_parse(req, rows, query, err);

	if (rc == ERR_OK && saved.len > 0)
		rc = page_saved_find(req, saved, query, &search->name, err);
	if (rc != ERR_OK)
		return rc;
	query->mail.sort = MAIL_SORT_ARRIVAL;
	query->mail.is_reversed = false;
	if (query->scope == MAIL_SCOPE_HERE ||
	    (query->scope == MAIL_SCOPE_BELOW && text_is_empty(query->origin)))
		query->scope = MAIL_SCOPE_ALL;
	return ERR_OK;
}

static void
search_view_where(struct page_search *search)
{
	const struct mail_scope *where = &search->where;
	struct list_query every = search->query;
	struct view *view = search->view;
	struct request *req = search->req;

	every.scope = MAIL_SCOPE_EVERYWHERE;
	view_bool(view, "is_short", where->is_short);
	view_set_url(view, "everywhere_url", list_query_url(req, &every));
	view_bool(view, "has_unknown", !text_is_empty(where->unknown));
	view_text(view, "unknown", where->unknown);
	view_bool(view, "no_folders", where->count == 0);
	view_bool(view, "is_below", search->query.scope == MAIL_SCOPE_BELOW);
}

static void
search_view(struct page_search *search)
{
	struct request *req = search->req;
	const struct list_query *query = &search->query;
	struct view *view = search->view;
	bool has_words = !text_is_empty(query->words);

	page_search_view_form(
	    req, query->words, query->scope, query->origin, view);
	page_search_view_hints(req, query->mail.search, view);
	search_view_where(search);
	view_bool(view, "is_search", has_words);
	view_bool(view, "has_origin", !text_is_empty(query->origin));
	view_set_url(view, "origin_url",
	    page_list_url(req->arena,
	        text_is_empty(query->origin) ? TEXT("INBOX") : query->origin));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_set_url(
	    view, "stop_url", view_url_own(req->arena, STR("/search/stop")));
	view_word(view, "stop_id", search->find.id);
	view_str(view, "back", list_query_url(req, query).s);
	view_set_url(view, "again_url", list_query_url(req, query));
	view_bool(view, "can_junk", true);
	page_view_note(req, view, list_query_url(req, query).s);
}

static enum err_code
search_show(struct page_search *search, struct err *err)
{
	struct request *req = search->req;
	enum err_code rc;

	search_view(search);
	rc = page_view_folders(
	    req, search->view, &search->folders, TEXT(""), err);
	if (rc == ERR_OK)
		rc = page_saved_view_page(
		    req, &search->query, search->view, err);
	if (rc == ERR_OK && !text_is_empty(search->query.words))
		return page_search_send(search, err);
	if (rc == ERR_OK)
		rc = page_send(
		    req, search->res, "search_ask.html", search->view, err);
	return rc;
}

static enum err_code
search_run(struct page_search *search, struct err *err)
{
	struct request *req = search->req;
	struct mail mail = page_mail(req);
	const struct list_query *query = &search->query;
	enum err_code rc;

	mail.pick = page_folder_pick(req, TEXT(""));
	rc = mail_folders(&mail, &search->folders, err);
	if (rc == ERR_OK)
		rc = mail_scope_find(req->arena, &search->folders,
		    query->mail.search, query->scope, query->origin,
		    &search->where, err);
	if (rc == ERR_OK)
		rc = page_view(req, search->res,
		    text_is_empty(search->name) ? tr_text("Search")
		                                : page_title(req, search->name),
		    &search->view, err);
	return rc == ERR_OK ? search_show(search, err) : rc;
}

enum err_code
page_search(struct request *req, struct response *res, struct err *err)
{
	struct page_search search = {.req = req, .res = res};
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc == ERR_OK)
		rc = search_parse(req, prefs.rows, &search, err);
	if (rc != ERR_OK)
		return rc;
	search.query.mail.with_previews = prefs.previews;
	page_find_begin(req->app, &search.find);
	rc = search_run(&search, err);
	page_find_end(req->app, &search.find);
	return rc;
}

enum err_code
page_search_help(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("How to search"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_set_url(
	    view, "search_url", view_url_own(req->arena, STR("/search")));
	return page_send(req, res, "search_help.html", view, err);
}
