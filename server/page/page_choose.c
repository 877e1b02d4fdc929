#include "base/limits.h"
#include "base/num.h"
#include "base/tr.h"
#include "page/compose_inside.h"
#include "page/page_contacts.h"
#include "page/pages.h"

/*
 * Recipients chosen from the contacts, for a message that is being written: a
 * page between, for browsers without JavaScript and for whole groups.
 */

/* ---- show -----------------------------------------------------------------
 */
static struct view_url
choose_url(
    struct request *req, struct str id, const struct contacts_query *query)
{
	struct str none = {NULL, 0};
	struct view_url_param params[] = {
	    {"id", id},
	    {"book",
	        query->store.book == STORE_BOOK_OWN ? none : STR("collected")},
	    {"page",
	        query->page > 1 ? page_u64(req->arena, query->page) : none},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/contacts/choose", params);
}

/* An address is named by its person and its place there. */
static void
choose_view_person(struct request *req, const struct store_person *person,
    struct view_list *rows)
{
	for (size_t i = 0; i < person->address_count; i++) {
		struct view *row = view_list_add(rows);

		view_str(row, "pick",
		    str_printf(req->arena, "%.*s.%zu", STR_ARG(person->id), i));
		view_str(row, "name", person->name);
		view_bool(row, "has_name", person->name.len > 0);
		view_str(row, "address", person->addresses[i].address);
	}
}

static enum err_code
choose_view_groups(struct request *req, struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "groups");
	struct store_circle *list = NULL;
	size_t count = 0;
	size_t shown = 0;
	enum err_code rc = store_circle_list(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct view *row;

		if (list[i].members == 0)
			continue;
		row = view_list_add(rows);
		view_str(row, "group_id", list[i].id);
		view_str(row, "group_name", list[i].name);
		view_u64(row, "members", list[i].members);
		shown++;
	}
	view_bool(view, "has_groups", shown > 0);
	return rc;
}

static void
choose_view_pages(struct request *req, struct str id,
    const struct contacts_query *query, const struct store_people *people,
    struct view *view)
{
	struct contacts_query other = *query;
	uint64_t last = query->store.first + people->count;

	/* What is found stands on one page: its words are in no address. */
	view_bool(
	    view, "has_prev", query->page > 1 && text_is_empty(query->words));
	view_bool(view, "has_next",
	    last < people->total && text_is_empty(query->words));
	view_bool(view, "is_more",
	    last < people->total && !text_is_empty(query->words));
	other.page = query->page > 1 ? query->page - 1 : 1;
	view_set_url(view, "prev_url", choose_url(req, id, &other));
	other.page = query->page + 1;
	view_set_url(view, "next_url", choose_url(req, id, &other));
	other = (struct contacts_query){.page = 1};
	other.store.book = query->store.book == STORE_BOOK_OWN
	                       ? STORE_BOOK_COLLECTED
	                       : STORE_BOOK_OWN;
	view_set_url(view, "other_url", choose_url(req, id, &other));
	view_bool(
	    view, "in_collected", query->store.book == STORE_BOOK_COLLECTED);
	view_bool(view, "has_people", people->count > 0);
}

static enum err_code
choose_show(struct request *req, struct response *res,
    const struct compose *compose, const char *words, struct err *err)
{
	struct contacts_query query;
	struct store_people people = {0};
	struct view *view = NULL;
	struct view_list *rows;
	enum err_code rc =
	    page_view(req, res, tr_text("Choose recipients"), &view, err);

	if (rc == ERR_OK)
		rc = contacts_query_parse(req, &query, err);
	if (rc == ERR_OK)
		rc = people_fresh(
		    req->app->store, req->session->account, req->arena, err);
	if (rc == ERR_OK)
		rc = store_people_list(req->app->store, req->session->account,
		    &query.store, false, req->arena, &people, err);
	if (rc == ERR_OK)
		rc = choose_view_groups(req, view, err);
	if (rc != ERR_OK)
		return rc;
	rows = view_list(view, "people");
	for (size_t i = 0; i < people.count; i++)
		choose_view_person(req, &people.list[i], rows);
	choose_view_pages(req, compose->id, &query, &people, view);
	view_str(view, "id", compose->id);
	view_word(view, "book",
	    query.store.book == STORE_BOOK_OWN ? "" : "collected");
	view_text(view, "search_words", query.words);
	view_bool(view, "is_search", !text_is_empty(query.words));
	view_text(view, "to", compose->to);
	view_text(view, "cc", compose->cc);
	view_text(view, "bcc", compose->bcc);
	view_set_url(view, "action_url",
	    view_url_own(req->arena, STR("/contacts/choose")));
	view_set_url(
	    view, "back_url", compose_url(req, "/compose", compose, false));
	if (words != NULL)
		view_word(view, "error", words);
	return page_send(req, res, "contacts_choose.html", view, err);
}

