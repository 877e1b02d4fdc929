#ifndef PAGE_PAGE_REPLY_H
#define PAGE_PAGE_REPLY_H
/* What a composition begins with; within page_reply*.c. */
#include "mime/mime_outline.h"
#include "page/page_compose.h"
#include "page/page_inside.h"

/* So much of a text is quoted: three bytes for one fit into a form's field. */
#define REPLY_TEXT_BYTES ((size_t)1 << 20)

/* What is longer is not offered as formatted text: editors become slow. */
#define REPLY_OFFER_BYTES ((uint64_t)200 << 10)

/* The message a reply or forward starts from. */
struct reply_source {
	struct mail_id id;
	struct mail_message message;
	/* An attached message is answered: its part; else NULL. */
	const struct mime_part *inner;
	const struct mime_header *header; /* the one that is answered */
	struct mime_outline outline;
	struct text body; /* its readable text */
	struct reply_own own;
	struct page_identity sender; /* of the answer */
	bool is_signed_last;         /* below what is quoted */
};

/* Reads the message that the address names, and its text. */
enum err_code reply_read(
    struct request *req, struct reply_source *out, struct err *err) WARN_UNUSED;

/* Room for an answer, the signature, and what is answered. */
struct text reply_body(struct request *req, const struct reply_source *source);
struct text forward_body(
    struct request *req, const struct reply_source *source);
void reply_add_signature(struct buf *body, struct text signature);
/* "On …, Anna wrote:" */
struct text reply_intro(struct request *req, const struct reply_source *source);
/* Of the block that a forwarded message begins with: {name, value}, … */
#define REPLY_HEAD_MOST 6
struct reply_head {
	const char *name;
	struct text value;
};
size_t forward_head(struct request *req, const struct reply_source *source,
    struct reply_head out[REPLY_HEAD_MOST]);

/*
 * The same as reply_body and forward_body, formatted: clean HTML that quotes
 * the HTML of the message, or its text where it has none. Of its pictures those
 * are shown that come along (compose->source_files). `is_forward`: not quoted,
 * with its head above.
 */
enum err_code reply_html(struct request *req, const struct reply_source *source,
    const struct compose *compose, bool is_forward, struct text *out,
    struct err *err) WARN_UNUSED;

/* A formatted message that is edited stays formatted. */
enum err_code reply_html_edit(struct request *req,
    const struct reply_source *source, struct compose *out,
    struct err *err) WARN_UNUSED;

/* "A <a@b>, c@d": the display name quoted when it needs it (RFC 5322). */
void reply_add_address(struct buf *out, const struct mime_address *one);
/* To and Cc of "reply", of "reply to all", of "reply to the list". */
enum err_code reply_whom(struct request *req, const struct reply_source *source,
    struct str reply, struct compose *out, struct err *err) WARN_UNUSED;
/* A draft (or any message) as a new composition. */
void reply_edit(struct request *req, const struct reply_source *source,
    struct compose *out);

#endif
