#include "page/page_first.h"
#include "page/page_folder.h"
#include "page/page_message.h"

#include "base/num.h"
#include "os/clock.h"
#include "page/page_label.h"
#include "page/page_push.h"
#include "page/page_rows.h"
#include "page/page_search.h"
#include "page/page_time.h"
#include "page/pages.h"

static struct text
list_person(const struct mail_row *row, bool outgoing)
{
	const struct mime_address *who = outgoing ? &row->to : &row->from;

	return text_is_empty(who->name) ? who->address : who->name;
}

/* In the order in which they were sent, when that was; else when they came. */
static int64_t
list_date(const struct list_query *query, const struct mail_row *row)
{
	if (query->mail.sort == MAIL_SORT_DATE || row->arrived_s == 0)
		return row->date_s;
	return row->arrived_s;
}

void
page_list_view_row(struct request *req, const struct list_query *query,
    const struct mail_list *list, size_t at, bool outgoing, struct view *view)
{
	const struct mail_row *row = &list->rows[at];
	struct arena *arena = req->arena;
	struct mail_id id = {query->mail.folder, row->uid, list->uid_validity};
	int64_t date_s = list_date(query, row);
	struct buf iso;

	buf_init_arena(&iso, arena, 64);
	clock_add_iso(&iso, date_s);
	view_set_url(view, "url",
	    place_message_url(req, query, list->first + (uint32_t)at, &id));
	view_u64(view, "uid", row->uid);
	view_u64(view, "uids", row->uid);
	view_text(view, "from", list_person(row, outgoing));
	view_text(view, "subject", row->subject);
	view_bool(view, "has_subject", !text_is_empty(row->subject));
	view_text(view, "date", page_time_short(req, date_s));
	view_text(view, "date_full", page_time_long(req, date_s));
	view_str(view, "date_iso", buf_str(&iso));
	view_text(view, "size", view_size(arena, row->bytes));
	view_bool(view, "is_unread", (row->flags & MAIL_SEEN) == 0);
	view_bool(view, "is_flagged", (row->flags & MAIL_FLAGGED) != 0);
	view_bool(view, "is_deleted", (row->flags & MAIL_DELETED) != 0);
	view_bool(view, "is_answered", (row->flags & MAIL_ANSWERED) != 0);
	view_bool(view, "is_forwarded", (row->flags & MAIL_FORWARDED) != 0);
	view_bool(view, "has_attachment", row->has_attachment);
	if (query->mail.with_previews)
		view_text(view, "preview", row->preview);
	view_bool(view, "has_preview",
	    query->mail.with_previews && !text_is_empty(row->preview));
	page_label_view(req, row->keywords, view);
	view_bool(view, "is_jumped",
	    query->jumped != 0 && list->first + at + 1 == query->jumped);
}

static void
list_view_link(struct request *req, const struct list_query *query,
    uint32_t page, const char *name, struct view *view)
{
	struct list_query other = *query;

	other.page = page;
	view_set_url(view, name, list_query_url(req, &other));
}

static void
list_view_paging(struct request *req, const struct list_query *query,
    const struct mail_list *list, struct view *view)
{
	uint32_t rows = query->mail.row_count;
	uint32_t pages = list->total == 0 ? 1 : (list->total - 1) / rows + 1;
	uint32_t page = list->first / rows + 1;

	view_u64(view, "page_number", page);
	view_u64(view, "page_count", pages);
	view_u64(view, "total", list->total);
	view_u64(view, "messages", list->total);
	view_u64(view, "all_count", (uint64_t)list->total + list->beyond);
	view_bool(view, "has_beyond", list->beyond > 0);
	view_bool(view, "has_all_match", pages > 1 || list->beyond > 0);
	view_u64(view, "first_row", list->row_count == 0 ? 0 : list->first + 1);
	view_u64(view, "last_row", list->first + list->row_count);
	view_bool(view, "has_prev", page > 1);
	view_bool(view, "has_next", page < pages);
	view_bool(view, "has_pages", pages > 1);
	list_view_link(req, query, 1, "first_url", view);
	list_view_link(req, query, pages, "last_url", view);
	list_view_link(req, query, page > 1 ? page - 1 : 1, "prev_url", view);
	list_view_link(
	    req, query, page < pages ? page + 1 : pages, "next_url", view);
}

/* On one line, in the narrow column of the folders. */
static struct text
list_size(struct arena *arena, uint64_t bytes)
{
	struct str size = view_size(arena, bytes).s;
	struct buf out;

	buf_init_arena(&out, arena, size.len * 2 + 1);
	while (size.len > 0) {
		buf_add(&out, str_cut(&size, ' '));
		if (size.len > 0)
			buf_add_c(&out, "\xc2\xa0");
	}
	return text_from(arena, buf_str(&out));
}

static void
list_view_quota(
    struct request *req, const struct mail_quota *quota, struct view *view)
{
	struct view *child;

