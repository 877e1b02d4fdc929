#ifndef MAIL_IMAP_PART_H
#define MAIL_IMAP_PART_H
/* Pieces of a part as the server has it; for this room only. */
#include "mail/imap_conn.h"
#include "mail/mail.h"

/*
 * So much is fetched at once, in memory of ours. The connection goes back to
 * the pool before the piece goes to the browser: a slow one holds nothing.
 */
#define IMAP_PIECE_BYTES ((size_t)1 << 20)
#define IMAP_FIRST_BYTES ((size_t)256 << 10)

/* Takes what came of a piece; false: no more. */
typedef bool imap_part_take_fn(void *ctx, struct str bytes);

struct imap_part {
	struct mail *mail;
	const struct mail_id *id;
	struct str folder;  /* as on the wire */
	struct str section; /* "1.2", "HEADER", …; empty: the whole message */
	uint64_t bytes;     /* as the server said; 0: not known */
	uint64_t offset;    /* of the next byte, before decoding */
	uint64_t end;       /* nothing behind it is asked for */
	char *piece;        /* owned; IMAP_PIECE_BYTES */
	size_t piece_len;
	int64_t wait_ms; /* what the caller gave for the first byte */
	/* while a piece comes */
	struct imap_conn *conn;
	uint64_t piece_end;
	imap_part_take_fn *take;
	void *take_ctx;
	bool is_there;
};

/*
 * Of `part` (NULL: the message), or what `suffix` ("HEADER") names of it.
 * ERR_NOT_FOUND: it has no section. The caller ends it.
 */
enum err_code imap_part_init(struct imap_part *call, struct mail *mail,
    const struct mail_id *id, const struct mime_part *part, struct str suffix,
    struct err *err) WARN_UNUSED;
void imap_part_end(struct imap_part *call);
/*
 * The next piece, of at most `wanted` bytes, into call->piece; shorter only
 * at the end. Moves the offset.
 */
enum err_code imap_part_next(
    struct imap_part *call, size_t wanted, struct err *err) WARN_UNUSED;
/*
 * A piece up to `piece_end`, which moves the offset as it comes. A `take` that
 * returns false costs the connection, and is ERR_MAIL.
 */
enum err_code imap_part_run(struct imap_part *call, uint64_t piece_end,
    imap_part_take_fn *take, void *ctx, struct err *err) WARN_UNUSED;
/* Was this the last piece? */
bool imap_part_is_over(
    const struct imap_part *call, uint64_t wanted, uint64_t came);
/* The rest, piece by piece, until the sink has enough. */
enum err_code imap_part_rest(struct imap_part *call, mime_sink_fn *sink,
    void *ctx, bool *out_is_stopped, struct err *err) WARN_UNUSED;

/* Decodes what comes and gives it on in large pieces. */
struct imap_gather {
	struct mime_decoder decoder;
	mime_sink_fn *sink;
	void *ctx;
	char *ptr; /* owned */
	size_t len;
};

/* The caller ends it. The decoder's own sink is imap_gather_take. */
enum err_code imap_gather_init(struct imap_gather *gather,
    enum mime_encoding encoding, mime_sink_fn *sink, void *ctx,
    struct err *err) WARN_UNUSED;
bool imap_gather_take(void *ctx, struct str bytes);
/* A sink of what is not decoded yet; ctx is the gather. */
bool imap_gather_decode(void *ctx, struct str bytes);
/* All came: gives the last of it on. */
void imap_gather_finish(struct imap_gather *gather);
void imap_gather_end(struct imap_gather *gather);

#endif
