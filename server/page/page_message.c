#include "page/page_message.h"

#include "page/pages.h"

static enum err_code
message_ask(struct request *req, struct page_reading *page, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc;

	mail.pick = page_folder_pick(req, page->id.folder);
	rc = mail_message_start(&mail, &page->id,
	    MAIL_WANT_TEXT | MAIL_WANT_SEEN | MAIL_WANT_NEIGHBOURS, true,
	    &page->message, err);
	if (rc != ERR_OK)
		return rc;
	page->id.uid_validity = page->message.uid_validity;
	return page_show_read(
	    req, &page->prefs, &page->message, &page->show, err);
}

/* The side bar was counted before the message became read. */
static void
message_count_read(struct page_reading *page)
{
	if ((page->message.flags & MAIL_SEEN) != 0)
		return;
	for (size_t i = 0; i < page->folders.count; i++) {
		struct mail_folder *folder = &page->folders.list[i];

		if (str_eq(folder->name.s, page->id.folder.s) &&
		    folder->unseen > 0)
			folder->unseen--;
	}
}

/* What the server went on with while the message was worked at. */
static enum err_code
message_ask_rest(
    struct request *req, struct page_reading *page, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc =
	    mail_message_finish(&mail, &page->message, &page->folders, err);

	if (rc == ERR_OK)
		message_count_read(page);
	return rc;
}

enum err_code
message_read_header(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct err *err)
{
	return mail_message(mail, id, 0, out, NULL, err);
}

struct view_url
message_stay_url(struct request *req, const struct mail_id *id)
{
	struct str path = session_own_path(request_field(req, "stay"));

	if (!str_starts(path, STR("/message?")))
		return page_message_url(req->arena, "/message", id);
	return view_url_own(req->arena, path);
}

enum err_code
message_go_back(
    struct request *req, struct response *res, struct str note, struct err *err)
{
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);
	struct str path;

	if (rc != ERR_OK)
		return rc;
	path = message_stay_url(req, &id).s;
	return page_redirect(req, res,
	    view_url_own(req->arena, str_printf(req->arena, "%.*s&note=%.*s",
	                                 STR_ARG(path), STR_ARG(note))),
	    err);
}

/*
 * A message that is attached to this one, shown alone: its header stands
 * above it; what our server knows of the other one is not said of it.
 */
static enum err_code
message_show_inner(struct request *req, const struct page_reading *page,
    struct str section, struct view *view, struct err *err)
{
	const struct mime_part *part =
	    mime_part_find(page->message.root, section);
	struct page_reading inner = *page;

	if (part == NULL || part->message == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such message in it.", NULL);
	inner.message.header = *part->message;
	inner.message.arrived_s = 0;
	inner.message.bytes = part->bytes;
	inner.message.flags = 0;
	message_view_header(req, &inner, view);
	view_bool(view, "is_inside", true);
	view_text(view, "outer_subject", page->message.header.subject);
	view_bool(view, "has_outer_subject",
	    !text_is_empty(page->message.header.subject));
	view_set_url(view, "outer_url",
	    page_show_url(req, "/message", &page->id, &page->show, NULL,
	        str_of(NULL, 0)));
	return ERR_OK;
}

/* Everything that stands on the page. */
static enum err_code
message_show(struct request *req, struct page_reading *page, struct view *view,
    struct err *err)
{
	struct str section = request_query(req, "section");
	enum err_code rc = message_view_how(req, page, view, err);

	if (section.len == 0)
		message_view_header(req, page, view);
	else if (rc == ERR_OK)
		rc = message_show_inner(req, page, section, view, err);
	if (rc == ERR_OK)
		rc = page_blocks(req, page, section, view, err);
	if (rc == ERR_OK)
		rc = page_files(req, page, section, view, err);
	/* From here on flags, folders, neighbours and counts are known. */
	if (rc == ERR_OK)
		rc = message_ask_rest(req, page, err);
	if (rc == ERR_OK && section.len == 0)
		message_view_flags(req, page, view);
	if (rc == ERR_OK && section.len == 0)
		rc = message_view_sender(req, page, view, err);
	if (rc == ERR_OK)
		rc = message_view_tools(req, page, view, err);
	if (rc == ERR_OK && section.len == 0)
		rc = page_around(req, page, view, err);
	if (rc == ERR_OK)
		rc = page_view_folders(
		    req, view, &page->folders, page->id.folder, err);
	return rc;
}

enum err_code
page_message(struct request *req, struct response *res, struct err *err)
{
	struct page_reading page = {0};
	struct view *view = NULL;
	enum err_code rc = page_message_id(req, &page.id, err);

	if (rc == ERR_OK)
		rc = page_prefs_get(req, &page.prefs, err);
	if (rc == ERR_OK)
		rc = message_ask(req, &page, err);
	if (rc == ERR_OK)
		rc = page_view(req, res,
		    page_title(req, page.message.header.subject), &view, err);
	if (rc != ERR_OK)
		return rc;
	rc = message_show(req, &page, view, err);
	if (rc != ERR_OK)
		return rc;
	return page_send(req, res, "message.html", view, err);
}
