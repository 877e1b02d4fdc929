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
 * Unread or flagged ones behind the others, each in the order of arrival:
 * *listing->found, to be turned. Any server can tell that.
 */
enum err_code imap_listing_marked(struct imap_listing *listing,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;

#endif
