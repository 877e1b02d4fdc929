#ifndef PAGE_PAGE_IMAGE_H
#define PAGE_PAGE_IMAGE_H
/*
 * Addresses of parts, and signed ones for the images inside a framed message:
 * the frame has an opaque origin, from which no cookie is sent.
 */
#include "page/page.h"

/* Seconds a signed image address is good for. */
#define PAGE_IMAGE_LIFE_S 600

/* "/part?…": a download, or shown in place when `is_inline`. */
struct view_url page_part_url(struct request *req, const struct mail_id *id,
    const struct mime_part *part, bool is_inline);
/* "/image?t=…", for this session and part only. ptr NULL: cannot be made. */
struct str page_image_address(struct request *req, const struct mail_id *id,
    const struct mime_part *part);
/* Streams a part to the browser, decoded, with safe headers. */
enum err_code page_part_send(struct request *req, struct response *res,
    const struct mail_id *id, const struct mime_part *part, bool is_inline,
    struct err *err) WARN_UNUSED;

#endif
