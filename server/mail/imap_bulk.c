#include "base/limits.h"
#include "base/scan.h"
#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_search.h"
#include "mail/imap_message.h"
#include "mail/imap_permit.h"
#include "mail/imap_prove.h"
#include "mail/mail_bulk.h"
#include "os/clock.h"
#include "os/fault.h"

/* One command: short enough for every server, and soon answered. */
#define BULK_TURNS        4u /* others may remove some each time */
#define BULK_PIECE        2000u
#define BULK_PIECE_RANGES ((size_t)250)
/* What Undo has to know; beyond it there is none. */
#define BULK_CHANGED_BYTES ((size_t)4 << 20)

struct bulk_run {
	struct mail *mail;
	struct mail_bulk *bulk;
	struct str folder, to_folder; /* as on the wire */
	int64_t stop_mono_ms;
	uint64_t from;      /* the UIDs before it are dealt with */
	struct buf changed; /* as a set's text */
	struct buf marked;  /* originals that only have the mark \Deleted now */
	struct imap_prove prove;
	struct imap_found found;
	bool is_sent; /* something was asked that must not be asked twice */
	/* The folder was open: what others did since is not known yet. */
	bool is_unheard;
	bool has_news;        /* they changed flags */
	struct mail_set told; /* what the last COPYUID says that went */
};

static const char *
bulk_flag_name(const struct mail_bulk *bulk, struct arena *arena)
{
	static const struct {
		unsigned flag;
		const char *name;
	} table[] = {{MAIL_SEEN, "\\Seen"}, {MAIL_FLAGGED, "\\Flagged"},
	    {MAIL_ANSWERED, "\\Answered"}, {MAIL_DELETED, "\\Deleted"},
	    {MAIL_FORWARDED, "$Forwarded"}, {MAIL_JUNK_MARK, "$Junk"},
	    {MAIL_NOT_JUNK_MARK, "$NotJunk"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].flag == bulk->flag)
			return table[i].name;
	}
	return str_dup_c(arena, bulk->keyword);
}

/* The search key for messages that are otherwise: "UNSEEN", "KEYWORD x". */
static void
bulk_write_otherwise(struct imap_writer *writer, const char *flag, bool on)
{
	static const struct {
		const char *flag, *without, *with;
	} table[] = {{"\\Seen", " UNSEEN", " SEEN"},
	    {"\\Flagged", " UNFLAGGED", " FLAGGED"},
	    {"\\Answered", " UNANSWERED", " ANSWERED"},
	    {"\\Deleted", " UNDELETED", " DELETED"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(flag, table[i].flag) == 0) {
			imap_write_raw(
			    writer, on ? table[i].without : table[i].with);
			return;
		}
	}
	imap_write_raw(writer, on ? " UNKEYWORD " : " KEYWORD ");
	imap_write_raw(writer, flag);
}

static void
bulk_write_set(
    struct imap_writer *writer, struct arena *arena, const struct mail_set *set)
{
	buf_add(&writer->out, mail_set_text(arena, set));
}

/* "COPYUID 7 1:3 5:7" */
static void
bulk_take_code(struct bulk_run *run, struct str code)
{
	struct str rest = code;
	struct scan scan;
	uint64_t validity = 0;

	if (!str_eq_nocase(str_cut(&rest, ' '), STR("COPYUID")))
		return;
	scan = scan_of(str_cut(&rest, ' '));
	if (!scan_u64(&scan, UINT32_MAX, &validity))
		return;
	run->bulk->changed_validity = (uint32_t)validity;
	err_ignore(mail_set_parse(
	    run->mail->arena, str_cut(&rest, ' '), &run->told, NULL));
	if (run->changed.len > 0)
		buf_add_byte(&run->changed, ',');
	buf_add(&run->changed, str_cut(&rest, ' '));
}

static enum err_code
bulk_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct bulk_run *run = ctx;

	run->has_news |= str_eq_nocase(response->name, STR("FETCH"));
	if (response->status == IMAP_OK)
		bulk_take_code(run, response->code);
	else
		imap_found_add(&run->found, run->mail->arena, reader, response);
	return imap_arena_check(run->mail->arena, err);
}

static void
bulk_batch(
    struct bulk_run *run, struct imap_conn *conn, struct imap_batch *out_batch)
{
	imap_batch_init(out_batch, conn, bulk_untagged, run);
}

