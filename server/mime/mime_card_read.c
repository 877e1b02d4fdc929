#include "base/limits.h"
#include "base/tr.h"
#include "mime/mime_card.h"
#include "mime/mime_lines.h"
#include "mime/mime_photo.h"

/* A photo that is kept, as base64, and room to say that it was larger. */
#define LINE_BYTES ((size_t)512 << 10)
#define CARD_BYTES ((size_t)8 << 20) /* a file's card, photos and all */
#define TEXT_BYTES ((size_t)2000)    /* a name, an organisation, an address */

/*
 * A card of a file, read twice: its version, which says how values are escaped,
 * may stand anywhere.
 */
struct reader {
	struct arena *arena;
	struct mime_person *out;
	bool is_old; /* 2.1 */
	struct text structured;
	struct buf card, note;
};

/* ---- values ---------------------------------------------------------------
 */
static bool
is_named(const struct mime_line *line, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (mime_line_is(line, names[i]))
			return true;
	}
	return false;
}

/* Values that are no text, so nothing in them is escaped. */
static bool
is_raw(const struct mime_line *line)
{
	static const char *const names[] = {"URL", "UID", "TEL", "BDAY", "REV",
	    "GEO", "TZ", "IMPP", "SOURCE", "PHOTO", "LOGO", "SOUND", "KEY",
	    "ANNIVERSARY", "EMAIL"};

	return is_named(line, names, sizeof(names) / sizeof(names[0]));
}

static bool
is_structured(const struct mime_line *line)
{
	static const char *const names[] = {"N", "ADR", "ORG", "CATEGORIES"};

	return is_named(line, names, 4);
}

/* vCard 2.1 escapes semicolons only. */
static void
add_old(struct buf *out, struct reader *in, struct str value, char separator)
{
	bool is_first = true;

	while (value.ptr != NULL && (is_first || value.len > 0)) {
		struct text part = mime_line_piece(
		    in->arena, &value, separator, LIMIT_PERSON_NOTE);

		if (!is_first)
			buf_add_byte(out, ';');
		is_first = false;
		mime_card_escape(out, part.s);
	}
}

/* The value as a card has it: UTF-8, escaped, on one line. */
static struct str
card_value(struct reader *in, const struct mime_line *line)
{
	bool is_encoded = mime_line_encoding(line) != MIME_IDENTITY;
	struct str value = mime_line_decoded(in->arena, line);
	struct buf out;

	if (is_raw(line) || (!in->is_old && !is_encoded))
		return text_line(in->arena, value).s;
	buf_init_arena(&out, in->arena, value.len * 2 + 16);
	add_old(&out, in, value, is_structured(line) ? ';' : '\0');
	return buf_str(&out);
}

/* Bytes that are kept as they came, as a data: address (RFC 2397). */
static struct str
card_bytes(struct reader *in, const struct mime_line *line)
{
	struct buf out;

	buf_init_arena(&out, in->arena, LINE_BYTES + 100);
	buf_add_c(&out, "data:application/octet-stream;base64,");
	for (size_t i = 0; i < line->value.len; i++) {
		char c = line->value.ptr[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=')
			buf_add_byte(&out, c);
	}
	return buf_str(&out);
}

/* ---- lines ----------------------------------------------------------------
 */
static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return s.len > 0;
}

static void
add_upper(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		buf_add_byte(
		    out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
	}
}

/* How the value was encoded is undone; all else stays. */
static void
add_params(struct reader *in, const struct mime_line *line)
{
	static const char *const encodings[] = {
	    "QUOTED-PRINTABLE", "BASE64", "B", "7BIT", "8BIT"};
	struct buf *out = &in->card;

	for (size_t i = 0; i < line->param_count; i++) {
		struct str name = line->params[i].name;
		struct str value =
		    text_line(in->arena, line->params[i].value).s;
		bool is_encoding = str_eq_nocase(name, STR("ENCODING")) ||
		                   str_eq_nocase(name, STR("CHARSET"));
		bool needs_quotes;

		for (size_t k = 0; name.len == 0 && k < 5; k++)
			is_encoding = is_encoding ||
			              str_eq_nocase(value, str_c(encodings[k]));
		if (is_encoding || (name.len > 0 && !is_token(name)))
			continue;
		buf_add_byte(out, ';');
		add_upper(out, name.len > 0 ? name : STR("TYPE"));
		buf_add_byte(out, '=');
		needs_quotes = str_find_byte(value, ':', 0) < value.len ||
		               str_find_byte(value, ';', 0) < value.len;
		if (needs_quotes)
			buf_add_byte(out, '"');
		buf_add(out, value);
		if (needs_quotes)
			buf_add_byte(out, '"');
	}
}

