#include "mail/account.h"
#include "mail/imap_message.h"

/*
 * So much of a message is asked for at once: header and the first texts. A
 * large attachment would cost as much again for every 16 KB more.
 */
#define ASK_HEAD_BYTES ((size_t)16 << 10)
/* Neighbours are looked for so many UIDs around: a twentieth of a search. */
#define ASK_NEAR_UIDS 16u

/* ---- questions ---- */
static void
ask_write_texts(const struct imap_message *call, struct imap_writer *writer)
{
	for (size_t i = 0; i < call->text_count; i++) {
		imap_write_raw(writer, " BODY.PEEK[");
		buf_add(&writer->out, call->texts[i]->section);
		imap_write_raw(writer, "]");
	}
}

static void
ask_write_fetch(struct imap_message *call, struct imap_writer *writer)
{
	bool is_text = (call->want & (MAIL_WANT_TEXT | MAIL_WANT_HTML)) != 0;

	imap_write_begin(writer, "UID FETCH ");
	imap_write_number(writer, call->id->uid);
	imap_write_raw(writer, " (UID FLAGS");
	if (call->is_cached) {
		ask_write_texts(call, writer);
	} else {
		imap_write_raw(writer, " INTERNALDATE RFC822.SIZE");
	}
	if (!call->is_whole && !call->is_cached) {
		imap_write_raw(writer,
		    is_text ? " BODY.PEEK[]<0." : " BODY.PEEK[HEADER]<0.");
		imap_write_number(writer,
		    is_text ? ASK_HEAD_BYTES : call->limits.header_bytes);
		imap_write_raw(writer, "> BODYSTRUCTURE");
	}
	imap_write_raw(writer, ")");
	imap_write_end(writer);
}

static void
ask_write_neighbours(struct imap_message *call, struct imap_writer *writer)
{
	uint32_t uid = call->id->uid;

	call->low_uid = uid > ASK_NEAR_UIDS ? uid - ASK_NEAR_UIDS : 1;
	call->high_uid =
	    uid < UINT32_MAX - ASK_NEAR_UIDS ? uid + ASK_NEAR_UIDS : UINT32_MAX;
	imap_write_begin(writer, "UID FETCH ");
	imap_write_number(writer, call->low_uid);
	imap_write_raw(writer, ":");
	imap_write_number(writer, call->high_uid);
	imap_write_raw(writer, " (UID)");
	imap_write_end(writer);
}

static void
ask_write(struct imap_message *call, const struct imap_conn *conn)
{
	struct imap_writer *writer = &call->batch.writer;

	ask_write_fetch(call, writer);
	if ((call->want & MAIL_WANT_NEIGHBOURS) != 0)
		ask_write_neighbours(call, writer);
	if (call->with_folders)
		imap_folders_known_ask(&call->folders, &call->batch,
		    call->folder, ACCOUNT_COUNTS_MESSAGE_MS);
	/*
	 * What others did: Dovecot tells flags of a message that they removed
	 * until it looks, which it puts off to the end of what came together.
	 * It looks with each UID FETCH, too; a NOOP behind the first one of a
	 * message costs as much as that, because of what it writes then. What
	 * is remembered is asked for as thoroughly as can be.
	 */
	if (!call->is_cached && imap_conn_has(conn, IMAP_CAP_THREAD_REFS))
		return;
	imap_write_begin(writer, "NOOP");
	imap_write_end(writer);
}

/* ---- rounds ---- */
/* Forgets what an earlier try brought. */
static void
ask_begin(struct imap_message *call, struct imap_conn *conn)
{
	*call->out = (struct mail_message){.uid_validity = conn->uid_validity};
	call->is_there = false;
	call->is_cached = false;
	call->is_doubtful = false;
	call->is_early = false;
	call->has_flags = false;
	call->is_setting_seen = false;
	call->has_set_seen = false;
	call->is_sequence = false;
	call->low_uid = call->high_uid = 0;
	call->head = (struct str){0};
	call->answer = (struct str){0};
	call->text_count = 0;
	imap_folders_init(&call->folders, call->mail, conn);
}

