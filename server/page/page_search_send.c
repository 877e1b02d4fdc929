#include "os/clock.h"
#include "page/page_search.h"

/* Rows of one folder; a link leads to the others. */
#define SEARCH_ROWS        20u
#define SEARCH_PIECE_BYTES ((size_t)16 << 20)
/* So often a page that waits says how far it is. */
#define SEARCH_SAY_MS ((int64_t)2000)

/* ---- pieces ---- */
static bool
send_bytes(struct page_search *search, struct html html)
{
	if (search->rc == ERR_OK)
		search->rc =
		    page_goes_on(search->req, &search->looked_ms, &search->err);
	if (search->rc == ERR_OK)
		search->rc =
		    http_stream_write(search->stream, html.s, &search->err);
	if (search->rc == ERR_OK)
		search->rc = http_stream_flush(search->stream, &search->err);
	return search->rc == ERR_OK;
}

/* In memory of its own, given back when it is on its way. */
static bool
send_piece(struct page_search *search, const char *template, struct view *view)
{
	struct html html = {{0}};

	if (search->rc == ERR_OK)
		search->rc = tmpl_render(app_site_of(search->req)->templates,
		    template, view, search->arena, &html, &search->err);
	return send_bytes(search, html);
}

/* Status and headers, and the page up to the first row. */
static enum err_code
send_begin(struct page_search *search, struct err *err)
{
	struct response *res = search->res;
	struct html html;
	enum err_code rc = tmpl_render(app_site_of(search->req)->templates,
	    "search.html", search->view, search->req->arena, &html, err);

	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(
	    res, "Content-Type", STR("text/html; charset=utf-8"));
	/* Proxies in front would wait for all of it. */
	response_replace_header(res, "X-Accel-Buffering", STR("no"));
	response_allow_gzip(res);
	rc = response_stream_open(
	    search->req, res, UINT64_MAX, &search->stream, err);
	if (rc == ERR_OK)
		(void)send_bytes(search, html);
	return rc;
}

/* ---- folders ---- */
static void
send_view_folder(
    struct page_search *search, const struct mail_hits *hits, struct view *view)
{
	struct request *req = search->req;
	struct list_query all = search->query;
	struct mail mail = page_mail(req);
	bool outgoing = page_folder_is_outgoing(
	    &mail, &search->folders, hits->folder->name);
	struct view_list *rows = view_list(view, "rows");

	all.mail.folder = hits->folder->name;
	all.page = 1;
	for (size_t i = 0; i < hits->list.row_count; i++) {
		struct view *row = view_list_add(rows);
		struct mail_id id = {hits->folder->name, hits->list.rows[i].uid,
		    hits->list.uid_validity};

		page_list_view_row(req, &all, &hits->list, i, outgoing, row);
		view_str(row, "anchor", list_anchor(req->arena, &id));
		view_str(row, "pick", page_search_pick(req->arena, &id));
	}
	all.scope = MAIL_SCOPE_HERE;
	view_set_url(view, "sprite_url",
	    view_url_own(
	        req->arena, static_set_address(
	                        app_site_of(req)->statics, STR("icons.svg"))));
	view_text(view, "folder_name",
	    page_folder_label(&search->folders, hits->folder->name));
	view_set_url(view, "all_url", list_query_url(req, &all));
	view_u64(view, "total", hits->list.total);
	view_bool(view, "is_one", hits->list.total == 1);
	view_bool(view, "has_more", hits->list.total > hits->list.row_count);
	view_u64(view, "shown", hits->list.row_count);
	view_u64(view, "unlooked", hits->list.unlooked);
	view_bool(view, "has_unlooked", hits->list.unlooked > 0);
	view_bool(view, "is_outgoing", outgoing);
	view_bool(view, "failed", hits->rc != ERR_OK);
	view_text(view, "failed_words", hits->words);
}

/* With memory that one folder needs, not all of them. */
static bool
send_folder(struct page_search *search, const struct mail_hits *hits)
{
	struct arena *held = search->req->arena;
	struct view *view;
	bool goes_on;

	arena_reset(search->arena);
	search->req->arena = search->arena;
	view = view_new(search->arena);
	if (view != NULL)
		send_view_folder(search, hits, view);
	goes_on = send_piece(search, "search_folder.html", view);
	search->req->arena = held;
	return goes_on;
}

static bool
send_progress(struct page_search *search)
{
	struct view *view;

	arena_reset(search->arena);
	view = view_new(search->arena);
	if (view != NULL) {
		view_u64(view, "told", search->told);
		view_u64(view, "count", search->where.count);
	}
	search->said_mono_ms = clock_mono_ms();
	return send_piece(search, "search_progress.html", view);
}

