#ifndef MIME_MIME_MBOX_READ_H
#define MIME_MIME_MBOX_READ_H
/*
 * Messages out of a file: one by one from an mbox (RFC 4155, and what is
 * found of it), or a file that is one message. In constant memory: the file is
 * read by offset, and each message twice: to find its end, and to copy it.
 *
 *   mbox    = 1*( From_ message [ LF ] )
 *   From_   = "From " sender SP date … LF      ; a time and a year in it
 *
 * A line that looks like From_ ends a message when a header field follows it,
 * whatever stands before: some programs leave no empty line. "Content-Length:"
 * is believed where the first message of the file has one that is true (mboxcl,
 * mboxcl2), and only when a message ends there. Of a quoted "From " (">From ",
 * ">>From ") one ">" goes, but not where others stand unquoted (mboxcl2).
 * Lines end in LF or CRLF, as the first one of the file does; as mail has them,
 * in CRLF, they are copied.
 */
#include "mime/mime.h"

/* Bytes at `offset`: how many, 0 at the end, -1 on error. */
typedef int64_t mime_read_fn(void *ctx, uint64_t offset, void *buf, size_t len);

#define MIME_READ_WINDOW ((size_t)64 << 10)
#define MIME_READ_OUT    ((size_t)16 << 10)

enum mime_file_kind {
	MIME_FILE_OTHER,   /* no mail, as far as can be seen */
	MIME_FILE_MESSAGE, /* one message */
	MIME_FILE_MBOX,
	MIME_FILE_ZIP
};

struct mime_reader {
	mime_read_fn *read;
	void *ctx;
	uint64_t at;    /* where the next message begins */
	bool is_failed; /* the file cannot be read */
	/* private */
	bool is_mbox, is_crlf;
	bool is_begun;    /* the first message was found */
	bool has_lengths; /* Content-Length is true */
	uint64_t window_at;
	size_t window_len, out_len;
	char window[MIME_READ_WINDOW];
	char out[MIME_READ_OUT];
};

/* One message of it, to be copied. */
struct mime_found {
	uint64_t start, end; /* in the file */
	uint64_t bytes;      /* as it is copied */
	int64_t arrived_s;   /* of its From_; 0: not told */
	bool has_nul;        /* no mail server takes it */
	bool is_quoted;      /* private: From_ lines are */
};

void mime_reader_init(
    struct mime_reader *reader, mime_read_fn *read, void *ctx);
/* By its first bytes; a byte order mark is passed over. */
enum mime_file_kind mime_reader_kind(struct mime_reader *reader);
/*
 * The next message; false: there is none, or is_failed. Of a file that is no
 * mbox it is the whole.
 */
bool mime_reader_next(struct mime_reader *reader, struct mime_found *out);
/* Exactly found->bytes; false: the sink ended it, or is_failed. */
bool mime_reader_copy(struct mime_reader *reader,
    const struct mime_found *found, mime_sink_fn *sink, void *ctx);

#endif
