#include "mail/outbox.h"
#include "page/page_compose.h"
#include "page/pages.h"

static enum err_code
sent_load(struct request *req, struct store_compose *out,
    struct compose *out_compose, struct err *err)
{
	struct str id = page_param(req, "id");
	enum err_code rc = ERR_NOT_FOUND;

	if (compose_id_is_valid(id))
		rc = store_compose_find(req->app->store, req->session->account,
		    id, req->arena, out, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no record of this message any more. The Sent "
		    "folder shows what was sent.",
		    NULL);
	if (rc == ERR_OK)
		rc = compose_unpack(out->fields, req->arena, out_compose, err);
	return rc;
}

static void
sent_view_state(
    struct request *req, const struct store_compose *stored, struct view *view)
{
	view_bool(view, "is_sent", stored->state == STORE_COMPOSE_SENT);
	view_bool(view, "is_unsure", stored->state == STORE_COMPOSE_UNSURE);
	view_bool(view, "is_sending", stored->state == STORE_COMPOSE_SENDING);
	view_bool(view, "is_copied", stored->copied);
	view_str(view, "id", stored->id);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/sent")));
	view_set_url(
	    view, "list_url", page_list_url(req->arena, TEXT("INBOX")));
	if (stored->state == STORE_COMPOSE_SENT && !stored->copied)
		view_text(view, "problem",
		    stored->result.len == 0
		        ? TEXT("The copy is not in the Sent folder yet.")
		        : text_line(req->arena, stored->result));
}

enum err_code
page_sent(struct request *req, struct response *res, struct err *err)
{
	struct store_compose stored = {0};
	struct compose compose = {0};
	struct mime_addresses to = {0};
	struct view_list *list;
	struct view *view = NULL;
	enum err_code rc = sent_load(req, &stored, &compose, err);

	if (rc == ERR_OK && stored.state == STORE_COMPOSE_WRITING) {
		struct view_url_param id[] = {{"id", stored.id}, {NULL, {0}}};

		return page_redirect(
		    req, res, view_url_local(req->arena, "/compose", id), err);
	}
	if (rc == ERR_OK)
		rc = page_view(req, res,
		    stored.state == STORE_COMPOSE_SENT ? TEXT("Sent")
		                                       : TEXT("Sending"),
		    &view, err);
	if (rc == ERR_OK)
		rc = mime_parse_addresses(compose.to.s, req->arena, &to, err);
	if (rc != ERR_OK)
		return rc;
	sent_view_state(req, &stored, view);
	list = view_list(view, "to");
	for (size_t i = 0; i < to.count; i++) {
		struct view *row = view_list_add(list);

		view_text(row, "name", to.list[i].name);
		view_text(row, "address", to.list[i].address);
	}
	/* Another request is sending it just now: look again soon. */
	if (stored.state == STORE_COMPOSE_SENDING)
		response_replace_header(res, "Refresh", STR("2"));
	return page_send(req, res, "sent.html", view, err);
}

/* Two clicks make one copy: the second finds it in Sent. */
static enum err_code
sent_copy(struct request *req, struct mail *mail, struct outbox_item *item,
    const struct store_compose *stored, struct err *err)
{
	struct page_gate *gate = req->app->gate;
	enum err_code rc;

	if (stored->state != STORE_COMPOSE_SENT || stored->copied)
		return ERR_OK;
	rc =
	    page_gate_enter(gate, item->compose_id, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	rc = outbox_copy(mail, item, stored->message_id, err);
	page_gate_leave(gate, item->compose_id);
	return rc;
}

enum err_code
page_sent_post(struct request *req, struct response *res, struct err *err)
{
	struct mail mail = page_mail(req);
	struct store_compose stored = {0};
	struct compose compose = {0};
	struct mime_draft draft = {0};
	struct outbox_item item;
	struct view_url_param id[] = {{"id", {NULL, 0}}, {NULL, {0}}};
	enum err_code rc = sent_load(req, &stored, &compose, err);

	if (rc != ERR_OK)
		return rc;
	item = (struct outbox_item){
	    .store = req->app->store,
	    .account = req->session->account,
	    .compose_id = stored.id,
	    .spool_folder = req->app->spool_folder,
	    .draft = &draft,
	    .login = req->session->login,
	    .password = &req->session->password,
	};
	rc = sent_copy(req, &mail, &item, &stored, err);
	if (rc != ERR_OK)
		return rc;
	id[0].value = stored.id;
	return page_redirect(
	    req, res, view_url_local(req->arena, "/sent", id), err);
}
