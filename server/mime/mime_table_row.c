#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_card.h"
#include "mime/mime_csv.h"
#include "mime/mime_table.h"

#define CELL_BYTES ((size_t)2000) /* of a name, an address, a phone number */
#define PLACES     12u            /* postal addresses of one row */
/* Of an address, in the order of RFC 6350, 6.3.1. */
#define PLACE_PARTS (TABLE_COUNTRY - TABLE_BOX + 1)

struct place {
	unsigned kind, number;
	struct text parts[PLACE_PARTS];
};

struct row {
	struct arena *arena;
	struct mime_people *people;
	const struct mime_csv_row *cells;
	struct mime_person *out;
	struct buf card, note;
	struct text name[TABLE_NICKNAME + 1]; /* by field */
	struct text organization[2];          /* and its department */
	struct text birth[3];                 /* year, month, day */
	struct place places[PLACES];
	size_t place_count;
};

static const char *const kind_types[] = {
    [TABLE_OTHER] = "",
    [TABLE_HOME] = "home",
    [TABLE_WORK] = "work",
    [TABLE_MOBILE] = "cell",
    [TABLE_FAX] = "fax",
    [TABLE_PAGER] = "pager",
};

static unsigned
kind_of(struct str word)
{
	static const struct {
		const char *word;
		enum table_kind kind;
	} words[] = {
	    {"home", TABLE_HOME},
	    {"work", TABLE_WORK},
	    {"mobile", TABLE_MOBILE},
	    {"cell", TABLE_MOBILE},
	    {"fax", TABLE_FAX},
	    {"pager", TABLE_PAGER},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_find_nocase(word, str_c(words[i].word), 0) < word.len)
			return words[i].kind;
	}
	return TABLE_OTHER;
}

/* Google puts several values into one cell. */
static struct str
cut_several(struct str *rest)
{
	size_t at = str_find(*rest, STR(" ::: "), 0);
	struct str one = str_slice(*rest, 0, at);

	*rest = at < rest->len ? str_slice(*rest, at + 5, rest->len)
	                       : (struct str){0};
	return one;
}

/* The cell of that field and number, or empty. */
static struct str
cell_of(const struct row *row, unsigned field, unsigned number)
{
	const struct mime_people *people = row->people;

	for (size_t i = 0; i < people->column_count && i < row->cells->count;
	     i++) {
		if (people->columns[i].field == field &&
		    people->columns[i].number == number)
			return row->cells->cells[i];
	}
	return (struct str){0};
}

static void
take_mail(struct row *row, struct str cell)
{
	while (cell.len > 0) {
		struct str one = str_trim(cut_several(&cell));

		struct mime_addresses found =
		    mime_person_addresses(row->arena, one, MIME_PERSON_LIST);

		for (size_t i = 0; i < found.count; i++)
			(void)mime_person_add_address(
			    row->out, found.list[i].address);
		if (found.count == 0)
			mime_person_keep_bad(
			    row->out, row->arena, one, &row->card);
	}
}

static void
take_phone(
    struct row *row, const struct mime_people_column *column, struct str cell)
{
	struct str label = cell_of(row, TABLE_PHONE_KIND, column->number);
	unsigned kind = column->kind;

	if (kind == TABLE_OTHER && label.len > 0)
		kind = kind_of(label);
	while (cell.len > 0)
		mime_card_add(&row->card, "TEL", kind_types[kind],
		    text_line(row->arena, cut_several(&cell)));
}

/* "* myContacts ::: Family", "Family;Work": Google's own have a star. */
static void
take_groups(struct row *row, struct str cell)
{
	while (cell.len > 0) {
		struct str several = cut_several(&cell);

		while (several.len > 0) {
			struct str one = str_trim(str_cut(&several, ';'));

			if (one.len > 0 && one.ptr[0] != '*' &&
			    one.len <= LIMIT_NAME_BYTES &&
			    !mime_person_add_group(
			        row->out, text_line(row->arena, one)))
				row->out->lost = tr("it is in more groups than "
				                    "there is room for");
		}
	}
}

