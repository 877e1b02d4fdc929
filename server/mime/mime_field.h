#ifndef MIME_FIELD_H
#define MIME_FIELD_H
/* Within mime/: header fields and the parameters in them (RFC 5322, 2045). */
#include "mime/mime.h"

/* Which header fields a mime_header is made of; raw, still folded. */
struct mime_field {
	struct str name;
	struct str value;
};

/*
 * Bytes whose lines end in CR alone, as old Macintoshes wrote them, with LF
 * in its place, in the arena; others as they are. A CR among lines that end
 * in LF ends none: what reads it as one could be told of fields that mail
 * servers have not seen.
 */
struct str mime_field_lines(struct arena *arena, struct str bytes);

/*
 * Cuts the next field off *rest. False at the end of the block (an empty line
 * or no more bytes); *rest then stands behind the empty line. Lines that are
 * no field (mbox "From ", garbage) are skipped.
 */
bool mime_field_next(struct str *rest, struct mime_field *out);

/* "text/plain; charset=x" or "attachment; filename=y", in an arena. */
struct mime_field_value {
	struct str type;    /* "text" or "attachment", lower case */
	struct str subtype; /* lower case, or empty */
	struct mime_param *params;
	size_t param_count;
};
struct mime_field_value mime_field_params(
    struct arena *arena, struct str value);

#endif
