#include "mime/mime_unzip.h"
#include "os/clock.h"
#include "os/file.h"
#include "page/page_intake_inside.h"

#define INTAKE_ROUND_BYTES ((size_t)16 << 20)
#define INTAKE_HEADER      ((size_t)64 << 10)
#define INTAKE_UIDS_BYTES  ((size_t)256 << 10)
#define INTAKE_MOST_MS     ((int64_t)2 * 60 * 60 * 1000)
/* Files of an archive, and what they may be together: 8 times an upload. */
#define INTAKE_ZIP_FILES 100000u
#define INTAKE_ZIP_TIMES 8u
#define INTAKE_AT_ONCE   4u

/* ---- messages ---- */
static bool
intake_header_sink(void *ctx, struct str bytes)
{
	struct intake *in = ctx;
	size_t room = INTAKE_HEADER - in->header_len;
	size_t len = bytes.len < room ? bytes.len : room;

	memcpy(in->header + in->header_len, bytes.ptr, len);
	in->header_len += len;
	return in->header_len < INTAKE_HEADER &&
	       str_find(str_of(in->header, in->header_len), STR("\r\n\r\n"),
	           0) == in->header_len;
}

/* Why it cannot come in; empty: it can. */
static struct text
intake_hindrance(const struct intake *in, const struct mime_found *found,
    const struct intake_facts *facts)
{
	if (!facts->is_mail)
		return tr_text(
		    "this is no message: nothing at its beginning says "
		    "from whom, when or about what it is");
	if (facts->is_deleted)
		return tr_text(
		    "it was deleted in the program that wrote the file");
	if (found->has_nul)
		return tr_text(
		    "it has zero bytes in it, which mail servers do not "
		    "take");
	if (found->bytes > in->req->cfg->max_message_bytes)
		return tr_text("it is too large");
	return TEXT("");
}

static int64_t
intake_arrived(const struct mime_found *found, const struct intake_facts *facts)
{
	int64_t now_s = clock_now_s();
	int64_t then_s =
	    found->arrived_s > 0 ? found->arrived_s : facts->arrived_s;

	/* Always said: by it, too, a message is found again. */
	return then_s > 0 && then_s < now_s ? then_s : now_s;
}

static enum err_code
intake_message(struct intake *in, const struct intake_source *source,
    struct text file, uint32_t number, const struct mime_found *found,
    struct err *err)
{
	struct intake_item *item;
	struct intake_facts facts;
	struct text why;

	/* What is left out fills the memory of the round, too. */
	if (in->count == MAIL_IMPORT_MOST ||
	    arena_used(in->round) > INTAKE_ROUND_BYTES / 2 ||
	    (in->count > 0 && in->bytes + found->bytes > INTAKE_PIECE_BYTES)) {
		enum err_code rc = intake_flush(in, err);

		if (rc != ERR_OK)
			return rc;
	}
	item = &in->items[in->count];
	*item = (struct intake_item){
	    .source = *source, .found = *found, .number = number};
	in->header_len = 0;
	(void)mime_reader_copy(in->reader, found, intake_header_sink, in);
	intake_facts(in->round, str_of(in->header, in->header_len), &facts);
	item->file = (struct text){str_dup(in->round, file.s)};
	item->subject = facts.subject;
	why = intake_hindrance(in, found, &facts);
	if (!text_is_empty(why)) {
		intake_leave(in, item, why, false);
		return ERR_OK;
	}
	if (in->marks_read && !facts.is_read_told)
		facts.flags |= MAIL_SEEN;
	in->ones[in->count] = (struct mail_import_one){.bytes = found->bytes,
	    .flags = facts.flags,
	    .arrived_s = intake_arrived(found, &facts),
	    .what = item};
	in->count++;
	in->bytes += found->bytes;
	return ERR_OK;
}

static void
intake_leave_file(struct intake *in, struct text file, const char *why)
{
	struct intake_item item = {.file = file};

	intake_leave(in, &item, (struct text){str_c(why)}, false);
}

static enum err_code
intake_messages(struct intake *in, struct intake_source *source,
    struct text file, enum mime_file_kind kind, struct err *err)
{
	struct mime_found found;
	uint32_t number = 0;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && mime_reader_next(in->reader, &found)) {
		number += kind == MIME_FILE_MBOX;
		rc = intake_message(in, source, file, number, &found, err);
		/* Long stretches of what is left out count as work, too. */
		if (rc == ERR_OK)
			rc = intake_tick(in, err);
	}
	if (rc == ERR_OK && in->reader->is_failed)
		rc = err_set(err, ERR_INTERNAL,
		    "The uploaded file could not be read.", "intake: spool");
	return rc;
}

