#include "mail/account.h"
#include "mail/imap_message.h"
#include "mail/imap_permit.h"
#include "mail/imap_search.h"
#include "mail/mail_bulk.h"

/* One command: short enough for every server. */
#define RESTORE_PIECE        2000u
#define RESTORE_PIECE_RANGES ((size_t)250)

struct restoring {
	struct mail *mail;
	const struct mail_restore *restore;
	struct str folder, copies_folder; /* as on the wire */
	struct imap_found found;
	uint64_t there; /* originals without the mark */
};

static enum err_code
restore_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct restoring *run = ctx;

	imap_found_add(&run->found, run->mail->arena, reader, response);
	return imap_arena_check(run->mail->arena, err);
}

/* "UID STORE", "UID SEARCH UID": `before`, the messages, `behind`. */
static enum err_code
restore_ask(struct restoring *run, struct imap_conn *conn, const char *before,
    const struct mail_set *piece, const char *behind, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	run->found = (struct imap_found){0};
	imap_batch_init(&batch, conn, restore_untagged, run);
	imap_write_begin(&batch.writer, before);
	buf_add(&batch.writer.out, mail_set_text(run->mail->arena, piece));
	imap_write_raw(&batch.writer, behind);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, run->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "change the messages", err);
	imap_batch_end(&batch);
	return rc;
}

/* Those that are there again are counted. */
static enum err_code
restore_piece(struct restoring *run, struct imap_conn *conn,
    const struct mail_set *piece, bool unmarks, struct err *err)
{
	enum err_code rc = restore_ask(run, conn, "UID STORE ", piece,
	    unmarks ? " -FLAGS.SILENT (\\Deleted)"
	            : " +FLAGS.SILENT (\\Deleted)",
	    err);

	if (rc != ERR_OK || !unmarks)
		return rc;
	rc =
	    restore_ask(run, conn, "UID SEARCH UID ", piece, " UNDELETED", err);
	run->there += run->found.total;
	return rc;
}

static enum err_code
restore_marks(struct restoring *run, struct imap_conn *conn,
    const struct mail_set *set, bool unmarks, struct err *err)
{
	uint64_t from = 0;
	enum err_code rc = imap_permit_flag(conn, "\\Deleted", err);

	while (rc == ERR_OK) {
		struct mail_set piece = mail_set_from(run->mail->arena, set,
		    from, RESTORE_PIECE, RESTORE_PIECE_RANGES);

		rc = imap_arena_check(run->mail->arena, err);
		if (rc != ERR_OK || piece.total == 0)
			break;
		rc = restore_piece(run, conn, &piece, unmarks, err);
		from = (uint64_t)piece.ranges[piece.count - 1].last + 1;
	}
	return rc;
}

static enum err_code
restore_originals(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct restoring *run = ctx;
	enum err_code rc = imap_folder_fresh(
	    conn, run->folder, run->restore->uid_validity, err);

	run->there = 0;
	return rc == ERR_OK ? restore_marks(run, conn, &run->restore->originals,
	                          true, err)
	                    : rc;
}

static enum err_code
restore_copies(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct restoring *run = ctx;
	enum err_code rc = imap_folder_fresh(
	    conn, run->copies_folder, run->restore->copies_validity, err);

	return rc == ERR_OK
	           ? restore_marks(run, conn, &run->restore->copies, false, err)
	           : rc;
}

enum err_code
mail_restore(
    struct mail *mail, const struct mail_restore *restore, struct err *err)
{
	struct restoring run = {.mail = mail, .restore = restore};
	enum err_code rc =
	    imap_folder_wire(mail, restore->folder, &run.folder, err);

	if (rc == ERR_OK)
		rc = imap_folder_wire(
		    mail, restore->copies_folder, &run.copies_folder, err);
	if (rc == ERR_OK && restore->originals.total > 0)
		rc = account_run(
		    mail, run.folder, true, restore_originals, &run, err);
	if (rc != ERR_OK)
		return rc;
	/* The copies are all there is of those that are gone. */
	if (run.there != restore->originals.total)
		return err_set(err, ERR_MAIL,
		    "Another program has removed some of the messages for "
		    "good from the folder they were in. The others are back "
		    "there; the copies stay where they are.",
		    "restore: originals are gone");
	return account_run(
	    mail, run.copies_folder, true, restore_copies, &run, err);
}
