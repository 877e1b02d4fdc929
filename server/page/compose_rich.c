#include "mime/html_clean.h"
#include "page/compose_inside.h"

/* Formatted text: what a browser's editor sends, made clean. */

/* "cid:FILE@iwebmsg" stays what it is: a file of this composition. */
static struct str
rich_cid(void *ctx, struct str content_id)
{
	struct request *req = ctx;
	struct str parts[2] = {STR("cid:"), content_id};

	if (!str_ends(content_id, STR(OUTBOX_CID_DOMAIN)))
		return str_of(NULL, 0);
	return str_join(req->arena, parts, 2);
}

static struct str
rich_mailto(void *ctx, struct str mailto)
{
	struct request *req = ctx;

	return str_dup(req->arena, mailto);
}

static enum err_code
rich_clean(
    struct request *req, struct str html, struct str *out, struct err *err)
{
	const struct html_clean_options options = {
	    .allow_remote_images = true,
	    .cid_address = rich_cid,
	    .mailto_address = rich_mailto,
	    .ctx = req,
	};
	struct html_clean_result clean = {0};
	enum err_code rc = html_clean(html, &options, req->arena, &clean, err);

	*out = rc == ERR_OK ? clean.body.s : STR("");
	if (rc == ERR_LIMIT || (rc == ERR_OK && clean.is_truncated))
		return err_set(err, ERR_LIMIT,
		    "The formatted text is too long. Please shorten it, or "
		    "attach a part of it as a file.",
		    NULL);
	return rc;
}

/* The same words, whatever the ends of lines and the blanks around. */
static bool
rich_is_same(struct str a, struct str b)
{
	a = str_trim(a);
	b = str_trim(b);
	while (a.len > 0 && b.len > 0) {
		struct str one = str_trim(str_cut(&a, '\n'));
		struct str two = str_trim(str_cut(&b, '\n'));

		if (!str_eq(one, two))
			return false;
	}
	return a.len == b.len;
}

enum err_code
compose_rich(struct request *req, struct compose *compose, struct err *err)
{
	struct text plain;
	struct str clean = STR("");
	bool is_edited = request_field(req, "rich").len > 0;
	enum err_code rc = ERR_OK;

	if (text_is_empty(compose->html))
		return ERR_OK;
	plain = mime_html_to_text(req->arena, compose->html.s);
	/* Without the editor the plain text below was changed: that is it. */
	if (!is_edited && !rich_is_same(plain.s, compose->body.s)) {
		compose->html = TEXT("");
		return ERR_OK;
	}
	rc = rich_clean(req, compose->html.s, &clean, err);
	if (rc != ERR_OK)
		return rc;
	compose->html = text_from(req->arena, clean);
	compose->body = mime_html_to_text(req->arena, clean);
	return ERR_OK;
}

enum err_code
compose_rich_put_in(struct request *req, struct compose *compose,
    struct text plain, struct err *err)
{
	struct html html = view_plain_text(req->arena, plain);
	struct str parts[2] = {html.s, compose->html.s};
	struct str clean = STR("");
	enum err_code rc =
	    rich_clean(req, str_join(req->arena, parts, 2), &clean, err);

	if (rc != ERR_OK)
		return rc;
	compose->html = text_from(req->arena, clean);
	compose->body = mime_html_to_text(req->arena, clean);
	return ERR_OK;
}
