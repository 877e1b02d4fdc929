#include "mime/mime_zip.h"
#include "os/clock.h"
#include "page/page_files.h"
#include "page/pages.h"

/*
 * All files of a message as one archive, made while it is sent: one file
 * after the other, none of them in memory.
 */
struct zip_sender {
	struct request *req;
	struct response *res;
	struct text name;
	struct http_stream *stream;
	int64_t looked_ms; /* of page_goes_on() */
	enum err_code rc;
	struct err err;
};

static void
zip_headers(struct zip_sender *sender)
{
	struct response *res = sender->res;

	response_status(res, 200);
	response_replace_header(res, "Content-Type", STR("application/zip"));
	response_replace_header(res, "Content-Disposition",
	    mime_name_disposition(sender->req->arena, false, sender->name));
	response_replace_header(res, "Content-Security-Policy",
	    STR("sandbox; default-src 'none'; frame-ancestors 'none'"));
}

/* Its headers come with the first bytes: until then a page can say what is
 * wrong. */
static bool
zip_sink(void *ctx, struct str bytes)
{
	struct zip_sender *sender = ctx;

	if (sender->stream == NULL && sender->rc == ERR_OK) {
		zip_headers(sender);
		sender->rc = response_stream_open(sender->req, sender->res,
		    UINT64_MAX, &sender->stream, &sender->err);
	}
	if (sender->rc == ERR_OK)
		sender->rc =
		    page_goes_on(sender->req, &sender->looked_ms, &sender->err);
	if (sender->rc == ERR_OK && bytes.len > 0)
		sender->rc =
		    http_stream_write(sender->stream, bytes, &sender->err);
	return sender->rc == ERR_OK;
}

static enum err_code
zip_add(struct request *req, struct mime_zip *zip, struct page_file *file,
    struct text name, int64_t date_s, struct err *err)
{
	uint64_t bytes = UINT64_MAX;
	enum err_code rc = page_file_read_inner(req, file, err);

	if (rc == ERR_OK)
		rc = page_file_size(req, file, &bytes, err);
	if (rc == ERR_OK)
		rc = mime_zip_add(zip, name, bytes, date_s, err);
	if (rc == ERR_OK)
		rc = page_file_stream(
		    req, file, bytes, mime_zip_write, zip, err);
	if (rc == ERR_OK)
		rc = mime_zip_end_file(zip, err);
	return rc;
}

static enum err_code
zip_add_all(struct zip_sender *sender, struct mime_zip *zip,
    const struct page_files *files, int64_t date_s, struct err *err)
{
	struct mime_names names = {.arena = sender->req->arena};
	int64_t wait_ms = sender->req->deadline_mono_ms - clock_mono_ms();
	enum err_code rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < files->count; i++) {
		/* Each has the time of the first: the browser may be slow. */
		sender->req->deadline_mono_ms = clock_mono_ms() + wait_ms;
		rc = zip_add(sender->req, zip, &files->list[i],
		    mime_names_add(&names, files->list[i].name), date_s, err);
	}
	return rc == ERR_OK ? mime_zip_end(zip, err) : rc;
}

static enum err_code
zip_send(struct zip_sender *sender, const struct page_files *files,
    int64_t date_s, struct err *err)
{
	struct mime_zip *zip = NULL;
	enum err_code rc = mime_zip_open(zip_sink, sender, &zip, err);

	if (rc == ERR_OK && sender->req->method == METHOD_HEAD)
		(void)zip_sink(sender, STR(""));
	else if (rc == ERR_OK)
		rc = zip_add_all(sender, zip, files, date_s, err);
	mime_zip_free(zip);
	if (sender->rc != ERR_OK)
		rc = err_set(
		    err, sender->rc, sender->err.message, sender->err.detail);
	/* Cut, so that the browser does not keep half an archive as whole. */
	if (sender->stream != NULL)
		http_stream_close(sender->stream, rc == ERR_OK);
	return rc;
}

static struct text
zip_name(struct arena *arena, const struct mime_header *header)
{
	struct str parts[2] = {header->subject.s, STR(".zip")};

	if (text_is_empty(header->subject))
		parts[0] = STR("attachments");
	return mime_name_file(arena,
	    text_line(arena, str_join(arena, parts, 2)),
	    mime_type_named(STR("application/zip"), STR("")));
}

static enum err_code
zip_ask(struct request *req, struct page_reading *reading, struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = page_message_id(req, &reading->id, err);

	if (rc == ERR_OK)
		rc = page_prefs_get(req, &reading->prefs, err);
	if (rc == ERR_OK)
		rc = mail_message(&mail, &reading->id, MAIL_WANT_TEXT,
		    &reading->message, NULL, err);
	if (rc != ERR_OK)
		return rc;
	reading->id.uid_validity = reading->message.uid_validity;
	return page_show_read(
	    req, &reading->prefs, &reading->message, &reading->show, err);
}

enum err_code
page_zip(struct request *req, struct response *res, struct err *err)
{
	struct zip_sender sender = {.req = req, .res = res};
	struct page_reading reading = {0};
	struct page_files files;
	const struct mime_header *header = &reading.message.header;
	enum err_code rc = zip_ask(req, &reading, err);

	if (rc == ERR_OK)
		rc = page_files_list(
		    req, &reading, request_query(req, "section"), &files, err);
	if (rc == ERR_OK && files.count == 0)
		rc = err_set(err, ERR_NOT_FOUND,
		    "This message has no attachments.", NULL);
	if (rc != ERR_OK)
		return rc;
	sender.name = zip_name(req->arena, header);
	return zip_send(&sender, &files,
	    header->date_s != 0 ? header->date_s : reading.message.arrived_s,
	    err);
}
