#include "http/http_inner.h"

#include <stdlib.h>

#include "os/clock.h"

/* What a browser has not taken; an event is of some hundred bytes. */
#define EVENTS_BYTES 2048u
/* MHD hands out this much at a time. */
#define EVENTS_BLOCK_BYTES 1024u

struct http_events {
	struct lock lock;            /* guards all below */
	struct request_inner *inner; /* NULL: MHD is done with the request */
	http_events_gone_fn *gone;
	void *ctx;
	int64_t quiet_wait_ms;
	size_t len;
	bool is_closed, is_suspended;
	unsigned refs; /* the request, its response, the owner */
	char bytes[EVENTS_BYTES];
};

static void
events_unref(struct http_events *events)
{
	bool last;

	lock_take(&events->lock);
	last = --events->refs == 0;
	lock_give(&events->lock);
	if (!last)
		return;
	lock_end(&events->lock);
	free(events);
}

static ssize_t
take_bytes(struct http_events *events, char *out, size_t max)
{
	size_t len = events->len < max ? events->len : max;

	memcpy(out, events->bytes, len);
	events->len -= len;
	memmove(events->bytes, events->bytes + len, events->len);
	return (ssize_t)len;
}

/*
 * MHD asks for more, on its thread. Between events the connection is
 * suspended, and net tells when the browser leaves (NET_PHASE_JOB).
 */
static ssize_t
read_more(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct http_events *events = ctx;
	int64_t now_ms = clock_mono_ms();
	ssize_t rc = 0;

	(void)pos;
	lock_take(&events->lock);
	if (!events->inner) {
		rc = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (events->len > 0) {
		rc = take_bytes(events, out, max);
		http_send_phase(events->inner, NET_PHASE_ANSWER,
		    now_ms + events->inner->http->settings.answer_wait_ms);
	} else if (events->is_closed) {
		rc = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		events->is_suspended = true;
		MHD_suspend_connection(events->inner->mhd);
		http_send_phase(events->inner, NET_PHASE_JOB,
		    now_ms + events->quiet_wait_ms);
	}
	lock_give(&events->lock);
	return rc;
}

static void
response_freed(void *ctx)
{
	events_unref(ctx);
}

struct MHD_Response *
http_events_response(struct request_inner *inner)
{
	struct http_events *events = inner->res.events;
	struct MHD_Response *mhd =
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
	        EVENTS_BLOCK_BYTES, read_more, events, response_freed);

	if (!mhd)
		return NULL;
	lock_take(&events->lock);
	events->refs++;
	lock_give(&events->lock);
	return mhd;
}

void
http_events_detach(struct http_events *events)
{
	lock_take(&events->lock);
	events->inner = NULL;
	lock_give(&events->lock);
	/* Without the lock: the owner may send to others of its own. */
	events->gone(events->ctx);
}

void
http_events_abandon(struct http_events *events)
{
	events_unref(events);
}

enum err_code
response_events_open(struct request *req, struct response *res,
    const struct http_events_owner *owner, struct http_events **out,
    struct err *err)
{
	struct request_inner *inner = req->inner;
	struct http_events *events = calloc(1, sizeof(*events));

	ensure(!res->stream && !res->events && inner->stage == HTTP_STAGE_JOB);
	*out = NULL;
	if (!events)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	lock_init(&events->lock);
	events->inner = inner;
	events->gone = owner->gone;
	events->ctx = owner->ctx;
	events->quiet_wait_ms = owner->quiet_wait_ms;
	events->refs = 2; /* the request's and the owner's */
	response_body(res, (struct str){0});
	response_forbid_gzip(res);
	lock_take(&inner->lock);
	res->events = events;
	events->is_closed = inner->gone;
	lock_give(&inner->lock);
	*out = events;
	return ERR_OK;
}

/* Under the lock. */
static void
wake_reader(struct http_events *events)
{
	if (!events->is_suspended || !events->inner)
		return;
	events->is_suspended = false;
	http_resume(events->inner);
}

bool
http_events_send(struct http_events *events, struct str bytes)
{
	bool fits;

	lock_take(&events->lock);
	fits = events->inner && !events->is_closed &&
	       bytes.len <= EVENTS_BYTES - events->len;
	if (fits && bytes.len > 0)
		memcpy(events->bytes + events->len, bytes.ptr, bytes.len);
	if (fits)
		events->len += bytes.len;
	else
		events->is_closed = true;
	wake_reader(events);
	lock_give(&events->lock);
	return fits;
}

void
http_events_close(struct http_events *events)
{
	lock_take(&events->lock);
	events->is_closed = true;
	wake_reader(events);
	lock_give(&events->lock);
}

void
http_events_free(struct http_events *events)
{
	events_unref(events);
}
