/*
 * A wall taken away, for tests: linked in front of the policy of framed
 * documents, it forbids nothing.
 */
#include "page/page_body.h"

struct str
page_body_csp(bool remote_images)
{
	(void)remote_images;
	return STR("frame-ancestors 'self'");
}
