/* What somebody who is new here is told, until they do not want it any more. */
#include "page/page_first.h"

#include "page/page_folder.h"
#include "page/pages.h"

/* Not a setting: stored once it was read, on whichever device. */
static const char first_pref[] = "first_steps";

bool
page_first_is_due(struct request *req)
{
	struct str done = STR("");

	/* Nobody misses it when the store does not answer. */
	return store_pref_get(req->app->store, req->session->account,
	           str_c(first_pref), req->arena, &done, NULL) == ERR_OK &&
	       done.len == 0;
}

void
page_first_view(struct request *req, struct view *view)
{
	struct view *child;

	if (request_query(req, "first").len == 0 || !page_first_is_due(req))
		return;
	child = view_child(view, "first_steps");
	view_bool(child, "has_keys", page_folder_prefs_has_keys(req));
}

enum err_code
page_first_post(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = store_pref_set(req->app->store,
	    req->session->account, str_c(first_pref), STR("read"), err);

	return rc == ERR_OK ? page_redirect(req, res,
	                          page_list_url(req->arena, TEXT("INBOX")), err)
	                    : rc;
}