static void
bulk_note(struct bulk_run *run, struct buf *into, const struct mail_set *set)
{
	if (set->total == 0)
		return;
	if (into->len > 0)
		buf_add_byte(into, ',');
	buf_add(into, mail_set_text(run->mail->arena, set));
}

/* ---- flags ---- */
static enum err_code
bulk_ask_otherwise(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, const char *flag, bool on, struct err *err)
{
	struct arena *arena = run->mail->arena;
	struct imap_batch batch;
	size_t at = 0;
	enum err_code rc;

	run->found = (struct imap_found){0};
	run->has_news = false;
	bulk_batch(run, conn, &batch);
	if (run->is_unheard) {
		imap_write_begin(&batch.writer, "NOOP");
		imap_write_end(&batch.writer);
		at = 1;
	}
	imap_write_begin(&batch.writer, "UID SEARCH");
	if (imap_conn_has(conn, IMAP_CAP_ESEARCH))
		imap_write_raw(&batch.writer, " RETURN (ALL)");
	imap_write_raw(&batch.writer, " UID ");
	bulk_write_set(&batch.writer, arena, piece);
	bulk_write_otherwise(&batch.writer, flag, on);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, at, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

/*
 * Only those that are otherwise: they are what Undo has to know. Dovecot
 * searches before it looks what others did: when that is news, once more.
 */
static enum err_code
bulk_find_otherwise(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, const char *flag, bool on,
    struct mail_set *out, struct err *err)
{
	struct arena *arena = run->mail->arena;
	bool was_unheard = run->is_unheard;
	uint64_t changes = conn->changes;
	enum err_code rc = bulk_ask_otherwise(run, conn, piece, flag, on, err);

	run->is_unheard = false;
	if (rc == ERR_OK && was_unheard &&
	    (run->has_news || conn->changes != changes))
		rc = bulk_ask_otherwise(run, conn, piece, flag, on, err);
	if (rc != ERR_OK)
		return rc;
	/* A server that lies names no others. */
	*out = imap_found_set(arena, &run->found);
	*out = mail_set_common(arena, piece, out);
	return ERR_OK;
}

static enum err_code
bulk_store_flag(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *set, const char *flag, bool on, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	bulk_batch(run, conn, &batch);
	imap_write_begin(&batch.writer, "UID STORE ");
	bulk_write_set(&batch.writer, run->mail->arena, set);
	imap_write_raw(
	    &batch.writer, on ? " +FLAGS.SILENT (" : " -FLAGS.SILENT (");
	imap_write_raw(&batch.writer, flag);
	imap_write_raw(&batch.writer, ")");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, run->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "change the messages", err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
bulk_store(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, struct err *err)
{
	struct arena *arena = run->mail->arena;
	const char *flag = bulk_flag_name(run->bulk, arena);
	struct mail_set otherwise;
	enum err_code rc;

	if (flag == NULL)
		return imap_arena_check(arena, err);
	if (run->bulk->flag == 0 && run->bulk->on &&
	    !imap_permit_keyword(conn, run->bulk->keyword))
		return err_set(err, ERR_MAIL,
		    "The mail server keeps no labels in this folder. Nothing "
		    "was changed.",
		    "imap: PERMANENTFLAGS without the keyword");
	rc = run->bulk->flag == 0 ? ERR_OK : imap_permit_flag(conn, flag, err);
	if (rc != ERR_OK)
		return rc;
	rc = bulk_find_otherwise(
	    run, conn, piece, flag, run->bulk->on, &otherwise, err);
	if (rc != ERR_OK || otherwise.total == 0)
		return rc;
	rc = bulk_store_flag(run, conn, &otherwise, flag, run->bulk->on, err);
	if (rc != ERR_OK)
		return rc;
	bulk_note(run, &run->changed, &otherwise);
	return ERR_OK;
}

/* ---- moving, copying, deleting ---- */
static enum err_code
bulk_expunge(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = imap_permit_flag(conn, "\\Deleted", err);

	if (rc == ERR_OK)
		rc = bulk_store_flag(run, conn, piece, "\\Deleted", true, err);
	/* Without UIDPLUS they stay, marked: never a bare EXPUNGE. */
	if (rc != ERR_OK || !imap_conn_has(conn, IMAP_CAP_UIDPLUS))
		return rc;
	bulk_batch(run, conn, &batch);
	imap_write_begin(&batch.writer, "UID EXPUNGE ");
	bulk_write_set(&batch.writer, run->mail->arena, piece);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, run->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "delete the messages", err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
bulk_copy_once(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, bool is_move, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	bulk_batch(run, conn, &batch);
	imap_write_begin(&batch.writer, is_move ? "UID MOVE " : "UID COPY ");
	bulk_write_set(&batch.writer, run->mail->arena, piece);
	imap_write_raw(&batch.writer, " ");
	imap_write_string(&batch.writer, run->to_folder);
	imap_write_end(&batch.writer);
	run->is_sent = true;
	rc = imap_batch_run(&batch, run->mail->arena, err);
	if (rc == ERR_OK) {
		struct str code = str_c(batch.ends[0].said.code);

		rc = imap_batch_need(&batch, 0,
		    is_move ? "move the messages" : "copy the messages", err);
		if (rc == ERR_MAIL &&
		    (str_starts_nocase(code, STR("TRYCREATE")) ||
		        str_starts_nocase(code, STR("NONEXISTENT"))))
			rc = err_set(err, ERR_NOT_FOUND,
			    "The folder to put the messages in does not exist.",
			    "imap: target missing");
		bulk_take_code(run, batch.ends[0].code);
	}
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
bulk_copy(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, bool is_move, struct err *err)
{
	for (unsigned turn = 1;; turn++) {
		enum err_code rc =
		    bulk_copy_once(run, conn, piece, is_move, err);

		if (turn == BULK_TURNS || !imap_is_worth_again(conn, rc))
			return rc;
	}
}

/*
 * A server passes over what this connection has not heard of yet; COPYUID names
 * what went. For the others it is asked what is new, and to move all of them
 * once more: a UID that went is never given again.
 */
static enum err_code
bulk_move(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, struct err *err)
{
	bool was_unheard = run->is_unheard;
	enum err_code rc;

	run->told = (struct mail_set){0};
	rc = bulk_copy(run, conn, piece, true, err);
	run->is_unheard = false;
	if (rc != ERR_OK || !was_unheard)
		return rc;
	run->told = mail_set_common(run->mail->arena, piece, &run->told);
	if (run->told.total >= piece->total)
		return ERR_OK;
	rc = imap_noop(conn, err);
	return rc == ERR_OK ? bulk_copy(run, conn, piece, true, err) : rc;
}

/* Where the server can neither move nor expunge the originals only. */
static enum err_code
bulk_copy_and_mark(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, struct err *err)
{
	bool stays = !imap_conn_has(conn, IMAP_CAP_UIDPLUS);
	struct mail_set unmarked = {0};
	/* Nobody wants the copy where the original cannot go. */
	enum err_code rc = imap_permit_flag(conn, "\\Deleted", err);

	if (rc == ERR_OK && stays && run->bulk->finds_copies)
		rc = bulk_find_otherwise(
		    run, conn, piece, "\\Deleted", true, &unmarked, err);
	if (rc == ERR_OK)
		rc = bulk_copy(run, conn, piece, false, err);
	if (rc == ERR_OK)
		rc = bulk_expunge(run, conn, piece, err);
	if (rc != ERR_OK)
		return rc;
	run->bulk->is_marked = stays;
	bulk_note(run, &run->marked, &unmarked);
	return ERR_OK;
}

static enum err_code
bulk_piece(struct bulk_run *run, struct imap_conn *conn,
    const struct mail_set *piece, struct err *err)
{
	bool copies = run->bulk->what == MAIL_BULK_MOVE ||
	              run->bulk->what == MAIL_BULK_COPY;

	if (copies)
		imap_prove_look(&run->prove, conn, piece);

	switch (run->bulk->what) {
	case MAIL_BULK_STORE:
		return bulk_store(run, conn, piece, err);
	case MAIL_BULK_EXPUNGE:
		return bulk_expunge(run, conn, piece, err);
	case MAIL_BULK_COPY:
		return bulk_copy(run, conn, piece, false, err);
	case MAIL_BULK_MOVE:
		break;
	}
	return imap_conn_has(conn, IMAP_CAP_MOVE)
	           ? bulk_move(run, conn, piece, err)
	           : bulk_copy_and_mark(run, conn, piece, err);
}

/* Where they went is looked for, on a server that does not say. */
static void
bulk_prove(struct bulk_run *run, struct imap_conn *conn)
{
	struct mail_set found;

	if (run->prove.is_off || !imap_prove_find(&run->prove, conn))
		return;
	found = imap_prove_set(&run->prove);
	run->bulk->changed_validity = run->prove.uid_validity;
	bulk_note(run, &run->changed, &found);
}

/* What others did is asked for with the first command, where that will do. */
static enum err_code
bulk_open(struct bulk_run *run, struct imap_conn *conn, struct err *err)
{
	const struct mail_bulk *bulk = run->bulk;
	bool is_told = bulk->what == MAIL_BULK_STORE ||
	               (bulk->what == MAIL_BULK_MOVE &&
	                   imap_conn_has(conn, IMAP_CAP_MOVE) &&
	                   imap_conn_has(conn, IMAP_CAP_UIDPLUS));

	if (!is_told)
		return imap_folder_fresh(
		    conn, run->folder, bulk->uid_validity, err);
	run->is_unheard =
	    conn->folder != NULL && str_eq(str_c(conn->folder), run->folder);
	return imap_message_open(conn, run->folder, bulk->uid_validity, err);
}

static enum err_code
bulk_pieces(struct bulk_run *run, struct imap_conn *conn, enum err_code rc,
    struct err *err)
{
	struct mail_bulk *bulk = run->bulk;

	for (;;) {
		struct mail_set piece = mail_set_from(run->mail->arena,
		    &bulk->set, run->from, BULK_PIECE, BULK_PIECE_RANGES);

		if (rc == ERR_OK)
			rc = imap_arena_check(run->mail->arena, err);
		if (rc != ERR_OK || piece.total == 0)
			return rc;
		rc = bulk_piece(run, conn, &piece, err);
		if (rc == ERR_OK)
			run->from =
			    (uint64_t)piece.ranges[piece.count - 1].last + 1;
		if (clock_mono_ms() >= run->stop_mono_ms ||
		    fault_fails("bulk.time"))
			return rc;
	}
}

static enum err_code
bulk_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct bulk_run *run = ctx;
	enum err_code rc = bulk_open(run, conn, err);

	run->prove.is_off = true;
	if (rc == ERR_OK && run->bulk->finds_copies &&
	    !imap_conn_has(conn, IMAP_CAP_UIDPLUS))
		imap_prove_begin(
		    &run->prove, conn, run->mail->arena, run->to_folder);
	rc = bulk_pieces(run, conn, rc, err);
	if (rc == ERR_OK)
		bulk_prove(run, conn);
	return rc;
}

static enum err_code
bulk_all(struct bulk_run *run, struct err *err)
{
	struct mail_bulk *bulk = run->bulk;
	bool is_copying =
	    bulk->what == MAIL_BULK_MOVE || bulk->what == MAIL_BULK_COPY;
	enum err_code rc = account_run(
	    run->mail, run->folder, !is_copying, bulk_step, run, err);

	/* Twice could leave two copies: repeated before it was sent. */
	if (rc == ERR_AWAY && is_copying && !run->is_sent)
		rc = account_run(
		    run->mail, run->folder, false, bulk_step, run, err);
	return rc;
}

static void
bulk_take_set(
    struct bulk_run *run, const struct buf *text, struct mail_set *out)
{
	if (text->failed == ERR_OK && text->len > 0)
		err_ignore(
		    mail_set_parse(run->mail->arena, buf_str(text), out, NULL));
}

enum err_code
mail_bulk(struct mail *mail, struct mail_bulk *bulk, struct err *err)
{
	int64_t now = clock_mono_ms();
	struct bulk_run run = {.mail = mail,
	    .bulk = bulk,
	    .stop_mono_ms = now + (mail->wait.deadline_mono_ms - now) / 2};
	enum err_code rc =
	    imap_folder_wire(mail, bulk->folder, &run.folder, err);

	bulk->changed = bulk->marked = (struct mail_set){0};
	bulk->is_marked = false;
	bulk->changed_validity = bulk->uid_validity;
	bulk->rest = bulk->set;
	if (bulk->what == MAIL_BULK_MOVE || bulk->what == MAIL_BULK_COPY) {
		bulk->changed_validity = 0;
		if (rc == ERR_OK)
			rc = imap_folder_wire(
			    mail, bulk->to_folder, &run.to_folder, err);
	}
	if (rc != ERR_OK || bulk->set.total == 0)
		return rc;
	buf_init_arena(&run.changed, mail->arena, BULK_CHANGED_BYTES);
	buf_init_arena(&run.marked, mail->arena, BULK_CHANGED_BYTES);
	rc = bulk_all(&run, err);
	bulk->rest = mail_set_from(
	    mail->arena, &bulk->set, run.from, UINT32_MAX, SIZE_MAX);
	bulk_take_set(&run, &run.changed, &bulk->changed);
	bulk_take_set(&run, &run.marked, &bulk->marked);
	return rc;
}
