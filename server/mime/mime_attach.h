#ifndef MIME_ATTACH_H
#define MIME_ATTACH_H
/* Within mime/: one file of a message that is written. */
#include "mime/mime_out.h"

#define MIME_BOUNDARY_BYTES 35u

/* How a file goes along. */
struct mime_attach {
	const struct mime_draft_file *file; /* borrowed */
	bool is_related;                    /* a picture that the HTML names */
	bool is_message;                    /* message/rfc822, not encoded */
	bool is_8bit;                       /* and it has bytes beyond ASCII */
	bool has_boundary;                  /* and `boundary` is in it */
};

/*
 * Decides it; an attached message is read for that. `boundary` has "=" at its
 * beginning and nowhere else.
 */
struct mime_attach mime_attach_look(const struct mime_draft *draft,
    const struct mime_draft_file *file, struct str boundary);
/* Header and contents of the part, read piece by piece. */
void mime_attach_add(struct mime_out *out, const struct mime_attach *attach);
/* A word that needs no quotes in a header (RFC 2045, 5.1), at most 100. */
bool mime_attach_is_token(struct str s);

#endif
