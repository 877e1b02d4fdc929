#include "http/http_range.h"
#include "mail/outbox.h"
#include "mime/mime_name.h"
#include "mime/mime_type.h"
#include "page/page_compose.h"
#include "page/page_part.h"
#include "page/pages.h"

/* A file of a composition, as the person who writes it looks at it. */
static const char file_csp[] =
    "sandbox; default-src 'none'; frame-ancestors 'none'";

static enum err_code
file_find(struct request *req, struct store_attachment *out, struct err *err)
{
	struct store_attachment *list = NULL;
	struct str id = request_query(req, "file");
	size_t count = 0;
	enum err_code rc = ERR_OK;

	if (compose_id_is_valid(request_query(req, "id")))
		rc = store_attachment_list(req->app->store,
		    req->session->account, request_query(req, "id"), req->arena,
		    &list, &count, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		if (!str_eq(list[i].id, id))
			continue;
		*out = list[i];
		return ERR_OK;
	}
	if (rc != ERR_OK)
		return rc;
	return err_set(err, ERR_NOT_FOUND,
	    "This file is no longer attached to a message you are writing.",
	    NULL);
}

/* An image is shown when it is what it says; all else is a download. */
static void
file_headers(struct request *req, struct response *res,
    const struct store_attachment *file, struct str first)
{
	const struct mime_type *type = mime_type_named(file->type, file->name);
	const struct mime_type *shown =
	    type->show == MIME_SHOW_IMAGE
	        ? mime_type_seen(
	              type, str_slice(first, 0, MIME_TYPE_LOOK_BYTES))
	        : NULL;

	response_replace_header(res, "Content-Type",
	    shown != NULL ? str_c(shown->type)
	                  : STR("application/octet-stream"));
	response_replace_header(res, "Content-Disposition",
	    mime_name_disposition(req->arena, shown != NULL,
	        mime_name_file(
	            req->arena, text_line(req->arena, file->name), type)));
	response_replace_header(
	    res, "Content-Security-Policy", str_c(file_csp));
	page_file_caching(req, res);
}

enum err_code
page_compose_file(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(OUTBOX_CHUNK_BYTES * 4);
	struct store_attachment file = {.bytes = 0};
	struct http_stream *stream = NULL;
	struct str chunk = STR("");
	enum err_code rc = file_find(req, &file, err);

	if (rc == ERR_OK && arena == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "page_compose_file");
	if (rc == ERR_OK && file.bytes > 0)
		rc = store_attachment_read(
		    req->app->store, file.id, 0, arena, &chunk, err);
	if (rc != ERR_OK)
		return rc;
	file_headers(req, res, &file, chunk);
	rc = response_stream_open(req, res, file.bytes, &stream, err);
	for (uint32_t i = 1; rc == ERR_OK && chunk.len > 0; i++) {
		rc = http_stream_write(stream, chunk, err);
		arena_reset(arena);
		chunk = STR("");
		if (rc == ERR_OK &&
		    (uint64_t)i * OUTBOX_CHUNK_BYTES < file.bytes)
			rc = store_attachment_read(
			    req->app->store, file.id, i, arena, &chunk, err);
	}
	if (stream != NULL)
		http_stream_close(stream, rc == ERR_OK);
	return rc;
}
