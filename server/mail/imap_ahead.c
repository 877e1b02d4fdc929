#include "mail/imap_ahead.h"

#include <pthread.h>

#include "base/lock.h"
#include "mail/account.h"
#include "os/clock.h"

#define AHEAD_RING_BYTES ((size_t)2 << 20)
/* Threads are not woken for less. */
#define AHEAD_ENOUGH_BYTES ((size_t)256 << 10)
#define AHEAD_FIRST_BYTES  ((uint64_t)2 << 20) /* of the first piece */
#define AHEAD_MOST_BYTES   ((uint64_t)1 << 30)
#define AHEAD_GROWTH       8u
#define AHEAD_STALL_MS     ((int64_t)1000)
#define AHEAD_LOOK_MS      ((int64_t)100) /* looks at cancel this often */
#define AHEAD_STACK_BYTES  ((size_t)512 << 10)
#define AHEAD_ARENA_BYTES  ((size_t)4 << 20)

struct ahead {
	struct lock lock; /* guards what follows */
	struct lock_cond changed;
	size_t first, len; /* what is in the ring */
	bool is_stopped;   /* the reader wants no more */
	bool is_over;      /* the thread is done: rc, err */
	enum err_code rc;
	struct err err;
	/* of the thread while it runs */
	struct imap_part part; /* its piece is not used */
	struct mail mail;
	char *ring; /* owned */
	bool is_slow, has_stalled;
};

/* ---- the thread: from the server into the ring ---- */
/* Waits for `room` free bytes; false: stopped, or none within `wait_ms`. */
static bool
ahead_wait_room(
    struct ahead *ahead, size_t room, int64_t wait_ms, size_t *out_at)
{
	int64_t until = clock_mono_ms() + wait_ms;
	bool has_room;

	lock_take(&ahead->lock);
	while (!ahead->is_stopped && AHEAD_RING_BYTES - ahead->len < room) {
		int64_t left = until - clock_mono_ms();

		if (left <= 0)
			break;
		(void)lock_cond_wait_ms(&ahead->changed, &ahead->lock,
		    left < AHEAD_STALL_MS ? left : AHEAD_STALL_MS);
	}
	has_room = !ahead->is_stopped && AHEAD_RING_BYTES - ahead->len >= room;
	*out_at = (ahead->first + ahead->len) % AHEAD_RING_BYTES;
	lock_give(&ahead->lock);
	return has_room;
}

static bool
ahead_take(void *ctx, struct str bytes)
{
	struct ahead *ahead = ctx;
	size_t at;
	size_t part;

	if (!ahead_wait_room(ahead, bytes.len, AHEAD_STALL_MS, &at)) {
		ahead->has_stalled = true;
		return false;
	}
	part = AHEAD_RING_BYTES - at < bytes.len ? AHEAD_RING_BYTES - at
	                                         : bytes.len;
	memcpy(ahead->ring + at, bytes.ptr, part);
	memcpy(ahead->ring, bytes.ptr + part, bytes.len - part);
	lock_take(&ahead->lock);
	ahead->len += bytes.len;
	if (ahead->len >= AHEAD_ENOUGH_BYTES)
		lock_cond_broadcast(&ahead->changed);
	lock_give(&ahead->lock);
	return true;
}

/* One piece of at most `bytes`; *out_came: how much there was. */
static enum err_code
ahead_piece(struct ahead *ahead, uint64_t bytes, size_t *out_came)
{
	struct imap_part *part = &ahead->part;
	uint64_t start = part->offset;
	enum err_code rc;

	if (bytes > part->end - start)
		bytes = part->end - start;
	*out_came = 0;
	if (bytes == 0)
		return ERR_OK;
	ahead->has_stalled = false;
	arena_reset(ahead->mail.arena);
	rc = imap_part_run(part, start + bytes, ahead_take, ahead, &ahead->err);
	*out_came = (size_t)(part->offset - start);
	/* Given up by us: the connection is closed, nothing is wrong. */
	return ahead->has_stalled ? ERR_OK : rc;
}

/* A slow browser gets what fits in memory, once all before is gone. */
static bool
ahead_is_wanted(struct ahead *ahead)
{
	size_t at;

	if (!ahead->is_slow)
		return true;
	return ahead_wait_room(ahead, AHEAD_RING_BYTES, INT64_MAX / 2, &at);
}

static enum err_code
ahead_pieces(struct ahead *ahead)
{
	uint64_t bytes = AHEAD_FIRST_BYTES;

	while (ahead_is_wanted(ahead)) {
		size_t came;
		enum err_code rc = ahead_piece(ahead, bytes, &came);

		if (rc != ERR_OK)
			return rc;
		if (ahead->has_stalled) {
			ahead->is_slow = true;
			bytes = AHEAD_RING_BYTES;
		} else if (imap_part_is_over(&ahead->part, bytes, came)) {
			return ERR_OK;
		} else if (!ahead->is_slow &&
		           bytes < AHEAD_MOST_BYTES / AHEAD_GROWTH) {
			bytes *= AHEAD_GROWTH;
		}
	}
	return ERR_OK;
}

