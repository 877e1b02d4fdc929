#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
/*
 * The only user of libmicrohttpd: takes connections from net/, refuses
 * ambiguous requests, collects bodies (memory, then spool), and sends
 * answers. It works on the network threads and never blocks.
 */
#include "base/metrics.h"
#include "http/request.h"
#include "http/response.h"
#include "net/net.h"

struct http;

struct http_settings {
	unsigned threads; /* of net; 0: one per core */
	size_t max_header_bytes;
	uint64_t max_body_bytes;      /* with a session cookie */
	uint64_t max_open_body_bytes; /* without one: the login form */
	uint64_t spool_quota_bytes;
	const char *spool_folder; /* for unlinked files; borrowed */
	int64_t body_wait_ms, answer_wait_ms, job_wait_ms;
	uint32_t max_connections;
	struct metrics *metrics;
};

/* What happens to a request when its header is complete. */
enum http_verdict {
	HTTP_ANSWERED, /* res is filled: send it, read no body */
	HTTP_GO_ON     /* read the body, then call `ready` */
};

struct http_handler {
	/*
	 * On a network thread, header complete, body not yet read. Must not
	 * block. Static files, redirects, health, refusals end here.
	 */
	enum http_verdict (*head)(
	    void *ctx, struct request *req, struct response *res);
	/*
	 * On a network thread, body complete; the connection is suspended.
	 * Somebody must call http_answer(req) later from any thread. False:
	 * the queue is full; 503 with Retry-After goes out at once.
	 */
	bool (*ready)(void *ctx, struct request *req);
	/* The answer is sent or the connection is gone; req dies next. */
	void (*done)(void *ctx, struct request *req);
	/*
	 * On the worker, when a stream begins: the last touch of the headers.
	 * May be NULL. Other answers are finished by whoever calls
	 * http_answer.
	 */
	void (*stream)(void *ctx, struct request *req, struct response *res);
	/*
	 * On an HTTP thread: the last touch of an answer that http makes
	 * itself, mostly to a request too broken for `head` (its host and path
	 * may be missing). May be NULL.
	 */
	void (*refuse)(void *ctx, struct request *req, struct response *res);
	void *ctx;
};

enum err_code http_start(const struct http_settings *settings,
    const struct http_handler *handler, struct http **out,
    struct err *err) WARN_UNUSED;
/*
 * For net_handler: give these to net_start with ctx = the struct http, which
 * has no threads: it works in turns on the network threads.
 */
bool http_take(void *http, sock_t sock, struct net_conn *conn);
sock_t http_guest(void *http, unsigned index);
bool http_turn(void *http, unsigned index);
void http_gone(void *http, struct net_conn *conn);
/*
 * The worker has filled req's response (http_response(req)): resume and send.
 * The request must not be touched afterwards by the caller.
 */
void http_answer(struct request *req);
/* The response a worker fills. */
struct response *http_response(struct request *req);
/* No new requests; waits until answers under way are sent or deadline. */
void http_stop(struct http *http, int64_t deadline_mono_ms);
void http_free(struct http *http); /* after net_end_turns() */
uint32_t http_requests_open(const struct http *http);

#endif
