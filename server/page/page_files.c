#include "page/page_image.h"
#include "page/page_reading.h"

struct view_url
page_part_url(struct request *req, const struct mail_id *id,
    const struct mime_part *part, bool is_inline)
{
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {"part", part->section},
	    {"inline", is_inline ? STR("1") : str_of(NULL, 0)},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/part", params);
}

/* Size after decoding, as people will find it on their disk. */
static uint64_t
files_bytes(const struct mime_part *part)
{
	/* 76 letters and CRLF carry 57 bytes (RFC 2045, 6.8). */
	return part->encoding == MIME_BASE64
	           ? part->bytes / 78 * 57 + part->bytes % 78 * 3 / 4
	           : part->bytes;
}

static void
files_view_one(struct request *req, const struct page_reading *reading,
    const struct mime_part *part, struct view *row)
{
	bool is_image = mime_is_safe_image(part);
	struct str type[3] = {part->type, STR("/"), part->subtype};
	struct text type_name =
	    text_line(req->arena, str_join(req->arena, type, 3));

	view_text(
	    row, "name", text_is_empty(part->name) ? type_name : part->name);
	view_text(row, "size", view_size(req->arena, files_bytes(part)));
	view_bool(row, "is_image", is_image);
	view_set_url(row, "url", page_part_url(req, &reading->id, part, false));
	if (is_image)
		view_set_url(row, "open_url",
		    page_part_url(req, &reading->id, part, true));
}

enum err_code
page_files(struct request *req, const struct page_reading *reading,
    struct str section, struct view *view, struct err *err)
{
	struct view_list *list = view_list(view, "attachments");
	struct mime_choice choice;
	enum err_code rc =
	    mime_choose(reading->message.root, req->arena, &choice, err);
	size_t images;

	(void)section;
	if (rc != ERR_OK)
		return rc;
	/* Images of the formatted text are files when it is not shown. */
	images =
	    page_shows_html(reading, &choice) ? 0 : choice.inline_image_count;
	for (size_t i = 0; i < choice.attachment_count; i++)
		files_view_one(
		    req, reading, choice.attachments[i], view_list_add(list));
	for (size_t i = 0; i < images; i++)
		files_view_one(
		    req, reading, choice.inline_images[i], view_list_add(list));
	view_bool(
	    view, "has_attachments", choice.attachment_count + images > 0);
	return ERR_OK;
}