/* Texts of which nobody knew before the structure came. */
static enum err_code
ask_more(struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = imap_batch_finish(&call->batch, err);

	if (rc != ERR_OK)
		return rc;
	imap_batch_init(&batch, conn, imap_message_take_untagged, call);
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_number(&batch.writer, call->id->uid);
	imap_write_raw(&batch.writer, " (UID");
	ask_write_texts(call, &batch.writer);
	imap_write_raw(&batch.writer, ")");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

/* ---- \Seen ---- */
static bool
ask_is_unread(const struct imap_message *call)
{
	return (call->want & MAIL_WANT_SEEN) != 0 && call->has_flags &&
	       (call->out->flags & MAIL_SEEN) == 0;
}

/* Behind the flags and the counts, which are of before. */
static enum err_code
ask_seen(struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	struct imap_batch *batch = &call->seen;

	imap_batch_init(batch, conn, imap_message_take_untagged, call);
	imap_write_begin(&batch->writer, "UID STORE ");
	imap_write_number(&batch->writer, call->id->uid);
	imap_write_raw(&batch->writer, " +FLAGS.SILENT (\\Seen)");
	imap_write_end(&batch->writer);
	batch->is_minded = call->with_folders;
	call->is_setting_seen = true;
	return imap_batch_begin(batch, call->mail->arena, err);
}

static enum err_code
ask_seen_end(struct imap_message *call, enum err_code rc, struct err *err)
{
	struct imap_batch *batch = &call->seen;

	if (!call->is_setting_seen)
		return rc;
	if (rc == ERR_OK)
		rc = imap_batch_finish(batch, err);
	call->has_set_seen = rc == ERR_OK && imap_batch_is_ok(batch, 0);
	batch->is_minded = batch->is_minded && call->has_set_seen;
	imap_batch_end(batch);
	return rc;
}

/* NO is said of what others removed, too; but not with such a code. */
static bool
ask_is_gone(const struct imap_said *said)
{
	static const struct str others[] = {{"SERVERBUG", 9}, {"NOPERM", 6},
	    {"INUSE", 5}, {"UNAVAILABLE", 11}, {"LIMIT", 5}, {"CORRUPTION", 10},
	    {"CONTACTADMIN", 12}};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (imap_said_is(said, others[i]))
			return false;
	}
	return said->status == IMAP_NO;
}

static enum err_code
ask_gone(struct imap_message *call, struct err *err)
{
	enum err_code rc =
	    imap_batch_need(&call->batch, 0, "show the message", err);

	if (rc == ERR_OK || ask_is_gone(&call->batch.ends[0].said))
		rc = imap_message_gone(err);
	return rc;
}

/* The answer to the first command has come: what it says of the message. */
static enum err_code
ask_take(struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	enum err_code rc;

	if (!call->is_there) {
		rc = imap_batch_finish(&call->batch, err);
		return rc == ERR_OK ? ask_gone(call, err) : rc;
	}
	if (call->is_cached)
		return ERR_OK;
	imap_message_take_place(call);
	imap_message_take_keep(call, conn);
	rc = call->text_count > 0 ? ask_more(call, conn, err) : ERR_OK;
	/* The page is made while the server does it. */
	if (rc == ERR_OK && ask_is_unread(call)) {
		rc = imap_batch_finish(&call->batch, err);
		if (rc == ERR_OK)
			rc = ask_seen(call, conn, err);
	}
	return rc;
}

enum err_code
imap_message_first(
    struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	enum err_code rc;
	bool is_no;

	ask_begin(call, conn);
	imap_message_take_memory(call, conn);
	imap_batch_init(&call->batch, conn, imap_message_take_untagged, call);
	ask_write(call, conn);
	rc = imap_batch_begin(&call->batch, call->mail->arena, err);
	/* Remembered, it cannot be another: whether it is there comes later. */
	call->is_early =
	    rc == ERR_OK && call->is_cached && call->text_count == 0;
	if (call->is_early)
		return ERR_OK;
	if (rc == ERR_OK)
		rc = imap_batch_wait(&call->batch, 0, err);
	is_no = rc == ERR_OK && !imap_batch_is_ok(&call->batch, 0);
	if (rc == ERR_OK)
		rc = ask_take(call, conn, err);
	if (rc == ERR_OK)
		return rc;
	(void)ask_seen_end(call, rc, NULL);
	imap_batch_end(&call->batch);
	/* It may be only the structure that it cannot tell. */
	if (is_no && !call->is_there && !call->is_whole) {
		call->is_whole = true;
		return imap_message_first(call, conn, err);
	}
	return rc;
}

/* Neighbours that are farther away: searches, or without ESEARCH numbers. */
static void
ask_write_far(const struct imap_message *call, const struct imap_conn *conn,
    struct imap_writer *writer)
{
	uint32_t sequence = call->sequence;

