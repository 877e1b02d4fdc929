#ifndef MAIL_IMAP_PART_H
#define MAIL_IMAP_PART_H
/* Pieces of a part as the server has it; for this room only. */
#include "mail/mail.h"

/*
 * So much is fetched at once, in memory of ours. The connection goes back to
 * the pool before the piece goes to the browser: a slow one holds nothing.
 */
#define IMAP_PIECE_BYTES ((size_t)1 << 20)
#define IMAP_FIRST_BYTES ((size_t)256 << 10)

struct imap_part {
	struct mail *mail;
	const struct mail_id *id;
	struct str folder;  /* as on the wire */
	struct str section; /* "1.2", "HEADER", …; empty: the whole message */
	uint64_t offset;    /* of the next piece, before decoding */
	uint64_t end;       /* nothing behind it is asked for */
	size_t wanted;
	char *piece; /* owned; IMAP_PIECE_BYTES */
	size_t piece_len;
	bool is_there;
	int64_t wait_ms; /* what the caller gave for the first piece */
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
/* The rest, piece by piece, until the sink has enough. */
enum err_code imap_part_rest(struct imap_part *call, mime_sink_fn *sink,
    void *ctx, bool *out_is_stopped, struct err *err) WARN_UNUSED;

#endif
