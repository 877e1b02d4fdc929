#include "mail/imap_message.h"

#include "mail/account.h"
#include "mail/imap_place.h"
#include "mail/imap_structure.h"
#include "mail/imap_utf7.h"
#include "os/clock.h"

/* In the arena of whoever asked. */
struct mail_reading {
	struct mail mail; /* a copy, of which nothing is under way */
	struct mail_id id;
	struct mail_message message;
	struct imap_message call;
	struct imap_conn *conn; /* ours until all has come */
	int64_t asked_mono_ms;
	enum err_code rc; /* of the rest */
	struct err err;
};

/* ---- the message itself ---- */
static enum err_code
reading_try(struct imap_conn *conn, struct imap_message *call, struct err *err)
{
	enum err_code rc =
	    imap_message_open(conn, call->folder, call->id->uid_validity, err);

	if (rc == ERR_OK)
		rc = imap_message_first(call, conn, err);
	return rc;
}

static enum err_code
reading_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct imap_message *call = ctx;
	uint64_t changes = conn->changes;
	enum err_code rc = reading_try(conn, call, err);

	if (rc == ERR_NOT_FOUND && imap_message_is_news(conn, changes))
		rc = reading_try(conn, call, err);
	/* Nothing of it could be read: once more without the structure. */
	if (rc == ERR_MAIL && conn->is_broken && !call->is_whole)
		call->is_whole = call->is_again = true;
	return rc;
}

/* ---- the rest ---- */
static void
reading_rest(struct mail_reading *reading)
{
	if (reading->conn == NULL)
		return;
	reading->rc =
	    imap_message_rest(&reading->call, reading->conn, &reading->err);
	imap_batch_end(&reading->call.batch);
	/* From here on the connection may be another's, or closed. */
	if (reading->call.folders.spaces != NULL) {
		reading->call.spaces = *reading->call.folders.spaces;
		reading->call.folders.spaces = &reading->call.spaces;
	}
	account_give(reading->conn);
	reading->conn = NULL;
}

void
imap_message_make_way(struct mail *mail)
{
	if (mail->reading != NULL && *mail->reading != NULL)
		reading_rest(*mail->reading);
}

void
mail_message_drop(struct mail_reading *reading)
{
	if (reading != NULL)
		reading_rest(reading);
}

/* ---- its header ---- */
/* A header longer than what came with the text. */
static enum err_code
reading_long_header(struct mail_reading *reading, struct err *err)
{
	struct imap_message *call = &reading->call;

	if ((call->want & (MAIL_WANT_TEXT | MAIL_WANT_HTML)) == 0 ||
	    call->head.len >= call->limits.header_bytes)
		return ERR_OK;
	reading_rest(reading);
	return mail_header(&reading->mail, &reading->id, NULL, &call->head,
	    &(bool){false}, err);
}

static enum err_code
reading_header(struct mail_reading *reading, struct err *err)
{
	struct imap_message *call = &reading->call;
	struct mail_message *out = &reading->message;
	struct str header;
	enum err_code rc = ERR_OK;

	if (imap_place_header(call->head) == call->head.len)
		rc = reading_long_header(reading, err);
	if (rc != ERR_OK)
		return rc;
	header = str_slice(call->head, 0, imap_place_header(call->head));
	if (header.len >= call->limits.header_bytes) {
		header.len = call->limits.header_bytes;
		out->is_incomplete = true;
	}
	return mime_parse_header(
	    header, reading->mail.arena, &out->header, err);
}

/* ---- both ---- */
static struct mail_reading *
reading_new(struct mail *mail, const struct mail_id *id, unsigned want,
    bool with_folders)
{
	struct mail_reading *reading =
	    ARENA_NEW(mail->arena, struct mail_reading);

	if (reading == NULL)
		return NULL;
	reading->asked_mono_ms = clock_mono_ms();
	reading->mail = *mail;
	reading->mail.reading = NULL;
	reading->id = *id;
	reading->call = (struct imap_message){.mail = &reading->mail,
	    .id = &reading->id,
	    .want = want,
	    .with_folders = with_folders,
	    .folder = imap_utf7_encode(mail->arena, id->folder),
	    .limits = mail_limits(mail),
	    .out = &reading->message};
	return reading;
}

