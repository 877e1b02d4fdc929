#include "mail/mail_conversation.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_structure.h"
#include "mail/imap_thread_order.h"

/* A folder that changes under us all the time is shown as it was. */
#define CONVERSATION_ROUNDS 3u
/* Of a conversation so many of the newest are looked at, and the oldest. */
#define CONVERSATION_ROWS      6u
#define CONVERSATION_ROWS_LESS 2u /* on pages of more than 100 rows */

/* A message of the page. */
struct conversation_slot {
	uint32_t uid;
	uint32_t at; /* conversation of the page */
	unsigned flags;
	bool is_there;
	struct mail_row *row; /* NULL: only its flags are wanted */
};

/* One call under way. */
struct conversations {
	struct imap_listing listing; /* folders, and what orders need */
	struct mail_list plain;      /* for the listing */
	struct mail_conversations *out;
	uint32_t open_uid;
	struct imap_thread_order order;
	struct conversation_slot *slots; /* rising by UID */
	size_t slot_count;
	uint32_t top_uid; /* as told now */
	bool has_news;    /* flags that nobody asked for */
};

/* ---- the page ---- */
/* Which conversations, and which of their messages. */
static void
page_choose_one(struct conversations *page, struct mail_conversation *one,
    uint32_t most_rows)
{
	uint32_t at = (uint32_t)(one - page->out->list);

	for (size_t i = 0; i < one->count; i++)
		one->is_open |= one->uids[i] == page->open_uid;
	one->rows =
	    ARENA_ARRAY(page->listing.mail->arena, one->count, struct mail_row);
	for (size_t i = 0; i < one->count; i++) {
		bool is_shown =
		    one->is_open || i < most_rows || i + 1 == one->count;
		struct conversation_slot *slot =
		    &page->slots[page->slot_count++];

		*slot =
		    (struct conversation_slot){.uid = one->uids[i], .at = at};
		if (is_shown && one->rows != NULL)
			slot->row = &one->rows[one->row_count++];
	}
}

static int
page_by_uid(const void *a, const void *b)
{
	const struct conversation_slot *left = a;
	const struct conversation_slot *right = b;

	return (left->uid > right->uid) - (left->uid < right->uid);
}

static enum err_code
page_choose(struct conversations *page, struct err *err)
{
	const struct mail_query *query = page->listing.query;
	const struct imap_thread_order *order = &page->order;
	struct mail_conversations *out = page->out;
	struct arena *arena = page->listing.mail->arena;
	uint32_t total = order->thread_count;
	uint32_t first =
	    imap_listing_first(query->first, query->row_count, total);
	uint32_t count =
	    total - first < query->row_count ? total - first : query->row_count;
	uint32_t low = query->is_reversed ? total - first - count : first;
	const uint32_t *uids = order->uids;

	out->total = total;
	out->first = first;
	out->beyond = order->beyond;
	out->list = ARENA_ARRAY(arena, count, struct mail_conversation);
	page->slots = ARENA_ARRAY(arena, (size_t)count * MAIL_CONVERSATION_MOST,
	    struct conversation_slot);
	page->slot_count = 0;
	if (out->list == NULL || page->slots == NULL)
		return imap_arena_check(arena, err);
	for (uint32_t i = 0; i < low; i++)
		uids += order->sizes[i];
	for (uint32_t i = 0; i < count; i++) {
		struct mail_conversation *one =
		    &out->list[query->is_reversed ? count - 1 - i : i];

		one->uids = uids;
		one->count = order->sizes[low + i];
		uids += one->count;
		page_choose_one(page, one,
		    query->row_count > 100 ? CONVERSATION_ROWS_LESS
		                           : CONVERSATION_ROWS);
	}
	out->count = count;
	if (page->slot_count > 1)
		qsort(page->slots, page->slot_count, sizeof(*page->slots),
		    page_by_uid);
	return imap_arena_check(arena, err);
}

/* ---- questions and answers ---- */
static struct conversation_slot *
page_slot(const struct conversations *page, uint32_t uid)
{
	const struct conversation_slot key = {.uid = uid};

	return page->slot_count == 0
	           ? NULL
	           : bsearch(&key, page->slots, page->slot_count, sizeof(key),
	                 page_by_uid);
}

static void
page_fetched(struct conversations *page, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens = imap_read_tokens(reader, response);
	struct conversation_slot *slot;
	struct imap_item item;

	if (!imap_item_parse(&tokens, &item))
		return;
	if (!item.has_flags) {
		if (item.uid > page->top_uid)
			page->top_uid = item.uid;
		return;
	}
	slot = item.uid == 0 ? NULL : page_slot(page, item.uid);
	if (slot == NULL || slot->is_there)
		page->has_news = true;
	if (slot == NULL)
		return;
	slot->is_there = true;
	slot->flags = item.flags;
	if (slot->row == NULL || item.envelope == 0)
		return;
	*slot->row = (struct mail_row){.uid = item.uid,
	    .keywords =
	        imap_item_keywords(&tokens, &item, page->listing.mail->arena),
	    .arrived_s = item.arrived_s,
	    .bytes = item.bytes};
	imap_item_row(
	    &tokens, item.envelope, page->listing.mail->arena, slot->row);
	slot->row->has_attachment =
	    item.structure != 0 &&
	    imap_structure_has_attachment(&tokens, item.structure);
}

