#ifndef MIME_HTML_ESCAPE_H
#define MIME_HTML_ESCAPE_H
/* Within mime/: text of a stranger's HTML, as text of ours. */
#include "base/buf.h"

/*
 * Adds valid UTF-8 escaped for text and quoted attributes, without the
 * controls that entities may have brought back.
 */
void html_escape_add(struct buf *out, struct str s);

#endif
