#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_etpan.h"
#include "mail/imap_item.h"
#include "mail/imap_list.h"
#include "mail/imap_utf7.h"

/* Messages of one command: so many envelopes are in memory at once. */
#define RECIPIENTS_STEP 200u

/* Recipients of the newest messages of a folder, by their envelopes. */
struct recipients {
	struct mail *mail;
	struct str folder; /* as on the wire */
	uint32_t most;     /* messages */
	mail_recipients_fn *found;
	void *ctx;
};

static enum err_code
recipients_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct recipients *in = ctx;
	struct imap_tokens tokens;
	struct imap_item item;
	struct mime_header header;

	if (!str_eq_nocase(response->name, STR("FETCH")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (!imap_item_parse(&tokens, &item) || item.envelope == 0)
		return ERR_OK;
	imap_item_header(&tokens, item.envelope, in->mail->arena, &header);
	in->found(in->ctx, &header);
	return imap_arena_check(in->mail->arena, err);
}

static enum err_code
recipients_ask(struct recipients *in, struct imap_conn *conn, uint32_t first,
    uint32_t last, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, recipients_untagged, in);
	imap_write_begin(&batch.writer, "FETCH ");
	imap_write_number(&batch.writer, first);
	imap_write_raw(&batch.writer, ":");
	imap_write_number(&batch.writer, last);
	imap_write_raw(&batch.writer, " (UID ENVELOPE)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, in->mail->arena, err);
	if (rc == ERR_OK && batch.ends[0].said.status == IMAP_BAD)
		rc = imap_batch_need(&batch, 0, "list the messages", err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
recipients_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct recipients *in = ctx;
	enum err_code rc = imap_select(conn, in->folder, err);
	uint32_t last = conn->exists;
	uint32_t end = last > in->most ? last - in->most : 0;

	while (rc == ERR_OK && last > end) {
		uint32_t first =
		    last - end > RECIPIENTS_STEP ? last - RECIPIENTS_STEP : end;

		rc = recipients_ask(in, conn, first + 1, last, err);
		last = first;
	}
	return rc;
}

enum err_code
mail_recipients(struct mail *mail, struct text folder, uint32_t most,
    mail_recipients_fn *found, void *ctx, struct err *err)
{
	struct recipients in = {.mail = mail,
	    .folder = imap_utf7_encode(mail->arena, folder),
	    .most = most,
	    .found = found,
	    .ctx = ctx};

	return account_run(mail, in.folder, true, recipients_step, &in, err);
}