static void *
ahead_thread(void *ctx)
{
	struct ahead *ahead = ctx;
	enum err_code rc = ahead_pieces(ahead);

	lock_take(&ahead->lock);
	ahead->is_over = true;
	ahead->rc = rc;
	lock_cond_broadcast(&ahead->changed);
	lock_give(&ahead->lock);
	return NULL;
}

/* ---- the caller: from the ring to the sink ---- */
/* The longest stretch that is there; empty: over, or canceled. */
static struct str
ahead_next(struct ahead *ahead, struct cancel *cancel)
{
	size_t enough = AHEAD_ENOUGH_BYTES;
	struct str bytes;

	lock_take(&ahead->lock);
	while (ahead->len < enough && !ahead->is_over &&
	       (cancel == NULL || !cancel_is_fired(cancel))) {
		if (!lock_cond_wait_ms(
		        &ahead->changed, &ahead->lock, AHEAD_LOOK_MS))
			enough = 1; /* a slow server: what there is */
	}
	bytes = str_of(ahead->ring + ahead->first, ahead->len);
	if (bytes.len > AHEAD_RING_BYTES - ahead->first)
		bytes.len = AHEAD_RING_BYTES - ahead->first;
	lock_give(&ahead->lock);
	return bytes;
}

static void
ahead_taken(struct ahead *ahead, size_t bytes)
{
	lock_take(&ahead->lock);
	ahead->first = (ahead->first + bytes) % AHEAD_RING_BYTES;
	ahead->len -= bytes;
	if (ahead->len <= AHEAD_RING_BYTES / 2)
		lock_cond_broadcast(&ahead->changed);
	lock_give(&ahead->lock);
}

static bool
ahead_consume(struct ahead *ahead, const struct mail_wait *wait,
    mime_sink_fn *sink, void *ctx)
{
	for (;;) {
		int64_t start_us = clock_mono_us();
		struct str bytes = ahead_next(ahead, wait->cancel);

		if (wait->waited_us != NULL)
			*wait->waited_us +=
			    (uint64_t)(clock_mono_us() - start_us);
		if (bytes.len == 0)
			return true;
		if (bytes.len > AHEAD_ENOUGH_BYTES)
			bytes.len = AHEAD_ENOUGH_BYTES;
		if (!sink(ctx, bytes))
			return false;
		ahead_taken(ahead, bytes.len);
	}
}

/* ---- both ---- */
static bool
ahead_start(struct ahead *ahead, pthread_t *out)
{
	pthread_attr_t attributes;
	bool is_fine = pthread_attr_init(&attributes) == 0;

	if (!is_fine)
		return false;
	(void)pthread_attr_setstacksize(&attributes, AHEAD_STACK_BYTES);
	is_fine = pthread_create(out, &attributes, ahead_thread, ahead) == 0;
	(void)pthread_attr_destroy(&attributes);
	return is_fine;
}

static void
ahead_stop(struct ahead *ahead)
{
	lock_take(&ahead->lock);
	ahead->is_stopped = true;
	lock_cond_broadcast(&ahead->changed);
	lock_give(&ahead->lock);
	cancel_fire(ahead->mail.wait.cancel);
}

static void
ahead_free(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	cancel_free(ahead->mail.wait.cancel);
	arena_free(ahead->mail.arena);
	free(ahead->ring);
	lock_cond_end(&ahead->changed);
	lock_end(&ahead->lock);
	free(ahead);
}

static struct ahead *
ahead_new(const struct imap_part *call)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	lock_init(&ahead->lock);
	lock_cond_init(&ahead->changed);
	ahead->part = *call;
	ahead->part.piece = NULL;
	ahead->part.mail = &ahead->mail;
	ahead->mail.account = call->mail->account;
	ahead->mail.arena = arena_new(AHEAD_ARENA_BYTES);
	ahead->mail.wait.cancel = cancel_new(NULL);
	ahead->ring = malloc(AHEAD_RING_BYTES);
	if (ahead->mail.arena == NULL || ahead->mail.wait.cancel == NULL ||
	    ahead->ring == NULL) {
		ahead_free(ahead);
		return NULL;
	}
	return ahead;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
imap_ahead_run(struct imap_part *call, mime_sink_fn *sink, void *ctx,
    bool *out_started, bool *out_is_stopped, struct err *err)
{
	struct ahead *ahead = ahead_new(call);
	struct cancel *cancel = call->mail->wait.cancel;
	pthread_t thread;
	bool is_whole;
	enum err_code rc;

	*out_started = ahead != NULL && ahead_start(ahead, &thread);
	*out_is_stopped = false;
	if (!*out_started) {
		ahead_free(ahead);
		return ERR_OK;
	}
	is_whole = ahead_consume(ahead, &call->mail->wait, sink, ctx);
	*out_is_stopped = !is_whole;
	ahead_stop(ahead);
	(void)pthread_join(thread, NULL);
	rc = ahead->rc;
	if (!is_whole)
		rc = ERR_OK; /* whatever ended the thread: we did */
	else if (cancel != NULL && cancel_is_fired(cancel))
		rc = err_set(err, ERR_CANCELED, NULL, "mail: canceled");
	else if (rc != ERR_OK)
		rc = err_set(err, rc, ahead->err.message, ahead->err.detail);
	call->offset = ahead->part.offset;
	ahead_free(ahead);
	return rc;
}
