#include "http/http_inner.h"

#include "base/tr.h"
#include "os/clock.h"

/* The slowest upload we wait for. */
#define BODY_BYTES_PER_S 10240u
/* The connection outlives the job's deadline by this, for the error page. */
#define JOB_SLACK_MS 5000

static struct http_conn *
conn_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* The request line is read; MHD has not touched the target yet. */
void *
http_handle_line(void *ctx, const char *target, struct MHD_Connection *mhd)
{
	struct request_inner *inner = request_inner_new(ctx);
	struct http_conn *conn = conn_of(mhd);

	if (!inner || !conn)
		return inner;
	inner->mhd = mhd;
	inner->conn = conn;
	inner->req.raw_target = str_dup(inner->req.arena, str_c(target));
	inner->req.is_secure = net_conn_is_tls(conn->net);
	inner->req.door = net_conn_door(conn->net);
	inner->req.local_port = net_conn_local_port(conn->net);
	inner->req.peer = *net_conn_peer(conn->net);
	inner->req.is_from_proxy = net_conn_is_proxy(conn->net);
	inner->req.is_forwarded = net_conn_is_forwarded(conn->net);
	inner->req.is_introduced = net_conn_is_introduced(conn->net);
	inner->req.tls = net_conn_tls(conn->net);
	http_send_phase(inner, NET_PHASE_HEADER, 0);
	return inner;
}

/*
 * Copied: a worker may still read them when the browser has left and MHD has
 * given its memory to the next request.
 */
static enum MHD_Result
add_header(void *ctx, enum MHD_ValueKind kind, const char *key,
    size_t key_bytes, const char *value, size_t value_bytes)
{
	struct request_inner *inner = ctx;
	struct arena *arena = inner->req.arena;
	struct str text = str_trim(str_of(value, value ? value_bytes : 0));

	(void)kind;
	return http_headers_add(&inner->headers, arena,
	           str_dup(arena, str_of(key, key_bytes)),
	           text.len > 0 ? str_dup(arena, text) : STR(""))
	           ? MHD_YES
	           : MHD_NO;
}

/*
 * Answers now and reads no more; MHD closes the connection after it, and net
 * reads on for a while, so that the answer is not destroyed by a reset.
 */
static enum MHD_Result
refuse(struct request_inner *inner)
{
	response_close(&inner->res);
	return http_send_response(inner);
}

/* The same in words of our own. */
static enum MHD_Result
refuse_plain(struct request_inner *inner, unsigned status, const char *words)
{
	const struct http_handler *handler = &inner->http->handler;

	response_plain(&inner->res, status, str_c(words));
	if (handler->refuse)
		handler->refuse(handler->ctx, &inner->req, &inner->res);
	return refuse(inner);
}

static enum MHD_Result
start_body(struct request_inner *inner)
{
	uint64_t bytes = inner->body.expected;
	int64_t deadline = clock_mono_ms() +
	                   inner->http->settings.body_wait_ms +
	                   (int64_t)(bytes * 1000 / BODY_BYTES_PER_S);
	const char *words = "";
	unsigned status = http_body_open(inner, bytes, &words);

	if (status != 0)
		return refuse_plain(inner, status, words);
	inner->stage = HTTP_STAGE_BODY;
	if (bytes > 0)
		http_send_phase(inner, NET_PHASE_BODY, deadline);
	return MHD_YES;
}

/* MHD's memory has room for more than the header we take. */
static bool
is_too_large(const struct request_inner *inner)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    inner->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info &&
	       info->header_size > inner->http->settings.max_header_bytes;
}

/*
 * The header is complete. What is queued here makes MHD close the connection,
 * so answers to requests without a body wait for the next call.
 */
static enum MHD_Result
on_head(struct request_inner *inner, const char *method)
{
	struct http *http = inner->http;
	const char *words = "";
	unsigned status;

	inner->method_name = str_dup(inner->req.arena, str_c(method));
	(void)MHD_get_connection_values_n(
	    inner->mhd, MHD_HEADER_KIND, add_header, inner);
	status = http_head_check(inner, &words);
	if (status == 0 && is_too_large(inner)) {
		status = 431;
		words = N_("The header of the request is too large.");
	}
	if (status != 0)
		return refuse_plain(inner, status, words);
	inner->req.deadline_mono_ms =
	    clock_mono_ms() + http->settings.job_wait_ms;
	inner->is_handled = true;
	if (http->handler.head(http->handler.ctx, &inner->req, &inner->res) ==
	    HTTP_GO_ON)
		return start_body(inner);
	if (inner->body.expected > 0)
		return refuse(inner);
	inner->stage = HTTP_STAGE_READY;
	return MHD_YES;
}

