#include "mail/imap_conversation.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_effort.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"

/* A folder that changes under us all the time is shown as it was. */
#define CONVERSATION_ROUNDS 3u

/* ---- questions and answers ---- */
static void
page_fetched(struct imap_conversations *page, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct imap_conversation_slot *slot;
	struct imap_item item;

	if (!imap_item_parse(&tokens, &item))
		return;
	if (!item.has_flags) {
		if (item.uid > page->top_uid)
			page->top_uid = item.uid;
		return;
	}
	slot = item.uid == 0 ? NULL : imap_conversation_slot(page, item.uid);
	if (slot == NULL || (!slot->has_row && slot->is_there))
		page->has_news = true;
	if (slot == NULL)
		return;
	slot->is_there = true;
	slot->flags = item.flags;
	if (slot->has_row)
		imap_listing_take_item(
		    &page->listing, response->number, &tokens, &item);
}

static enum err_code
page_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_conversations *page = ctx;

	if (!str_eq_nocase(response->name, STR("FETCH")))
		return imap_listing_untagged(
		    &page->listing, reader, response, err);
	page_fetched(page, reader, response);
	return imap_arena_check(page->listing.mail->arena, err);
}

/* Rows, most of them from memory; of the others the flags. */
static size_t
page_write(
    struct imap_conversations *page, struct imap_batch *batch, struct err *err)
{
	struct imap_listing *listing = &page->listing;
	uint32_t *flags =
	    ARENA_ARRAY(listing->mail->arena, page->slot_count, uint32_t);
	size_t count = 0;
	size_t fetches;

	listing->wanted =
	    ARENA_ARRAY(listing->mail->arena, page->row_count, uint32_t);
	if (listing->wanted == NULL || flags == NULL ||
	    imap_listing_reset(listing, page->row_count, err) != ERR_OK)
		return 0;
	page->row_count = 0;
	for (size_t i = 0; i < page->slot_count; i++) {
		page->slots[i].is_there = false;
		if (page->slots[i].has_row)
			listing->wanted[page->row_count++] = page->slots[i].uid;
		else
			flags[count++] = page->slots[i].uid;
	}
	fetches = imap_listing_ask_rows(listing, batch);
	if (count == 0)
		return fetches;
	imap_write_begin(&batch->writer, "UID FETCH ");
	imap_write_set(&batch->writer, flags, count);
	imap_write_raw(&batch->writer, " (UID FLAGS)");
	imap_write_end(&batch->writer);
	return fetches;
}

/*
 * What others did, and which message is the newest, when all else was known.
 * NOOP as in imap_list.c: each UID FETCH of Dovecot's tells as much.
 */
static void
page_write_check(
    const struct imap_conversations *page, struct imap_batch *batch)
{
	if (batch->conn->exists > 0) {
		imap_write_begin(&batch->writer, "FETCH * (UID)");
		imap_write_end(&batch->writer);
	}
	if (page->listing.asks_whole &&
	    imap_conn_has(batch->conn, IMAP_CAP_THREAD_REFS))
		return;
	/* Behind FETCH, so that nothing shifts "*". */
	imap_write_begin(&batch->writer, "NOOP");
	imap_write_end(&batch->writer);
}

