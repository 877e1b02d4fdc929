#include "base/scan.h"
#include "mail/account.h"
#include "mail/imap_append.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_prove.h"
#include "mail/mail_import.h"
#include "os/clock.h"

/* Larger ones wait for "+": a refusal then costs nothing. */
#define IMPORT_AT_ONCE_BYTES ((uint64_t)64 << 10)
/* A connection that rested longer is asked whether it is still there. */
#define IMPORT_REST_MS 2000
/* Of a message's beginning, to find it again. */
#define IMPORT_HEADER_BYTES ((size_t)32 << 10)

struct import_run {
	struct mail *mail;
	struct mail_import *import;
	struct str folder; /* as on the wire */
	struct imap_conn *conn;
	struct imap_batch batch;
	bool is_one; /* all of them in one command */
	size_t first, count;
	size_t heads[MAIL_IMPORT_MOST + 1]; /* where in what is written */
	bool is_free[MAIL_IMPORT_MOST];     /* needs no "+" */
	bool is_sent; /* something was, of which no answer is known */
	struct imap_prove prove; /* on a server that does not say their UIDs */
	struct buf header;       /* of the message that is being sent */
	enum err_code rc;
	struct err *err;
};

static struct mail_import_one *
import_at(const struct import_run *run, size_t i)
{
	return &run->import->list[run->first + i];
}

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP
 *             zone DQUOTE */
