#include "os/clock.h"
#include "os/file.h"
#include "page/page_intake_inside.h"

/* So often it is told how far it is; when nothing was told before, a page. */
#define INTAKE_SAY_MS ((int64_t)2000)
/* So many refused one after the other: the others would be, too. */
#define INTAKE_REFUSED_MOST 100u

/* ---- reading ---- */
int64_t
intake_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct intake_source *source = ctx;

	if (offset >= source->bytes)
		return 0;
	if (len > source->bytes - offset)
		len = (size_t)(source->bytes - offset);
	return source->form != NULL
	           ? form_file_read(
	                 source->form, source->field, offset, buf, len)
	           : file_read_at(source->fd, buf, len, source->first + offset);
}

/* ---- telling ---- */
static enum err_code
intake_page(struct intake *in, const char *template)
{
	struct view *view = NULL;
	struct html html = {{0}};
	enum err_code rc = ERR_OK;

	if (in->stream == NULL)
		rc = page_view(in->req, in->res, tr_text("Import messages"),
		    &view, &in->err);
	else
		view = view_new(in->scratch);
	if (rc != ERR_OK)
		return rc;
	view_u64(view, "in", in->report->in);
	view_bool(view, "is_one", in->report->in == 1);
	rc = tmpl_render(app_site_of(in->req)->templates, template, view,
	    in->scratch, &html, &in->err);
	if (rc == ERR_OK && in->stream == NULL) {
		response_status(in->res, 200);
		response_replace_header(
		    in->res, "Content-Type", STR("text/html; charset=utf-8"));
		/* Proxies in front would wait for all of it. */
		response_replace_header(
		    in->res, "X-Accel-Buffering", STR("no"));
		rc = response_stream_open(
		    in->req, in->res, UINT64_MAX, &in->stream, &in->err);
	}
	if (rc == ERR_OK)
		rc = http_stream_write(in->stream, html.s, &in->err);
	if (rc == ERR_OK)
		rc = http_stream_flush(in->stream, &in->err);
	return rc;
}

struct str
intake_uids(struct intake *in, struct arena *arena)
{
	struct str parts[3] = {buf_str(&in->uids), STR(""), STR("")};

	if (in->range_first > 0)
		parts[1] =
		    str_printf(arena, "%s%u:%u", parts[0].len > 0 ? "," : "",
		        in->range_first, in->range_last);
	return str_join(arena, parts, 3);
}

static enum err_code
intake_keep(struct intake *in, struct arena *arena, struct err *err)
{
	in->report->uids = intake_uids(in, arena);
	return intake_report_keep(in->req, in->id, in->report, err);
}

/* Logging off ends it at once. */
static enum err_code
intake_alive(struct intake *in, struct err *err)
{
	enum session_found found = SESSION_NONE;
	enum err_code rc = session_is_going_on(in->req->app->sessions,
	    in->req->cfg, in->req->session->selector, &found, err);

	if (rc == ERR_OK && found != SESSION_ACTIVE && found != SESSION_MOVED)
		rc = err_set(err, ERR_CANCELED,
		    "You logged off meanwhile, and that ended it.",
		    "intake: no session");
	return rc;
}

enum err_code
intake_tick(struct intake *in, struct err *err)
{
	int64_t now = clock_mono_ms();
	enum err_code rc;

	if (now - in->said_mono_ms < INTAKE_SAY_MS)
		return ERR_OK;
	in->said_mono_ms = now;
	rc = intake_alive(in, err);
	if (rc == ERR_OK && now > in->end_mono_ms)
		rc = err_set(err, ERR_LIMIT,
		    "It took too long. Please import the rest in parts.",
		    "intake: time");
	if (rc == ERR_OK)
		rc = intake_keep(in, in->scratch, err);
	if (rc == ERR_OK && !in->is_alone)
		in->is_alone =
		    intake_page(in, in->stream == NULL
		                        ? "mail_import_begin.html"
		                        : "mail_import_step.html") != ERR_OK;
	return rc;
}

/* ---- giving to the mail server ---- */
struct intake_writing {
	struct intake *in;
	mime_sink_fn *sink;
	void *ctx;
};

static bool
intake_write_sink(void *ctx, struct str bytes)
{
	struct intake_writing *writing = ctx;
	struct intake *in = writing->in;

	in->rc = intake_tick(in, &in->err);
	return in->rc == ERR_OK && writing->sink(writing->ctx, bytes);
}

static bool
intake_write(void *ctx, void *what, mime_sink_fn *sink, void *sink_ctx)
{
	struct intake *in = ctx;
	const struct intake_item *item = what;
	struct intake_writing writing = {in, sink, sink_ctx};

	if (in->from.number != item->source.number) {
		in->from = item->source;
		mime_reader_init(in->copier, intake_read, &in->from);
		(void)mime_reader_kind(in->copier);
	}
	return mime_reader_copy(
	    in->copier, &item->found, intake_write_sink, &writing);
}

void
intake_leave(struct intake *in, const struct intake_item *item, struct text why,
    bool is_unsure)
{
	struct intake_left left = {
	    item->file, item->number, item->subject, why};

	intake_report_leave(in->req, in->report, &left, is_unsure);
}

