#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_item.h"
#include "mail/imap_list.h"
#include "mail/imap_message.h"
#include "mail/mail_dates.h"

struct dates_call {
	struct mail *mail;
	struct str folder; /* as on the wire */
	uint32_t uid_validity;
	const struct mail_set *set;
	struct mail_arrival *list;
	size_t count;
};

static enum err_code
dates_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct dates_call *call = ctx;
	struct imap_tokens tokens;
	struct imap_item item;

	(void)err;
	if (!str_eq_nocase(response->name, STR("FETCH")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	/* Flags that somebody changes come without a date; of a message that
	 * nobody dated 0 is told. */
	if (!imap_item_parse(&tokens, &item) || item.uid == 0 ||
	    (item.has_flags && item.arrived_s == 0) ||
	    call->count == MAIL_DATES_MOST)
		return ERR_OK;
	call->list[call->count++] =
	    (struct mail_arrival){item.uid, item.arrived_s};
	return ERR_OK;
}

static enum err_code
dates_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct dates_call *call = ctx;
	struct imap_batch batch;
	enum err_code rc =
	    imap_folder_fresh(conn, call->folder, call->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	call->count = 0;
	imap_batch_init(&batch, conn, dates_untagged, call);
	imap_write_begin(&batch.writer, "UID FETCH ");
	buf_add(&batch.writer.out, mail_set_text(call->mail->arena, call->set));
	imap_write_raw(&batch.writer, " (UID INTERNALDATE)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK && batch.ends[0].said.status == IMAP_BAD)
		rc = imap_batch_need(&batch, 0, "list the messages", err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_set_dates(struct mail *mail, struct text folder, uint32_t uid_validity,
    const struct mail_set *set, struct mail_arrival **out, size_t *out_count,
    struct err *err)
{
	struct dates_call call = {
	    .mail = mail, .uid_validity = uid_validity, .set = set};
	enum err_code rc = imap_folder_wire(mail, folder, &call.folder, err);

	*out = NULL;
	*out_count = 0;
	if (rc != ERR_OK || set->total == 0)
		return rc;
	call.list =
	    ARENA_ARRAY(mail->arena, MAIL_DATES_MOST, struct mail_arrival);
	if (call.list == NULL)
		return imap_arena_check(mail->arena, err);
	rc = account_run(mail, call.folder, true, dates_step, &call, err);
	*out = call.list;
	*out_count = call.count;
	return rc;
}
