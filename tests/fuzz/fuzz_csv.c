/*
 * Address books of strangers, cards and tables: whatever is read is text within
 * its bounds, and what is written of it reads as the same person.
 */
#include <stdint.h>

#include "base/limits.h"
#include "mime/mime_card.h"
#include "mime/mime_csv.h"
#include "mime/mime_fold.h"
#include "mime/mime_person.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define PEOPLE_MOST 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_text(struct text text, size_t most)
{
	ensure(text.s.len <= most);
	ensure(str_is_utf8(text.s));
}

static void
check_card(struct str card)
{
	struct mime_card_line line;

	ensure(card.len <= LIMIT_PERSON_CARD + 4096);
	ensure(str_is_utf8(card));
	ensure(str_find_byte(card, '\r', 0) == card.len);
	while (mime_card_line_next(&card, &line))
		ensure(line.name.len <= line.whole.len);
}

/* Its names, addresses and notes come back from both versions. */
static void
check_round(const struct mime_person *one, unsigned version)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct mime_person *back = ARENA_NEW(arena, struct mime_person);
	struct mime_people people;
	struct buf out;

	buf_init_arena(&out, arena, (size_t)4 << 20);
	mime_card_write(&out, one, version);
	ensure(out.failed == ERR_OK);
	ensure(mime_people_open(buf_str(&out), arena, &people, NULL) == ERR_OK);
	ensure(people.kind == MIME_PEOPLE_VCARD);
	ensure(mime_people_next(&people, arena, back) == MIME_PEOPLE_PERSON);
	/* A byte order mark before a value is none of it. */
	if (one->name.s.len > 0 && one->name.s.len < 500 &&
	    !str_starts(one->name.s, STR("\xef\xbb\xbf")))
		ensure(str_eq(back->name.s, one->name.s));
	ensure(back->photo.len == one->photo.len);
	ensure(mime_people_next(&people, arena, back) == MIME_PEOPLE_END);
	arena_free(arena);
}

static void
check_person(struct arena *arena, const struct mime_person *one)
{
	check_text(one->name, (size_t)64 << 10);
	check_text(one->organization, (size_t)64 << 10);
	check_text(one->note, LIMIT_PERSON_NOTE + 16);
	check_card(one->card);
	ensure(one->address_count <= MIME_PERSON_LIST);
	ensure(one->group_count <= MIME_PERSON_LIST);
	ensure(one->photo.len <= LIMIT_PERSON_PHOTO);
	for (size_t i = 0; i < one->address_count; i++)
		check_text(one->addresses[i], LIMIT_NAME_BYTES);
	ensure(str_is_utf8(mime_fold_words(arena, one->name.s)));
}

/* A cell that is written is read as it was. */
static void
check_cell(struct arena *arena, struct str cell)
{
	struct mime_csv_row *row = ARENA_NEW(arena, struct mime_csv_row);
	struct mime_csv csv;
	struct buf out;

	cell = str_trim(text_from(arena, cell).s);
	if (cell.len == 0 || cell.len > 4000)
		return;
	buf_init_arena(&out, arena, 20000);
	buf_add_c(&out, "x,");
	mime_csv_add(&out, cell);
	csv = (struct mime_csv){.in = buf_str(&out), .separator = ','};
	ensure(mime_csv_next(&csv, arena, row));
	ensure(row->count == 2 && row->broken == NULL);
	ensure(strchr("=+-@", row->cells[1].ptr[0]) == NULL);
	if (cell.ptr[0] != '\'')
		ensure(str_eq(mime_csv_unguarded(row->cells[1]), cell));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct str file = str_of((const char *)data, len);
	struct mime_person *one = ARENA_NEW(arena, struct mime_person);
	struct mime_people people;
	uint32_t line = 0;

	ensure(one != NULL);
	check_cell(arena, file);
	if (mime_people_open(file, arena, &people, NULL) != ERR_OK) {
		arena_free(arena);
		return 0;
	}
	for (int i = 0; i < PEOPLE_MOST; i++) {
		enum mime_people_next next =
		    mime_people_next(&people, arena, one);

		if (next == MIME_PEOPLE_END || arena_failed(arena))
			break;
		ensure(one->line >= line);
		line = one->line;
		if (next == MIME_PEOPLE_UNREADABLE) {
			ensure(one->lost != NULL);
			continue;
		}
		check_person(arena, one);
		if (i < 3) {
			check_round(one, 3);
			check_round(one, 4);
		}
	}
	arena_free(arena);
	return 0;
}
