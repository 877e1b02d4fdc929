#include "page/page_settings.h"
#include "page/pages.h"
#include "page/settings_file.h"

static const char file_purpose[] = "file of settings";

/* ---- export ---------------------------------------------------------------
 */
enum err_code
page_settings_export(struct request *req, struct response *res, struct err *err)
{
	struct settings_all *all = ARENA_NEW(req->arena, struct settings_all);
	struct str bytes = STR("");
	enum err_code rc;

	if (all == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "settings export");
	rc = settings_file_load(req, all, err);
	if (rc == ERR_OK)
		rc = settings_file_write(
		    all, page_domain(req), req->arena, &bytes, err);
	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(res, "Content-Type", STR("application/json"));
	response_replace_header(res, "Content-Disposition",
	    STR("attachment; filename=\"settings.json\""));
	response_body(res, bytes);
	return ERR_OK;
}

/* ---- show -----------------------------------------------------------------
 */
struct file_shown {
	const struct settings_plan *plan; /* NULL: none is looked at */
	const struct settings_report
	    *report;       /* what was wrong with it; or NULL */
	const char *words; /* likewise */
	struct str id;
};

static void
file_view_names(
    struct view *view, const char *name, const struct settings_names *names)
{
	struct view *child = view_child(view, name);
	struct view_list *rows = view_list(child, "rows");

	view_u64(child, "total", names->count);
	view_bool(child, "any", names->count > 0);
	view_bool(child, "has_more", names->count > SETTINGS_NAMED);
	for (size_t i = 0; i < names->count && i < SETTINGS_NAMED; i++)
		view_text(view_list_add(rows), "name", names->list[i]);
}

static void
file_view_count(struct view_list *rows, const char *people,
    const struct settings_count *count)
{
	struct view *row = view_list_add(rows);

	view_word(row, "what", tr(people));
	view_u64(row, "same", count->same);
	file_view_names(row, "fresh", &count->fresh);
	file_view_names(row, "changed", &count->changed);
	file_view_names(row, "extra", &count->extra);
}

static void
file_view_plan(
    struct view *view, const struct settings_plan *plan, struct str id)
{
	struct view *child = view_child(view, "plan");
	struct view_list *rows = view_list(child, "sections");
	size_t extra = 0;

	file_view_count(rows, N_("Settings"), &plan->prefs);
	for (size_t i = 0; i < SETTINGS_SECTIONS; i++) {
		file_view_count(
		    rows, settings_shapes[i].people, &plan->lists[i]);
		extra += plan->lists[i].extra.count;
	}
	view_u64(child, "work", plan->work);
	view_bool(child, "has_work", plan->work + extra > 0);
	view_bool(child, "has_extra", extra > 0);
	view_u64(child, "extra", extra);
	view_bool(child, "has_new_identities",
	    plan->lists[SETTINGS_IDENTITIES].fresh.count > 0);
	view_str(child, "id", id);
}

static enum err_code
file_show(struct request *req, struct response *res,
    const struct file_shown *shown, struct err *err)
{
	struct view *view = NULL;
	enum err_code rc =
	    page_view(req, res, tr_text("Export and import"), &view, err);

	if (rc != ERR_OK)
		return rc;
	view_set_url(view, "action_url",
	    view_url_own(req->arena, STR("/settings/file")));
	view_set_url(view, "export_url",
	    view_url_own(req->arena, STR("/settings/export")));
	view_set_url(
	    view, "settings_url", view_url_own(req->arena, STR("/settings")));
	view_text(view, "max_size", view_size(req->arena, SETTINGS_FILE_BYTES));
	if (shown->words != NULL)
		view_word(view, "error_general", shown->words);
	if (shown->report != NULL) {
		file_view_names(view, "wrong", &shown->report->wrong);
		file_view_names(view, "unknown", &shown->report->unknown);
	}
	if (shown->plan != NULL)
		file_view_plan(view, shown->plan, shown->id);
	return page_send(req, res, "settings_file.html", view, err);
}

/* ---- import ---------------------------------------------------------------
 */
struct file_work {
	struct settings_all now, file;
	struct settings_report report;
	struct settings_plan plan;
};

static enum err_code
file_work_new(struct request *req, struct file_work **out, struct err *err)
{
	*out = ARENA_NEW(req->arena, struct file_work);
	return *out != NULL
	           ? ERR_OK
	           : err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
	                 "settings import");
}

/* Of a file that was looked at. ERR_INPUT, ERR_NOT_FOUND in words. */
static enum err_code
file_plan(struct request *req, struct str id, bool removes,
    struct file_work *out, struct err *err)
{
	struct str bytes = STR("");
	enum err_code rc = settings_kept(req, file_purpose, id, &bytes, err);

	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND,
		    "This file is no longer kept: that goes for an hour, and "
		    "until you log off. Please choose it again.",
		    "settings import");
	if (rc == ERR_OK)
		rc = settings_file_read(bytes, page_domain(req), req->arena,
		    &out->file, &out->report, err);
	if (rc == ERR_OK)
		rc = settings_file_load(req, &out->now, err);
	if (rc == ERR_OK)
		rc = settings_file_plan(req->arena, &out->now, &out->file,
		    removes, &out->plan, err);
	return rc;
}

