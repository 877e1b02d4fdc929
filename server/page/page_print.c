#include "mime/mime_sender.h"
#include "os/clock.h"
#include "page/page_body.h"
#include "page/page_language.h"
#include "page/page_time.h"
#include "page/pages.h"

static void
print_view_people(struct request *req, struct view *view, const char *name,
    const struct mime_addresses *people)
{
	struct view_list *list = view_list(view, name);

	for (size_t i = 0; i < people->count; i++) {
		const struct mime_address *one = &people->list[i];
		struct view *row = view_list_add(list);

		view_text(row, "name", one->name);
		view_text(row, "address",
		    mime_address_shown(req->arena, one->address));
		view_bool(row, "has_name", !text_is_empty(one->name));
		view_bool(row, "has_address", !text_is_empty(one->address));
		view_bool(row, "is_last", i + 1 == people->count);
	}
}

static void
print_view_header(struct request *req, const struct page_reading *reading,
    const struct mime_header *header, struct view *view)
{
	int64_t date_s =
	    header->date_s != 0 ? header->date_s : reading->message.arrived_s;
	struct buf iso;

	buf_init_arena(&iso, req->arena, 64);
	clock_add_iso(&iso, date_s);
	view_text(view, "title", page_title(req, header->subject));
	view_text(view, "subject", header->subject);
	view_bool(view, "has_subject", !text_is_empty(header->subject));
	print_view_people(req, view, "from", &header->from);
	print_view_people(req, view, "to", &header->to);
	print_view_people(req, view, "cc", &header->cc);
	view_text(view, "date_long", page_time_long(req, date_s));
	view_str(view, "date_iso", buf_str(&iso));
}

static enum err_code
print_ask(struct request *req, struct page_reading *out, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = page_message_id(req, &out->id, err);

	if (rc == ERR_OK)
		rc = page_prefs_get(req, &out->prefs, err);
	if (rc == ERR_OK)
		rc = mail_message(&mail, &out->id,
		    MAIL_WANT_TEXT | MAIL_WANT_HTML, &out->message, NULL, err);
	if (rc == ERR_OK)
		rc = page_show_read(
		    req, &out->prefs, &out->message, &out->show, err);
	if (rc != ERR_OK)
		return rc;
	out->id.uid_validity = out->message.uid_validity;
	out->show.is_print = true;
	return ERR_OK;
}

/* The message's own, or that of one attached to it. */
static enum err_code
print_header(const struct page_reading *reading, struct str section,
    const struct mime_header **out, struct err *err)
{
	const struct mime_part *part = NULL;

	*out = &reading->message.header;
	if (section.len == 0)
		return ERR_OK;
	part = mime_part_find(reading->message.root, section);
	if (part == NULL || part->message == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such message in it.", NULL);
	*out = part->message;
	return ERR_OK;
}

enum err_code
page_print(struct request *req, struct response *res, struct err *err)
{
	struct page_reading reading = {0};
	struct view *view = view_new(req->arena);
	struct str section = request_query(req, "section");
	const struct mime_header *header = NULL;
	enum err_code rc = print_ask(req, &reading, err);

	if (rc == ERR_OK)
		rc = print_header(&reading, section, &header, err);
	if (rc == ERR_OK)
		rc = page_blocks(req, &reading, section, view, err);
	if (rc == ERR_OK)
		rc = page_files(req, &reading, section, view, err);
	if (rc != ERR_OK)
		return rc;
	print_view_header(req, &reading, header, view);
	page_language_view(view);
	page_body_headers(res, &reading.show);
	return page_send(req, res, "print.html", view, err);
}
