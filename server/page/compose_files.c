#include "base/codec.h"
#include "base/tr.h"
#include "mime/mime_private.h"
#include "page/compose_file.h"
#include "page/page_identity.h"
#include "page/page_part.h"

struct str
page_compose_part_id(
    struct arena *arena, const struct compose *compose, struct str section)
{
	return compose_file_id(
	    arena, compose, str_printf(arena, "part %.*s", STR_ARG(section)));
}

static enum err_code
file_from_form(struct request *req, const void *from,
    struct compose_file *writer, struct err *err)
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
		if (!compose_file_sink(writer, str_of(piece, (size_t)len)))
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
    struct compose_file *writer, struct err *err)
{
	const struct file_part *source = from;
	struct mail mail = page_mail(req);
	enum err_code rc = mail_part_stream(
	    &mail, source->id, source->part, compose_file_sink, writer, err);

	return rc == ERR_OK ? writer->rc : rc;
}

/* One's own copy of a message, without what only its writer may know. */
static enum err_code
file_from_own(struct request *req, const void *from,
    struct compose_file *writer, struct err *err)
{
	const struct file_part *source = from;
	struct mail mail = page_mail(req);
	struct mime_private rest;
	enum err_code rc;

	mime_private_init(&rest, compose_file_sink, writer);
	rc = mail_part_stream(
	    &mail, source->id, source->part, mime_private_sink, &rest, err);
	if (rc == ERR_OK)
		(void)mime_private_end(&rest);
	return rc == ERR_OK ? writer->rc : rc;
}

/* Somebody else's message goes on untouched. */
static enum err_code
file_is_own(struct request *req, const struct mail_id *id,
    const struct mime_header *header, bool is_whole, bool *out, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mime_addresses *from = &header->from;
	struct page_identity *own = NULL;
	struct mail_folders folders = {0};
	size_t count = 0;
	enum err_code rc = page_identity_list(req, &own, &count, err);

	*out = rc == ERR_OK && from->count > 0 &&
	       page_identity_is_own(own, count, from->list[0].address.s);
	if (rc != ERR_OK || *out || !is_whole)
		return rc;
	rc = mail_folders(&mail, &folders, err);
	if (rc == ERR_OK)
		*out = page_folder_is_outgoing(&mail, &folders, id->folder);
	return rc;
}

static enum err_code
files_from_form(struct request *req, struct compose *compose, struct err *err)
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
		if (field->is_cut) {
			compose_file_refuse(req, compose, &file,
			    tr("it is larger than all that can be sent at "
			       "once. "
			       "Files that were chosen after it have to be "
			       "chosen again."));
			continue;
		}
		file.id = compose_file_id(req->arena, compose,
		    str_printf(req->arena, "file %llu %.*s %u %llu %.*s",
		        (unsigned long long)compose->base,
		        STR_ARG(request_field(req, "upload")), number,
		        (unsigned long long)field->file_bytes,
		        STR_ARG(file.name)));
		rc = compose_file_store(
		    req, compose, &file, file_from_form, field, true, err);
	}
	return rc;
}

static enum err_code
file_keep(struct request *req, struct compose *compose,
    const struct mail_id *id, const struct mail_message *message,
    struct str section, struct err *err)
{
	bool is_whole = str_eq(section, STR(COMPOSE_KEEP_MESSAGE));
	const struct mime_part *part = mime_part_find(message->root, section);
	struct file_part source = {id, part};
	struct store_attachment file = {0};
	struct page_file found;
	struct str type[3];
	const struct mime_header *header = NULL;
	bool is_own = false;
	enum err_code rc = ERR_OK;

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
	file.id = page_compose_part_id(req->arena, compose, section);
	header = is_whole ? &message->header : part->message;
	if (header != NULL)
		rc = file_is_own(req, id, header, is_whole, &is_own, err);
	if (rc != ERR_OK)
		return rc;
	return compose_file_store(req, compose, &file,
	    is_own ? file_from_own : file_from_part, &source, false, err);
}

static enum err_code
files_from_source(struct request *req, struct compose *compose, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	struct mail mail;
	struct mail_id id = {compose->source_folder, compose->source_uid,
	    compose->source_validity};
	struct mail_message message;
	enum err_code rc = request_form(req, &form, err);

	/*
	 * Only its own mailbox is asked: a form outlives its session, and may
	 * come with that of somebody else.
	 */
	if (rc != ERR_OK || form_find(form, "keep") == NULL ||
	    req->session == NULL ||
	    !str_eq(compose->account, req->session->account))
		return rc;
	mail = page_mail(req);
	rc = mail_message(&mail, &id, 0, &message, NULL, err);
	while (rc == ERR_OK && (field = form_next(form, "keep", field)) != NULL)
		rc = file_keep(req, compose, &id, &message, field->value, err);
	return rc;
}

bool
page_compose_has_part(struct request *req, const struct compose *compose,
    const struct store_attachment *stored, size_t count, struct str section)
{
	return compose_file_is_stored(
	    stored, count, page_compose_part_id(req->arena, compose, section));
}

enum err_code
page_compose_files(
    struct request *req, struct compose *compose, struct err *err)
{
	enum err_code rc = files_from_form(req, compose, err);

	if (rc == ERR_OK)
		rc = files_from_source(req, compose, err);
	return rc;
}

/* ---- of another composition ---- */
static enum err_code
file_from_stored(struct request *req, const void *from,
    struct compose_file *writer, struct err *err)
{
	const struct store_attachment *file = from;
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(OUTBOX_CHUNK_BYTES * 4);
	enum err_code rc = ERR_OK;

	(void)req;
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "file_from_stored");
	for (uint32_t number = 0; rc == ERR_OK; number++) {
		struct str chunk;

		arena_reset(arena);
		rc = store_attachment_read(
		    writer->store, file->id, number, arena, &chunk, err);
		if (rc == ERR_OK && !compose_file_sink(writer, chunk))
			return writer->rc;
	}
	return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

enum err_code
page_compose_copy_files(struct request *req, struct compose *compose,
    struct str from_id, struct err *err)
{
	struct store_attachment *files = NULL;
	size_t count = 0;
	enum err_code rc = store_attachment_list(req->app->store,
	    compose->account, from_id, req->arena, &files, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct store_attachment file = files[i];

		file.id = compose_file_id(req->arena, compose, files[i].id);
		rc = compose_file_store(req, compose, &file, file_from_stored,
		    &files[i], true, err);
	}
	return rc;
}
