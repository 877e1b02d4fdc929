#include "page/page_contact.h"

#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_photo.h"
#include "os/clock.h"
#include "page/page_message.h"
#include "page/page_part.h"
#include "page/pages.h"

/* ---- show -----------------------------------------------------------------
 */
static void
contact_view_addresses(
    struct request *req, const struct store_person *person, struct view *view)
{
	struct view_list *rows = view_list(view, "addresses");
	size_t count = person->address_count + CONTACT_SPARE;

	for (size_t i = 0; i < count && i < LIMIT_PERSON_ADDRESSES; i++) {
		bool is_spare = i >= person->address_count;
		struct view *row = view_list_add(rows);

		view_u64(row, "number", i + 1);
		view_str(row, "address",
		    is_spare ? STR("") : person->addresses[i].address);
		view_bool(row, "is_known", !is_spare && person->id.len > 0);
		if (is_spare)
			continue;
		view_u64(row, "uses", person->addresses[i].uses);
		view_bool(row, "is_used", person->addresses[i].uses > 0);
		view_set_url(row, "compose_url",
		    message_write_url(req, "to", person->addresses[i].address));
	}
}

static enum err_code
contact_view_groups(struct request *req, const struct store_person *person,
    struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "groups");
	struct store_circle *all = NULL;
	struct store_circle *in = NULL;
	size_t all_count = 0;
	size_t in_count = 0;
	enum err_code rc = store_circle_list(req->app->store,
	    req->session->account, req->arena, &all, &all_count, err);

	if (rc == ERR_OK && person->id.len > 0)
		rc = store_circle_of(req->app->store, req->session->account,
		    person->id, req->arena, &in, &in_count, err);
	for (size_t i = 0; rc == ERR_OK && i < all_count; i++) {
		struct view *row = view_list_add(rows);
		bool is_in = false;

		for (size_t k = 0; k < in_count; k++)
			is_in = is_in || str_eq(in[k].id, all[i].id);
		view_str(row, "group_id", all[i].id);
		view_str(row, "group_name", all[i].name);
		view_bool(row, "is_in", is_in);
	}
	view_bool(view, "has_groups", all_count > 0);
	return rc;
}

static void
contact_view_export(
    struct request *req, const struct store_person *person, struct view *view)
{
	struct view_url_param params[] = {
	    {"id", person->id}, {"form", STR("vcard4")}, {NULL, {0}}};

	view_set_url(view, "export_url",
	    view_url_local(req->arena, "/contacts/file", params));
}

static enum err_code
contact_show(struct request *req, struct response *res,
    const struct store_person *person, const char *words, struct err *err)
{
	struct view *view = NULL;
	bool is_new = person->id.len == 0;
	enum err_code rc = page_view(req, res,
	    is_new ? tr_text("New contact") : tr_text("Contact"), &view, err);

	if (rc == ERR_OK)
		rc = contact_view_groups(req, person, view, err);
	if (rc != ERR_OK)
		return rc;
	view_bool(view, "is_new", is_new);
	view_str(view, "id", person->id);
	view_str(view, "name", person->name);
	view_str(view, "organization", person->organization);
	view_str(view, "note", person->note);
	view_bool(view, "is_collected", person->book == STORE_BOOK_COLLECTED);
	contact_view_photo(req, view, person);
	contact_view_addresses(req, person, view);
	contact_card_view(req, person->card, view);
	contact_view_export(req, person, view);
	contacts_view_note(req, view);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/contact")));
	if (words != NULL)
		view_word(view, "error", words);
	return page_send(req, res, "contact.html", view, err);
}

enum err_code
page_contact(struct request *req, struct response *res, struct err *err)
{
	struct store_person person = {0};
	struct str id = request_query(req, "id");
	enum err_code rc = ERR_OK;

	if (id.len > 0)
		rc = store_person_find(req->app->store, req->session->account,
		    id, req->arena, &person, err);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(err, ERR_NOT_FOUND,
		    "There is no such contact. It may have been removed.",
		    NULL);
	return rc == ERR_OK ? contact_show(req, res, &person, NULL, err) : rc;
}

/* ---- read -----------------------------------------------------------------
 */