static enum err_code
page_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct conversations *page = ctx;

	if (!str_eq_nocase(response->name, STR("FETCH")))
		return imap_listing_untagged(
		    &page->listing, reader, response, err);
	page_fetched(page, reader, response);
	return imap_arena_check(page->listing.mail->arena, err);
}

/* Those with rows, or those without. */
static void
page_write(struct conversations *page, struct imap_batch *batch, bool with_rows)
{
	uint32_t *uids =
	    ARENA_ARRAY(page->listing.mail->arena, page->slot_count, uint32_t);
	size_t count = 0;

	for (size_t i = 0; uids != NULL && i < page->slot_count; i++)
		if ((page->slots[i].row != NULL) == with_rows)
			uids[count++] = page->slots[i].uid;
	if (count == 0)
		return;
	imap_write_begin(&batch->writer, "UID FETCH ");
	imap_write_set(&batch->writer, uids, count);
	if (with_rows)
		imap_listing_fetch_items(&batch->writer);
	else
		imap_write_raw(&batch->writer, " (UID FLAGS)");
	imap_write_end(&batch->writer);
}

static enum err_code
page_ask(struct conversations *page, struct imap_conn *conn, bool is_checked,
    bool with_folders, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	page->has_news = false;
	page->top_uid = 0;
	imap_batch_init(&batch, conn, page_untagged, page);
	page_write(page, &batch, true);
	page_write(page, &batch, false);
	if (is_checked && conn->exists > 0) {
		imap_write_begin(&batch.writer, "FETCH * (UID)");
		imap_write_end(&batch.writer);
	}
	/* Behind FETCH, so that nothing shifts "*". */
	if (is_checked) {
		imap_write_begin(&batch.writer, "NOOP");
		imap_write_end(&batch.writer);
	}
	if (with_folders)
		imap_listing_ask_folders(&page->listing, &batch);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, page->listing.mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

/* ---- what came ---- */
/* Without what is gone. */
static void
page_collect(struct conversations *page)
{
	struct mail_conversations *out = page->out;
	size_t kept = 0;

	for (size_t i = 0; i < page->slot_count; i++) {
		const struct conversation_slot *slot = &page->slots[i];
		struct mail_conversation *one = &out->list[slot->at];

		if (!slot->is_there)
			continue;
		one->is_flagged |= (slot->flags & MAIL_FLAGGED) != 0;
		if ((slot->flags & MAIL_SEEN) == 0) {
			one->unread++;
			one->newest_unread = slot->uid;
		}
		if (slot->row != NULL)
			slot->row->flags = slot->flags;
	}
	for (size_t i = 0; i < out->count; i++) {
		struct mail_conversation one = out->list[i];
		size_t rows = 0;

		for (size_t at = 0; at < one.row_count; at++) {
			one.has_attachment |= one.rows[at].has_attachment;
			if (one.rows[at].uid != 0)
				one.rows[rows++] = one.rows[at];
		}
		one.row_count = rows;
		if (rows > 0)
			out->list[kept++] = one;
	}
	out->count = kept;
}

/* ---- the call ---- */
static enum err_code
conversations_round(struct conversations *page, struct imap_conn *conn,
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
		rc = page_choose(page, err);
	if (rc == ERR_OK)
		rc = page_ask(page, conn, is_kept, *with_folders, err);
	*with_folders = false;
	if (rc != ERR_OK)
		return rc;
	*out_is_true = conn->changes == changes && !page->has_news;
	if (is_kept && conn->changes == changes && conn->exists > 0 &&
	    page->top_uid != page->order.top_uid) {
		imap_thread_order_drop(&page->listing, conn);
		*out_is_true = false;
	}
	return rc;
}

static enum err_code
conversations_once(
    struct conversations *page, struct imap_conn *conn, struct err *err)
{
	struct imap_listing *listing = &page->listing;
	bool with_folders = true;
	bool is_true = false;
	enum err_code rc = imap_select(conn, listing->folder, err);
	uint64_t changes = conn->changes;

	if (rc != ERR_OK)
		return rc;
	*page->out = (struct mail_conversations){0};
	listing->has_news = false;
	listing->is_doubtful = false;
	imap_folders_init(&listing->folders, listing->mail, conn);
	for (unsigned i = 0; i < CONVERSATION_ROUNDS && !is_true; i++) {
		rc = conversations_round(
		    page, conn, &with_folders, &is_true, err);
		if (rc != ERR_OK)
			return rc;
		listing->has_news |= page->has_news;
	}
	page_collect(page);
	page->out->uid_validity = conn->uid_validity;
	page->out->messages = conn->exists;
	return imap_listing_recount(listing, conn, changes, err);
}

static enum err_code
conversations_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct conversations *page = ctx;
	struct imap_listing *listing = &page->listing;
	bool was_open = conn->folder != NULL &&
	                str_eq(str_c(conn->folder), listing->folder);
	enum err_code rc = conversations_once(page, conn, err);

	if (rc == ERR_OK && was_open &&
	    imap_listing_is_doubtful(listing, conn)) {
		imap_conn_deselect(conn);
		rc = conversations_once(page, conn, err);
	}
	return rc == ERR_OK ? imap_listing_folders(listing, conn, err) : rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_conversations(struct mail *mail, const struct mail_query *query,
    uint32_t open_uid, struct mail_conversations *out,
    struct mail_folders *out_folders, struct mail_quota *out_quota,
    struct err *err)
{
	struct conversations page = {.out = out, .open_uid = open_uid};
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
	return account_run(
	    mail, listing->folder, true, conversations_step, &page, err);
}
