#ifndef MIME_HTML_ATTRIBUTE_H
#define MIME_HTML_ATTRIBUTE_H
/* Within mime/: which elements and plain attributes of HTML are kept. */
#include "base/buf.h"

enum html_rule {
	HTML_UNWRAP, /* the element goes, what is in it stays */
	HTML_DROP,   /* all of it goes */
	HTML_KEEP,
	HTML_VOID /* kept; never has contents or an end tag */
};

/* By lower-case name; unknown ones are unwrapped. */
enum html_rule html_attribute_element(struct str element);

/*
 * Writes the allowed form of an attribute's value to `out`. False: not
 * allowed on this element, or no such value. Addresses and style are not
 * known here.
 */
bool html_attribute_clean(
    struct buf *out, struct str element, struct str name, struct str value);

#endif
