#include "page/page.h"
#include "page/pages.h"

enum err_code
page_home(struct request *req, struct response *res, struct err *err)
{
	if (req->session == NULL)
		return page_login(req, res, err);
	return page_redirect(
	    req, res, page_list_url(req->arena, TEXT("INBOX")), err);
}
