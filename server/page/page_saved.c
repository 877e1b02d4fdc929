#include "page/page_saved.h"

#include "base/codec.h"
#include "base/tr.h"
#include "os/clock.h"
#include "page/page_search.h"
#include "store/store_search.h"

#define SAVED_UNDO_S     ((int64_t)3600)
#define SAVED_NAME_CHARS 60u

/* Those that are there for everybody. */
static const struct {
	const char *id, *name, *words, *icon;
} saved_ready[] = {
    {"unread", N_("Unread"), "is:unread", "mail"},
    {"flagged", N_("Flagged"), "is:flagged", "flag"},
};

static struct view_url
saved_url(struct request *req, struct str id)
{
	struct view_url_param params[] = {{"saved", id}, {NULL, {0}}};

	return view_url_local(req->arena, "/search", params);
}

static enum err_code
saved_list(struct request *req, struct store_search **out, size_t *out_count,
    struct err *err)
{
	return store_search_list(req->app->store, req->session->account,
	    req->arena, out, out_count, err);
}

/* NULL: none of this id. */
static enum err_code
saved_get(struct request *req, struct str id, const struct store_search **out,
    struct err *err)
{
	struct store_search *list = NULL;
	size_t count = 0;
	enum err_code rc = saved_list(req, &list, &count, err);

	*out = NULL;
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		if (str_eq(list[i].id, id))
			*out = &list[i];
	return rc;
}

enum err_code
page_saved_find(struct request *req, struct str id, struct list_query *query,
    struct text *out_name, struct err *err)
{
	const struct store_search *found = NULL;
	enum err_code rc;

	for (size_t i = 0; i < sizeof(saved_ready) / sizeof(saved_ready[0]);
	     i++) {
		if (!str_eq(id, str_c(saved_ready[i].id)))
			continue;
		query->scope = MAIL_SCOPE_ALL;
		*out_name = tr_text(saved_ready[i].name);
		return list_query_words(
		    req, str_c(saved_ready[i].words), query, err);
	}
	rc = saved_get(req, id, &found, err);
	if (rc == ERR_OK && (found == NULL || found->removed_s != 0))
		return err_set(err, ERR_NOT_FOUND,
		    "There is no such search any more.", NULL);
	if (rc != ERR_OK)
		return rc;
	query->scope = list_scope_of(found->scope);
	*out_name = text_line(req->arena, found->name);
	query->origin = text_line(req->arena, found->folder);
	return list_query_words(req, found->words, query, err);
}

static void
saved_view_row(struct request *req, struct view_list *rows, struct str id,
    struct text name, const char *icon)
{
	struct view *row = view_list_add(rows);

	view_text(row, "name", name);
	view_word(row, "icon", icon);
	view_set_url(row, "url", saved_url(req, id));
	view_bool(row, "is_current",
	    str_eq(req->path, STR("/search")) &&
	        str_eq(request_query(req, "saved"), id));
}

enum err_code
page_saved_view(struct request *req, struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "searches");
	struct store_search *list = NULL;
	size_t count = 0;
	enum err_code rc = saved_list(req, &list, &count, err);

	view_set_url(
	    view, "search_page_url", view_url_own(req->arena, STR("/search")));
	for (size_t i = 0; i < sizeof(saved_ready) / sizeof(saved_ready[0]);
	     i++)
		saved_view_row(req, rows, str_c(saved_ready[i].id),
		    tr_text(saved_ready[i].name), saved_ready[i].icon);
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		if (list[i].removed_s == 0)
			saved_view_row(req, rows, list[i].id,
			    text_line(req->arena, list[i].name), "search");
	return rc;
}

/* "Removed", with the way back. */
static enum err_code
saved_view_removed(struct request *req, struct view *view, struct err *err)
{
	struct str id = request_query(req, "removed");
	const struct store_search *gone = NULL;
	enum err_code rc = ERR_OK;
	struct view *child;

	if (id.len > 0)
		rc = saved_get(req, id, &gone, err);
	if (rc != ERR_OK || gone == NULL || gone->removed_s == 0 ||
	    clock_now_s() - gone->removed_s > SAVED_UNDO_S)
		return rc;
	child = view_child(view, "removed_search");
	view_text(child, "name", text_line(req->arena, gone->name));
	view_str(child, "id", gone->id);
	return ERR_OK;
}

