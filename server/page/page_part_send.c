#include "http/http_range.h"
#include "base/tr.h"
#include "page/page_image.h"
#include "page/page_part.h"

/*
 * What is sent is a document of its own without any right, wherever somebody
 * opens it. Chromium's and Firefox's viewers of PDF do not work within a
 * sandbox; there the type, which the first bytes confirm, and nosniff are what
 * keeps it from being anything else, and nothing may be loaded. Browsers put an
 * image into a page of their own, whose inline styles are let through.
 */
static const char part_csp[] =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'";
static const char part_csp_pdf[] =
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/*
 * To know the size of a base64 part, its server goes through all of it: for a
 * download of 100 MB that doubles its work, and nothing comes meanwhile. So a
 * larger one is sent without its size, unless a part of it is asked for.
 */
#define PART_MEASURED_BYTES ((uint64_t)16 << 20)

/*
 * Sends what the decoder yields; the answer begins when its first bytes were
 * looked at. Its headers come no sooner: an error page must not be a download.
 */
struct part_sender {
	struct request *req;
	struct response *res;
	const struct page_file *file;
	enum page_file_how how;
	struct str tag;
	uint64_t total;     /* of the file, or UINT64_MAX */
	bool is_unmeasured; /* it could be known, and ranges be asked for */
	struct http_range range;
	char first[MIME_TYPE_LOOK_BYTES];
	size_t first_len;
	struct http_stream *stream;
	int64_t looked_ms; /* of page_goes_on() */
	enum err_code rc;
	struct err err;
};

void
page_file_caching(struct request *req, struct response *res)
{
	if (req->session == NULL || req->session->expire_views)
		return;
	response_replace_header(
	    res, "Cache-Control", STR("private, max-age=3600"));
	/* Who logs in next, in the same browser, is somebody else. */
	response_replace_header(res, "Vary", STR("Cookie"));
}

struct str
page_file_tag(
    struct request *req, const struct page_file *file, const char *what)
{
	struct str section = file->part != NULL ? file->part->section : STR("");
	struct str account =
	    req->session != NULL ? req->session->account : STR("");
	struct str words =
	    str_printf(req->arena, "%s %.*s %u %u %lld %.*s %.*s", what,
	        STR_ARG(account), file->id.uid, file->id.uid_validity,
	        file->has_inner ? (long long)file->inner : -1LL,
	        STR_ARG(section), STR_ARG(file->id.folder.s));
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	/* FNV-1a: messages never change, so their names are enough. */
	for (size_t i = 0; i < words.len; i++)
		hash = (hash ^ (unsigned char)words.ptr[i]) *
		       UINT64_C(0x100000001b3);
	return str_printf(req->arena, "\"%016llx\"", (unsigned long long)hash);
}

/* What it is shown as; NULL: it is a download. */
static const struct mime_type *
part_shown_as(const struct part_sender *sender)
{
	const struct mime_type *type = sender->file->type;

	if (sender->how != PAGE_FILE_INLINE || type->show == MIME_SHOW_NOT ||
	    type->show == MIME_SHOW_TEXT)
		return NULL;
	/* A later range goes on with what was looked at before. */
	if (sender->range.first > 0)
		return type;
	return mime_type_seen(type, str_of(sender->first, sender->first_len));
}

static struct str
part_type(const struct part_sender *sender, const struct mime_type *shown)
{
	if (sender->how == PAGE_FILE_SOURCE)
		return STR("text/plain; charset=utf-8");
	if (shown != NULL)
		return str_c(shown->type);
	/* What is not what it says is just bytes. */
	if (sender->how == PAGE_FILE_INLINE)
		return STR("application/octet-stream");
	return str_c(sender->file->type->type);
}

static void
part_headers(struct part_sender *sender)
{
	struct request *req = sender->req;
	struct response *res = sender->res;
	const struct mime_type *shown = part_shown_as(sender);
	bool is_pdf = shown != NULL && shown->show == MIME_SHOW_PDF;

	response_replace_header(res, "Content-Type", part_type(sender, shown));
	response_replace_header(res, "Content-Disposition",
	    mime_name_disposition(req->arena,
	        shown != NULL || sender->how == PAGE_FILE_SOURCE,
	        sender->file->name));
	response_replace_header(res, "Content-Security-Policy",
	    str_c(is_pdf ? part_csp_pdf : part_csp));
	/* A sandboxed page may not ask for isolation (HTML, 7.1.3). */
	if (req->is_secure)
		response_replace_header(
		    res, "Cross-Origin-Opener-Policy", STR("unsafe-none"));
	page_file_caching(req, res);
}

static bool
part_open(struct part_sender *sender)
{
	uint64_t bytes = UINT64_MAX;

	if (sender->stream != NULL || sender->rc != ERR_OK)
		return sender->rc == ERR_OK;
	part_headers(sender);
	if (sender->is_unmeasured) {
		http_range_answer(sender->res,
		    &(struct http_range){.kind = HTTP_RANGE_WHOLE}, sender->tag,
		    0);
	} else if (sender->total == UINT64_MAX) {
		response_status(sender->res, 200);
	} else {
		bytes = sender->range.bytes;
		http_range_answer(
		    sender->res, &sender->range, sender->tag, sender->total);
	}
	sender->rc = response_stream_open(
	    sender->req, sender->res, bytes, &sender->stream, &sender->err);
	if (sender->rc == ERR_OK && sender->first_len > 0)
		sender->rc = http_stream_write(sender->stream,
		    str_of(sender->first, sender->first_len), &sender->err);
	return sender->rc == ERR_OK;
}

