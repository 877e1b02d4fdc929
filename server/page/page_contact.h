#ifndef PAGE_PAGE_CONTACT_H
#define PAGE_PAGE_CONTACT_H
/* One person: the form, and how it becomes a person again. */
#include "mime/mime_card.h"
#include "page/page_contacts.h"

#define CONTACT_SPARE 2u /* empty fields for more addresses, phones */

/*
 * Fields that are lines of the card: telephone numbers, addresses, position,
 * page, birthday. The rest of the card stays as it is.
 */
void contact_card_view(struct request *req, struct str card, struct view *view);
/* The card with what the form says; `old` as it was. */
struct str contact_card_parse(
    struct request *req, struct str old, bool is_renamed, bool is_moved);

#endif
