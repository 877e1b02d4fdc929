#include "mail/imap_order.h"

#include "mail/account.h"

/* What our own ordering collects. */
struct order_item {
	struct str text;
	int64_t number;
	uint32_t uid;
};
struct order_items {
	struct order_item *list;
	size_t count, capacity;
};

uint32_t
imap_order_most(const struct imap_listing *listing)
{
	const struct account *account = listing->mail->account;

	return mail_server_config(account_server(account))->order_limit;
}

static void
order_forget(struct imap_listing *listing)
{
	struct order_items *items = listing->on_item_ctx;

	items->count = 0;
}

/* "Re: Fwd: x" is ordered as "x". */
static struct str
order_base(struct str subject)
{
	static const char *const prefixes[] = {"re:", "fwd:", "fw:", "aw:"};
	bool again = true;

	while (again) {
		again = false;
		subject = str_trim(subject);
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]);
		     i++) {
			struct str prefix = str_c(prefixes[i]);

			if (!str_starts_nocase(subject, prefix))
				continue;
			subject = str_slice(subject, prefix.len, subject.len);
			again = true;
		}
	}
	return subject;
}

static struct str
order_name(struct arena *arena, const struct mime_address *who)
{
	return str_lower(
	    arena, who->name.s.len > 0 ? who->name.s : who->address.s);
}

static void
order_take(struct imap_listing *listing, const struct imap_tokens *tokens,
    const struct imap_item *item)
{
	struct order_items *items = listing->on_item_ctx;
	struct arena *arena = listing->mail->arena;
	struct order_item one = {.uid = item->uid};
	struct mail_row row = {.arrived_s = item->arrived_s};
	struct order_item *bigger;

	if (item->uid == 0 || items->count >= imap_order_most(listing))
		return;
	if (listing->query->sort == MAIL_SORT_SIZE) {
		one.number =
		    item->bytes > INT64_MAX ? INT64_MAX : (int64_t)item->bytes;
	} else if (item->envelope == 0) {
		return;
	} else {
		imap_item_row(tokens, item->envelope, arena, &row);
		one.number = row.date_s;
		if (listing->query->sort == MAIL_SORT_SUBJECT)
			one.text = str_lower(arena, order_base(row.subject.s));
		else if (listing->query->sort == MAIL_SORT_FROM)
			one.text = order_name(arena, &row.from);
		else if (listing->query->sort == MAIL_SORT_TO)
			one.text = order_name(arena, &row.to);
	}
	bigger = arena_grow(arena, items->list, items->count, &items->capacity,
	    sizeof(*items->list));
	if (bigger == NULL)
		return;
	items->list = bigger;
	items->list[items->count++] = one;
}

static int
order_by_text(const void *a, const void *b)
{
	const struct order_item *left = a;
	const struct order_item *right = b;
	int order = str_compare(left->text, right->text);

	if (order != 0)
		return order;
	return (left->uid > right->uid) - (left->uid < right->uid);
}

static int
order_by_number(const void *a, const void *b)
{
	const struct order_item *left = a;
	const struct order_item *right = b;

	if (left->number != right->number)
		return left->number > right->number ? -1 : 1;
	return (left->uid < right->uid) - (left->uid > right->uid);
}

static void
order_write_keys(struct imap_listing *listing, struct imap_batch *batch)
{
	imap_write_begin(&batch->writer, "UID FETCH ");
	if (listing->found->count == 0)
		imap_write_raw(&batch->writer, "1:*");
	for (size_t i = 0; i < listing->found->count; i++) {
		const struct imap_range *range = &listing->found->ranges[i];

		if (i > 0)
			imap_write_raw(&batch->writer, ",");
		imap_write_number(&batch->writer, range->first);
		imap_write_raw(&batch->writer, ":");
		imap_write_number(&batch->writer, range->last);
	}
	imap_write_raw(&batch->writer, listing->query->sort == MAIL_SORT_SIZE
	                                   ? " (UID RFC822.SIZE)"
	                                   : " (UID INTERNALDATE ENVELOPE)");
	imap_write_end(&batch->writer);
}

/* Only the newest of what was found; the others are told of. */
static void
order_clip(struct imap_listing *listing)
{
	struct imap_found *found = listing->found;
	uint32_t room = imap_order_most(listing);
	size_t at = found->count;

	if (found->total <= room)
		return;
	listing->out->beyond = found->total - room;
	while (at > 0 && room > 0) {
		struct imap_range *range = &found->ranges[--at];
		uint32_t size = range->last - range->first + 1;

		/* A server that counts downwards: all of it. */
		if (range->last < range->first)
			size = range->first - range->last + 1;
		else if (size > room)
			range->first = range->last - room + 1;
		room -= size < room ? size : room;
	}
	found->ranges += at;
	found->count -= at;
}

static bool
order_is_text(enum mail_sort sort)
{
	return sort == MAIL_SORT_FROM || sort == MAIL_SORT_TO ||
	       sort == MAIL_SORT_SUBJECT;
}

/* What was collected becomes what was found; of a whole folder it is kept. */
static void
order_tell(struct imap_listing *listing, const struct imap_conn *conn,
    const struct order_items *items)
{
	uint32_t *uids =
	    ARENA_ARRAY(listing->mail->arena, items->count, uint32_t);
	struct imap_order_kept kept = {.exists = conn->exists,
	    .beyond = listing->out->beyond,
	    .count = (uint32_t)items->count,
	    .uids = uids};

	if (uids == NULL)
		return;
	for (size_t i = 0; i < items->count; i++) {
		uids[i] = items->list[i].uid;
		if (uids[i] > kept.top_uid)
			kept.top_uid = uids[i];
	}
	if (listing->query->search == NULL && items->count > 0)
		imap_order_kept_put(listing, conn, &kept);
	imap_order_kept_tell(listing, &kept);
}

enum err_code
imap_listing_order(struct imap_listing *listing, struct imap_conn *conn,
    bool with_folders, struct err *err)
{
	struct order_items items = {0};
	bool is_bad = false;
	enum err_code rc;

	order_clip(listing);
	listing->on_item = order_take;
	listing->on_item_ctx = &items;
	listing->forget = order_forget;
	rc = imap_listing_ask(
	    listing, conn, order_write_keys, with_folders, &is_bad, err);
	listing->on_item = NULL;
	listing->on_item_ctx = NULL;
	listing->forget = NULL;
	if (rc != ERR_OK)
		return rc;
	if (items.count > 0)
		qsort(items.list, items.count, sizeof(*items.list),
		    order_is_text(listing->query->sort) ? order_by_text
		                                        : order_by_number);
	order_tell(listing, conn, &items);
	return imap_arena_check(listing->mail->arena, err);
}
