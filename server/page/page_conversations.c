#include "base/num.h"
#include "base/tr.h"
#include "mail/mail_bulk.h"
#include "page/page_message.h"
#include "page/page_push.h"
#include "page/page_rows.h"

#define CONVERSATION_PEOPLE ((size_t)4) /* named in a row */

/* ---- the people in it ---- */
static struct text
people_name(const struct mail_row *row, bool outgoing)
{
	const struct mime_address *who = outgoing ? &row->to : &row->from;

	return text_is_empty(who->name) ? who->address : who->name;
}

/* "Ben Okafor" is "Ben" among others; "Rossi, Carla" stays as it is. */
static struct str
people_short(struct text name)
{
	size_t end = str_find_byte(name.s, ' ', 0);

	if (str_find_byte(name.s, ',', 0) < name.s.len || end < 2)
		return name.s;
	return str_slice(name.s, 0, end);
}

static bool
people_has(const struct text *names, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(names[i].s, name.s))
			return true;
	return false;
}

/* As they wrote, the first one first; each once. */
static struct text
people_of(
    struct request *req, const struct mail_conversation *one, bool outgoing)
{
	struct str own = page_own_address(req).s;
	struct text names[CONVERSATION_PEOPLE];
	size_t count = 0;
	bool is_more = one->row_count < one->count;
	struct buf text;

	for (size_t i = one->row_count; i > 0; i--) {
		const struct mail_row *row = &one->rows[i - 1];
		struct text name = people_name(row, outgoing);

		if (!outgoing && str_eq_nocase(row->from.address.s, own))
			name = tr_text("You");
		if (people_has(names, count, name))
			continue;
		if (count < CONVERSATION_PEOPLE)
			names[count++] = name;
		else
			is_more = true;
	}
	if (count == 1)
		return names[0];
	buf_init_arena(&text, req->arena, LIMIT_HEADER_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_c(&text, page_comma());
		buf_add(&text, people_short(names[i]));
	}
	if (is_more && count == CONVERSATION_PEOPLE)
		buf_add_c(&text, " …");
	return text_line(req->arena, buf_str(&text));
}

/* ---- rows ---- */
/* The messages of it as a list, for the view of a row. */
static struct mail_list
row_list(const struct page_conversations *page,
    const struct mail_conversation *one, uint32_t rank)
{
	return (struct mail_list){.rows = one->rows,
	    .row_count = one->row_count,
	    .first = rank,
	    .uid_validity = page->found->uid_validity};
}

/* The newest that is unread, else the newest. */
static struct view_url
row_url(struct request *req, const struct page_conversations *page,
    const struct mail_conversation *one, uint32_t rank)
{
	struct mail_id id = {page->query->mail.folder,
	    one->newest_unread != 0 ? one->newest_unread : one->rows[0].uid,
	    page->found->uid_validity};
	struct view_url url = place_message_url(req, page->query, rank, &id);

	/* In large folders it would have a link instead of the others. */
	return one->count == 1 ? url
	                       : view_url_own(req->arena,
	                             str_printf(req->arena, "%.*s&around=1",
	                                 STR_ARG(url.s)));
}

static struct view_url
row_open_url(struct request *req, const struct list_query *query,
    const struct mail_conversation *one)
{
	struct str url = list_query_url(req, query).s;
	unsigned uid = (unsigned)one->uids[0];

	if (one->is_open)
		return view_url_own(req->arena,
		    str_printf(req->arena, "%.*s#m%u", STR_ARG(url), uid));
	return view_url_own(req->arena,
	    str_printf(req->arena, "%.*s&open=%u#m%u", STR_ARG(url), uid, uid));
}

/* All that row_view and people_of look at. */
static void
row_key(const struct mail_conversation *one, uint32_t rank, uint32_t jumped,
    struct page_rows *kept)
{
	const uint64_t numbers[] = {rank, jumped == rank + 1, one->count,
	    one->row_count, one->unread, one->newest_unread, one->is_flagged,
	    one->has_attachment, one->is_open};

	page_rows_key(kept, numbers, sizeof(numbers) / sizeof(numbers[0]));
	for (size_t i = 0; i < one->count; i++)
		page_rows_key(kept, &(uint64_t){one->uids[i]}, 1);
	for (size_t i = 0; i < one->row_count; i++)
		page_rows_key_row(kept, &one->rows[i]);
}

