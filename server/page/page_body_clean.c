#include "page/page_body.h"
#include "page/page_image.h"
#include "page/page_message.h"

/* What the cleaner's callbacks need. */
struct body_links {
	struct request *req;
	const struct mail_id *id;
	const struct body_cids *cids;
	/* Of the image that was named last: often the same many times. */
	const struct mime_part *last;
	struct str last_address;
	unsigned mail_links; /* written so far */
	bool is_asked;       /* what was written holds for this request only */
};

static struct str
body_cid(void *ctx, struct str content_id)
{
	struct body_links *links = ctx;
	const struct mime_part *part = body_cids_find(links->cids, content_id);

	links->is_asked = true;
	if (part == NULL)
		return str_of(NULL, 0);
	if (part != links->last) {
		links->last = part;
		links->last_address =
		    page_image_address(links->req, links->id, part);
	}
	return links->last_address;
}

/* An address opens our own compose page; past many sealed ones an empty one. */
static struct view_url
body_write_url(struct body_links *links, const char *name, struct str value)
{
	struct request *req = links->req;
	const struct view_url_param none[] = {{NULL, {0}}};
	bool is_bare = req->session->expire_views &&
	               links->mail_links++ >= MESSAGE_WRITE_MAX;
	struct view_url url = is_bare
	                          ? view_url_local(req->arena, "/compose", none)
	                          : message_write_url(req, name, value);
	struct str address = session_address(req, req->is_secure, url.s);

	/* Behind a proxy that ends TLS we may have no such door ourselves. */
	return address.len > 0 ? (struct view_url){address} : url;
}

/* "mailto:a@b?subject=…", in a new window. */
static struct str
body_mailto(void *ctx, struct str mailto)
{
	struct body_links *links = ctx;

	links->is_asked = true;
	return view_url_with_base(
	    links->req->arena, body_write_url(links, "mailto", mailto))
	    .s;
}

static struct view_url
body_address(void *ctx, struct str address)
{
	return body_write_url(ctx, "to", address);
}

/* The first bytes of a text, not cut within a letter. */
static struct str
body_cut(struct str text, size_t max_bytes)
{
	while (max_bytes > 0 && max_bytes < text.len &&
	       ((unsigned char)text.ptr[max_bytes] & 0xc0u) == 0x80u)
		max_bytes--;
	return str_slice(text, 0, max_bytes);
}

static struct html
body_words(struct body_links *links, struct str source)
{
	struct arena *arena = links->req->arena;
	const struct view_plain how = {.max_bytes = LIMIT_PAGE_BYTES,
	    .mail_url = body_address,
	    .ctx = links};
	bool is_cut = false;

	links->mail_links = 0;
	return view_plain_shown(
	    arena, mime_html_to_text(arena, source), &how, &is_cut);
}

enum err_code
page_body_clean(struct request *req, const struct page_body *body,
    struct page_body_text *out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mime_limits limits = mail_limits(&mail);
	struct body_links links = {.req = req, .id = body->id};
	struct html_clean_options options = {
	    .allow_remote_images = body->show->remote,
	    .cid_address = body_cid,
	    .mailto_address = body_mailto,
	    .ctx = &links,
	    .show_link_hosts = true,
	    .max_bytes = limits.html_bytes,
	    /* Reading the message may have cost the other half. */
	    .time_ms = limits.time_ms / 2,
	};
	struct text source = {{NULL, 0}};
	enum err_code rc = mail_part_text(&mail, body->id, body->part,
	    body->show->charset, &source, &out->is_cut, err);

	if (rc != ERR_OK)
		return rc;
	links.cids = body_cids_new(req->arena, body->message->root, body->part);
	if (links.cids == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_body_clean");
	out->is_cut = out->is_cut || source.s.len > limits.html_bytes;
	source.s = body_cut(source.s, limits.html_bytes);
	if (page_body_kept_find(req, body, &options, source.s, &out->html))
		return ERR_OK;
	rc = html_clean(source.s, &options, req->arena, &out->html, err);
	if (rc == ERR_OK && !links.is_asked && !out->html.is_truncated)
		page_body_kept_put(req, body, &options, source.s, &out->html);
	if (rc != ERR_LIMIT)
		return rc;
	/* Too tangled to be cleaned: its words, then. */
	out->html = (struct html_clean_result){.is_truncated = true};
	out->html.body = body_words(&links, source.s);
	return ERR_OK;
}
