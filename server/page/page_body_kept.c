#include "base/tr.h"
#include "mail/mail_kept.h"
#include "page/page_body.h"

/* Before the source, the cleaned text and the style of its body. */
struct kept_head {
	size_t source_bytes, body_bytes;
	struct html_clean_result html; /* its pointers mean nothing */
};

static struct str
kept_name(struct request *req, const struct page_body *body,
    const struct html_clean_options *options)
{
	/* What stands behind links that mislead is in the reader's language. */
	return str_printf(req->arena, "html %s %d %zu %.*s",
	    tr_used() == NULL ? "en" : tr_used()->code,
	    options->allow_remote_images, options->max_bytes,
	    STR_ARG(body->part->section));
}

bool
page_body_kept_find(struct request *req, const struct page_body *body,
    const struct html_clean_options *options, struct str source,
    struct html_clean_result *out)
{
	struct mail mail = page_mail(req);
	struct kept_head head;
	struct str bytes;

	if (!mail_kept_find(
	        &mail, body->id, kept_name(req, body, options), &bytes))
		return false;
	ensure(bytes.len >= sizeof(head));
	memcpy(&head, bytes.ptr, sizeof(head));
	bytes = str_slice(bytes, sizeof(head), bytes.len);
	/* Cleaning is a function of the source, so this is all that counts. */
	if (!str_eq(str_slice(bytes, 0, head.source_bytes), source))
		return false;
	bytes = str_slice(bytes, head.source_bytes, bytes.len);
	*out = head.html;
	out->body.s = str_slice(bytes, 0, head.body_bytes);
	out->body_style = str_slice(bytes, head.body_bytes, bytes.len);
	return true;
}

void
page_body_kept_put(struct request *req, const struct page_body *body,
    const struct html_clean_options *options, struct str source,
    const struct html_clean_result *html)
{
	struct mail mail = page_mail(req);
	struct kept_head head = {.source_bytes = source.len,
	    .body_bytes = html->body.s.len,
	    .html = *html};
	const struct str parts[] = {str_of((const char *)&head, sizeof(head)),
	    source, html->body.s, html->body_style};
	struct str bytes;

	head.html.body.s.ptr = head.html.body_style.ptr = NULL;
	bytes = str_join(req->arena, parts, 4);
	if (bytes.ptr != NULL)
		mail_kept_put(
		    &mail, body->id, kept_name(req, body, options), bytes);
}
