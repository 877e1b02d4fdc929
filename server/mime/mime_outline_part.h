#ifndef MIME_MIME_OUTLINE_PART_H
#define MIME_MIME_OUTLINE_PART_H
/* Within mime_outline*.c: what one part is, by its type and disposition. */
#include "mime/mime_outline.h"

struct outline_how {
	/* A second time: nothing else was text, so texts with names are. */
	bool takes_named;
	bool has_calendar; /* a text/calendar somewhere */
};

/* `subtype` NULL: any. */
bool outline_part_is(
    const struct mime_part *part, const char *type, const char *subtype);
/* Never the text of a message: another form of it, or its machine's. */
bool outline_part_is_odd(const struct mime_part *part);
bool outline_part_is_text(
    const struct outline_how *how, const struct mime_part *part);
bool outline_part_is_calendar(
    const struct outline_how *how, const struct mime_part *part);
bool outline_part_is_contact(const struct mime_part *part);
/* One block and one file: which kind; false: none of these. */
bool outline_part_card(const struct outline_how *how,
    const struct mime_part *part, enum mime_block_kind *out);

#endif
