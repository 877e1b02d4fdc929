#include "mime/mime_table.h"

#include "base/limits.h"
#include "mime/mime_card.h"
#include "mime/mime_csv.h"

/*
 * Columns as Google, Outlook, Thunderbird (and we) call them: in small letters
 * and without their number ("E-mail 2 - Value").
 */
static const struct {
	const char *name;
	enum table_field field;
	enum table_kind kind;
} known[] = {
    {"name", TABLE_NAME, 0},
    {"full name", TABLE_NAME, 0},
    {"display name", TABLE_NAME, 0},
    {"anzeigename", TABLE_NAME, 0},
    {"first name", TABLE_GIVEN, 0},
    {"given name", TABLE_GIVEN, 0},
    {"vorname", TABLE_GIVEN, 0},
    {"middle name", TABLE_MIDDLE, 0},
    {"additional name", TABLE_MIDDLE, 0},
    {"last name", TABLE_FAMILY, 0},
    {"family name", TABLE_FAMILY, 0},
    {"surname", TABLE_FAMILY, 0},
    {"nachname", TABLE_FAMILY, 0},
    {"title", TABLE_PREFIX, 0},
    {"name prefix", TABLE_PREFIX, 0},
    {"suffix", TABLE_SUFFIX, 0},
    {"name suffix", TABLE_SUFFIX, 0},
    {"nickname", TABLE_NICKNAME, 0},
    {"spitzname", TABLE_NICKNAME, 0},
    {"e-mail", TABLE_MAIL, 0},
    {"email", TABLE_MAIL, 0},
    {"address", TABLE_MAIL, 0},
    {"mail", TABLE_MAIL, 0},
    {"e-mail address", TABLE_MAIL, 0},
    {"email address", TABLE_MAIL, 0},
    {"e-mail-adresse", TABLE_MAIL, 0},
    {"primary email", TABLE_MAIL, 0},
    {"secondary email", TABLE_MAIL, 0},
    {"e-mail - value", TABLE_MAIL, 0},
    {"phone", TABLE_PHONE, TABLE_OTHER},
    {"telephone", TABLE_PHONE, TABLE_OTHER},
    {"telefon", TABLE_PHONE, TABLE_OTHER},
    {"phone - value", TABLE_PHONE, TABLE_OTHER},
    {"primary phone", TABLE_PHONE, TABLE_OTHER},
    {"other phone", TABLE_PHONE, TABLE_OTHER},
    {"mobile phone", TABLE_PHONE, TABLE_MOBILE},
    {"mobile number", TABLE_PHONE, TABLE_MOBILE},
    {"mobiltelefon", TABLE_PHONE, TABLE_MOBILE},
    {"home phone", TABLE_PHONE, TABLE_HOME},
    {"business phone", TABLE_PHONE, TABLE_WORK},
    {"company main phone", TABLE_PHONE, TABLE_WORK},
    {"work phone", TABLE_PHONE, TABLE_WORK},
    {"fax number", TABLE_PHONE, TABLE_FAX},
    {"business fax", TABLE_PHONE, TABLE_FAX},
    {"home fax", TABLE_PHONE, TABLE_FAX},
    {"other fax", TABLE_PHONE, TABLE_FAX},
    {"pager", TABLE_PHONE, TABLE_PAGER},
    {"pager number", TABLE_PHONE, TABLE_PAGER},
    {"phone - type", TABLE_PHONE_KIND, 0},
    {"phone - label", TABLE_PHONE_KIND, 0},
    {"company", TABLE_ORGANIZATION, 0},
    {"organization", TABLE_ORGANIZATION, 0},
    {"organisation", TABLE_ORGANIZATION, 0},
    {"organization - name", TABLE_ORGANIZATION, 0},
    {"organization name", TABLE_ORGANIZATION, 0},
    {"firma", TABLE_ORGANIZATION, 0},
    {"department", TABLE_DEPARTMENT, 0},
    {"organization - department", TABLE_DEPARTMENT, 0},
    {"organization department", TABLE_DEPARTMENT, 0},
    {"abteilung", TABLE_DEPARTMENT, 0},
    {"job title", TABLE_TITLE, 0},
    {"organization - title", TABLE_TITLE, 0},
    {"organization title", TABLE_TITLE, 0},
    {"position", TABLE_TITLE, 0},
    {"home street", TABLE_STREET, TABLE_HOME},
    {"home address", TABLE_STREET, TABLE_HOME},
    {"home city", TABLE_CITY, TABLE_HOME},
    {"home state", TABLE_REGION, TABLE_HOME},
    {"home postal code", TABLE_CODE, TABLE_HOME},
    {"home zipcode", TABLE_CODE, TABLE_HOME},
    {"home country", TABLE_COUNTRY, TABLE_HOME},
    {"home country/region", TABLE_COUNTRY, TABLE_HOME},
    {"business street", TABLE_STREET, TABLE_WORK},
    {"work address", TABLE_STREET, TABLE_WORK},
    {"business city", TABLE_CITY, TABLE_WORK},
    {"work city", TABLE_CITY, TABLE_WORK},
    {"business state", TABLE_REGION, TABLE_WORK},
    {"work state", TABLE_REGION, TABLE_WORK},
    {"business postal code", TABLE_CODE, TABLE_WORK},
    {"work zipcode", TABLE_CODE, TABLE_WORK},
    {"business country", TABLE_COUNTRY, TABLE_WORK},
    {"business country/region", TABLE_COUNTRY, TABLE_WORK},
    {"work country", TABLE_COUNTRY, TABLE_WORK},
    {"other street", TABLE_STREET, TABLE_OTHER},
    {"other city", TABLE_CITY, TABLE_OTHER},
    {"other state", TABLE_REGION, TABLE_OTHER},
    {"other postal code", TABLE_CODE, TABLE_OTHER},
    {"other country/region", TABLE_COUNTRY, TABLE_OTHER},
    {"address - street", TABLE_STREET, TABLE_OTHER},
    {"address - city", TABLE_CITY, TABLE_OTHER},
    {"address - region", TABLE_REGION, TABLE_OTHER},
    {"address - postal code", TABLE_CODE, TABLE_OTHER},
    {"address - country", TABLE_COUNTRY, TABLE_OTHER},
    {"address - po box", TABLE_BOX, TABLE_OTHER},
    {"address - extended address", TABLE_EXTENDED, TABLE_OTHER},
    {"address - type", TABLE_PLACE_KIND, TABLE_OTHER},
    {"address - label", TABLE_PLACE_KIND, TABLE_OTHER},
    {"address - formatted", TABLE_PLACE, TABLE_OTHER},
    {"web page", TABLE_WEB, 0},
    {"website", TABLE_WEB, 0},
    {"website - value", TABLE_WEB, 0},
    {"birthday", TABLE_BIRTHDAY, 0},
    {"geburtstag", TABLE_BIRTHDAY, 0},
    {"birth year", TABLE_YEAR, 0},
    {"birth month", TABLE_MONTH, 0},
    {"birth day", TABLE_DAY, 0},
    {"notes", TABLE_NOTE, 0},
    {"note", TABLE_NOTE, 0},
    {"notizen", TABLE_NOTE, 0},
    {"categories", TABLE_GROUPS, 0},
    {"kategorien", TABLE_GROUPS, 0},
    {"labels", TABLE_GROUPS, 0},
    {"group membership", TABLE_GROUPS, 0},
};

