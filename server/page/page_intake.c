#include "page/page_intake.h"

#include "os/clock.h"
#include "page/page_act.h"
#include "page/page_compose.h"
#include "page/page_folder.h"
#include "page/pages.h"

/* ---- show ---- */
static struct view_url
intake_url(struct request *req, struct text folder, struct str id)
{
	struct view_url_param params[] = {
	    {"folder", folder.s}, {"id", id}, {NULL, {0}}};

	return view_url_local(req->arena, "/import", params);
}

static uint64_t
intake_most(const struct request *req)
{
	uint64_t most = req->cfg->max_import_bytes;

	return most < req->cfg->spool_quota_bytes ? most
	                                          : req->cfg->spool_quota_bytes;
}

/* With a report of what was done, or the form. */
static enum err_code
intake_show(struct request *req, struct response *res, struct text folder,
    struct str id, const struct intake_report *report, const char *words,
    struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct view *view = NULL;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK)
		rc =
		    page_view(req, res, tr_text("Import messages"), &view, err);
	if (rc != ERR_OK)
		return rc;
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/import")));
	view_set_url(view, "list_url", page_list_url(req->arena, folder));
	view_set_url(
	    view, "again_url", intake_url(req, folder, str_of(NULL, 0)));
	view_text(view, "import_folder", folder);
	view_text(view, "folder_name", page_folder_label(&folders, folder));
	view_text(view, "max_size", view_size(req->arena, intake_most(req)));
	view_text(view, "max_message",
	    view_size(req->arena, req->cfg->max_message_bytes));
	view_str(view, "id", compose_id_new(req->arena));
	if (words != NULL)
		view_word(view, "error", words);
	if (report != NULL) {
		intake_report_view(req, id, report, view);
		if (intake_is_running(report))
			response_replace_header(res, "Refresh", STR("3"));
	}
	return page_send(req, res, "mail_import.html", view, err);
}

enum err_code
page_intake(struct request *req, struct response *res, struct err *err)
{
	struct str id = request_query(req, "id");
	struct intake_report *report =
	    ARENA_NEW(req->arena, struct intake_report);
	struct text folder;
	enum err_code rc = page_folder_param(req, &folder, err);

	if (report == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "intake");
	if (rc != ERR_OK)
		return rc;
	if (!compose_id_is_valid(id))
		return intake_show(req, res, folder, id, NULL, NULL, err);
	rc = intake_report_find(req, id, report, err);
	return rc == ERR_OK ? intake_show(req, res, report->folder, id, report,
	                          NULL, err)
	                    : rc;
}

/* ---- take in ---- */
/* Is there something to take in? Else the form says what is wrong. */
static enum err_code
intake_check(struct request *req, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	bool has_file = false;
	enum err_code rc = request_form(req, &form, err);

	while (
	    rc == ERR_OK && (field = form_next(form, "file", field)) != NULL) {
		if (field->is_cut)
			return err_sayf(err, ERR_LIMIT,
			    "These files are larger than %.*s together. Please "
			    "import them in parts. Nothing was imported.",
			    STR_ARG(view_size(req->arena, intake_most(req)).s));
		has_file |= field->is_file && field->file_bytes > 0;
	}
	if (rc == ERR_OK && !has_file)
		return err_set(
		    err, ERR_INPUT, "Please choose a file first.", NULL);
	return rc;
}

static enum err_code
intake_failed(struct request *req, struct response *res, struct text folder,
    enum err_code rc, struct err *err)
{
	if (rc != ERR_INPUT && rc != ERR_LIMIT)
		return rc;
	response_status(res, rc == ERR_LIMIT ? 413 : 400);
	return intake_show(req, res, folder, STR(""), NULL, err->message, err);
}

/* The end of an answer that was begun long ago. */
static void
intake_stream_end(struct request *req, struct http_stream *stream,
    struct str id, const struct intake_report *report)
{
	struct view *view = view_new(req->arena);
	struct html html = {{0}};
	struct str csrf = STR("");
	enum err_code rc = ERR_OK;

	intake_report_view(req, id, report, view);
	rc = session_csrf_token(
	    req->app->sessions, req, http_response(req), &csrf, NULL);
	view_str(view, "csrf", csrf);
	view_set_url(
	    view, "list_url", page_list_url(req->arena, report->folder));
	view_set_url(view, "again_url",
	    intake_url(req, report->folder, str_of(NULL, 0)));
	if (rc == ERR_OK)
		rc = tmpl_render(app_site_of(req)->templates,
		    "mail_import_end.html", view, req->arena, &html, NULL);
	if (rc == ERR_OK)
		rc = http_stream_write(stream, html.s, NULL);
	http_stream_close(stream, rc == ERR_OK);
}

