#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_fold.h"
#include "os/clock.h"
#include "page/page_import_inside.h"

/* ---- the file -------------------------------------------------------------
 */
static enum err_code
import_read(struct import *in, struct str id, struct err *err)
{
	struct str name = {NULL, 0};
	struct str chunk = {NULL, 0};
	struct buf bytes;
	enum err_code rc = ERR_OK;

	buf_init_arena(&bytes, in->file, LIMIT_PEOPLE_FILE + 1);
	for (uint32_t i = 0; rc == ERR_OK; i++) {
		arena_reset(in->scratch);
		rc = store_people_file_read(in->store, in->account, id, i,
		    in->scratch, &name, &chunk, err);
		if (rc == ERR_OK && i == 0)
			in->out->file_name = text_line(
			    in->req->arena, str_dup(in->req->arena, name));
		if (rc == ERR_OK)
			buf_add(&bytes, chunk);
	}
	if (rc != ERR_NOT_FOUND)
		return rc;
	if (bytes.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "This file is no longer here. Please choose it again.",
		    "import_read");
	if (bytes.failed != ERR_OK)
		return err_set(err, bytes.failed, "This file is too large.",
		    "import_read");
	return mime_people_open(buf_str(&bytes), in->file, &in->people, err);
}

/* ---- who was met ----------------------------------------------------------
 */
static uint64_t
import_hash(struct str key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.ptr[i]) *
		       UINT64_C(0x100000001b3);
	return hash == 0 ? 1 : hash;
}

/* Was it there before? A table that is full remembers nothing more. */
static bool
import_meet(struct import *in, struct str key)
{
	uint64_t hash = import_hash(key);
	size_t at = hash % IMPORT_SEEN;

	while (in->seen[at] != 0) {
		if (in->seen[at] == hash)
			return true;
		at = (at + 1) % IMPORT_SEEN;
	}
	if (in->seen_count * 2 > IMPORT_SEEN)
		return true;
	in->seen[at] = hash;
	in->seen_count++;
	return false;
}

static bool
import_was_met(struct import *in, const struct store_person *person)
{
	bool was_met = false;

	for (size_t i = 0; i < person->address_count; i++)
		if (import_meet(in, person->addresses[i].key))
			was_met = true;
	if (person->address_count == 0 && import_meet(in, person->name_key))
		was_met = true;
	return was_met;
}

/* ---- one person -----------------------------------------------------------
 */
static void
import_person(
    struct import *in, const struct mime_person *from, struct store_person *out)
{
	struct arena *arena = in->scratch;
	struct str name = str_slice(from->name.s, 0, LIMIT_NAME_BYTES);
	struct str company =
	    str_slice(from->organization.s, 0, LIMIT_NAME_BYTES);

	*out = (struct store_person){.id = compose_id_new(arena),
	    .name = str_dup(arena, text_line(arena, name).s),
	    .organization = str_dup(arena, text_line(arena, company).s),
	    .note = str_dup(arena, from->note.s),
	    .card = str_dup(arena, from->card),
	    .photo_type = str_c(from->photo_type),
	    .created_s = in->now_s,
	    .changed_s = in->now_s,
	    .addresses = ARENA_ARRAY(
	        in->scratch, from->address_count + 1, struct store_address)};
	for (size_t i = 0; out->addresses != NULL && i < from->address_count;
	     i++)
		out->addresses[out->address_count++].address =
		    str_dup(arena, from->addresses[i].s);
	people_fold(in->scratch, out);
}

/* By an address; where one of both has none, by the name. */
static enum err_code
import_find(struct import *in, const struct store_person *person,
    struct store_person *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	*out = (struct store_person){0};
	for (size_t i = 0; rc == ERR_OK && i < person->address_count; i++) {
		rc = store_person_of(in->store, in->account,
		    person->addresses[i].key, in->scratch, out, err);
		if (rc == ERR_OK && out->id.len > 0 &&
		    out->book == STORE_BOOK_OWN)
			return ERR_OK;
	}
	*out = (struct store_person){0};
	if (rc != ERR_OK || person->name_key.len == 0)
		return rc;
	rc = store_person_named(
	    in->store, in->account, person->name_key, in->scratch, out, err);
	if (rc == ERR_OK && out->id.len > 0 && person->address_count > 0 &&
	    out->address_count > 0)
		*out = (struct store_person){0};
	return rc;
}

