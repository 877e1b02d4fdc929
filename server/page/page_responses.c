#include "base/tr.h"
#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_identity.h"
#include "page/pages.h"
#include "page/settings_file.h"

/* Texts that are used again. */
#define RESPONSE_BYTES ((size_t)64 << 10)

enum err_code
page_response_view(struct request *req, struct view *view, struct err *err)
{
	struct store_response *list = NULL;
	struct view_list *rows = view_list(view, "responses");
	size_t count = 0;
	enum err_code rc = store_response_list(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "id", list[i].id);
		view_text(row, "name", text_line(req->arena, list[i].name));
	}
	view_bool(view, "has_responses", count > 0);
	return rc;
}

enum err_code
page_response_find(struct request *req, struct str id,
    struct store_response *out, struct err *err)
{
	struct store_response *list = NULL;
	size_t count = 0;
	enum err_code rc = store_response_list(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		if (str_eq(list[i].id, id))
			*out = list[i];
	return rc;
}

static struct view_url
response_url(struct request *req, struct str id, const char *said)
{
	struct view_url_param params[] = {
	    {"id", id},
	    {said == NULL ? "note" : said,
	        said == NULL ? str_of(NULL, 0) : STR("1")},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/responses", params);
}

static void
responses_view_form(
    struct request *req, const struct store_response *one, struct view *view)
{
	view_str(view, "id", one->id);
	view_bool(view, "is_new", one->id.len == 0);
	view_text(view, "name", text_line(req->arena, one->name));
	view_text(view, "subject", text_line(req->arena, one->subject));
	view_text(view, "body", text_from(req->arena, one->body));
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/responses")));
	view_set_url(view, "new_url", response_url(req, STR("new"), NULL));
}

/* The rows; the one that the address names goes to *out. */
static bool
responses_view_rows(struct request *req, const struct store_response *list,
    size_t count, struct view *view, struct store_response *out)
{
	struct view_list *rows = view_list(view, "rows");
	struct str id = request_query(req, "id");
	bool found = str_eq(id, STR("new"));

	for (size_t i = 0; i < count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "id", list[i].id);
		view_text(row, "name", text_line(req->arena, list[i].name));
		view_text(row, "start",
		    text_shorten(
		        req->arena, text_line(req->arena, list[i].body), 80));
		view_set_url(
		    row, "edit_url", response_url(req, list[i].id, NULL));
		if (str_eq(list[i].id, id)) {
			*out = list[i];
			found = true;
		}
	}
	view_bool(view, "has_rows", count > 0);
	return found;
}

/* `typed` NULL: what the address names. */
static enum err_code
responses_show(struct request *req, struct response *res,
    const struct store_response *typed, const char *words, struct err *err)
{
	struct store_response *list = NULL;
	struct store_response one = {.id = STR("")};
	struct view *view = NULL;
	bool has_form = false;
	size_t count = 0;
	enum err_code rc =
	    page_view(req, res, tr_text("Templates"), &view, err);

	if (rc == ERR_OK)
		rc = store_response_list(req->app->store, req->session->account,
		    req->arena, &list, &count, err);
	if (rc != ERR_OK)
		return rc;
	has_form = responses_view_rows(req, list, count, view, &one);
	view_bool(view, "has_form", has_form || typed != NULL);
	view_bool(view, "saved", request_query(req, "saved").len > 0);
	view_bool(view, "removed", request_query(req, "removed").len > 0);
	view_bool(view, "undone", request_query(req, "undone").len > 0);
	settings_view_removed(req, view, "/responses?undone=1");
	if (words != NULL)
		view_word(view, "error_general", words);
	responses_view_form(req, typed == NULL ? &one : typed, view);
	return page_send(req, res, "responses.html", view, err);
}

enum err_code
page_responses(struct request *req, struct response *res, struct err *err)
{
	return responses_show(req, res, NULL, NULL, err);
}

static enum err_code
response_check(const struct store_response *one, struct err *err)
{
	if (one->name.len == 0)
		return err_set(err, ERR_INPUT,
		    "Please give the template a name, by which you find it.",
		    NULL);
	if (one->name.len > LIMIT_NAME_BYTES ||
	    one->subject.len > LIMIT_NAME_BYTES * 2)
		return err_set(err, ERR_INPUT,
		    "The name or the subject is too long.", NULL);
	if (one->body.len > RESPONSE_BYTES)
		return err_set(err, ERR_INPUT,
		    "The text is longer than 64 KB. Please shorten it.", NULL);
	return ERR_OK;
}

static enum err_code
response_save(struct request *req, struct response *res, struct err *err)
{
	struct store_response one = {
	    .id = request_field(req, "id"),
	    .name = text_line(req->arena, request_field(req, "name")).s,
	    .subject = text_line(req->arena, request_field(req, "subject")).s,
	    .body = text_from(req->arena, request_field(req, "body")).s,
	    .changed_s = clock_now_s(),
	};
	struct err words;
	enum err_code rc = response_check(&one, err);

	if (rc == ERR_OK && !compose_id_is_valid(one.id))
		one.id = compose_id_new(req->arena);
	if (rc == ERR_OK)
		rc = store_response_put(
		    req->app->store, req->session->account, &one, err);
	if (rc == ERR_OK)
		return page_redirect(
		    req, res, response_url(req, str_of(NULL, 0), "saved"), err);
	if (rc != ERR_INPUT && rc != ERR_LIMIT)
		return rc;
	words = *err;
	response_status(res, 422);
	return responses_show(req, res, &one, words.message, err);
}

enum err_code
page_responses_post(struct request *req, struct response *res, struct err *err)
{
	struct view_url_param params[] = {
	    {"removed", STR("1")}, {"undo", {0}}, {NULL, {0}}};
	struct str verb = request_field(req, "do");
	enum err_code rc;

	if (str_eq(verb, STR("save")))
		return response_save(req, res, err);
	if (!str_eq(verb, STR("remove")))
		return err_set(err, ERR_INPUT,
		    "Please choose what to do with the template.", NULL);
	params[1].value = settings_keep_item(
	    req, SETTINGS_RESPONSES, request_field(req, "id"));
	rc = store_response_delete(req->app->store, req->session->account,
	    request_field(req, "id"), err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(
	    req, res, view_url_local(req->arena, "/responses", params), err);
}
