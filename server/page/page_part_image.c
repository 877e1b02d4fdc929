#include "base/codec.h"
#include "base/num.h"
#include "os/clock.h"
#include "page/page.h"
#include "page/page_image.h"
#include "page/pages.h"

static const char image_purpose[] = "image";

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

static enum err_code
image_find(struct request *req, struct mail_id *id, struct str section,
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
		rc = image_find(req, &token.id, token.section, &part, err);
	if (rc == ERR_OK && !mime_is_safe_image(part))
		rc = err_set(err, ERR_NOT_FOUND, "This is not an image.", NULL);
	if (rc != ERR_OK)
		return rc;
	/* The frame that shows it has an opaque origin. */
	response_replace_header(
	    res, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	return page_part_send(req, res, &token.id, part, true, err);
}