/* Is it in all of these groups? */
static enum err_code
import_is_in(struct import *in, struct str person,
    const struct mime_person *from, bool *out, struct err *err)
{
	struct store_circle *list = NULL;
	size_t count = 0;
	enum err_code rc = ERR_OK;

	*out = true;
	if (from->group_count > 0)
		rc = store_circle_of(in->store, in->account, person,
		    in->scratch, &list, &count, err);
	for (size_t i = 0; rc == ERR_OK && i < from->group_count; i++) {
		struct str key = mime_fold(in->scratch, from->groups[i].s);
		bool is_in = false;

		for (size_t k = 0; k < count; k++)
			is_in = is_in || str_eq(list[k].sort_key, key);
		*out = *out && is_in;
	}
	return rc;
}

static bool
import_is_same(const struct store_person *a, const struct store_person *b)
{
	return str_eq(a->name, b->name) &&
	       str_eq(a->organization, b->organization) &&
	       str_eq(a->note, b->note) && str_eq(a->card, b->card) &&
	       a->address_count == b->address_count;
}

/* What the file adds to somebody who is there; *out_is_same: nothing. */
static enum err_code
import_join(struct import *in, const struct store_person *old,
    const struct mime_person *from, struct store_put *put, bool *out_is_same,
    struct err *err)
{
	struct store_person both[2] = {*old, put->person};
	struct store_person joined;
	bool is_in = false;
	enum err_code rc = contact_join(in->scratch, both, 2, &joined, err);

	if (rc == ERR_OK)
		rc = import_is_in(in, old->id, from, &is_in, err);
	if (rc != ERR_OK)
		return rc;
	*out_is_same = import_is_same(old, &joined) && is_in &&
	               (old->photo_type.len > 0 || put->photo.len == 0);
	joined.id = put->person.id;
	joined.photo_type = put->person.photo_type;
	joined.created_s = in->now_s;
	joined.changed_s = in->now_s;
	people_fold(in->scratch, &joined);
	put->person = joined;
	put->old = old->id;
	/* The photo that is here stays. */
	if (old->photo_type.len > 0)
		put->photo = str_of(NULL, 0);
	return ERR_OK;
}

static enum err_code
import_flush(struct import *in, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (in->batch_count > 0 && !in->is_trial)
		rc = store_people_put(in->store, in->account, in->batch,
		    in->batch_count, in->out->step, in->now_s, err);
	in->batch_count = 0;
	arena_reset(in->scratch);
	in->batch = ARENA_ARRAY(in->scratch, IMPORT_BATCH, struct store_put);
	if (rc == ERR_OK && in->batch == NULL)
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "import_flush");
	return rc;
}

static void
import_keep_uid(
    struct import *in, const struct mime_person *from, struct str person)
{
	if (in->uids == NULL || from->uid.len == 0 ||
	    in->uid_count == in->uid_room)
		return;
	in->uids[in->uid_count].uid = str_dup(in->file, from->uid);
	in->uids[in->uid_count++].person = str_dup(in->file, person);
}