static void
import_date(struct imap_writer *writer, int64_t unix_s)
{
	static const char *const months[12] = {"Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct clock_date date = clock_date_of(unix_s, 0);

	if (unix_s <= 0 || date.year > 9999)
		return;
	buf_addf(&writer->out, " \"%2d-%s-%04d %02d:%02d:%02d +0000\"",
	    date.day, months[date.month - 1], date.year, date.hour, date.minute,
	    date.second);
}

static void
import_head(struct import_run *run, size_t i)
{
	struct imap_writer *writer = &run->batch.writer;
	const struct mail_import_one *one = import_at(run, i);

	run->heads[i] = writer->out.len;
	run->is_free[i] = one->bytes <= writer->free_literal_bytes &&
	                  one->bytes <= IMPORT_AT_ONCE_BYTES;
	if (i == 0 || !run->is_one) {
		imap_write_begin(writer, "APPEND ");
		imap_write_string(writer, run->folder);
	}
	imap_append_flags(writer, one->flags);
	import_date(writer, one->arrived_s);
	imap_write_raw(writer, " {");
	imap_write_number(writer, one->bytes);
	imap_write_raw(writer, run->is_free[i] ? "+}\r\n" : "}\r\n");
	run->heads[i + 1] = writer->out.len;
}

/* ---- sending ---- */
static bool
import_sink(void *ctx, struct str bytes)
{
	struct import_run *run = ctx;
	size_t room = IMPORT_HEADER_BYTES - run->header.len;

	if (!run->prove.is_off)
		buf_add(&run->header, str_slice(bytes, 0, room));
	/* Time for each step: a large message takes what it takes. */
	imap_conn_command(run->conn);
	run->rc = imap_append_write(run->conn, bytes, run->err);
	return run->rc == ERR_OK;
}

static enum err_code
import_literal(struct import_run *run, size_t i)
{
	struct mail_import_one *one = import_at(run, i);
	bool is_whole;

	run->rc = ERR_OK;
	run->header.len = 0;
	is_whole =
	    run->import->write(run->import->ctx, one->what, import_sink, run);
	if (run->rc == ERR_OK && is_whole)
		imap_prove_add(&run->prove, one->bytes, one->arrived_s,
		    buf_str(&run->header), run->first + i);
	if (is_whole || run->rc != ERR_OK)
		return run->rc;
	/* Half of it is sent: the rest must never be something else. */
	run->conn->is_broken = true;
	return err_set(run->err, ERR_INTERNAL,
	    "The message could not be read back from the disk of this server.",
	    "imap: import, file is short");
}

static enum err_code
import_send(struct import_run *run)
{
	struct imap_batch *batch = &run->batch;
	enum err_code rc = ERR_OK;
	bool go = true;

	for (size_t i = 0; rc == ERR_OK && i < run->count; i++) {
		size_t command = run->is_one ? 0 : i;

		if (batch->ends[command].is_done)
			break; /* refused before all of it was there */
		rc = imap_append_write(run->conn,
		    str_slice(buf_str(&batch->writer.out), run->heads[i],
		        run->heads[i + 1]),
		    run->err);
		if (rc == ERR_OK && !run->is_free[i])
			rc = imap_batch_wait_go(batch, command, &go, run->err);
		if (rc != ERR_OK || (!run->is_free[i] && !go))
			continue;
		rc = import_literal(run, i);
		if (rc != ERR_OK || (run->is_one && i + 1 < run->count))
			continue;
		for (size_t k = run->is_one ? 0 : i; k <= i; k++)
			import_at(run, k)->end = MAIL_IMPORT_UNSURE;
		rc = imap_append_write(run->conn, STR("\r\n"), run->err);
	}
	return rc;
}

/* ---- answers ---- */
/* "APPENDUID 38505 3955" or "APPENDUID 38505 101:103" (RFC 4315, 3) */
static void
import_uids(struct import_run *run, struct str code, size_t first, size_t count)
{
	struct scan scan;
	struct mail_set set;
	uint64_t validity = 0;
	size_t at = 0;

	if (!str_eq_nocase(str_cut(&code, ' '), STR("APPENDUID")))
		return;
	scan = scan_of(str_cut(&code, ' '));
	/* They rise, as the messages do (RFC 3502). */
	if (!scan_u64(&scan, UINT32_MAX, &validity) ||
	    mail_set_parse(run->mail->arena, str_cut(&code, ' '), &set, NULL) !=
	        ERR_OK ||
	    set.total != count)
		return;
	run->import->uid_validity = (uint32_t)validity;
	for (size_t i = 0; i < set.count; i++)
		for (uint64_t uid = set.ranges[i].first;
		     uid <= set.ranges[i].last && at < count; uid++)
			import_at(run, first + at++)->uid = (uint32_t)uid;
}

static enum mail_import_stop
import_stop_of(const struct imap_said *said)
{
	if (imap_said_is(said, STR("OVERQUOTA")))
		return MAIL_IMPORT_FULL;
	if (imap_said_is(said, STR("TRYCREATE")) ||
	    imap_said_is(said, STR("NONEXISTENT")) ||
	    imap_said_is(said, STR("NOPERM")))
		return MAIL_IMPORT_NO_FOLDER;
	return MAIL_IMPORT_GOES_ON;
}

/* What became of those that a command was about. */
static void
import_end(struct import_run *run, size_t command, size_t first, size_t count)
{
	const struct imap_end *end = &run->batch.ends[command];
	struct err why = ERR_NONE;

	if (!end->is_done)
		return;
	if (end->said.status == IMAP_OK) {
		for (size_t i = first; i < first + count; i++)
			import_at(run, i)->end = MAIL_IMPORT_IN;
		import_uids(run, end->code, first, count);
		return;
	}
	/* All or none of them: which one it was about is not told. */
	for (size_t i = first; i < first + count; i++)
		import_at(run, i)->end = MAIL_IMPORT_WAITING;
	if (count > 1)
		return;
	err_ignore(
	    imap_batch_need(&run->batch, command, "save the message", &why));
	run->import->stop = import_stop_of(&end->said);
	import_at(run, first)->end = MAIL_IMPORT_REFUSED;
	import_at(run, first)->words = text_line(
	    run->mail->arena, str_dup(run->mail->arena, str_c(why.message)));
}

static void
import_ends(struct import_run *run)
{
	if (run->is_one) {
		import_end(run, 0, 0, run->count);
		return;
	}
	for (size_t i = 0; i < run->count; i++)
		import_end(run, i, i, 1);
}

/* `count` of them, from `first` on. */
static enum err_code
import_some(struct import_run *run, size_t first, size_t count, bool is_one)
{
	enum err_code rc;

	run->first = first;
	run->count = count;
	run->is_one = is_one && count > 1;
	imap_batch_init(&run->batch, run->conn, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		import_head(run, i);
	rc = imap_batch_start(&run->batch, run->mail->arena, run->err);
	if (rc == ERR_OK) {
		run->is_sent = true;
		rc = import_send(run);
		if (rc == ERR_OK) {
			imap_conn_command(run->conn);
			if (run->is_one)
				rc = imap_batch_wait(&run->batch, 0, run->err);
			else
				rc = imap_batch_finish(&run->batch, run->err);
		}
		import_ends(run);
	}
	imap_batch_end(&run->batch);
	return rc;
}

/* Which ones they are now, where the server did not say it. */
static void
import_prove(struct import_run *run)
{
	struct imap_prints *there = &run->prove.there;
	size_t kept = 0;

	for (size_t i = 0; i < there->count; i++)
		if (run->import->list[there->list[i].what].end ==
		    MAIL_IMPORT_IN)
			there->list[kept++] = there->list[i];
	there->count = kept;
	if (!imap_prove_find(&run->prove, run->conn))
		return;
	run->import->uid_validity = run->prove.uid_validity;
	for (size_t i = 0; i < there->count; i++)
		run->import->list[there->list[i].what].uid =
		    there->list[i].found;
}

static enum err_code
import_one_by_one(struct import_run *run)
{
	size_t count = run->import->count;
	enum err_code rc = ERR_OK;

	run->prove.there.count = 0;
	for (size_t i = 0; rc == ERR_OK && i < count &&
	                   run->import->stop == MAIL_IMPORT_GOES_ON;
	     i++)
		rc = import_some(run, i, 1, false);
	return rc;
}

static enum err_code
import_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct import_run *run = ctx;
	size_t count = run->import->count;
	bool together = imap_conn_has(conn, IMAP_CAP_MULTIAPPEND);
	enum err_code rc = ERR_OK;

	run->conn = conn;
	run->err = err;
	run->prove.is_off = true;
	if (clock_mono_ms() - conn->used_mono_ms > IMPORT_REST_MS)
		rc = imap_noop(conn, err);
	if (rc == ERR_OK && !imap_conn_has(conn, IMAP_CAP_UIDPLUS))
		imap_prove_begin(
		    &run->prove, conn, run->mail->arena, run->folder);
	if (rc == ERR_OK)
		rc = import_some(run, 0, count, together);
	/* Together they were refused: one by one it shows which. */
	if (rc == ERR_OK && together && count > 1 &&
	    run->import->list[0].end == MAIL_IMPORT_WAITING)
		rc = import_one_by_one(run);
	if (rc == ERR_OK && !run->prove.is_off)
		import_prove(run);
	return rc;
}

enum err_code
mail_import(struct mail *mail, struct mail_import *import, struct err *err)
{
	struct import_run run = {.mail = mail, .import = import};
	enum err_code rc =
	    imap_folder_wire(mail, import->folder, &run.folder, err);

	ensure(import->count > 0 && import->count <= MAIL_IMPORT_MOST);
	buf_init(&run.header, IMPORT_HEADER_BYTES);
	import->stop = MAIL_IMPORT_GOES_ON;
	for (size_t i = 0; i < import->count; i++) {
		import->list[i].end = MAIL_IMPORT_WAITING;
		import->list[i].uid = 0;
	}
	if (rc != ERR_OK)
		return rc;
	rc = account_run(mail, (struct str){0}, false, import_step, &run, err);
	if (rc == ERR_AWAY && !run.is_sent)
		rc = account_run(
		    mail, (struct str){0}, false, import_step, &run, err);
	buf_free(&run.header);
	return rc;
}
