#ifndef MIME_HTML_CSS_COLOUR_H
#define MIME_HTML_CSS_COLOUR_H
/* Within mime/: colours and numbers as CSS spells them. */
#include "base/buf.h"
#include "mime/html_css_token.h"

/* Thousandths as "-1.25". */
void html_css_colour_number(struct buf *out, int64_t thousandths);
/* "#" and three, four, six or eight digits, in lower case. */
bool html_css_colour_hash(struct buf *out, struct str hex);
/*
 * "rgb( … )", "hsl( … )" and those with an "a", as "rgb(r,g,b)" or
 * "rgba(r,g,b,a)"; `token` is the function, which is read to its end in any
 * case. False: another function, or no colour.
 */
bool html_css_colour_function(struct buf *out, struct html_css_scan *scan,
    const struct html_css_token *token);

#endif
