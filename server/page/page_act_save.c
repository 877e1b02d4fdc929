#include "mime/mime_mbox.h"
#include "mime/mime_name.h"
#include "mime/mime_zip.h"
#include "os/clock.h"
#include "page/page_act.h"

/*
 * Messages as a file: one zip archive of .eml files, or one mbox, made while
 * it is sent, a message after the other.
 */
#define SAVE_ROUND_BYTES ((size_t)24 << 20)
/* More files than that, and programs that open archives give up. */
#define SAVE_ZIP_MOST 20000u

struct saver {
	struct request *req;
	struct response *res;
	const struct act *act; /* one after the other of a chain */
	struct http_stream *stream;
	int64_t looked_ms;    /* of page_goes_on() */
	struct mime_zip *zip; /* else mbox */
	struct mime_mbox *mbox;
	struct arena *round;
	int64_t wait_ms, end_mono_ms;
	enum err_code rc;
	struct err err;
};

static void
save_headers(struct saver *saver)
{
	struct response *res = saver->res;
	struct arena *arena = saver->req->arena;
	struct str parts[2] = {
	    saver->act->is_pick ? STR("messages") : saver->act->folder.s,
	    saver->zip != NULL ? STR(".zip") : STR(".mbox")};
	struct str type = saver->zip != NULL ? STR("application/zip")
	                                     : STR("application/mbox");

	response_status(res, 200);
	response_replace_header(res, "Content-Type", type);
	response_replace_header(res, "Content-Disposition",
	    mime_name_disposition(arena, false,
	        mime_name_file(arena,
	            text_line(arena, str_join(arena, parts, 2)),
	            mime_type_named(type, parts[1]))));
	response_replace_header(res, "Content-Security-Policy",
	    STR("sandbox; default-src 'none'; frame-ancestors 'none'"));
}

/* Its headers come with the first bytes: until then a page can say what is
 * wrong. */
static bool
save_sink(void *ctx, struct str bytes)
{
	struct saver *saver = ctx;

	if (saver->stream == NULL && saver->rc == ERR_OK) {
		save_headers(saver);
		saver->rc = response_stream_open(saver->req, saver->res,
		    UINT64_MAX, &saver->stream, &saver->err);
	}
	if (saver->rc == ERR_OK)
		saver->rc =
		    page_goes_on(saver->req, &saver->looked_ms, &saver->err);
	if (saver->rc == ERR_OK && bytes.len > 0)
		saver->rc =
		    http_stream_write(saver->stream, bytes, &saver->err);
	return saver->rc == ERR_OK;
}

/*
 * "000123 Lunch.eml": in the folder's order, each once; of several folders
 * with the folder's name before it.
 */
static struct text
save_name(
    struct arena *arena, const struct act *act, const struct mail_row *row)
{
	struct text subject = text_shorten(arena, row->subject, 60);
	struct text folder =
	    act->is_pick ? text_shorten(arena, act->folder, 40) : TEXT("");
	struct str name = str_printf(arena, "%.*s%s%06u %.*s.eml",
	    STR_ARG(folder.s), act->is_pick ? " " : "", row->uid,
	    STR_ARG(text_is_empty(subject) ? STR("message") : subject.s));

	return mime_name_file(arena, text_line(arena, name),
	    mime_type_named(STR("message/rfc822"), STR(".eml")));
}

static enum err_code
save_one(struct saver *saver, struct mail *mail, const struct mail_row *row,
    struct err *err)
{
	struct mail_id id = {
	    saver->act->folder, row->uid, saver->act->uid_validity};
	enum err_code rc;

	if (saver->zip == NULL) {
		if (!mime_mbox_begin(
		        saver->mbox, row->from.address.s, row->arrived_s))
			return ERR_AWAY;
		rc = mail_part_stream(
		    mail, &id, NULL, mime_mbox_write, saver->mbox, err);
		if (rc == ERR_OK && !mime_mbox_end(saver->mbox))
			rc = ERR_AWAY;
		return rc;
	}
	rc = mime_zip_add(saver->zip, save_name(mail->arena, saver->act, row),
	    UINT64_MAX, row->arrived_s, err);
	if (rc == ERR_OK)
		rc = mail_part_stream(
		    mail, &id, NULL, mime_zip_write, saver->zip, err);
	return rc == ERR_OK ? mime_zip_end_file(saver->zip, err) : rc;
}

/* The next messages of the set, in memory that is used again. */
static enum err_code
save_round(struct saver *saver, const struct mail_set *piece, struct err *err)
{
	struct mail mail = page_mail(saver->req);
	struct mail_row *rows = NULL;
	size_t count = 0;
	enum err_code rc;

	mail.arena = saver->round;
	mail.wait.deadline_mono_ms = clock_mono_ms() + saver->wait_ms;
	rc = mail_set_rows(&mail, saver->act->folder, saver->act->uid_validity,
	    piece, &rows, &count, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		/* Each has the time of the first: the browser may be slow. */
		saver->req->deadline_mono_ms = clock_mono_ms() + saver->wait_ms;
		mail.wait.deadline_mono_ms = saver->req->deadline_mono_ms;
		if (clock_mono_ms() > saver->end_mono_ms)
			return err_set(err, ERR_LIMIT,
			    "This takes too long. Please save in parts.",
			    "save: time");
		rc = save_one(saver, &mail, &rows[i], err);
	}
	return rc;
}

