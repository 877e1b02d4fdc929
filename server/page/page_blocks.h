#ifndef PAGE_PAGE_BLOCKS_H
#define PAGE_PAGE_BLOCKS_H
/*
 * Within page_blocks*.c: the blocks of a message, one row of "blocks" each. An
 * attached message is a row that opens it, rows of its own, one that closes.
 */
#include "mime/mime_outline.h"
#include "page/page_image.h"
#include "page/page_reading.h"

/* Texts asked for on one page, and bytes of a part that a card is made of. */
#define BLOCKS_TEXTS_MAX  40u
#define BLOCKS_CARD_BYTES ((size_t)256 << 10)
#define BLOCKS_TNEF_BYTES ((size_t)8 << 20)
/* Attached messages within attached messages that are shown in place. */
#define BLOCKS_DEPTH_MAX 2u
/* Of all texts of a page, as HTML: well below LIMIT_PAGE_BYTES. */
#define BLOCKS_HTML_BYTES (LIMIT_PAGE_BYTES / 2)
/* Of all parts that are read for a page, as they came; the first always is. */
#define BLOCKS_PART_BYTES ((uint64_t)3 << 20)

struct blocks {
	struct request *req;
	const struct page_reading *reading;
	struct mail mail;
	struct view *view; /* the page */
	struct view_list *list;
	struct err *err;
	unsigned texts_left;
	uint64_t bytes_left;
	bool has_tnef; /* one was read: more are files only */
	size_t html_left;
	unsigned mail_links; /* written so far */
	unsigned depth;      /* of attached messages */
	/* What the page says of all blocks together. */
	bool has_text;  /* anything to read */
	bool has_frame; /* HTML is shown */
	bool has_html, has_plain, has_choice;
	bool has_own_text; /* not empty, of the message itself */
};

/*
 * A part could not be read: said in the row, and ERR_OK, unless the whole page
 * has to end.
 */
enum err_code blocks_failed(
    struct blocks *in, struct view *row, enum err_code rc) WARN_UNUSED;
/* May one more part be read for this page? Counts it. */
bool blocks_may_read(struct blocks *in, const struct mime_part *part);
/* The text of a part; not one too many: its row says so, *out is empty. */
enum err_code blocks_read_text(struct blocks *in, struct view *row,
    const struct mime_part *part, struct text *out) WARN_UNUSED;
/* The bytes of a part, decoded, into the arena; they count as a text. */
enum err_code blocks_bytes(struct blocks *in, const struct mime_part *part,
    size_t max_bytes, struct str *out) WARN_UNUSED;
/* A text as HTML, cut where the page is full; sets "plain_body" of the row. */
void blocks_view_plain(struct blocks *in, struct view *row, struct text text);
/* "Ada <ada@x>, bob@x": people of a header, shortened. */
struct text blocks_people(
    struct arena *arena, const struct mime_addresses *people);
/* "text/plain", for parts without a name. */
struct text blocks_type(struct arena *arena, const struct mime_part *part);
/* The moment where the reader is, with its distance from UTC. */
struct text blocks_when(struct request *req, int64_t unix_s);

/* Rows of one kind each; a part that cannot be read says so in its row. */
enum err_code blocks_text(
    struct blocks *in, const struct mime_block *block) WARN_UNUSED;
enum err_code blocks_tnef(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_calendar(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_contacts(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_delivery(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_receipt(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_feedback(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
enum err_code blocks_headers(
    struct blocks *in, const struct mime_part *part) WARN_UNUSED;
/* Notices: signed, encrypted, partial, elsewhere. */
void blocks_seal(struct blocks *in, const struct mime_block *block);
void blocks_partial(struct blocks *in, const struct mime_part *part);
void blocks_external(struct blocks *in, const struct mime_part *part);
/* All blocks of a message. */
enum err_code blocks_outline(
    struct blocks *in, const struct mime_outline *outline) WARN_UNUSED;

/* ---- words, pure: shown to their tests ---------------------------------- */
struct mime_event;
struct mime_repeat;
struct mime_time;
struct zone;
/* "Tuesday, 1 December 2026, 14:00 to 15:00 (UTC+01:00)". */
struct text blocks_event_when(struct arena *arena, const struct zone *zone,
    const struct mime_time *start, const struct mime_time *end);
/* "Every second week on Monday and Friday, 10 times". */
struct text blocks_repeat_words(struct arena *arena, const struct zone *zone,
    const struct mime_repeat *repeat);
/* What a status of RFC 3463 means, for people. NULL: nothing is known. */
const char *blocks_status_words(const unsigned status[3]);

#endif
