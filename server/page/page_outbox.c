#include "page/page_outbox.h"

#include "base/tr.h"
#include "os/clock.h"
#include "os/file.h"
#include "page/pages.h"

/* ---- show -------------------------------------------------------------------
 */

static void
outbox_view_state(const struct store_outbox *row, struct view *view)
{
	enum store_compose_state state = row->state;
	bool is_waiting = state == STORE_COMPOSE_WAITING;
	bool is_sent = state == STORE_COMPOSE_SENT;

	view_bool(view, "is_scheduled", is_waiting && row->tries == 0);
	view_bool(view, "is_retried", is_waiting && row->tries > 0);
	view_bool(view, "is_sending", state == STORE_COMPOSE_SENDING);
	view_bool(view, "is_unsure", state == STORE_COMPOSE_UNSURE);
	/* Its first copy is being made, or did not work. */
	view_bool(view, "is_copying", is_sent && row->result.len == 0);
	view_bool(view, "is_uncopied", is_sent && row->result.len > 0);
	view_bool(view, "may_change", is_waiting);
	/* Beyond all dates: not by itself any more. */
	view_bool(view, "is_by_itself", row->due_ms != INT64_MAX);
}

static void
outbox_view_row(
    struct request *req, const struct store_outbox *row, struct view *view)
{
	struct post_envelope envelope = {.count = 0};
	struct view_list *to = view_list(view, "to");
	struct view_url_param id[] = {{"id", row->id}, {NULL, {0}}};

	/* A damaged one is shown without them. */
	err_ignore(
	    post_envelope_unpack(row->envelope, req->arena, &envelope, NULL));
	for (size_t i = 0; i < envelope.count && i < 10; i++)
		view_text(view_list_add(to), "address",
		    text_line(req->arena, envelope.recipients[i]));
	view_bool(view, "has_more", envelope.count > 10);
	view_u64(view, "more", envelope.count > 10 ? envelope.count - 10 : 0);
	view_text(view, "subject", envelope.subject);
	view_str(view, "id", row->id);
	view_text(view, "size", view_size(req->arena, row->message_bytes));
	view_text(view, "why", post_words_shown(req->arena, row->result));
	if (row->due_ms != INT64_MAX) {
		page_view_time(req, view, "due", row->due_ms / 1000);
		view_text(view, "send_at", post_time_field(req, row->due_ms));
	}
	if (str_eq(row->node, req->app->node))
		view_set_url(view, "file_url",
		    view_url_local(req->arena, "/outbox/message", id));
	outbox_view_state(row, view);
}

static void
outbox_view_returned(
    struct request *req, const struct store_compose *stored, struct view *view)
{
	struct compose compose = {.version = 0};
	struct post_return back;
	struct view_url_param id[] = {{"id", stored->id}, {NULL, {0}}};

	/* A damaged one is shown without its subject. */
	err_ignore(compose_unpack(stored->fields, req->arena, &compose, NULL));
	post_return_unpack(stored->result, req->arena, &back);
	view_text(view, "subject", compose.subject);
	view_text(view, "people", compose.to);
	view_text(view, "why", post_words_shown(req->arena, back.words.s));
	view_set_url(view, "url", view_url_local(req->arena, "/compose", id));
}

static enum err_code
outbox_view(struct request *req, struct view *view, struct err *err)
{
	struct store *store = req->app->store;
	struct str account = req->session->account;
	struct view_list *list = view_list(view, "rows");
	struct view_list *came_back = view_list(view, "returned");
	struct store_outbox *rows = NULL;
	struct store_compose *returned = NULL;
	size_t row_count = 0;
	size_t returned_count = 0;
	enum err_code rc = store_outbox_list(
	    store, account, req->arena, &rows, &row_count, err);

	if (rc == ERR_OK)
		rc = store_outbox_returned(store, account, req->arena,
		    &returned, &returned_count, err);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < row_count; i++)
		outbox_view_row(req, &rows[i], view_list_add(list));
	for (size_t i = 0; i < returned_count; i++)
		outbox_view_returned(
		    req, &returned[i], view_list_add(came_back));
	view_bool(view, "is_empty", row_count + returned_count == 0);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/outbox")));
	view_set_url(
	    view, "list_url", page_list_url(req->arena, TEXT("INBOX")));
	return ERR_OK;
}

