#include "page/page_people.h"

#include "base/limits.h"
#include "mime/mime_address.h"
#include "mime/mime_fold.h"
#include "os/clock.h"
#include "page/page_compose.h"

#define PATTERN_BYTES ((size_t)4000)
#define SEARCH_BYTES  ((size_t)32 << 10)
#define FRESH_ROUNDS  100 /* of LIMIT_LIST_ROWS people */
#define COLLECT_BYTES ((size_t)8 << 20)

struct str
people_key(struct arena *arena, struct str address)
{
	return str_lower(arena, address);
}

static void
fold_addresses(struct arena *arena, struct store_person *person)
{
	for (size_t i = 0; i < person->address_count; i++) {
		struct store_address *one = &person->addresses[i];
		struct str parts[] = {person->name, STR(" "), one->address,
		    STR(" "), person->organization};

		one->key = people_key(arena, one->address);
		one->words = mime_fold_words(arena, str_join(arena, parts, 5));
	}
}

void
people_fold(struct arena *arena, struct store_person *person)
{
	struct buf search;

	fold_addresses(arena, person);
	buf_init_arena(&search, arena, SEARCH_BYTES);
	person->folding = MIME_FOLD_RULES;
	person->sort_key = mime_fold(arena, person->name);
	person->name_key = mime_fold_name(arena, person->name);
	buf_add(&search, person->sort_key);
	buf_add_byte(&search, '\n');
	buf_add(&search, mime_fold(arena, person->organization));
	for (size_t i = 0; i < person->address_count; i++) {
		buf_add_byte(&search, '\n');
		buf_add(
		    &search, mime_fold(arena, person->addresses[i].address));
	}
	person->search = buf_str(&search);
	if (person->sort_key.len == 0 && person->address_count > 0)
		person->sort_key = person->addresses[0].key;
	if (person->sort_key.len == 0)
		person->sort_key = mime_fold(arena, person->organization);
}

/* What LIKE takes for more than itself. */
static void
add_literal(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '%' || s.ptr[i] == '_' || s.ptr[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, s.ptr[i]);
	}
}

struct str
people_pattern(struct arena *arena, struct str typed)
{
	struct str folded = mime_fold(arena, typed);
	struct buf out;

	if (folded.len == 0)
		return folded;
	buf_init_arena(&out, arena, PATTERN_BYTES * 4);
	buf_add_byte(&out, '%');
	add_literal(&out, folded);
	buf_add_byte(&out, '%');
	return buf_str(&out);
}

enum err_code
people_fresh(struct store *store, struct str account, struct arena *arena,
    struct err *err)
{
	struct store_people people;
	enum err_code rc = ERR_OK;

	for (int i = 0; i < FRESH_ROUNDS; i++) {
		rc = store_people_stale(
		    store, account, MIME_FOLD_RULES, arena, &people, err);
		if (rc != ERR_OK || people.count == 0)
			return rc;
		for (size_t at = 0; at < people.count; at++)
			people_fold(arena, &people.list[at]);
		rc = store_people_refold(
		    store, account, people.list, people.count, err);
		if (rc != ERR_OK)
			return rc;
	}
	return rc;
}

/* "=" begins an encoded word (RFC 2047). */
bool
people_is_phrase(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c < 0x80 && strchr("()<>[]:;@\\,.\"=", c) != NULL)
			return false;
	}
	return true;
}

/* An imported address that would be several ones, or end before its end. */
static bool
is_broken(struct str address)
{
	for (size_t i = 0; i < address.len; i++)
		if (strchr("<>,;:()\"\\", address.ptr[i]) != NULL)
			return !mime_address_is_sendable(address);
	return false;
}

struct text
people_line(struct arena *arena, struct str name, struct str address)
{
	bool is_plain;
	struct buf out;

	name = text_line(arena, name).s;
	/* All of it as a name: sending says that it is no address. */
	if (is_broken(address)) {
		name =
		    str_join(arena, (struct str[]){name, STR(" "), address}, 3);
		name = str_trim(text_line(arena, name).s);
		address = STR("");
	}
	if (name.len == 0)
		return text_line(arena, address);
	is_plain = people_is_phrase(name);
	buf_init_arena(&out, arena, (name.len + address.len) * 2 + 8);
	if (!is_plain)
		buf_add_byte(&out, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '"' || name.ptr[i] == '\\')
			buf_add_byte(&out, '\\');
		buf_add_byte(&out, name.ptr[i]);
	}
	if (!is_plain)
		buf_add_byte(&out, '"');
	if (address.len > 0) {
		buf_add_c(&out, " <");
		buf_add(&out, address);
		buf_add_byte(&out, '>');
	}
	return text_line(arena, buf_str(&out));
}

