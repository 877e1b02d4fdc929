#include "mail/imap_conversation.h"

#include <stdlib.h>

/* Of a conversation so many of the newest are looked at, and the oldest. */
#define CONVERSATION_ROWS      6u
#define CONVERSATION_ROWS_LESS 2u /* on pages of more than 100 rows */

/* ---- which ---- */
static void
page_choose_one(struct imap_conversations *page, struct mail_conversation *one,
    uint32_t most_rows)
{
	uint32_t at = (uint32_t)(one - page->out->list);

	for (size_t i = 0; i < one->count; i++)
		one->is_open |= one->uids[i] == page->open_uid;
	one->rows =
	    ARENA_ARRAY(page->listing.mail->arena, one->count, struct mail_row);
	one->row_count = 0;
	for (size_t i = 0; i < one->count; i++) {
		bool is_shown =
		    one->is_open || i < most_rows || i + 1 == one->count;

		page->row_count += is_shown;
		page->slots[page->slot_count++] =
		    (struct imap_conversation_slot){
		        .uid = one->uids[i], .at = at, .has_row = is_shown};
	}
}

static int
page_by_uid(const void *a, const void *b)
{
	const struct imap_conversation_slot *left = a;
	const struct imap_conversation_slot *right = b;

	return (left->uid > right->uid) - (left->uid < right->uid);
}

enum err_code
imap_conversation_choose(struct imap_conversations *page, struct err *err)
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
	    struct imap_conversation_slot);
	page->slot_count = page->row_count = 0;
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

struct imap_conversation_slot *
imap_conversation_slot(const struct imap_conversations *page, uint32_t uid)
{
	const struct imap_conversation_slot key = {.uid = uid};

	return page->slot_count == 0
	           ? NULL
	           : bsearch(&key, page->slots, page->slot_count, sizeof(key),
	                 page_by_uid);
}

/* ---- what came ---- */
static void
page_collect_one(struct imap_conversations *page,
    const struct imap_conversation_slot *at, const struct mail_row *row)
{
	struct mail_conversation *one = &page->out->list[at->at];
	unsigned flags = row != NULL ? row->flags : at->flags;

	one->is_flagged |= (flags & MAIL_FLAGGED) != 0;
	if ((flags & MAIL_SEEN) == 0) {
		one->unread++;
		one->newest_unread =
		    one->newest_unread != 0 ? one->newest_unread : at->uid;
	}
	if (row == NULL)
		return;
	one->has_attachment |= row->has_attachment;
	one->rows[one->row_count++] = *row;
}

void
imap_conversation_collect(struct imap_conversations *page)
{
	const struct imap_listing *listing = &page->listing;
	struct mail_conversations *out = page->out;
	size_t row = page->row_count;
	size_t kept = 0;

	for (size_t i = page->slot_count; i > 0; i--) {
		const struct imap_conversation_slot *slot = &page->slots[i - 1];

		row -= slot->has_row;
		if (!slot->is_there ||
		    (slot->has_row && (listing->rows[row].uid == 0 ||
		                          listing->marks[row].is_bare)))
			continue;
		page_collect_one(
		    page, slot, slot->has_row ? &listing->rows[row] : NULL);
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->list[i].row_count > 0)
			out->list[kept++] = out->list[i];
	}
	out->count = kept;
}
