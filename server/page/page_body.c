#include "page/page_body.h"

#include "page/page_look.h"
#include "page/pages.h"

struct view_url
page_frame_url(struct request *req, const struct page_reading *reading,
    const struct mime_part *part)
{
	return page_show_url(
	    req, "/body", &reading->id, &reading->show, "part", part->section);
}

/* The part that is asked for, else the one that is read first. */
static enum err_code
body_part(struct request *req, const struct mail_message *message,
    const struct mime_part **out, struct err *err)
{
	struct str section = request_query(req, "part");
	struct mime_choice choice;
	enum err_code rc;

	if (section.len > 0) {
		*out = mime_part_find(message->root, section);
	} else {
		rc = mime_choose(message->root, req->arena, &choice, err);
		if (rc != ERR_OK)
			return rc;
		*out = choice.html;
	}
	if (*out == NULL || !str_eq((*out)->type, STR("text")) ||
	    !str_eq((*out)->subtype, STR("html")))
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such formatted text.", NULL);
	return ERR_OK;
}

/* Classes of body_style.html. */
static const char *const body_colours[] = {
    [HTML_NO_COLOURS] = "dark",
    [HTML_INVERTIBLE] = "inverted",
    [HTML_KEEP_COLOURS] = "light",
};

static void
body_view(const struct page_body_text *text, struct view *view)
{
	const struct html_clean_result *html = &text->html;

	view_html(view, "body", html->body);
	view_css(view, "body_css", html->body_style);
	view_u64(view, "blocked_remote", html->blocked_remote);
	view_bool(view, "has_blocked", html->blocked_remote > 0);
	view_bool(view, "one_blocked", html->blocked_remote == 1);
	view_bool(view, "is_truncated", text->is_cut || html->is_truncated);
	view_word(view, "colours", body_colours[html->colours]);
	view_bool(view, "is_shaded", html->colours != HTML_KEEP_COLOURS);
}

/* When our dark colours hold: by the system, unless somebody chose. */
static const char *
body_shade_media(struct request *req)
{
	if (page_look_is(req, "light"))
		return "not all";
	return page_look_is(req, "dark")
	           ? "screen"
	           : "screen and (prefers-color-scheme:dark)";
}

void
page_body_headers(struct response *res, const struct page_show *show)
{
	response_replace_header(
	    res, "Content-Security-Policy", page_body_csp(show->remote));
	response_replace_header(res, "Referrer-Policy", STR("no-referrer"));
}

enum err_code
page_body(struct request *req, struct response *res, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_message message;
	struct mail_id id;
	struct page_prefs prefs;
	struct page_show show;
	struct page_body body = {.id = &id, .message = &message, .show = &show};
	struct page_body_text text = {0};
	struct view *view = view_new(req->arena);
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = page_prefs_get(req, &prefs, err);
	if (rc == ERR_OK)
		rc = mail_message(
		    &mail, &id, MAIL_WANT_HTML, &message, NULL, err);
	if (rc == ERR_OK)
		rc = page_show_read(req, &prefs, &message, &show, err);
	if (rc == ERR_OK)
		rc = body_part(req, &message, &body.part, err);
	if (rc != ERR_OK)
		return rc;
	id.uid_validity = message.uid_validity;
	rc = page_body_clean(req, &body, &text, err);
	if (rc != ERR_OK)
		return rc;
	body_view(&text, view);
	view_word(view, "shade_media", body_shade_media(req));
	page_body_headers(res, &show);
	return page_send(req, res, "body.html", view, err);
}