static enum err_code
intake_take(struct request *req, struct response *res, struct text folder,
    struct str id, struct intake_report *report, struct err *err)
{
	struct http_stream *stream = NULL;
	bool is_new = false;
	enum err_code rc;

	report->folder = folder;
	rc = intake_report_begin(req, id, report, &is_new, err);
	if (rc != ERR_OK)
		return rc;
	/* A double click, or the page sent again. */
	if (!is_new)
		return page_redirect(
		    req, res, intake_url(req, folder, id), err);
	/* It goes on when the browser leaves. */
	request_set_cancel(req, NULL);
	rc = intake_run(req, res, id, report, &stream, err);
	if (rc != ERR_OK) {
		report->state = INTAKE_STOPPED;
		report->stopped = text_line(
		    req->arena, str_dup(req->arena, str_c(err->message)));
	}
	rc = intake_report_keep(req, id, report, err);
	if (stream != NULL) {
		intake_stream_end(req, stream, id, report);
		return rc;
	}
	return rc == ERR_OK
	           ? page_redirect(req, res, intake_url(req, folder, id), err)
	           : rc;
}

/* ---- take back ---- */
/* To Trash; from there for good. */
static enum err_code
intake_back(struct request *req, struct intake_report *report, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct mail_bulk bulk = {.what = MAIL_BULK_MOVE,
	    .folder = report->folder,
	    .uid_validity = report->uid_validity};
	enum err_code rc =
	    mail_set_parse(req->arena, report->uids, &bulk.set, err);

	if (rc == ERR_OK)
		rc = mail_folders(&mail, &folders, err);
	if (rc == ERR_OK)
		rc = act_special(
		    req, &folders, MAIL_TRASH, &bulk.to_folder, err);
	if (rc != ERR_OK)
		return rc;
	if (str_eq(bulk.to_folder.s, report->folder.s))
		bulk.what = MAIL_BULK_EXPUNGE;
	rc = mail_bulk(&mail, &bulk, err);
	report->uids = mail_set_text(req->arena, &bulk.rest);
	if (rc == ERR_OK && bulk.rest.total == 0) {
		report->state = INTAKE_UNDONE;
		report->uids = STR("");
	}
	return rc;
}

static enum err_code
intake_undo(struct request *req, struct response *res, struct str id,
    struct intake_report *report, struct err *err)
{
	struct err kept = ERR_NONE;
	struct err why = ERR_NONE;
	enum err_code rc =
	    page_gate_enter(req->app->gate, id, req->deadline_mono_ms, err);
	enum err_code saved;

	if (rc != ERR_OK)
		return rc;
	rc = intake_report_find(req, id, report, &why);
	if (rc == ERR_OK && report->uids.len > 0 && !report->is_past_undo &&
	    !intake_is_running(report)) {
		rc = intake_back(req, report, &why);
		saved = intake_report_keep(req, id, report, &kept);
		if (rc == ERR_OK && saved != ERR_OK) {
			rc = saved;
			why = kept;
		}
	}
	page_gate_leave(req->app->gate, id);
	if (rc != ERR_OK)
		return err_set(err, rc, why.message, why.detail);
	return page_redirect(
	    req, res, intake_url(req, report->folder, id), err);
}

enum err_code
page_intake_post(struct request *req, struct response *res, struct err *err)
{
	struct str id = request_field(req, "id");
	struct intake_report *report =
	    ARENA_NEW(req->arena, struct intake_report);
	struct text folder;
	enum err_code rc = page_folder_param(req, &folder, err);

	if (report == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "intake");
	if (rc != ERR_OK)
		return rc;
	if (!compose_id_is_valid(id))
		return err_set(err, ERR_INPUT,
		    "This form is not complete. Please open the page again.",
		    "intake: id");
	if (str_eq(request_field(req, "do"), STR("undo")))
		return intake_undo(req, res, id, report, err);
	rc = intake_check(req, err);
	if (rc != ERR_OK)
		return intake_failed(req, res, folder, rc, err);
	return intake_take(req, res, folder, id, report, err);
}
