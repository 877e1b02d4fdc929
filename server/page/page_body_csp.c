#include "page/page_body.h"

/*
 * The second wall (design, section 8): an opaque origin, no script, no
 * request but for images of the message itself; remote ones once allowed. In
 * a file of its own, so that a test can take the wall away.
 */
#define BODY_CSP_WITH(images)                                   \
	"sandbox allow-popups allow-popups-to-escape-sandbox; " \
	"default-src 'none'; style-src 'unsafe-inline'; "       \
	"img-src data: 'self'" images "; base-uri 'none'; "     \
	"form-action 'none'; frame-ancestors 'self'"

struct str
page_body_csp(bool remote_images)
{
	return remote_images ? STR(BODY_CSP_WITH(" https:"))
	                     : STR(BODY_CSP_WITH(""));
}