/* All fields "address" that are not empty. */
static enum err_code
contact_parse_addresses(
    struct request *req, struct store_person *out, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;
	enum err_code rc = request_form(req, &form, err);

	out->addresses = ARENA_ARRAY(
	    req->arena, LIMIT_PERSON_ADDRESSES, struct store_address);
	out->address_count = 0;
	if (rc == ERR_OK && out->addresses == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "contact_parse");
	while (rc == ERR_OK &&
	       (field = form_next(form, "address", field)) != NULL) {
		struct str typed = text_line(req->arena, field->value).s;
		struct mime_addresses found = {0};

		if (typed.len == 0 ||
		    out->address_count == LIMIT_PERSON_ADDRESSES)
			continue;
		/* Kept as typed, so that the form shows it again. */
		out->addresses[out->address_count++].address = typed;
		rc = mime_check_recipients(
		    typed, page_domain(req), req->arena, &found, err);
		if (rc == ERR_OK &&
		    (found.count != 1 || typed.len > LIMIT_NAME_BYTES))
			rc = err_set(err, ERR_INPUT,
			    "Please type one address in each field.", NULL);
		if (rc == ERR_OK)
			out->addresses[out->address_count - 1].address =
			    found.list[0].address.s;
	}
	return rc;
}

/* The rest of what is typed stays in *out when something is wrong. */
static enum err_code
contact_parse(struct request *req, const struct store_person *old,
    struct store_person *out, struct err *err)
{
	struct str card;
	enum err_code rc;

