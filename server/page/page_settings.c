#include "base/num.h"
#include "page/page_look.h"
#include "page/page_language.h"
#include "page/page_message.h"
#include "page/page_push.h"
#include "page/page_time.h"
#include "page/pages.h"

#define PAGE_SIGNATURE_BYTES ((size_t)10 << 10)

static void
settings_view_after(enum page_after chosen, struct view *view)
{
	static const struct {
		enum page_after after;
		const char *words;
	} choices[] = {
	    {PAGE_AFTER_LIST, "The list again"},
	    {PAGE_AFTER_NEXT, "The next message of the list"},
	    {PAGE_AFTER_PREVIOUS, "The previous message of the list"},
	};
	struct view_list *rows = view_list(view, "after");

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "value", page_after_name(choices[i].after));
		view_word(row, "words", choices[i].words);
		view_bool(row, "selected", choices[i].after == chosen);
	}
}

static void
settings_view_write(enum page_write chosen, struct view *view)
{
	static const struct {
		enum page_write write;
		const char *words;
	} choices[] = {
	    {PAGE_WRITE_AS_READ, "To answer formatted messages"},
	    {PAGE_WRITE_HTML, "Always"},
	    {PAGE_WRITE_PLAIN, "Only where I ask for it"},
	};
	struct view_list *rows = view_list(view, "write");

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "value", page_write_name(choices[i].write));
		view_word(row, "words", choices[i].words);
		view_bool(row, "selected", choices[i].write == chosen);
	}
}

static void
settings_view_undo(struct request *req, int64_t chosen_ms, struct view *view)
{
	static const uint32_t choices[] = {0, 5, 10, 20, 30, 60};
	struct view_list *rows = view_list(view, "undo_send");
	bool is_known = false;

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		bool is_chosen = chosen_ms == (int64_t)choices[i] * 1000;
		struct view *row = view_list_add(rows);

		is_known = is_known || is_chosen;
		view_u64(row, "value", choices[i]);
		view_bool(row, "is_off", choices[i] == 0);
		view_bool(row, "selected", is_chosen);
	}
	if (!is_known) {
		struct view *row = view_list_add(rows);

		view_str(row, "value",
		    page_u64(req->arena, (uint64_t)chosen_ms / 1000));
		view_bool(row, "selected", true);
	}
}

/* How open pages learn of new mail. */
static void
settings_view_news(
    struct request *req, const struct page_prefs *prefs, struct view *view)
{
	static const uint32_t minutes[] = {0, 1, 5, 15};
	struct view_list *rows = view_list(view, "refresh");

	view_bool(view, "has_push", push_is_on(req->cfg));
	view_bool(view, "notify_short", prefs->notify == PAGE_NOTIFY_SHORT);
	view_bool(view, "notify_full", prefs->notify == PAGE_NOTIFY_FULL);
	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		struct view *row = view_list_add(rows);

		view_u64(row, "value", minutes[i]);
		view_bool(row, "is_off", minutes[i] == 0);
		view_bool(row, "is_one", minutes[i] == 1);
		view_bool(
		    row, "selected", minutes[i] == prefs->refresh_minutes);
	}
}

static void
page_settings_view(struct request *req, const struct page_prefs *prefs,
    bool saved, struct view *view)
{
	struct view_list *rows = view_list(view, "rows_per_page");

	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/settings")));
	view_text(view, "name", prefs->name);
	view_text(view, "signature", prefs->signature);
	view_bool(view, "conversations", prefs->conversations);
	view_bool(view, "previews", prefs->previews);
	view_bool(view, "prefer_plain", prefs->prefer_plain);
	settings_view_write(prefs->write, view);
	view_bool(view, "signature_last", prefs->signature_last);
	view_bool(view, "saved", saved);
	settings_view_after(prefs->after, view);
	settings_view_undo(req, prefs->undo_send_ms, view);
	view_bool(view, "server_keeps_sent", prefs->server_keeps_sent);
	settings_view_news(req, prefs, view);
	view_bool(view, "keys", prefs->has_keys);
	view_bool(view, "foot_in_form", true);
	for (const uint32_t *at = page_rows_choices; *at != 0; at++) {
		struct view *row = view_list_add(rows);

		view_u64(row, "value", *at);
		view_bool(row, "selected", *at == prefs->rows);
	}
}

/* `words` NULL, or why nothing was saved. */
static enum err_code
settings_show(struct request *req, struct response *res,
    const struct page_prefs *prefs, const char *words, struct err *err)
{
	bool is_saved = words == NULL && request_query(req, "saved").len > 0;
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, TEXT("Settings"), &view, err);

	if (rc == ERR_OK)
		rc = page_time_view_choice(req, view, err);
	if (rc != ERR_OK)
		return rc;
	page_settings_view(req, prefs, is_saved, view);
	page_look_view_choices(req, view);
	page_language_view_choice(req, view);
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

/* Where the pressed button leads; each saves first. */
static enum err_code
settings_go(struct request *req, struct response *res, struct err *err)
{
	static const char *const pages[] = {"/identities", "/responses",
	    "/labels", "/folders", "/senders", "/devices", "/contacts"};
	struct view_url_param saved[] = {{"saved", STR("1")}, {NULL, {0}}};
	struct str verb = request_field(req, "do");

	if (str_eq(verb, STR("switch")))
		return page_switch_go(req, res, STR("/settings?saved=1"), err);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (str_eq(verb, str_c(pages[i] + 1)))
			return page_redirect(req, res,
			    view_url_own(req->arena, str_c(pages[i])), err);
	return page_redirect(
	    req, res, view_url_local(req->arena, "/settings", saved), err);
}

/* The line between list and message was dragged: no page is wanted. */
static enum err_code
settings_width(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = page_look_save_width(req, err);

	if (rc == ERR_OK)
		response_plain(res, 200, STR("Saved."));
	return rc;
}

enum err_code
page_settings_post(struct request *req, struct response *res, struct err *err)
{
	struct page_prefs prefs = {.rows = 0};
	struct err words = ERR_NONE;
	struct str zone;
	enum err_code rc;

	if (str_eq(request_field(req, "do"), STR("prefer")))
		return page_settings_prefer(req, res, err);
	if (str_eq(request_field(req, "do"), STR("zone")))
		return page_time_post(req, res, err);
	if (str_eq(request_field(req, "do"), STR("width")))
		return settings_width(req, res, err);
	rc = page_settings_parse(req, &prefs, err);
	if (rc == ERR_OK)
		rc = page_time_read(req, &zone, err);
	if (rc == ERR_INPUT) {
		words = *err;
		response_status(res, 422);
		return settings_show(req, res, &prefs, words.message, err);
	}
	if (rc == ERR_OK)
		rc = page_prefs_set(req, &prefs, err);
	if (rc == ERR_OK)
		rc = page_time_save(req, zone, err);
	if (rc == ERR_OK)
		rc = page_look_save(req, err);
	if (rc == ERR_OK && request_field(req, "language").len > 0)
		rc = page_language_save(
		    req, res, request_field(req, "language"), err);
	return rc == ERR_OK ? settings_go(req, res, err) : rc;
}