static void
row_view(struct request *req, const struct page_conversations *page,
    const struct mail_conversation *one, uint32_t rank, bool outgoing,
    struct view *view)
{
	struct mail_list list = row_list(page, one, rank);
	struct mail_set set = mail_set_of(req->arena, one->uids, one->count);

	page_list_view_row(req, page->query, &list, 0, outgoing, view);
	view_set_url(view, "url", row_url(req, page, one, rank));
	view_str(view, "uids", mail_set_text(req->arena, &set));
	view_text(view, "from", people_of(req, one, outgoing));
	view_bool(view, "is_unread", one->unread > 0);
	view_bool(view, "is_flagged", one->is_flagged);
	view_bool(view, "has_attachment", one->has_attachment);
	view_bool(view, "is_thread", one->count > 1);
	view_bool(view, "is_open", one->is_open && one->count > 1);
	view_u64(view, "count", one->count);
	view_u64(view, "unread", one->unread);
	view_bool(view, "has_unread", one->unread > 0);
	view_u64(view, "key", one->uids[one->count - 1]);
	view_u64(view, "newest", one->uids[0]);
	view_bool(view, "has_key", true);
	view_set_url(view, "open_url", row_open_url(req, page->query, one));
}

/* The messages of the one that is open, newest first. */
static void
row_view_members(struct request *req, const struct page_conversations *page,
    const struct mail_conversation *one, uint32_t rank, bool outgoing,
    struct view_list *rows)
{
	struct mail_list list = row_list(page, one, rank);

	for (size_t i = 0; i < one->row_count; i++) {
		struct view *view = view_list_add(rows);
		struct mail_id id = {page->query->mail.folder, one->rows[i].uid,
		    list.uid_validity};

		page_list_view_row(req, page->query, &list, i, outgoing, view);
		view_set_url(view, "url",
		    place_message_url(req, page->query, rank, &id));
		view_bool(view, "is_member", true);
		view_bool(view, "is_jumped", false);
	}
}

/* ---- the page ---- */
enum err_code
page_conversations_read(struct request *req, struct mail *mail,
    struct page_conversations *page, struct err *err)
{
	struct str open = request_query(req, "open");
	uint32_t open_uid = 0;

	page->found = ARENA_NEW(req->arena, struct mail_conversations);
	if (page->found == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "conversations");
	if (open.len > 0)
		err_ignore(num_u32(open, 0, UINT32_MAX, &open_uid, NULL));
	return mail_conversations(mail, &page->query->mail, open_uid,
	    page->found, &page->folders, &page->quota, err);
}

enum err_code
page_conversations_view(struct request *req,
    const struct page_conversations *page, struct page_rows *kept,
    struct view *view, struct err *err)
{
	const struct mail_conversations *found = page->found;
	struct mail mail = page_mail(req);
	struct list_query shown = *page->query;
	struct page_conversations here = *page;
	bool outgoing =
	    page_folder_is_outgoing(&mail, &page->folders, shown.mail.folder);
	struct view_list *rows = view_list(view, "rows");
	struct mail_list list = {.total = found->total,
	    .first = found->first,
	    .row_count = found->count,
	    .uid_validity = found->uid_validity};

	shown.page = found->first / shown.mail.row_count + 1;
	here.query = &shown;
	page_rows_begin(
	    kept, req, &shown, found->uid_validity, outgoing, found->count);
	for (size_t i = 0; i < found->count; i++) {
		uint32_t rank = found->first + (uint32_t)i;
		const struct mail_conversation *one = &found->list[i];
		struct view *row;

		row_key(one, rank, shown.jumped, kept);
		row = page_rows_add(kept, rows);
		if (row != NULL)
			row_view(req, &here, one, rank, outgoing, row);
		if (one->is_open && one->count > 1)
			row_view_members(req, &here, one, rank, outgoing, rows);
	}
	page_list_view_frame(
	    req, &shown, &list, &page->folders, outgoing, view);
	/* What is counted are conversations; what is done is for messages. */
	view_u64(view, "messages", found->messages);
	view_u64(view, "all_count", found->messages);
	view_bool(view, "has_older", found->beyond > 0);
	view_u64(view, "older", found->beyond);
	view_u64(view, "newest", found->messages - found->beyond);
	view_bool(view, "is_reduced",
	    found->setback == MAIL_SETBACK_LOST && found->beyond > 0);
	return page_view_folders(
	    req, view, &page->folders, shown.mail.folder, err);
}