	if (!quota->is_known || quota->limit_bytes == 0)
		return;
	child = view_child(view, "quota");
	view_text(child, "used", list_size(req->arena, quota->used_bytes));
	view_text(child, "limit", list_size(req->arena, quota->limit_bytes));
	view_u64(child, "percent",
	    quota->used_bytes >= quota->limit_bytes
	        ? 100
	        : quota->used_bytes * 100 / quota->limit_bytes);
	view_bool(
	    child, "is_high", quota->used_bytes / 9 >= quota->limit_bytes / 10);
}

static bool
list_is_special(const struct list_query *query, const struct mail *mail,
    const struct mail_folders *folders, enum mail_special special)
{
	const struct mail_folder *folder =
	    mail_special_find(mail, folders, special);

	return folder != NULL && str_eq(folder->name.s, query->mail.folder.s);
}

/* "in_trash" and so on; "is_own_folder": none of them. */
static void
list_view_special(const struct list_query *query, const struct mail *mail,
    const struct mail_folders *folders, struct view *view)
{
	static const struct {
		enum mail_special special;
		const char *name;
	} all[] = {
	    {MAIL_INBOX, "is_inbox"},
	    {MAIL_DRAFTS, "in_drafts"},
	    {MAIL_SENT, "in_sent"},
	    {MAIL_ARCHIVE, "in_archive"},
	    {MAIL_JUNK, "in_junk"},
	    {MAIL_TRASH, "in_trash"},
	};
	bool is_special = false;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bool is_it =
		    list_is_special(query, mail, folders, all[i].special);

		view_bool(view, all[i].name, is_it);
		is_special = is_special || is_it;
	}
	view_bool(view, "is_own_folder", !is_special);
}

static void
list_view_folder(struct request *req, const struct list_query *query,
    const struct mail *mail, const struct mail_folders *folders,
    struct view *view)
{
	view_text(view, "folder_name",
	    page_folder_label(folders, query->mail.folder));
	view_text(view, "folder", query->mail.folder);
	view_set_url(
	    view, "folder_url", page_list_url(req->arena, query->mail.folder));
	list_view_special(query, mail, folders, view);
	view_bool(view, "can_junk",
	    !list_is_special(query, mail, folders, MAIL_JUNK) &&
	        !page_folder_is_outgoing(mail, folders, query->mail.folder));
	view_bool(view, "is_search", !text_is_empty(query->words));
	view_set_url(view, "clear_search_url",
	    page_list_url(req->arena, query->mail.folder));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	/* Where actions come back to. */
	view_str(view, "back", list_query_url(req, query).s);
}

void
page_list_view_frame(struct request *req, const struct list_query *query,
    const struct mail_list *list, const struct mail_folders *folders,
    bool outgoing, struct view *view)
{
	struct mail mail = page_mail(req);

	view_bool(view, "no_rows", list->row_count == 0);
	view_bool(view, "is_outgoing", outgoing);
	view_u64(view, "uidvalidity", list->uid_validity);
	list_view_folder(req, query, &mail, folders, view);
	page_search_view_hints(req, query->mail.search, view);
	view_bool(view, "has_unlooked", list->unlooked > 0);
	view_u64(view, "unlooked", list->unlooked);
	page_list_view_how(req, query, list, outgoing, view);
	list_view_paging(req, query, list, view);
	page_view_note(req, view, list_query_url(req, query).s);
	page_time_view_offer(req, view, list_query_url(req, query).s);
}

/* A row that was not kept, or nothing to do. */
static void
list_view_row(struct request *req, const struct list_query *query,
    const struct mail_list *list, size_t at, bool outgoing,
    struct page_rows *kept, struct view_list *rows)
{
	uint64_t rank = list->first + at;
	const uint64_t where[] = {rank, query->jumped == rank + 1};
	struct view *view;

	page_rows_key(kept, where, 2);
	page_rows_key_row(kept, &list->rows[at]);
	view = page_rows_add(kept, rows);
	if (view != NULL)
		page_list_view_row(req, query, list, at, outgoing, view);
}

enum err_code
page_list_view(struct request *req, const struct list_query *query,
    const struct mail_list *list, const struct mail_folders *folders,
    struct page_rows *kept, struct view *view, struct err *err)
{
	struct mail mail = page_mail(req);
	bool outgoing =
	    page_folder_is_outgoing(&mail, folders, query->mail.folder);
	struct view_list *rows = view_list(view, "rows");
	struct list_query shown = *query;

	shown.page = list->first / query->mail.row_count + 1;
	page_rows_begin(
	    kept, req, &shown, list->uid_validity, outgoing, list->row_count);
	for (size_t i = 0; i < list->row_count; i++)
		list_view_row(req, &shown, list, i, outgoing, kept, rows);
	page_list_view_frame(req, &shown, list, folders, outgoing, view);
	return page_view_folders(req, view, folders, query->mail.folder, err);
}