enum err_code
page_saved_view_page(struct request *req, const struct list_query *query,
    struct view *view, struct err *err)
{
	struct str id = request_query(req, "saved");
	const struct store_search *found = NULL;
	enum err_code rc = ERR_OK;

	view_text(view, "saved_words", query->words);
	view_word(view, "saved_scope", list_scope_name(query->scope));
	view_text(view, "saved_of", query->origin);
	if (id.len > 0)
		rc = saved_get(req, id, &found, err);
	if (rc != ERR_OK)
		return rc;
	view_bool(
	    view, "can_save", id.len == 0 && !text_is_empty(query->words));
	if (found != NULL) {
		view_str(view, "saved_id", found->id);
		view_text(
		    view, "saved_name", text_line(req->arena, found->name));
		view_bool(view, "is_saved", true);
	}
	for (size_t i = 0; i < sizeof(saved_ready) / sizeof(saved_ready[0]);
	     i++)
		if (str_eq(id, str_c(saved_ready[i].id)))
			view_word(view, "ready_name", saved_ready[i].name);
	view_bool(view, "just_saved", request_query(req, "kept").len > 0);
	return saved_view_removed(req, view, err);
}

static struct str
saved_new_id(struct arena *arena)
{
	unsigned char bytes[12];
	struct buf id;

	secret_fill_random(bytes, sizeof(bytes));
	buf_init_arena(&id, arena, 64);
	codec_hex_encode(&id, str_of((const char *)bytes, sizeof(bytes)));
	return buf_str(&id);
}

static enum err_code
saved_save(struct request *req, struct response *res, struct err *err)
{
	struct text name = text_shorten(req->arena,
	    text_line(req->arena, request_field(req, "name")),
	    SAVED_NAME_CHARS);
	struct list_query query = {0};
	struct store_search search = {
	    .id = saved_new_id(req->arena), .created_s = clock_now_s()};
	struct str of = request_field(req, "of");
	enum err_code rc =
	    list_query_words(req, request_field(req, "q"), &query, err);

	if (rc == ERR_OK && text_is_empty(query.words))
		rc = err_set(err, ERR_INPUT,
		    "There is nothing to look for in this search.", NULL);
	if (rc == ERR_OK && of.len > LIMIT_FOLDER_BYTES)
		rc = err_set(err, ERR_INPUT, "There is no such folder.", NULL);
	if (rc != ERR_OK)
		return rc;
	search.name =
	    text_is_empty(name)
	        ? text_shorten(req->arena, query.words, SAVED_NAME_CHARS).s
	        : name.s;
	search.words = query.words.s;
	search.scope =
	    str_c(list_scope_name(list_scope_of(request_field(req, "in"))));
	search.folder = text_line(req->arena, of).s;
	rc = store_search_put(req->app->store, req->session->account, &search,
	    search.created_s - SAVED_UNDO_S, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    view_url_own(req->arena, str_printf(req->arena, "%.*s&kept=1",
	                                 STR_ARG(saved_url(req, search.id).s))),
	    err);
}

enum err_code
page_saved_post(struct request *req, struct response *res, struct err *err)
{
	struct str verb = request_field(req, "do");
	struct str id = request_field(req, "id");
	bool removes = str_eq(verb, STR("remove"));
	struct view_url_param params[] = {{"removed", id}, {NULL, {0}}};
	enum err_code rc;

	if (str_eq(verb, STR("save")))
		return saved_save(req, res, err);
	rc = store_search_remove(req->app->store, req->session->account, id,
	    removes ? clock_now_s() : 0, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    removes ? view_url_local(req->arena, "/search", params)
	            : saved_url(req, id),
	    err);
}
