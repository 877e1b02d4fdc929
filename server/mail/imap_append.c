#include "mail/imap_append.h"

#include "base/num.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"
#include "os/file.h"

/* Larger ones wait for "+": a refusal then costs nothing. */
#define APPEND_AT_ONCE_BYTES ((uint64_t)64 << 10)
#define APPEND_CHUNK_BYTES   ((size_t)64 << 10)

struct append_call {
	struct mail *mail;
	struct str folder; /* as on the wire */
	unsigned flags;
	int fd;
	uint64_t bytes;
	uint32_t uid;
	bool is_sent; /* some of it: not again by itself */
};

void
imap_append_flags(struct imap_writer *writer, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *word;
	} table[] = {{MAIL_SEEN, "\\Seen"}, {MAIL_FLAGGED, "\\Flagged"},
	    {MAIL_ANSWERED, "\\Answered"}, {MAIL_DRAFT, "\\Draft"},
	    {MAIL_DELETED, "\\Deleted"}, {MAIL_FORWARDED, "$Forwarded"}};
	const char *space = "";

	imap_write_raw(writer, " (");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if ((flags & table[i].flag) == 0)
			continue;
		imap_write_raw(writer, space);
		imap_write_raw(writer, table[i].word);
		space = " ";
	}
	imap_write_raw(writer, ")");
}

static enum err_code
append_broken(struct imap_conn *conn, struct err *err)
{
	enum err_code rc = stream_error(conn->stream, err);

	conn->is_broken = true;
	if (rc == ERR_AWAY)
		return err_set(err, rc,
		    "The mail server closed the connection while the message "
		    "was being saved. Please try again in a moment.",
		    "imap: append, write failed");
	return rc;
}

enum err_code
imap_append_write(struct imap_conn *conn, struct str bytes, struct err *err)
{
	if (stream_write(conn->stream, bytes))
		return ERR_OK;
	return append_broken(conn, err);
}

/* The file, in constant memory; exactly so many bytes as announced. */
enum err_code
imap_append_file(struct imap_conn *conn, int fd, uint64_t offset,
    uint64_t bytes, struct err *err)
{
	char *chunk = malloc(APPEND_CHUNK_BYTES);
	uint64_t at = 0;
	enum err_code rc = ERR_OK;

	if (chunk == NULL)
		rc = err_set(err, ERR_NO_MEMORY, NULL, "imap: append");
	while (rc == ERR_OK && at < bytes) {
		uint64_t left = bytes - at;
		size_t wanted = left < APPEND_CHUNK_BYTES ? (size_t)left
		                                          : APPEND_CHUNK_BYTES;
		int64_t got = file_read_at(fd, chunk, wanted, offset + at);

		if (got <= 0) {
			rc = err_set(err, ERR_INTERNAL,
			    "The message could not be read back from the disk "
			    "of this server.",
			    "imap: append, file is short");
			break;
		}
		/* Time for each step: a large message takes what it takes. */
		imap_conn_command(conn);
		rc = imap_append_write(conn, str_of(chunk, (size_t)got), err);
		at += (uint64_t)got;
	}
	if (rc != ERR_OK)
		conn->is_broken = true;
	free(chunk);
	return rc;
}

/* APPENDUID uidvalidity SP uid (RFC 9051, 7.1) */
static uint32_t
append_uid(const struct imap_said *said)
{
	struct str rest = str_c(said->code);
	uint32_t uid = 0;

	if (!str_eq_nocase(str_cut(&rest, ' '), STR("APPENDUID")))
		return 0;
	(void)str_cut(&rest, ' ');
	if (num_u32(rest, 1, UINT32_MAX, &uid, NULL) != ERR_OK)
		return 0;
	return uid;
}

enum err_code
imap_append_end(struct imap_batch *batch, uint32_t *out_uid, struct err *err)
{
	const struct imap_said *said = &batch->ends[0].said;

	if (said->status == IMAP_NO &&
	    (imap_said_is(said, STR("TRYCREATE")) ||
	        imap_said_is(said, STR("NONEXISTENT"))))
		return err_set(err, ERR_NOT_FOUND,
		    "The folder to save the message in does not exist.",
		    "imap: append, no such folder");
	if (said->status == IMAP_NO && imap_said_is(said, STR("OVERQUOTA")))
		return err_set(err, ERR_LIMIT,
		    "Your mailbox is full. Please delete something and try "
		    "again.",
		    "imap: append, over quota");
	*out_uid = append_uid(said);
	return imap_batch_need(batch, 0, "save the message", err);
}

static enum err_code
append_send(struct imap_batch *batch, struct append_call *call, struct err *err)
{
	struct imap_conn *conn = batch->conn;
	bool is_free = batch->writer.pause_count == 0;
	bool go = true;
	enum err_code rc = imap_batch_start(batch, call->mail->arena, err);

	if (rc != ERR_OK)
		return rc;
	rc = imap_append_write(conn, buf_str(&batch->writer.out), err);
	if (rc == ERR_OK && !is_free)
		rc = imap_batch_wait_go(batch, 0, &go, err);
	call->is_sent = is_free || (rc == ERR_OK && go);
	if (rc == ERR_OK && go)
		rc = imap_append_file(conn, call->fd, 0, call->bytes, err);
	if (rc == ERR_OK && go)
		rc = imap_append_write(conn, STR("\r\n"), err);
	if (rc == ERR_OK) {
		imap_conn_command(conn);
		rc = imap_batch_finish(batch, err);
	}
	return rc;
}

static enum err_code
append_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct append_call *call = ctx;
	struct imap_batch batch;
	enum err_code rc;
	bool is_free;

	imap_batch_init(&batch, conn, NULL, NULL);
	is_free = call->bytes <= batch.writer.free_literal_bytes &&
	          call->bytes <= APPEND_AT_ONCE_BYTES;
	imap_write_begin(&batch.writer, "APPEND ");
	imap_write_string(&batch.writer, call->folder);
	imap_append_flags(&batch.writer, call->flags);
	imap_write_raw(&batch.writer, " {");
	imap_write_number(&batch.writer, call->bytes);
	imap_write_raw(&batch.writer, is_free ? "+}\r\n" : "}\r\n");
	if (!is_free)
		imap_write_pause(&batch.writer);
	rc = append_send(&batch, call, err);
	if (rc == ERR_OK)
		rc = imap_append_end(&batch, &call->uid, err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_append(struct mail *mail, struct text folder, unsigned flags, int fd,
    uint64_t bytes, uint32_t *out_uid, struct err *err)
{
	struct append_call call = {.mail = mail,
	    .folder = imap_utf7_encode(mail->arena, folder),
	    .flags = flags,
	    .fd = fd,
	    .bytes = bytes};
	enum err_code rc;

	*out_uid = 0;
	if (call.folder.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "The folder to save the message in does not exist.",
		    "mail: folder name cannot be");
	/* Saving twice would make two: never repeated by itself. */
	rc = account_run(mail, (struct str){0}, false, append_step, &call, err);
	*out_uid = call.uid;
	return rc;
}