static enum err_code
import_take(struct import *in, const struct mime_person *from, struct err *err)
{
	struct import_result *out = in->out;
	struct store_put *put = &in->batch[in->batch_count];
	struct store_person old;
	bool is_same = true;
	bool was_met;
	enum err_code rc;

	*put = (struct store_put){.photo = str_dup(in->scratch, from->photo)};
	import_person(in, from, &put->person);
	rc = import_find(in, &put->person, &old, err);
	if (rc == ERR_OK && old.id.len == 0 && mime_person_is_bare(from)) {
		import_leave_bare(in, from);
		return ERR_OK;
	}
	import_note_address(in, from);
	was_met = import_was_met(in, &put->person);
	if (rc == ERR_OK && old.id.len > 0 && in->add)
		rc = import_join(in, &old, from, put, &is_same, err);
	/* More than one contact may hold: what is here stays. */
	if (rc == ERR_INPUT) {
		import_note(in, &out->lost, from,
		    tr("together with what is here it is too much for one "
		       "contact: nothing was added to that"));
		rc = ERR_OK;
		is_same = true;
	}
	if (rc != ERR_OK)
		return rc;
	import_keep_uid(
	    in, from, old.id.len > 0 && is_same ? old.id : put->person.id);
	if (old.id.len == 0 && was_met && in->is_trial) {
		out->again++;
		return ERR_OK;
	}
	import_note(in,
	    old.id.len == 0 ? &out->fresh
	    : is_same       ? &out->same
	                    : &out->changed,
	    from, NULL);
	if (old.id.len > 0 && is_same)
		return ERR_OK;
	rc = import_groups_of(in, from, put, err);
	if (rc == ERR_OK)
		in->batch_count++;
	return rc;
}

/* Somebody of this batch may come again: then it has to be there. */
static bool
import_needs_flush(struct import *in, const struct mime_person *from)
{
	if (in->batch_count == IMPORT_BATCH ||
	    arena_used(in->scratch) > IMPORT_BATCH_BYTES)
		return true;
	for (size_t b = 0; b < in->batch_count; b++) {
		const struct store_person *one = &in->batch[b].person;

		if ((one->address_count == 0 || from->address_count == 0) &&
		    str_eq_nocase(one->name, from->name.s))
			return true;

		for (size_t i = 0; i < from->address_count; i++)
			for (size_t k = 0; k < one->address_count; k++)
				if (str_eq_nocase(from->addresses[i].s,
				        one->addresses[k].address))
					return true;
	}
	return false;
}

/* ---- all of it ------------------------------------------------------------
 */
static enum err_code
import_next(struct import *in, struct mime_person *from, bool *out_is_end,
    struct err *err)
{
	struct import_result *out = in->out;
	enum mime_people_next next;

	arena_reset(in->one);
	next = mime_people_next(&in->people, in->one, from);
	*out_is_end = next == MIME_PEOPLE_END;
	if (arena_failed(in->one))
		return err_set(err, ERR_LIMIT,
		    "A card of this file is too large to be read.",
		    "import_next");
	if (next == MIME_PEOPLE_UNREADABLE)
		import_note(in, &out->left, from, from->lost);
	else if (next == MIME_PEOPLE_PERSON && from->lost != NULL)
		import_note(in, &out->lost, from, from->lost);
	if (next != MIME_PEOPLE_PERSON)
		return ERR_OK;
	if (from->is_group) {
		import_keep_list(in, from);
		return ERR_OK;
	}
	if (import_needs_flush(in, from)) {
		enum err_code rc = import_flush(in, err);

		if (rc != ERR_OK)
			return rc;
	}
	return import_take(in, from, err);
}

static enum err_code
import_all(struct import *in, struct err *err)
{
	struct mime_person *from = ARENA_NEW(in->file, struct mime_person);
	bool is_end = from == NULL;
	enum err_code rc = import_flush(in, err);

	while (rc == ERR_OK && !is_end)
		rc = import_next(in, from, &is_end, err);
	if (rc == ERR_OK)
		rc = import_flush(in, err);
	if (rc == ERR_OK)
		rc = import_lists(in, err);
	if (rc == ERR_OK && arena_failed(in->file))
		rc = err_set(err, ERR_LIMIT,
		    "This file is too large to be imported at once.",
		    "import_all");
	return rc;
}

