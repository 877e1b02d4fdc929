#ifndef PAGE_PAGE_ROWS_H
#define PAGE_PAGE_ROWS_H
/*
 * Rows of a list as they were rendered the last time, kept in memory with the
 * answers of the mail server (mail/mail_kept.h). A row is found by all it is
 * made of, byte for byte: what its message says, its flags and its rank in a
 * key of its own, what is the same for all rows in the name of the page. So a
 * row that changed is another one. This room only.
 */
#include "base/buf.h"
#include "page/page_list.h"

struct page_row_was; /* of the last time */
struct page_row_is;  /* of this page */

/* In the request's arena; {0}: nothing is kept. */
struct page_rows {
	struct request *req; /* NULL: not begun */
	struct mail_id id;
	struct str name;
	struct buf key; /* of the row to come */
	struct page_row_was *was;
	size_t was_count, next; /* where the next one is looked for first */
	struct page_row_is *is;
	size_t is_count, is_room;
	size_t ready_count; /* of these, so many were kept */
};

/*
 * A page of the list, `room` rows at most. All functions take NULL, and rows
 * that were not begun: everything is rendered then, and nothing kept.
 */
void page_rows_begin(struct page_rows *rows, struct request *req,
    const struct list_query *query, uint32_t uid_validity, bool outgoing,
    size_t room);
/* What the next row is made of. */
void page_rows_key(
    struct page_rows *rows, const uint64_t *numbers, size_t count);
void page_rows_key_row(struct page_rows *rows, const struct mail_row *row);
/* NULL: it is there already; else a round to fill. */
struct view *page_rows_add(struct page_rows *rows, struct view_list *list);
/* `page`: what became of the view. */
void page_rows_keep(struct page_rows *rows, struct str page);

#endif
