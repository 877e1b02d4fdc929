#include "http/http_inner.h"

#include <stdlib.h>

#include "os/clock.h"

#define STREAM_RING_BYTES  ((size_t)256 << 10)
#define STREAM_BLOCK_BYTES ((size_t)64 << 10)
/* The slowest browser we wait for; as in http_send.c. */
#define STREAM_BYTES_PER_S 10240u
/* How often the deadline is told again. */
#define STREAM_PHASE_BYTES ((uint64_t)1 << 20)
/* A waiting writer looks at its cancel this often. */
#define STREAM_LOOK_MS 250

struct http_stream {
	struct lock lock; /* guards all below */
	struct lock_cond room;
	struct request_inner *inner; /* NULL: MHD is done with the request */
	struct request *req;         /* the writer's; valid until http_answer */
	struct http_packer *packer;  /* the writer's; NULL: as it is */
	char *ring;
	size_t first, len;
	uint64_t bytes;            /* declared, or UINT64_MAX */
	uint64_t written;          /* by the worker */
	atomic_uint_fast64_t sent; /* taken by MHD */
	uint64_t told;             /* sent, when the deadline was told last */
	int64_t started_mono_ms;   /* moves on while we wait for the worker */
	int64_t waiting_since_ms;
	bool discard; /* HEAD: nobody reads */
	bool is_closed, is_good, is_suspended;
	unsigned refs; /* the response and the request */
};

static void
stream_unref(struct http_stream *stream)
{
	bool last;

	lock_take(&stream->lock);
	last = --stream->refs == 0;
	lock_give(&stream->lock);
	if (!last)
		return;
	lock_cond_end(&stream->room);
	lock_end(&stream->lock);
	http_packer_free(stream->packer);
	free(stream->ring);
	free(stream);
}

/*
 * Under the lock. A JOB is told when the browser leaves; an ANSWER is not. A
 * long download may wait for the worker many times, each time as long as a
 * job may take.
 */
static void
tell_phase(struct http_stream *stream, bool waits_for_worker)
{
	struct request_inner *inner = stream->inner;
	const struct http_settings *settings = &inner->http->settings;

	stream->told = stream->sent;
	if (waits_for_worker)
		http_send_phase(inner, NET_PHASE_JOB,
		    clock_mono_ms() + settings->job_wait_ms);
	else
		http_send_phase(inner, NET_PHASE_ANSWER,
		    stream->started_mono_ms + settings->answer_wait_ms +
		        (int64_t)(stream->sent * 1000 / STREAM_BYTES_PER_S));
}

static size_t
take_bytes(struct http_stream *stream, char *out, size_t max)
{
	size_t len = stream->len < max ? stream->len : max;
	size_t part = STREAM_RING_BYTES - stream->first;

	if (part > len)
		part = len;
	memcpy(out, stream->ring + stream->first, part);
	memcpy(out + part, stream->ring, len - part);
	stream->first = (stream->first + len) % STREAM_RING_BYTES;
	stream->len -= len;
	stream->sent += len;
	return len;
}

static ssize_t
nothing_to_read(struct http_stream *stream)
{
	if (stream->is_closed)
		return stream->is_good ? MHD_CONTENT_READER_END_OF_STREAM
		                       : MHD_CONTENT_READER_END_WITH_ERROR;
	stream->is_suspended = true;
	stream->waiting_since_ms = clock_mono_ms();
	MHD_suspend_connection(stream->inner->mhd);
	return 0;
}