/* A list of what was found says so, and offers to look everywhere. */
static void
list_view_search(struct request *req, const struct page_prefs *prefs,
    const struct list_query *query, struct view *view)
{
	struct list_query wide = *query;
	bool is_search = !text_is_empty(query->words);

	page_search_view_form(req, query->words,
	    is_search ? MAIL_SCOPE_HERE : prefs->search_in, query->mail.folder,
	    view);
	wide.scope = MAIL_SCOPE_ALL;
	wide.origin = query->mail.folder;
	if (is_search)
		view_set_url(view, "wide_url", list_query_url(req, &wide));
}

/* The browser's button for it: "no-cache" or "max-age=0" (RFC 9111, 5.2.1). */
static bool
list_is_again(const struct request *req)
{
	struct str how = request_header(req, "Cache-Control");

	return str_find_nocase(how, STR("no-cache"), 0) != how.len ||
	       str_find_nocase(how, STR("max-age=0"), 0) != how.len;
}

/* ---- what the mail server did not manage ---- */
struct list_setback {
	enum mail_setback order, threads;   /* of which there are none */
	bool is_own_order, are_own_threads; /* they are made here */
	struct view_url again_url;
};

static void
list_view_setback(const struct list_setback *setback, struct view *view)
{
	enum mail_setback order =
	    setback->is_own_order ? MAIL_SETBACK_NONE : setback->order;
	enum mail_setback threads =
	    setback->are_own_threads ? MAIL_SETBACK_NONE : setback->threads;

	view_bool(view, "order_is_slow", order == MAIL_SETBACK_SLOW);
	view_bool(view, "order_is_lost", order == MAIL_SETBACK_LOST);
	view_bool(view, "order_is_untold", order != setback->order);
	view_bool(view, "threads_are_slow", threads == MAIL_SETBACK_SLOW);
	view_bool(view, "threads_are_lost", threads == MAIL_SETBACK_LOST);
	view_bool(view, "threads_are_untold", threads != setback->threads);
	view_set_url(view, "again_url", setback->again_url);
}

/*
 * Messages, or conversations. What came in another order is another list from
 * here on: its pages, its places and where actions come back to are those of
 * the rows that are shown.
 */
static enum err_code
list_read(struct request *req, struct mail *mail, struct list_query *query,
    struct page_conversations *page, struct mail_list *list,
    struct list_setback *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	out->again_url = list_query_url(req, query);
	if (query->is_threads) {
		rc = page_conversations_read(req, mail, page, err);
		if (rc != ERR_OK || !page->found->is_not_made)
			return rc;
		out->threads = page->found->setback;
		out->are_own_threads = page->found->is_own;
		query->is_threads = false;
	}
	rc = mail_list(
	    mail, &query->mail, list, &page->folders, &page->quota, err);
	out->order = list->setback;
	out->is_own_order = list->is_own_order;
	if (list->setback == MAIL_SETBACK_NONE)
		return rc;
	query->mail.sort = MAIL_SORT_ARRIVAL;
	query->mail.is_reversed = false;
	query->jumped = 0;
	return rc;
}

static enum err_code
list_show(struct request *req, struct response *res,
    const struct page_prefs *prefs, struct list_query *query, struct err *err)
{
	struct mail mail = page_mail(req);
	struct page_conversations page = {.query = query};
	struct mail_list list = {0};
	struct list_setback setback = {0};
	struct page_rows kept = {0};
	struct view *view = NULL;
	enum err_code rc;

	mail.pick = page_folder_pick(req, query->mail.folder);
	mail.wants_now = list_is_again(req);
	rc = list_read(req, &mail, query, &page, &list, &setback, err);
	if (rc == ERR_OK)
		rc = page_view(req, res,
		    page_title(req,
		        page_folder_label(&page.folders, query->mail.folder)),
		    &view, err);
	if (rc == ERR_OK && query->is_threads)
		rc = page_conversations_view(req, &page, &kept, view, err);
	else if (rc == ERR_OK)
		rc = page_list_view(
		    req, query, &list, &page.folders, &kept, view, err);
	if (rc != ERR_OK)
		return rc;
	list_view_setback(&setback, view);
	list_view_quota(req, &page.quota, view);
	push_view_list(req, prefs, list_query_url(req, query), view);
	list_view_search(req, prefs, query, view);
	page_first_view(req, view);
	rc = page_send(req, res, "list.html", view, err);
	if (rc == ERR_OK)
		page_rows_keep(&kept, response_get_body(res));
	return rc;
}

enum err_code
page_list(struct request *req, struct response *res, struct err *err)
{
	struct page_prefs prefs;
	struct list_query query;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc == ERR_OK)
		rc = list_query_parse(req, prefs.rows, &query, err);
	if (rc != ERR_OK)
		return rc;
	query.scope = MAIL_SCOPE_HERE;
	query.mail.with_previews = prefs.previews;
	/* An order of messages, or a search, is one of single messages. */
	query.is_threads = query.mail.sort == MAIL_SORT_ARRIVAL &&
	                   text_is_empty(query.words) &&
	                   prefs.conversations != page_folder_prefs_is_other(
	                                              req, query.mail.folder);
	if (request_query(req, "day").len > 0)
		return page_list_jump(req, res, &query, err);
	return list_show(req, res, &prefs, &query, err);
}
