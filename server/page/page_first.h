#ifndef PAGE_PAGE_FIRST_H
#define PAGE_PAGE_FIRST_H
/* First steps: shown above the Inbox after a login until they are dismissed. */
#include "http/response.h"
#include "page/page.h"

bool page_first_is_due(struct request *req);
/* "first_steps", where the address asks for it ("first") and it is due. */
void page_first_view(struct request *req, struct view *view);
/* They are not shown again, on no device. */
enum err_code page_first_post(
    struct request *req, struct response *res, struct err *err) WARN_UNUSED;

#endif