static enum err_code
file_failed(struct request *req, struct response *res, enum err_code rc,
    struct err *err)
{
	struct err why = *err;
	const struct file_shown shown = {.words = why.message};

	if (rc != ERR_INPUT && rc != ERR_LIMIT && rc != ERR_NOT_FOUND)
		return rc;
	response_status(res, rc == ERR_LIMIT ? 413 : 422);
	return file_show(req, res, &shown, err);
}

enum err_code
page_settings_file(struct request *req, struct response *res, struct err *err)
{
	struct str id = request_query(req, "id");
	struct file_work *work = NULL;
	struct file_shown shown = {.id = id};
	enum err_code rc = ERR_OK;

	if (id.len == 0)
		return file_show(req, res, &shown, err);
	rc = file_work_new(req, &work, err);
	if (rc == ERR_OK)
		rc = file_plan(req, id, false, work, err);
	if (rc != ERR_OK)
		return file_failed(req, res, rc, err);
	shown.plan = &work->plan;
	shown.report = &work->report;
	return file_show(req, res, &shown, err);
}

static enum err_code
file_bytes(struct request *req, struct str *out, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	char *bytes = NULL;
	uint64_t at = 0;
	enum err_code rc = request_form(req, &form, err);

	if (rc == ERR_OK)
		field = form_find(form, "file");
	if (rc == ERR_OK &&
	    (field == NULL || !field->is_file || field->file_bytes == 0))
		rc = err_set(
		    err, ERR_INPUT, "Please choose a file first.", NULL);
	if (rc == ERR_OK && field->file_bytes > SETTINGS_FILE_BYTES)
		rc = err_sayf(err, ERR_LIMIT,
		    "This file is larger than %zu MB: it is none of these "
		    "pages.",
		    SETTINGS_FILE_BYTES >> 20);
	if (rc != ERR_OK)
		return rc;
	bytes = arena_alloc(req->arena, (size_t)field->file_bytes);
	while (bytes != NULL && at < field->file_bytes) {
		int64_t len = form_file_read(form, field, at, bytes + at,
		    (size_t)(field->file_bytes - at));

		if (len <= 0)
			return err_set(err, ERR_INTERNAL,
			    "The uploaded file could not be read.", "spool");
		at += (uint64_t)len;
	}
	*out = str_of(bytes, (size_t)at);
	return bytes != NULL
	           ? ERR_OK
	           : err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
	                 "settings import");
}

/* Nothing of it is used before somebody saw what it does. */
static enum err_code
file_look(struct request *req, struct response *res, struct err *err)
{
	struct view_url_param params[] = {{"id", {0}}, {NULL, {0}}};
	struct file_work *work = NULL;
	struct file_shown shown = {.plan = NULL};
	struct str bytes = STR("");
	enum err_code rc = file_bytes(req, &bytes, err);

	if (rc == ERR_OK)
		rc = file_work_new(req, &work, err);
	if (rc == ERR_OK)
		rc = settings_file_read(bytes, page_domain(req), req->arena,
		    &work->file, &work->report, err);
	if (rc != ERR_OK)
		return file_failed(req, res, rc, err);
	if (work->report.wrong.count > 0) {
		shown.report = &work->report;
		response_status(res, 422);
		return file_show(req, res, &shown, err);
	}
	params[0].value = settings_keep(req, file_purpose, bytes);
	if (params[0].value.len == 0)
		return err_set(err, ERR_INTERNAL,
		    "The uploaded file could not be kept.", "settings import");
	return page_redirect(req, res,
	    view_url_local(req->arena, "/settings/file", params), err);
}

static enum err_code
file_do(struct request *req, struct response *res, struct err *err)
{
	bool removes = request_field(req, "removes").len > 0;
	struct file_work *work = NULL;
	struct str back = STR("");
	struct str undo = STR("");
	enum err_code rc = file_work_new(req, &work, err);

	if (rc == ERR_OK)
		rc = file_plan(
		    req, request_field(req, "id"), removes, work, err);
	if (rc == ERR_OK)
		rc = settings_change_write(
		    &work->plan.back, req->arena, &back, err);
	if (rc == ERR_OK)
		rc = settings_file_apply(req, &work->plan.change, err);
	if (rc != ERR_OK)
		return file_failed(req, res, rc, err);
	if (work->plan.work > 0)
		undo = settings_keep(req, settings_undo_purpose, back);
	struct view_url_param params[] = {{"saved", STR("1")},
	    {"imported", STR("1")},
	    {"undo", undo.len > 0 ? undo : str_of(NULL, 0)}, {NULL, {0}}};
	return page_redirect(
	    req, res, view_url_local(req->arena, "/settings", params), err);
}

enum err_code
page_settings_file_post(
    struct request *req, struct response *res, struct err *err)
{
	return str_eq(request_field(req, "do"), STR("import"))
	           ? file_do(req, res, err)
	           : file_look(req, res, err);
}
