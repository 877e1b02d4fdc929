#ifndef MIME_BUILD_BODY_H
#define MIME_BUILD_BODY_H
/* Within mime/: the body of a message that is written. */
#include "mime/mime_out.h"

/*
 * From Content-Type to the end: text, or text and HTML with its pictures, or
 * one of these and attachments.
 */
void mime_build_body(struct mime_out *out, const struct mime_draft *draft);

#endif