/* MHD asks for more, on its thread. */
static ssize_t
read_more(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct http_stream *stream = ctx;
	ssize_t rc;

	(void)pos;
	lock_take(&stream->lock);
	if (!stream->inner) {
		rc = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (stream->len == 0) {
		rc = nothing_to_read(stream);
		if (rc == 0)
			tell_phase(stream, true);
	} else {
		rc = (ssize_t)take_bytes(stream, out, max);
		if (stream->waiting_since_ms != 0)
			stream->started_mono_ms +=
			    clock_mono_ms() - stream->waiting_since_ms;
		if (stream->waiting_since_ms != 0 ||
		    stream->sent - stream->told >= STREAM_PHASE_BYTES)
			tell_phase(stream, false);
		stream->waiting_since_ms = 0;
		/* Not for every block: each wake-up is a change of threads. */
		if (stream->len <= STREAM_RING_BYTES / 2)
			lock_cond_signal(&stream->room);
	}
	lock_give(&stream->lock);
	return rc;
}

static void
response_freed(void *ctx)
{
	stream_unref(ctx);
}

struct MHD_Response *
http_stream_response(struct request_inner *inner)
{
	struct http_stream *stream = inner->res.stream;
	struct MHD_Response *mhd = MHD_create_response_from_callback(
	    stream->bytes == UINT64_MAX ? MHD_SIZE_UNKNOWN : stream->bytes,
	    STREAM_BLOCK_BYTES, read_more, stream, response_freed);

	if (!mhd)
		return NULL;
	lock_take(&stream->lock);
	stream->refs++;
	lock_give(&stream->lock);
	return mhd;
}

void
http_stream_detach(struct http_stream *stream)
{
	lock_take(&stream->lock);
	stream->inner = NULL;
	lock_cond_signal(&stream->room);
	lock_give(&stream->lock);
}

void
http_stream_abandon(struct http_stream *stream)
{
	stream_unref(stream);
}

uint64_t
http_stream_sent(const struct http_stream *stream)
{
	return atomic_load(&stream->sent);
}

static struct http_stream *
stream_new(struct request_inner *inner, uint64_t bytes)
{
	struct http_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->ring = malloc(STREAM_RING_BYTES);
	if (!stream->ring) {
		free(stream);
		return NULL;
	}
	lock_init(&stream->lock);
	lock_cond_init(&stream->room);
	stream->inner = inner;
	stream->req = &inner->req;
	stream->bytes = bytes;
	stream->started_mono_ms = clock_mono_ms();
	stream->discard = inner->req.method == METHOD_HEAD;
	stream->refs = 1;
	return stream;
}

/* Pages of unknown length, where page, route and browser like it. */
static void
stream_pack(struct http_stream *stream, struct response *res)
{
	struct request_inner *inner = stream->inner;

	if (!res->gzip || stream->bytes != UINT64_MAX ||
	    response_has_header(res, "Content-Encoding"))
		return;
	response_header(res, "Vary", STR("Accept-Encoding"));
	if (request_accepts_gzip(&inner->req))
		stream->packer = http_packer_new(&inner->http->gzip);
	if (stream->packer != NULL)
		response_header(res, "Content-Encoding", STR("gzip"));
}

enum err_code
response_stream_open(struct request *req, struct response *res, uint64_t bytes,
    struct http_stream **out, struct err *err)
{
	struct request_inner *inner = req->inner;
	struct http_stream *stream;

	ensure(!res->stream && inner->stage == HTTP_STAGE_JOB);
	stream = stream_new(inner, bytes);
	if (!stream)
		return err_set(
		    err, ERR_NO_MEMORY, "The server is short of memory.", NULL);
	response_body(res, (struct str){0});
	if (inner->http->handler.stream)
		inner->http->handler.stream(inner->http->handler.ctx, req, res);
	stream_pack(stream, res);
	res->stream = stream;
	inner->stage = HTTP_STAGE_READY;
	*out = stream;
	http_resume(inner);
	return ERR_OK;
}

static bool
is_left(struct http_stream *stream)
{
	return !stream->inner || request_is_gone(stream->req) ||
	       (stream->req->cancel && cancel_is_fired(stream->req->cancel));
}

/* Under the lock: copies what fits. */
static size_t
put_bytes(struct http_stream *stream, struct str bytes)
{
	size_t room = STREAM_RING_BYTES - stream->len;
	size_t len = bytes.len < room ? bytes.len : room;
	size_t at = (stream->first + stream->len) % STREAM_RING_BYTES;
	size_t part = STREAM_RING_BYTES - at;

	if (part > len)
		part = len;
	memcpy(stream->ring + at, bytes.ptr, part);
	memcpy(stream->ring, bytes.ptr + part, len - part);
	stream->len += len;
	stream->written += len;
	return len;
}

static void
wake_reader(struct http_stream *stream)
{
	if (!stream->is_suspended || !stream->inner)
		return;
	stream->is_suspended = false;
	http_resume(stream->inner);
}

static enum err_code
write_bytes(struct http_stream *stream, struct str bytes, struct err *err)
{
	enum err_code rc = ERR_OK;

	lock_take(&stream->lock);
	if (stream->bytes != UINT64_MAX &&
	    bytes.len > stream->bytes - stream->written)
		rc = ERR_INTERNAL;
	while (rc == ERR_OK && bytes.len > 0) {
		size_t len;

		if (is_left(stream)) {
			rc = ERR_CANCELED;
			break;
		}
		len = put_bytes(stream, bytes);
		bytes = str_slice(bytes, len, bytes.len);
		/* A block's worth; the rest goes with more, or at the end. */
		if (stream->len >= STREAM_BLOCK_BYTES)
			wake_reader(stream);
		if (bytes.len > 0)
			(void)lock_cond_wait_ms(
			    &stream->room, &stream->lock, STREAM_LOOK_MS);
	}
	lock_give(&stream->lock);
	if (rc == ERR_INTERNAL)
		return err_set(err, rc, "The answer is longer than announced.",
		    "stream longer than declared");
	return rc == ERR_OK ? rc : err_set(err, rc, "The browser left.", NULL);
}

static enum err_code
write_packed(struct http_stream *stream, struct str bytes, enum http_pack how,
    struct err *err)
{
	enum err_code rc = ERR_OK;
	struct str packed;

	http_packer_feed(stream->packer, bytes);
	while (rc == ERR_OK) {
		packed = http_packer_take(stream->packer, how);
		if (packed.len == 0)
			break;
		rc = write_bytes(stream, packed, err);
	}
	return rc;
}

enum err_code
http_stream_write(struct http_stream *stream, struct str bytes, struct err *err)
{
	if (stream->discard)
		return ERR_OK;
	if (stream->packer != NULL)
		return write_packed(stream, bytes, HTTP_PACK_MORE, err);
	return write_bytes(stream, bytes, err);
}

enum err_code
http_stream_flush(struct http_stream *stream, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (stream->packer != NULL && !stream->discard)
		rc = write_packed(stream, STR(""), HTTP_PACK_SEEN, err);
	lock_take(&stream->lock);
	if (stream->len > 0)
		wake_reader(stream);
	lock_give(&stream->lock);
	return rc;
}

void
http_stream_close(struct http_stream *stream, bool ok)
{
	if (ok && stream->packer != NULL && !stream->discard)
		ok = write_packed(stream, STR(""), HTTP_PACK_LAST, NULL) ==
		     ERR_OK;
	http_packer_free(stream->packer);
	stream->packer = NULL;
	lock_take(&stream->lock);
	if (!stream->is_closed) {
		stream->is_closed = true;
		stream->is_good = ok && (stream->bytes == UINT64_MAX ||
		                            stream->written == stream->bytes);
	}
	wake_reader(stream);
	lock_give(&stream->lock);
}
