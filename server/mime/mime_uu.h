#ifndef MIME_MIME_UU_H
#define MIME_MIME_UU_H
/*
 * Within mime/ and for the text that is shown: files between "begin" and "end"
 * (uuencode, POSIX), and yEnc data, which is only left out.
 *
 *   begin 644 name LF *(length-letter data LF) "`" LF "end" LF
 */
#include "mime/mime.h"

struct mime_uu {
	struct str name; /* as it stands there; borrowed */
	size_t start,
	    end;        /* of the whole, in the text; begin and end lines too */
	size_t data;    /* where its lines begin */
	uint64_t bytes; /* decoded */
	bool is_base64; /* begin-base64 */
	bool is_yenc;   /* not decoded */
	bool is_broken; /* lines that are none, or no end */
};
/* The next one at or behind `from`. */
bool mime_uu_next(struct str text, size_t from, struct mime_uu *out);
/* Its bytes, in the arena; ptr NULL when that is used up. */
struct str mime_uu_decode(
    struct arena *arena, struct str text, const struct mime_uu *file);

#endif
