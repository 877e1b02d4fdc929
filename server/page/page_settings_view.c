#include "page/page_settings.h"

#include "page/page_push.h"
#include "page/pages.h"

static void
settings_view_after(enum page_after chosen, struct view *view)
{
	static const struct {
		enum page_after after;
		const char *words;
	} choices[] = {
	    {PAGE_AFTER_LIST, N_("The list again")},
	    {PAGE_AFTER_NEXT, N_("The next message of the list")},
	    {PAGE_AFTER_PREVIOUS, N_("The previous message of the list")},
	};
	struct view_list *rows = view_list(view, "after");

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "value", page_after_name(choices[i].after));
		view_word(row, "words", tr(choices[i].words));
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
	    {PAGE_WRITE_AS_READ, N_("To answer formatted messages")},
	    {PAGE_WRITE_HTML, N_("Always")},
	    {PAGE_WRITE_PLAIN, N_("Only where I ask for it")},
	};
	struct view_list *rows = view_list(view, "write");

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "value", page_write_name(choices[i].write));
		view_word(row, "words", tr(choices[i].words));
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

void
settings_view(
    struct request *req, const struct page_prefs *prefs, struct view *view)
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
