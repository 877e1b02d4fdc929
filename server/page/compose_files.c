#include "base/codec.h"
#include "base/num.h"
#include "mail/outbox.h"
#include "page/page_compose.h"
#include "page/page_part.h"

/* Writes one attachment into the store, chunk by chunk. */
struct file_writer {
	struct store *store;
	struct str id;
	char *chunk; /* OUTBOX_CHUNK_BYTES */
	size_t len;
	uint32_t number;
	uint64_t total, max_bytes;
	enum err_code rc;
	struct err *err;
};

static bool
file_flush(struct file_writer *writer)
{
	if (writer->len == 0)
		return true;
	writer->rc = store_attachment_write(writer->store, writer->id,
	    writer->number, str_of(writer->chunk, writer->len), writer->err);
	writer->number++;
	writer->len = 0;
	return writer->rc == ERR_OK;
}

static bool
file_sink(void *ctx, struct str bytes)
{
	struct file_writer *writer = ctx;

	writer->total += bytes.len;
	if (writer->total > writer->max_bytes) {
		writer->rc = err_set(writer->err, ERR_LIMIT,
		    "The attachments are too large. What was attached before "
		    "is "
		    "still there.",
		    "attachment");
		return false;
	}
	while (bytes.len > 0) {
		size_t room = OUTBOX_CHUNK_BYTES - writer->len;
		size_t take = bytes.len < room ? bytes.len : room;

		memcpy(writer->chunk + writer->len, bytes.ptr, take);
		writer->len += take;
		bytes = str_slice(bytes, take, bytes.len);
		if (writer->len == OUTBOX_CHUNK_BYTES && !file_flush(writer))
			return false;
	}
	return true;
}

/*
 * The id of a file follows from what it is, so that the same form sent twice
 * stores it once. FNV-1a (two of them): distinct, not secret.
 */
static struct str
file_id(struct arena *arena, const struct compose *compose, struct str what)
{
	const struct str parts[3] = {compose->id, STR(" "), what};
	uint64_t hash[2] = {14695981039346656037u, 1099511628211u * 31u};
	struct buf id;

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < parts[i].len; j++)
			for (size_t k = 0; k < 2; k++)
				hash[k] =
				    (hash[k] ^ ((unsigned char)parts[i].ptr[j] +
				                   k * 7)) *
				    1099511628211u;
	buf_init_arena(&id, arena, 64);
	codec_base64url_encode(&id, str_of((const char *)hash, sizeof(hash)));
	return buf_str(&id);
}

static struct str
file_id_of_part(
    struct arena *arena, const struct compose *compose, struct str section)
{
	return file_id(
	    arena, compose, str_printf(arena, "part %.*s", STR_ARG(section)));
}

/* What to do to get the bytes: a form's file, or a part of a message. */
typedef enum err_code file_source_fn(struct request *req, const void *from,
    struct file_writer *writer, struct err *err);

static bool
file_is_stored(
    const struct store_attachment *stored, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(stored[i].id, id))
			return true;
	return false;
}

/* Writes it whole, or leaves nothing behind. */
static enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
file_write(struct request *req, const struct compose *compose,
    const struct store_attachment *attachment, file_source_fn *source,
    const void *from, struct file_writer *writer, struct err *err)
{
	struct str account = req->session->account;
	enum err_code rc;

	/* What an interrupted upload left behind goes first. */
	err_ignore(store_attachment_delete(
	    writer->store, account, compose->id, attachment->id, NULL));
	rc = store_attachment_begin(
	    writer->store, account, compose->id, attachment, err);
	if (rc == ERR_OK)
		rc = source(req, from, writer, err);
	if (rc == ERR_OK && !file_flush(writer))
		rc = writer->rc;
	if (rc == ERR_OK)
		rc = store_attachment_end(
		    writer->store, attachment->id, writer->total, err);
	if (rc != ERR_OK)
		err_ignore(store_attachment_delete(
		    writer->store, account, compose->id, attachment->id, NULL));
	return rc;
}

static enum err_code
file_store(struct request *req, const struct compose *compose,
    const struct store_attachment *attachment, file_source_fn *source,
    const void *from, struct err *err)
{
	struct file_writer writer = {.store = req->app->store,
	    .id = attachment->id,
	    .max_bytes = req->cfg->max_message_bytes,
	    .err = err};
	struct store_attachment *stored = NULL;
	size_t count = 0;
	enum err_code rc =
	    store_attachment_list(writer.store, req->session->account,
	        compose->id, req->arena, &stored, &count, err);

	if (rc != ERR_OK || file_is_stored(stored, count, attachment->id))
		return rc;
	/* All files together: more could not be sent. */
	for (size_t i = 0; i < count; i++)
		writer.max_bytes -= stored[i].bytes < writer.max_bytes
		                        ? stored[i].bytes
		                        : writer.max_bytes;
	/* Not of the arena: there may be many files. */
	writer.chunk = malloc(OUTBOX_CHUNK_BYTES);
	if (writer.chunk == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "file_store");
	rc = file_write(req, compose, attachment, source, from, &writer, err);
	free(writer.chunk);
	return rc;
}

