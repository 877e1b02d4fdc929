#ifndef MAIL_IMAP_EFFORT_H
#define MAIL_IMAP_EFFORT_H
/*
 * What may be too much for a server in a large folder: SORT, THREAD, or telling
 * the headers of very many messages. It gets as long as people wait, and after
 * a setback it is left alone with that for a while (account_slow.h): Dovecot
 * ends its process when THREAD needs more memory than default_vsz_limit, and
 * goes on with SORT when nobody waits any more. For this room only.
 */
#include "mail/imap_list.h"

/* What is asked for; orders follow, each with a second one for searches. */
#define IMAP_EFFORT_THREAD  0u
#define IMAP_EFFORT_HEADERS 1u
#define IMAP_EFFORT_ORDER   2u

unsigned imap_effort_order(const struct mail_query *query);
/* Why the listing's folder is not to be asked for it now. */
enum mail_setback imap_effort_setback(
    const struct imap_listing *listing, unsigned what);
/*
 * Patience begins. ERR_AWAY: it is not asked for; listing->setback says why.
 * A search may take SearchWait: that is what it is for.
 */
enum err_code imap_effort_begin(struct imap_listing *listing,
    struct imap_conn *conn, unsigned what, struct err *err) WARN_UNUSED;
/*
 * `rc` of it. ERR_AWAY: listing->setback says whether that was the server's
 * trouble with it, and was noted; NONE: a connection that was dead anyhow.
 */
enum err_code imap_effort_end(struct imap_listing *listing,
    struct imap_conn *conn, unsigned what, enum err_code rc);

#endif
