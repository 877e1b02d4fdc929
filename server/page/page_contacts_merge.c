#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_card.h"
#include "os/clock.h"
#include "page/page_contacts.h"
#include "page/pages.h"

#define MERGE_GROUPS 50u /* of doubles shown */
#define MERGE_PEOPLE 20u /* that become one */

/* ---- what comes of it -----------------------------------------------------
 */
static bool
merge_has_line(struct str card, struct str whole)
{
	while (card.len > 0)
		if (str_eq(str_cut(&card, '\n'), whole))
			return true;
	return false;
}

/* Lines that are not there yet; of a name, an organisation, only the first. */
static void
merge_card(struct buf *out, struct str card)
{
	static const char *const once[] = {"N", "ORG", "UID", "REV", "PRODID"};
	struct mime_card_line line;

	while (mime_card_line_next(&card, &line)) {
		bool is_there = merge_has_line(buf_str(out), line.whole);
		struct str rest = buf_str(out);
		struct mime_card_line other;

		for (size_t i = 0; i < 5; i++) {
			if (!str_eq(line.name, str_c(once[i])))
				continue;
			while (mime_card_line_next(&rest, &other))
				is_there =
				    is_there || str_eq(other.name, line.name);
		}
		if (is_there)
			continue;
		buf_add(out, line.whole);
		buf_add_byte(out, '\n');
	}
}

static void
merge_addresses(struct arena *arena, struct store_person *out,
    const struct store_person *from)
{
	for (size_t i = 0; i < from->address_count; i++) {
		struct str key = people_key(arena, from->addresses[i].address);
		bool is_there = false;

		for (size_t k = 0; k < out->address_count; k++)
			is_there = is_there ||
			           str_eq(key, people_key(arena,
			                           out->addresses[k].address));
		if (is_there || out->address_count == LIMIT_PERSON_ADDRESSES)
			continue;
		out->addresses[out->address_count++] = from->addresses[i];
	}
}

static void
merge_note(struct buf *out, struct str note)
{
	if (note.len == 0 || str_find(buf_str(out), note, 0) < out->len)
		return;
	if (out->len > 0)
		buf_add_byte(out, '\n');
	buf_add(out, note);
}

enum err_code
contact_join(struct arena *arena, const struct store_person *list, size_t count,
    struct store_person *out, struct err *err)
{
	struct buf card, note;
	size_t room = 0;

	*out = (struct store_person){.book = STORE_BOOK_OWN};
	out->addresses =
	    ARENA_ARRAY(arena, LIMIT_PERSON_ADDRESSES, struct store_address);
	buf_init_arena(&card, arena, LIMIT_PERSON_CARD);
	buf_init_arena(&note, arena, LIMIT_PERSON_NOTE);
	for (size_t i = 0; out->addresses != NULL && i < count; i++) {
		room += list[i].address_count;
		if (out->name.len == 0)
			out->name = list[i].name;
		if (out->organization.len == 0)
			out->organization = list[i].organization;
		merge_addresses(arena, out, &list[i]);
		merge_card(&card, list[i].card);
		merge_note(&note, list[i].note);
	}
	out->card = buf_str(&card);
	out->note = buf_str(&note);
	if (arena_failed(arena) || out->addresses == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "contact_join");
	if (card.failed != ERR_OK || note.failed != ERR_OK ||
	    (room > LIMIT_PERSON_ADDRESSES &&
	        out->address_count == LIMIT_PERSON_ADDRESSES))
		return err_set(err, ERR_INPUT,
		    "Together these contacts hold more than one contact may.",
		    NULL);
	return ERR_OK;
}

/* ---- show -----------------------------------------------------------------
 */
static void
merge_view_person(
    struct request *req, const struct store_person *person, struct view *row)
{
	struct view_list *addresses = view_list(row, "addresses");
	struct view_list *lines = view_list(row, "lines");
	struct str card = person->card;
	struct mime_card_line line;

	view_str(row, "id", person->id);
	view_str(row, "name", person->name);
	view_bool(row, "has_name", person->name.len > 0);
	view_str(row, "organization", person->organization);
	view_bool(row, "has_organization", person->organization.len > 0);
	view_str(row, "note", person->note);
	view_bool(row, "has_note", person->note.len > 0);
	view_set_url(row, "url", contact_url(req, person->id));
	contact_view_photo(req, row, person);
	for (size_t i = 0; i < person->address_count; i++)
		view_str(view_list_add(addresses), "address",
		    person->addresses[i].address);
	while (mime_card_line_next(&card, &line)) {
		if (!str_eq(line.name, STR("TEL")) &&
		    !str_eq(line.name, STR("ADR")) &&
		    !str_eq(line.name, STR("TITLE")))
			continue;
		view_text(view_list_add(lines), "line",
		    mime_card_value(req->arena, &line));
	}
}

static enum err_code
merge_view_double(struct request *req, const struct store_double *one,
    bool by_address, struct view *row, struct err *err)
{
	struct view_list *people = view_list(row, "people");
	enum err_code rc = ERR_OK;

	view_bool(row, "by_address", by_address);
	view_str(row, "common", one->common);
	for (size_t i = 0; rc == ERR_OK && i < one->id_count; i++) {
		struct store_person person;

		rc = store_person_find(req->app->store, req->session->account,
		    one->ids[i], req->arena, &person, err);
		if (rc == ERR_OK)
			merge_view_person(req, &person, view_list_add(people));
		else if (rc == ERR_NOT_FOUND)
			rc = ERR_OK; /* gone meanwhile */
	}
	return rc;
}

