#include "page/page_import.h"

#include "base/limits.h"
#include "base/tr.h"
#include "os/clock.h"
#include "page/pages.h"

#define IMPORT_CHUNK_BYTES ((size_t)256 << 10)

/* ---- show -----------------------------------------------------------------
 */
static void
import_view_result(struct view *view, const struct import_result *result)
{
	view_text(view, "file_name", result->file_name);
	view_bool(view, "is_table", result->kind == MIME_PEOPLE_CSV);
	page_import_view_list(view, "fresh", &result->fresh, IMPORT_SHOWN);
	page_import_view_list(view, "changed", &result->changed, IMPORT_SHOWN);
	page_import_view_list(view, "same", &result->same, IMPORT_SHOWN);
	page_import_view_list(view, "left", &result->left, IMPORT_TOLD);
	page_import_view_list(view, "lost", &result->lost, IMPORT_TOLD);
	view_u64(view, "again", result->again);
	view_bool(view, "has_again", result->again > 0);
	view_text(view, "group_names", result->groups);
	view_text(view, "columns", result->columns);
	view_bool(view, "has_work",
	    result->fresh.count + result->changed.count > 0 ||
	        !text_is_empty(result->groups));
}

static enum err_code
import_show(struct request *req, struct response *res, struct str id,
    const struct import_result *result, const char *words, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Import contacts"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_set_url(view, "action_url",
	    view_url_own(req->arena, STR("/contacts/import")));
	view_text(view, "max_size", view_size(req->arena, LIMIT_PEOPLE_FILE));
	if (words != NULL)
		view_word(view, "error", words);
	if (result != NULL) {
		struct view *plan = view_child(view, "plan");

		import_view_result(plan, result);
		view_str(plan, "id", id);
	}
	return page_send(req, res, "contacts_import.html", view, err);
}

static enum err_code
import_failed(struct request *req, struct response *res, enum err_code rc,
    struct err *err)
{
	if (rc != ERR_INPUT && rc != ERR_LIMIT && rc != ERR_NOT_FOUND)
		return rc;
	response_status(res, rc == ERR_LIMIT ? 413 : 400);
	return import_show(req, res, STR(""), NULL, err->message, err);
}

enum err_code
page_import(struct request *req, struct response *res, struct err *err)
{
	struct str id = request_query(req, "id");
	struct import_result *result =
	    ARENA_NEW(req->arena, struct import_result);
	enum err_code rc;

	if (result == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_import");
	if (!compose_id_is_valid(id))
		return import_show(req, res, id, NULL, NULL, err);
	rc = page_import_run(req, id, true, true, TEXT(""), result, err);
	if (rc != ERR_OK)
		return import_failed(req, res, rc, err);
	return import_show(req, res, id, result, NULL, err);
}

/* ---- read -----------------------------------------------------------------
 */
static enum err_code
import_write(struct request *req, const struct form *form,
    const struct form_field *field, struct str id, struct err *err)
{
	struct store *store = req->app->store;
	struct text name = text_shorten(
	    req->arena, text_line(req->arena, field->file_name), 100);
	char *chunk = arena_alloc(req->arena, IMPORT_CHUNK_BYTES);
	uint64_t offset = 0;
	enum err_code rc = store_people_file_begin(
	    store, req->session->account, id, name.s, clock_now_s(), err);

	if (chunk == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "import_write");
	for (uint32_t i = 0; rc == ERR_OK; i++) {
		int64_t len = form_file_read(
		    form, field, offset, chunk, IMPORT_CHUNK_BYTES);

		if (len == 0)
			break;
		if (len < 0)
			return err_set(err, ERR_INTERNAL,
			    "The uploaded file could not be read.", "spool");
		rc = store_people_file_write(store, req->session->account, id,
		    i, str_of(chunk, (size_t)len), err);
		offset += (uint64_t)len;
	}
	return rc;
}

/* The file is kept between the look at it and the import. */
static enum err_code
import_look(struct request *req, struct response *res, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	struct str id = compose_id_new(req->arena);
	struct view_url_param params[] = {{"id", id}, {NULL, {0}}};
	enum err_code rc = request_form(req, &form, err);

	if (rc == ERR_OK)
		field = form_find(form, "file");
	if (rc == ERR_OK &&
	    (field == NULL || !field->is_file || field->file_bytes == 0))
		rc = err_set(
		    err, ERR_INPUT, "Please choose a file first.", NULL);
	if (rc == ERR_OK && field->file_bytes > LIMIT_PEOPLE_FILE)
		rc = err_sayf(err, ERR_LIMIT,
		    "This file is larger than %zu MB. Please import it in "
		    "pieces.",
		    LIMIT_PEOPLE_FILE >> 20);
	if (rc == ERR_OK)
		rc = import_write(req, form, field, id, err);
	if (rc != ERR_OK)
		return import_failed(req, res, rc, err);
	return page_redirect(req, res,
	    view_url_local(req->arena, "/contacts/import", params), err);
}

static enum err_code
import_do(struct request *req, struct response *res, struct err *err)
{
	struct contacts_query all = {.page = 1};
	struct import_result *result =
	    ARENA_NEW(req->arena, struct import_result);
	enum err_code rc;

	if (result == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "import_do");
	rc = page_import_run(req, request_field(req, "id"), false,
	    !str_eq(request_field(req, "known"), STR("leave")),
	    text_line(req->arena, request_field(req, "into_group")), result,
	    err);
	if (rc != ERR_OK)
		return import_failed(req, res, rc, err);
	rc = page_import_report_keep(req, result, err);
	if (rc != ERR_OK)
		return rc;
	return page_redirect(req, res,
	    contacts_url(req, &all, "imported",
	        result->fresh.count + result->changed.count, result->step),
	    err);
}

static enum err_code
import_cancel(struct request *req, struct response *res, struct err *err)
{
	enum err_code rc = store_people_file_delete(
	    req->app->store, req->session->account, err);

	return rc == ERR_OK
	           ? page_redirect(req, res,
	                 view_url_own(req->arena, STR("/contacts")), err)
	           : rc;
}

enum err_code
page_import_post(struct request *req, struct response *res, struct err *err)
{
	struct str verb = request_field(req, "do");

	if (str_eq(verb, STR("import")))
		return import_do(req, res, err);
	if (str_eq(verb, STR("cancel")))
		return import_cancel(req, res, err);
	return import_look(req, res, err);
}