static enum err_code
save_folder(struct saver *saver, struct err *err)
{
	uint64_t from = 0;
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK) {
		struct mail_set piece;

		arena_reset(saver->round);
		piece = mail_set_from(saver->round, &saver->act->set, from,
		    LIMIT_LIST_ROWS, LIMIT_LIST_ROWS);
		if (piece.total == 0)
			break;
		from = (uint64_t)piece.ranges[piece.count - 1].last + 1;
		rc = save_round(saver, &piece, err);
	}
	return rc;
}

static enum err_code
save_all(struct saver *saver, struct err *err)
{
	const struct act *first = saver->act;
	enum err_code rc = ERR_OK;

	for (const struct act *at = first; rc == ERR_OK && at != NULL;
	     at = at->more) {
		saver->act = at;
		rc = save_folder(saver, err);
	}
	saver->act = first;
	if (rc == ERR_OK && saver->zip != NULL)
		rc = mime_zip_end(saver->zip, err);
	return rc;
}

static enum err_code
save_run(struct saver *saver, bool is_zip, struct err *err)
{
	struct mime_mbox mbox;
	enum err_code rc = ERR_OK;

	mime_mbox_init(&mbox, save_sink, saver);
	saver->mbox = &mbox;
	if (is_zip)
		rc = mime_zip_open(save_sink, saver, &saver->zip, err);
	if (rc == ERR_OK)
		rc = save_all(saver, err);
	mime_zip_free(saver->zip);
	if (saver->rc != ERR_OK)
		rc = err_set(
		    err, saver->rc, saver->err.message, saver->err.detail);
	else if (rc == ERR_OK && saver->stream == NULL)
		rc = err_set(err, ERR_NOT_FOUND,
		    "These messages are gone: there is nothing to save.", NULL);
	/* Cut, so that the browser does not keep half a file as whole. */
	if (saver->stream != NULL)
		http_stream_close(saver->stream, rc == ERR_OK);
	return rc;
}

/* One file at a time for each account, and few in all. */
#define SAVE_AT_ONCE 4u
/* Nobody needs longer; who loads slower saves in parts. */
#define SAVE_MOST_MS ((int64_t)2 * 60 * 60 * 1000)

/* *out_slot: which of the places in all it has. */
static enum err_code
save_enter(struct request *req, struct str *out_key, struct str *out_slot,
    struct err *err)
{
	struct page_gate *gate = req->app->gate;
	int64_t now = clock_mono_ms();

	*out_key = session_name_work(
	    req->app->sessions, "save", req->session->account, req->arena);
	if (page_gate_enter(gate, *out_key, now, NULL) != ERR_OK)
		return err_set(err, ERR_BUSY,
		    "Another file of yours is being saved. Please wait until "
		    "it is there.",
		    "save: account");
	for (unsigned i = 0; i < SAVE_AT_ONCE; i++) {
		*out_slot = str_printf(req->arena, "saving%016u", i);
		if (page_gate_enter(gate, *out_slot, now, NULL) == ERR_OK)
			return ERR_OK;
	}
	page_gate_leave(gate, *out_key);
	return err_set(err, ERR_BUSY,
	    "Others are saving files at the moment. Please try again in a few "
	    "minutes.",
	    "save: all");
}

enum err_code
act_save(struct request *req, struct response *res, const struct act *act,
    struct err *err)
{
	bool is_zip = str_eq(act->verb, STR("zip"));
	struct saver saver = {.req = req,
	    .res = res,
	    .act = act,
	    .wait_ms = req->deadline_mono_ms - clock_mono_ms(),
	    .end_mono_ms = clock_mono_ms() + SAVE_MOST_MS};
	struct str key;
	struct str slot;
	enum err_code rc;

	if (is_zip && act_messages(act) > SAVE_ZIP_MOST)
		return err_sayf(err, ERR_LIMIT,
		    "An archive takes %u messages at most. Save them as one "
		    "mbox file instead, or in parts.",
		    SAVE_ZIP_MOST);
	rc = save_enter(req, &key, &slot, err);
	if (rc != ERR_OK)
		return rc;
	saver.round = arena_new(SAVE_ROUND_BYTES);
	rc = saver.round == NULL ? err_set(err, ERR_NO_MEMORY,
	                               "The server is out of memory.", NULL)
	                         : save_run(&saver, is_zip, err);
	arena_free(saver.round);
	page_gate_leave(req->app->gate, slot);
	page_gate_leave(req->app->gate, key);
	return rc;
}
