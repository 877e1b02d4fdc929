#ifndef ROUTE_GUARD_H
#define ROUTE_GUARD_H
/* What must hold before a page runs; by the guards of its route. */
#include "page/app.h"
#include "route/route.h"

/*
 * ERR_LOGIN: a session is needed and there is none. ERR_FORBIDDEN: the form's
 * token or its origin is wrong. ERR_NOT_FOUND: only for this machine.
 */
enum err_code guard_check(
    struct app *app, struct request *req, struct err *err) WARN_UNUSED;
/* From this machine itself, not through a proxy on it. */
bool guard_is_local(const struct request *req);

#endif
