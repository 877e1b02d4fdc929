#ifndef MIME_HTML_CSS_SELECTOR_H
#define MIME_HTML_CSS_SELECTOR_H
/*
 * Within mime/: selectors of a mail's own style sheet: elements, classes, ids,
 * a few states, descendants and children.
 */
#include "base/buf.h"
#include "mime/html_css_token.h"

/*
 * Reads one selector from `token` on and adds it canonically; class and id
 * get the prefix of html_name. Afterwards `token` is the "," or "{" behind it
 * or END. False: not one of those, nothing added. *subject is the last class
 * or id (as it was added) of what is selected, borrowed from `out`, or empty.
 */
bool html_css_selector_add(struct buf *out, struct html_css_scan *scan,
    struct html_css_token *token, struct str *subject);

#endif
