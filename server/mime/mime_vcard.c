#include "mime/mime_vcard.h"

#include "base/buf.h"
#include "mime/mime_lines.h"

#define VCARD_BYTES ((size_t)256 << 10) /* looked at, of one part */
#define VALUE_BYTES ((size_t)2000)      /* shown of one value */
#define ADR_PARTS   7u                  /* RFC 6350, 6.3.1 */

struct reader {
	struct arena *arena;
	struct mime_vcards *out;
	struct mime_vcard *card; /* being read; NULL: between cards */
	struct text structured;  /* "N", where there is no "FN" */
	size_t capacity;
};

static struct text
on_one_line(struct arena *arena, struct text text)
{
	return text_line(arena, text.s);
}

/* "Family;Given;Additional;Prefix;Suffix" as people say it. */
static struct text
spoken_name(struct arena *arena, struct str value)
{
	static const unsigned order[] = {3, 1, 2, 0, 4};
	struct text pieces[5];
	struct buf out;

	buf_init_arena(&out, arena, VALUE_BYTES * 5 + 16);
	for (size_t i = 0; i < 5; i++)
		pieces[i] = mime_line_piece(arena, &value, ';', VALUE_BYTES);
	for (size_t i = 0; i < 5; i++) {
		if (text_is_empty(pieces[order[i]]))
			continue;
		if (out.len > 0)
			buf_add_byte(&out, ' ');
		buf_add(&out, pieces[order[i]].s);
	}
	return text_line(arena, buf_str(&out));
}

/* "Company;Department": the larger first, as it is written. */
static struct text
joined(struct arena *arena, struct str value, unsigned max_parts, char between)
{
	struct buf out;

	buf_init_arena(&out, arena, VALUE_BYTES * 2);
	for (unsigned i = 0; i < max_parts && value.len > 0; i++) {
		struct text piece = mime_line_piece(
		    arena, &value, ';', VALUE_BYTES / ADR_PARTS);
		if (text_is_empty(piece))
			continue;
		if (out.len > 0 && between == ',')
			buf_add(&out, STR(", "));
		else if (out.len > 0)
			buf_add_byte(&out, between);
		buf_add(&out, piece.s);
	}
	return text_from(arena, buf_str(&out));
}

/* RFC 6350, 6.4.1: tel: as an address, or a number as it is. */
static struct text
without_scheme(struct text text, const char *scheme)
{
	if (str_starts_nocase(text.s, str_c(scheme)))
		text.s = str_slice(text.s, str_c(scheme).len, text.s.len);
	return text;
}

/* "19800211", "--0211", "1980-02-11T…": with dashes, the day only. */
static struct text
birthday(struct arena *arena, struct text text)
{
	struct str s = str_slice(text.s, 0, str_find_byte(text.s, 'T', 0));
	struct str parts[5];

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return (struct text){s};
	}
	if (s.len != 8)
		return (struct text){s};
	parts[0] = str_slice(s, 0, 4);
	parts[1] = STR("-");
	parts[2] = str_slice(s, 4, 6);
	parts[3] = STR("-");
	parts[4] = str_slice(s, 6, 8);
	return (struct text){str_join(arena, parts, 5)};
}

static struct text
value_of(struct reader *in, enum mime_vcard_kind kind, struct str value)
{
	struct arena *arena = in->arena;

	switch (kind) {
	case MIME_VCARD_ORGANISATION:
		return on_one_line(arena, joined(arena, value, 5, ','));
	case MIME_VCARD_ADDRESS:
		return joined(arena, value, ADR_PARTS, '\n');
	case MIME_VCARD_NOTE:
		return mime_line_text(arena, value, VALUE_BYTES);
	case MIME_VCARD_BIRTHDAY:
		return birthday(
		    arena, on_one_line(arena,
		               mime_line_text(arena, value, VALUE_BYTES)));
	case MIME_VCARD_PHONE:
	case MIME_VCARD_FAX:
		return without_scheme(
		    on_one_line(
		        arena, mime_line_text(arena, value, VALUE_BYTES)),
		    "tel:");
	case MIME_VCARD_MAIL:
		return without_scheme(
		    on_one_line(
		        arena, mime_line_text(arena, value, VALUE_BYTES)),
		    "mailto:");
	case MIME_VCARD_NICKNAME:
	case MIME_VCARD_TITLE:
	case MIME_VCARD_ROLE:
	case MIME_VCARD_WEB:
	default:
		return on_one_line(
		    arena, mime_line_text(arena, value, VALUE_BYTES));
	}
}

