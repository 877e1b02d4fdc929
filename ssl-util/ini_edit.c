#include "ini_edit.h"

/* One line with its end, and what stands in it. */
struct line {
	size_t from, to; /* in the bytes; `to` is past its end */
	struct str text; /* without its end, trimmed */
};

struct place {
	size_t key_from, key_to; /* the line that says it; 0, 0: none */
	size_t hint_to;          /* past the line ";Key="; 0: none */
	size_t last_to;          /* past the section's last key */
	bool has_section;
	struct str end; /* how lines end here: LF, CRLF or CR */
};

static bool
next_line(struct str bytes, size_t *at, struct line *out)
{
	size_t end = *at;

	if (*at >= bytes.len)
		return false;
	while (
	    end < bytes.len && bytes.ptr[end] != '\n' && bytes.ptr[end] != '\r')
		end++;
	out->from = *at;
	out->text = str_trim(str_slice(bytes, *at, end));
	if (end + 1 < bytes.len && bytes.ptr[end] == '\r' &&
	    bytes.ptr[end + 1] == '\n')
		end++;
	out->to = end < bytes.len ? end + 1 : end;
	*at = out->to;
	return true;
}

/* Name of a key in "Key=value" or "Key: value"; empty when it is none. */
static struct str
key_of(struct str text)
{
	size_t at = 0;

	while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != ':')
		at++;
	return at < text.len ? str_trim(str_slice(text, 0, at))
	                     : (struct str){0};
}

static bool
is_comment(struct str text)
{
	return text.len > 0 && (text.ptr[0] == ';' || text.ptr[0] == '#');
}

/* The key of ";Key=value"; prose with a colon in it has blanks before. */
static struct str
commented_key(struct str text)
{
	size_t at = 0;

	while (at < text.len && (text.ptr[at] == ';' || text.ptr[at] == '#' ||
	                            text.ptr[at] == ' '))
		at++;
	size_t equals = str_find_byte(text, '=', at);
	struct str key = str_trim(str_slice(text, at, equals));
	bool is_key = equals < text.len && key.len > 0;
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] == ' ' || key.ptr[i] == '\t')
			is_key = false;
	return is_key ? key : (struct str){0};
}

static struct str
section_of(struct str text)
{
	if (text.len == 0 || text.ptr[0] != '[')
		return (struct str){0};
	return str_trim(str_slice(text, 1, str_find_byte(text, ']', 0)));
}

static bool
is_in_any_section(struct str key)
{
	return str_eq_nocase(key, STR("EnableSSL")) ||
	       str_eq_nocase(key, STR("ForceSSL"));
}

/* One line of the wanted section, or of any when the key may be there. */
static void
look(const struct line *line, const struct ini_edit *edit, bool is_inside,
    struct place *out)
{
	bool counts = is_inside || is_in_any_section(edit->key);
	struct str key;

	if (is_comment(line->text)) {
		key = commented_key(line->text);
		if (!is_inside || key.len == 0)
			return;
		if (str_eq_nocase(key, edit->key) && out->hint_to == 0)
			out->hint_to = line->to;
		out->last_to = line->to;
		return;
	}
	key = key_of(line->text);
	if (counts && str_eq_nocase(key, edit->key)) {
		out->key_from = line->from;
		out->key_to = line->to;
	}
	if (is_inside && line->text.len > 0)
		out->last_to = line->to;
}

static struct str
end_of(struct str bytes)
{
	size_t at = 0;

	while (at < bytes.len && bytes.ptr[at] != '\n' && bytes.ptr[at] != '\r')
		at++;
	if (at + 1 < bytes.len && bytes.ptr[at] == '\r' &&
	    bytes.ptr[at + 1] == '\n')
		return STR("\r\n");
	if (at < bytes.len && bytes.ptr[at] == '\r')
		return STR("\r");
	return STR("\n");
}

static bool
is_section(struct str text)
{
	return text.len > 0 && text.ptr[0] == '[';
}

