#include "mime/mime_card.h"

#include "mime/mime_lines.h"

#define VALUE_BYTES ((size_t)32 << 10) /* of one value, for people */

/* The colon before the value; one may stand in a quoted parameter. */
static size_t
find_colon(struct str line)
{
	bool is_quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (line.ptr[i] == ':' && !is_quoted)
			return i;
	}
	return line.len;
}

bool
mime_card_line_next(struct str *rest, struct mime_card_line *out)
{
	while (rest->len > 0) {
		struct str line = str_cut(rest, '\n');
		size_t colon = find_colon(line);
		struct str head = str_slice(line, 0, colon);
		size_t end = str_find_byte(head, ';', 0);
		size_t dot = str_find_byte(str_slice(head, 0, end), '.', 0);

		if (colon == line.len)
			continue;
		out->whole = line;
		out->name = str_slice(line, dot < end ? dot + 1 : 0, end);
		out->params = str_slice(line, end, colon);
		out->value = str_slice(line, colon + 1, line.len);
		return true;
	}
	return false;
}

bool
mime_card_has_type(const struct mime_card_line *line, const char *word)
{
	struct str rest = line->params;
	struct str wanted = str_c(word);

	while (rest.len > 0) {
		struct str param = str_cut(&rest, ';');

		if (!str_starts_nocase(param, STR("TYPE=")))
			continue;
		param = str_slice(param, 5, param.len);
		while (param.len > 0) {
			struct str one = str_cut(&param, ',');

			if (one.len >= 2 && one.ptr[0] == '"')
				one = str_slice(one, 1, one.len - 1);
			if (str_eq_nocase(one, wanted))
				return true;
		}
	}
	return false;
}

struct text
mime_card_value(struct arena *arena, const struct mime_card_line *line)
{
	struct str rest = line->value;
	struct buf out;

	if (!str_eq(line->name, STR("ADR")) && !str_eq(line->name, STR("ORG")))
		return mime_line_text(arena, rest, VALUE_BYTES);
	buf_init_arena(&out, arena, VALUE_BYTES * 2);
	while (rest.len > 0) {
		struct text part =
		    mime_line_piece(arena, &rest, ';', VALUE_BYTES);

		if (text_is_empty(part) || out.len > VALUE_BYTES)
			continue;
		if (out.len > 0)
			buf_add_c(&out, ", ");
		buf_add(&out, part.s);
	}
	return text_line(arena, buf_str(&out));
}

void
mime_card_escape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '\n') {
			buf_add_c(out, "\\n");
			continue;
		}
		if (c == '\\' || c == ',' || c == ';')
			buf_add_byte(out, '\\');
		if (c != '\r')
			buf_add_byte(out, c);
	}
}

static void
add_head(struct buf *card, const char *name, const char *type)
{
	buf_add_c(card, name);
	if (type[0] != '\0')
		buf_addf(card, ";TYPE=%s", type);
	buf_add_byte(card, ':');
}

void
mime_card_add(
    struct buf *card, const char *name, const char *type, struct text value)
{
	if (text_is_empty(value))
		return;
	add_head(card, name, type);
	mime_card_escape(card, value.s);
	buf_add_byte(card, '\n');
}

void
mime_card_add_parts(struct buf *card, const char *name, const char *type,
    const struct text *parts, size_t count)
{
	bool is_empty = true;

	for (size_t i = 0; i < count; i++)
		is_empty = is_empty && text_is_empty(parts[i]);
	if (is_empty)
		return;
	add_head(card, name, type);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(card, ';');
		mime_card_escape(card, parts[i].s);
	}
	buf_add_byte(card, '\n');
}
