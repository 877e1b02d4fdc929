#include "base/tr.h"
#include "mail/outbox.h"
#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_outbox.h"
#include "page/pages.h"

/* People of one field that are named; the rest is counted. */
#define SENT_NAMED_MAX 20

/* What the page is about. */
struct sent {
	struct store_compose stored;
	struct compose compose;
	struct store_outbox row; /* id empty: it is not in the outbox */
};

static enum err_code
sent_load(struct request *req, struct sent *out, struct err *err)
{
	struct store *store = req->app->store;
	struct str account = req->session->account;
	struct str id = page_param(req, "id");
	enum err_code rc = ERR_NOT_FOUND;

	if (compose_id_is_valid(id))
		rc = store_compose_find(
		    store, account, id, req->arena, &out->stored, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no record of this message any more. The Sent "
		    "folder shows what was sent.",
		    NULL);
	if (rc == ERR_OK)
		rc = compose_unpack(
		    out->stored.fields, req->arena, &out->compose, err);
	if (rc != ERR_OK)
		return rc;
	rc = store_outbox_find(store, account, id, req->arena, &out->row, err);
	return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

/* Words and the time of the next look for one that waits. */
static void
sent_view_waiting(struct request *req, struct response *res,
    const struct sent *sent, struct view *view)
{
	const struct store_outbox *row = &sent->row;
	int64_t left_ms = row->due_ms - clock_now_ms();
	uint64_t left_s = left_ms > 0 ? (uint64_t)(left_ms + 999) / 1000 : 0;
	bool is_soon = left_s <= PAGE_UNDO_MAX_S && row->tries == 0;

	view_bool(view, "is_leaving", is_soon && left_s > 0);
	view_bool(view, "is_sending", is_soon && left_s == 0);
	view_bool(view, "is_later", !is_soon && row->tries == 0);
	view_bool(view, "is_retried", !is_soon && row->tries > 0);
	view_u64(view, "seconds", left_s);
	page_view_time(req, view, "due", row->due_ms / 1000);
	view_text(view, "why", post_words_shown(req->arena, row->result));
	if (is_soon)
		response_replace_header(
		    res, "Refresh", page_u64(req->arena, left_s + 1));
}

static void
sent_view_state(struct request *req, struct response *res,
    const struct sent *sent, struct view *view)
{
	struct view_url_param folder[] = {{"show", STR("folder")}, {NULL, {0}}};
	enum store_compose_state state = sent->stored.state;
	bool is_sent = state == STORE_COMPOSE_SENT;

	view_bool(view, "is_unsure", state == STORE_COMPOSE_UNSURE);
	view_str(view, "id", sent->stored.id);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/sent")));
	view_set_url(
	    view, "outbox_url", view_url_own(req->arena, STR("/outbox")));
	view_set_url(
	    view, "list_url", page_list_url(req->arena, TEXT("INBOX")));
	view_set_url(
	    view, "sent_url", view_url_local(req->arena, "/sent", folder));
	view_bool(view, "is_late", request_query(req, "late").len > 0);
	/* Without words the post office is at it. */
	if (is_sent && !sent->stored.copied && sent->row.id.len > 0)
		view_text(view, "problem",
		    post_words_shown(req->arena, sent->stored.result));
	if (state == STORE_COMPOSE_WAITING)
		sent_view_waiting(req, res, sent, view);
	if (state == STORE_COMPOSE_SENDING) {
		view_bool(view, "is_sending", true);
		/* Somebody sends it just now: look again soon. */
		response_replace_header(res, "Refresh", STR("2"));
	}
}

/* The people of one field, as many as there is room for. */
static void
sent_view_field(struct request *req, struct text typed, const char *label,
    struct view *view)
{
	struct mime_addresses people = {0};
	struct view_list *list;
	size_t shown;

	/* It went out, so it can be read; else nobody is named. */
	if (mime_parse_addresses(typed.s, req->arena, &people, NULL) !=
	        ERR_OK ||
	    people.count == 0)
		return;
	view_str(view, "label", str_c(label));
	list = view_list(view, "people");
	shown = people.count < SENT_NAMED_MAX ? people.count : SENT_NAMED_MAX;
	for (size_t i = 0; i < shown; i++) {
		struct view *row = view_list_add(list);

		view_bool(row, "has_name", !text_is_empty(people.list[i].name));
		view_text(row, "name", people.list[i].name);
		view_text(row, "address", people.list[i].address);
		view_bool(row, "is_last", i + 1 == people.count);
	}
	view_bool(view, "has_more", shown < people.count);
	view_u64(view, "more", people.count - shown);
}

/* What was sent, and to whom. */
static void
sent_view_letter(
    struct request *req, const struct sent *sent, struct view *view)
{
	const struct compose *compose = &sent->compose;
	struct view_list *fields = view_list(view, "fields");

	view_text(view, "subject", compose->subject);
	sent_view_field(req, compose->to, tr("To"), view_list_add(fields));
	sent_view_field(req, compose->cc, tr("Cc"), view_list_add(fields));
	sent_view_field(req, compose->bcc, tr("Bcc"), view_list_add(fields));
}

static struct text
sent_title(enum store_compose_state state)
{
	if (state == STORE_COMPOSE_SENT)
		return (struct text){str_c(tr_in("sending", "Sent"))};
	return state == STORE_COMPOSE_UNSURE ? tr_text("Perhaps sent")
	                                     : tr_text("Sending");
}

/* The folder, which is asked for only when somebody goes there. */
static enum err_code
sent_folder(struct request *req, struct response *res, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders = {0};
	const struct mail_folder *sent = NULL;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	sent = mail_special_find(&mail, &folders, MAIL_SENT);
	if (sent == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no Sent folder yet. It is made with the first "
		    "message that you send.",
		    NULL);
	return page_redirect(
	    req, res, page_list_url(req->arena, sent->name), err);
}

enum err_code
page_sent(struct request *req, struct response *res, struct err *err)
{
	struct sent sent = {.row = {.tries = 0}};
	struct view *view = NULL;
	enum err_code rc = ERR_OK;

	if (str_eq(request_query(req, "show"), STR("folder")))
		return sent_folder(req, res, err);
	rc = sent_load(req, &sent, err);

	if (rc == ERR_OK && sent.stored.state == STORE_COMPOSE_WRITING) {
		struct view_url_param id[] = {
		    {"id", sent.stored.id}, {NULL, {0}}};

		return page_redirect(
		    req, res, view_url_local(req->arena, "/compose", id), err);
	}
	if (rc == ERR_OK)
		rc = page_view(
		    req, res, sent_title(sent.stored.state), &view, err);
	if (rc != ERR_OK)
		return rc;
	sent_view_letter(req, &sent, view);
	if (sent.row.unseen)
		err_ignore(store_outbox_seen(req->app->store,
		    req->session->account, sent.stored.id, NULL));
	sent_view_state(req, res, &sent, view);
	return page_send(req, res, "sent.html", view, err);
}

/* Undo, and what the page offers besides. */
enum err_code
page_sent_post(struct request *req, struct response *res, struct err *err)
{
	enum outbox_verb verb = OUTBOX_VERB_COPY;
	struct str id = request_field(req, "id");
	struct view_url_param params[] = {
	    {"id", id}, {"late", {NULL, 0}}, {NULL, {0}}};
	const char *path = "/sent";
	bool is_late = false;
	enum err_code rc = ERR_OK;

	if (!compose_id_is_valid(id))
		return err_set(err, ERR_NOT_FOUND,
		    "There is no record of this message any more. The Sent "
		    "folder shows what was sent.",
		    NULL);
	/* Without a word it is the button of long ago: copy. */
	(void)outbox_verb_of(request_field(req, "do"), &verb);
	rc = page_gate_enter(req->app->gate, id, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	rc = outbox_act(req, verb, id, &is_late, err);
	page_gate_leave(req->app->gate, id);
	if (rc != ERR_OK)
		return rc;
	if (verb == OUTBOX_VERB_BACK && is_late)
		params[1].value = STR("1");
	else if (verb == OUTBOX_VERB_BACK)
		path = "/compose";
	return page_redirect(
	    req, res, view_url_local(req->arena, path, params), err);
}
