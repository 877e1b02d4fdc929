#include "base/codec.h"
#include "base/num.h"
#include "base/scan.h"
#include "os/clock.h"
#include "page/page.h"
#include "page/page_image.h"
#include "page/page_inside.h"
#include "page/pages.h"

#define PART_NAME_LETTERS 200 /* of a file name in a header */

static const char image_purpose[] = "image";

/* Types a download may name; all others are just bytes. */
static const char *const part_types[] = {
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "application/zip",
    "text/plain",
    "text/csv",
    "text/calendar",
    "text/vcard",
    "audio/mpeg",
    "video/mp4",
};

/*
 * Sends what the decoder yields; the answer begins with the first bytes. Its
 * headers come no sooner: an error page must not be a download.
 */
struct part_sender {
	struct request *req;
	struct response *res;
	struct str type;
	struct str disposition;
	struct http_stream *stream;
	enum err_code rc;
	struct err err;
};

static void
part_headers(const struct part_sender *sender)
{
	const struct session *session = sender->req->session;
	struct response *res = sender->res;

	response_status(res, 200);
	response_replace_header(res, "Content-Type", sender->type);
	response_replace_header(
	    res, "Content-Disposition", sender->disposition);
	response_replace_header(res, "Content-Security-Policy",
	    STR("sandbox; default-src 'none'; frame-ancestors 'none'"));
	if (session != NULL && !session->expire_views)
		response_replace_header(
		    res, "Cache-Control", STR("private, max-age=3600"));
}

static bool
part_open(struct part_sender *sender)
{
	if (sender->stream != NULL || sender->rc != ERR_OK)
		return sender->rc == ERR_OK;
	part_headers(sender);
	sender->rc = response_stream_open(sender->req, sender->res, UINT64_MAX,
	    &sender->stream, &sender->err);
	return sender->rc == ERR_OK;
}

static bool
part_sink(void *ctx, struct str bytes)
{
	struct part_sender *sender = ctx;

	if (!part_open(sender))
		return false;
	sender->rc = http_stream_write(sender->stream, bytes, &sender->err);
	return sender->rc == ERR_OK;
}

static struct str
part_type(struct arena *arena, const struct mime_part *part)
{
	struct str pieces[3] = {part->type, STR("/"), part->subtype};
	struct str type = str_join(arena, pieces, 3);

	for (size_t i = 0; i < sizeof(part_types) / sizeof(part_types[0]); i++)
		if (str_eq(type, str_c(part_types[i])))
			return str_c(part_types[i]);
	return STR("application/octet-stream");
}

/* RFC 6266: an ASCII name for old browsers, and the whole one in UTF-8. */
struct str
part_disposition(struct arena *arena, bool is_inline, struct text name)
{
	struct buf line;

	buf_init_arena(&line, arena, LIMIT_HEADER_BYTES);
	buf_add_c(&line,
	    is_inline ? "inline; filename=\"" : "attachment; filename=\"");
	for (size_t i = 0; i < name.s.len; i++) {
		char c = name.s.ptr[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '%')
			c = '_';
		buf_add_byte(&line, c);
	}
	buf_add_c(&line, "\"; filename*=UTF-8''");
	buf_add_percent(&line, name.s);
	return buf_str(&line);
}

static enum err_code
part_send(struct part_sender *sender, const struct mail_id *id,
    const struct mime_part *part, struct err *err)
{
	struct mail mail = page_mail(sender->req);
	enum err_code rc =
	    mail_part_stream(&mail, id, part, part_sink, sender, err);

	if (rc == ERR_OK && sender->rc == ERR_OK)
		(void)part_open(sender); /* an empty part */
	if (rc == ERR_OK && sender->rc != ERR_OK)
		rc = err_set(
		    err, sender->rc, sender->err.message, sender->err.detail);
	/* Too late for an error page: a cut answer tells it. */
	if (sender->stream != NULL)
		http_stream_close(sender->stream, rc == ERR_OK);
	return rc;
}

enum err_code
page_part_send(struct request *req, struct response *res,
    const struct mail_id *id, const struct mime_part *part, bool is_inline,
    struct err *err)
{
	struct part_sender sender = {.req = req, .res = res};
	struct text name =
	    text_is_empty(part->name)
	        ? TEXT("attachment")
	        : text_shorten(req->arena, part->name, PART_NAME_LETTERS);

	sender.type = part_type(req->arena, part);
	sender.disposition = part_disposition(
	    req->arena, is_inline && mime_is_safe_image(part), name);
	return part_send(&sender, id, part, err);
}

static enum err_code
part_find(struct request *req, struct mail_id *id, struct str section,
    const struct mime_part **out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_message message;
	enum err_code rc = mail_message(&mail, id, 0, &message, NULL, err);

	if (rc != ERR_OK)
		return rc;
	id->uid_validity = message.uid_validity;
	*out = mime_part_find(message.root, section);
	if (*out == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "This message has no such attachment.", NULL);
	return ERR_OK;
}

enum err_code
page_part(struct request *req, struct response *res, struct err *err)
{
	const struct mime_part *part = NULL;
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc =
		    part_find(req, &id, request_query(req, "part"), &part, err);
	if (rc != ERR_OK)
		return rc;
	return page_part_send(
	    req, res, &id, part, request_query(req, "inline").len > 0, err);
}