static enum err_code
people_rename(struct request *req, struct store_person *person, struct str name,
    struct err *err)
{
	if (name.len == 0 || str_eq(person->name, name))
		return ERR_OK;
	person->name = name;
	person->changed_s = clock_now_s();
	people_fold(req->arena, person);
	return store_person_change(
	    req->app->store, req->session->account, person, err);
}

enum err_code
people_add_address(
    struct request *req, const struct mime_address *address, struct err *err)
{
	struct store *store = req->app->store;
	struct store_address one = {.address = address->address.s};
	struct store_person person;
	enum err_code rc = store_person_of(store, req->session->account,
	    people_key(req->arena, one.address), req->arena, &person, err);

	if (rc != ERR_OK)
		return rc;
	if (person.id.len > 0 && person.book == STORE_BOOK_OWN)
		return people_rename(req, &person, address->name.s, err);
	person = (struct store_person){.id = compose_id_new(req->arena),
	    .name = address->name.s.len > 0 ? address->name.s : person.name,
	    .addresses = &one,
	    .address_count = 1,
	    .created_s = clock_now_s(),
	    .changed_s = clock_now_s()};
	people_fold(req->arena, &person);
	return store_person_add(
	    store, req->session->account, &person, STR(""), STR(""), err);
}

/* ---- who is written to ----------------------------------------------------
 */
/* A name that only repeats the address is none. */
static struct str
collected_name(struct arena *arena, const struct mime_address *one)
{
	struct str name =
	    text_line(arena, text_shorten(arena, one->name, 200).s).s;

	return str_eq_nocase(name, one->address.s) ? STR("") : name;
}

void
people_use(struct arena *arena, const struct mime_address *one, int64_t at_s,
    bool collect, struct store_use *out)
{
	struct store_address *address = ARENA_NEW(arena, struct store_address);

	*out = (struct store_use){.at_s = at_s, .collect = collect};
	out->person = (struct store_person){.id = compose_id_new(arena),
	    .book = STORE_BOOK_COLLECTED,
	    .name = collected_name(arena, one),
	    .created_s = clock_now_s(),
	    .changed_s = clock_now_s(),
	    .addresses = address,
	    .address_count = 1};
	/* What cannot be an address is left alone. */
	if (address == NULL || one->address.s.len == 0 ||
	    one->address.s.len > LIMIT_NAME_BYTES) {
		out->person.address_count = 0;
		return;
	}
	address->address = one->address.s;
	people_fold(arena, &out->person);
}

static enum err_code
collect(struct store *store, struct str account,
    const struct mime_addresses *recipients, bool is_on, struct arena *arena,
    struct err *err)
{
	uint64_t added = 0;
	struct store_use *uses =
	    ARENA_ARRAY(arena, recipients->count, struct store_use);

	for (size_t i = 0; uses != NULL && i < recipients->count; i++)
		people_use(arena, &recipients->list[i], clock_now_s(), is_on,
		    &uses[i]);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "people_collect");
	return store_people_use(
	    store, account, uses, recipients->count, &added, err);
}

void
page_people_collect(struct store *store, struct str account,
    const struct mime_addresses *recipients)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(COLLECT_BYTES);
	struct err err = ERR_NONE;
	struct str pref = {NULL, 0};
	enum err_code rc = ERR_NO_MEMORY;

	if (arena != NULL)
		rc = store_pref_get(store, account, STR(PEOPLE_PREF_COLLECT),
		    arena, &pref, &err);
	if (rc == ERR_OK)
		rc = collect(store, account, recipients,
		    !str_eq(pref, STR("0")), arena, &err);
	if (rc != ERR_OK)
		log_event(
		    LOG_WARN, "people.collect", LOG_C("reason", err_name(rc)));
}
