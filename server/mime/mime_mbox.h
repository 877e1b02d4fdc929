#ifndef MIME_MIME_MBOX_H
#define MIME_MIME_MBOX_H
/*
 * Messages as one mbox file (RFC 4155), piece by piece: a "From " line before
 * each, lines that end in LF, and ">" before lines that look like a "From "
 * line or one already quoted (the form called mboxrd, which can be undone).
 */
#include "mime/mime.h"

#define MIME_MBOX_BYTES ((size_t)8 << 10)

struct mime_mbox {
	mime_sink_fn *sink;
	void *ctx;
	/* private */
	bool is_wrong;  /* the sink wants no more */
	bool has_cr;    /* a CR was seen, nothing after it yet */
	bool at_start;  /* of a line, or behind its ">" */
	size_t matched; /* of "From " */
	size_t len;
	char out[MIME_MBOX_BYTES];
};

void mime_mbox_init(struct mime_mbox *mbox, mime_sink_fn *sink, void *ctx);
/* The next message; `sender`: its address, or empty. False: the sink ended. */
bool mime_mbox_begin(
    struct mime_mbox *mbox, struct str sender, int64_t arrived_s);
/* Its bytes; a sink for mail_part_stream(). */
bool mime_mbox_write(void *mbox, struct str bytes);
/* It is complete, and all of it given to the sink. */
bool mime_mbox_end(struct mime_mbox *mbox);

#endif
