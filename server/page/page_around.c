#include "os/clock.h"
#include "page/page_reading.h"
#include "page/page_time.h"

static void
around_view_row(struct request *req, const struct page_reading *reading,
    const struct mail_thread_row *row, struct view *view)
{
	struct mail_id id = {row->folder, row->row.uid, row->uid_validity};
	int64_t date_s = row->row.date_s;
	const struct mime_address *from = &row->row.from;
	bool is_own = str_eq_nocase(from->address.s, page_own_address(req).s);
	struct buf iso;

	buf_init_arena(&iso, req->arena, 64);
	clock_add_iso(&iso, date_s);
	view_bool(view, "is_this", row->is_this);
	view_bool(view, "is_own", is_own);
	view_text(view, "from",
	    text_is_empty(from->name) ? from->address : from->name);
	view_text(view, "date", page_time_short(req, date_s));
	view_text(view, "date_full", page_time_long(req, date_s));
	view_str(view, "date_iso", buf_str(&iso));
	view_text(view, "subject", row->row.subject);
	view_bool(view, "is_unread",
	    !row->is_this && (row->row.flags & MAIL_SEEN) == 0);
	view_bool(view, "has_attachment", row->row.has_attachment);
	view_bool(
	    view, "is_elsewhere", !str_eq(row->folder.s, reading->id.folder.s));
	view_text(view, "folder_name",
	    page_folder_label(&reading->folders, row->folder));
	view_set_url(
	    view, "url", page_message_url(req->arena, "/message", &id));
}

enum err_code
page_around(struct request *req, const struct page_reading *reading,
    struct view *view, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_around around = {0};
	struct view_list *rows = view_list(view, "conversation");
	bool even_large = str_eq(request_query(req, "around"), STR("1"));
	enum err_code rc = mail_around(&mail, &reading->id, &reading->message,
	    &reading->folders, even_large, &around, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < around.row_count; i++)
		around_view_row(
		    req, reading, &around.rows[i], view_list_add(rows));
	view_bool(view, "has_conversation", around.row_count > 1);
	view_u64(view, "conversation_count", around.row_count);
	view_bool(view, "conversation_cut", around.is_cut);
	view_bool(view, "conversation_none",
	    even_large && around.is_known && around.row_count <= 1);
	view_bool(view, "conversation_unknown", !around.is_known);
	view_set_url(view, "conversation_url",
	    page_show_url(req, "/message", &reading->id, &reading->show,
	        "around", STR("1")));
	view_bool(view, "notice_first",
	    around.is_known && !around.is_sender_known &&
	        reading->message.header.from.count == 1 &&
	        !page_folder_is_outgoing(
	            &mail, &reading->folders, reading->id.folder));
	return ERR_OK;
}
