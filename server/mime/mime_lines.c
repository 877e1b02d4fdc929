#include "mime/mime_lines.h"

#include "base/buf.h"

/* One line, unfolded: a photo within a card may be long, and is cut. */
#define LINE_BYTES ((size_t)64 << 10)

/* A physical line without its end; lines->rest then stands behind it. */
static struct str
cut_line(struct mime_lines *lines)
{
	struct str line = str_cut(&lines->rest, '\n');

	lines->number++;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool
is_fold(struct str rest)
{
	return rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t');
}

/* Is "QUOTED-PRINTABLE" said before the colon (vCard 2.1)? */
static bool
is_quoted_printable(struct str line)
{
	size_t colon = str_find_byte(line, ':', 0);

	return str_find_nocase(str_slice(line, 0, colon),
	           STR("QUOTED-PRINTABLE"), 0) < colon;
}

/*
 * Folded lines are joined; the soft breaks of quoted-printable are another
 * kind of folding, and stay for its decoder.
 */
static struct str
unfold(struct mime_lines *lines, bool *out_is_cut)
{
	size_t most = lines->line_bytes > 0 ? lines->line_bytes : LINE_BYTES;
	struct str line = cut_line(lines);
	bool is_soft = str_ends(line, STR("=")) && is_quoted_printable(line);
	struct buf whole;

	*out_is_cut = line.len > most;
	if (!is_soft && !is_fold(lines->rest))
		return str_slice(line, 0, most);
	buf_init_arena(&whole, lines->arena, most + 2);
	buf_add(&whole, str_slice(line, 0, most));
	while (lines->rest.len > 0 && (is_soft || is_fold(lines->rest))) {
		struct str more = cut_line(lines);

		if (is_soft)
			buf_add_byte(&whole, '\n');
		else
			more = str_slice(more, 1, more.len);
		is_soft = is_soft && str_ends(more, STR("="));
		if (whole.len + more.len > most) {
			*out_is_cut = true;
			continue; /* the rest of it is left out */
		}
		buf_add(&whole, more);
	}
	return buf_str(&whole);
}

static struct str
unquoted(struct str s)
{
	s = str_trim(s);
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return str_slice(s, 1, s.len - 1);
	return s;
}

/* Up to one of the two bytes that is not within quotes, or the end. */
static size_t
find_bare(struct str s, size_t from, char a, char b)
{
	bool is_quoted = false;

	for (size_t i = from; i < s.len; i++) {
		if (s.ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (s.ptr[i] == a || s.ptr[i] == b))
			return i;
	}
	return s.len;
}

static void
add_param(struct mime_line *line, struct str param)
{
	size_t equals = find_bare(param, 0, '=', '=');
	struct mime_param *out = &line->params[line->param_count];

	if (line->param_count >= MIME_LINE_PARAMS || param.len == 0)
		return;
	*out = (struct mime_param){0};
	if (equals < param.len) {
		out->name = str_trim(str_slice(param, 0, equals));
		out->value = unquoted(str_slice(param, equals + 1, param.len));
	} else {
		out->value = str_trim(param);
	}
	line->param_count++;
}

/* False: no content line. A quote that never ends holds nothing together. */
static bool
parse_line(struct str raw, struct mime_line *out)
{
	size_t colon = find_bare(raw, 0, ':', ':');
	size_t at = find_bare(raw, 0, ';', ':');
	size_t dot;

	out->param_count = 0;
	out->group = (struct str){0};
	if (colon == raw.len) {
		colon = str_find_byte(raw, ':', 0);
		at = str_find_byte(str_slice(raw, 0, colon), ';', 0);
	}
	if (colon == raw.len)
		return false;
	out->name = str_trim(str_slice(raw, 0, at < colon ? at : colon));
	dot = str_find_byte(out->name, '.', 0);
	if (dot < out->name.len) {
		out->group = str_slice(out->name, 0, dot);
		out->name = str_slice(out->name, dot + 1, out->name.len);
	}
	while (at < colon) {
		size_t end =
		    find_bare(str_slice(raw, 0, colon), at + 1, ';', ';');
		add_param(out, str_slice(raw, at + 1, end));
		at = end;
	}
	out->value = str_slice(raw, colon + 1, raw.len);
	return out->name.len > 0;
}

bool
mime_lines_next(struct mime_lines *lines, struct mime_line *out)
{
	while (lines->rest.len > 0) {
		struct str raw;

		out->number = lines->number + 1;
		raw = unfold(lines, &out->is_cut);
		if (parse_line(raw, out))
			return true;
		if (str_trim(raw).len > 0)
			lines->skipped++;
	}
	return false;
}

bool
mime_line_is(const struct mime_line *line, const char *name)
{
	return str_eq_nocase(line->name, str_c(name));
}

struct str
mime_line_param(const struct mime_line *line, const char *name)
{
	for (size_t i = 0; i < line->param_count; i++) {
		if (str_eq_nocase(line->params[i].name, str_c(name)))
			return line->params[i].value;
	}
	return (struct str){0};
}

bool
mime_line_has_type(const struct mime_line *line, const char *word)
{
	for (size_t i = 0; i < line->param_count; i++) {
		struct str rest = line->params[i].value;

		if (line->params[i].name.len > 0 &&
		    !str_eq_nocase(line->params[i].name, STR("TYPE")))
			continue;
		while (rest.len > 0) {
			if (str_eq_nocase(
			        str_trim(str_cut(&rest, ',')), str_c(word)))
				return true;
		}
	}
	return false;
}

enum mime_encoding
mime_line_encoding(const struct mime_line *line)
{
	struct str named = mime_line_param(line, "ENCODING");

	if (str_eq_nocase(named, STR("QUOTED-PRINTABLE")) ||
	    mime_line_has_type(line, "QUOTED-PRINTABLE"))
		return MIME_QUOTED_PRINTABLE;
	if (str_eq_nocase(named, STR("BASE64")) ||
	    str_eq_nocase(named, STR("B")) ||
	    mime_line_has_type(line, "BASE64"))
		return MIME_BASE64;
	return MIME_IDENTITY;
}

struct str
mime_line_decoded(struct arena *arena, const struct mime_line *line)
{
	struct str bytes = line->value;
	enum mime_encoding encoding = mime_line_encoding(line);

	if (encoding != MIME_IDENTITY)
		bytes =
		    mime_decode_transfer(arena, encoding, bytes, LINE_BYTES);
	return mime_decode_charset(
	    arena, mime_line_param(line, "CHARSET"), bytes)
	    .s;
}

struct text
mime_line_piece(
    struct arena *arena, struct str *rest, char separator, size_t max_bytes)
{
	struct buf out;
	size_t at = 0;
	struct str in = *rest;

	buf_init_arena(&out, arena, max_bytes + 4);
	for (; at < in.len && in.ptr[at] != separator; at++) {
		char byte = in.ptr[at];

		if (byte == '\\' && at + 1 < in.len) {
			at++;
			byte = in.ptr[at];
			if (byte == 'n' || byte == 'N')
				byte = '\n';
		}
		if (out.len < max_bytes)
			buf_add_byte(&out, byte);
	}
	*rest = at < in.len ? str_slice(in, at + 1, in.len) : (struct str){0};
	/* Cut within a character, or bytes that are none. */
	return text_from(arena, str_trim(buf_str(&out)));
}

struct text
mime_line_text(struct arena *arena, struct str value, size_t max_bytes)
{
	return mime_line_piece(arena, &value, '\0', max_bytes);
}
