#include "route/health.h"

#include "base/buf.h"
#include "base/limits.h"
#include "page/app.h"
#include "route/serve.h"

enum err_code
health_page(struct request *req, struct response *res, struct err *err)
{
	struct app *app = req->app;

	(void)err;
	if (!atomic_load(&app->is_ready)) {
		response_plain(res, 503, STR("stopping"));
		return ERR_OK;
	}
	if (!serve_store_works(app)) {
		response_plain(res, 503, STR("store"));
		return ERR_OK;
	}
	response_plain(res, 200, STR("ok"));
	return ERR_OK;
}

enum err_code
health_metrics(struct request *req, struct response *res, struct err *err)
{
	struct buf text;
	struct str body;
	enum err_code rc;

	if (!req->cfg->enable_metrics)
		return err_set(err, ERR_NOT_FOUND, "There is no such page.",
		    "EnableMetrics=0");
	buf_init_arena(&text, req->arena, LIMIT_PAGE_BYTES);
	metrics_write(req->app->metrics, &text);
	rc = buf_end(&text, &body, err);
	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(res, "Content-Type",
	    STR("text/plain; version=0.0.4; charset=utf-8"));
	response_body(res, body);
	return ERR_OK;
}
