#include "page/page_contacts.h"

#include "base/codec.h"
#include "base/num.h"
#include "base/tr.h"
#include "page/page_import.h"
#include "page/page_message.h"
#include "page/pages.h"

#define CONTACTS_WORDS_BYTES ((size_t)200)

static const char contacts_purpose[] = "contacts";

/* ---- which part -----------------------------------------------------------
 */
static struct str
contacts_seal(struct request *req, struct str words)
{
	struct buf token;
	struct str sealed;

	buf_init_arena(&token, req->arena, LIMIT_QUERY_BYTES);
	if (session_seal(req->app->sessions, req, contacts_purpose, true,
	        STR(""), words, &sealed, NULL) != ERR_OK)
		return str_of(NULL, 0);
	codec_base64url_encode(&token, sealed);
	return buf_str(&token);
}

static struct str
contacts_unseal(struct request *req, struct str token)
{
	struct str words = {NULL, 0};
	struct buf bytes;

	buf_init_arena(&bytes, req->arena, LIMIT_QUERY_BYTES);
	if (token.len == 0 ||
	    codec_base64url_decode(&bytes, token, NULL) != ERR_OK ||
	    session_unseal(req->app->sessions, req, contacts_purpose, true,
	        STR(""), buf_str(&bytes), &words, NULL) != ERR_OK)
		return str_of(NULL, 0);
	return words;
}

enum err_code
contacts_query_parse(
    struct request *req, struct contacts_query *out, struct err *err)
{
	struct page_prefs prefs;
	struct str page = page_param(req, "page");
	struct str words = page_param(req, "q");
	enum err_code rc = page_prefs_get(req, &prefs, err);

	*out = (struct contacts_query){.page = 1};
	if (rc != ERR_OK)
		return rc;
	if (page.len > 0 &&
	    num_u32(page, 1, LIMIT_CONTACTS, &out->page, NULL) != ERR_OK)
		return err_set(err, ERR_INPUT, "There is no such page.", NULL);
	if (words.len == 0)
		words = contacts_unseal(req, page_param(req, "s"));
	if (words.len > CONTACTS_WORDS_BYTES)
		return err_set(err, ERR_INPUT,
		    "These are too many words to search for.", NULL);
	out->words = text_line(req->arena, words);
	out->store.book = str_eq(page_param(req, "book"), STR("collected"))
	                      ? STORE_BOOK_COLLECTED
	                      : STORE_BOOK_OWN;
	out->store.pattern = people_pattern(req->arena, out->words.s);
	out->store.circle = page_param(req, "group");
	out->store.count = prefs.rows;
	out->store.first = (uint64_t)(out->page - 1) * prefs.rows;
	return ERR_OK;
}

