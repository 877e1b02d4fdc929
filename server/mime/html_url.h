#ifndef MIME_HTML_URL_H
#define MIME_HTML_URL_H
/* Within mime/: addresses in a stranger's HTML. */
#include "base/buf.h"

enum html_url_kind {
	HTML_URL_NONE,   /* not allowed, or not understood */
	HTML_URL_WEB,    /* http://host… or https://host… */
	HTML_URL_MAILTO, /* mailto:… */
	HTML_URL_CID,    /* cid:… */
	HTML_URL_IMAGE   /* data:image/png;base64,… and its like */
};

/*
 * Says what an attribute's decoded value is an address of, as a browser would
 * read it (controls and blanks around it and line breaks within do not
 * count), and writes it to `out` with a lower-case scheme. Anything relative
 * is NONE: a mail has no place that it could be relative to.
 */
enum html_url_kind html_url_read(struct buf *out, struct str value);
/* Of a WEB address: is it encrypted? */
bool html_url_is_https(struct str url);

#endif
