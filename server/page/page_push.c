#include "page/page_push.h"

#include "base/tr.h"
#include "page/pages.h"

bool
push_is_on(const struct config *cfg)
{
	return cfg->push_streams > 0 && cfg->watch_connections > 0;
}

void
push_view(struct request *req, struct view *view)
{
	struct static_set *statics = app_site_of(req)->statics;

	if (req->session == NULL || !push_is_on(req->cfg))
		return;
	view_set_url(view, "push_url", view_url_own(req->arena, STR("/push")));
	view_set_url(view, "push_js_url",
	    view_url_own(
	        req->arena, static_set_address(statics, STR("push.js"))));
}

void
push_view_list(struct request *req, const struct page_prefs *prefs,
    struct view_url here, struct view *view)
{
	struct str parts[] = {here.s, STR("&auto=1")};
	enum page_notify notify = prefs->notify;

	/* What it says stays on the screen, or in its history. */
	if (req->session->expire_views && notify == PAGE_NOTIFY_FULL)
		notify = PAGE_NOTIFY_SHORT;
	view_word(view, "push_notify", page_notify_name(notify));
	if (prefs->refresh_minutes == 0)
		return;
	view_bool(view, "refresh_1", prefs->refresh_minutes == 1);
	view_bool(view, "refresh_5", prefs->refresh_minutes == 5);
	view_bool(view, "refresh_15", prefs->refresh_minutes == 15);
	view_set_url(view, "refresh_url",
	    view_url_own(req->arena, str_join(req->arena, parts, 2)));
}

/* EventSource asks again after 5xx no more than after 4xx: our script does. */
enum err_code
page_push(struct request *req, struct response *res, struct err *err)
{
	struct text folder;
	enum err_code rc = page_folder_param(req, &folder, err);

	if (rc != ERR_OK)
		return rc;
	if (!session_origin_is_ours(req))
		return err_set(err, ERR_FORBIDDEN,
		    "This was asked for by another site.", NULL);
	if (req->method != METHOD_GET || !push_is_on(req->cfg) ||
	    !atomic_load(&req->app->is_ready)) {
		response_plain(
		    res, 503, str_c(tr("There are no events at the moment.")));
		return ERR_OK;
	}
	response_replace_header(
	    res, "Content-Type", STR("text/event-stream; charset=utf-8"));
	/* Proxies pass it on as it comes. */
	response_replace_header(res, "X-Accel-Buffering", STR("no"));
	return push_open(req, res, folder, err);
}