struct view_url
contacts_url(struct request *req, const struct contacts_query *query,
    const char *note, uint64_t count, struct str step)
{
	const struct store_people_query *store = &query->store;
	bool has_words = !text_is_empty(query->words);
	bool is_sealed = req->session->expire_views;
	struct str none = {NULL, 0};
	struct view_url_param params[] = {
	    {"book", store->book == STORE_BOOK_OWN ? none : STR("collected")},
	    {"group", store->circle.len > 0 ? store->circle : none},
	    {is_sealed ? "s" : "q", !has_words ? none
	                            : is_sealed
	                                ? contacts_seal(req, query->words.s)
	                                : query->words.s},
	    {"page",
	        query->page > 1 ? page_u64(req->arena, query->page) : none},
	    {"note", note != NULL ? str_c(note) : none},
	    {"n", note != NULL ? page_u64(req->arena, count) : none},
	    {"undo", step.len > 0 ? step : none},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/contacts", params);
}

void
contacts_view_fields(
    struct request *req, const struct contacts_query *query, struct view *view)
{
	struct view_list *list = view_list(view, "hidden");

	page_hidden(req, list, "book",
	    query->store.book == STORE_BOOK_OWN ? STR("") : STR("collected"));
	page_hidden(req, list, "group", query->store.circle);
	page_hidden(req, list, "page", page_u64(req->arena, query->page));
	if (!text_is_empty(query->words))
		page_hidden(req, list, "s", contacts_seal(req, query->words.s));
}

/* ---- what was done --------------------------------------------------------
 */
static const struct {
	const char *name;
	const char *words;
} contacts_notes[] = {
    {"added", N_("The contact is added.")},
    {"saved", N_("The contact is saved.")},
    {"undone", N_("That is undone: everything is as it was before.")},
    {"late", N_("This can no longer be undone.")},
    {"none", N_("Nothing was ticked, so nothing was done.")},
    {"group", N_("The group is saved.")},
    {"ungrouped",
        N_("The group is removed. Its people stay in your contacts.")},
    {"collect", N_("People you write to are collected from now on.")},
    {"nocollect",
        N_("People you write to are no longer collected. Those that are here "
           "stay until you remove them.")},
};

/* Of several at once. */
static struct str
contacts_note_counted(struct arena *arena, struct str note, uint32_t n)
{
	if (str_eq(note, STR("removed")))
		return n == 1 ? str_c(tr("The contact is removed."))
		              : str_printf(arena,
		                    trn("%u contact is removed.",
		                        "%u contacts are removed.", n),
		                    n);
	if (str_eq(note, STR("kept")))
		return str_printf(arena,
		    trn("%u address moved to your contacts.",
		        "%u addresses moved to your contacts.", n),
		    n);
	if (str_eq(note, STR("joined")))
		return str_printf(arena,
		    trn("%u contact put into the group.",
		        "%u contacts put into the group.", n),
		    n);
	if (str_eq(note, STR("left")))
		return str_printf(arena,
		    trn("%u contact taken out of the group.",
		        "%u contacts taken out of the group.", n),
		    n);
	if (str_eq(note, STR("merged")))
		return n == 1 ? str_c(tr("The contacts are one now."))
		              : str_printf(arena,
		                    trn("%u contact is one now.",
		                        "%u contacts are one now.", n),
		                    n);
	if (str_eq(note, STR("imported")))
		return str_printf(arena,
		    trn("%u contact imported.", "%u contacts imported.", n), n);
	if (str_eq(note, STR("learned")))
		return str_printf(arena,
		    trn("%u new address was found in your sent messages.",
		        "%u new addresses were found in your sent messages.",
		        n),
		    n);
	return STR("");
}

void
contacts_view_note(struct request *req, struct view *view)
{
	struct str note = request_query(req, "note");
	struct str step = request_query(req, "undo");
	uint32_t count = 1;
	struct str counted;
	struct view *undo;

	err_ignore(num_u32(
	    request_query(req, "n"), 0, LIMIT_CONTACTS * 2, &count, NULL));
	counted = contacts_note_counted(req->arena, note, count);
	if (counted.len > 0)
		view_str(view, "notice", counted);
	for (size_t i = 0;
	     i < sizeof(contacts_notes) / sizeof(contacts_notes[0]); i++)
		if (str_eq(note, str_c(contacts_notes[i].name)))
			view_word(view, "notice", tr(contacts_notes[i].words));
	if (!compose_id_is_valid(step))
		return;
	if (str_eq(note, STR("imported")))
		page_import_report_view(req, step, view_child(view, "report"));
	undo = view_child(view, "undo");
	view_set_url(undo, "url", view_url_own(req->arena, STR("/contacts")));
	view_str(undo, "token", step);
}

enum err_code
contacts_done(struct request *req, struct response *res, const char *note,
    uint64_t count, struct str step, struct err *err)
{
	struct contacts_query query;
	enum err_code rc = contacts_query_parse(req, &query, err);

	if (rc != ERR_OK)
		return rc;
	return page_redirect(
	    req, res, contacts_url(req, &query, note, count, step), err);
}

/* ---- show -----------------------------------------------------------------
 */
struct view_url
contact_url(struct request *req, struct str id)
{
	struct view_url_param params[] = {{"id", id}, {NULL, {0}}};

	return view_url_local(req->arena, "/contact", params);
}

void
contact_view_photo(
    struct request *req, struct view *view, const struct store_person *person)
{
	/* A photo that was changed has another address. */
	struct view_url_param params[] = {{"id", person->id},
	    {"t", page_u64(req->arena, (uint64_t)person->changed_s)},
	    {NULL, {0}}};

	if (person->photo_type.len > 0)
		view_set_url(view_child(view, "photo"), "url",
		    view_url_local(req->arena, "/contact/photo", params));
}

/* The first letter stands where there is no photo. */
static struct text
contacts_initial(struct request *req, const struct store_person *person)
{
	struct str key =
	    person->name.len > 0 ? person->name : person->organization;
	size_t at = 0;

	if (key.len == 0 && person->address_count > 0)
		key = person->addresses[0].address;
	(void)text_next(key, &at);
	return text_line(req->arena, str_slice(key, 0, at));
}

static void
contacts_view_person(
    struct request *req, const struct store_person *person, struct view *row)
{
	view_str(row, "id", person->id);
	view_str(row, "name", person->name);
	view_bool(row, "has_name", person->name.len > 0);
	view_str(row, "organization", person->organization);
	view_bool(row, "has_organization", person->organization.len > 0);
	view_text(row, "initial", contacts_initial(req, person));
	view_set_url(row, "url", contact_url(req, person->id));
	contact_view_photo(req, row, person);
	view_bool(row, "has_address", person->address_count > 0);
	if (person->address_count == 0)
		return;
	view_str(row, "address", person->addresses[0].address);
	view_set_url(row, "compose_url",
	    message_write_url(req, "to", person->addresses[0].address));
	view_u64(row, "more", person->address_count - 1);
	view_bool(row, "has_more", person->address_count > 1);
}

static void
contacts_view_pages(struct request *req, const struct contacts_query *query,
    const struct store_people *people, struct view *view)
{
	struct contacts_query other = *query;
	uint64_t first = query->store.first;
	uint64_t last = first + people->count;

	view_u64(view, "first_row", people->count > 0 ? first + 1 : 0);
	view_u64(view, "last_row", last);
	view_u64(view, "count", people->total);
	view_bool(view, "has_contacts", people->count > 0);
	view_bool(view, "has_pages", first > 0 || last < people->total);
	view_bool(view, "has_prev", first > 0);
	view_bool(view, "has_next", last < people->total);
	other.page = query->page > 1 ? query->page - 1 : 1;
	view_set_url(
	    view, "prev_url", contacts_url(req, &other, NULL, 0, STR("")));
	other.page = query->page + 1;
	view_set_url(
	    view, "next_url", contacts_url(req, &other, NULL, 0, STR("")));
}

static enum err_code
contacts_view_groups(struct request *req, const struct contacts_query *query,
    struct view *view, struct err *err)
{
	struct view_list *rows = view_list(view, "groups");
	struct store_circle *list = NULL;
	size_t count = 0;
	enum err_code rc = store_circle_list(req->app->store,
	    req->session->account, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++) {
		struct contacts_query other = {
		    .store = {.circle = list[i].id}, .page = 1};
		bool is_this = str_eq(list[i].id, query->store.circle);
		struct view *row = view_list_add(rows);

		view_str(row, "group_id", list[i].id);
		view_str(row, "group_name", list[i].name);
		view_u64(row, "members", list[i].members);
		view_bool(row, "is_this", is_this);
		view_set_url(row, "group_url",
		    contacts_url(req, &other, NULL, 0, STR("")));
		if (!is_this)
			continue;
		view_str(view_child(view, "group"), "group_id", list[i].id);
		view_str(view, "this_group", list[i].name);
	}
	view_bool(view, "has_groups", count > 0);
	return rc;
}

static enum err_code
contacts_view_books(struct request *req, const struct contacts_query *query,
    struct view *view, struct err *err)
{
	struct store_people_query count = {.book = STORE_BOOK_OWN};
	struct contacts_query other = {.page = 1};
	uint64_t own = 0;
	uint64_t collected = 0;
	struct str pref = {NULL, 0};
	struct store *store = req->app->store;
	enum err_code rc =
	    store_people_count(store, req->session->account, &count, &own, err);

	count.book = STORE_BOOK_COLLECTED;
	if (rc == ERR_OK)
		rc = store_people_count(
		    store, req->session->account, &count, &collected, err);
	if (rc == ERR_OK)
		rc = store_pref_get(store, req->session->account,
		    STR(PEOPLE_PREF_COLLECT), req->arena, &pref, err);
	view_u64(view, "own_count", own);
	view_u64(view, "collected_count", collected);
	view_bool(view, "collects", !str_eq(pref, STR("0")));
	view_bool(
	    view, "in_collected", query->store.book == STORE_BOOK_COLLECTED);
	view_bool(view, "in_all",
	    query->store.book == STORE_BOOK_OWN &&
	        query->store.circle.len == 0);
	view_set_url(
	    view, "own_url", contacts_url(req, &other, NULL, 0, STR("")));
	other.store.book = STORE_BOOK_COLLECTED;
	view_set_url(
	    view, "collected_url", contacts_url(req, &other, NULL, 0, STR("")));
	return rc;
}

static void
contacts_view_search(
    struct request *req, const struct contacts_query *query, struct view *view)
{
	struct contacts_query all = *query;

	all.words = TEXT("");
	all.page = 1;
	view_text(view, "search_words", query->words);
	view_bool(view, "is_search", !text_is_empty(query->words));
	view_bool(view, "search_post", req->session->expire_views);
	view_word(view, "book",
	    query->store.book == STORE_BOOK_OWN ? "" : "collected");
	view_str(view, "group_param", query->store.circle);
	view_set_url(
	    view, "clear_url", contacts_url(req, &all, NULL, 0, STR("")));
}

static void
contacts_view_links(struct request *req, struct view *view)
{
	static const struct {
		const char *name, *path;
	} links[] = {
	    {"action_url", "/contacts"},
	    {"merge_url", "/contacts/merge"},
	    {"import_url", "/contacts/import"},
	    {"export_url", "/contacts/export"},
	    {"new_url", "/contact"},
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		view_set_url(view, links[i].name,
		    view_url_own(req->arena, str_c(links[i].path)));
}

static enum err_code
contacts_view(struct request *req, const struct contacts_query *query,
    struct view *view, struct err *err)
{
	struct store_people people = {0};
	struct view_list *rows = view_list(view, "contacts");
	enum err_code rc = people_fresh(
	    req->app->store, req->session->account, req->arena, err);

	if (rc == ERR_OK)
		rc = store_people_list(req->app->store, req->session->account,
		    &query->store, false, req->arena, &people, err);
	for (size_t i = 0; rc == ERR_OK && i < people.count; i++)
		contacts_view_person(req, &people.list[i], view_list_add(rows));
	if (rc == ERR_OK)
		rc = contacts_view_groups(req, query, view, err);
	if (rc == ERR_OK)
		rc = contacts_view_books(req, query, view, err);
	if (rc != ERR_OK)
		return rc;
	contacts_view_pages(req, query, &people, view);
	contacts_view_search(req, query, view);
	contacts_view_fields(req, query, view);
	contacts_view_links(req, view);
	return ERR_OK;
}

enum err_code
contacts_show(struct request *req, struct response *res, const char *words,
    struct err *err)
{
	struct contacts_query query;
	struct view *view = NULL;
	enum err_code rc = page_view(req, res, tr_text("Contacts"), &view, err);

	if (rc == ERR_OK)
		rc = contacts_query_parse(req, &query, err);
	if (rc == ERR_OK)
		rc = contacts_view(req, &query, view, err);
	if (rc != ERR_OK)
		return rc;
	contacts_view_note(req, view);
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
