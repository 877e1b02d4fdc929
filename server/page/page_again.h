#ifndef PAGE_PAGE_AGAIN_H
#define PAGE_PAGE_AGAIN_H
/*
 * Pages that are asked for again and did not change (a list on the way back,
 * a reload) go out as they were compressed the last time. They are compared
 * byte for byte, but for the token of their forms: the answer before carries
 * the same one under another mask. A page that differs in anything else has a
 * mask of its own as always, so compression gives nothing away (BREACH).
 */
#include "http/request.h"
#include "http/response.h"

/* The last thing on the worker's thread. Does nothing where it may not. */
void page_again_pack(struct request *req, struct response *res);

/* ---- for its test: pure ------------------------------------------------- */
struct page_again {
	struct str page, token;
};
/* Are they equal but for their tokens? Tokens are of one length. */
bool page_again_is_same(struct page_again was, struct page_again now);

#endif
