#include "os/clock.h"
#include "os/zone.h"
#include "page/page.h"
#include "page/page_image.h"
#include "page/pages.h"

/* Everything the page shows, asked for in one go. */
struct message_page {
	struct mail_id id;
	struct mail_message message;
	struct mime_choice choice;
	struct mail_folders folders;
	struct page_prefs prefs;
	bool show_html;
	struct text plain; /* when not show_html */
	bool is_cut;
};

static void
message_view_people(struct request *req, struct view *view, const char *name,
    const struct mime_addresses *people)
{
	struct view_list *list = view_list(view, name);

	for (size_t i = 0; i < people->count; i++) {
		const struct mime_address *one = &people->list[i];
		struct view_url_param to[] = {
		    {"to", one->address.s}, {NULL, {0}}};
		struct view *row = view_list_add(list);

		view_text(row, "name", one->name);
		view_text(row, "address", one->address);
		view_bool(row, "has_name", !text_is_empty(one->name));
		view_bool(row, "has_address", !text_is_empty(one->address));
		view_bool(row, "is_last", i + 1 == people->count);
		if (!text_is_empty(one->address))
			view_set_url(row, "compose_url",
			    view_url_local(req->arena, "/compose", to));
	}
}

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
message_part_bytes(const struct mime_part *part)
{
	/* 76 letters and CRLF carry 57 bytes (RFC 2045, 6.8). */
	return part->encoding == MIME_BASE64
	           ? part->bytes / 78 * 57 + part->bytes % 78 * 3 / 4
	           : part->bytes;
}

static void
message_view_file(struct request *req, const struct message_page *page,
    const struct mime_part *part, struct view *row)
{
	bool is_image = mime_is_safe_image(part);
	struct str type[3] = {part->type, STR("/"), part->subtype};
	struct text type_name =
	    text_line(req->arena, str_join(req->arena, type, 3));

	view_text(
	    row, "name", text_is_empty(part->name) ? type_name : part->name);
	view_text(row, "size", view_size(req->arena, message_part_bytes(part)));
	view_bool(row, "is_image", is_image);
	view_set_url(row, "url", page_part_url(req, &page->id, part, false));
	if (is_image)
		view_set_url(
		    row, "open_url", page_part_url(req, &page->id, part, true));
}

static void
message_view_attachments(
    struct request *req, const struct message_page *page, struct view *view)
{
	const struct mime_choice *choice = &page->choice;
	struct view_list *list = view_list(view, "attachments");
	/* Images of the formatted text are files when it is not shown. */
	size_t images = page->show_html ? 0 : choice->inline_image_count;

	for (size_t i = 0; i < choice->attachment_count; i++)
		message_view_file(
		    req, page, choice->attachments[i], view_list_add(list));
	for (size_t i = 0; i < images; i++)
		message_view_file(
		    req, page, choice->inline_images[i], view_list_add(list));
	view_bool(
	    view, "has_attachments", choice->attachment_count + images > 0);
}

static struct view_url
message_url_with(struct request *req, const char *path,
    const struct mail_id *id, const char *name, struct str value)
{
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {name, value},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, path, params);
}

static void
message_view_neighbour(struct request *req, const struct message_page *page,
    uint32_t uid, const char *has_name, const char *url_name, struct view *view)
{
	struct mail_id id = page->id;

	view_bool(view, has_name, uid != 0);
	if (uid == 0)
		return;
	id.uid = uid;
	view_set_url(
	    view, url_name, page_message_url(req->arena, "/message", &id));
}

static void
message_view_links(
    struct request *req, const struct message_page *page, struct view *view)
{
	const struct mail_id *id = &page->id;

	view_set_url(view, "reply_url",
	    message_url_with(req, "/compose", id, "reply", STR("one")));
	view_set_url(view, "reply_all_url",
	    message_url_with(req, "/compose", id, "reply", STR("all")));
	view_set_url(view, "forward_url",
	    message_url_with(req, "/compose", id, "forward", STR("1")));
	view_set_url(view, "edit_url",
	    message_url_with(req, "/compose", id, "edit", STR("1")));
	view_set_url(
	    view, "source_url", page_message_url(req->arena, "/source", id));
	view_set_url(view, "download_url",
	    message_url_with(req, "/source", id, "download", STR("1")));
	view_set_url(view, "list_url", page_list_url(req->arena, id->folder));
	view_set_url(view, "choose_plain_url",
	    message_url_with(req, "/message", id, "show", STR("plain")));
	view_set_url(view, "choose_html_url",
	    message_url_with(req, "/message", id, "show", STR("html")));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_str(view, "back", page_list_url(req->arena, id->folder).s);
	message_view_neighbour(
	    req, page, page->message.older_uid, "has_older", "older_url", view);
	message_view_neighbour(
	    req, page, page->message.newer_uid, "has_newer", "newer_url", view);
}

static void
message_view_body(
    struct request *req, const struct message_page *page, struct view *view)
{
	bool remote = str_eq(request_query(req, "remote"), STR("1"));