/* ---- files ---- */
static enum mime_file_kind
intake_look(struct intake *in, struct intake_source *source)
{
	source->number = ++in->source_count;
	mime_reader_init(in->reader, intake_read, source);
	return mime_reader_kind(in->reader);
}

static bool
intake_spool_sink(void *ctx, struct str bytes)
{
	struct intake *in = ctx;

	in->rc = file_write_all(in->spool_fd, bytes, &in->err);
	in->spooled += bytes.len;
	return in->rc == ERR_OK;
}

/* One file of an archive goes behind those that wait. */
static enum err_code
intake_entry(struct intake *in, struct mime_unzip *unzip, struct text name,
    uint64_t *left, struct err *err)
{
	uint64_t most = in->req->cfg->max_message_bytes;
	struct intake_source source = {
	    .fd = in->spool_fd, .first = in->spooled};
	enum mime_file_kind kind;
	enum err_code rc;

	in->rc = ERR_OK;
	rc = mime_unzip_read(
	    unzip, most < *left ? most : *left, intake_spool_sink, in, err);
	if (in->rc != ERR_OK)
		return err_set(err, in->rc, NULL, in->err.detail);
	source.bytes = in->spooled - source.first;
	*left -= source.bytes;
	if (*left == 0)
		return err_set(err, ERR_LIMIT,
		    "What is in the archive is too large. Please unpack it and "
		    "import the files.",
		    "intake: zip");
	if (rc != ERR_OK) {
		intake_leave_file(in, name, err->message);
		return rc == ERR_INPUT || rc == ERR_LIMIT ? ERR_OK : rc;
	}
	kind = intake_look(in, &source);
	if (kind == MIME_FILE_MBOX || kind == MIME_FILE_MESSAGE)
		return intake_messages(in, &source, name, kind, err);
	intake_leave_file(
	    in, name, tr("it is neither a message nor an mbox file"));
	return ERR_OK;
}

/* There are many names, and each is needed for as long as its entry. */
static struct text
intake_entry_name(struct intake *in, struct text name)
{
	struct text shown = text_shorten(in->scratch, name, 100);
	size_t len = shown.s.len < sizeof(in->entry_name) ? shown.s.len : 0;

	if (len > 0)
		memcpy(in->entry_name, shown.s.ptr, len);
	arena_reset(in->scratch);
	return (struct text){str_of(in->entry_name, len)};
}

/* Empties the spool when nothing waits in it. */
static enum err_code
intake_spool_room(struct intake *in, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (in->spooled > 4 * INTAKE_PIECE_BYTES)
		rc = intake_flush(in, err);
	if (rc != ERR_OK || (in->spool_fd >= 0 && in->count > 0))
		return rc;
	file_close(&in->spool_fd);
	in->spooled = 0;
	return file_open_spool(in->req->app->spool_folder, &in->spool_fd, err);
}

static enum err_code
intake_zip(struct intake *in, struct intake_source *source, struct text file,
    struct err *err)
{
	struct mime_unzip *unzip = NULL;
	uint64_t left = in->req->cfg->max_import_bytes * INTAKE_ZIP_TIMES;
	bool is_found = false;
	enum err_code rc = intake_flush(in, err);

	if (rc != ERR_OK)
		return rc;
	rc = mime_unzip_open(intake_read, source, source->bytes, &unzip, err);
	for (unsigned i = 0; rc == ERR_OK && i < INTAKE_ZIP_FILES; i++) {
		struct text name;

		rc = mime_unzip_next(unzip, in->scratch, &name, &is_found, err);
		if (rc != ERR_OK || !is_found)
			break;
		name = intake_entry_name(in, name);
		rc = intake_spool_room(in, err);
		if (rc == ERR_OK)
			rc = intake_entry(in, unzip, name, &left, err);
		if (rc == ERR_INPUT)
			rc = ERR_INTERNAL;
	}
	mime_unzip_free(unzip);
	/* What was found before the place where it is broken comes in. */
	if (rc == ERR_INPUT) {
		intake_leave_file(in, file, err->message);
		rc = ERR_OK;
	}
	return rc == ERR_OK ? intake_flush(in, err) : rc;
}