static struct place *
place_of(struct row *row, const struct mime_people_column *column)
{
	/* Google's have a number, those of others a kind. */
	unsigned number = column->kind == TABLE_OTHER ? column->number : 0;

	for (size_t i = 0; i < row->place_count; i++) {
		if (row->places[i].kind == column->kind &&
		    row->places[i].number == number)
			return &row->places[i];
	}
	if (row->place_count == PLACES)
		return NULL;
	row->places[row->place_count].kind = column->kind;
	row->places[row->place_count].number = number;
	return &row->places[row->place_count++];
}

static void
take_place(
    struct row *row, const struct mime_people_column *column, struct text value)
{
	struct place *place = place_of(row, column);
	unsigned part =
	    column->field == TABLE_PLACE ? TABLE_STREET : column->field;

	if (place == NULL) {
		row->out->lost =
		    tr("it has more postal addresses than there is "
		       "room for");
		return;
	}
	/* The parts tell more than the whole. */
	if (column->field != TABLE_PLACE ||
	    text_is_empty(place->parts[part - TABLE_BOX]))
		place->parts[part - TABLE_BOX] = value;
}

/* What programs write where nothing was said. */
static bool
says_nothing(struct str cell)
{
	static const char *const words[] = {
	    "normal", "false", "unspecified", "0/0/00"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq_nocase(cell, str_c(words[i])))
			return true;
	}
	return false;
}

/* A column that we do not know is kept with its name. */
static void
take_unknown(
    struct row *row, const struct mime_people_column *column, struct str cell)
{
	struct text parts[2] = {{column->name}, text_from(row->arena, cell)};

	if (says_nothing(cell) || column->name.len == 0)
		return;
	mime_card_add_parts(&row->card, "X-COLUMN", "", parts, 2);
}

static void
take_note(struct row *row, struct str cell)
{
	if (row->note.len + cell.len + 1 > LIMIT_PERSON_NOTE) {
		row->out->lost = tr("its note is longer than 32 KB");
		cell =
		    str_slice(cell, 0, LIMIT_PERSON_NOTE - row->note.len - 1);
	}
	if (row->note.len > 0)
		buf_add_byte(&row->note, '\n');
	buf_add(&row->note, cell);
}

static void
take_cell(
    struct row *row, const struct mime_people_column *column, struct str cell)
{
	struct text line = text_line(row->arena,
	    str_slice(cell, 0, cell.len > CELL_BYTES ? CELL_BYTES : cell.len));
	unsigned field = column->field;

	if (field >= TABLE_NAME && field <= TABLE_NICKNAME)
		row->name[field] = line;
	else if (field == TABLE_MAIL)
		take_mail(row, cell);
	else if (field == TABLE_PHONE)
		take_phone(row, column, cell);
	else if (field == TABLE_ORGANIZATION || field == TABLE_DEPARTMENT)
		row->organization[field - TABLE_ORGANIZATION] = line;
	else if (field >= TABLE_BOX && field <= TABLE_PLACE)
		take_place(row, column,
		    text_from(row->arena, str_slice(cell, 0, CELL_BYTES)));
	else if (field >= TABLE_YEAR && field <= TABLE_DAY)
		row->birth[field - TABLE_YEAR] = line;
	else if (field == TABLE_TITLE)
		mime_card_add(&row->card, "TITLE", "", line);
	else if (field == TABLE_WEB)
		while (cell.len > 0)
			mime_card_add(&row->card, "URL", "",
			    text_line(row->arena, cut_several(&cell)));
	else if (field == TABLE_BIRTHDAY && !says_nothing(cell))
		mime_card_add(&row->card, "BDAY", "", line);
	else if (field == TABLE_NOTE)
		take_note(row, cell);
	else if (field == TABLE_GROUPS)
		take_groups(row, cell);
	else if (field == TABLE_UNKNOWN)
		take_unknown(row, column, cell);
}