static enum err_code
file_from_form(struct request *req, const void *from,
    struct file_writer *writer, struct err *err)
{
	const struct form_field *field = from;
	const struct form *form = NULL;
	char piece[8192];
	uint64_t offset = 0;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK)
		return rc;
	for (;;) {
		int64_t len =
		    form_file_read(form, field, offset, piece, sizeof(piece));

		if (len < 0)
			return err_set(err, ERR_INTERNAL,
			    "The uploaded file could not be read.", "spool");
		if (len == 0)
			return ERR_OK;
		if (!file_sink(writer, str_of(piece, (size_t)len)))
			return writer->rc;
		offset += (uint64_t)len;
	}
}

/* A part of the message that is forwarded or gone on with. */
struct file_part {
	const struct mail_id *id;
	const struct mime_part *part;
};

static enum err_code
file_from_part(struct request *req, const void *from,
    struct file_writer *writer, struct err *err)
{
	const struct file_part *source = from;
	struct mail mail = page_mail(req);
	enum err_code rc = mail_part_stream(
	    &mail, source->id, source->part, file_sink, writer, err);

	return rc == ERR_OK ? writer->rc : rc;
}

static enum err_code
files_from_form(
    struct request *req, const struct compose *compose, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(req, &form, err);
	unsigned number = 0;

	while (
	    rc == ERR_OK && (field = form_next(form, "file", field)) != NULL) {
		struct store_attachment file = {
		    .name = text_line(req->arena, field->file_name).s,
		    .type = field->type,
		    .bytes = field->file_bytes,
		};

		number++;
		/* An empty file field comes without name and bytes. */
		if (!field->is_file ||
		    (file.name.len == 0 && field->file_bytes == 0))
			continue;
		if (file.name.len == 0)
			file.name = STR("attachment");
		file.id = file_id(req->arena, compose,
		    str_printf(req->arena, "file %llu %u %llu %.*s",
		        (unsigned long long)compose->version, number,
		        (unsigned long long)field->file_bytes,
		        STR_ARG(file.name)));
		rc =
		    file_store(req, compose, &file, file_from_form, field, err);
	}
	return rc;
}

static enum err_code
file_keep(struct request *req, const struct compose *compose,
    const struct mail_id *id, const struct mail_message *message,
    struct str section, struct err *err)
{
	bool is_whole = str_eq(section, STR(COMPOSE_KEEP_MESSAGE));
	const struct mime_part *part = mime_part_find(message->root, section);
	struct file_part source = {id, part};
	struct store_attachment file = {0};
	struct page_file found;
	struct str type[3];

	if (part == NULL && !is_whole)
		return err_set(err, ERR_INPUT,
		    "The message this came from has no such attachment.", NULL);
	found = is_whole ? page_file_of_message(
	                       req->arena, id, NULL, &message->header)
	                 : page_file_of(req->arena, id, part);
	type[0] = is_whole ? STR("message") : part->type;
	type[1] = STR("/");
	type[2] = is_whole ? STR("rfc822") : part->subtype;
	file.type = str_join(req->arena, type, 3);
	file.name = found.name.s;
	file.bytes = is_whole ? message->bytes : part->bytes;
	file.id = file_id_of_part(req->arena, compose, section);
	return file_store(req, compose, &file, file_from_part, &source, err);
}

static enum err_code
files_from_source(
    struct request *req, const struct compose *compose, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	struct mail mail = page_mail(req);
	struct mail_id id = {compose->source_folder, compose->source_uid,
	    compose->source_validity};
	struct mail_message message;
	enum err_code rc = request_form(req, &form, err);

	if (rc != ERR_OK || form_find(form, "keep") == NULL)
		return rc;
	rc = mail_message(&mail, &id, 0, &message, NULL, err);
	while (rc == ERR_OK && (field = form_next(form, "keep", field)) != NULL)
		rc = file_keep(req, compose, &id, &message, field->value, err);
	return rc;
}

bool
page_compose_has_part(struct request *req, const struct compose *compose,
    const struct store_attachment *stored, size_t count, struct str section)
{
	return file_is_stored(
	    stored, count, file_id_of_part(req->arena, compose, section));
}

enum err_code
page_compose_files(
    struct request *req, const struct compose *compose, struct err *err)
{
	enum err_code rc = files_from_form(req, compose, err);

	if (rc == ERR_OK)
		rc = files_from_source(req, compose, err);
	return rc;
}
