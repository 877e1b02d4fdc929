#include "base/limits.h"
#include "mime/mime_fold.h"
#include "os/clock.h"
#include "page/page_contacts.h"
#include "page/page_learn.h"
#include "page/page_message.h"
#include "page/pages.h"

enum err_code
contacts_ticked(
    struct request *req, struct str **out, size_t *out_count, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(req, &form, err);

	*out = ARENA_ARRAY(req->arena, LIMIT_LIST_ROWS, struct str);
	*out_count = 0;
	if (rc == ERR_OK && *out == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "contacts_ticked");
	while (rc == ERR_OK && *out_count < LIMIT_LIST_ROWS &&
	       (field = form_next(form, "person", field)) != NULL)
		(*out)[(*out_count)++] = field->value;
	return rc;
}

/* ---- adding ---------------------------------------------------------------
 */
/* Typed on the page: an address like the To line takes it. */
static enum err_code
contacts_add_typed(
    struct request *req, struct mime_address *contact, struct err *err)
{
	struct mime_addresses found;
	struct str name = text_line(req->arena, request_field(req, "name")).s;
	enum err_code rc = mime_check_recipients(request_field(req, "address"),
	    page_domain(req), req->arena, &found, err);

	if (rc != ERR_OK)
		return rc;
	if (found.count != 1 || name.len > LIMIT_NAME_BYTES ||
	    found.list[0].address.s.len > LIMIT_NAME_BYTES)
		return err_set(err, ERR_INPUT,
		    "Please type one address, and a name that is not too long.",
		    NULL);
	contact->address = found.list[0].address;
	contact->name =
	    text_line(req->arena, name.len > 0 ? name : found.list[0].name.s);
	return ERR_OK;
}

/* The sender of a message: its only From. */
static enum err_code
contacts_add_sender(
    struct request *req, struct mime_address *contact, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_message message;
	struct mail_id id;
	enum err_code rc = page_message_id(req, &id, err);

	if (rc == ERR_OK)
		rc = message_read_header(&mail, &id, &message, err);
	if (rc != ERR_OK)
		return rc;
	if (message_sender_key(req, &message).len == 0)
		return err_set(err, ERR_INPUT,
		    "This message does not name one sender.", NULL);
	contact->name =
	    text_shorten(req->arena, message.header.from.list[0].name, 200);
	contact->address = message.header.from.list[0].address;
	return ERR_OK;
}

static enum err_code
contacts_sender(struct request *req, struct response *res, struct err *err)
{
	struct mime_address contact = {0};
	enum err_code rc = contacts_add_sender(req, &contact, err);

	if (rc == ERR_OK)
		rc = people_add_address(req, &contact, err);
	return rc == ERR_OK ? message_go_back(req, res, STR("contact"), err)
	                    : rc;
}

static enum err_code
contacts_add(struct request *req, struct response *res, struct err *err)
{
	struct mime_address contact = {0};
	enum err_code rc = contacts_add_typed(req, &contact, err);

	if (rc == ERR_OK)
		rc = people_add_address(req, &contact, err);
	if (rc == ERR_INPUT || rc == ERR_LIMIT)
		return contacts_show(req, res, err->message, err);
	return rc == ERR_OK ? contacts_done(req, res, "added", 1, STR(""), err)
	                    : rc;
}

/* ---- with those that are ticked -------------------------------------------
 */
static enum err_code
contacts_remove(struct request *req, struct response *res, struct err *err)
{
	struct str step = compose_id_new(req->arena);
	struct str *ids = NULL;
	size_t count = 0;
	uint64_t changed = 0;
	enum err_code rc = contacts_ticked(req, &ids, &count, err);

	if (rc == ERR_OK)
		rc = store_person_remove(req->app->store, req->session->account,
		    ids, count, step, clock_now_s(), &changed, err);
	if (rc != ERR_OK)
		return rc;
	return contacts_done(req, res, changed > 0 ? "removed" : "none",
	    changed, changed > 0 ? step : STR(""), err);
}

static enum err_code
contacts_keep(struct request *req, struct response *res, struct err *err)
{
	struct str *ids = NULL;
	size_t count = 0;
	uint64_t changed = 0;
	enum err_code rc = contacts_ticked(req, &ids, &count, err);

	if (rc == ERR_OK)
		rc = store_person_keep(req->app->store, req->session->account,
		    ids, count, clock_now_s(), &changed, err);
	if (rc != ERR_OK)
		return rc;
	return contacts_done(
	    req, res, changed > 0 ? "kept" : "none", changed, STR(""), err);
}

/* Into the group that was chosen, or out of the one that is shown. */
static enum err_code
contacts_set_group(
    struct request *req, struct response *res, bool is_in, struct err *err)
{
	struct str circle = request_field(req, is_in ? "to_group" : "group");
	struct str *ids = NULL;
	size_t count = 0;
	uint64_t changed = 0;
	enum err_code rc = contacts_ticked(req, &ids, &count, err);

	if (rc == ERR_OK && circle.len == 0)
		rc = err_set(
		    err, ERR_INPUT, "Please choose a group first.", NULL);
	if (rc == ERR_OK)
		rc = store_circle_set(req->app->store, req->session->account,
		    circle, ids, count, is_in, &changed, err);
	if (rc == ERR_INPUT)
		return contacts_show(req, res, err->message, err);
	if (rc != ERR_OK)
		return rc;
	return contacts_done(req, res,
	    count == 0 ? "none"
	    : is_in    ? "joined"
	               : "left",
	    count, STR(""), err);
}

