#include "http/http_inner.h"

#include "os/clock.h"

/* Below this, the gzip header eats what is won. */
#define GZIP_FROM_BYTES 600u
/* The slowest browser we wait for. */
#define SEND_BYTES_PER_S 10240u

void
http_send_phase(
    struct request_inner *inner, enum net_phase phase, int64_t deadline_mono_ms)
{
	if (inner->conn)
		net_conn_phase(inner->conn->net, phase, deadline_mono_ms);
}

void
http_resume(struct request_inner *inner)
{
	/* Once resumed, another thread may end it and its connection. */
	struct net_turns *turns = net_conn_turns(inner->conn->net);

	MHD_resume_connection(inner->mhd);
	net_turns_ask(turns);
}

/* It can come compressed, if not to this browser. */
static bool
gzip_is_allowed(const struct response *res)
{
	return res->gzip && !res->stream && !res->events && !res->release &&
	       !response_has_header(res, "Content-Encoding");
}

bool
response_may_pack(const struct request *req)
{
	const struct response *res = &req->inner->res;

	return gzip_is_allowed(res) && res->body.len >= GZIP_FROM_BYTES &&
	       request_accepts_gzip(req);
}

void
response_packed(struct request *req, struct str packed)
{
	struct response *res = &req->inner->res;

	response_body(res, packed);
	response_header(res, "Content-Encoding", STR("gzip"));
	response_header(res, "Vary", STR("Accept-Encoding"));
}

bool
response_pack(struct request *req)
{
	struct request_inner *inner = req->inner;
	struct str packed;

	if (!response_may_pack(req) ||
	    !http_gzip_page(
	        &inner->http->gzip, inner->res.arena, inner->res.body, &packed))
		return false;
	response_packed(req, packed);
	return true;
}

void
http_send_gzip(struct request_inner *inner)
{
	if (gzip_is_allowed(&inner->res) && !response_pack(&inner->req))
		response_header(&inner->res, "Vary", STR("Accept-Encoding"));
}

static struct MHD_Response *
make_response(struct request_inner *inner)
{
	struct response *res = &inner->res;
	struct MHD_Response *mhd;
	/* MHD's type is not const; MHD_RESPMEM_PERSISTENT only reads. */
	union {
		const char *in;
		void *out;
	} bytes = {.in = res->body.ptr ? res->body.ptr : ""};

	if (res->stream)
		return http_stream_response(inner);
	if (res->events)
		return http_events_response(inner);
	if (!res->release)
		return MHD_create_response_from_buffer(
		    res->body.len, bytes.out, MHD_RESPMEM_PERSISTENT);
	mhd = MHD_create_response_from_buffer_with_free_callback_cls(
	    res->body.len, bytes.out, res->release, res->owner);
	if (mhd)
		res->release = NULL; /* MHD's duty now */
	return mhd;
}

static bool
add_headers(struct request_inner *inner, struct MHD_Response *mhd)
{
	const struct response *res = &inner->res;
	bool close = res->close || atomic_load(&inner->http->is_stopping);

	for (size_t i = 0; i < res->headers.count; i++) {
		if (MHD_add_response_header(mhd, res->headers.list[i].name.ptr,
		        res->headers.list[i].value.ptr) != MHD_YES)
			return false;
	}
	return !close ||
	       MHD_add_response_header(mhd, "Connection", "close") == MHD_YES;
}

static void
count_answer(struct request_inner *inner)
{
	struct response *res = &inner->res;
	struct http *http = inner->http;
	bool has_body = inner->req.method != METHOD_HEAD &&
	                res->status != 304 && res->status != 204;

	if (!res->stream)
		res->sent = has_body ? res->body.len : 0;
	metric_add(http->classes[res->status / 100], 1);
	metric_add(http->bytes_out, (int64_t)res->sent);
	metric_add(http->bytes_in, (int64_t)inner->body.received);
}

/* The arena is used up: a short answer without it. */
static void
give_up(struct response *res)
{
	if (res->release)
		res->release(res->owner);
	res->release = NULL;
	res->failed = false;
	res->headers.count = 0;
	res->status = 503;
	res->body = STR("Out of memory.\n");
}

enum MHD_Result
http_send_response(struct request_inner *inner)
{
	struct http *http = inner->http;
	struct response *res = &inner->res;
	struct MHD_Response *mhd;
	enum MHD_Result rc = MHD_NO;

	if (res->failed && (res->stream || res->events))
		return MHD_NO; /* half a header is no answer: cut */
	if (res->failed)
		give_up(res);
	inner->stage = HTTP_STAGE_SENT;
	count_answer(inner);
	http_send_phase(inner, NET_PHASE_ANSWER,
	    clock_mono_ms() + http->settings.answer_wait_ms +
	        (int64_t)(res->body.len * 1000 / SEND_BYTES_PER_S));
	mhd = make_response(inner);
	if (!mhd)
		return MHD_NO;
	if (add_headers(inner, mhd))
		rc = MHD_queue_response(inner->mhd, res->status, mhd);
	MHD_destroy_response(mhd);
	return rc;
}
