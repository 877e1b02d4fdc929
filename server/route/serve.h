#ifndef ROUTE_SERVE_H
#define ROUTE_SERVE_H
/*
 * The spine: one function answers one request, on a worker. And the pool of
 * workers it runs on.
 */
#include "page/app.h"

/* Answers one request. Never fails: every error becomes an error page. */
void serve(struct app *app, struct request *req, struct response *res);

/* Makes app->workers by the configuration in force. */
enum err_code serve_start(struct app *app, struct err *err) WARN_UNUSED;
/*
 * Puts a request in the queue; a worker serves and answers it. False: the
 * queue, or this user's part of it, is full.
 */
bool serve_submit(struct app *app, struct request *req);
/* Cancels and ends the workers, after http_stop and before http_free. */
void serve_stop(struct app *app);
/* Frees app->workers; after http_free. */
void serve_free(struct app *app);

/* Does the store work? Asked at most every two seconds. */
bool serve_store_works(struct app *app);

#endif
