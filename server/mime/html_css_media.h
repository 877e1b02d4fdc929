#ifndef MIME_HTML_CSS_MEDIA_H
#define MIME_HTML_CSS_MEDIA_H
/* Within mime/: conditions of @media: kinds of media, and widths. */
#include "base/buf.h"
#include "mime/html_css_token.h"

/*
 * Reads what stands behind "@media" and adds it canonically; afterwards
 * `token` is the "{" or ";" or END behind it. False: none of its queries is
 * allowed, nothing added.
 */
bool html_css_media_add(
    struct buf *out, struct html_css_scan *scan, struct html_css_token *token);

#endif
