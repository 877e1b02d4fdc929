#include "mail/mail_jump.h"

#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_search.h"
#include "mail/search_value.h"

struct jump {
	struct mail *mail;
	const struct mail_query *query;
	int64_t day;
	struct str folder; /* as on the wire */
	struct imap_found found;
};

static enum err_code
jump_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct jump *jump = ctx;

	imap_found_add(&jump->found, jump->mail->arena, reader, response);
	return imap_arena_check(jump->mail->arena, err);
}

/* How many stand before it. */
static void
jump_write(const struct jump *jump, const struct imap_search *what,
    struct imap_batch *batch)
{
	bool is_date = jump->query->sort == MAIL_SORT_DATE;
	struct imap_writer *writer = &batch->writer;

	imap_write_begin(writer, "UID SEARCH");
	/* "COUNT 7": no UIDs come. */
	if (jump->found.is_page)
		imap_write_raw(writer, " RETURN (COUNT)");
	imap_search_charset(writer, what->search);
	if (jump->query->is_reversed)
		imap_search_day(
		    writer, is_date ? " SENTBEFORE " : " BEFORE ", jump->day);
	else
		imap_search_day(
		    writer, is_date ? " SENTSINCE " : " SINCE ", jump->day + 1);
	imap_search_write(writer, what);
	imap_write_end(writer);
}

static enum err_code
jump_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct jump *jump = ctx;
	const struct mail_search *search = jump->query->search;
	struct imap_search what = {.search = search};
	struct imap_batch batch;
	uint32_t unlooked = 0;
	enum err_code rc = imap_select(conn, jump->folder, err);

	if (rc == ERR_OK && search != NULL && search->needs_structures)
		rc = imap_search_attached(
		    conn, jump->mail->arena, &what, &unlooked, err);
	if (rc != ERR_OK)
		return rc;
	jump->found = (struct imap_found){
	    .is_page = imap_conn_has(conn, IMAP_CAP_ESEARCH)};
	imap_batch_init(&batch, conn, jump_untagged, jump);
	jump_write(jump, &what, &batch);
	rc = imap_batch_run(&batch, jump->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "look for the day", err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
mail_jump(struct mail *mail, const struct mail_query *query, int64_t day,
    uint32_t *out_rank, struct err *err)
{
	struct jump jump = {.mail = mail, .query = query, .day = day};
	enum err_code rc =
	    imap_folder_wire(mail, query->folder, &jump.folder, err);

	*out_rank = 0;
	if (rc == ERR_OK)
		rc =
		    account_run(mail, jump.folder, true, jump_step, &jump, err);
	if (rc == ERR_OK)
		*out_rank = jump.found.total;
	return rc;
}

bool
mail_jump_day(struct str typed, int64_t today, int64_t *out_day)
{
	return search_value_date(str_trim(typed), today, out_day);
}
