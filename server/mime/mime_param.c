#include "base/buf.h"
#include "base/limits.h"
#include "mime/mime_marks.h"
#include "mime/mime_words.h"

/* Parameters and the file names in them (RFC 2231), as generously. */

#define CHARSET_BYTES   64u
#define FILE_NAME_CHARS 180u
#define PARAM_PIECES    100u

/* The weak marks, which other text may keep: no name needs them. */
static bool
is_direction_mark(uint32_t c)
{
	return c == 0x200e || c == 0x200f || c == 0x061c;
}

/* At most FILE_NAME_CHARS, the ending kept. */
static struct text
name_shorten(struct arena *arena, struct text name)
{
	size_t dot = name.s.len;
	struct str ending = {0};
	struct text start;

	if (name.s.len <= FILE_NAME_CHARS)
		return name;
	for (size_t i = name.s.len; i > 0 && name.s.len - i < 16; i--) {
		if (name.s.ptr[i - 1] == '.') {
			dot = i - 1;
			break;
		}
	}
	ending = str_slice(name.s, dot, name.s.len);
	start = text_shorten(
	    arena, (struct text){str_slice(name.s, 0, dot)}, FILE_NAME_CHARS);
	return (struct text){
	    str_join(arena, (struct str[]){start.s, ending}, 2)};
}

/* Without path, direction marks and what only systems understand. */
static struct text
name_clean(struct arena *arena, struct text raw)
{
	struct text line = mime_marks_line(arena, raw.s, NULL);
	struct buf out;
	struct str clean = {0};
	size_t at = 0;

	buf_init_arena(&out, arena, line.s.len * 3 + 1);
	while (at < line.s.len) {
		uint32_t c = text_next(line.s, &at);
		if (c == '/' || c == '\\')
			buf_clear(&out);
		else if (!is_direction_mark(c))
			buf_add_utf8(&out, c);
	}
	if (out.failed != ERR_OK)
		return (struct text){0};
	clean = str_trim(buf_str(&out));
	while (clean.len > 0 && (clean.ptr[clean.len - 1] == '.' ||
	                            clean.ptr[clean.len - 1] == ' '))
		clean.len--;
	return name_shorten(arena, (struct text){clean});
}

/*
 * RFC 2231, 4: charset'language'percent-encoded. True when `raw` has that
 * form; an unencoded name such as "it's Bob's.txt" has not: a charset is a
 * label without spaces.
 */
static bool
split_extended(struct str raw, struct str *out_charset, struct str *out_rest)
{
	size_t first = str_find_byte(raw, '\'', 0);
	size_t second = str_find_byte(raw, '\'', first + 1);

	/* "''" says neither charset nor language, and that is allowed. */
	if ((first == 0 && second != 1) || second >= raw.len ||
	    first > CHARSET_BYTES)
		return false;
	for (size_t i = 0; i < second; i++) {
		if (raw.ptr[i] == ' ' || raw.ptr[i] == '%')
			return false;
	}
	*out_charset = str_slice(raw, 0, first);
	*out_rest = str_slice(raw, second + 1, raw.len);
	return true;
}

static struct text
decode_extended(struct arena *arena, struct str charset, struct str encoded)
{
	struct buf bytes;

	buf_init_arena(&bytes, arena, encoded.len + 1);
	mime_words_add_marked(&bytes, encoded, '%');
	if (bytes.failed != ERR_OK)
		return (struct text){0};
	return mime_decode_charset(arena, charset, buf_str(&bytes));
}

static const struct mime_param *
param_named(const struct mime_param *params, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(params[i].name, name))
			return &params[i];
	}
	return NULL;
}

/* The piece of that number, or NULL. */
static const struct mime_param *
piece_find(struct arena *arena, const struct mime_param *params, size_t count,
    struct str name, unsigned number, bool *is_extended)
{
	const struct mime_param *piece = param_named(params, count,
	    str_printf(arena, "%.*s*%u*", STR_ARG(name), number));

	*is_extended = piece != NULL;
	if (piece != NULL)
		return piece;
	return param_named(
	    params, count, str_printf(arena, "%.*s*%u", STR_ARG(name), number));
}

static size_t
count_pieces(const struct mime_param *params, size_t count, struct str name)
{
	size_t pieces = 0;

	for (size_t i = 0; i < count; i++) {
		struct str rest = params[i].name;
		if (str_starts_nocase(rest, name) &&
		    str_starts(str_slice(rest, name.len, rest.len), STR("*")))
			pieces++;
	}
	return pieces;
}

/*
 * RFC 2231, 3: name*0, name*1*, … joined in order. Of what got lost on the
 * way (name*0 and name*2 alone) the rest is kept, unless there is a plain
 * name beside it. False when there is no piece.
 */
static bool
join_pieces(struct arena *arena, const struct mime_param *params, size_t count,
    struct str name, struct text *out)
{
	size_t pieces = count_pieces(params, count, name);
	bool has_plain = param_named(params, count, name) != NULL;
	struct buf bytes;
	struct str charset = {0};
	bool has_extended = false;
	size_t found = 0;

	buf_init_arena(&bytes, arena, LIMIT_HEADER_BYTES * 4);
	for (unsigned n = 0; n < PARAM_PIECES && found < pieces; n++) {
		bool is_extended = false;
		const struct mime_param *piece =
		    piece_find(arena, params, count, name, n, &is_extended);
		struct str value = {0};

		if (piece == NULL && has_plain && found == 0)
			return false;
		if (piece == NULL)
			continue;
		value = piece->value;
		if (is_extended && found == 0)
			(void)split_extended(value, &charset, &value);
		if (is_extended)
			mime_words_add_marked(&bytes, value, '%');
		else
			buf_add(&bytes, value);
		has_extended = has_extended || is_extended;
		found++;
	}
	if (found == 0)
		return false;
	*out = has_extended
	           ? mime_decode_charset(arena, charset, buf_str(&bytes))
	           : mime_decode_text(arena, buf_str(&bytes));
	return true;
}

struct text
mime_param_find(struct arena *arena, const struct mime_param *params,
    size_t count, struct str name)
{
	struct str extended = str_printf(arena, "%.*s*", STR_ARG(name));
	const struct mime_param *param = param_named(params, count, extended);
	struct str charset = {0};
	struct str rest = {0};
	struct text text = {0};

	if (param != NULL) {
		rest = param->value;
		(void)split_extended(param->value, &charset, &rest);
		return text_line(
		    arena, decode_extended(arena, charset, rest).s);
	}
	if (join_pieces(arena, params, count, name, &text))
		return text_line(arena, text.s);
	param = param_named(params, count, name);
	return param == NULL ? TEXT("") : mime_decode_text(arena, param->value);
}

struct text
mime_param_file_name(struct arena *arena, const struct mime_param *disposition,
    size_t disposition_count, const struct mime_param *type, size_t type_count)
{
	struct text name = mime_param_find(
	    arena, disposition, disposition_count, STR("filename"));

	if (text_is_empty(name))
		name = mime_param_find(arena, type, type_count, STR("name"));
	return name_clean(arena, name);
}

struct text
mime_decode_name(struct arena *arena, struct str raw)
{
	struct str charset = {0};
	struct str rest = {0};

	if (split_extended(raw, &charset, &rest) &&
	    str_find_byte(rest, '%', 0) < rest.len)
		return name_clean(arena, decode_extended(arena, charset, rest));
	return name_clean(arena, mime_decode_text(arena, raw));
}
