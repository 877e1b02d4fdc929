#ifndef MAIL_IMAP_ORDER_H
#define MAIL_IMAP_ORDER_H
/* Orders of a list that are not those of arrival. For this room only. */
#include "mail/imap_search.h"

/* OrderLimit: so many of the newest messages are ordered by ourselves. */
uint32_t imap_order_most(const struct imap_listing *listing);

typedef void imap_listing_write_fn(
    struct imap_listing *listing, struct imap_batch *batch);

/*
 * One question; NOOP and folders go with it. Asked once more when others
 * changed the folder meanwhile. *out_is_bad: the server does not understand
 * it, where listing->found->is_page allows that.
 */
enum err_code imap_listing_ask(struct imap_listing *listing,
    struct imap_conn *conn, imap_listing_write_fn *write, bool with_folders,
    bool *out_is_bad, struct err *err) WARN_UNUSED;
/*
 * Orders what was found (nothing yet: the folder) by keys of the messages,
 * read once; *listing->found becomes the order. Of more than OrderLimit the
 * newest; out->beyond has the others.
 */
enum err_code imap_listing_order(struct imap_listing *listing,
    struct imap_conn *conn, bool with_folders, struct err *err) WARN_UNUSED;
/*
 * Our own order of a whole folder, kept with the account as long as the same
 * messages are in it: as many, and the same newest one. Without it each page
 * of the list, and each message opened from it, would read all keys again.
 */
struct imap_order_kept {
	uint32_t exists, top_uid, beyond, count;
	const uint32_t *uids; /* not reversed; in the arena */
};
/* False: none, or of another number of messages. Nobody was asked. */
bool imap_order_kept_find(struct imap_listing *listing,
    const struct imap_conn *conn, struct imap_order_kept *out);
/* Asks which message is the newest; NOOP and folders go with it. */
enum err_code imap_order_kept_check(struct imap_listing *listing,
    struct imap_conn *conn, const struct imap_order_kept *kept,
    bool *out_is_true, struct err *err) WARN_UNUSED;
/* Of all messages, or of the newest OrderLimit, as they were found. */
void imap_order_kept_put(struct imap_listing *listing,
    const struct imap_conn *conn, const struct imap_order_kept *kept);
/* *listing->found becomes the order; a query may want it reversed. */
void imap_order_kept_tell(
    struct imap_listing *listing, const struct imap_order_kept *kept);

/*
 * Unread or flagged ones behind the others, each in the order of arrival:
 * *listing->found, to be turned. Any server can tell that.
 */
enum err_code imap_listing_marked(struct imap_listing *listing,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;

#endif
