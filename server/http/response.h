#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H
/*
 * One answer: status, headers, and a body that is in memory or streams from
 * the worker through a bounded buffer. Header values with CR, LF or NUL are
 * refused here (ensure), so nobody can split an answer.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct response;
struct request;
struct http_stream;
struct http_events;

void response_status(struct response *res, unsigned status);
unsigned response_get_status(const struct response *res);
/* Adds a header; `name` a literal. Repeated names make repeated headers. */
void response_header(struct response *res, const char *name, struct str value);
/* Replaces all headers of that name. */
void response_replace_header(
    struct response *res, const char *name, struct str value);
bool response_has_header(const struct response *res, const char *name);
/* Body in the request's arena; borrowed until the answer is sent. */
void response_body(struct response *res, struct str body);
/*
 * Body in memory that outlives the request (a static file): `release(owner)`
 * is called when it is sent; may be NULL.
 */
void response_body_shared(struct response *res, struct str body,
    void (*release)(void *owner), void *owner);
/* Closes the connection after this answer. */
void response_close(struct response *res);
/* May be compressed when the browser likes it (text pages only). */
void response_allow_gzip(struct response *res);
void response_forbid_gzip(struct response *res); /* the last word */
/*
 * For a page that compresses its answer by itself, when all else is decided.
 * May it be, and does the browser take it?
 */
bool response_may_pack(const struct request *req);
/* Compresses it now, in the request's arena. False: it stays as it is. */
bool response_pack(struct request *req);
/* Its body was compressed before. */
void response_packed(struct request *req, struct str packed);
/* A stream was opened: status and headers are out and must stay. */
bool response_is_streaming(const struct response *res);
uint64_t response_body_sent(const struct response *res);
/* What is set so far: the first header of that name or ptr NULL; the body. */
struct str response_get_header(const struct response *res, const char *name);
struct str response_get_body(const struct response *res);
/* A whole answer in plain words ("text/plain", no-store); a LF is added. */
void response_plain(struct response *res, unsigned status, struct str words);

/*
 * Starts a body that the worker writes piece by piece; status and headers
 * must be complete. `bytes`: the length, or UINT64_MAX when not known
 * (chunked; packed on its way after response_allow_gzip()). The answer starts
 * at once; the worker goes on writing. After
 * this, http_answer() must still be called when the worker is done.
 */
enum err_code response_stream_open(struct request *req, struct response *res,
    uint64_t bytes, struct http_stream **out, struct err *err) WARN_UNUSED;
/* Blocks while the buffer is full. ERR_CANCELED: the browser left. */
enum err_code http_stream_write(
    struct http_stream *stream, struct str bytes, struct err *err) WARN_UNUSED;
/*
 * What was written goes to the browser now, however little it is. As
 * http_stream_write.
 */
enum err_code http_stream_flush(
    struct http_stream *stream, struct err *err) WARN_UNUSED;
/* Ends the body; `ok` false cuts the connection, so that it is seen. */
void http_stream_close(struct http_stream *stream, bool ok);

/* ---- events ------------------------------------------------------------ */
/* The stream is at its end, whoever ended it; once, on a network thread. */
typedef void http_events_gone_fn(void *ctx);
struct http_events_owner {
	http_events_gone_fn *gone;
	void *ctx;
	/* Longest time without an event; the connection is cut after it. */
	int64_t quiet_wait_ms;
};
/*
 * The answer is a stream of events (text/event-stream): it goes on when the
 * worker is done, and holds no thread. The last thing that a page does;
 * status and headers are set. After `gone` the owner calls http_events_free;
 * `gone` does not come before the worker's http_answer().
 */
enum err_code response_events_open(struct request *req, struct response *res,
    const struct http_events_owner *owner, struct http_events **out,
    struct err *err) WARN_UNUSED;
/*
 * Any thread; waits for nobody. False: it has ended, or the browser takes
 * nothing: the stream ends, and it will ask anew.
 */
bool http_events_send(struct http_events *events, struct str bytes);
/* What was sent is still delivered; `gone` follows. Any thread. */
void http_events_close(struct http_events *events);
void http_events_free(struct http_events *events);

#endif