	if (!imap_conn_has(conn, IMAP_CAP_ESEARCH)) {
		imap_write_begin(writer, "FETCH ");
		imap_write_number(writer, sequence > 1 ? sequence - 1 : 1);
		imap_write_raw(writer, ":");
		imap_write_number(
		    writer, sequence < conn->exists ? sequence + 1 : sequence);
		imap_write_raw(writer, " (UID)");
		imap_write_end(writer);
		return;
	}
	if (call->out->older_uid == 0 && call->low_uid > 1) {
		imap_write_begin(writer, "UID SEARCH RETURN (MAX) UID 1:");
		imap_write_number(writer, call->low_uid - 1);
		imap_write_end(writer);
	}
	if (call->out->newer_uid == 0 && call->high_uid < UINT32_MAX) {
		imap_write_begin(writer, "UID SEARCH RETURN (MIN) UID ");
		imap_write_number(writer, (uint64_t)call->high_uid + 1);
		imap_write_raw(writer, ":*");
		imap_write_end(writer);
	}
}

static enum err_code
ask_far(struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	const struct mail_message *out = call->out;
	bool is_same = call->changes == conn->changes;
	bool has_older =
	    out->older_uid != 0 || (is_same && call->sequence <= 1);
	bool has_newer =
	    out->newer_uid != 0 || (is_same && call->sequence >= conn->exists);
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	if ((call->want & MAIL_WANT_NEIGHBOURS) == 0 ||
	    (has_older && has_newer))
		return ERR_OK;
	imap_batch_init(&batch, conn, imap_message_take_untagged, call);
	ask_write_far(call, conn, &batch.writer);
	call->is_sequence = !imap_conn_has(conn, IMAP_CAP_ESEARCH);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, call->mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

/* Something came or went meanwhile: is it there, and what is beside it? */
static enum err_code
ask_anew(struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	if (call->changes == conn->changes)
		return ERR_OK;
	call->is_there = false;
	call->out->newer_uid = call->out->older_uid = 0;
	imap_batch_init(&batch, conn, imap_message_take_untagged, call);
	imap_write_begin(&batch.writer, "UID FETCH ");
	imap_write_number(&batch.writer, call->id->uid);
	imap_write_raw(&batch.writer, " (UID)");
	imap_write_end(&batch.writer);
	if ((call->want & MAIL_WANT_NEIGHBOURS) != 0)
		ask_write_neighbours(call, &batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	imap_batch_end(&batch);
	if (rc == ERR_OK && !call->is_there)
		rc = imap_message_gone(err);
	return rc;
}

/* Folders as they are known now, with this message read. */
static void
ask_remember(struct imap_message *call, struct imap_conn *conn)
{
	if (!call->with_folders)
		return;
	if (call->folders.command != SIZE_MAX &&
	    imap_batch_is_ok(&call->batch, call->folders.command))
		imap_folders_known_keep(&call->folders, conn);
	if (call->has_set_seen)
		imap_folders_known_read(&call->folders, conn, call->folder);
}

enum err_code
imap_message_rest(
    struct imap_message *call, struct imap_conn *conn, struct err *err)
{
	enum err_code rc = ask_seen_end(call, ERR_OK, err);

	if (rc == ERR_OK)
		rc = imap_batch_finish(&call->batch, err);

	/* Dovecot says nothing when it has not looked yet; its STATUS knows. */
	if (rc == ERR_OK && conn->folder != NULL &&
	    imap_folders_is_another(
	        &call->folders, str_c(conn->folder), conn->uid_validity))
		call->is_doubtful = true;
	if (rc == ERR_OK)
		rc = imap_message_take_doubt(call, conn, err);
	if (rc == ERR_OK)
		rc = ask_anew(call, conn, err);
	if (rc == ERR_OK)
		rc = ask_far(call, conn, err);
	if (rc == ERR_OK && call->with_folders &&
	    !imap_folders_is_complete(&call->folders))
		rc = imap_folders_count(&call->folders, conn, err);
	/* It was read once, and somebody made it unread. */
	if (rc == ERR_OK && !call->is_setting_seen && ask_is_unread(call))
		rc = ask_seen_end(call, ask_seen(call, conn, err), err);
	if (rc == ERR_OK)
		ask_remember(call, conn);
	call->out->folder_messages = conn->exists;
	return rc;
}
