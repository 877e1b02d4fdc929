#include "page/compose_inside.h"
#include "page/page_image.h"

#include "base/tr.h"
#include "page/page_identity.h"
#include "page/page_login.h"
#include "page/page_part.h"
#include "page/page_people.h"

static void
compose_view_hidden(
    struct request *req, const struct compose *compose, struct view *view)
{
	struct view_list *list = view_list(view, "hidden");

	/* A page that shows a posted form again is the same window. */
	page_hidden(req, list, "window",
	    req->method == METHOD_POST && compose->window.len > 0
	        ? compose->window
	        : compose_id_new(req->arena));
	page_hidden(req, list, "kind", str_c(compose_kind_name(compose->kind)));
	page_hidden(req, list, "in_reply_to", compose->in_reply_to.s);
	page_hidden(req, list, "references", compose->references.s);
	page_hidden(req, list, "source_folder", compose->source_folder.s);
	page_hidden(
	    req, list, "source_uid", page_u64(req->arena, compose->source_uid));
	page_hidden(req, list, "source_validity",
	    page_u64(req->arena, compose->source_validity));
}

static struct view *
compose_view_part(struct view_list *list, struct str section, struct text name,
    struct text size)
{
	struct view *row = view_list_add(list);

	view_text(row, "name", name);
	view_text(row, "size", size);
	view_str(row, "section", section);
	return row;
}

/* A file that may come along; the editor shows it where the text has it. */
static void
compose_view_source(struct request *req, const struct compose *compose,
    size_t at, struct view_list *list)
{
	const struct mime_part *part = compose->source_files[at];
	struct mail_id id = {compose->source_folder, compose->source_uid,
	    compose->source_validity};
	struct page_file file = page_file_of(req->arena, &id, part);
	struct view *row = compose_view_part(
	    list, part->section, file.name, view_size(req->arena, file.bytes));

	if (!str_eq(part->type, STR("image")))
		return;
	view_bool(row, "is_picture", true);
	view_str(row, "file",
	    page_compose_part_id(req->arena, compose, part->section));
	view_set_url(row, "url", page_part_url(req, &id, part, true));
}

/*
 * Ticked parts of the source message that could not be stored (the mail server
 * was away) or were carried through the login page: asked for again.
 */
static size_t
compose_view_kept(struct request *req, const struct compose *compose,
    const struct store_attachment *files, size_t count, struct view_list *list)
{
	static const char *const names[] = {"keep", PAGE_CARRY_PREFIX "keep"};
	const struct form *form = compose->carried;
	size_t kept = 0;

	if (form == NULL && (req->method != METHOD_POST ||
	                        request_form(req, &form, NULL) != ERR_OK))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct form_field *field = NULL;

		while ((field = form_next(form, names[i], field)) != NULL) {
			if (page_compose_has_part(
			        req, compose, files, count, field->value))
				continue;
			(void)compose_view_part(list, field->value,
			    tr_text("An attachment of the original message"),
			    TEXT(""));
			kept++;
		}
	}
	return kept;
}

/* Does the formatted text show this file? Then it goes along as its part. */
static bool
compose_shows_file(
    struct request *req, const struct compose *compose, struct str id)
{
	struct str parts[3] = {STR("cid:"), id, STR(OUTBOX_CID_DOMAIN)};
	struct str html = compose->html.s;

	return html.len > 0 &&
	       str_find(html, str_join(req->arena, parts, 3), 0) < html.len;
}

static enum err_code
compose_view_files(struct request *req, const struct compose *compose,
    struct view *view, struct err *err)
{
	size_t source_count = compose->source_file_count;
	struct store_attachment *files = NULL;
	struct view_list *lists[2] = {
	    view_list(view, "attachments"), view_list(view, "pictures")};
	struct view_list *sources = view_list(view, "source_files");
	size_t shown[2] = {0, 0};
	size_t count = 0;
	enum err_code rc =
	    store_attachment_list(req->app->store, req->session->account,
	        compose->id, req->arena, &files, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		size_t is_picture =
		    compose_shows_file(req, compose, files[i].id);
		struct view *row = view_list_add(lists[is_picture]);

		shown[is_picture]++;
		view_text(row, "name", text_line(req->arena, files[i].name));
		view_text(row, "size", view_size(req->arena, files[i].bytes));
		view_str(row, "id", files[i].id);
	}
	for (size_t i = 0; i < compose->source_file_count; i++) {
		compose_view_source(req, compose, i, sources);
	}
	source_count += compose_view_kept(req, compose, files, count, sources);
	view_bool(view, "has_attachments", shown[0] > 0);
	view_bool(view, "has_pictures", shown[1] > 0);
	view_bool(view, "has_source_files", source_count > 0);
	return rc;
}

struct text
compose_title(const struct compose *compose)
{
	if (compose->kind == COMPOSE_REPLY)
		return tr_text("Reply");
	if (compose->kind == COMPOSE_FORWARD)
		return tr_text("Forward");
	if (compose->kind == COMPOSE_DRAFT)
		return tr_text("Edit draft");
	return tr_text("New message");
}