static bool
send_is_stopped(struct page_search *search)
{
	if (page_find_is_stopped(search->req->app, &search->find))
		search->is_stopped = true;
	return search->is_stopped;
}

static bool
send_found(void *ctx, const struct mail_hits *hits)
{
	struct page_search *search = ctx;

	search->is_told[hits->number] = true;
	search->told++;
	search->shown += hits->list.row_count;
	search->is_partial |= hits->rc != ERR_OK || hits->list.unlooked > 0;
	page_search_add(&search->sum, hits->folder->name,
	    hits->list.uid_validity, hits->list.total,
	    hits->list.row_count > 0 ? hits->list.rows[0].uid : 0);
	if (hits->list.total > 0)
		search->with_hits++;
	if (hits->list.total == 0 && hits->rc == ERR_OK &&
	    hits->list.unlooked == 0)
		return !send_is_stopped(search);
	return send_folder(search, hits) && !send_is_stopped(search);
}

static bool
send_wait(void *ctx)
{
	struct page_search *search = ctx;

	if (send_is_stopped(search))
		return false;
	if (clock_mono_ms() - search->said_mono_ms < SEARCH_SAY_MS)
		return true;
	return send_progress(search);
}

/* ---- the end ---- */
/* All that was found at once: only where no folder is missing. */
static void
send_view_all(struct page_search *search, bool is_whole)
{
	const struct list_query *query = &search->query;
	struct view *view = search->view;
	bool has_more = search->sum.total > search->shown ||
	                search->shown > LIMIT_LIST_ROWS;

	view_bool(
	    view, "has_all_match", is_whole && has_more && !search->is_partial);
	view_str(view, "all_words", query->words.s);
	view_word(view, "all_in", list_scope_name(query->scope));
	view_str(view, "all_of", query->origin.s);
	view_str(view, "all_mark",
	    str_printf(search->req->arena, "%016llx",
	        (unsigned long long)search->sum.mark));
	view_u64(view, "all_count", search->sum.total);
}

static void
send_end(struct page_search *search, enum err_code rc, const struct err *err)
{
	struct view *view = search->view;
	struct view_list *missing = view_list(view, "missing");
	bool is_short = search->told < search->where.count;

	for (size_t i = 0; is_short && i < search->where.count; i++)
		if (!search->is_told[i])
			view_text(view_list_add(missing), "name",
			    page_folder_label(
			        &search->folders, search->where.list[i]->name));
	view_bool(view, "has_missing", is_short);
	view_bool(view, "was_stopped", search->is_stopped);
	view_bool(view, "was_lost", rc != ERR_OK);
	if (rc != ERR_OK)
		view_str(view, "lost_words", str_c(err->message));
	view_u64(view, "total", search->sum.total);
	view_bool(view, "is_none", search->sum.total == 0);
	view_bool(view, "is_one", search->sum.total == 1);
	send_view_all(search, rc == ERR_OK && !is_short);
	view_u64(view, "folder_count", search->where.count);
	view_bool(view, "is_one_folder", search->where.count == 1);
	arena_reset(search->arena);
	(void)send_piece(search, "search_end.html", view);
}

static enum err_code
send_all(struct page_search *search, struct err *err)
{
	struct mail mail = page_mail(search->req);
	struct mail_find find = {.search = search->query.mail.search,
	    .folders = search->where.list,
	    .folder_count = search->where.count,
	    .row_count = SEARCH_ROWS,
	    .with_previews = search->query.mail.with_previews,
	    .found = send_found,
	    .wait = send_wait,
	    .ctx = search};
	struct err why = ERR_NONE;
	enum err_code rc = send_begin(search, err);

	if (rc != ERR_OK)
		return rc;
	search->said_mono_ms = clock_mono_ms();
	if (search->rc == ERR_OK && search->req->method != METHOD_HEAD)
		rc = mail_find(&mail, &find, &why);
	if (search->rc == ERR_OK && rc != ERR_CANCELED)
		send_end(search, rc, &why);
	http_stream_close(
	    search->stream, search->rc == ERR_OK && rc != ERR_CANCELED);
	if (rc == ERR_CANCELED || search->rc != ERR_OK)
		return err_set(err, ERR_CANCELED, NULL, "search: browser left");
	return ERR_OK;
}

enum err_code
page_search_send(struct page_search *search, struct err *err)
{
	enum err_code rc = ERR_NO_MEMORY;

	search->arena = arena_new(SEARCH_PIECE_BYTES);
	search->is_told =
	    ARENA_ARRAY(search->req->arena, search->where.count, bool);
	if (search->arena == NULL || search->is_told == NULL)
		(void)err_set(err, rc, NULL, "search: memory");
	else
		rc = send_all(search, err);
	arena_free(search->arena);
	return rc;
}