static void
find(struct str bytes, const struct ini_edit *edit, struct place *out)
{
	struct line line;
	bool is_inside = false;
	size_t at = str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0;

	*out = (struct place){.end = end_of(bytes)};
	while (next_line(bytes, &at, &line)) {
		if (!is_section(line.text)) {
			look(&line, edit, is_inside, out);
			continue;
		}
		is_inside = str_eq_nocase(section_of(line.text), edit->section);
		out->has_section = out->has_section || is_inside;
		if (is_inside)
			out->last_to = line.to;
	}
}

/* Where the value of "Key = value ; comment" begins and ends in the line. */
static void
find_value(struct str line, size_t *from, size_t *to)
{
	size_t at = 0;

	while (line.ptr[at] != '=' && line.ptr[at] != ':')
		at++;
	at++;
	while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
		at++;
	*from = at;
	*to = at;
	for (; at < line.len && line.ptr[at] != '\r' && line.ptr[at] != '\n';
	     at++) {
		bool is_blank = line.ptr[at] == ' ' || line.ptr[at] == '\t';

		/* As inih has it: after a blank only. */
		if (line.ptr[at] == ';' &&
		    (line.ptr[at - 1] == ' ' || line.ptr[at - 1] == '\t'))
			break;
		if (!is_blank)
			*to = at + 1;
	}
}

static struct str
change_line(struct str bytes, const struct place *place,
    const struct ini_edit *edit, struct arena *arena)
{
	struct str line = str_slice(bytes, place->key_from, place->key_to);
	size_t from = 0;
	size_t to = 0;

	find_value(line, &from, &to);
	if (str_eq(str_slice(line, from, to), edit->value))
		return bytes;
	struct str rest = str_slice(bytes, place->key_from + to, bytes.len);
	/* "Key=;comment" had no value: the new one needs a blank after it. */
	bool needs_blank = rest.len > 0 && rest.ptr[0] == ';';
	const struct str parts[] = {str_slice(bytes, 0, place->key_from + from),
	    edit->value, needs_blank ? STR(" ") : STR(""), rest};

	return str_join(arena, parts, 4);
}

static struct str
add_line(struct str bytes, const struct place *place,
    const struct ini_edit *edit, struct arena *arena)
{
	size_t at = place->hint_to != 0  ? place->hint_to
	            : place->has_section ? place->last_to
	                                 : bytes.len;
	struct str before = str_slice(bytes, 0, at);
	bool is_open = before.len > 0 && !str_ends(before, STR("\n")) &&
	               !str_ends(before, STR("\r"));
	bool is_new = !place->has_section;
	struct str none = STR("");
	const struct str parts[] = {before, is_open ? place->end : none,
	    is_new && before.len > 0 ? place->end : none,
	    is_new ? STR("[") : none, is_new ? edit->section : none,
	    is_new ? STR("]") : none, is_new ? place->end : none, edit->key,
	    STR("="), edit->value, place->end, str_slice(bytes, at, bytes.len)};

	return str_join(arena, parts, sizeof(parts) / sizeof(parts[0]));
}

static bool
can_be_told(struct str value)
{
	struct str trimmed = str_trim(value);

	if (str_has_line_break(value) || trimmed.len != value.len ||
	    str_starts(value, STR(";")))
		return false;
	return str_find(value, STR(" ;"), 0) >= value.len &&
	       str_find(value, STR("\t;"), 0) >= value.len;
}

enum err_code
ini_edit_set(struct str bytes, const struct ini_edit *edit, struct arena *arena,
    struct str *out, struct err *err)
{
	struct place place;

	if (!can_be_told(edit->value))
		return err_sayf(err, ERR_INPUT,
		    "The value of %.*s cannot stand in an ini file: it has a "
		    "line break, a blank at an end, or a semicolon after a "
		    "blank.",
		    STR_ARG(edit->key));
	find(bytes, edit, &place);
	*out = place.key_to > 0 ? change_line(bytes, &place, edit, arena)
	                        : add_line(bytes, &place, edit, arena);
	return out->ptr != NULL || bytes.ptr == NULL
	           ? ERR_OK
	           : err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
}
