#ifndef MIME_BUILD_HEAD_H
#define MIME_BUILD_HEAD_H
/* Within mime/: fields of a header that is written, each with its line end. */
#include "mime/mime_out.h"

/*
 * An address list; nothing where all are empty. `is_draft`: what cannot be
 * sent, or needs letters beyond ASCII, is kept as it was typed.
 */
void mime_head_addresses(struct mime_out *out, bool is_draft, const char *field,
    const struct mime_address *list, size_t count);
/* "<a@b>": printable ASCII without blanks, of a size that fits a line. */
bool mime_head_is_id(struct str id);
/* Ids divided by blanks; of too many the first and the last. */
void mime_head_ids(struct mime_out *out, const char *field, struct text ids);
void mime_head_date(struct mime_out *out, const char *field, int64_t date_s);
/* A word of ours. */
void mime_head_word(struct mime_out *out, const char *field, struct str word);
/* A text in any letters; nothing when it is empty. */
void mime_head_line(struct mime_out *out, const char *field, struct text text);

#endif
