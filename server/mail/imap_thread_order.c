#include "mail/imap_thread_order.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_effort.h"

/* ---- what is kept ---- */
enum {
	KEPT_EXISTS,
	KEPT_TOP,
	KEPT_BEYOND,
	KEPT_THREADS,
	KEPT_UIDS,
	KEPT_HEAD
};

/* No folder's name begins so; 1 is no message there. */
static struct account_answers_key
kept_key_of(const struct mail *mail, struct str folder, uint32_t uid_validity)
{
	const struct str parts[] = {STR("\001threads\001"), folder};

	return (struct account_answers_key){
	    .folder = str_join(mail->arena, parts, 2),
	    .uid_validity = uid_validity,
	    .uid = 1};
}

static struct account_answers_key
kept_key(struct imap_listing *listing, const struct imap_conn *conn)
{
	return kept_key_of(listing->mail, listing->folder, conn->uid_validity);
}

bool
imap_thread_order_recall(const struct mail *mail, struct str folder,
    uint32_t uid_validity, struct imap_thread_order *out)
{
	struct account *account = mail->account;
	struct account_answers_key key =
	    kept_key_of(mail, folder, uid_validity);
	uint32_t head[KEPT_HEAD];
	struct str kept;

	if (uid_validity == 0 ||
	    !account_answers_find(&account->owner->answers, &account->answers,
	        &key, mail->arena, &kept) ||
	    kept.len < sizeof(head))
		return false;
	memcpy(head, kept.ptr, sizeof(head));
	*out = (struct imap_thread_order){.exists = head[KEPT_EXISTS],
	    .top_uid = head[KEPT_TOP],
	    .beyond = head[KEPT_BEYOND],
	    .thread_count = head[KEPT_THREADS],
	    .uid_count = head[KEPT_UIDS]};
	out->uids = (const uint32_t *)(const void *)(kept.ptr + sizeof(head));
	out->sizes =
	    (const unsigned char *)kept.ptr + sizeof(head) + 4 * out->uid_count;
	return true;
}

bool
imap_thread_order_find(struct imap_listing *listing,
    const struct imap_conn *conn, struct imap_thread_order *out)
{
	return imap_thread_order_recall(
	           listing->mail, listing->folder, conn->uid_validity, out) &&
	       out->exists == conn->exists;
}

size_t
imap_thread_order_around(
    const struct imap_thread_order *order, uint32_t uid, const uint32_t **out)
{
	const uint32_t *at = order->uids;

	for (uint32_t i = 0; i < order->thread_count; i++) {
		size_t count = order->sizes[i];

		for (size_t j = 0; j < count; j++) {
			if (at[j] != uid)
				continue;
			*out = at;
			return count;
		}
		at += count;
	}
	return 0;
}

void
imap_thread_order_drop(
    struct imap_listing *listing, const struct imap_conn *conn)
{
	struct account *account = listing->mail->account;
	struct account_answers_key key = kept_key(listing, conn);

	account_answers_drop(&account->owner->answers, &account->answers, &key);
}

static void
order_keep(const struct mail *mail, const struct account_answers_key *key,
    const struct imap_thread_order *order)
{
	struct account *account = mail->account;
	const uint32_t head[KEPT_HEAD] = {order->exists, order->top_uid,
	    order->beyond, order->thread_count, order->uid_count};
	const struct str parts[] = {str_of((const char *)head, sizeof(head)),
	    str_of((const char *)order->uids,
	        order->uid_count * sizeof(*order->uids)),
	    str_of((const char *)order->sizes, order->thread_count)};

	account_answers_put(&account->owner->answers, &account->answers, key,
	    str_join(mail->arena, parts, 3));
}

void
imap_thread_order_note(const struct mail *mail, struct str folder,
    const struct imap_conn *conn, struct imap_thread_maker *maker)
{
	struct account_answers_key key =
	    kept_key_of(mail, folder, conn->uid_validity);
	struct imap_thread_order order = {.exists = conn->exists};

	if (conn->uid_validity != 0 && maker->count == conn->exists &&
	    imap_thread_made(maker, &order))
		order_keep(mail, &key, &order);
}

/* ---- questions ---- */
static void
order_take_told(struct imap_listing *listing, struct str bytes)
{
	imap_thread_told(listing->on_item_ctx, bytes);
}

static void
order_take_header(struct imap_listing *listing,
    const struct imap_tokens *tokens, const struct imap_item *item)
{
	struct imap_thread_maker *maker = listing->on_item_ctx;

	if (item->uid != 0 && item->body != 0 &&
	    maker->count < imap_order_most(listing))
		imap_thread_read(
		    maker, item->uid, imap_token_str(tokens, item->body));
}

static void
order_forget(struct imap_listing *listing)
{
	struct imap_thread_maker *maker = listing->on_item_ctx;

	*maker = (struct imap_thread_maker){.arena = maker->arena};
}

static uint32_t
order_low(const struct imap_conn *conn, uint32_t most)
{
	return conn->exists > most ? conn->exists - most + 1 : 1;
}

/*
 * REFS is REFERENCES without putting strangers together that have the same
 * subject; Dovecot has it.
 */
