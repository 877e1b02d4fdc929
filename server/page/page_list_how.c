#include "base/num.h"
#include "base/tr.h"
#include "mail/mail_jump.h"
#include "os/clock.h"
#include "page/page_folder.h"
#include "page/page_list.h"
#include "page/page_time.h"
#include "page/pages.h"

/* ---- orders ---- */
/* Names of the table's head: a link, and whether it is the order now. */
static const struct {
	enum mail_sort sort;
	const char *url_name, *is_name, *words, *outgoing;
} how_orders[] = {
    {MAIL_SORT_ARRIVAL, "sort_arrival_url", "sort_is_arrival", N_("Received"),
        N_("Stored")},
    {MAIL_SORT_DATE, "sort_date_url", "sort_is_date", "Sent", "Sent"},
    {MAIL_SORT_FROM, "sort_from_url", "sort_is_from", N_("From"), N_("From")},
    {MAIL_SORT_TO, "sort_to_url", "sort_is_to", N_("To"), N_("To")},
    {MAIL_SORT_SUBJECT, "sort_subject_url", "sort_is_subject", N_("Subject"),
        N_("Subject")},
    {MAIL_SORT_SIZE, "sort_size_url", "sort_is_size", N_("Size"), N_("Size")},
    {MAIL_SORT_UNREAD, "sort_unread_url", "sort_is_unread", N_("Unread first"),
        N_("Unread first")},
    {MAIL_SORT_FLAGGED, "sort_flagged_url", "sort_is_flagged",
        N_("Flagged first"), N_("Flagged first")},
};

static const char *
how_words(size_t at, bool outgoing)
{
	if (how_orders[at].sort == MAIL_SORT_DATE)
		return tr_in("date", "Sent");
	return tr(outgoing ? how_orders[at].outgoing : how_orders[at].words);
}

static void
how_view_orders(struct request *req, const struct list_query *query,
    bool outgoing, struct view *view)
{
	struct view_list *orders = view_list(view, "orders");
	enum mail_sort now = query->mail.sort;
	enum mail_sort column = outgoing ? MAIL_SORT_TO : MAIL_SORT_FROM;
	struct view_url who = {{0}};
	bool by_time = now == MAIL_SORT_ARRIVAL || now == MAIL_SORT_DATE;

	for (size_t i = 0; i < sizeof(how_orders) / sizeof(how_orders[0]);
	     i++) {
		struct list_query other = *query;
		bool is_now = now == how_orders[i].sort;
		struct view *order = view_list_add(orders);
		struct view_url url;

		other.page = 1;
		other.mail.sort = how_orders[i].sort;
		other.mail.is_reversed = is_now && !query->mail.is_reversed;
		url = list_query_url(req, &other);
		view_set_url(view, how_orders[i].url_name, url);
		view_bool(view, how_orders[i].is_name, is_now);
		if (how_orders[i].sort == column)
			who = url;
		view_set_url(order, "url", url);
		view_word(order, "words", how_words(i, outgoing));
		view_bool(order, "is_now", is_now);
	}
	/* The column says whom it is from, or to. */
	view_set_url(view, "sort_who_url", who);
	view_bool(view, "sort_is_who", now == column);
	view_bool(view, "sort_is_time", by_time);
	view_bool(view, "sort_reversed", query->mail.is_reversed);
	/* What is before and after a page of the list. */
	view_bool(view, "by_time", by_time);
	view_bool(view, "newest_first", by_time && !query->mail.is_reversed);
}

/* ---- rows of a page ---- */
static void
how_view_rows(const struct list_query *query, struct view *view)
{
	struct view_list *choices = view_list(view, "row_choices");

	for (const uint32_t *at = page_rows_choices; *at != 0; at++) {
		struct view *choice = view_list_add(choices);

		view_u64(choice, "value", *at);
		view_bool(choice, "is_now", *at == query->mail.row_count);
	}
}

/* ---- forms that lead elsewhere in the list ---- */
static void
how_view_jump(
    struct request *req, const struct list_query *query, struct view *view)
{
	struct view_url_param params[LIST_QUERY_PARAMS + 1];
	struct view_list *hidden = view_list(view, "jump_hidden");

	list_query_params(req, query, params);
	page_hidden(req, hidden, "folder", query->mail.folder.s);
	for (size_t i = 0; params[i].name != NULL; i++)
		page_hidden(req, hidden, params[i].name, params[i].value);
}