static bool
merge_is_same(const struct store_double *a, const struct store_double *b)
{
	if (a->id_count != b->id_count)
		return false;
	for (size_t i = 0; i < a->id_count; i++)
		if (!str_eq(a->ids[i], b->ids[i]))
			return false;
	return true;
}

/* Who has both in common is shown once. */
static enum err_code
merge_view_doubles(struct request *req, struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "doubles");
	struct store_double *found[2] = {NULL, NULL};
	size_t counts[2] = {0, 0};
	size_t shown = 0;
	enum err_code rc = people_fresh(
	    req->app->store, req->session->account, req->arena, err);

	for (size_t k = 0; rc == ERR_OK && k < 2; k++) {
		rc = store_people_doubles(req->app->store,
		    req->session->account, k == 0, MERGE_GROUPS, req->arena,
		    &found[k], &counts[k], err);
		for (size_t i = 0; rc == ERR_OK && i < counts[k]; i++) {
			bool is_shown = false;

			for (size_t j = 0; k == 1 && j < counts[0]; j++)
				is_shown =
				    is_shown ||
				    merge_is_same(&found[0][j], &found[1][i]);
			if (is_shown)
				continue;
			rc = merge_view_double(req, &found[k][i], k == 0,
			    view_list_add(rows), err);
			shown++;
		}
	}
	view_bool(view, "has_doubles", shown > 0);
	return rc;
}

static enum err_code
merge_show(struct request *req, struct response *res,
    const struct store_person *list, size_t count,
    const struct store_person *result, const char *words, struct err *err)
{
	struct view *view = NULL;
	struct view_list *people;
	enum err_code rc =
	    page_view(req, res, tr_text("Duplicate contacts"), &view, err);

	if (rc == ERR_OK && result == NULL)
		rc = merge_view_doubles(req, view, err);
	if (rc != ERR_OK)
		return rc;
	view_set_url(view, "action_url",
	    view_url_own(req->arena, STR("/contacts/merge")));
	if (words != NULL)
		view_word(view, "error", words);
	people = view_list(view, "merged");
	for (size_t i = 0; i < count; i++)
		merge_view_person(req, &list[i], view_list_add(people));
	if (result != NULL)
		merge_view_person(req, result, view_child(view, "result"));
	return page_send(req, res, "contacts_merge.html", view, err);
}

enum err_code
page_merge(struct request *req, struct response *res, struct err *err)
{
	return merge_show(req, res, NULL, 0, NULL, NULL, err);
}

/* ---- do -------------------------------------------------------------------
 */
/* Those that are ticked, in the order of the form. */
static enum err_code
merge_read(struct request *req, struct store_person **out, size_t *out_count,
    struct err *err)
{
	struct str *ids = NULL;
	size_t count = 0;
	enum err_code rc = contacts_ticked(req, &ids, &count, err);

	if (rc != ERR_OK)
		return rc;
	if (count < 2 || count > MERGE_PEOPLE)
		return err_sayf(err, ERR_INPUT,
		    "Please tick two or more contacts that are the same "
		    "person, at most %u.",
		    MERGE_PEOPLE);
	*out = ARENA_ARRAY(req->arena, count, struct store_person);
	*out_count = count;
	if (*out == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "merge_read");
	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = store_person_find(req->app->store, req->session->account,
		    ids[i], req->arena, &(*out)[i], err);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(err, ERR_INPUT,
		    "One of these contacts is no longer there. Nothing was "
		    "changed.",
		    NULL);
	return rc;
}

static enum err_code
merge_write(struct request *req, struct response *res,
    const struct store_person *list, size_t count, struct store_person *result,
    struct err *err)
{
	struct contacts_query all = {.page = 1};
	struct str step = compose_id_new(req->arena);
	struct str ids[MERGE_PEOPLE];
	enum err_code rc;

	for (size_t i = 0; i < count; i++)
		ids[i] = list[i].id;
	result->id = compose_id_new(req->arena);
	result->created_s = clock_now_s();
	result->changed_s = clock_now_s();
	people_fold(req->arena, result);
	rc = store_person_replace(req->app->store, req->session->account,
	    result, STR(""), ids, count, step, clock_now_s(), err);
	return rc == ERR_OK
	           ? page_redirect(req, res,
	                 contacts_url(req, &all, "merged", count, step), err)
	           : rc;
}

enum err_code
page_merge_post(struct request *req, struct response *res, struct err *err)
{
	struct store_person *list = NULL;
	struct store_person result = {0};
	size_t count = 0;
	enum err_code rc = merge_read(req, &list, &count, err);

	if (rc == ERR_OK)
		rc = contact_join(req->arena, list, count, &result, err);
	if (rc == ERR_INPUT) {
		response_status(res, 400);
		return merge_show(req, res, NULL, 0, NULL, err->message, err);
	}
	if (rc != ERR_OK)
		return rc;
	if (str_eq(request_field(req, "do"), STR("merge")))
		return merge_write(req, res, list, count, &result, err);
	return merge_show(req, res, list, count, &result, NULL, err);
}
