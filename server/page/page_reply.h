#ifndef PAGE_PAGE_REPLY_H
#define PAGE_PAGE_REPLY_H
/* What a composition begins with; within page_reply*.c. */
#include "mime/mime_outline.h"
#include "page/page_compose.h"
#include "page/page_inside.h"

/* The message a reply or forward starts from. */
struct reply_source {
	struct mail_id id;
	struct mail_message message;
	/* An attached message is answered: its part; else NULL. */
	const struct mime_part *inner;
	const struct mime_header *header; /* the one that is answered */
	struct mime_outline outline;
	struct text body; /* its readable text */
};

/* Reads the message that the address names, and its text. */
enum err_code reply_read(
    struct request *req, struct reply_source *out, struct err *err) WARN_UNUSED;

/* `text` below the signature: the answer, and what is answered. */
struct text reply_body(struct request *req, const struct reply_source *source,
    struct text signature);
struct text forward_body(struct request *req, const struct reply_source *source,
    struct text signature);
void reply_add_signature(struct buf *body, struct text signature);

/* "A <a@b>, c@d": the display name quoted when it needs it (RFC 5322). */
void reply_add_address(struct buf *out, const struct mime_address *one);
/* To and Cc of "reply", of "reply to all", of "reply to the list". */
enum err_code reply_whom(struct request *req, const struct reply_source *source,
    struct str reply, struct compose *out, struct err *err) WARN_UNUSED;
/* A draft (or any message) as a new composition. */
void reply_edit(struct request *req, const struct reply_source *source,
    struct compose *out);

#endif
