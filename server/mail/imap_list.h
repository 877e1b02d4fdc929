#ifndef MAIL_IMAP_LIST_H
#define MAIL_IMAP_LIST_H
/* Between the files that make lists; for this room only. */
#include "mail/imap_batch.h"
#include "mail/imap_cache.h"
#include "mail/imap_folders.h"
#include "mail/imap_item.h"
#include "mail/mail_bulk.h"

/* One call of mail_list under way. */
struct imap_listing {
	struct mail *mail;
	const struct mail_query *query;
	struct str folder; /* as on the wire */
	struct mail_list *out;
	struct mail_folders *out_folders; /* NULL: not wanted */
	struct mail_quota *out_quota;
	struct imap_folders folders;
	bool has_news; /* others changed flags while we asked */
	/* NO: some rows are of messages that others remove; they are empty. */
	bool is_short;
	/* An untagged NO: the server could not look what others did. */
	bool is_doubtful;
	/* FETCH answers: by sequence number from low, or by wanted UID */
	struct mail_row *rows;         /* uid 0: did not come */
	struct imap_cache_mark *marks; /* one for each row */
	size_t row_room;
	size_t bare_count; /* of them bare: they were not kept any more */
	bool is_plain;     /* all of each row is asked for */
	bool asks_whole;   /* of some rows, just now */
	bool with_previews;
	bool may_be_gone; /* set by the caller: of the wanted UIDs, all */
	uint32_t low;
	uint32_t *wanted;
	size_t hint;
	/* SEARCH and SORT answers */
	struct imap_found *found;
	const struct imap_search *search; /* what is asked for */
	/* Own ordering: gets FETCH answers instead of the rows. */
	void (*on_item)(struct imap_listing *listing,
	    const struct imap_tokens *tokens, const struct imap_item *item);
	void *on_item_ctx;
	void (*on_thread)(struct imap_listing *listing, struct str bytes);
	void (*forget)(struct imap_listing *listing); /* what on_item took */
	/* Why an order, or conversations, did not come (imap_effort.h). */
	enum mail_setback setback;
	bool is_own_order; /* made here, of what the server tells */
};

/*
 * UIDs the server found, as ranges in its order; either all of them or, with
 * PARTIAL, only those of the page.
 */
struct imap_range {
	uint32_t first, last; /* last may be below first */
};
struct imap_found {
	struct imap_range *ranges;
	size_t count, capacity;
	uint32_t total;
	bool is_page;   /* ranges are the page, total is from COUNT */
	bool is_rising; /* newest last: SEARCH */
	uint32_t tag;
};

/* Listens for all of it: FETCH, SEARCH, SORT, ESEARCH, LIST, STATUS, QUOTA. */
enum err_code imap_listing_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err);
/* LIST, STATUS and quota of this listing, if wanted. */
void imap_listing_ask_folders(
    struct imap_listing *listing, struct imap_batch *batch);
/* ---- rows (imap_list_rows.c) ---- */
/* What a row needs. */
void imap_listing_fetch_items(struct imap_writer *writer);
/* The same, with PREVIEW where it is asked for and there. */
void imap_listing_fetch_wanted(struct imap_listing *listing,
    const struct imap_conn *conn, struct imap_writer *writer);
/* Room for rows; forgets what came before. */
enum err_code imap_listing_reset(
    struct imap_listing *listing, size_t row_room, struct err *err) WARN_UNUSED;
/*
 * FETCH or UID FETCH of the rows: only UID and flags of those that are kept.
 * Returns how many commands that are; the batch must have none before.
 */
size_t imap_listing_ask_rows(
    struct imap_listing *listing, struct imap_batch *batch);
/* Takes a FETCH answer to its row. */
void imap_listing_take(struct imap_listing *listing, struct imap_reader *reader,
    const struct imap_response *response);
/* The same, read; of the message with this sequence number. */
void imap_listing_take_item(struct imap_listing *listing, uint32_t number,
    const struct imap_tokens *tokens, const struct imap_item *item);
/*
 * All have come: completes those that are kept and keeps the others. When
 * listing->bare_count is not 0, all of them are to be asked for once more.
 * ERR_MAIL: refused; or no row at all, though nothing went since `changes`,
 * unless they may be gone: an empty page would be a lie. NO [EXPUNGEISSUED]
 * brings the other rows all the same.
 */
enum err_code imap_listing_came(struct imap_listing *listing,
    struct imap_batch *batch, size_t fetches, uint64_t changes,
    struct err *err) WARN_UNUSED;
/* The rows of the first `count` wanted UIDs, in one trip or two. */
enum err_code imap_listing_fetch(struct imap_listing *listing,
    struct imap_conn *conn, size_t count, struct err *err) WARN_UNUSED;

/*
 * The folder that was open is perhaps another one now, or the server told what
 * is not so: messages that it still counts as gone, for one.
 */
bool imap_listing_is_doubtful(
    struct imap_listing *listing, const struct imap_conn *conn);
/*
 * All has come, folders too: one that is counted otherwise is opened anew the
 * next time, unless it was opened just now (`was_open` false).
 */
void imap_listing_note_count(
    struct imap_listing *listing, struct imap_conn *conn, bool was_open);
/* Counts the folder once more, when others changed it meanwhile. */
enum err_code imap_listing_recount(struct imap_listing *listing,
    struct imap_conn *conn, uint64_t changes, struct err *err) WARN_UNUSED;
/* Folders and quota, when they were asked for. */
enum err_code imap_listing_folders(struct imap_listing *listing,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Page [first, first + count) of total; moved back when past the end. */
uint32_t imap_listing_first(uint32_t first, uint32_t count, uint32_t total);

/* Lists by SEARCH or SORT, or by our own ordering (imap_sort.c). */
enum err_code imap_listing_sorted(struct imap_listing *listing,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Adds what a SEARCH, SORT or ESEARCH response brings. */
void imap_found_add(struct imap_found *found, struct arena *arena,
    struct imap_reader *reader, const struct imap_response *response);
/* UIDs [first, first + count) of what was found, newest first if rising. */
size_t imap_found_page(const struct imap_found *found, bool is_newest_first,
    uint32_t first, size_t count, uint32_t *out_uids);
/* All of them, in rising order. */
struct mail_set imap_found_set(
    struct arena *arena, const struct imap_found *found);

#endif
