#ifndef MAIL_IMAP_SEARCH_H
#define MAIL_IMAP_SEARCH_H
/*
 * A typed search as the criteria of SEARCH, SORT and THREAD. For this room
 * only.
 */
#include "mail/imap_list.h"
#include "mail/mail_search.h"

/*
 * No server can be asked for attachments (RFC 9051 has no such key). Some
 * mark them by keywords when a message comes ($HasAttachment,
 * $HasNoAttachment); of what else matches, the newest are looked at.
 */
enum imap_search_stage {
	/* All that might match: has:attachment is taken for granted. */
	IMAP_SEARCH_MAYBE,
	/* Of these, what no keyword says anything of. */
	IMAP_SEARCH_UNMARKED,
	/* What does: by keyword, or one of `attached`. */
	IMAP_SEARCH_EXACT
};
struct imap_search {
	const struct mail_search *search;
	enum imap_search_stage stage;
	const uint32_t *attached; /* rising; with EXACT */
	size_t attached_count;
	bool is_saved; /* the server keeps what it finds: "$" (SEARCHRES) */
};

/* " CHARSET UTF-8" where it must be; for SEARCH alone. */
void imap_search_charset(
    struct imap_writer *writer, const struct mail_search *search);
/* " SUBJECT "x" OR …": a blank and search keys, at least one. */
void imap_search_write(
    struct imap_writer *writer, const struct imap_search *what);
/* " SINCE " and the day (days since 1970-01-01) as IMAP writes it. */
void imap_search_day(struct imap_writer *writer, const char *key, int64_t day);
/* UID SEARCH, with RETURN (ALL) where the server has ESEARCH. */
void imap_search_command(
    struct imap_batch *batch, const struct imap_search *what);
/*
 * Looks which of the newest that may match have attachments, in the open
 * folder: *what becomes EXACT. *out_unlooked: so many older ones were not
 * looked at.
 */
enum err_code imap_search_attached(struct imap_conn *conn, struct arena *arena,
    struct imap_search *what, uint32_t *out_unlooked,
    struct err *err) WARN_UNUSED;

#endif