static enum err_code
intake_file(struct intake *in, const struct form *form,
    const struct form_field *field, struct err *err)
{
	struct intake_source source = {
	    .form = form, .field = field, .fd = -1, .bytes = field->file_bytes};
	struct text name = text_shorten(
	    in->req->arena, text_line(in->req->arena, field->file_name), 100);
	enum mime_file_kind kind;

	if (source.bytes == 0) {
		intake_leave_file(in, name, tr("it is empty"));
		return ERR_OK;
	}
	kind = intake_look(in, &source);
	if (kind == MIME_FILE_ZIP)
		return intake_zip(in, &source, name, err);
	if (kind == MIME_FILE_OTHER) {
		intake_leave_file(in, name,
		    tr("it is neither a message, nor an mbox file, nor a zip "
		       "archive of such files"));
		return ERR_OK;
	}
	return intake_messages(in, &source, name, kind, err);
}

static enum err_code
intake_all(struct intake *in, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(in->req, &form, err);

	while (rc == ERR_OK && (field = form_next(form, "file", field)) != NULL)
		if (field->is_file &&
		    (field->file_bytes > 0 || field->file_name.len > 0))
			rc = intake_file(in, form, field, err);
	return rc == ERR_OK ? intake_flush(in, err) : rc;
}

/* ---- one at a time for each account, and few in all ---- */
static enum err_code
intake_enter(struct request *req, struct str *out_key, struct str *out_slot,
    struct err *err)
{
	struct page_gate *gate = req->app->gate;
	int64_t now = clock_mono_ms();

	*out_key = session_name_work(
	    req->app->sessions, "intake", req->session->account, req->arena);
	if (page_gate_enter(gate, *out_key, now, NULL) != ERR_OK)
		return err_set(err, ERR_BUSY,
		    "Another import of yours is under way. Nothing of this one "
		    "was imported: please wait until the other is done, and "
		    "then begin anew.",
		    "intake: account");
	for (unsigned i = 0; i < INTAKE_AT_ONCE; i++) {
		*out_slot = str_printf(req->arena, "intake%016u", i);
		if (page_gate_enter(gate, *out_slot, now, NULL) == ERR_OK)
			return ERR_OK;
	}
	page_gate_leave(gate, *out_key);
	return err_set(err, ERR_BUSY,
	    "Others are importing messages at the moment. Nothing was "
	    "imported: "
	    "please try again in a few minutes.",
	    "intake: all");
}

static enum err_code
intake_begin(struct intake *in, struct err *err)
{
	in->round = arena_new(INTAKE_ROUND_BYTES);
	in->scratch = arena_new(INTAKE_ROUND_BYTES);
	in->reader = malloc(sizeof(*in->reader));
	in->copier = malloc(sizeof(*in->copier));
	in->header = malloc(INTAKE_HEADER);
	buf_init(&in->uids, INTAKE_UIDS_BYTES);
	if (in->round == NULL || in->scratch == NULL || in->reader == NULL ||
	    in->copier == NULL || in->header == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "intake");
	return ERR_OK;
}

static void
intake_end(struct intake *in)
{
	arena_free(in->round);
	arena_free(in->scratch);
	free(in->reader);
	free(in->copier);
	free(in->header);
	buf_free(&in->uids);
	file_close(&in->spool_fd);
}

enum err_code
intake_run(struct request *req, struct response *res, struct str id,
    struct intake_report *report, struct http_stream **out_stream,
    struct err *err)
{
	int64_t now = clock_mono_ms();
	struct intake *in = ARENA_NEW(req->arena, struct intake);
	struct str key;
	struct str slot;
	enum err_code rc;

	if (in == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "intake");
	rc = intake_enter(req, &key, &slot, err);
	if (rc != ERR_OK)
		return rc;
	*in = (struct intake){.req = req,
	    .res = res,
	    .id = id,
	    .report = report,
	    .spool_fd = -1,
	    .marks_read = str_eq(request_field(req, "read"), STR("1")),
	    .wait_ms = req->deadline_mono_ms - now,
	    .end_mono_ms = now + INTAKE_MOST_MS,
	    .said_mono_ms = now};
	rc = intake_begin(in, err);
	if (rc == ERR_OK)
		rc = intake_all(in, err);
	report->uids = intake_uids(in, req->arena);
	if (rc == ERR_OK)
		report->state = INTAKE_DONE;
	*out_stream = in->stream;
	intake_end(in);
	req->deadline_mono_ms = clock_mono_ms() + in->wait_ms;
	page_gate_leave(req->app->gate, slot);
	page_gate_leave(req->app->gate, key);
	return rc;
}
