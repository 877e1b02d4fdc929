#include "page/compose_inside.h"

enum err_code
compose_send(struct request *req, struct response *res, struct compose *compose,
    struct err *err)
{
	struct mail mail = page_mail(req);
	struct mime_draft draft = {0};
	struct outbox_item item = compose_item(req, compose, &draft);
	struct outbox_result result = {0};
	enum err_code rc = compose_draft(req, compose, true, &draft, err);

	if (rc == ERR_OK)
		rc = outbox_open_files(&item, req->arena, err);
	if (rc == ERR_OK)
		rc = outbox_send(&mail, &item, &result, err);
	if (rc == ERR_OK && result.state == STORE_COMPOSE_SENT)
		compose_mark_source(req, compose);
	if (rc != ERR_OK)
		return compose_again(req, res, compose, rc, err);
	return page_redirect(
	    req, res, compose_url(req, "/sent", compose, false), err);
}
