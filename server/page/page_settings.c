#include "page/page_settings.h"

#include "base/num.h"
#include "page/page_first.h"
#include "page/page_language.h"
#include "page/page_look.h"
#include "page/page_message.h"
#include "page/page_time.h"
#include "page/pages.h"

#define PAGE_SIGNATURE_BYTES ((size_t)10 << 10)

/* Groups that have a button of their own, and what says that it was saved. */
static const struct {
	const char *group, *said;
} settings_groups[] = {
    {"display", "at_display"},
    {"reading", "at_reading"},
    {"writing", "at_writing"},
    {"identities", "at_identities"},
    {"keyboard", "at_keyboard"},
};

struct str
settings_group(struct str verb)
{
	struct str group = verb;

	(void)str_cut(&group, ':');
	for (size_t i = 0;
	     i < sizeof(settings_groups) / sizeof(settings_groups[0]); i++)
		if (str_eq(group, str_c(settings_groups[i].group)))
			return group;
	return STR("");
}

void
settings_view_said(
    struct view *view, struct arena *arena, struct str group, struct str undo)
{
	const char *said = "saved";

	for (size_t i = 0;
	     i < sizeof(settings_groups) / sizeof(settings_groups[0]); i++)
		if (str_eq(group, str_c(settings_groups[i].group)))
			said = settings_groups[i].said;
	view_bool(view, said, true);
	/* Undo leads back to the same place. */
	if (undo.len > 0)
		view_str(view, "undo_value",
		    str_printf(arena, "undo:%.*s:%.*s", STR_ARG(undo),
		        STR_ARG(group)));
}

/* `words` NULL, or why nothing was saved. */
static enum err_code
settings_show(struct request *req, struct response *res,
    const struct page_prefs *prefs, const char *words, struct err *err)
{
	struct str saved = request_query(req, "saved");
	struct str undone = request_query(req, "undone");
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Settings"), &view, err);

	if (rc == ERR_OK)
		rc = page_time_view_choice(req, view, err);
	if (rc != ERR_OK)
		return rc;
	settings_view(req, prefs, view);
	page_look_view_choices(req, view);
	page_language_view_choice(req, view);
	if (words == NULL && undone.len > 0)
		settings_view_said(view, req->arena, undone, STR(""));
	else if (words == NULL && saved.len > 0)
		settings_view_said(
		    view, req->arena, saved, request_query(req, "undo"));
	view_bool(view, "imported", request_query(req, "imported").len > 0);
	view_bool(view, "undone", undone.len > 0);
	if (words != NULL)
		view_text(
		    view, "error_general", text_line(req->arena, str_c(words)));
	return page_send(req, res, "settings.html", view, err);
}

enum err_code
page_settings(struct request *req, struct response *res, struct err *err)
{
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	return rc == ERR_OK ? settings_show(req, res, &prefs, NULL, err) : rc;
}

static enum err_code
page_settings_parse(
    struct request *req, struct page_prefs *out, struct err *err)
{
	struct str signature = request_field(req, "signature");
	uint32_t undo_s = 0;

	out->name = text_line(req->arena, request_field(req, "name"));
	out->signature = text_from(req->arena, signature);
	out->conversations = request_field(req, "conversations").len > 0;
	out->previews = request_field(req, "previews").len > 0;
	out->prefer_plain = request_field(req, "prefer_plain").len > 0;
	out->write = page_write_of(request_field(req, "write"));
	out->signature_last = request_field(req, "signature_last").len > 0;
	out->after = page_after_of(request_field(req, "after"));
	out->server_keeps_sent =
	    request_field(req, "server_keeps_sent").len > 0;
	out->notify = page_notify_of(request_field(req, "notify"));
	out->refresh_minutes = page_refresh_of(request_field(req, "refresh"));
	out->has_keys = request_field(req, "keys").len > 0;
	if (num_u32(request_field(req, "undo_send"), 0, PAGE_UNDO_MAX_S,
	        &undo_s, NULL) != ERR_OK)
		return err_sayf(err, ERR_INPUT,
		    "A message can be held back for 0 to %d seconds.",
		    PAGE_UNDO_MAX_S);
	out->undo_send_ms = (int64_t)undo_s * 1000;
	if (out->name.s.len > LIMIT_NAME_BYTES)
		return err_set(err, ERR_INPUT, "The name is too long.", NULL);
	if (signature.len > PAGE_SIGNATURE_BYTES)
		return err_set(err, ERR_INPUT,
		    "The signature is longer than 10 KB. Please shorten it.",
		    NULL);
	return num_u32(request_field(req, "rows_per_page"), 10, LIMIT_LIST_ROWS,
	    &out->rows, err);
}

