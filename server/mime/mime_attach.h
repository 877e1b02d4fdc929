#ifndef MIME_ATTACH_H
#define MIME_ATTACH_H
/* Within mime/: one attachment of a message that is written. */
#include "mime/mime_out.h"

/* Header and contents of the part, read piece by piece. */
void mime_attach_add(struct mime_out *out, const struct mime_draft_file *file);
/* A word that needs no quotes in a header (RFC 2045, 5.1), at most 100. */
bool mime_attach_is_token(struct str s);

#endif
