#ifndef MIME_MIME_PRIVATE_H
#define MIME_MIME_PRIVATE_H
/*
 * A copy in Sent or Drafts that goes on to somebody else: without the fields
 * that are nobody else's business, which are Bcc and our own X-Iwebmsg-.
 */
#include "mime/mime.h"

/* One message passing through; its bytes may come in any pieces. */
struct mime_private {
	mime_sink_fn *sink; /* borrowed, as its ctx */
	void *ctx;
	bool is_stopped; /* the sink wants no more */
	char before;     /* of what came in, within the header */
	bool is_body;    /* the empty line was there */
	bool is_left;    /* this field stays here */
	bool is_named;   /* the name of this line is known, or none begins */
	/* The first bytes of a line, until its name is known. */
	char name[24];
	size_t name_len;
	char out[512]; /* of the header, on its way */
	size_t out_len;
};

/* What is left goes to `sink`: all of it, but those fields and NUL there. */
void mime_private_init(
    struct mime_private *passage, mime_sink_fn *sink, void *ctx);
/* A mime_sink_fn; ctx is the struct mime_private. */
bool mime_private_sink(void *ctx, struct str bytes);
/* The message is over: what was held back goes on. False: see the sink. */
bool mime_private_end(struct mime_private *passage);

#endif
