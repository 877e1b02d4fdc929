#include "page/page.h"
#include "page/pages.h"

enum err_code
page_help(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Help"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "is_help_page", true);
	view_set_url(
	    view, "devices_url", view_url_own(req->arena, STR("/devices")));
	view_set_url(view, "search_help_url",
	    view_url_own(req->arena, STR("/search/help")));
	return page_send(req, res, "help.html", view, err);
}
