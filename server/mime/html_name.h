#ifndef MIME_HTML_NAME_H
#define MIME_HTML_NAME_H
/*
 * Within mime/: names a mail gives to its elements (class, id, fragments).
 * They get a prefix, so that none is one of ours.
 */
#include "base/buf.h"

/*
 * Adds "m-name"; a name that has the prefix keeps it as it is. False, and
 * nothing added, for what is no plain name.
 */
bool html_name_add(struct buf *out, struct str name);
/* The same of each name between blanks; false when none is left. */
bool html_name_add_list(struct buf *out, struct str names);

#endif