static void
order_write_thread(struct imap_listing *listing, struct imap_batch *batch)
{
	uint32_t low = order_low(batch->conn, IMAP_THREAD_ORDER_MOST);

	(void)listing;
	imap_write_begin(
	    &batch->writer, imap_conn_has(batch->conn, IMAP_CAP_THREAD_REFS)
	                        ? "UID THREAD REFS US-ASCII "
	                        : "UID THREAD REFERENCES US-ASCII ");
	if (low == 1) {
		imap_write_raw(&batch->writer, "ALL");
	} else {
		imap_write_number(&batch->writer, low);
		imap_write_raw(&batch->writer, ":*");
	}
	imap_write_end(&batch->writer);
}

static void
order_write_headers(struct imap_listing *listing, struct imap_batch *batch)
{
	imap_write_begin(&batch->writer, "FETCH ");
	imap_write_number(
	    &batch->writer, order_low(batch->conn, imap_order_most(listing)));
	imap_write_raw(&batch->writer,
	    ":* (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO "
	    "REFERENCES)])");
	imap_write_end(&batch->writer);
}

static enum err_code
order_ask(struct imap_listing *listing, struct imap_conn *conn, bool is_told,
    bool with_folders, struct err *err)
{
	struct imap_found none = {0};
	bool is_bad = false;
	enum err_code rc;

	listing->found = &none;
	listing->forget = order_forget;
	listing->on_thread = is_told ? order_take_told : NULL;
	listing->on_item = is_told ? NULL : order_take_header;
	rc = imap_listing_ask(listing, conn,
	    is_told ? order_write_thread : order_write_headers, with_folders,
	    &is_bad, err);
	listing->on_thread = NULL;
	listing->on_item = NULL;
	listing->forget = NULL;
	listing->found = NULL;
	return rc;
}

static enum err_code
order_make(struct imap_listing *listing, struct imap_conn *conn, bool is_told,
    bool with_folders, struct imap_thread_order *out, struct err *err)
{
	struct imap_thread_maker maker = {.arena = listing->mail->arena};
	uint32_t most =
	    is_told ? IMAP_THREAD_ORDER_MOST : imap_order_most(listing);
	uint64_t changes = conn->changes;
	enum err_code rc;

	listing->on_item_ctx = &maker;
	rc = order_ask(listing, conn, is_told, with_folders, err);
	listing->on_item_ctx = NULL;
	if (rc != ERR_OK)
		return rc;
	if (!is_told)
		imap_thread_join(&maker);
	/* An empty page would be a lie. */
	if (maker.count == 0 && conn->exists > 0 && conn->changes == changes)
		maker.is_broken = true;
	*out = (struct imap_thread_order){.exists = conn->exists,
	    .beyond = conn->exists > most ? conn->exists - most : 0};
	if (imap_thread_made(&maker, out))
		return ERR_OK;
	rc = imap_arena_check(listing->mail->arena, err);
	return rc != ERR_OK ? rc
	                    : err_set(err, ERR_MAIL,
	                          "The mail server did not list the folder. "
	                          "Please try again.",
	                          "imap: thread-data");
}

static enum err_code
order_try(struct imap_listing *listing, struct imap_conn *conn, bool is_told,
    bool with_folders, struct imap_thread_order *out, struct err *err)
{
	unsigned what = is_told ? IMAP_EFFORT_THREAD : IMAP_EFFORT_HEADERS;
	enum err_code rc = imap_effort_begin(listing, conn, what, err);

	listing->is_own_order = !is_told;
	if (rc != ERR_OK)
		return rc;
	rc = order_make(listing, conn, is_told, with_folders, out, err);
	return imap_effort_end(listing, conn, what, rc);
}

bool
imap_thread_order_is_told(const struct imap_conn *conn)
{
	return imap_conn_has(conn, IMAP_CAP_THREAD_REFS) ||
	       imap_conn_has(conn, IMAP_CAP_THREAD);
}

enum err_code
imap_thread_order_make(struct imap_listing *listing, struct imap_conn *conn,
    bool with_folders, struct imap_thread_order *out, struct err *err)
{
	bool is_told = imap_thread_order_is_told(conn) &&
	               imap_effort_setback(listing, IMAP_EFFORT_THREAD) !=
	                   MAIL_SETBACK_LOST;
	struct account_answers_key key;
	enum err_code rc;

	rc = order_try(listing, conn, is_told, with_folders, out, err);
	/* Refused, or nonsense: from headers, then. */
	if (rc == ERR_MAIL && is_told && !conn->is_broken) {
		conn->lacks |= IMAP_CAP_THREAD_REFS | IMAP_CAP_THREAD;
		/* They came along, and would stand there twice. */
		if (with_folders)
			imap_folders_init(
			    &listing->folders, listing->mail, conn);
		rc = order_try(listing, conn, false, with_folders, out, err);
	}
	if (rc != ERR_OK)
		return rc;
	key = kept_key(listing, conn);
	order_keep(listing->mail, &key, out);
	return imap_arena_check(listing->mail->arena, err);
}
