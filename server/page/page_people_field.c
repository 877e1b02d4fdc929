#include "base/limits.h"
#include "page/page_people.h"

/*
 * An address field that grows: nobody is added who is there already. Addresses
 * are found by a table of hashes, so that a group of hundreds costs no more
 * than its members.
 */
#define FIELD_BYTES ((size_t)512 << 10)

static uint64_t
field_hash(struct str address)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < address.len; i++) {
		unsigned char c = (unsigned char)address.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* False: it is known already. */
static bool
field_note(struct people_field *field, struct str address)
{
	size_t at;

	if (field->seen == NULL)
		return false;
	at = (size_t)field_hash(address) & (field->seen_room - 1);
	while (field->seen[at].ptr != NULL) {
		if (str_eq_nocase(field->seen[at], address))
			return false;
		at = (at + 1) & (field->seen_room - 1);
	}
	/* Past the room the line is too long anyway. */
	if (field->seen_count >= field->seen_room / 2 || address.ptr == NULL)
		return true;
	field->seen[at] = address;
	field->seen_count++;
	return true;
}

void
people_field_begin(
    struct people_field *field, struct arena *arena, struct str typed)
{
	struct mime_addresses there = {0};

	*field = (struct people_field){.arena = arena, .seen_room = 2048};
	err_ignore(mime_parse_addresses(typed, arena, &there, NULL));
	while (field->seen_room < (there.count + LIMIT_RECIPIENTS) * 2)
		field->seen_room *= 2;
	field->seen = ARENA_ARRAY(arena, field->seen_room, struct str);
	buf_init_arena(&field->line, arena, FIELD_BYTES);
	for (size_t i = 0; i < there.count; i++)
		(void)field_note(field, there.list[i].address.s);
}

void
people_field_put(struct people_field *field, struct str piece)
{
	if (piece.len == 0)
		return;
	if (field->line.len > 0)
		buf_add_c(&field->line, ", ");
	buf_add(&field->line, piece);
}

void
people_field_add(
    struct people_field *field, struct str name, struct str address)
{
	/* A list that cannot be sent need not grow. */
	if (field->added > LIMIT_RECIPIENTS || !field_note(field, address))
		return;
	field->added++;
	people_field_put(field, people_line(field->arena, name, address).s);
}

enum err_code
people_field_add_group(struct request *req, struct people_field *field,
    struct str group, uint64_t *out_count, struct err *err)
{
	struct store_match *list = NULL;
	size_t count = 0;
	enum err_code rc =
	    store_circle_members(req->app->store, req->session->account, group,
	        LIMIT_RECIPIENTS + 1, req->arena, &list, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		people_field_add(field, list[i].name, list[i].address);
	*out_count = count;
	return rc;
}

enum err_code
people_field_end(struct people_field *field, struct text *out, struct err *err)
{
	if (field->seen == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "people_field");
	if (field->line.failed != ERR_OK || field->added > LIMIT_RECIPIENTS)
		return err_sayf(err, ERR_LIMIT,
		    "These are too many recipients: one message goes to %u "
		    "people at most.",
		    LIMIT_RECIPIENTS);
	*out = text_line(field->arena, buf_str(&field->line));
	return ERR_OK;
}