/* "E-mail 2 - Value" → "e-mail - value", 2. */
static struct str
plain_name(struct arena *arena, struct str cell, unsigned *out_number)
{
	struct str lower = str_lower(arena, str_trim(cell));
	struct buf out;

	*out_number = 0;
	buf_init_arena(&out, arena, lower.len + 1);
	for (size_t i = 0; i < lower.len; i++) {
		char c = lower.ptr[i];
		bool is_double =
		    c == ' ' && out.len > 0 && out.ptr[out.len - 1] == ' ';

		if (c >= '0' && c <= '9' && *out_number < 1000)
			*out_number = *out_number * 10 + (unsigned)(c - '0');
		else if (!is_double)
			buf_add_byte(&out, c);
	}
	return str_trim(buf_str(&out));
}

static void
read_column(
    struct arena *arena, struct str cell, struct mime_people_column *out)
{
	unsigned number = 0;
	struct str name = plain_name(arena, cell, &number);

	out->name = text_line(arena, cell).s;
	out->number = (unsigned short)number;
	out->field = TABLE_UNKNOWN;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!str_eq(name, str_c(known[i].name)))
			continue;
		out->field = (unsigned char)known[i].field;
		out->kind = (unsigned char)known[i].kind;
	}
	/* The second line of a street has the number of another column. */
	if (out->field == TABLE_STREET && number > 1 && name.len > 0 &&
	    !str_starts(name, STR("address")))
		out->field = TABLE_EXTENDED;
}

/* A table without a head: which column holds addresses, which the names? */
static bool
guess_columns(struct mime_people *people, const struct mime_csv_row *row)
{
	bool has_address = false;
	bool has_name = false;

	for (size_t i = 0; i < row->count; i++) {
		struct mime_people_column *column = &people->columns[i];
		bool is_address =
		    str_find_byte(row->cells[i], '@', 0) < row->cells[i].len;

		if (is_address)
			column->field = TABLE_MAIL;
		else if (!has_name && row->cells[i].len > 0)
			column->field = TABLE_NAME;
		has_name = has_name || (!is_address && row->cells[i].len > 0);
		has_address = has_address || is_address;
		column->name = STR("");
	}
	return has_address;
}

enum err_code
mime_table_open(
    struct mime_people *people, struct arena *arena, struct err *err)
{
	struct mime_csv csv = mime_csv_of(people->bytes);
	struct mime_csv_row *row = ARENA_NEW(arena, struct mime_csv_row);
	bool is_table = false;

	people->columns =
	    ARENA_ARRAY(arena, MIME_CSV_CELLS, struct mime_people_column);
	if (row == NULL || people->columns == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "This file is too large to be read.", "mime_table_open");
	people->separator = csv.separator;
	people->at = csv.at;
	people->line = csv.line;
	people->row = csv.row;
	if (mime_csv_next(&csv, arena, row)) {
		people->column_count = row->count;
		for (size_t i = 0; i < row->count; i++) {
			read_column(arena, row->cells[i], &people->columns[i]);
			is_table =
			    is_table || table_is_name(people->columns[i].field);
		}
	}
	if (is_table) {
		people->at = csv.at;
		people->line = csv.line;
		people->row = csv.row;
		return ERR_OK;
	}
	if (row->count > 0 && guess_columns(people, row))
		return ERR_OK;
	return err_set(err, ERR_INPUT,
	    "This file is neither a vCard nor a table with a column of names "
	    "or "
	    "addresses. Its first line has to name the columns, for example "
	    "“Name” and “E-mail Address”.",
	    NULL);
}