static enum err_code
outbox_show(struct request *req, struct response *res, const char *words,
    struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Outbox"), &view, err);

	if (rc == ERR_OK)
		rc = outbox_view(req, view, err);
	if (rc != ERR_OK)
		return rc;
	if (words != NULL)
		view_text(
		    view, "error_general", text_line(req->arena, str_c(words)));
	view_bool(view, "is_late", request_query(req, "late").len > 0);
	/* Looked at: no banner any more. */
	err_ignore(store_outbox_seen(
	    req->app->store, req->session->account, STR(""), NULL));
	return page_send(req, res, "outbox.html", view, err);
}

enum err_code
page_outbox(struct request *req, struct response *res, struct err *err)
{
	return outbox_show(req, res, NULL, err);
}

/* ---- change -----------------------------------------------------------------
 */

static enum err_code
outbox_after(struct request *req, struct response *res, enum outbox_verb verb,
    struct str id, bool is_late, struct err *err)
{
	struct view_url_param to_compose[] = {{"id", id}, {NULL, {0}}};
	struct view_url_param to_outbox[] = {
	    {"late", is_late ? STR("1") : str_of(NULL, 0)}, {NULL, {0}}};

	if (verb == OUTBOX_VERB_BACK && !is_late)
		return page_redirect(req, res,
		    view_url_local(req->arena, "/compose", to_compose), err);
	if (verb == OUTBOX_VERB_NOW && !is_late)
		return page_redirect(req, res,
		    view_url_local(req->arena, "/sent", to_compose), err);
	return page_redirect(
	    req, res, view_url_local(req->arena, "/outbox", to_outbox), err);
}

enum err_code
page_outbox_post(struct request *req, struct response *res, struct err *err)
{
	enum outbox_verb verb = OUTBOX_VERB_NOW;
	struct str id = request_field(req, "id");
	struct err why = ERR_NONE;
	bool is_late = false;
	enum err_code rc = ERR_OK;

	if (!compose_id_is_valid(id) ||
	    !outbox_verb_of(request_field(req, "do"), &verb))
		return err_set(err, ERR_INPUT,
		    "This form does not say what to do with which message.",
		    NULL);
	rc = page_gate_enter(req->app->gate, id, req->deadline_mono_ms, err);
	if (rc != ERR_OK)
		return rc;
	rc = outbox_act(req, verb, id, &is_late, &why);
	page_gate_leave(req->app->gate, id);
	if (rc == ERR_OK)
		return outbox_after(req, res, verb, id, is_late, err);
	if (rc != ERR_INPUT && rc != ERR_AWAY)
		return err_set(err, rc, why.message, why.detail);
	response_status(res, rc == ERR_AWAY ? 503 : 422);
	return outbox_show(req, res, why.message, err);
}

/* ---- the message as a file
 * ---------------------------------------------------- */

static enum err_code
outbox_stream(
    struct request *req, struct response *res, int fd, struct err *err)
{
	struct http_stream *stream = NULL;
	char piece[16384 / 2];
	uint64_t at = 0;
	int64_t got = 0;
	enum err_code rc =
	    response_stream_open(req, res, file_size(fd), &stream, err);

	while (rc == ERR_OK) {
		got = file_read_at(fd, piece, sizeof(piece), at);
		if (got <= 0)
			break;
		at += (uint64_t)got;
		rc = http_stream_write(stream, str_of(piece, (size_t)got), err);
	}
	if (stream != NULL)
		http_stream_close(stream, rc == ERR_OK && got == 0);
	return rc;
}

enum err_code
page_outbox_message(struct request *req, struct response *res, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	struct str id = request_query(req, "id");
	struct store_outbox row = {.tries = 0};
	struct str path;
	enum err_code rc = ERR_NOT_FOUND;

	if (compose_id_is_valid(id))
		rc = store_outbox_find(req->app->store, req->session->account,
		    id, req->arena, &row, err);
	path = str_printf(
	    req->arena, "%s/%.*s", req->app->spool_folder, STR_ARG(row.file));
	if (rc == ERR_OK)
		rc = file_open_plain(str_dup_c(req->arena, path), &fd, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, rc,
		    "This message is not in the Outbox any more.", NULL);
	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(res, "Content-Type", STR("message/rfc822"));
	response_replace_header(res, "Content-Disposition",
	    STR("attachment; filename=\"message.eml\""));
	return outbox_stream(req, res, fd, err);
}
