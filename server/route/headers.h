#ifndef ROUTE_HEADERS_H
#define ROUTE_HEADERS_H
/*
 * The headers that every answer carries, in one function: content policy,
 * no sniffing, no framing, caching, strict transport security.
 */
#include "page/app.h"

/*
 * The last touch: adds what the page has not set itself (and says the last
 * word on caching under "expire page views" and on compression). The request
 * must be pinned. Twice is fine.
 */
void headers_finish(struct request *req, struct response *res);

#endif
