#ifndef ROUTE_EXPLAIN_H
#define ROUTE_EXPLAIN_H
/* The page under VerifyClient=explain: why no page is shown, and what to do. */
#include "page/app.h"

/* 403 with the reason; works without a session. On a worker. */
void explain_certificate(struct request *req, struct response *res);

#endif