enum err_code
page_source(struct request *req, struct response *res, struct err *err)
{
	struct mail_id id;
	bool download = request_query(req, "download").len > 0;
	struct part_sender sender = {
	    .req = req,
	    .res = res,
	    .type = download ? STR("message/rfc822")
	                     : STR("text/plain; charset=utf-8"),
	    .disposition =
	        part_disposition(req->arena, !download, TEXT("message.eml")),
	};
	enum err_code rc = page_message_id(req, &id, err);

	if (rc != ERR_OK)
		return rc;
	return part_send(&sender, &id, NULL, err);
}

/*
 * "selector secret ends LF folder LF uid LF validity LF section" sealed under
 * the server's key: who has the address may see this one image for a while,
 * and learns nothing else.
 */
struct str
page_image_address(
    struct request *req, const struct mail_id *id, const struct mime_part *part)
{
	struct str none = {NULL, 0};
	struct view_url_param params[2] = {{"t", none}, {NULL, {0}}};
	struct buf plain;
	struct buf token;
	struct str sealed;
	bool is_sealed;

	buf_init_arena(&plain, req->arena, LIMIT_HEADER_BYTES);
	buf_init_arena(&token, req->arena, LIMIT_HEADER_BYTES * 2);
	codec_base64url_encode(&plain, req->session->selector);
	buf_add_byte(&plain, '\n');
	codec_base64url_encode(
	    &plain, secret_str(&req->session->cookie_secret));
	buf_addf(
	    &plain, "\n%lld\n", (long long)clock_now_s() + PAGE_IMAGE_LIFE_S);
	buf_add(&plain, id->folder.s);
	buf_addf(&plain, "\n%u\n%u\n", id->uid, id->uid_validity);
	buf_add(&plain, part->section);
	is_sealed = plain.failed == ERR_OK &&
	            session_seal(req->app->sessions, req, image_purpose, false,
	                STR(""), buf_str(&plain), &sealed, NULL) == ERR_OK;
	if (plain.ptr != NULL)
		secret_wipe(plain.ptr, plain.len);
	if (!is_sealed)
		return none;
	codec_base64url_encode(&token, sealed);
	params[0].value = buf_str(&token);
	return view_url_with_base(
	    req->arena, view_url_local(req->arena, "/image", params))
	    .s;
}

/* What a signed address holds. */
struct image_token {
	struct str selector, secret;
	int64_t ends_s;
	struct mail_id id;
	struct str section;
};

static enum err_code
image_decode(
    struct arena *arena, struct str letters, struct str *out, struct err *err)
{
	struct buf bytes;

	buf_init_arena(&bytes, arena, LIMIT_HEADER_BYTES * 2);
	if (codec_base64url_decode(&bytes, letters, err) != ERR_OK)
		return ERR_INPUT;
	return buf_end(&bytes, out, err);
}

static enum err_code
image_parse(struct request *req, struct str plain, struct image_token *out,
    struct err *err)
{
	struct arena *arena = req->arena;
	enum err_code rc =
	    image_decode(arena, str_cut(&plain, '\n'), &out->selector, err);

	if (rc == ERR_OK)
		rc = image_decode(
		    arena, str_cut(&plain, '\n'), &out->secret, err);
	if (rc == ERR_OK)
		rc = num_i64(
		    str_cut(&plain, '\n'), 0, INT64_MAX, &out->ends_s, err);
	if (rc != ERR_OK)
		return rc;
	out->id.folder = text_from(arena, str_cut(&plain, '\n'));
	rc = num_u32(str_cut(&plain, '\n'), 1, UINT32_MAX, &out->id.uid, err);
	if (rc == ERR_OK)
		rc = num_u32(str_cut(&plain, '\n'), 0, UINT32_MAX,
		    &out->id.uid_validity, err);
	out->section = plain;
	return rc;
}

enum err_code
page_image(struct request *req, struct response *res, struct err *err)
{
	struct image_token token = {0};
	const struct mime_part *part = NULL;
	struct str sealed;
	struct str plain;
	enum err_code rc =
	    image_decode(req->arena, request_query(req, "t"), &sealed, err);

	if (rc == ERR_OK)
		rc = session_unseal(req->app->sessions, req, image_purpose,
		    false, STR(""), sealed, &plain, err);
	if (rc == ERR_OK)
		rc = image_parse(req, plain, &token, err);
	if (rc != ERR_OK || token.ends_s < clock_now_s())
		return err_set(err, ERR_NOT_FOUND,
		    "This image's address is no longer good. Please open the "
		    "message again.",
		    NULL);
	rc = session_attach_as(
	    req->app->sessions, req, token.selector, token.secret, err);
	if (rc == ERR_OK)
		rc = app_attach_account(req, err);
	if (rc == ERR_OK)
		rc = part_find(req, &token.id, token.section, &part, err);
	if (rc == ERR_OK && !mime_is_safe_image(part))
		rc = err_set(err, ERR_NOT_FOUND, "This is not an image.", NULL);
	if (rc != ERR_OK)
		return rc;
	/* The frame that shows it has an opaque origin. */
	response_replace_header(
	    res, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	return page_part_send(req, res, &token.id, part, true, err);
}
