/* A page needs a session and there is none. */
#include "page/page_compose.h"
#include "page/page_login.h"
#include "page/page_typed.h"
#include "page/pages.h"

/* What people typed into a form, to be read and copied. */
void
page_view_typed(struct request *req, struct view *view)
{
	static const struct {
		const char *name, *label;
	} fields[] = {
	    {"to", N_("To")},
	    {"cc", N_("Cc")},
	    {"bcc", N_("Bcc")},
	    {"subject", N_("Subject")},
	    {"body", N_("Text")},
	    {"q", N_("Search")},
	    {"name", N_("Your name")},
	    {"signature", N_("Signature")},
	};
	struct view_list *list = view_list(view, "posted_fields");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct str value = request_field(req, fields[i].name);
		struct view *row;

		if (value.len == 0)
			continue;
		row = view_list_add(list);
		view_word(row, "name", tr(fields[i].label));
		view_text(row, "value", text_from(req->arena, value));
	}
}

/* Another window switched the mode and took the session along. */
static void
page_moved(struct request *req, struct response *res, struct str path)
{
	struct view_url_param next[] = {{"next", path}, {NULL, {0}}};
	struct err err = ERR_NONE;
	struct view *view = NULL;
	const struct form *form = NULL;
	bool is_taken = false;
	enum err_code rc = page_view(req, res,
	    tr_text("Your session went on in the other mode"), &view, &err);

	/* A letter comes along; other forms can be copied. */
	if (rc == ERR_OK && req->method == METHOD_POST &&
	    str_eq(path, STR("/compose")))
		rc = page_typed_take_along(req, res, &is_taken, &err);
	if (is_taken)
		path = STR("/compose?taken=1");
	if (rc == ERR_OK) {
		view_bool(view, "is_taken", is_taken);
		view_bool(view, "had_files",
		    req->method == METHOD_POST &&
		        request_form(req, &form, NULL) == ERR_OK &&
		        page_carry_has_files(form));
		view_set_url(view, "other_url",
		    view_url_foreign(req->arena,
		        session_address(req, !req->is_secure, path)));
		view_set_url(view, "login_url",
		    view_url_local(req->arena, "/login", next));
		page_view_typed(req, view);
		response_status(res, 403);
		rc = page_send(req, res, "moved.html", view, &err);
	}
	if (rc != ERR_OK)
		page_error(req, res, rc, &err);
}

/* A letter goes into the store, with its files; else through this page. */
static void
login_keep(struct request *req, struct page_login_form *form)
{
	struct str next;

	page_compose_keep(req, &next);
	if (next.len == 0)
		return;
	form->next = next;
	form->is_kept = true;
}

void
page_login_required(
    struct request *req, struct response *res, enum session_found found)
{
	struct page_login_form form = {
	    .name = session_remembered_name(req),
	    .next = session_own_path(req->raw_target),
	    .found = found,
	};
	struct err err = ERR_NONE;
	enum err_code rc;

	if (req->method == METHOD_POST)
		form.next = str_eq(req->path, STR("/act"))
		                ? STR("/")
		                : session_own_path(req->path);
	/* Undo of Discard: the page that offers it. */
	if (req->method == METHOD_POST &&
	    str_eq(request_field(req, "do"), STR("restore")) &&
	    compose_id_is_valid(request_field(req, "id")))
		form.next =
		    compose_discarded_url(req, request_field(req, "id")).s;
	if (found == SESSION_MOVED) {
		page_moved(req, res, form.next);
		return;
	}
	if (req->method == METHOD_POST && str_eq(form.next, STR("/compose")))
		login_keep(req, &form);
	form.remember = !text_is_empty(form.name);
	response_status(res, req->method == METHOD_POST ? 403 : 200);
	if (req->method != METHOD_POST) {
		struct view_url_param params[] = {
		    {"next", form.next}, {NULL, {0}}};

		/* The front door needs no address to come back to. */
		if (str_eq(form.next, STR("/")))
			params[0].value.ptr = NULL;
		if (found == SESSION_NONE || found == SESSION_ACTIVE) {
			rc = page_redirect(req, res,
			    view_url_local(req->arena, "/login", params), &err);
			if (rc != ERR_OK)
				page_error(req, res, rc, &err);
			return;
		}
	}
	rc = page_login_show(req, res, &form, &err);
	if (rc != ERR_OK)
		page_error(req, res, rc, &err);
}
