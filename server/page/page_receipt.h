#ifndef PAGE_PAGE_RECEIPT_H
#define PAGE_PAGE_RECEIPT_H
/* Receipts that a sender asks for: never sent by themselves. This room only. */
#include "page/page_reading.h"

/*
 * {{#receipt}}: "to", "is_elsewhere" (not to the sender), "action_url"; nothing
 * when none is asked for, or it was answered already.
 */
void page_receipt_view(
    struct request *req, const struct page_reading *page, struct view *view);

#endif