/* Names of groups and of columns that nobody knows, for people. */
static void
import_words(struct import *in)
{
	struct arena *arena = in->req->arena;
	struct buf groups, columns;

	buf_init_arena(&groups, arena, IMPORT_NAMES_BYTES);
	buf_init_arena(&columns, arena, IMPORT_NAMES_BYTES);
	for (size_t i = 0; i < in->group_count; i++) {
		if (groups.len > 0)
			buf_add_c(&groups, page_comma());
		buf_add(&groups, in->groups[i].name);
	}
	for (size_t i = 0; i < in->people.column_count; i++) {
		const struct mime_people_column *column =
		    &in->people.columns[i];

		if (column->field != 0 || column->name.len == 0)
			continue;
		if (columns.len > 0)
			buf_add_c(&columns, page_comma());
		buf_add(&columns, column->name);
	}
	in->out->groups = text_line(arena, buf_str(&groups));
	in->out->columns = text_line(arena, buf_str(&columns));
	in->out->kind = in->people.kind;
}

/* New people fit? Before anything is changed. */
static enum err_code
import_fits(struct import *in, struct err *err)
{
	struct store_people_query own = {.book = STORE_BOOK_OWN};
	uint64_t count = 0;
	enum err_code rc =
	    store_people_count(in->store, in->account, &own, &count, err);

	if (rc == ERR_OK && count + in->out->fresh.count > LIMIT_CONTACTS)
		rc = err_sayf(err, ERR_LIMIT,
		    "There is room for %u contacts, and this file would make "
		    "them %llu. Please import it in pieces, or remove some.",
		    LIMIT_CONTACTS,
		    (unsigned long long)(count + in->out->fresh.count));
	return rc;
}

static enum err_code
import_begin(struct import *in, struct str id, struct err *err)
{
	enum err_code rc;

	if (in->file == NULL || in->scratch == NULL || in->one == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_import_run");
	in->seen = ARENA_ARRAY(in->file, IMPORT_SEEN, uint64_t);
	in->groups = ARENA_ARRAY(in->file, LIMIT_CIRCLES, struct import_group);
	in->lists = ARENA_ARRAY(in->file, IMPORT_LISTS, struct import_members);
	rc = import_read(in, id, err);
	if (rc != ERR_OK)
		return rc;
	/* Only where there are lists of people, who is who must be known. */
	if (!in->is_trial && str_find_nocase(in->people.bytes,
	                         STR("KIND:group"), 0) < in->people.bytes.len) {
		in->uid_room = LIMIT_CONTACTS;
		in->uids =
		    ARENA_ARRAY(in->file, in->uid_room, struct import_uid);
	}
	if (arena_failed(in->file))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_import_run");
	return ERR_OK;
}

enum err_code
page_import_run(struct request *req, struct str id, bool is_trial, bool add,
    struct text group, struct import_result *out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *file = arena_new(IMPORT_FILE_BYTES);
	CLEANUP(arena_free_at)
	struct arena *scratch = arena_new(IMPORT_SCRATCH_BYTES);
	CLEANUP(arena_free_at) struct arena *one = arena_new(IMPORT_ONE_BYTES);
	struct import in = {.req = req,
	    .store = req->app->store,
	    .account = req->session->account,
	    .file = file,
	    .scratch = scratch,
	    .one = one,
	    .out = out,
	    .is_trial = is_trial,
	    .add = add,
	    .now_s = clock_now_s()};
	enum err_code rc;

	*out = (struct import_result){.step = compose_id_new(req->arena)};
	rc = import_begin(&in, id, err);
	if (rc == ERR_OK && !text_is_empty(group))
		rc = import_group(&in, group, &in.extra_group, err);
	if (rc == ERR_OK)
		rc = people_fresh(in.store, in.account, in.scratch, err);
	if (rc == ERR_OK)
		rc = import_all(&in, err);
	if (rc != ERR_OK)
		return rc;
	import_words(&in);
	return is_trial ? import_fits(&in, err) : ERR_OK;
}
