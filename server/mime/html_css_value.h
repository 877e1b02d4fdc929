#ifndef MIME_HTML_CSS_VALUE_H
#define MIME_HTML_CSS_VALUE_H
/* Within mime/: the harmless values of a property of CSS. */
#include "base/buf.h"
#include "mime/html_css_property.h"
#include "mime/html_css_token.h"

/*
 * Adds the canonical form of what begins with `token` (and may go on in
 * `scan`, which is then read to its end). False: not allowed; a function or a
 * bracket is then read to its end, too.
 */
bool html_css_value_add(struct buf *out,
    const struct html_css_property *property, struct html_css_scan *scan,
    const struct html_css_token *token);

#endif
