#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_message.h"
#include "page/page_people.h"
#include "page/pages.h"

static enum err_code
contacts_view(struct request *req, struct view *view, struct err *err)
{
	struct store_people_query query = {.count = LIMIT_LIST_ROWS};
	struct store_people people = {0};
	struct view_list *rows = view_list(view, "contacts");
	enum err_code rc = people_fresh(
	    req->app->store, req->session->account, req->arena, err);

	if (rc == ERR_OK)
		rc = store_people_list(req->app->store, req->session->account,
		    &query, false, req->arena, &people, err);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < people.count; i++) {
		struct view *row = view_list_add(rows);
		struct str address = people.list[i].address_count > 0
		                         ? people.list[i].addresses[0].address
		                         : STR("");

		view_str(row, "id", people.list[i].id);
		view_str(row, "name", people.list[i].name);
		view_bool(row, "has_name", people.list[i].name.len > 0);
		view_str(row, "address", address);
		view_set_url(
		    row, "compose_url", message_write_url(req, "to", address));
	}
	view_u64(view, "count", people.total);
	view_bool(view, "is_one", people.total == 1);
	view_bool(view, "has_contacts", people.total > 0);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/contacts")));
	return ERR_OK;
}

/* The list; `words` and what was typed when it could not be added. */
static enum err_code
contacts_show(struct request *req, struct response *res, const char *words,
    struct err *err)
{
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, TEXT("Contacts"), &view, err);

	if (rc == ERR_OK)
		rc = contacts_view(req, view, err);
	if (rc != ERR_OK)
		return rc;
	view_bool(view, "removed", request_query(req, "removed").len > 0);
	view_bool(view, "added", request_query(req, "added").len > 0);
	if (words != NULL) {
		view_word(view, "error", words);
		view_str(view, "typed_name", request_field(req, "name"));
		view_str(view, "typed_address", request_field(req, "address"));
		response_status(res, 400);
	}
	return page_send(req, res, "contacts.html", view, err);
}

enum err_code
page_contacts(struct request *req, struct response *res, struct err *err)
{
	return contacts_show(req, res, NULL, err);
}

static enum err_code
contacts_back(struct request *req, struct response *res, const char *said,
    struct err *err)
{
	struct view_url_param params[] = {{said, STR("1")}, {NULL, {0}}};

	return page_redirect(
	    req, res, view_url_local(req->arena, "/contacts", params), err);
}

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
contacts_add(struct request *req, struct response *res, bool from_message,
    struct err *err)
{
	struct mime_address contact = {0};
	enum err_code rc = from_message
	                       ? contacts_add_sender(req, &contact, err)
	                       : contacts_add_typed(req, &contact, err);

	if (rc == ERR_OK)
		rc = people_add_address(req, &contact, err);
	if (rc == ERR_OK)
		return from_message
		           ? message_go_back(req, res, STR("contact"), err)
		           : contacts_back(req, res, "added", err);
	if (!from_message && (rc == ERR_INPUT || rc == ERR_LIMIT))
		return contacts_show(req, res, err->message, err);
	return rc;
}

enum err_code
page_contacts_post(struct request *req, struct response *res, struct err *err)
{
	struct str verb = request_field(req, "do");
	uint64_t count = 0;
	struct str id;
	enum err_code rc;

	if (str_eq(verb, STR("add")))
		return contacts_add(req, res, false, err);
	if (str_eq(verb, STR("sender")))
		return contacts_add(req, res, true, err);
	if (!str_eq(verb, STR("remove")))
		return err_set(err, ERR_INPUT,
		    "Please choose what to do with the contacts.", NULL);
	id = request_field(req, "id");
	rc = store_person_remove(req->app->store, req->session->account, &id, 1,
	    compose_id_new(req->arena), clock_now_s(), &count, err);
	return rc == ERR_OK ? contacts_back(req, res, "removed", err) : rc;
}
