#include "page/page_message.h"
#include "page/pages.h"

enum err_code
page_headers(struct request *req, struct response *res, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_id id;
	struct str raw = STR("");
	struct view *view = NULL;
	bool is_cut = false;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = mail_header(&mail, &id, NULL, &raw, &is_cut, err);
	if (rc == ERR_OK)
		rc = page_view(req, res, tr_text("All headers"), &view, err);
	if (rc != ERR_OK)
		return rc;
	view_text(view, "headers", text_from(req->arena, raw));
	view_bool(view, "is_cut", is_cut);
	view_set_url(
	    view, "message_url", page_message_url(req->arena, "/message", &id));
	view_set_url(
	    view, "source_url", page_message_url(req->arena, "/source", &id));
	return page_send(req, res, "headers.html", view, err);
}
