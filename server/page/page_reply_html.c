#include "mail/outbox.h"
#include "mime/html_clean.h"
#include "page/page_body.h"
#include "page/page_reply.h"

/* What an answer begins with where it is formatted. */

/* What the callbacks of cleaning need. */
struct reply_cleaning {
	struct request *req;
	const struct compose *compose;
	const struct body_cids *cids;
};

static struct str
html_mailto(void *ctx, struct str mailto)
{
	const struct reply_cleaning *cleaning = ctx;

	return str_dup(cleaning->req->arena, mailto);
}

/* A picture that comes along as a file of this composition; else it is left
 * out. */
static struct str
html_cid(void *ctx, struct str content_id)
{
	const struct reply_cleaning *cleaning = ctx;
	const struct compose *compose = cleaning->compose;
	struct arena *arena = cleaning->req->arena;
	const struct mime_part *part =
	    cleaning->cids == NULL ? NULL
	                           : body_cids_find(cleaning->cids, content_id);

	for (size_t i = 0; part != NULL && i < compose->source_file_count; i++)
		if (compose->source_files[i] == part) {
			struct str parts[3] = {STR("cid:"),
			    page_compose_part_id(arena, compose, part->section),
			    STR(OUTBOX_CID_DOMAIN)};

			return str_join(arena, parts, 3);
		}
	return str_of(NULL, 0);
}

/* `is_own`: what the person wrote, with the pictures of the internet in it. */
static enum err_code
html_read_part(struct request *req, const struct reply_source *source,
    const struct compose *compose, const struct mime_block *block, bool is_own,
    struct html *out, struct err *err)
{
	bool is_html = block->html != NULL;
	struct reply_cleaning cleaning = {.req = req, .compose = compose};
	const struct html_clean_options options = {
	    .allow_remote_images = is_own,
	    .cid_address = html_cid,
	    .mailto_address = html_mailto,
	    .ctx = &cleaning,
	};
	struct html_clean_result clean = {0};
	struct mail mail = page_mail(req);
	struct text text = {{NULL, 0}};
	bool is_cut = false;
	enum err_code rc = mail_part_text(&mail, &source->id,
	    is_html ? block->html : block->plain, request_query(req, "charset"),
	    &text, &is_cut, err);

	if (rc != ERR_OK)
		return rc;
	if (is_html && compose->source_file_count > 0)
		cleaning.cids = body_cids_new(
		    req->arena, source->message.root, block->html);
	/* HTML that ends in the middle is mended when it is cleaned. */
	text =
	    text_from(req->arena, str_slice(text.s, 0, REPLY_TEXT_BYTES / 2));
	if (is_html)
		rc = html_clean(text.s, &options, req->arena, &clean, err);
	if (rc == ERR_LIMIT)
		text = mime_html_to_text(req->arena, text.s);
	/* Its links to pages of ours do not outlive the cleaning. */
	if (!is_html || rc == ERR_LIMIT)
		rc = html_clean(view_plain_text(req->arena, text).s, &options,
		    req->arena, &clean, err);
	*out = clean.body;
	return rc;
}

static enum err_code
html_view_blocks(struct request *req, const struct reply_source *source,
    const struct compose *compose, struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "blocks");
	size_t total = 0;

	for (size_t i = 0; i < source->outline.count; i++) {
		const struct mime_block *block = &source->outline.blocks[i];
		struct html html = {{NULL, 0}};
		enum err_code rc;

		if (block->kind != MIME_BLOCK_TEXT || block->is_file ||
		    (block->html == NULL && block->plain == NULL) ||
		    total > REPLY_TEXT_BYTES)
			continue;
		rc = html_read_part(
		    req, source, compose, block, false, &html, err);
		if (rc != ERR_OK)
			return rc;
		view_html(view_list_add(rows), "html", html);
		total += html.s.len;
	}
	return ERR_OK;
}

static void
html_view_signature(const struct page_identity *sender, struct view *view)
{
	struct html signature = {sender->signature_html};

	view_html(view, "signature_html", signature);
	view_text(view, "signature", sender->signature);
	view_bool(view, "has_signature",
	    sender->signature_html.len > 0 ||
	        !text_is_empty(sender->signature));
}

static void
html_view_head(
    struct request *req, const struct reply_source *source, struct view *view)
{
	struct view_list *rows = view_list(view, "head");
	struct reply_head head[REPLY_HEAD_MOST];
	size_t count = forward_head(req, source, head);

	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_word(row, "name", head[i].name);
		view_text(row, "value", head[i].value);
	}
}

enum err_code
reply_html(struct request *req, const struct reply_source *source,
    const struct compose *compose, bool is_forward, struct text *out,
    struct err *err)
{
	struct view *view = view_new(req->arena);
	struct html html = {{NULL, 0}};
	enum err_code rc = html_view_blocks(req, source, compose, view, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "is_forward", is_forward);
	view_bool(view, "is_signed_last", source->is_signed_last);
	view_text(view, "intro", reply_intro(req, source));
	html_view_head(req, source, view);
	html_view_signature(&source->sender, view);
	rc = tmpl_render(app_site_of(req)->templates, "reply_quote.html", view,
	    req->arena, &html, err);
	if (rc == ERR_OK)
		*out = text_from(req->arena, html.s);
	return rc;
}

enum err_code
reply_html_edit(struct request *req, const struct reply_source *source,
    struct compose *out, struct err *err)
{
	struct buf all;
	bool is_formatted = false;

	buf_init_arena(&all, req->arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; i < source->outline.count; i++) {
		const struct mime_block *block = &source->outline.blocks[i];
		struct html html = {{NULL, 0}};
		enum err_code rc;

		if (block->kind != MIME_BLOCK_TEXT || block->is_file ||
		    (block->html == NULL && block->plain == NULL) ||
		    all.len > REPLY_TEXT_BYTES)
			continue;
		rc = html_read_part(req, source, out, block, true, &html, err);
		if (rc != ERR_OK)
			return rc;
		is_formatted = is_formatted || block->html != NULL;
		buf_add(&all, html.s);
	}
	if (!is_formatted || all.failed != ERR_OK)
		return ERR_OK;
	out->html = text_from(req->arena, buf_str(&all));
	return ERR_OK;
}
