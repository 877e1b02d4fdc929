#ifndef ROUTE_FRONT_H
#define ROUTE_FRONT_H
/*
 * What is decided on a network thread when a request's header is complete: the
 * right door, static files, refusals before a body is read. Nothing here
 * waits. For http_start: a handler made of these with ctx = the struct app.
 */
#include "page/app.h"

/* Largest body without a session cookie (a login, maybe with a letter). */
#define FRONT_OPEN_BODY_BYTES ((uint64_t)1 << 20)
/* Largest body of a page that takes no attachments. */
#define FRONT_FORM_BODY_BYTES ((uint64_t)1 << 20)

struct http_handler front_handler(struct app *app);

#endif
