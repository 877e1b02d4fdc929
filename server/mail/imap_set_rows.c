#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_list.h"
#include "mail/imap_message.h"
#include "mail/mail_bulk.h"

struct set_rows {
	struct imap_listing listing;
	struct mail_list list;
	uint32_t *uids;
	size_t count;
	uint32_t uid_validity;
};

static enum err_code
set_rows_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct set_rows *rows = ctx;
	struct imap_listing *listing = &rows->listing;
	enum err_code rc =
	    imap_folder_fresh(conn, listing->folder, rows->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	rows->uid_validity = conn->uid_validity;
	listing->wanted = rows->uids;
	return imap_listing_fetch(listing, conn, rows->count, err);
}

/* Those that are still there move up. */
static size_t
set_rows_there(struct mail_row *rows, size_t count)
{
	size_t there = 0;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].uid != 0)
			rows[there++] = rows[i];
	}
	return there;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_set_rows(struct mail *mail, struct text folder, uint32_t uid_validity,
    const struct mail_set *set, struct mail_row **out, size_t *out_count,
    struct err *err)
{
	static const struct mail_query query = {.row_count = LIMIT_LIST_ROWS};
	struct set_rows rows = {.uid_validity = uid_validity};
	enum err_code rc;

	*out = NULL;
	*out_count = 0;
	rows.listing = (struct imap_listing){.mail = mail,
	    .query = &query,
	    .out = &rows.list,
	    .may_be_gone = true};
	rows.uids = ARENA_ARRAY(mail->arena, LIMIT_LIST_ROWS, uint32_t);
	if (rows.uids == NULL)
		return imap_arena_check(mail->arena, err);
	for (size_t i = 0; i < set->count; i++) {
		for (uint64_t uid = set->ranges[i].first;
		     uid <= set->ranges[i].last && rows.count < LIMIT_LIST_ROWS;
		     uid++)
			rows.uids[rows.count++] = (uint32_t)uid;
	}
	if (rows.count == 0)
		return ERR_OK;
	rc = imap_folder_wire(mail, folder, &rows.listing.folder, err);
	if (rc != ERR_OK)
		return rc;
	rc = account_run(
	    mail, rows.listing.folder, true, set_rows_step, &rows, err);
	if (rc != ERR_OK)
		return rc;
	*out = rows.listing.rows;
	*out_count = set_rows_there(rows.listing.rows, rows.count);
	return ERR_OK;
}