static bool
part_sink(void *ctx, struct str bytes)
{
	struct part_sender *sender = ctx;
	size_t room = sizeof(sender->first) - sender->first_len;
	size_t take = bytes.len < room ? bytes.len : room;

	if (sender->stream == NULL && take > 0) {
		memcpy(sender->first + sender->first_len, bytes.ptr, take);
		sender->first_len += take;
		bytes = str_slice(bytes, take, bytes.len);
	}
	if (sender->first_len < sizeof(sender->first))
		return true;
	/* Of HEAD only the first bytes are looked at. */
	if (!part_open(sender) || sender->req->method == METHOD_HEAD)
		return false;
	sender->rc =
	    page_goes_on(sender->req, &sender->looked_ms, &sender->err);
	if (sender->rc == ERR_OK && bytes.len > 0)
		sender->rc =
		    http_stream_write(sender->stream, bytes, &sender->err);
	return sender->rc == ERR_OK;
}

static enum err_code
part_read(struct part_sender *sender, struct err *err)
{
	const struct page_file *file = sender->file;
	const struct http_range *range = &sender->range;
	struct request *req = sender->req;
	struct mail mail = page_mail(req);

	if (req->method == METHOD_HEAD && sender->total != UINT64_MAX &&
	    sender->how != PAGE_FILE_INLINE)
		return ERR_OK;
	if (range->kind != HTTP_RANGE_PART)
		return page_file_stream(
		    req, file, sender->total, part_sink, sender, err);
	if (!file->has_content)
		return mail_part_range(&mail, &file->id, file->part,
		    range->first, range->bytes, part_sink, sender, err);
	(void)part_sink(sender, str_slice(file->content, (size_t)range->first,
	                            (size_t)(range->first + range->bytes)));
	return ERR_OK;
}

static enum err_code
part_send(struct part_sender *sender, struct err *err)
{
	enum err_code rc = part_read(sender, err);

	if (rc == ERR_OK && sender->rc == ERR_OK)
		(void)part_open(sender); /* it was short, or empty */
	if (rc == ERR_OK && sender->rc != ERR_OK)
		rc = err_set(
		    err, sender->rc, sender->err.message, sender->err.detail);
	/* Too late for an error page: a cut answer tells it. */
	if (sender->stream != NULL)
		http_stream_close(sender->stream, rc == ERR_OK);
	return rc;
}

static bool
part_is_unmeasured(const struct request *req, const struct page_file *file)
{
	return req->method == METHOD_GET && !file->has_content &&
	       file->part != NULL && file->part->encoding == MIME_BASE64 &&
	       file->part->bytes > PART_MEASURED_BYTES &&
	       request_header(req, "Range").len == 0;
}

/* 304 and 416: nothing is sent. */
static bool
part_is_answered(struct part_sender *sender)
{
	struct request *req = sender->req;
	struct response *res = sender->res;

	if (http_range_is_known(req, sender->tag)) {
		response_status(res, 304);
		response_replace_header(res, "ETag", sender->tag);
		page_file_caching(req, res);
		return true;
	}
	if (sender->is_unmeasured)
		return false;
	sender->range = http_range_of(req, sender->tag, sender->total);
	if (sender->range.kind != HTTP_RANGE_NONE)
		return false;
	http_range_answer(res, &sender->range, sender->tag, sender->total);
	response_replace_header(
	    res, "Content-Type", STR("text/plain; charset=utf-8"));
	response_body(res, str_c(tr("This file has no such bytes.")));
	return true;
}

enum err_code
page_file_send(struct request *req, struct response *res,
    struct page_file *file, enum page_file_how how, struct err *err)
{
	struct part_sender sender = {
	    .req = req,
	    .res = res,
	    .file = file,
	    .how = how,
	    .tag = page_file_tag(req, file,
	        how == PAGE_FILE_INLINE   ? "inline"
	        : how == PAGE_FILE_SOURCE ? "source"
	                                  : "file"),
	};
	enum err_code rc = page_file_hold(req, file, err);

	sender.is_unmeasured = part_is_unmeasured(req, file);
	sender.total = UINT64_MAX;
	if (rc == ERR_OK && !sender.is_unmeasured)
		rc = page_file_size(req, file, &sender.total, err);
	if (rc != ERR_OK)
		return rc;
	if ((sender.is_unmeasured || sender.total != UINT64_MAX) &&
	    part_is_answered(&sender))
		return ERR_OK;
	return part_send(&sender, err);
}

enum err_code
page_part_send(struct request *req, struct response *res,
    const struct mail_id *id, const struct mime_part *part, bool is_inline,
    struct err *err)
{
	struct page_file file = page_file_of(req->arena, id, part);

	return page_file_send(req, res, &file,
	    is_inline ? PAGE_FILE_INLINE : PAGE_FILE_DOWNLOAD, err);
}