static enum err_code
page_ask(struct imap_conversations *page, struct imap_conn *conn, bool is_kept,
    bool with_folders, struct err *err)
{
	struct imap_listing *listing = &page->listing;
	uint64_t changes = conn->changes;
	bool had_news = listing->has_news;
	struct imap_batch batch;
	size_t fetches;
	enum err_code rc;

	page->has_news = false;
	page->top_uid = 0;
	listing->has_news = false;
	/* What was kept of them may be of others. */
	listing->may_be_gone = is_kept;
	imap_batch_init(&batch, conn, page_untagged, page);
	fetches = page_write(page, &batch, err);
	rc = imap_arena_check(listing->mail->arena, err);
	if (is_kept)
		page_write_check(page, &batch);
	if (with_folders)
		imap_listing_ask_folders(listing, &batch);
	if (rc == ERR_OK && batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, listing->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_listing_came(listing, &batch, fetches, changes, err);
	page->has_news |= listing->has_news;
	listing->has_news = page->has_news || had_news;
	imap_batch_end(&batch);
	return rc;
}

/* ---- the call ---- */
static enum err_code
conversations_round(struct imap_conversations *page, struct imap_conn *conn,
    bool *with_folders, bool *out_is_true, struct err *err)
{
	uint64_t changes = conn->changes;
	bool is_kept = true;
	enum err_code rc = ERR_OK;

	page->order = (struct imap_thread_order){.exists = conn->exists};
	if (conn->exists > 0 &&
	    !imap_thread_order_find(&page->listing, conn, &page->order)) {
		is_kept = false;
		rc = imap_thread_order_make(
		    &page->listing, conn, *with_folders, &page->order, err);
		*with_folders = false;
		changes = conn->changes;
	}
	if (rc == ERR_OK)
		rc = imap_conversation_choose(page, err);
	if (rc == ERR_OK)
		rc = page_ask(page, conn, is_kept, *with_folders, err);
	*with_folders = false;
	if (rc != ERR_OK)
		return rc;
	*out_is_true = conn->changes == changes && !page->has_news &&
	               page->listing.bare_count == 0;
	if (is_kept && conn->changes == changes && conn->exists > 0 &&
	    page->top_uid != page->order.top_uid) {
		imap_thread_order_drop(&page->listing, conn);
		*out_is_true = false;
	}
	return rc;
}

static enum err_code
conversations_once(
    struct imap_conversations *page, struct imap_conn *conn, struct err *err)
{
	struct imap_listing *listing = &page->listing;
	bool with_folders = true;
	bool is_true = false;
	bool has_news = false;
	enum err_code rc = imap_select(conn, listing->folder, err);
	uint64_t changes = conn->changes;

	if (rc != ERR_OK)
		return rc;
	*page->out = (struct mail_conversations){0};
	listing->is_doubtful = false;
	listing->bare_count = 0;
	listing->setback = MAIL_SETBACK_NONE;
	imap_folders_init(&listing->folders, listing->mail, conn);
	for (unsigned i = 0; i < CONVERSATION_ROUNDS && !is_true; i++) {
		listing->has_news = false;
		listing->is_plain =
		    listing->bare_count > 0 || i + 1 == CONVERSATION_ROUNDS;
		rc = conversations_round(
		    page, conn, &with_folders, &is_true, err);
		if (rc != ERR_OK)
			return rc;
		has_news |= listing->has_news;
	}
	listing->has_news = has_news;
	imap_conversation_collect(page);
	page->out->uid_validity = conn->uid_validity;
	page->out->messages = conn->exists;
	if (imap_thread_order_is_told(conn))
		page->out->setback =
		    imap_effort_setback(listing, IMAP_EFFORT_THREAD);
	return imap_listing_recount(listing, conn, changes, err);
}

static enum err_code
conversations_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct imap_conversations *page = ctx;
	struct imap_listing *listing = &page->listing;
	bool was_open = conn->folder != NULL &&
	                str_eq(str_c(conn->folder), listing->folder);
	enum err_code rc = conversations_once(page, conn, err);

	rc = imap_conn_was_patient(conn, rc, err);
	if (rc == ERR_OK && was_open &&
	    imap_listing_is_doubtful(listing, conn)) {
		imap_conn_deselect(conn);
		was_open = false;
		rc = conversations_once(page, conn, err);
	}
	if (rc == ERR_OK)
		rc = imap_listing_folders(listing, conn, err);
	if (rc == ERR_OK)
		imap_listing_note_count(listing, conn, was_open);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_conversations(struct mail *mail, const struct mail_query *query,
    uint32_t open_uid, struct mail_conversations *out,
    struct mail_folders *out_folders, struct mail_quota *out_quota,
    struct err *err)
{
	struct imap_conversations page = {.out = out, .open_uid = open_uid};
	struct imap_listing *listing = &page.listing;
	enum err_code rc;

	*listing = (struct imap_listing){.mail = mail,
	    .query = query,
	    .out = &page.plain,
	    .out_folders = out_folders,
	    .out_quota = out_quota};
	*out = (struct mail_conversations){0};
	if (out_folders != NULL)
		*out_folders = (struct mail_folders){0};
	if (out_quota != NULL)
		*out_quota = (struct mail_quota){0};
	rc = imap_folder_wire(mail, query->folder, &listing->folder, err);
	if (rc != ERR_OK)
		return rc;
	if (query->row_count == 0 || query->row_count > LIMIT_LIST_ROWS)
		return err_set(err, ERR_INPUT,
		    "A page of a list has between 1 and 500 rows.",
		    "mail: row count");
	rc = account_run(
	    mail, listing->folder, true, conversations_step, &page, err);
	/* From headers now. */
	if (rc == ERR_AWAY && listing->setback == MAIL_SETBACK_LOST)
		rc = account_run(mail, listing->folder, true,
		    conversations_step, &page, err);
	if (rc != ERR_AWAY || listing->setback == MAIL_SETBACK_NONE)
		return rc;
	*out = (struct mail_conversations){.is_not_made = true,
	    .setback = listing->setback,
	    .is_own = listing->is_own_order};
	return ERR_OK;
}
