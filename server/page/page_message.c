#include "os/clock.h"
#include "os/zone.h"
#include "page/page.h"
#include "page/page_reading.h"
#include "page/pages.h"

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
message_view_neighbour(struct request *req, const struct page_reading *page,
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
    struct request *req, const struct page_reading *page, struct view *view)
{
	const struct mail_id *id = &page->id;
	struct page_show bare = page->show;

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
	bare.remote = false;
	view_set_url(view, "choose_plain_url",
	    page_show_url(req, "/message", id, &bare, "show", STR("plain")));
	view_set_url(view, "choose_html_url",
	    page_show_url(req, "/message", id, &bare, "show", STR("html")));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
	view_str(view, "back", page_list_url(req->arena, id->folder).s);
	message_view_neighbour(
	    req, page, page->message.older_uid, "has_older", "older_url", view);
	message_view_neighbour(
	    req, page, page->message.newer_uid, "has_newer", "newer_url", view);
}

static void
message_view_header(
    struct request *req, const struct page_reading *page, struct view *view)
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
    struct request *req, const struct page_reading *page, struct view *view)
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

static enum err_code
message_ask(struct request *req, struct page_reading *page, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = mail_message(&mail, &page->id,
	    MAIL_WANT_TEXT | MAIL_WANT_SEEN | MAIL_WANT_NEIGHBOURS,
	    &page->message, &page->folders, err);

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
	message_count_read(&page);
	message_view_header(req, &page, view);
	message_view_folder(req, &page, view);
	message_view_links(req, &page, view);
	rc = page_blocks(req, &page, STR(""), view, err);
	if (rc == ERR_OK)
		rc = page_files(req, &page, STR(""), view, err);
	if (rc == ERR_OK)
		rc = page_view_folders(
		    req, view, &page.folders, page.id.folder, err);
	if (rc != ERR_OK)
		return rc;
	return page_send(req, res, "message.html", view, err);
}
