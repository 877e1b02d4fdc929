#ifndef ROUTE_FORWARD_H
#define ROUTE_FORWARD_H
/*
 * What trusted proxies say of a request: X-Forwarded-For and
 * X-Forwarded-Proto. From anybody else nothing is read, and no other header
 * of this kind (Forwarded, X-Real-IP, those for client certificates) is ever
 * read from anybody.
 */
#include "page/app.h"

/*
 * Sets peer, is_secure, door and is_forwarded of a pinned request. Before
 * anything else looks at them; nothing happens for a request whose connection
 * began with a PROXY header, which says it all.
 *
 * X-Forwarded-For is walked from the right past TrustedProxies: the first
 * other address is the browser. What is no address ends the walk at the last
 * proxy that could be believed, and then nobody is taken for local.
 */
void forward_apply(struct request *req);
/* Is this a request that an HTTP proxy of ours passed on? */
bool forward_is_by_header(const struct request *req);

#endif