static void
add_line(
    struct reader *in, const struct mime_line *line, enum mime_vcard_kind kind)
{
	struct mime_vcard *card = in->card;
	struct mime_vcard_line *out = &card->lines[card->line_count];

	if (card->line_count >= MIME_VCARD_LINES_MAX) {
		in->out->is_cut = true;
		return;
	}
	if (kind == MIME_VCARD_PHONE && mime_line_has_type(line, "FAX"))
		kind = MIME_VCARD_FAX;
	*out = (struct mime_vcard_line){.kind = kind,
	    .is_home = mime_line_has_type(line, "HOME"),
	    .is_work = mime_line_has_type(line, "WORK"),
	    .is_mobile = mime_line_has_type(line, "CELL")};
	out->value = value_of(in, kind, mime_line_decoded(in->arena, line));
	if (!text_is_empty(out->value))
		card->line_count++;
}

static void
take_line(struct reader *in, const struct mime_line *line)
{
	static const struct {
		const char *name;
		enum mime_vcard_kind kind;
	} kinds[] = {
	    {"NICKNAME", MIME_VCARD_NICKNAME},
	    {"ORG", MIME_VCARD_ORGANISATION},
	    {"TITLE", MIME_VCARD_TITLE},
	    {"ROLE", MIME_VCARD_ROLE},
	    {"EMAIL", MIME_VCARD_MAIL},
	    {"TEL", MIME_VCARD_PHONE},
	    {"ADR", MIME_VCARD_ADDRESS},
	    {"URL", MIME_VCARD_WEB},
	    {"BDAY", MIME_VCARD_BIRTHDAY},
	    {"NOTE", MIME_VCARD_NOTE},
	};

	if (mime_line_is(line, "FN") && text_is_empty(in->card->name))
		in->card->name = on_one_line(in->arena,
		    mime_line_text(in->arena,
		        mime_line_decoded(in->arena, line), VALUE_BYTES));
	else if (mime_line_is(line, "N"))
		in->structured =
		    spoken_name(in->arena, mime_line_decoded(in->arena, line));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (mime_line_is(line, kinds[i].name))
			add_line(in, line, kinds[i].kind);
	}
}

static void
begin(struct reader *in)
{
	struct mime_vcards *out = in->out;

	in->card = NULL;
	in->structured = (struct text){0};
	if (out->count >= MIME_VCARDS_MAX) {
		out->is_cut = true;
		return;
	}
	out->list = arena_grow(in->arena, out->list, out->count, &in->capacity,
	    sizeof(out->list[0]));
	if (out->list == NULL) {
		out->count = 0;
		return;
	}
	in->card = &out->list[out->count];
	*in->card = (struct mime_vcard){
	    .lines = ARENA_ARRAY(
	        in->arena, MIME_VCARD_LINES_MAX, struct mime_vcard_line)};
	if (in->card->lines == NULL)
		in->card = NULL;
}

/* A card with nothing to show is none. */
static void
finish(struct reader *in)
{
	struct mime_vcard *card = in->card;

	in->card = NULL;
	if (card == NULL)
		return;
	if (text_is_empty(card->name))
		card->name = in->structured;
	if (text_is_empty(card->name) && card->line_count > 0)
		card->name = on_one_line(in->arena, card->lines[0].value);
	if (!text_is_empty(card->name))
		in->out->count++;
}

enum err_code
mime_vcard_parse(struct str bytes, struct arena *arena, struct mime_vcards *out,
    struct err *err)
{
	struct reader in = {.arena = arena, .out = out};
	struct mime_lines lines = {
	    .arena = arena, .rest = str_slice(bytes, 0, VCARD_BYTES)};
	struct mime_line line;

	*out = (struct mime_vcards){.is_cut = bytes.len > VCARD_BYTES};
	while (mime_lines_next(&lines, &line)) {
		bool is_card =
		    str_eq_nocase(str_trim(line.value), STR("VCARD"));

		if (mime_line_is(&line, "BEGIN") && is_card) {
			finish(&in);
			begin(&in);
		} else if (mime_line_is(&line, "END") && is_card) {
			finish(&in);
		} else if (in.card != NULL) {
			take_line(&in, &line);
		}
	}
	finish(&in);
	if (arena_failed(arena))
		return err_set(err, ERR_NO_MEMORY,
		    "This card is too large to be shown.", "mime: vcard");
	return ERR_OK;
}
