#ifndef MIME_HTML_CSS_VALUE_H
#define MIME_HTML_CSS_VALUE_H
/* Within mime/: one harmless value of CSS. */
#include "base/buf.h"
#include "base/scan.h"

/*
 * Reads a name, a number with its unit, a colour or a font's name at the
 * cursor and adds its canonical form. False: something else stands there (what
 * was read and added then is undefined).
 */
bool html_css_value_read(struct scan *scan, struct buf *out);
/* Adds `s` with its ASCII letters in lower case. */
void html_css_value_lower(struct buf *out, struct str s);

#endif
