#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_sender.h"
#include "os/clock.h"
#include "page/page_label.h"
#include "page/page_message.h"
#include "page/page_time.h"

#define HEAD_PEOPLE   20u /* of one field, before the rest is folded */
#define HEAD_LATE_S   (2 * 24 * 3600) /* on its way longer than most */
#define HEAD_FUTURE_S 3600

static void
head_view_person(
    struct request *req, struct view *row, const struct mime_address *one)
{
	bool has_address = !text_is_empty(one->address);

	view_text(row, "name", one->name);
	view_bool(row, "has_name", !text_is_empty(one->name));
	view_bool(row, "has_address", has_address);
	if (!has_address)
		return;
	view_text(row, "address", mime_address_shown(req->arena, one->address));
	view_set_url(
	    row, "compose_url", message_write_url(req, "to", one->address.s));
}

/* One line of the header: some people, the others folded, some left out. */
static void
head_view_people(struct request *req, struct view_list *fields,
    const char *label, const struct mime_addresses *people, size_t left_out)
{
	size_t shown = people->count < LIMIT_PEOPLE_SHOWN ? people->count
	                                                  : LIMIT_PEOPLE_SHOWN;
	struct view *row;
	struct view_list *first;
	struct view_list *rest;

	if (people->count == 0)
		return;
	row = view_list_add(fields);
	first = view_list(row, "people");
	rest = view_list(row, "rest");
	left_out += people->count - shown;
	view_word(row, "label", tr(label));
	view_bool(row, "has_left_out", left_out > 0);
	view_u64(row, "left_out", left_out);
	view_bool(row, "has_rest", shown > HEAD_PEOPLE);
	if (shown > HEAD_PEOPLE)
		view_u64(row, "rest_count", shown - HEAD_PEOPLE + left_out);
	for (size_t i = 0; i < shown; i++)
		head_view_person(req,
		    view_list_add(i < HEAD_PEOPLE ? first : rest),
		    &people->list[i]);
}

static bool
head_has(const struct mime_addresses *list, struct str address)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq_nocase(list->list[i].address.s, address))
			return true;
	return false;
}

/* Does `some` name nobody that From does not name? */
static bool
head_is_from(
    const struct mime_header *header, const struct mime_addresses *some)
{
	for (size_t i = 0; i < some->count; i++)
		if (!head_has(&header->from, some->list[i].address.s))
			return false;
	return true;
}

static void
head_view_fields(
    struct request *req, const struct mime_header *header, struct view *view)
{
	struct view_list *fields = view_list(view, "fields");

	head_view_people(req, fields, N_("From"), &header->from, 0);
	if (!head_is_from(header, &header->sender))
		head_view_people(
		    req, fields, N_("Sent by"), &header->sender, 0);
	if (!head_is_from(header, &header->reply_to))
		head_view_people(
		    req, fields, N_("Reply to"), &header->reply_to, 0);
	head_view_people(req, fields, N_("To"), &header->to,
	    header->to.count > 0 ? header->left_out : 0);
	head_view_people(req, fields, N_("Cc"), &header->cc,
	    header->to.count == 0 ? header->left_out : 0);
	head_view_people(req, fields, N_("Bcc"), &header->bcc, 0);
	view_bool(view, "has_from", header->from.count > 0);
	view_bool(view, "has_to",
	    header->to.count + header->cc.count + header->bcc.count > 0);
}

/* "UTC+1", "UTC-3:30". */
static struct str
head_zone(struct arena *arena, int minutes)
{
	int size = minutes < 0 ? -minutes : minutes;

	if (size % 60 == 0)
		return str_printf(
		    arena, "UTC%c%d", minutes < 0 ? '-' : '+', size / 60);
	return str_printf(arena, "UTC%c%d:%02d", minutes < 0 ? '-' : '+',
	    size / 60, size % 60);
}

static void
head_view_date(
    struct request *req, const struct mail_message *message, struct view *view)
{
	const struct mime_header *header = &message->header;
	int64_t arrived_s = message->arrived_s;
	bool has_date = header->date_s != 0;
	int64_t date_s = has_date ? header->date_s : arrived_s;
	int64_t late_s = arrived_s - date_s;
	int offset = page_time_offset_minutes(req, date_s);
	struct buf iso;

	buf_init_arena(&iso, req->arena, 64);
	clock_add_iso(&iso, date_s);
	view_str(view, "date_iso", buf_str(&iso));
	view_text(
	    view, "date_long", view_date_long(req->arena, date_s, offset));
	view_bool(view, "no_date", !has_date);
	if (!has_date)
		return;
	if (arrived_s != 0 && (late_s > HEAD_LATE_S || late_s < -HEAD_FUTURE_S))
		page_view_time(req, view, "arrived", arrived_s);
	view_bool(view, "is_future", late_s < -HEAD_FUTURE_S);
	if (header->date_offset_minutes == offset)
		return;
	view_text(view, "sender_time",
	    view_date_long(req->arena, date_s, header->date_offset_minutes));
	view_str(view, "sender_zone",
	    head_zone(req->arena, header->date_offset_minutes));
}

void
message_view_header(
    struct request *req, const struct page_reading *page, struct view *view)
{
	const struct mail_message *message = &page->message;

	view_text(view, "subject", message->header.subject);
	view_bool(view, "has_subject", !text_is_empty(message->header.subject));
	head_view_fields(req, &message->header, view);
	head_view_date(req, message, view);
	view_text(view, "size", view_size(req->arena, message->bytes));
	view_bool(view, "is_incomplete", message->is_incomplete);
	view_set_url(view, "headers_url",
	    page_message_url(req->arena, "/headers", &page->id));
}

void
message_view_flags(
    struct request *req, const struct page_reading *page, struct view *view)
{
	unsigned flags = page->message.flags;

	view_bool(view, "is_flagged", (flags & MAIL_FLAGGED) != 0);
	view_bool(view, "is_answered", (flags & MAIL_ANSWERED) != 0);
	view_bool(view, "is_forwarded", (flags & MAIL_FORWARDED) != 0);
	view_bool(view, "is_draft", (flags & MAIL_DRAFT) != 0);
	view_bool(view, "is_deleted", (flags & MAIL_DELETED) != 0);
	page_label_view(req, page->message.keywords, view);
}
