#include "page/page_message.h"
#include "page/page_search.h"

static struct view_url
tools_url(struct request *req, const char *path, const struct mail_id *id,
    const char *name, struct str value)
{
	struct str section = request_query(req, "section");
	struct view_url_param params[] = {
	    {"folder", id->folder.s},
	    {"uid", page_u64(req->arena, id->uid)},
	    {"v", page_u64(req->arena, id->uid_validity)},
	    {name, value},
	    /* Of an attached message; known to be one of this message. */
	    {strcmp(path, "/source") == 0 ? "part" : "section",
	        section.len > 0 ? section : str_of(NULL, 0)},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, path, params);
}

static void
tools_view_links(
    struct request *req, const struct mail_id *id, struct view *view)
{
	static const struct {
		const char *url_name;
		const char *path;
		const char *name;
		const char *value;
	} links[] = {
	    {"reply_url", "/compose", "reply", "one"},
	    {"reply_all_url", "/compose", "reply", "all"},
	    {"reply_list_url", "/compose", "reply", "list"},
	    {"forward_url", "/compose", "forward", "1"},
	    {"forward_file_url", "/compose", "forward", "attachment"},
	    {"edit_url", "/compose", "edit", "1"},
	    {"redirect_url", "/redirect", NULL, ""},
	    {"download_url", "/source", "download", "1"},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		view_set_url(view, links[i].url_name,
		    tools_url(req, links[i].path, id, links[i].name,
		        str_c(links[i].value)));
	view_set_url(view, "source_url",
	    tools_url(req, "/source", id, "download", str_of(NULL, 0)));
	view_set_url(view, "action_url", view_url_own(req->arena, STR("/act")));
}

static bool
tools_is_special(const struct mail *mail, const struct page_reading *page,
    enum mail_special special)
{
	const struct mail_folder *folder =
	    mail_special_find(mail, &page->folders, special);

	return folder != NULL && str_eq(folder->name.s, page->id.folder.s);
}

/* What the folder is tells what "delete", "junk" and "edit" mean here. */
static void
tools_view_folder(
    struct request *req, const struct page_reading *page, struct view *view)
{
	static const struct {
		enum mail_special special;
		const char *in_name;
		const char *has_name;
	} kinds[] = {
	    {MAIL_TRASH, "in_trash", "has_trash"},
	    {MAIL_DRAFTS, "in_drafts", "has_drafts"},
	    {MAIL_JUNK, "in_junk", "has_junk"},
	    {MAIL_ARCHIVE, "in_archive", "has_archive"},
	    {MAIL_SENT, "in_sent", "has_sent"},
	};
	struct mail mail = page_mail(req);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		view_bool(view, kinds[i].has_name,
		    mail_special_find(
		        &mail, &page->folders, kinds[i].special) != NULL);
		view_bool(view, kinds[i].in_name,
		    tools_is_special(&mail, page, kinds[i].special));
	}
	view_bool(view, "can_junk",
	    !page_folder_is_outgoing(&mail, &page->folders, page->id.folder) &&
	        !tools_is_special(&mail, page, MAIL_JUNK));
	view_text(view, "folder", page->id.folder);
	view_text(view, "folder_name",
	    page_folder_label(&page->folders, page->id.folder));
	view_u64(view, "uid", page->id.uid);
	view_u64(view, "uidvalidity", page->id.uid_validity);
}

/* A neighbour's address; when this message goes, all below move up by one. */
static struct view_url
tools_neighbour(struct request *req, const struct page_reading *page,
    const struct place *place, uint32_t uid, uint32_t at)
{
	struct mail_id id = page->id;

	if (uid == 0)
		return (struct view_url){{NULL, 0}};
	id.uid = uid;
	return place_message_url(req, &place->query, at, &id);
}

static void
tools_view_after(struct request *req, const struct page_reading *page,
    const struct place *place, const struct place_around *around,
    struct view *view)
{
	struct view_url after = {{NULL, 0}};

	if (page->prefs.after == PAGE_AFTER_NEXT)
		after = tools_neighbour(
		    req, page, place, around->after_uid, place->at);
	if (page->prefs.after == PAGE_AFTER_PREVIOUS)
		after = tools_neighbour(
		    req, page, place, around->before_uid, around->before_at);
	view_str(view, "after", after.s);
}

/* The list where the next message stands: there one goes on. */
static struct view_url
tools_back(struct request *req, const struct page_reading *page,
    const struct place *place, const struct place_around *around)
{
	struct mail_id id = page->id;

	id.uid =
	    around->after_uid != 0 ? around->after_uid : around->before_uid;
	return place_list_url(req, place, id.uid == 0 ? NULL : &id);
}

static void
tools_view_place(struct request *req, const struct page_reading *page,
    const struct place *place, const struct place_around *around,
    struct view *view)
{
	enum mail_sort sort = place->query.mail.sort;
	bool by_time = sort == MAIL_SORT_ARRIVAL || sort == MAIL_SORT_DATE;

	view_bool(view, "by_time", by_time);
	view_bool(
	    view, "newest_first", by_time && !place->query.mail.is_reversed);
	view_bool(view, "has_before", around->before_uid != 0);
	view_bool(view, "has_after", around->after_uid != 0);
	view_set_url(view, "before_url",
	    tools_neighbour(
	        req, page, place, around->before_uid, around->before_at));
	view_set_url(view, "after_url",
	    tools_neighbour(
	        req, page, place, around->after_uid, around->after_at));
	view_set_url(view, "list_url", place_list_url(req, place, &page->id));
	view_bool(view, "in_search", !text_is_empty(place->query.words));
	view_str(view, "back", tools_back(req, page, place, around).s);
	tools_view_after(req, page, place, around, view);
}

/* The search field of the bar, with the words that led here. */
static void
tools_view_search(struct request *req, const struct page_reading *page,
    const struct list_query *query, struct view *view)
{
	enum mail_scope_kind scope =
	    text_is_empty(query->words) ? page->prefs.search_in : query->scope;

	view_bool(view, "is_reading", true);
	page_search_view_form(req, query->words, scope, page->id.folder, view);
}

enum err_code
message_view_tools(struct request *req, const struct page_reading *page,
    struct view *view, struct err *err)
{
	struct place place;
	struct place_around around;
	struct str stay = page_show_url(
	    req, "/message", &page->id, &page->show, NULL, str_of(NULL, 0))
	                      .s;
	enum err_code rc = place_read(req, page->prefs.rows, &place, err);

	if (rc == ERR_OK)
		rc = place_find_around(
		    req, &place, &page->id, &page->message, &around, err);
	if (rc != ERR_OK)
		return rc;
	view_str(view, "stay", stay);
	tools_view_links(req, &page->id, view);
	tools_view_folder(req, page, view);
	tools_view_place(req, page, &place, &around, view);
	tools_view_search(req, page, &place.query, view);
	/* What the note speaks of is folded on narrow screens. */
	view_bool(view, "tools_open",
	    str_eq(request_query(req, "note"), STR("nofolder")));
	page_view_note(req, view, stay);
	return ERR_OK;
}