void
page_list_view_how(struct request *req, const struct list_query *query,
    const struct mail_list *list, bool outgoing, struct view *view)
{
	struct list_query first = *query;

	view_set_url(view, "import_url",
	    view_url_local(req->arena, "/import",
	        (struct view_url_param[]){
	            {"folder", query->mail.folder.s}, {NULL, {0}}}));
	how_view_orders(req, query, outgoing, view);
	how_view_rows(query, view);
	how_view_jump(req, query, view);
	first.page = 1;
	view_str(view, "how_back", list_query_url(req, &first).s);
	view_u64(view, "how_first", list->first);
	view_set_url(view, "list_url", view_url_own(req->arena, STR("/list")));
	view_bool(view, "is_threads", query->is_threads);
	/* Of conversations: the day of the newest message, by which they stand.
	 */
	view_bool(view, "can_jump_day",
	    query->mail.sort == MAIL_SORT_ARRIVAL ||
	        query->mail.sort == MAIL_SORT_DATE);
	/* Orders and what was found are lists of single messages. */
	view_bool(view, "can_be_threads",
	    query->mail.sort == MAIL_SORT_ARRIVAL &&
	        text_is_empty(query->words));
}

/* ---- a day ---- */
enum err_code
page_list_jump(struct request *req, struct response *res,
    const struct list_query *query, struct err *err)
{
	struct mail mail = page_mail(req);
	struct list_query target = *query;
	int64_t now_s = clock_now_s();
	int64_t zone_s = 60 * (int64_t)page_time_offset_minutes(req, now_s);
	struct str url;
	int64_t day = 0;
	uint32_t rank = 0;
	enum err_code rc;

	if (!mail_jump_day(
	        request_query(req, "day"), (now_s + zone_s) / 86400, &day))
		return err_set(err, ERR_INPUT,
		    "This is not a day. Please type it as year-month-day, "
		    "like 2026-11-21, or as an age, like 3w or 2y.",
		    NULL);
	rc = query->is_threads
	         ? mail_jump_conversation(&mail, &query->mail, day, &rank, err)
	         : mail_jump(&mail, &query->mail, day, &rank, err);
	if (rc != ERR_OK)
		return rc;
	target.page = rank / query->mail.row_count + 1;
	url = list_query_url(req, &target).s;
	return page_redirect(req, res,
	    view_url_own(req->arena, str_printf(req->arena, "%.*s&row=%u#at",
	                                 STR_ARG(url), (unsigned)rank + 1)),
	    err);
}

/* ---- what is changed ---- */
/* Back to the page that has the same first row. */
static enum err_code
how_post_rows(
    struct request *req, struct response *res, struct str back, struct err *err)
{
	uint32_t rows = 0;
	uint32_t first = 0;
	enum err_code rc = num_u32(
	    request_field(req, "rows"), 10, LIMIT_LIST_ROWS, &rows, err);

	if (rc == ERR_OK)
		rc = page_prefs_set_rows(req, rows, err);
	if (rc != ERR_OK)
		return rc;
	err_ignore(
	    num_u32(request_field(req, "first"), 0, UINT32_MAX, &first, NULL));
	if (first >= rows)
		back = str_printf(req->arena, "%.*s&page=%u", STR_ARG(back),
		    (unsigned)(first / rows + 1));
	return page_redirect(req, res, view_url_own(req->arena, back), err);
}

/* Conversations or single messages, for this folder from now on. */
static enum err_code
how_post_threads(struct request *req, struct response *res, bool is_on,
    struct str back, struct err *err)
{
	struct page_prefs prefs;
	struct text folder;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	if (rc == ERR_OK)
		rc = page_folder_param(req, &folder, err);
	if (rc == ERR_OK)
		rc = page_folder_prefs_other(
		    req, folder, is_on != prefs.conversations, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res, view_url_own(req->arena, back), err);
}

enum err_code
page_list_post(struct request *req, struct response *res, struct err *err)
{
	struct str back = session_own_path(request_field(req, "back"));

	if (!str_starts(back, STR("/list?")))
		back = page_list_url(req->arena, TEXT("INBOX")).s;
	if (request_field(req, "rows").len > 0)
		return how_post_rows(req, res, back, err);
	if (str_eq(request_field(req, "do"), STR("threads")) ||
	    str_eq(request_field(req, "do"), STR("single")))
		return how_post_threads(req, res,
		    str_eq(request_field(req, "do"), STR("threads")), back,
		    err);
	return err_set(
	    err, ERR_INPUT, "Please choose how to show the list.", NULL);
}
