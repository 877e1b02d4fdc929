#include "mime/html_clean.h"
#include "page/compose_file.h"
#include "page/compose_inside.h"
#include "page/page_login.h"

/* Formatted text: what a browser's editor sends, made clean. */

/* What the callbacks of cleaning need. */
struct rich_cleaning {
	struct request *req;
	const struct store_attachment *files; /* NULL: any may be shown */
	size_t file_count;
};

/* "cid:FILE@iwebmsg" stays what it is: a file of this composition. */
static struct str
rich_cid(void *ctx, struct str content_id)
{
	const struct rich_cleaning *cleaning = ctx;
	struct request *req = cleaning->req;
	struct str parts[2] = {STR("cid:"), content_id};

	if (!str_ends(content_id, STR(OUTBOX_CID_DOMAIN)))
		return str_of(NULL, 0);
	return str_join(req->arena, parts, 2);
}

static struct str
rich_mailto(void *ctx, struct str mailto)
{
	const struct rich_cleaning *cleaning = ctx;

	return str_dup(cleaning->req->arena, mailto);
}

/* The same, for those files alone that are there. */
static struct str
rich_cid_there(void *ctx, struct str content_id)
{
	struct rich_cleaning *cleaning = ctx;
	struct str file = str_slice(
	    content_id, 0, str_find(content_id, STR(OUTBOX_CID_DOMAIN), 0));

	if (!compose_file_is_stored(
	        cleaning->files, cleaning->file_count, file))
		return str_of(NULL, 0);
	return rich_cid(ctx, content_id);
}

static enum err_code
rich_clean_with(struct rich_cleaning *cleaning, struct str html,
    struct str *out, struct err *err)
{
	struct request *req = cleaning->req;
	const struct html_clean_options options = {
	    .allow_remote_images = true,
	    .cid_address = cleaning->files != NULL ? rich_cid_there : rich_cid,
	    .mailto_address = rich_mailto,
	    .ctx = cleaning,
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

static enum err_code
rich_clean(
    struct request *req, struct str html, struct str *out, struct err *err)
{
	struct rich_cleaning cleaning = {.req = req};

	return rich_clean_with(&cleaning, html, out, err);
}

/* A picture of the original that was not ticked leaves no hole in the text. */
enum err_code
compose_rich_sent(struct request *req, const struct compose *compose,
    struct str *out, struct err *err)
{
	static const struct store_attachment none = {0};
	struct rich_cleaning cleaning = {.req = req, .files = &none};
	struct store_attachment *files = NULL;
	size_t count = 0;
	enum err_code rc = ERR_OK;

	*out = compose->html.s;
	if (str_find(*out, STR(OUTBOX_CID_DOMAIN), 0) == out->len)
		return ERR_OK;
	rc = store_attachment_list(req->app->store, req->session->account,
	    compose->id, req->arena, &files, &count, err);
	if (rc == ERR_OK && count > 0) {
		cleaning.files = files;
		cleaning.file_count = count;
	}
	return rc == ERR_OK
	           ? rich_clean_with(&cleaning, compose->html.s, out, err)
	           : rc;
}

/* FNV-1a of the words, whatever the ends of lines and the blanks around. */
struct str
compose_rich_mark(struct arena *arena, struct text text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct str rest = str_trim(text.s);

	while (rest.len > 0) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		for (size_t i = 0; i <= line.len; i++) {
			char c = i < line.len ? line.ptr[i] : '\n';

			hash =
			    (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
		}
	}
	return str_printf(arena, "%016llx", (unsigned long long)hash);
}

/* Of the form, also of one that was carried through the login page. */
static struct str
rich_field(struct request *req, const struct compose *compose, const char *name)
{
	return compose->carried != NULL
	           ? page_carried(req, compose->carried, name)
	           : request_field(req, name);
}

enum err_code
compose_rich(struct request *req, struct compose *compose, struct err *err)
{
	struct str clean = STR("");
	struct str shown = rich_field(req, compose, "body_mark");
	bool is_edited = rich_field(req, compose, "rich").len > 0;
	enum err_code rc = ERR_OK;

	if (text_is_empty(compose->html))
		return ERR_OK;
	/* Without the editor the plain text beside it was changed: that is it.
	 */
	if (!is_edited &&
	    !str_eq(shown, compose_rich_mark(req->arena, compose->body))) {
		compose->html = TEXT("");
		return ERR_OK;
	}
	rc = rich_clean(req, compose->html.s, &clean, err);
	if (rc != ERR_OK)
		return rc;
	compose->html = text_from(req->arena, clean);
	if (is_edited)
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