static void
keep_line(struct reader *in, const struct mime_line *line, struct str value)
{
	struct buf *out = &in->card;

	/* What begins and ends other things has no place in a card. */
	if (mime_line_is(line, "BEGIN") || mime_line_is(line, "END")) {
		in->out->lost = tr("there is something else within it");
		return;
	}
	if (!is_token(line->name) ||
	    out->len + value.len + 2000 > LIMIT_PERSON_CARD) {
		in->out->lost = tr("it holds more than there is room for");
		return;
	}
	if (is_token(line->group)) {
		buf_add(out, line->group);
		buf_add_byte(out, '.');
	}
	add_upper(out, line->name);
	add_params(in, line);
	buf_add_byte(out, ':');
	buf_add(out, value);
	buf_add_byte(out, '\n');
}

/* ---- what has a field of its own ------------------------------------------
 */
static struct text
spoken_name(struct reader *in, struct str value)
{
	static const unsigned order[] = {3, 1, 2, 0, 4};
	struct text parts[5];
	struct buf out;

	buf_init_arena(&out, in->arena, TEXT_BYTES * 6);
	for (size_t i = 0; i < 5; i++)
		parts[i] = mime_line_piece(in->arena, &value, ';', TEXT_BYTES);
	for (size_t i = 0; i < 5; i++) {
		if (text_is_empty(parts[order[i]]))
			continue;
		if (out.len > 0)
			buf_add_byte(&out, ' ');
		buf_add(&out, parts[order[i]].s);
	}
	return text_line(in->arena, buf_str(&out));
}

static void
take_photo(struct reader *in, const struct mime_line *line)
{
	struct mime_person *out = in->out;
	size_t comma = str_find(line->value, STR(";base64,"), 0);
	bool is_data = str_starts_nocase(line->value, STR("data:")) &&
	               comma < line->value.len;
	struct str bytes;

	if (!is_data && mime_line_encoding(line) != MIME_BASE64) {
		/* An address on the internet: kept, never fetched. */
		keep_line(in, line, card_value(in, line));
		return;
	}
	bytes = is_data ? str_slice(line->value, comma + 8, line->value.len)
	                : line->value;
	bytes = mime_decode_transfer(
	    in->arena, MIME_BASE64, bytes, LIMIT_PERSON_PHOTO + 1);
	if (line->is_cut || bytes.len > LIMIT_PERSON_PHOTO ||
	    !mime_photo_clean(in->arena, bytes, &out->photo, &out->photo_type))
		out->lost =
		    tr("its photo is neither JPEG nor PNG, or larger than "
		       "256 KB or 4096 pixels a side");
}

static void
take_address(struct reader *in, const struct mime_line *line)
{
	struct str value = card_value(in, line);
	struct mime_addresses found;

	if (str_starts_nocase(value, STR("mailto:")))
		value = str_slice(value, 7, value.len);
	found = mime_person_addresses(in->arena, str_trim(value), 1);
	if (found.count == 0) {
		mime_person_keep_bad(in->out, in->arena, value, &in->card);
		return;
	}
	value = found.list[0].address.s;
	if (!mime_person_add_address(in->out, found.list[0].address)) {
		keep_line(in, line, value);
		return;
	}
	/* What is said of the address goes with it. */
	if (line->group.len > 0 || line->param_count > 1 ||
	    (line->param_count == 1 && !mime_line_has_type(line, "INTERNET")))
		keep_line(in, line, value);
}

/* Separated by commas, in vCard 2.1 by semicolons (and, by many, commas). */
static void
take_groups(struct reader *in, const struct mime_line *line)
{
	struct str rest = card_value(in, line);
	char separator = in->is_old ? ';' : ',';

	while (rest.len > 0) {
		struct str piece =
		    mime_line_piece(in->arena, &rest, separator, TEXT_BYTES).s;

		while (piece.len > 0) {
			struct str one =
			    in->is_old ? str_cut(&piece, ',') : piece;

			if (!in->is_old)
				piece = str_of(NULL, 0);
			one = text_line(in->arena, one).s;
			if (one.len > 0 && one.len <= LIMIT_NAME_BYTES &&
			    !mime_person_add_group(in->out, (struct text){one}))
				in->out->lost =
				    tr("it is in more groups than there is "
				       "room for");
		}
	}
}

