#include "mime/mime_thumb.h"
#include "page/page_part.h"
#include "page/pages.h"

/*
 * A small picture of an image: the one its camera put in, else the image
 * itself when it is small, else a sign. We decode no stranger's pixels: a
 * decoder in this process would be the largest hole of all.
 */
#define THUMB_WHOLE_BYTES ((uint64_t)300 << 10)

static enum err_code
thumb_sign(struct request *req, struct response *res, struct err *err)
{
	return page_redirect(req, res,
	    view_url_own(
	        req->arena, static_set_address(
	                        app_site_of(req)->statics, STR("picture.svg"))),
	    err);
}

static void
thumb_send(struct request *req, struct response *res,
    const struct page_file *file, struct str jpeg)
{
	response_status(res, 200);
	response_replace_header(res, "Content-Type", STR("image/jpeg"));
	response_replace_header(res, "Content-Security-Policy",
	    STR("sandbox; default-src 'none'; frame-ancestors 'none'"));
	response_replace_header(res, "ETag", page_file_tag(req, file, "thumb"));
	page_file_caching(req, res);
	response_body(res, jpeg);
}

enum err_code
page_thumb(struct request *req, struct response *res, struct err *err)
{
	struct page_file file = {0};
	struct str first = {NULL, 0};
	struct str jpeg = {NULL, 0};
	enum err_code rc = page_file_find(req, &file, err);

	if (rc == ERR_OK && file.type->show != MIME_SHOW_IMAGE)
		rc = err_set(err, ERR_NOT_FOUND, "This is not an image.", NULL);
	if (rc == ERR_OK && strcmp(file.type->type, "image/jpeg") == 0)
		rc = page_file_first(
		    req, &file, MIME_THUMB_LOOK_BYTES, &first, err);
	if (rc != ERR_OK)
		return rc;
	if (mime_thumb_find(req->arena, first, &jpeg)) {
		thumb_send(req, res, &file, jpeg);
		return ERR_OK;
	}
	if (file.bytes <= THUMB_WHOLE_BYTES)
		return page_file_send(req, res, &file, PAGE_FILE_INLINE, err);
	return thumb_sign(req, res, err);
}
