#include "mail/account.h"
#include "mail/imap_order.h"

enum {
	KEPT_EXISTS,
	KEPT_TOP,
	KEPT_BEYOND,
	KEPT_COUNT,
	KEPT_HEAD
};

/* No folder's name begins so; 1 is no message there. */
static struct account_answers_key
kept_key(const struct imap_listing *listing, const struct imap_conn *conn)
{
	const char sort = (char)('a' + (int)listing->query->sort);
	const struct str parts[] = {
	    STR("\001order"), str_of(&sort, 1), STR("\001"), listing->folder};

	return (struct account_answers_key){
	    .folder = str_join(listing->mail->arena, parts, 4),
	    .uid_validity = conn->uid_validity,
	    .uid = 1};
}

/* So many stand in an order: a reload may have changed OrderLimit. */
static uint32_t
kept_count(const struct imap_listing *listing, const struct imap_conn *conn)
{
	uint32_t most = imap_order_most(listing);

	return conn->exists < most ? conn->exists : most;
}

bool
imap_order_kept_find(struct imap_listing *listing, const struct imap_conn *conn,
    struct imap_order_kept *out)
{
	struct account *account = listing->mail->account;
	struct account_answers_key key = kept_key(listing, conn);
	uint32_t head[KEPT_HEAD];
	struct str kept;

	if (conn->uid_validity == 0 || conn->exists == 0 ||
	    !account_answers_find(&account->owner->answers, &account->answers,
	        &key, listing->mail->arena, &kept) ||
	    kept.len < sizeof(head))
		return false;
	memcpy(head, kept.ptr, sizeof(head));
	*out = (struct imap_order_kept){.exists = head[KEPT_EXISTS],
	    .top_uid = head[KEPT_TOP],
	    .beyond = head[KEPT_BEYOND],
	    .count = head[KEPT_COUNT]};
	out->uids = (const uint32_t *)(const void *)(kept.ptr + sizeof(head));
	return out->exists == conn->exists &&
	       out->count == kept_count(listing, conn);
}

void
imap_order_kept_put(struct imap_listing *listing, const struct imap_conn *conn,
    const struct imap_order_kept *kept)
{
	struct account *account = listing->mail->account;
	struct account_answers_key key = kept_key(listing, conn);
	const uint32_t head[KEPT_HEAD] = {
	    kept->exists, kept->top_uid, kept->beyond, kept->count};
	const struct str parts[] = {str_of((const char *)head, sizeof(head)),
	    str_of(
	        (const char *)kept->uids, kept->count * sizeof(*kept->uids))};

	/* Something came or went while it was read: of which folder is it? */
	if (conn->uid_validity != 0 && kept->exists == conn->exists &&
	    kept->count == kept_count(listing, conn))
		account_answers_put(&account->owner->answers, &account->answers,
		    &key, str_join(listing->mail->arena, parts, 2));
}

void
imap_order_kept_tell(
    struct imap_listing *listing, const struct imap_order_kept *kept)
{
	struct imap_found *found = listing->found;

	*found = (struct imap_found){.total = kept->count,
	    .ranges = ARENA_ARRAY(
	        listing->mail->arena, kept->count, struct imap_range),
	    .count = kept->count};
	for (uint32_t i = 0; found->ranges != NULL && i < kept->count; i++) {
		uint32_t uid =
		    kept->uids[listing->query->is_reversed ? kept->count - 1 - i
		                                           : i];

		found->ranges[i] =
		    (struct imap_range){.first = uid, .last = uid};
	}
}

/* ---- is it still so? ---- */
/* Flags of others may come along; none of them is newer. */
static void
kept_take_top(struct imap_listing *listing, const struct imap_tokens *tokens,
    const struct imap_item *item)
{
	uint32_t *top_uid = listing->on_item_ctx;

	(void)tokens;
	if (item->uid > *top_uid)
		*top_uid = item->uid;
}

static void
kept_forget_top(struct imap_listing *listing)
{
	*(uint32_t *)listing->on_item_ctx = 0;
}

static void
kept_write_top(struct imap_listing *listing, struct imap_batch *batch)
{
	(void)listing;
	imap_write_begin(&batch->writer, "UID FETCH * (UID)");
	imap_write_end(&batch->writer);
}

enum err_code
imap_order_kept_check(struct imap_listing *listing, struct imap_conn *conn,
    const struct imap_order_kept *kept, bool *out_is_true, struct err *err)
{
	uint32_t top_uid = 0;
	bool is_bad = false;
	enum err_code rc;

	listing->on_item = kept_take_top;
	listing->on_item_ctx = &top_uid;
	listing->forget = kept_forget_top;
	rc =
	    imap_listing_ask(listing, conn, kept_write_top, true, &is_bad, err);
	listing->on_item = NULL;
	listing->on_item_ctx = NULL;
	listing->forget = NULL;
	*out_is_true = rc == ERR_OK && top_uid == kept->top_uid &&
	               conn->exists == kept->exists;
	return rc;
}