static void
take_note(struct reader *in, const struct mime_line *line)
{
	struct str value = card_value(in, line);
	struct text note = mime_line_text(in->arena, value, LIMIT_PERSON_NOTE);

	if (in->note.len + note.s.len + 1 > LIMIT_PERSON_NOTE ||
	    value.len > LIMIT_PERSON_NOTE) {
		in->out->lost = tr("its note is longer than 32 KB");
		note.s =
		    str_slice(note.s, 0, LIMIT_PERSON_NOTE - in->note.len - 1);
	}
	if (in->note.len > 0)
		buf_add_byte(&in->note, '\n');
	buf_add(&in->note, note.s);
}

static void
take_member(struct reader *in, const struct mime_line *line)
{
	struct mime_person *out = in->out;

	if (out->members == NULL)
		out->members =
		    ARENA_ARRAY(in->arena, MIME_CARD_LINES, struct str);
	if (out->members != NULL && out->member_count < MIME_CARD_LINES)
		out->members[out->member_count++] =
		    str_trim(card_value(in, line));
}

static bool
take_known(struct reader *in, const struct mime_line *line)
{
	struct mime_person *out = in->out;
	struct str value = card_value(in, line);

	if (mime_line_is(line, "FN") && text_is_empty(out->name)) {
		out->name = text_line(
		    in->arena, mime_line_text(in->arena, value, TEXT_BYTES).s);
		return !text_is_empty(out->name);
	}
	if (mime_line_is(line, "N") && text_is_empty(in->structured))
		in->structured = spoken_name(in, value);
	if (mime_line_is(line, "ORG") && text_is_empty(out->organization)) {
		struct mime_card_line org = {
		    .name = STR("ORG"), .value = value};

		out->organization = text_line(
		    in->arena, str_slice(mime_card_value(in->arena, &org).s, 0,
		                   TEXT_BYTES));
	}
	if (mime_line_is(line, "UID"))
		out->uid = value;
	if ((mime_line_is(line, "KIND") ||
	        mime_line_is(line, "X-ADDRESSBOOKSERVER-KIND")) &&
	    str_eq_nocase(value, STR("group")))
		out->is_group = true;
	return false;
}

static void
take_line(struct reader *in, const struct mime_line *line)
{
	static const struct {
		const char *name;
		void (*take)(struct reader *in, const struct mime_line *line);
	} takes[] = {
	    {"EMAIL", take_address},
	    {"CATEGORIES", take_groups},
	    {"PHOTO", take_photo},
	    {"NOTE", take_note},
	    {"MEMBER", take_member},
	    {"X-ADDRESSBOOKSERVER-MEMBER", take_member},
	};

	if (mime_line_is(line, "VERSION"))
		return;
	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++) {
		if (mime_line_is(line, takes[i].name)) {
			takes[i].take(in, line);
			return;
		}
	}
	if (take_known(in, line))
		return;
	if (line->is_cut)
		in->out->lost = tr("one of its lines is longer than 512 KB");
	else if (mime_line_encoding(line) == MIME_BASE64)
		keep_line(in, line, card_bytes(in, line));
	else
		keep_line(in, line, card_value(in, line));
}

/* ---- cards ----------------------------------------------------------------
 */
static bool
is_mark(const struct mime_line *line, const char *name)
{
	return mime_line_is(line, name) &&
	       str_eq_nocase(str_trim(line->value), STR("VCARD"));
}

/*
 * The lines of one card, from behind its BEGIN. A card within it (AGENT of
 * vCard 2.1) is passed over; another BEGIN, or the end of the file, ends a
 * card that has no END.
 */
struct card_lines {
	struct mime_lines lines;
	unsigned depth; /* of cards within it */
	bool is_agent;  /* the line before was one */
	bool has_inner, is_done, has_end;
	bool is_cut; /* the file ended before it */
};