static void
compose_view_limits(struct request *req, struct view *view)
{
	uint64_t whole = compose_limit(req);
	uint64_t one = compose_file_limit(req);
	struct mail_smtp_offers offers = {.is_known = false};

	if (req->account != NULL)
		mail_server_smtp_offers(account_server(req->account), &offers);
	view_bool(view, "lacks_dsn", offers.is_known && !offers.has_dsn);
	view_text(view, "max_size", view_size(req->arena, whole));
	view_u64(view, "max_bytes", whole);
	if (one >= whole)
		return;
	view_text(view, "max_file_size", view_size(req->arena, one));
	view_u64(view, "max_file_bytes", one);
}

static void
compose_view_choices(const struct compose *compose, struct view *view)
{
	view_bool(view, "is_high", compose->priority == MIME_PRIORITY_HIGH);
	view_bool(view, "is_low", compose->priority == MIME_PRIORITY_LOW);
	view_bool(view, "asks_receipt", compose->asks_receipt);
	view_bool(view, "asks_dsn", compose->asks_dsn);
	view_bool(view, "has_options",
	    compose->priority != MIME_PRIORITY_NORMAL ||
	        compose->asks_receipt || compose->asks_dsn ||
	        !text_is_empty(compose->send_at));
	view_text(view, "send_at", compose->send_at);
}

/* What another window made of it, below one's own. */
static void
compose_view_theirs(
    struct request *req, const struct compose *compose, struct view *view)
{
	const struct compose *theirs = compose->theirs;

	if (theirs == NULL)
		return;
	view_bool(view, "has_theirs", true);
	page_view_time(req, view, "theirs_time", compose->theirs_saved_s);
	view_text(view, "theirs_to", theirs->to);
	view_text(view, "theirs_cc", theirs->cc);
	view_text(view, "theirs_bcc", theirs->bcc);
	view_text(view, "theirs_subject", theirs->subject);
	view_text(view, "theirs_body", theirs->body);
}

/* What the editor of formatted text needs; without its files there is none. */
static enum err_code
compose_view_editor(struct request *req, const struct compose *compose,
    struct view *view, struct err *err)
{
	static const char *const files[][2] = {{"editor_url", "editor.js"},
	    {"squire_url", "squire.js"}, {"purify_url", "purify.js"}};
	const struct static_set *statics = app_site_of(req)->statics;
	struct view_url_param id[] = {{"id", compose->id}, {NULL, {0}}};
	struct page_prefs prefs = {0};
	bool has_all = true;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct str address =
		    static_set_address(statics, str_c(files[i][1]));

		has_all = has_all && !str_eq(address, STR("/static/unknown"));
		view_set_url(
		    view, files[i][0], view_url_own(req->arena, address));
	}
	view_set_url(view, "compose_file_url",
	    view_url_local(req->arena, "/compose/file", id));
	view_bool(view, "has_editor", has_all);
	view_str(
	    view, "body_mark", compose_rich_mark(req->arena, compose->body));
	view_bool(view, "is_formatted", !text_is_empty(compose->html));
	/* What was saved as plain text stays that. */
	view_bool(view, "write_html",
	    prefs.write == PAGE_WRITE_HTML && compose->version == 0);
	view_text(view, "offered_html", compose->offered_html);
	return rc;
}

static void
compose_view_scripts(struct request *req, struct view *view)
{
	struct static_set *statics = app_site_of(req)->statics;

	view_set_url(view, "compose_js_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("compose.js"))));
	view_set_url(view, "complete_js_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("complete.js"))));
}

static void
compose_view_fields(
    struct request *req, const struct compose *compose, struct view *view)
{
	view_text(view, "compose_title", compose_title(compose));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/compose")));
	view_set_url(
	    view, "complete_url", view_url_own(req->arena, STR("/complete")));
	compose_view_scripts(req, view);
	view_str(view, "id", compose->id);
	/* Of the form, so that nothing typed is lost. */
	view_word(view, "logoff_form", "compose");
	view_u64(view, "version", compose->version);
	view_str(view, "owner", compose_owner_seal(req, compose->id));
	view_str(view, "person", compose_owner_name(req));
	view_text(view, "confirmed", compose->confirmed);
	view_text(view, "to", compose->to);
	view_text(view, "cc", compose->cc);
	view_text(view, "bcc", compose->bcc);
	view_bool(view, "has_copies",
	    !text_is_empty(compose->cc) || !text_is_empty(compose->bcc));
	view_text(view, "subject", compose->subject);
	view_text(view, "body", compose->body);
	view_text(view, "html", compose->html);
	view_bool(view, "foot_in_form", true);
}

enum err_code
compose_view(struct request *req, const struct compose *compose,
    const char *words, struct view *view, struct err *err)
{
	enum err_code rc =
	    page_identity_view(req, compose->identity, view, err);

	if (rc == ERR_OK)
		rc = page_response_view(req, view, err);
	if (rc == ERR_OK)
		rc = page_people_datalist(req, view, err);
	if (rc == ERR_OK)
		rc = compose_view_editor(req, compose, view, err);
	if (rc != ERR_OK)
		return rc;
	compose_view_fields(req, compose, view);
	compose_view_choices(compose, view);
	compose_view_limits(req, view);
	compose_view_theirs(req, compose, view);
	compose_view_returned(req, compose, view);
	if (words != NULL)
		view_text(view,
		    compose->wrong_field != NULL ? compose->wrong_field
		                                 : "error_general",
		    text_line(req->arena, str_c(words)));
	view_text(view, "refused", compose->refused);
	view_text(view, "compose_note", compose->notice);
	compose_view_hidden(req, compose, view);
	return compose_view_files(req, compose, view, err);
}
