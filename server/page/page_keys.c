#include "page/page_folder.h"
#include "page/pages.h"

void
page_keys_view(struct request *req, struct view *view)
{
	const struct static_set *statics = app_site_of(req)->statics;

	view_set_url(view, "keys_js_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("keys.js"))));
	view_bool(view, "keys_are_on", page_folder_prefs_has_keys(req));
}

enum err_code
page_keys(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Keyboard shortcuts"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_bool(view, "keys_are_on", page_folder_prefs_has_keys(req));
	return page_send(req, res, "keys.html", view, err);
}