static bool
card_lines_next(struct card_lines *in, struct mime_line *out)
{
	while (!in->is_done) {
		struct mime_lines before = in->lines;
		bool was_agent = in->is_agent;

		if (!mime_lines_next(&in->lines, out)) {
			in->is_cut = true;
			break;
		}
		in->is_agent = mime_line_is(out, "AGENT");
		if (is_mark(out, "BEGIN") && !was_agent) {
			in->lines = before;
			break;
		}
		if (is_mark(out, "BEGIN")) {
			in->depth++;
			in->has_inner = true;
		} else if (is_mark(out, "END") && in->depth == 0) {
			in->has_end = true;
			break;
		} else if (is_mark(out, "END")) {
			in->depth--;
		} else if (in->depth == 0) {
			return true;
		}
	}
	in->is_done = true;
	return false;
}

static bool
is_old_version(struct card_lines scan)
{
	struct mime_line line;

	while (card_lines_next(&scan, &line)) {
		if (mime_line_is(&line, "VERSION"))
			return str_starts(str_trim(line.value), STR("2."));
	}
	return false;
}

static void
read_lines(struct reader *in, struct card_lines *scan)
{
	struct mime_line line;
	unsigned count = 0;

	while (card_lines_next(scan, &line)) {
		if (++count <= MIME_CARD_LINES)
			take_line(in, &line);
	}
	if (count > MIME_CARD_LINES)
		in->out->lost = tr("it has more than 500 lines");
	else if (scan->has_inner)
		in->out->lost = tr("there is another card within it");
	else if (!scan->has_end)
		in->out->lost = tr("it does not end (END:VCARD is missing)");
	else if (scan->lines.skipped > 0 && in->out->lost == NULL)
		in->out->lost = tr("some of its lines have no colon");
}

static enum mime_people_next
read_card(struct card_lines *scan, struct arena *arena, struct mime_person *out)
{
	struct reader in = {.arena = arena, .out = out};

	in.is_old = is_old_version(*scan);
	buf_init_arena(&in.card, arena, LIMIT_PERSON_CARD + 4096);
	buf_init_arena(&in.note, arena, LIMIT_PERSON_NOTE + 16);
	read_lines(&in, scan);
	if (text_is_empty(out->name))
		out->name = in.structured;
	out->card = buf_str(&in.card);
	out->note = text_from(arena, buf_str(&in.note));
	/* Its last line may be half of what it was. */
	if (scan->is_cut) {
		out->lost =
		    tr("it does not end (END:VCARD is missing): the file "
		       "was cut off there");
		return MIME_PEOPLE_UNREADABLE;
	}
	return mime_person_is_nobody(out, arena) ? MIME_PEOPLE_UNREADABLE
	                                         : MIME_PEOPLE_PERSON;
}

/*
 * Up to the BEGIN of a card, or the end. The number of the first line on the
 * way that something stands in, or 0.
 */
static uint32_t
find_begin(struct mime_lines *lines)
{
	uint32_t stray = 0;

	for (;;) {
		struct mime_lines before = *lines;
		struct mime_line line;

		if (!mime_lines_next(lines, &line))
			return stray;
		if (is_mark(&line, "BEGIN")) {
			*lines = before;
			return stray;
		}
		if (stray == 0 && !is_mark(&line, "END"))
			stray = line.number;
	}
}

enum mime_people_next
mime_card_next(
    struct mime_people *people, struct arena *arena, struct mime_person *out)
{
	struct mime_lines lines = {.arena = arena,
	    .rest = str_slice(people->bytes, people->at, people->bytes.len),
	    .line_bytes = LINE_BYTES,
	    .number = people->line};
	enum mime_people_next found = MIME_PEOPLE_END;
	struct mime_line line;

	*out = (struct mime_person){0};
	out->line = find_begin(&lines);
	if (out->line > 0) {
		out->lost = tr("these lines belong to no card (BEGIN:VCARD is "
		               "missing)");
		found = MIME_PEOPLE_UNREADABLE;
	} else if (mime_lines_next(&lines, &line)) {
		struct card_lines scan = {.lines = lines};

		scan.lines.skipped = 0;
		out->line = line.number;
		found = read_card(&scan, arena, out);
		lines = scan.lines;
	}
	people->at = people->bytes.len - lines.rest.len;
	people->line = lines.number;
	return found;
}
