#ifndef PAGE_PAGE_INSIDE_H
#define PAGE_PAGE_INSIDE_H
/* Pure steps of pages, shown to their tests. This room only. */
#include "page/page_compose.h"
#include "page/page_identity.h"

/* Whose message it is: every address of the person, tags included. */
struct reply_own {
	struct page_identity *list;
	size_t count;
};
/*
 * To and Cc of a reply; `all`: to everybody it went to, too, but to none of
 * the person's own addresses.
 */
void reply_people(struct request *req, const struct mime_header *header,
    const struct reply_own *own, bool all, struct compose *out);
/* In-Reply-To and References of a reply. */
void reply_thread(
    struct request *req, const struct mime_header *header, struct compose *out);
/* A mailto: address as a new composition. */
void reply_mailto(struct request *req, struct str mailto, struct compose *out);

#endif
