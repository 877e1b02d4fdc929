#include "page/page.h"
#include "page/page_first.h"
#include "page/pages.h"

enum err_code
page_home(struct request *req, struct response *res, struct err *err)
{
	struct view_url_param first[] = {
	    {"folder", STR("INBOX")}, {"first", STR("1")}, {NULL, {0}}};

	if (req->session == NULL)
		return page_login(req, res, err);
	return page_redirect(req, res,
	    page_first_is_due(req) ? view_url_local(req->arena, "/list", first)
	                           : page_list_url(req->arena, TEXT("INBOX")),
	    err);
}
