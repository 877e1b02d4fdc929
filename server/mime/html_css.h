#ifndef MIME_HTML_CSS_H
#define MIME_HTML_CSS_H
/* Within mime/: declarations of CSS, as far as they are harmless. */
#include "base/buf.h"

/*
 * Adds what is allowed of a style attribute's declarations, canonically
 * ("color:red;width:10px"): known properties with values made of colours,
 * lengths, names and font names. Nothing that loads, runs, positions or
 * escapes. Cleaning the result again gives the result. *blocked counts what
 * would have loaded something.
 */
void html_css_clean(struct buf *out, struct str style, uint32_t *blocked);

/* Do cleaned declarations make a picture of 1 by 1 pixel, or less? */
bool html_css_is_tiny(struct str clean);

#endif