/* ---- groups ---------------------------------------------------------------
 */
static enum err_code
group_parse(struct request *req, struct text name, struct store_circle *out,
    struct err *err)
{
	*out = (struct store_circle){.id = compose_id_new(req->arena),
	    .name = name.s,
	    .sort_key = mime_fold(req->arena, name.s)};
	if (out->sort_key.len == 0)
		return err_set(
		    err, ERR_INPUT, "Please type a name for the group.", NULL);
	if (name.s.len > LIMIT_NAME_BYTES)
		return err_set(
		    err, ERR_INPUT, "The name of the group is too long.", NULL);
	return ERR_OK;
}

enum err_code
contacts_group(
    struct request *req, struct text name, struct str *out_id, struct err *err)
{
	struct store_circle *list = NULL;
	struct store_circle circle;
	size_t count = 0;
	enum err_code rc = group_parse(req, name, &circle, err);

	if (rc == ERR_OK)
		rc = store_circle_list(req->app->store, req->session->account,
		    req->arena, &list, &count, err);
	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		if (!str_eq(list[i].sort_key, circle.sort_key))
			continue;
		*out_id = list[i].id;
		return ERR_OK;
	}
	*out_id = circle.id;
	return rc == ERR_OK ? store_circle_save(req->app->store,
	                          req->session->account, &circle, err)
	                    : rc;
}

static enum err_code
contacts_save_group(
    struct request *req, struct response *res, bool is_new, struct err *err)
{
	struct store_circle circle;
	enum err_code rc = group_parse(req,
	    text_line(req->arena, request_field(req, "group_name")), &circle,
	    err);

	if (!is_new)
		circle.id = request_field(req, "group");
	if (rc == ERR_OK && compose_id_is_valid(circle.id))
		rc = store_circle_save(
		    req->app->store, req->session->account, &circle, err);
	if (rc == ERR_INPUT || rc == ERR_LIMIT)
		return contacts_show(req, res, err->message, err);
	return rc == ERR_OK ? contacts_done(req, res, "group", 1, STR(""), err)
	                    : rc;
}

static enum err_code
contacts_remove_group(
    struct request *req, struct response *res, struct err *err)
{
	struct str step = compose_id_new(req->arena);
	struct contacts_query all = {.page = 1};
	enum err_code rc =
	    store_circle_remove(req->app->store, req->session->account,
	        request_field(req, "group"), step, clock_now_s(), err);

	if (rc != ERR_OK)
		return rc;
	return page_redirect(
	    req, res, contacts_url(req, &all, "ungrouped", 1, step), err);
}

/* ---- the rest -------------------------------------------------------------
 */
static enum err_code
contacts_undo(struct request *req, struct response *res, struct err *err)
{
	struct contacts_query all = {.page = 1};
	enum err_code rc = store_people_undo(req->app->store,
	    req->session->account, request_field(req, "undo"), err);

	if (rc != ERR_OK && rc != ERR_NOT_FOUND)
		return rc;
	return page_redirect(req, res,
	    contacts_url(
	        req, &all, rc == ERR_OK ? "undone" : "late", 1, STR("")),
	    err);
}

static enum err_code
contacts_collect(
    struct request *req, struct response *res, bool is_on, struct err *err)
{
	enum err_code rc =
	    store_pref_set(req->app->store, req->session->account,
	        STR(PEOPLE_PREF_COLLECT), is_on ? STR("1") : STR("0"), err);

	return rc == ERR_OK
	           ? contacts_done(req, res, is_on ? "collect" : "nocollect", 1,
	                 STR(""), err)
	           : rc;
}

static enum err_code
contacts_learn(struct request *req, struct response *res, struct err *err)
{
	uint64_t added = 0;
	enum err_code rc = page_learn(req, &added, err);

	return rc == ERR_OK
	           ? contacts_done(req, res, "learned", added, STR(""), err)
	           : rc;
}

static enum err_code
contacts_do(
    struct request *req, struct response *res, struct str verb, struct err *err)
{
	if (str_eq(verb, STR("join")))
		return contacts_set_group(req, res, true, err);
	if (str_eq(verb, STR("leave")))
		return contacts_set_group(req, res, false, err);
	if (str_eq(verb, STR("group")))
		return contacts_save_group(req, res, true, err);
	if (str_eq(verb, STR("rename")))
		return contacts_save_group(req, res, false, err);
	if (str_eq(verb, STR("collect")))
		return contacts_collect(req, res, true, err);
	if (str_eq(verb, STR("nocollect")))
		return contacts_collect(req, res, false, err);
	if (str_eq(verb, STR("search")))
		return contacts_done(req, res, NULL, 0, STR(""), err);
	return err_set(err, ERR_INPUT,
	    "Please choose what to do with the contacts.", NULL);
}

enum err_code
page_contacts_post(struct request *req, struct response *res, struct err *err)
{
	static const struct {
		const char *verb;
		page_fn *run;
	} verbs[] = {
	    {"add", contacts_add},
	    {"sender", contacts_sender},
	    {"remove", contacts_remove},
	    {"keep", contacts_keep},
	    {"ungroup", contacts_remove_group},
	    {"undo", contacts_undo},
	    {"learn", contacts_learn},
	};
	struct str verb = request_field(req, "do");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_eq(verb, str_c(verbs[i].verb)))
			return verbs[i].run(req, res, err);
	return contacts_do(req, res, verb, err);
}
