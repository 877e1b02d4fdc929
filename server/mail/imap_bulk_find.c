#include "mail/account.h"
#include "mail/imap_message.h"
#include "mail/imap_search.h"
#include "mail/mail_bulk.h"

struct find_all {
	struct imap_listing listing;
	struct imap_found found;
	uint32_t uid_validity;
};

static enum err_code
find_all_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct find_all *find = ctx;
	const struct mail_search *search = find->listing.query->search;
	struct imap_search what = {.search = search};
	struct imap_batch batch;
	uint32_t unlooked = 0;
	enum err_code rc =
	    imap_folder_fresh(conn, find->listing.folder, 0, err);

	if (rc == ERR_OK && search != NULL && search->needs_structures)
		rc = imap_search_attached(
		    conn, find->listing.mail->arena, &what, &unlooked, err);
	/* Nobody acts on what was not looked at. */
	if (rc == ERR_OK && unlooked > 0)
		rc = err_set(err, ERR_LIMIT,
		    "These are too many messages to look into each of them for "
		    "attachments. Please narrow the search, by a sender or a "
		    "date, and then choose all.",
		    "bulk: unlooked");

	if (rc != ERR_OK)
		return rc;
	find->found = (struct imap_found){0};
	find->listing.found = &find->found;
	find->uid_validity = conn->uid_validity;
	imap_batch_init(&batch, conn, imap_listing_untagged, &find->listing);
	imap_search_command(&batch, &what);
	rc = imap_batch_run(&batch, find->listing.mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
mail_find_all(struct mail *mail, const struct mail_query *query,
    struct mail_set *out, uint32_t *out_uid_validity, struct err *err)
{
	struct mail_list list = {0};
	struct find_all find = {
	    .listing = {.mail = mail, .query = query, .out = &list}};
	enum err_code rc =
	    imap_folder_wire(mail, query->folder, &find.listing.folder, err);

	*out = (struct mail_set){0};
	*out_uid_validity = 0;
	if (rc == ERR_OK)
		rc = account_run(
		    mail, find.listing.folder, true, find_all_step, &find, err);
	if (rc != ERR_OK)
		return rc;
	*out = imap_found_set(mail->arena, &find.found);
	*out_uid_validity = find.uid_validity;
	return imap_arena_check(mail->arena, err);
}