	*out = *old;
	out->name = text_line(req->arena, request_field(req, "name")).s;
	out->organization =
	    text_line(req->arena, request_field(req, "organization")).s;
	out->note = text_from(req->arena, request_field(req, "note")).s;
	card = contact_card_parse(req, old->card, !str_eq(old->name, out->name),
	    !str_eq(old->organization, out->organization));
	rc = contact_parse_addresses(req, out, err);
	if (card.ptr == NULL && card.len == 0 && arena_failed(req->arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "contact_parse");
	out->card = card;
	if (rc != ERR_OK)
		return rc;
	if (out->name.len > LIMIT_NAME_BYTES ||
	    out->organization.len > LIMIT_NAME_BYTES)
		return err_set(err, ERR_INPUT,
		    "The name or the organisation is too long.", NULL);
	if (out->note.len > LIMIT_PERSON_NOTE)
		return err_set(err, ERR_INPUT,
		    "The note is longer than 32 KB. Please shorten it.", NULL);
	if (out->name.len + out->organization.len == 0 &&
	    out->address_count == 0)
		return err_set(
		    err, ERR_INPUT, "Please type a name or an address.", NULL);
	return ERR_OK;
}

/* ---- photo ----------------------------------------------------------------
 */
/* *out_type NULL: no file was chosen. ERR_INPUT: no photo we take. */
static enum err_code
contact_parse_photo(struct request *req, struct str *out, const char **out_type,
    struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *field;
	char *bytes;
	int64_t len;
	enum err_code rc = request_form(req, &form, err);

	*out_type = NULL;
	if (rc != ERR_OK)
		return rc;
	field = form_find(form, "photo");
	if (field == NULL || !field->is_file || field->file_bytes == 0)
		return ERR_OK;
	if (field->file_bytes > LIMIT_PERSON_PHOTO)
		return err_set(err, ERR_INPUT,
		    "The photo is larger than 256 KB. Please choose a smaller "
		    "one.",
		    NULL);
	bytes = arena_alloc(req->arena, LIMIT_PERSON_PHOTO);
	len = bytes == NULL ? -1
	                    : form_file_read(form, field, 0, bytes,
	                          (size_t)field->file_bytes);
	if (len < 0)
		return err_set(
		    err, ERR_INTERNAL, "The photo could not be read.", "spool");
	/* Place and time of the picture stay with who has it. */
	if (!mime_photo_clean(
	        req->arena, str_of(bytes, (size_t)len), out, out_type))
		return err_sayf(err, ERR_INPUT,
		    "A photo has to be a JPEG or PNG picture with at most %u "
		    "pixels a side.",
		    LIMIT_PHOTO_SIDE);
	return ERR_OK;
}

static enum err_code
contact_save_photo(struct request *req, struct str id, struct str photo,
    const char *type, struct err *err)
{
	bool goes = request_field(req, "no_photo").len > 0;

	if (type == NULL && !goes)
		return ERR_OK;
	return store_person_set_photo(req->app->store, req->session->account,
	    id, str_c(type), type == NULL ? STR("") : photo, err);
}

/* ---- groups ---------------------------------------------------------------
 */
static bool
contact_is_ticked(struct request *req, struct str group)
{
	const struct form *form = NULL;
	const struct form_field *field = NULL;

	if (request_form(req, &form, NULL) != ERR_OK)
		return false;
	while ((field = form_next(form, "in_group", field)) != NULL)
		if (str_eq(field->value, group))
			return true;
	return false;
}

static enum err_code
contact_save_groups(struct request *req, struct str id, struct err *err)
{
	struct text name =
	    text_line(req->arena, request_field(req, "new_group"));
	struct store *store = req->app->store;
	struct store_circle *list = NULL;
	size_t count = 0;
	uint64_t changed = 0;
	struct str made = {NULL, 0};
	enum err_code rc = store_circle_list(
	    store, req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = store_circle_set(store, req->session->account, list[i].id,
		    &id, 1, contact_is_ticked(req, list[i].id), &changed, err);
	if (rc == ERR_OK && !text_is_empty(name)) {
		rc = contacts_group(req, name, &made, err);
		if (rc == ERR_OK)
			rc = store_circle_set(store, req->session->account,
			    made, &id, 1, true, &changed, err);
	}
	return rc;
}

/* ---- save -----------------------------------------------------------------
 */
static enum err_code
contact_write(struct request *req, struct store_person *person, struct err *err)
{
	struct store *store = req->app->store;

	people_fold(req->arena, person);
	person->changed_s = clock_now_s();
	person->book = STORE_BOOK_OWN;
	if (person->id.len > 0)
		return store_person_change(
		    store, req->session->account, person, err);
	person->id = compose_id_new(req->arena);
	person->created_s = person->changed_s;
	return store_person_add(
	    store, req->session->account, person, STR(""), STR(""), err);
}

static enum err_code
contact_save(struct request *req, struct response *res,
    const struct store_person *old, struct err *err)
{
	struct store_person person;
	struct view_url_param params[] = {{"note", STR("saved")}, {NULL, {0}}};
	struct str photo = {NULL, 0};
	const char *type = NULL;
	enum err_code rc = contact_parse(req, old, &person, err);

	if (rc == ERR_OK)
		rc = contact_parse_photo(req, &photo, &type, err);
	if (rc == ERR_OK)
		rc = contact_write(req, &person, err);
	if (rc == ERR_OK)
		rc = contact_save_photo(req, person.id, photo, type, err);
	if (rc == ERR_OK)
		rc = contact_save_groups(req, person.id, err);
	if (rc == ERR_INPUT || rc == ERR_LIMIT) {
		response_status(res, 400);
		return contact_show(req, res, &person, err->message, err);
	}
	return rc == ERR_OK
	           ? page_redirect(req, res,
	                 view_url_local(req->arena, "/contacts", params), err)
	           : rc;
}

static enum err_code
contact_remove(
    struct request *req, struct response *res, struct str id, struct err *err)
{
	struct contacts_query all = {.page = 1};
	struct str step = compose_id_new(req->arena);
	uint64_t count = 0;
	enum err_code rc = store_person_remove(req->app->store,
	    req->session->account, &id, 1, step, clock_now_s(), &count, err);

	return rc == ERR_OK
	           ? page_redirect(req, res,
	                 contacts_url(req, &all, "removed", 1, step), err)
	           : rc;
}

enum err_code
page_contact_post(struct request *req, struct response *res, struct err *err)
{
	struct str id = request_field(req, "id");
	struct store_person old = {0};
	enum err_code rc = ERR_OK;

	if (str_eq(request_field(req, "do"), STR("remove")))
		return contact_remove(req, res, id, err);
	if (id.len > 0)
		rc = store_person_find(req->app->store, req->session->account,
		    id, req->arena, &old, err);
	/* Removed meanwhile: what was typed becomes a new one. */
	if (rc == ERR_NOT_FOUND) {
		old = (struct store_person){0};
		rc = ERR_OK;
	}
	return rc == ERR_OK ? contact_save(req, res, &old, err) : rc;
}

enum err_code
contact_photo(struct request *req, struct str id, struct arena *arena,
    const char **out_type, struct str *out, struct err *err)
{
	struct str type, bytes;
	enum err_code rc = store_person_photo(req->app->store,
	    req->session->account, id, arena, &type, &bytes, err);

	/* Older ones were kept as they came. */
	if (rc == ERR_OK && !mime_photo_clean(arena, bytes, out, out_type))
		rc = err_set(err, ERR_NOT_FOUND,
		    "This photo is damaged. Please choose another one.", NULL);
	return rc;
}

enum err_code
page_contact_photo(struct request *req, struct response *res, struct err *err)
{
	const char *type = NULL;
	struct str bytes = {NULL, 0};
	enum err_code rc = contact_photo(
	    req, request_query(req, "id"), req->arena, &type, &bytes, err);

	if (rc != ERR_OK)
		return rc;
	response_status(res, 200);
	response_replace_header(res, "Content-Type", str_c(type));
	response_replace_header(
	    res, "Content-Disposition", STR("inline; filename=\"photo\""));
	page_file_caching(req, res);
	response_body(res, bytes);
	return ERR_OK;
}