static bool
take_job(struct http *http)
{
	bool taken;

	lock_take(&http->lock);
	taken = !http->is_closed;
	http->jobs += taken;
	lock_give(&http->lock);
	return taken;
}

static void
give_job(struct http *http)
{
	lock_take(&http->lock);
	http->jobs--;
	lock_cond_broadcast(&http->less_open);
	lock_give(&http->lock);
}

static void
set_active(struct http_conn *conn, struct request_inner *inner)
{
	lock_take(&conn->lock);
	conn->active = inner;
	lock_give(&conn->lock);
}

/* All is read: a worker's turn. Nothing of `inner` is ours after ready(). */
static enum MHD_Result
on_complete(struct request_inner *inner)
{
	struct http *http = inner->http;
	struct http_conn *conn = inner->conn;

	if (inner->body.failed != ERR_OK)
		return refuse_plain(inner, 507,
		    N_("The server cannot store uploads at the moment."));
	inner->req.deadline_mono_ms =
	    clock_mono_ms() + http->settings.job_wait_ms;
	if (!take_job(http))
		return refuse_plain(inner, 503, N_("The server is stopping."));
	inner->stage = HTTP_STAGE_JOB;
	request_inner_ref(inner);
	set_active(conn, inner);
	/* Before `ready`: the worker may answer before it returns. */
	MHD_suspend_connection(inner->mhd);
	http_send_phase(
	    inner, NET_PHASE_JOB, inner->req.deadline_mono_ms + JOB_SLACK_MS);
	if (http->handler.ready(http->handler.ctx, &inner->req))
		return MHD_YES;
	response_plain(&inner->res, 503,
	    STR(N_("The server is busy. Please try again in a few seconds.")));
	if (http->handler.refuse)
		http->handler.refuse(
		    http->handler.ctx, &inner->req, &inner->res);
	response_replace_header(&inner->res, "Retry-After", STR("5"));
	http_answer(&inner->req);
	return MHD_YES;
}

enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size): the parameters are MHD's */
http_handle_request(void *ctx, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_bytes, void **request)
{
	struct request_inner *inner = *request;

	(void)ctx;
	(void)mhd;
	(void)url;
	(void)version;
	if (!inner || !inner->conn)
		return MHD_NO;
	switch (inner->stage) {
	case HTTP_STAGE_LINE:
		return on_head(inner, method);
	case HTTP_STAGE_BODY:
		if (*upload_bytes == 0)
			return on_complete(inner);
		http_body_add(inner, str_of(upload, *upload_bytes));
		*upload_bytes = 0;
		return MHD_YES;
	case HTTP_STAGE_READY:
		return http_send_response(inner);
	case HTTP_STAGE_JOB:
	case HTTP_STAGE_SENT:
		break;
	}
	return MHD_YES;
}

void
http_handle_completed(void *ctx, struct MHD_Connection *mhd, void **request,
    enum MHD_RequestTerminationCode why)
{
	struct request_inner *inner = *request;
	struct http_conn *conn = inner ? inner->conn : NULL;

	(void)ctx;
	(void)mhd;
	*request = NULL;
	if (!inner)
		return;
	if (conn) {
		set_active(conn, NULL);
		if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
			net_conn_phase(conn->net, NET_PHASE_IDLE, 0);
	}
	if (inner->res.stream) {
		metric_add(inner->http->bytes_out,
		    (int64_t)http_stream_sent(inner->res.stream));
		http_stream_detach(inner->res.stream);
		request_inner_gone(inner);
	}
	if (inner->res.events)
		http_events_detach(inner->res.events);
	request_inner_unref(inner);
}

struct response *
http_response(struct request *req)
{
	return &req->inner->res;
}

void
http_answer(struct request *req)
{
	struct request_inner *inner = req->inner;
	struct http *http = inner->http;

	request_set_cancel(req, NULL);
	if (inner->res.stream) {
		http_stream_close(inner->res.stream, false);
	} else {
		http_send_gzip(inner);
		/* The browser may send the next upload as soon as it has the
		 * answer: this one's part of the quota is free by then. */
		if (inner->body.spool_fd >= 0)
			http_body_end(inner);
		inner->stage = HTTP_STAGE_READY;
		http_resume(inner);
	}
	request_inner_unref(inner);
	give_job(http);
}
