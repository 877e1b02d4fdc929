#include "mail/stream.h"

#include "base/secret.h"
#include "os/clock.h"

#define STREAM_IN_BYTES    ((size_t)32 << 10)
#define STREAM_ETPAN_BYTES ((size_t)8 << 10)

struct stream {
	struct net_client *client; /* owned */
	mailstream *etpan;         /* owned */
	struct imap_guard guard;
	struct err err;
	uint64_t waited_us;
	size_t in_at, in_len; /* arrived, not consumed: [in_at, in_len) */
	char in[STREAM_IN_BYTES + STREAM_ETPAN_BYTES];
};

/* Reads what has come or waits; false at the end or on an error. */
static bool
stream_fill(struct stream *stream)
{
	int64_t start_us = clock_mono_us();
	int64_t got = net_client_read(stream->client, stream->in,
	    sizeof(stream->in) - STREAM_ETPAN_BYTES);

	stream->waited_us += (uint64_t)(clock_mono_us() - start_us);
	if (got <= 0) {
		if (stream->err.code == ERR_OK)
			(void)net_client_error(stream->client, &stream->err);
		if (stream->err.code == ERR_OK)
			(void)err_set(&stream->err, ERR_AWAY, NULL, "closed");
		return false;
	}
	stream->in_at = 0;
	stream->in_len = (size_t)got;
	return true;
}

struct str
stream_peek(struct stream *stream)
{
	if (stream->err.code != ERR_OK)
		return (struct str){0};
	if (stream->in_at == stream->in_len && !stream_fill(stream))
		return (struct str){0};
	return str_of(
	    stream->in + stream->in_at, stream->in_len - stream->in_at);
}

bool
stream_await(struct stream *stream, int64_t most_ms)
{
	int64_t start_us = clock_mono_us();
	bool has_come =
	    stream->err.code != ERR_OK || stream->in_at < stream->in_len ||
	    net_client_await(stream->client, most_ms) != NET_CLIENT_QUIET;

	stream->waited_us += (uint64_t)(clock_mono_us() - start_us);
	return has_come;
}

void
stream_skip(struct stream *stream, size_t bytes)
{
	ensure(bytes <= stream->in_len - stream->in_at);
	stream->in_at += bytes;
}

bool
stream_write(struct stream *stream, struct str bytes)
{
	size_t at = 0;
	int64_t start_us = clock_mono_us();

	while (at < bytes.len && stream->err.code == ERR_OK) {
		int64_t put = net_client_write(
		    stream->client, bytes.ptr + at, bytes.len - at);

		if (put > 0)
			at += (size_t)put;
		else if (net_client_error(stream->client, &stream->err) ==
		         ERR_OK)
			(void)err_set(&stream->err, ERR_AWAY, NULL, "closed");
	}
	stream->waited_us += (uint64_t)(clock_mono_us() - start_us);
	return stream->err.code == ERR_OK;
}

/* ---- libetpan's driver: never 0, or it would loop for ever ---- */
static ssize_t
low_read(mailstream_low *low, void *buf, size_t len)
{
	struct stream *stream = low->data;
	struct str has = stream_peek(stream);

	if (has.len == 0)
		return -1;
	if (has.len > len)
		has.len = len;
	if (!imap_guard_add(&stream->guard, has, &stream->err))
		return -1;
	memcpy(buf, has.ptr, has.len);
	stream_skip(stream, has.len);
	return (ssize_t)has.len;
}

static ssize_t
low_write(mailstream_low *low, const void *buf, size_t len)
{
	struct stream *stream = low->data;

	if (len == 0 || !stream_write(stream, str_of(buf, len)))
		return -1;
	return (ssize_t)len;
}

static int
low_close(mailstream_low *low)
{
	(void)low;
	return 0;
}

static int
low_get_fd(mailstream_low *low)
{
	(void)low;
	return -1;
}

static void
low_free(mailstream_low *low)
{
	free(low);
}

static void
low_cancel(mailstream_low *low)
{
	(void)low;
}

static struct mailstream_cancel *
low_get_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *
low_get_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

/* libetpan wants a pointer to a struct it never writes. */
static mailstream_low_driver stream_driver = {
    .mailstream_read = low_read,
    .mailstream_write = low_write,
    .mailstream_close = low_close,
    .mailstream_get_fd = low_get_fd,
    .mailstream_free = low_free,
    .mailstream_cancel = low_cancel,
    .mailstream_get_cancel = low_get_cancel,
    .mailstream_get_certificate_chain = low_get_chain,
};

struct stream *
stream_new(struct net_client *client, imap_line_fn *on_line, void *ctx)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	mailstream_low *low = NULL;

	if (stream == NULL) {
		net_client_close(client);
		return NULL;
	}
	stream->client = client;
	imap_guard_init(&stream->guard, on_line, ctx);
	low = mailstream_low_new(stream, &stream_driver);
	if (low != NULL)
		stream->etpan = mailstream_new(low, STREAM_ETPAN_BYTES);
	if (stream->etpan == NULL) {
		free(low);
		stream_free(stream);
		return NULL;
	}
	return stream;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->etpan != NULL) {
		stream_wipe_etpan(stream);
		(void)mailstream_close(stream->etpan);
	}
	net_client_close(stream->client);
	free(stream);
}

mailstream *
stream_etpan(struct stream *stream)
{
	return stream->etpan;
}

void
stream_begin_etpan(struct stream *stream)
{
	imap_guard_command(&stream->guard);
}

void
stream_wipe_etpan(struct stream *stream)
{
	mailstream *etpan = stream->etpan;

	if (etpan->write_buffer_len == 0)
		secret_wipe(etpan->write_buffer, etpan->buffer_max_size);
}

void
stream_begin_own(struct stream *stream)
{
	mailstream *etpan = stream->etpan;
	size_t ahead = etpan->read_buffer_len;
	size_t rest = stream->in_len - stream->in_at;

	imap_guard_line_start(&stream->guard);
	if (ahead == 0)
		return;
	/* What libetpan holds came before what we hold; both fit. */
	ensure(ahead + rest <= sizeof(stream->in));
	memmove(stream->in + ahead, stream->in + stream->in_at, rest);
	memcpy(stream->in, etpan->read_buffer, ahead);
	stream->in_at = 0;
	stream->in_len = ahead + rest;
	etpan->read_buffer_len = 0;
}

void
stream_set_wait(
    struct stream *stream, int64_t deadline_mono_ms, struct cancel *cancel)
{
	net_client_set_wait(stream->client, deadline_mono_ms, cancel);
}

uint64_t
stream_take_waited(struct stream *stream)
{
	uint64_t waited_us = stream->waited_us;

	stream->waited_us = 0;
	return waited_us;
}

struct net_client *
stream_client(struct stream *stream)
{
	return stream->client;
}

enum err_code
stream_error(const struct stream *stream, struct err *err)
{
	if (stream->err.code == ERR_OK)
		return ERR_OK;
	return err_set(
	    err, stream->err.code, stream->err.message, stream->err.detail);
}

bool
stream_is_drained(const struct stream *stream)
{
	return stream->in_at == stream->in_len &&
	       stream->etpan->read_buffer_len == 0 &&
	       stream->etpan->write_buffer_len == 0;
}
