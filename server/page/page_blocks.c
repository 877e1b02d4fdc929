#include "page/page_image.h"
#include "page/page_reading.h"

bool
page_shows_html(
    const struct page_reading *reading, const struct mime_choice *choice)
{
	bool plain = reading->show.prefer_plain;

	return choice->html != NULL && (!plain || choice->plain == NULL);
}

static void
blocks_view_html(struct request *req, const struct page_reading *reading,
    const struct mime_part *part, struct view *view)
{
	const struct page_show *show = &reading->show;

	view_bool(view, "remote_blocked", !show->remote);
	view_bool(view, "remote_shown", show->remote);
	view_set_url(view, "frame_url", page_frame_url(req, reading, part));
	view_set_url(view, "open_url", page_frame_url(req, reading, part));
	view_set_url(view, "remote_url",
	    page_show_url(
	        req, "/message", &reading->id, show, "remote", STR("1")));
}

enum err_code
page_blocks(struct request *req, const struct page_reading *reading,
    struct str section, struct view *view, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mime_choice choice;
	struct text plain = {{0}};
	bool is_cut = false;
	bool show_html;
	enum err_code rc =
	    mime_choose(reading->message.root, req->arena, &choice, err);

	(void)section;
	if (rc != ERR_OK)
		return rc;
	show_html = page_shows_html(reading, &choice);
	view_bool(view, "has_html", choice.html != NULL);
	view_bool(view, "has_plain", choice.plain != NULL);
	view_bool(
	    view, "has_choice", choice.html != NULL && choice.plain != NULL);
	view_bool(view, "show_html", show_html);
	if (show_html) {
		blocks_view_html(req, reading, choice.html, view);
		return ERR_OK;
	}
	if (choice.plain != NULL)
		rc = mail_part_text(&mail, &reading->id, choice.plain,
		    reading->show.charset, &plain, &is_cut, err);
	if (rc != ERR_OK)
		return rc;
	view_bool(view, "body_truncated", is_cut);
	view_html(view, "plain_body", view_plain_text(req->arena, plain));
	view_bool(view, "is_empty", str_trim(plain.s).len == 0);
	return ERR_OK;
}
