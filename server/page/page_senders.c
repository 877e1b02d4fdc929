#include "os/clock.h"
#include "page/page_message.h"
#include "page/page_time.h"
#include "page/pages.h"
#include "page/settings_file.h"

static enum err_code
senders_view(struct request *req, struct view *view, struct err *err)
{
	struct store_trust *list = NULL;
	struct view_list *rows = view_list(view, "senders");
	size_t count = 0;
	enum err_code rc = store_trust_list(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "sender", list[i].sender);
		view_text(row, "added", page_time_short(req, list[i].added_s));
	}
	view_bool(view, "has_senders", count > 0);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/senders")));
	return ERR_OK;
}

enum err_code
page_senders(struct request *req, struct response *res, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Images of these senders"), &view, err);

	if (rc == ERR_OK)
		rc = senders_view(req, view, err);
	if (rc != ERR_OK)
		return rc;
	view_bool(view, "removed", request_query(req, "removed").len > 0);
	view_bool(view, "undone", request_query(req, "undone").len > 0);
	settings_view_removed(req, view, "/senders?undone=1");
	return page_send(req, res, "senders.html", view, err);
}

/*
 * Whom the message names, not what the form says; and never somebody whom our
 * own mail server does not take for the sender.
 */
static enum err_code
senders_add(struct request *req, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_message message;
	struct mail_id id;
	struct str sender;
	bool doubted = false;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = message_read_header(&mail, &id, &message, err);
	if (rc == ERR_OK)
		rc = message_is_doubted(req, &message, &doubted, err);
	if (rc != ERR_OK)
		return rc;
	sender = message_sender_key(req, &message);
	if (sender.len == 0)
		return err_set(err, ERR_INPUT,
		    "This message does not name one sender.", NULL);
	if (doubted)
		return err_set(err, ERR_FORBIDDEN,
		    "Your mail server could not confirm who sent this message. "
		    "Its images can be shown once, but not always.",
		    "senders: authentication failed");
	return store_trust_add(
	    req->app->store, req->session->account, sender, clock_now_s(), err);
}

enum err_code
page_senders_post(struct request *req, struct response *res, struct err *err)
{
	struct view_url_param removed[] = {
	    {"removed", STR("1")}, {"undo", {0}}, {NULL, {0}}};
	struct str verb = request_field(req, "do");
	enum err_code rc;

	if (str_eq(verb, STR("add"))) {
		rc = senders_add(req, err);
		return rc == ERR_OK
		           ? message_go_back(req, res, STR("trusted"), err)
		           : rc;
	}
	if (!str_eq(verb, STR("remove")))
		return err_set(err, ERR_INPUT,
		    "Please choose what to do with the senders.", NULL);
	removed[1].value = settings_keep_item(
	    req, SETTINGS_SENDERS, request_field(req, "sender"));
	rc = store_trust_delete(req->app->store, req->session->account,
	    request_field(req, "sender"), err);
	if (rc != ERR_OK)
		return rc;
	if (request_field(req, "stay").len > 0)
		return message_go_back(req, res, STR("untrusted"), err);
	return page_redirect(
	    req, res, view_url_local(req->arena, "/senders", removed), err);
}