/* How a message is shown becomes how all are; back to it. */
static enum err_code
page_settings_prefer(struct request *req, struct response *res, struct err *err)
{
	struct page_prefs prefs;
	enum err_code rc = page_prefs_get(req, &prefs, err);

	prefs.prefer_plain =
	    str_eq(request_field(req, "prefer_plain"), STR("1"));
	if (rc == ERR_OK)
		rc = page_prefs_set(req, &prefs, err);
	return rc == ERR_OK
	           ? message_go_back(req, res,
	                 prefs.prefer_plain ? STR("plain") : STR("html"), err)
	           : rc;
}

/* A line between panes was dragged: no page is wanted. */
static enum err_code
settings_width(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = page_look_save_width(req, err);

	if (rc == ERR_OK)
		response_plain(res, 200, STR("Saved."));
	return rc;
}

/* Where the group `verb` ends with says that it was "saved" or "undone". */
static struct view_url
settings_group_url(
    struct request *req, const char *what, struct str verb, struct str undo)
{
	struct str group = settings_group(verb);
	struct view_url_param said[] = {
	    {what, group.len > 0 ? group : STR("1")},
	    {"undo", undo.len > 0 ? undo : str_of(NULL, 0)}, {NULL, {0}}};
	struct view_url url = view_url_local(req->arena, "/settings", said);
	const struct str parts[] = {url.s, STR("#"), group};

	return group.len == 0
	           ? url
	           : view_url_own(req->arena, str_join(req->arena, parts, 3));
}

/* Back to the group whose button it was. */
static enum err_code
settings_back(
    struct request *req, struct response *res, struct str undo, struct err *err)
{
	return page_redirect(req, res,
	    settings_group_url(req, "saved", request_field(req, "do"), undo),
	    err);
}

/* Where the pressed button leads; each saves first. */
static enum err_code
settings_go(
    struct request *req, struct response *res, struct str undo, struct err *err)
{
	static const char *const pages[] = {"/identities", "/responses",
	    "/labels", "/folders", "/senders", "/devices", "/contacts",
	    "/settings/file"};
	struct str verb = request_field(req, "do");

	if (str_eq(verb, STR("switch")))
		return page_switch_go(req, res, STR("/settings?saved=1"), err);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (str_eq(verb, str_c(pages[i] + 1)))
			return page_redirect(req, res,
			    view_url_own(req->arena, str_c(pages[i])), err);
	return settings_back(req, res, undo, err);
}

/* For static/app.js: only what happened. */
static enum err_code
settings_say(struct request *req, struct response *res, const char *words,
    struct str undo, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Settings"), &view, err);

	if (rc != ERR_OK)
		return rc;
	if (words != NULL)
		view_text(
		    view, "error_general", text_line(req->arena, str_c(words)));
	else
		settings_view_said(view, req->arena,
		    settings_group(request_field(req, "do")), undo);
	return page_send(req, res, "settings_said.html", view, err);
}

static enum err_code
settings_undo_post(struct request *req, struct response *res, struct err *err)
{
	struct str back = request_field(req, "back");
	struct str name = request_field(req, "do"); /* undo:NAME:GROUP */
	struct str group = STR("");
	enum err_code rc;

	(void)str_cut(&name, ':');
	group = name;
	rc = settings_undo(req, str_cut(&group, ':'), err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    back.len > 0 ? view_url_own(req->arena, session_own_path(back))
	                 : settings_group_url(req, "undone", name, STR("")),
	    err);
}

enum err_code
page_settings_post(struct request *req, struct response *res, struct err *err)
{
	struct page_prefs prefs = {.rows = 0};
	bool is_quiet = request_field(req, "quiet").len > 0;
	struct err words = ERR_NONE;
	struct str undo = STR("");
	struct str zone;
	enum err_code rc;

	if (str_eq(request_field(req, "do"), STR("prefer")))
		return page_settings_prefer(req, res, err);
	if (str_eq(request_field(req, "do"), STR("first_steps")))
		return page_first_post(req, res, err);
	if (str_eq(request_field(req, "do"), STR("zone")))
		return page_time_post(req, res, err);
	if (str_eq(request_field(req, "do"), STR("width")))
		return settings_width(req, res, err);
	if (str_starts(request_field(req, "do"), STR("undo:")))
		return settings_undo_post(req, res, err);
	rc = page_settings_parse(req, &prefs, err);
	if (rc == ERR_OK)
		rc = page_time_read(req, &zone, err);
	if (rc == ERR_INPUT) {
		words = *err;
		response_status(res, is_quiet ? 200 : 422);
		return is_quiet
		           ? settings_say(req, res, words.message, undo, err)
		           : settings_show(
		                 req, res, &prefs, words.message, err);
	}
	if (rc == ERR_OK)
		rc = settings_save(req, &prefs, zone, &undo, err);
	if (rc == ERR_OK && request_field(req, "language").len > 0)
		rc = page_language_save(
		    req, res, request_field(req, "language"), err);
	if (rc != ERR_OK)
		return rc;
	return is_quiet ? settings_say(req, res, NULL, undo, err)
	                : settings_go(req, res, undo, err);
}