static void
intake_came_in(struct intake *in, uint32_t uid, uint32_t validity)
{
	struct intake_report *report = in->report;

	report->in++;
	if (uid == 0 ||
	    (report->uid_validity != 0 && validity != report->uid_validity)) {
		report->is_past_undo = true;
		return;
	}
	report->uid_validity = validity;
	if (in->range_first > 0 && uid == in->range_last + 1) {
		in->range_last = uid;
		return;
	}
	if (in->range_first > 0)
		buf_addf(&in->uids, "%s%u:%u", in->uids.len > 0 ? "," : "",
		    in->range_first, in->range_last);
	report->is_past_undo |= in->uids.failed != ERR_OK;
	in->range_first = in->range_last = uid;
}

static void
intake_count(struct intake *in, const struct mail_import *import)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct mail_import_one *one = &in->ones[i];
		const struct intake_item *item = one->what;

		if (one->end == MAIL_IMPORT_IN) {
			in->refused = 0;
			intake_came_in(in, one->uid, import->uid_validity);
		} else if (one->end == MAIL_IMPORT_REFUSED) {
			in->refused++;
			intake_leave(in, item, one->words, false);
		} else if (one->end == MAIL_IMPORT_UNSURE) {
			intake_leave(in, item,
			    tr_text(
			        "the connection to the mail server was lost "
			        "before it answered; look whether it is "
			        "there"),
			    true);
		}
	}
}

/* Only those that were not sent remain. */
static void
intake_wait_again(struct intake *in)
{
	size_t kept = 0;

	for (size_t i = 0; i < in->count; i++)
		if (in->ones[i].end == MAIL_IMPORT_WAITING)
			in->ones[kept++] = in->ones[i];
	in->count = kept;
}

/* Where it ended, for who wants to go on from there. */
static void
intake_untried(struct intake *in, const struct intake_item *last)
{
	const struct intake_item *item =
	    in->count > 0 ? in->ones[0].what : last;
	struct arena *arena = in->req->arena;
	struct str words;

	if (item->number > 0)
		words = str_printf(arena,
		    in->count > 0
		        ? tr("Not tried: message %u of %.*s, and what comes "
		             "after it.")
		        : tr("Not tried: what comes after message %u of "
		             "%.*s."),
		    (unsigned)item->number, STR_ARG(item->file.s));
	else
		words = str_printf(arena,
		    in->count > 0
		        ? tr("Not tried: %.*s, and what comes after it.")
		        : tr("Not tried: what comes after %.*s."),
		    STR_ARG(item->file.s));
	in->report->untried = text_line(arena, words);
}

/* Why the others need not be tried. */
static enum err_code
intake_stop(
    const struct intake *in, const struct mail_import *import, struct err *err)
{
	if (import->stop == MAIL_IMPORT_FULL)
		return err_set(err, ERR_LIMIT, "Your mailbox is full.",
		    "intake: over quota");
	if (import->stop == MAIL_IMPORT_NO_FOLDER)
		return err_set(err, ERR_NOT_FOUND,
		    "The mail server takes no messages into this folder: it "
		    "is gone, or you may not write there.",
		    "intake: folder");
	if (in->refused >= INTAKE_REFUSED_MOST)
		return err_set(err, ERR_MAIL,
		    "The mail server refused 100 messages one after the "
		    "other.",
		    "intake: refused");
	return ERR_OK;
}

static enum err_code
intake_send(struct intake *in, struct err *err)
{
	struct mail mail = page_mail(in->req);
	struct mail_import import = {.folder = in->report->folder,
	    .list = in->ones,
	    .count = in->count,
	    .write = intake_write,
	    .ctx = in};
	const struct intake_item *last = in->ones[0].what;
	enum err_code rc = ERR_OK;

	mail.arena = in->round;
	in->rc = ERR_OK;
	for (int turn = 0; turn < 2 && import.count > 0; turn++) {
		mail.wait.deadline_mono_ms = clock_mono_ms() + in->wait_ms;
		rc = mail_import(&mail, &import, err);
		last = import.list[import.count - 1].what;
		intake_count(in, &import);
		intake_wait_again(in);
		import.count = in->count;
		/* A lost connection: once more with what was not sent. */
		if (rc != ERR_AWAY || in->rc != ERR_OK)
			break;
		if (in->count == 0)
			rc = ERR_OK;
	}
	if (in->rc != ERR_OK)
		rc = err_set(err, in->rc, in->err.message, in->err.detail);
	else if (rc == ERR_OK)
		rc = intake_stop(in, &import, err);
	if (rc != ERR_OK)
		intake_untried(in, last);
	return rc;
}

enum err_code
intake_flush(struct intake *in, struct err *err)
{
	enum err_code rc = ERR_OK;

	in->req->deadline_mono_ms = clock_mono_ms() + in->wait_ms;
	if (in->count > 0)
		rc = intake_alive(in, err);
	if (rc == ERR_OK && in->count > 0)
		rc = intake_send(in, err);
	in->count = 0;
	in->bytes = 0;
	if (rc == ERR_OK)
		rc = intake_tick(in, err);
	arena_reset(in->round);
	arena_reset(in->scratch);
	return rc;
}