/* ---- the message ----------------------------------------------------------
 */
/* One that is being written; *out_sent: it is on its way already. */
static enum err_code
choose_load(
    struct request *req, struct compose *out, bool *out_sent, struct err *err)
{
	enum store_compose_state state = STORE_COMPOSE_WRITING;
	enum err_code rc =
	    compose_load(req, page_param(req, "id"), out, &state, err);

	*out_sent = rc == ERR_OK && state != STORE_COMPOSE_WRITING;
	return rc;
}

static enum err_code
choose_add_person(struct request *req, struct str pick,
    struct people_field *line, struct err *err)
{
	struct str id = str_cut(&pick, '.');
	struct store_person person;
	uint32_t rank = 0;
	enum err_code rc = store_person_find(req->app->store,
	    req->session->account, id, req->arena, &person, err);

	if (rc == ERR_NOT_FOUND)
		return ERR_OK; /* removed meanwhile */
	if (rc == ERR_OK &&
	    num_u32(pick, 0, LIMIT_PERSON_ADDRESSES, &rank, NULL) == ERR_OK &&
	    rank < person.address_count)
		people_field_add(
		    line, person.name, person.addresses[rank].address);
	return rc;
}

static enum err_code
choose_fill(struct request *req, struct text *field, struct err *err)
{
	const struct form *form = NULL;
	const struct form_field *one = NULL;
	struct people_field line;
	uint64_t members = 0;
	struct str typed = str_trim(field->s);
	enum err_code rc = request_form(req, &form, err);

	/* "Anna, " as it was left while typing. */
	while (typed.len > 0 && (typed.ptr[typed.len - 1] == ',' ||
	                            typed.ptr[typed.len - 1] == ' '))
		typed.len--;
	people_field_begin(&line, req->arena, typed);
	people_field_put(&line, typed);
	while (rc == ERR_OK && (one = form_next(form, "pick", one)) != NULL)
		rc = choose_add_person(req, one->value, &line, err);
	one = NULL;
	while (
	    rc == ERR_OK && (one = form_next(form, "pick_group", one)) != NULL)
		rc = people_field_add_group(
		    req, &line, one->value, &members, err);
	return rc == ERR_OK ? people_field_end(&line, field, err) : rc;
}

static struct text *
choose_field(struct compose *compose, struct str verb)
{
	if (str_eq(verb, STR("to")))
		return &compose->to;
	if (str_eq(verb, STR("cc")))
		return &compose->cc;
	return str_eq(verb, STR("bcc")) ? &compose->bcc : NULL;
}

static enum err_code
choose_do(struct request *req, struct response *res, struct err *err)
{
	struct compose compose = {0};
	struct text *field;
	bool is_sent = false;
	enum err_code rc = choose_load(req, &compose, &is_sent, err);

	if (rc != ERR_OK)
		return rc;
	field = choose_field(&compose, request_field(req, "do"));
	if (is_sent)
		return page_redirect(
		    req, res, compose_url(req, "/sent", &compose, false), err);
	if (field == NULL)
		return choose_show(req, res, &compose, NULL, err);
	rc = choose_fill(req, field, err);
	if (rc == ERR_OK)
		rc = compose_store_fields(req, &compose, err);
	if (rc == ERR_LIMIT)
		return choose_show(req, res, &compose, err->message, err);
	return rc == ERR_OK
	           ? page_redirect(req, res,
	                 compose_url(req, "/compose", &compose, false), err)
	           : rc;
}

enum err_code
page_choose(struct request *req, struct response *res, struct err *err)
{
	struct compose compose = {0};
	bool is_sent = false;
	enum err_code rc = choose_load(req, &compose, &is_sent, err);

	if (rc == ERR_OK && is_sent)
		return page_redirect(
		    req, res, compose_url(req, "/sent", &compose, false), err);
	return rc == ERR_OK ? choose_show(req, res, &compose, NULL, err) : rc;
}

enum err_code
page_choose_post(struct request *req, struct response *res, struct err *err)
{
	struct str key = request_field(req, "id");
	enum err_code rc =
	    page_gate_enter(req->app->gate, key, req->deadline_mono_ms, err);

	if (rc != ERR_OK)
		return rc;
	rc = choose_do(req, res, err);
	page_gate_leave(req->app->gate, key);
	return rc;
}
