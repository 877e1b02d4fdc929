#ifndef MAIL_STREAM_H
#define MAIL_STREAM_H
/*
 * One connection's bytes for two readers: libetpan, through its mailstream,
 * and our own. Whatever libetpan read ahead is taken back before our reader
 * starts, and what our reader leaves is given to libetpan first.
 */
#include <libetpan/mailstream.h>

#include "mail/imap_guard.h"
#include "net/net_client.h"

struct stream;

/*
 * Takes over `client`. Each whole line libetpan reads goes to `on_line` too.
 * NULL without memory; the client is then closed.
 */
struct stream *stream_new(
    struct net_client *client, imap_line_fn *on_line, void *ctx);
/* Closes everything, libetpan's side too, without a word to the server. */
void stream_free(struct stream *stream);

/* libetpan's handle; owned by the stream. */
mailstream *stream_etpan(struct stream *stream);
/* Before a command of libetpan. */
void stream_begin_etpan(struct stream *stream);
/* After it: forgets what was written, a password perhaps. */
void stream_wipe_etpan(struct stream *stream);
/* Before our own reader: what libetpan read ahead is ours again. */
void stream_begin_own(struct stream *stream);

void stream_set_wait(
    struct stream *stream, int64_t deadline_mono_ms, struct cancel *cancel);
/* Microseconds spent waiting for the server since the last call. */
uint64_t stream_take_waited(struct stream *stream);
struct net_client *stream_client(struct stream *stream);
/* The first error of network or guard; ERR_OK: none. */
enum err_code stream_error(const struct stream *stream, struct err *err);

/* What has arrived and is not consumed; waits when there is nothing.
   ptr NULL at the end or on an error. */
struct str stream_peek(struct stream *stream);
/* False: nothing has arrived, nor does within so long; no error. */
bool stream_await(struct stream *stream, int64_t most_ms);
void stream_skip(struct stream *stream, size_t bytes);
/* Nothing has arrived that nobody consumed (before TLS starts). */
bool stream_is_drained(const struct stream *stream);
bool stream_write(struct stream *stream, struct str bytes);

#endif
