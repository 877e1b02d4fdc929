/*
 * CATENATE (RFC 4469): a message from new text and parts of one that the
 * server has already, so that large files need not travel again.
 *
 *   APPEND "Drafts" (\Draft) CATENATE (TEXT {123+}
 *   … URL "/Drafts;UIDVALIDITY=7/;UID=20/;SECTION=2" TEXT {9+}
 *   …)
 */
#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_append.h"
#include "mail/imap_utf7.h"

struct catenate {
	struct mail *mail;
	struct text folder;
	struct str wire; /* as on the wire */
	uint32_t uid_validity;
	unsigned flags;
	const struct mail_piece *pieces;
	size_t count;
	uint32_t uid; /* of the new message */
};

static bool
can_catenate(const struct imap_conn *conn)
{
	return imap_conn_has(conn, IMAP_CAP_CATENATE) &&
	       imap_conn_has(conn, IMAP_CAP_LITERAL_PLUS);
}

/* RFC 5092: the folder in UTF-8, percent-encoded. */
static enum err_code
catenate_url(const struct catenate *call, struct imap_conn *conn,
    const struct mail_piece *piece, const char *space, struct err *err)
{
	struct buf url;

	buf_init_arena(&url, call->mail->arena, LIMIT_HEADER_BYTES);
	buf_addf(&url, "%sURL \"/", space);
	buf_add_percent(&url, call->folder.s);
	buf_addf(&url, ";UIDVALIDITY=%u/;UID=%u/;SECTION=%.*s\"",
	    call->uid_validity, piece->uid, STR_ARG(piece->section));
	return imap_append_write(conn, buf_str(&url), err);
}

static enum err_code
catenate_text(struct imap_conn *conn, const struct mail_piece *piece,
    const char *space, struct arena *arena, struct err *err)
{
	enum err_code rc = imap_append_write(conn,
	    str_printf(arena, "%sTEXT {%llu+}\r\n", space,
	        (unsigned long long)piece->bytes),
	    err);

	if (rc == ERR_OK)
		rc = imap_append_file(
		    conn, piece->fd, piece->offset, piece->bytes, err);
	return rc;
}

static enum err_code
catenate_send(
    struct imap_batch *batch, const struct catenate *call, struct err *err)
{
	struct imap_conn *conn = batch->conn;
	enum err_code rc = imap_batch_start(batch, call->mail->arena, err);

	if (rc == ERR_OK)
		rc = imap_append_write(conn, buf_str(&batch->writer.out), err);
	for (size_t i = 0; rc == ERR_OK && i < call->count; i++) {
		const struct mail_piece *piece = &call->pieces[i];
		const char *space = i == 0 ? "" : " ";

		rc = piece->fd >= 0
		         ? catenate_text(
		               conn, piece, space, call->mail->arena, err)
		         : catenate_url(call, conn, piece, space, err);
	}
	if (rc == ERR_OK)
		rc = imap_append_write(conn, STR(")\r\n"), err);
	if (rc == ERR_OK) {
		imap_conn_command(conn);
		rc = imap_batch_finish(batch, err);
	}
	return rc;
}

static enum err_code
catenate_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct catenate *call = ctx;
	struct imap_batch batch;
	enum err_code rc;

	if (!can_catenate(conn))
		return err_set(err, ERR_MAIL,
		    "The mail server cannot put messages together.",
		    "imap: no CATENATE");
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, "APPEND ");
	imap_write_string(&batch.writer, call->wire);
	imap_append_flags(&batch.writer, call->flags);
	imap_write_raw(&batch.writer, " CATENATE (");
	rc = catenate_send(&batch, call, err);
	if (rc == ERR_OK)
		rc = imap_append_end(&batch, &call->uid, err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_append_pieces(struct mail *mail, struct text folder, uint32_t uid_validity,
    unsigned flags, const struct mail_piece *pieces, size_t count,
    uint32_t *out_uid, struct err *err)
{
	struct catenate call = {.mail = mail,
	    .folder = folder,
	    .wire = imap_utf7_encode(mail->arena, folder),
	    .uid_validity = uid_validity,
	    .flags = flags,
	    .pieces = pieces,
	    .count = count};
	enum err_code rc;

	*out_uid = 0;
	if (call.wire.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "The folder to save the message in does not exist.",
		    "mail: folder name cannot be");
	rc = account_run(
	    mail, (struct str){0}, false, catenate_step, &call, err);
	*out_uid = call.uid;
	return rc;
}

struct abilities {
	bool catenate, uidplus;
};

static enum err_code
abilities_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct abilities *out = ctx;
	enum err_code rc = imap_conn_capability(conn, err);

	out->catenate = can_catenate(conn);
	out->uidplus = imap_conn_has(conn, IMAP_CAP_UIDPLUS);
	return rc;
}

enum err_code
mail_can(
    struct mail *mail, bool *out_catenate, bool *out_uidplus, struct err *err)
{
	struct abilities found = {false, false};
	enum err_code rc = account_run(
	    mail, (struct str){0}, true, abilities_step, &found, err);

	*out_catenate = found.catenate;
	*out_uidplus = found.uidplus;
	return rc;
}