	view_bool(view, "has_html", page->choice.html != NULL);
	view_bool(view, "has_plain", page->choice.plain != NULL);
	view_bool(view, "has_choice",
	    page->choice.html != NULL && page->choice.plain != NULL);
	view_bool(view, "show_html", page->show_html);
	view_bool(view, "body_truncated", page->is_cut);
	if (!page->show_html) {
		view_html(view, "plain_body",
		    view_plain_text(req->arena, page->plain));
		view_bool(view, "is_empty", str_trim(page->plain.s).len == 0);
		return;
	}
	view_bool(view, "remote_blocked", !remote);
	view_bool(view, "remote_shown", remote);
	view_set_url(view, "frame_url",
	    message_url_with(req, "/body", &page->id, "remote",
	        remote ? STR("1") : str_of(NULL, 0)));
	view_set_url(view, "open_url",
	    message_url_with(req, "/body", &page->id, "remote",
	        remote ? STR("1") : str_of(NULL, 0)));
	view_set_url(view, "remote_url",
	    message_url_with(req, "/message", &page->id, "remote", STR("1")));
}

static void
message_view_header(
    struct request *req, const struct message_page *page, struct view *view)
{
	const struct mime_header *header = &page->message.header;
	int64_t date_s =
	    header->date_s != 0 ? header->date_s : page->message.arrived_s;
	struct buf iso;

	buf_init_arena(&iso, req->arena, 64);
	clock_add_iso(&iso, date_s);
	view_text(view, "subject", header->subject);
	view_bool(view, "has_subject", !text_is_empty(header->subject));
	message_view_people(req, view, "from", &header->from);
	message_view_people(req, view, "to", &header->to);
	message_view_people(req, view, "cc", &header->cc);
	message_view_people(req, view, "bcc", &header->bcc);
	view_text(view, "date_long",
	    view_date_long(req->arena, date_s, zone_offset_minutes(date_s)));
	view_str(view, "date_iso", buf_str(&iso));
	view_text(view, "folder", page->id.folder);
	view_text(view, "folder_name",
	    page_folder_label(&page->folders, page->id.folder));
	view_u64(view, "uid", page->id.uid);
	view_u64(view, "uidvalidity", page->id.uid_validity);
	view_bool(
	    view, "is_flagged", (page->message.flags & MAIL_FLAGGED) != 0);
	view_bool(view, "is_draft", (page->message.flags & MAIL_DRAFT) != 0);
}

/* The folder, too, tells what "delete" and "edit" mean here. */
static void
message_view_folder(
    struct request *req, const struct message_page *page, struct view *view)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *trash =
	    mail_special_find(&mail, &page->folders, MAIL_TRASH);
	const struct mail_folder *drafts =
	    mail_special_find(&mail, &page->folders, MAIL_DRAFTS);

	view_bool(view, "in_trash",
	    trash != NULL && str_eq(trash->name.s, page->id.folder.s));
	view_bool(view, "in_drafts",
	    drafts != NULL && str_eq(drafts->name.s, page->id.folder.s));
}

/* Which body is shown: asked for, else by the person's setting. */
static void
message_choose(struct request *req, struct message_page *page)
{
	struct str show = request_query(req, "show");
	bool plain = page->prefs.prefer_plain;

	if (str_eq(show, STR("plain")))
		plain = true;
	else if (str_eq(show, STR("html")) ||
	         request_query(req, "remote").len > 0)
		plain = false;
	page->show_html =
	    page->choice.html != NULL && (!plain || page->choice.plain == NULL);
}

static enum err_code
message_ask(struct request *req, struct message_page *page, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_uids one = {&page->id.uid, 1};
	enum err_code rc =
	    mail_message(&mail, &page->id, &page->message, &page->folders, err);

	if (rc != ERR_OK)
		return rc;
	page->id.uid_validity = page->message.uid_validity;
	rc = mime_choose(page->message.root, req->arena, &page->choice, err);
	if (rc != ERR_OK)
		return rc;
	message_choose(req, page);
	if (!page->show_html && page->choice.plain != NULL)
		rc = mail_part_text(&mail, &page->id, page->choice.plain,
		    STR(""), &page->plain, &page->is_cut, err);
	if (rc != ERR_OK || (page->message.flags & MAIL_SEEN) != 0)
		return rc;
	/* A read-only folder still can be read: failing here is no error. */
	err_ignore(mail_store_flags(&mail, page->id.folder,
	    page->id.uid_validity, one, MAIL_SEEN, true, NULL));
	return ERR_OK;
}

/* The side bar was counted before the message became read. */
static void
message_count_read(struct message_page *page)
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

enum err_code
page_message(struct request *req, struct response *res, struct err *err)
{
	struct message_page page = {0};
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
	message_count_read(&page);
	message_view_header(req, &page, view);
	message_view_folder(req, &page, view);
	message_view_links(req, &page, view);
	message_view_body(req, &page, view);
	message_view_attachments(req, &page, view);
	rc = page_view_folders(req, view, &page.folders, page.id.folder, err);
	if (rc != ERR_OK)
		return rc;
	return page_send(req, res, "message.html", view, err);
}