/* Asks, and waits for the message; after ERR_OK the rest is under way. */
static enum err_code
reading_start(struct mail_reading *reading, struct err *err)
{
	struct imap_message *call = &reading->call;
	struct mail *mail = &reading->mail;
	enum err_code rc;

	if (reading->id.uid == 0 || call->folder.len == 0)
		return imap_message_gone(err);
	rc = account_hold(
	    mail, call->folder, reading_step, call, &reading->conn, err);
	if (rc != ERR_OK && call->is_again)
		rc = account_hold(mail, call->folder, reading_step, call,
		    &reading->conn, err);
	if (rc != ERR_OK)
		return rc;
	if (reading->message.root == NULL || call->head.len == 0 ||
	    imap_structure_is_hollow(reading->message.root)) {
		reading_rest(reading);
		return imap_message_whole(
		    mail, &reading->id, &reading->message, err);
	}
	return reading_header(reading, err);
}

static enum err_code
reading_result(struct mail_reading *reading, struct mail_message *out,
    struct mail_folders *out_folders, struct err *err)
{
	enum err_code rc = reading->rc;

	if (rc != ERR_OK)
		return err_set(
		    err, rc, reading->err.message, reading->err.detail);
	out->flags = reading->message.flags;
	out->keywords = reading->message.keywords;
	out->is_junk = reading->message.is_junk;
	out->is_not_junk = reading->message.is_not_junk;
	out->newer_uid = reading->message.newer_uid;
	out->older_uid = reading->message.older_uid;
	out->folder_messages = reading->message.folder_messages;
	if (out_folders != NULL)
		rc = imap_folders_result(
		    &reading->call.folders, out_folders, err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_message_start(struct mail *mail, const struct mail_id *id, unsigned want,
    bool with_folders, struct mail_message *out, struct err *err)
{
	struct mail_reading *reading;
	enum err_code rc;

	ensure(mail->reading != NULL);
	imap_message_make_way(mail);
	*out = (struct mail_message){0};
	reading = reading_new(mail, id, want, with_folders);
	*mail->reading = reading;
	if (reading == NULL)
		return imap_arena_check(mail->arena, err);
	rc = reading_start(reading, err);
	*out = reading->message;
	return rc;
}

/* Lost on the way, and not by waiting: what was slow would be slow again. */
static bool
reading_may_again(const struct mail_reading *reading)
{
	const struct config *cfg =
	    mail_server_config(account_server(reading->mail.account));

	return reading->rc == ERR_AWAY &&
	       clock_mono_ms() - reading->asked_mono_ms < cfg->imap_wait_ms / 2;
}

enum err_code
mail_message_finish(struct mail *mail, struct mail_message *out,
    struct mail_folders *out_folders, struct err *err)
{
	struct mail_reading *reading = *mail->reading;
	struct mail again = *mail;

	ensure(reading != NULL);
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	reading_rest(reading);
	*mail->reading = NULL;
	again.reading = NULL;
	/* All of it once more, on another connection. */
	if (reading_may_again(reading))
		return mail_message(&again, &reading->id, reading->call.want,
		    out, out_folders, err);
	return reading_result(reading, out, out_folders, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_message(struct mail *mail, const struct mail_id *id, unsigned want,
    struct mail_message *out, struct mail_folders *out_folders, struct err *err)
{
	struct mail own = *mail;
	struct mail_reading *reading = NULL;
	enum err_code rc;

	imap_message_make_way(mail);
	own.reading = &reading;
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	for (unsigned attempt = 0;; attempt++) {
		rc = mail_message_start(
		    &own, id, want, out_folders != NULL, out, err);
		mail_message_drop(reading);
		if (rc != ERR_OK || attempt > 0 || !reading_may_again(reading))
			break;
	}
	if (rc == ERR_OK)
		rc = reading_result(reading, out, out_folders, err);
	return rc;
}
