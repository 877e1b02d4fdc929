#ifndef ROUTE_ACME_H
#define ROUTE_ACME_H
/*
 * The answers to an authority that checks that the host is ours (ACME, RFC
 * 8555, 8.3): any ACME client writes them below AcmeWebroot, we serve them in
 * clear on the plain port, whatever ForceSSL says.
 */
#include "page/pages.h"
#include "route/route.h"

#define ACME_PATH "/.well-known/acme-challenge/"
#define ACME_FLAGS \
	(ROUTE_NO_SESSION | ROUTE_BELOW | ROUTE_BOTH_DOORS | ROUTE_ROOT)

/* 404 for whatever is no token, no plain file, or larger than 4 KB. */
page_fn acme_page;

#endif
