#include "mime/html_clean.h"
#include "page/page.h"
#include "page/page_image.h"
#include "page/page_reading.h"
#include "page/pages.h"

/*
 * The framed document (design, section 8): opaque origin, no script, no
 * requests but images of the message itself; remote ones once allowed.
 */
static const char body_csp_blocked[] =
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data: 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'";
static const char body_csp_remote[] =
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data: 'self' https:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'";

/* What the cleaner's callbacks need. */
struct body_page {
	struct request *req;
	struct mail_id id;
	const struct mime_part *root;
};

static struct str
body_cid(void *ctx, struct str content_id)
{
	struct body_page *page = ctx;
	const struct mime_part *part = mime_part_by_cid(page->root, content_id);

	if (part == NULL || !mime_is_safe_image(part))
		return str_of(NULL, 0);
	return page_image_address(page->req, &page->id, part);
}

/* "mailto:a@b?subject=…" opens our own compose page, in a new window. */
static struct str
body_mailto(void *ctx, struct str mailto)
{
	struct body_page *page = ctx;
	struct view_url_param params[] = {{"mailto", mailto}, {NULL, {0}}};
	struct request *req = page->req;
	struct view_url url = view_url_local(req->arena, "/compose", params);
	struct str address = session_address(req, req->is_secure, url.s);

	/* Behind a proxy that ends TLS we may have no such door ourselves. */
	return address.len > 0 ? address
	                       : view_url_with_base(req->arena, url).s;
}

static enum err_code
body_view(struct request *req, struct response *res,
    const struct html_clean_result *clean, bool is_cut, struct err *err)
{
	struct view *view = view_new(req->arena);

	if (view == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "body_view");
	view_html(view, "body", clean->body);
	view_css(view, "body_css", clean->body_style);
	view_u64(view, "blocked_remote", clean->blocked_remote);
	view_bool(view, "has_blocked", clean->blocked_remote > 0);
	view_bool(view, "is_truncated", is_cut || clean->is_truncated);
	view_word(view, "lang", "");
	return page_send(req, res, "body.html", view, err);
}

struct view_url
page_frame_url(struct request *req, const struct page_reading *reading,
    const struct mime_part *part)
{
	return page_show_url(
	    req, "/body", &reading->id, &reading->show, "part", part->section);
}

enum err_code
page_body(struct request *req, struct response *res, struct err *err)
{
	struct body_page page = {.req = req};
	struct html_clean_options options = {
	    .allow_remote_images =
	        str_eq(request_query(req, "remote"), STR("1")),
	    .cid_address = body_cid,
	    .mailto_address = body_mailto,
	    .ctx = &page,
	};
	struct html_clean_result clean = {0};
	struct mail mail = page_mail(req);
	struct mail_message message;
	struct mime_choice choice;
	struct text source = {{NULL, 0}};
	bool is_cut = false;
	enum err_code rc = page_message_id(req, &page.id, err);

	if (rc == ERR_OK)
		rc = mail_message(&mail, &page.id, &message, NULL, err);
	if (rc == ERR_OK)
		rc = mime_choose(message.root, req->arena, &choice, err);
	if (rc == ERR_OK && choice.html == NULL)
		rc = err_set(err, ERR_NOT_FOUND,
		    "This message has no formatted text.", NULL);
	if (rc != ERR_OK)
		return rc;
	page.root = message.root;
	page.id.uid_validity = message.uid_validity;
	rc = mail_part_text(
	    &mail, &page.id, choice.html, STR(""), &source, &is_cut, err);
	if (rc == ERR_OK)
		rc = html_clean(source.s, &options, req->arena, &clean, err);
	if (rc != ERR_OK)
		return rc;
	response_replace_header(res, "Content-Security-Policy",
	    options.allow_remote_images ? str_c(body_csp_remote)
	                                : str_c(body_csp_blocked));
	response_replace_header(res, "Referrer-Policy", STR("no-referrer"));
	return body_view(req, res, &clean, is_cut, err);
}
