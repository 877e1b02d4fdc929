#include "page/page_message.h"

#include "base/tr.h"
/* So much of a text is looked at for images. */
#define HOW_SCAN_BYTES ((size_t)256 << 10)

/* "=", quotes, "(", blanks; then an address that is not the message's own. */
static bool
how_is_remote(struct str text, size_t at)
{
	static const struct str starts[] = {
	    {"http:", 5}, {"https:", 6}, {"//", 2}};
	struct str rest;

	while (at < text.len && memchr("= \t\r\n\"'(", text.ptr[at], 8) != NULL)
		at++;
	rest = str_slice(text, at, text.len);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (str_starts_nocase(rest, starts[i]))
			return true;
	return false;
}

bool
message_html_is_remote(struct str html)
{
	static const struct str names[] = {
	    {"src", 3}, {"srcset", 6}, {"background", 10}, {"url", 3}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t at = str_find_nocase(html, names[i], 0);

		while (at < html.len) {
			if (how_is_remote(html, at + names[i].len))
				return true;
			at = str_find_nocase(html, names[i], at + 1);
		}
	}
	return false;
}

/* What is known of images of the internet, as far as texts are there. */
struct how_remote {
	bool has_remote;
	bool is_known;
};

static void
how_scan(
    struct request *req, const struct mime_part *part, struct how_remote *out)
{
	for (size_t i = 0; i < part->part_count && !out->has_remote; i++)
		how_scan(req, &part->parts[i], out);
	if (!str_eq(part->type, STR("text")) ||
	    !str_eq(part->subtype, STR("html")))
		return;
	if (part->content.len == 0 && part->bytes > 0)
		out->is_known = false;
	else if (message_html_is_remote(mime_decode_transfer(req->arena,
	             part->encoding, part->content, HOW_SCAN_BYTES)))
		out->has_remote = true;
}

/* A token for images costs as much as all the other addresses. */
static void
how_view_urls(struct request *req, const struct page_reading *page,
    bool may_be_remote, struct view *view)
{
	static const struct {
		const char *url_name;
		const char *name;
		const char *value;
	} choices[] = {
	    {"choose_plain_url", "show", "plain"},
	    {"choose_html_url", "show", "html"},
	    {"charset_off_url", "charset", NULL},
	};
	const struct page_show *show = &page->show;
	const struct mail_id *id = &page->id;
	struct str none = {NULL, 0};
	struct str section = request_query(req, "section");

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		view_set_url(view, choices[i].url_name,
		    page_show_url(req, "/message", id, show, choices[i].name,
		        choices[i].value == NULL ? none
		                                 : str_c(choices[i].value)));
	if (may_be_remote)
		view_set_url(view, "remote_url",
		    page_show_url(
		        req, "/message", id, show, "remote", STR("1")));
	view_set_url(view, "remote_off_url",
	    page_show_url(req, "/message", id, show, "remote",
	        show->is_sender_trusted ? STR("0") : none));
	view_set_url(view, "print_url",
	    page_show_url(req, "/print", id, show,
	        section.len > 0 ? "section" : NULL, section));
}

/* Charsets to read the texts in; the form keeps all else as it is. */
static void
how_view_charsets(
    struct request *req, const struct page_reading *page, struct view *view)
{
	struct view_url_param params[SHOW_PARAMS + PLACE_PARAMS + 1];
	struct page_show show = page->show;
	size_t count = 0;
	const struct mime_charset_choice *menu = mime_charset_menu(&count);
	struct view_list *rows = view_list(view, "charsets");
	struct view_list *hidden = view_list(view, "charset_hidden");

	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "value", menu[i].label);
		view_word(row, "words", tr(menu[i].name));
		view_bool(row, "selected",
		    str_eq_nocase(show.charset, str_c(menu[i].label)));
	}
	view_text(view, "charset", text_line(req->arena, show.charset));
	view_bool(view, "charset_chosen", show.charset.len > 0);
	view_set_url(
	    view, "charset_url", view_url_own(req->arena, STR("/message")));
	show.charset = STR("");
	message_show_params(req, &page->id, &show, params);
	place_params(req, &params[SHOW_PARAMS]);
	for (size_t i = 0; params[i].name != NULL; i++)
		if (params[i].value.ptr != NULL)
			page_hidden(
			    req, hidden, params[i].name, params[i].value);
}

enum err_code
message_view_how(struct request *req, const struct page_reading *page,
    struct view *view, struct err *err)
{
	const struct page_show *show = &page->show;
	struct how_remote remote = {.is_known = true};
	struct mime_choice choice;
	enum err_code rc =
	    mime_choose(page->message.root, req->arena, &choice, err);

	if (rc != ERR_OK)
		return rc;
	how_scan(req, page->message.root, &remote);
	how_view_urls(req, page, remote.has_remote || !remote.is_known, view);
	how_view_charsets(req, page, view);
	view_bool(view, "remote_blocked", !show->remote);
	view_bool(view, "remote_shown", show->remote);
	/* A choice that differs from the setting can become the setting. */
	view_bool(view, "can_prefer",
	    choice.html != NULL && choice.plain != NULL && show->is_chosen &&
	        show->prefer_plain != page->prefs.prefer_plain);
	if (page_shows_html(page, &choice))
		view_set_url(view, "how_frame_url",
		    page_frame_url(req, page, choice.html));
	view_bool(view, "has_remote", remote.has_remote);
	view_bool(view, "may_be_remote", remote.has_remote || !remote.is_known);
	return ERR_OK;
}