/* The name in parts, and as it is said. */
static void
end_name(struct row *row)
{
	static const unsigned order[] = {TABLE_PREFIX, TABLE_GIVEN,
	    TABLE_MIDDLE, TABLE_FAMILY, TABLE_SUFFIX};
	struct text parts[5] = {row->name[TABLE_FAMILY], row->name[TABLE_GIVEN],
	    row->name[TABLE_MIDDLE], row->name[TABLE_PREFIX],
	    row->name[TABLE_SUFFIX]};
	struct buf said;

	buf_init_arena(&said, row->arena, CELL_BYTES * 6);
	for (size_t i = 0; i < 5; i++) {
		if (text_is_empty(row->name[order[i]]))
			continue;
		if (said.len > 0)
			buf_add_byte(&said, ' ');
		buf_add(&said, row->name[order[i]].s);
	}
	mime_card_add_parts(&row->card, "N", "", parts, 5);
	mime_card_add(&row->card, "NICKNAME", "", row->name[TABLE_NICKNAME]);
	row->out->name = row->name[TABLE_NAME];
	if (text_is_empty(row->out->name))
		row->out->name = text_line(row->arena, buf_str(&said));
	if (text_is_empty(row->out->name))
		row->out->name = row->name[TABLE_NICKNAME];
}

static void
end_organization(struct row *row)
{
	struct text *parts = row->organization;
	struct str both[3] = {parts[0].s, STR(", "), parts[1].s};

	row->out->organization = parts[0];
	if (text_is_empty(parts[1]))
		return;
	mime_card_add_parts(&row->card, "ORG", "", parts, 2);
	row->out->organization =
	    text_is_empty(parts[0])
	        ? parts[1]
	        : text_line(row->arena, str_join(row->arena, both, 3));
}

static void
end_rest(struct row *row)
{
	for (size_t i = 0; i < row->place_count; i++) {
		struct place *place = &row->places[i];
		unsigned kind = place->kind;

		if (kind == TABLE_OTHER)
			kind = kind_of(
			    cell_of(row, TABLE_PLACE_KIND, place->number));
		mime_card_add_parts(&row->card, "ADR", kind_types[kind],
		    place->parts, PLACE_PARTS);
	}
	if (!text_is_empty(row->birth[1]) && !text_is_empty(row->birth[2]))
		mime_card_add(&row->card, "BDAY", "",
		    (struct text){str_printf(row->arena, "%.*s-%.*s-%.*s",
		        STR_ARG(row->birth[0].s), STR_ARG(row->birth[1].s),
		        STR_ARG(row->birth[2].s))});
}

static enum mime_people_next
read_row(struct row *row)
{
	const struct mime_csv_row *cells = row->cells;
	struct mime_person *out = row->out;

	out->line = cells->line;
	out->row = cells->row;
	if (cells->broken != NULL) {
		out->lost = cells->broken;
		return MIME_PEOPLE_UNREADABLE;
	}
	buf_init_arena(&row->card, row->arena, LIMIT_PERSON_CARD);
	buf_init_arena(&row->note, row->arena, LIMIT_PERSON_NOTE + 16);
	for (size_t i = 0; i < cells->count && i < row->people->column_count;
	     i++) {
		struct str cell = mime_csv_unguarded(cells->cells[i]);

		if (cell.len > 0)
			take_cell(row, &row->people->columns[i], cell);
	}
	if (cells->count > row->people->column_count)
		out->lost = tr("it has more cells than there are columns");
	end_name(row);
	end_organization(row);
	end_rest(row);
	if (row->card.failed != ERR_OK)
		out->lost = tr("it holds more than there is room for");
	out->card = buf_str(&row->card);
	out->note = text_from(row->arena, buf_str(&row->note));
	return mime_person_is_nobody(out, row->arena) ? MIME_PEOPLE_UNREADABLE
	                                              : MIME_PEOPLE_PERSON;
}

enum mime_people_next
mime_table_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out)
{
	struct mime_csv csv = {.in = people->bytes,
	    .at = people->at,
	    .line = people->line,
	    .row = people->row,
	    .separator = people->separator};
	struct mime_csv_row *cells = ARENA_NEW(arena, struct mime_csv_row);
	struct row *row = ARENA_NEW(arena, struct row);
	bool is_found;

	*out = (struct mime_person){0};
	if (cells == NULL || row == NULL)
		return MIME_PEOPLE_END;
	is_found = mime_csv_next(&csv, arena, cells);
	people->at = csv.at;
	people->line = csv.line;
	people->row = csv.row;
	if (!is_found)
		return MIME_PEOPLE_END;
	*row = (struct row){
	    .arena = arena, .people = people, .cells = cells, .out = out};
	return read_row(row);
}
