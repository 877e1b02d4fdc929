#ifndef ROUTE_DOOR_H
#define ROUTE_DOOR_H
/*
 * Whether a request came by the right way: the right port and mode, the site
 * its handshake was for, with the certificates that are asked for, below
 * BasePath. On an HTTP thread; nothing here waits.
 */
#include "page/app.h"

/*
 * Before the address is looked at: a proxy that must show a certificate and
 * did not (403), a Host of another site than the handshake's (421). True: res
 * is filled.
 */
bool door_is_closed(struct request *req, struct response *res);
/*
 * Takes BasePath off path and raw_target. True: res is filled, the address is
 * not below it. What machines ask for is answered at the root, too.
 */
bool door_is_outside(struct request *req, struct response *res);
/* With the route: plain HTTP where only https is served. */
bool door_is_wrong(struct request *req, struct response *res);

enum door_certificate {
	DOOR_CERTIFICATE_FINE,    /* or none is asked for */
	DOOR_CERTIFICATE_WANTING, /* the browser's; worth a page */
	DOOR_CERTIFICATE_PROXY    /* the proxy shows none that is good */
};
/* What VerifyClient of the site makes of a request in secure mode. */
enum door_certificate door_certificate_of(const struct request *req);

#endif
