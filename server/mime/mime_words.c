#include "base/buf.h"
#include "base/limits.h"
#include "base/scan.h"
#include "mime/mime_marks.h"
#include "mime/mime_words.h"

/*
 * Text in header fields (RFC 2047) and file names (RFC 2231), read as
 * generously as mail programs do. The grammar, and what real mail adds to it:
 *
 *   encoded-word = "=?" charset ["*" language] "?" encoding "?" text "?="
 *
 * Words may stand inside other text, be longer than 75 bytes, hold spaces,
 * and cut a character between two words.
 */

#define CHARSET_BYTES 64u
/*
 * So many changes of charset in one text are decoded: to load and unload a
 * converter takes 50 us. What follows is read as if it had no label.
 */
#define CHANGES_MAX     1000u
#define FILE_NAME_CHARS 180u
#define PARAM_PIECES    100u

struct word {
	struct str charset;
	enum mime_encoding encoding;
	struct str data;
};

/* Reads an encoded-word at the cursor; false leaves the cursor. */
static bool
word_read(struct scan *scan, struct word *out)
{
	struct scan at = *scan;
	struct str charset = {0};
	struct str kind = {0};
	size_t end = 0;

	if (!scan_str(&at, STR("=?")))
		return false;
	charset = scan_until(&at, "? \t\r\n");
	if (charset.len == 0 || charset.len > CHARSET_BYTES ||
	    !scan_byte(&at, '?'))
		return false;
	kind = scan_take(&at, 1);
	if (!scan_byte(&at, '?'))
		return false;
	if (str_eq_nocase(kind, STR("b")))
		out->encoding = MIME_BASE64;
	else if (str_eq_nocase(kind, STR("q")))
		out->encoding = MIME_QUOTED_PRINTABLE;
	else
		return false;
	end = str_find(at.in, STR("?="), at.at);
	if (end == at.in.len)
		return false;
	out->data = str_slice(at.in, at.at, end);
	out->charset = str_cut(&charset, '*');
	scan->at = end + 2;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * `mark` and two hex digits become a byte; what is no such triple stays.
 * Q of RFC 2047, 4.2 has mark '=', and "_" is a space; RFC 2231 has mark '%'.
 */
static void
add_marked(struct buf *out, struct str data, char mark)
{
	for (size_t i = 0; i < data.len; i++) {
		char c = data.ptr[i];
		int high = -1;
		int low = -1;

		if (c == mark && data.len - i > 2) {
			high = hex_value(data.ptr[i + 1]);
			low = hex_value(data.ptr[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_byte(
			    out, (char)(c == '_' && mark == '=' ? ' ' : c));
		}
	}
}

static void
add_word(struct buf *out, struct arena *arena, const struct word *word)
{
	if (word->encoding == MIME_BASE64)
		buf_add(out, mime_decode_transfer(arena, MIME_BASE64,
		                 word->data, word->data.len));
	else
		add_marked(out, word->data, '=');
}

/*
 * Reads a run of encoded-words with blanks between them, which do not count
 * (RFC 2047, 6.2). Neighbours of one charset are joined before decoding,
 * since some senders cut characters in two.
 */
static void
add_words(struct buf *out, struct arena *arena, struct scan *scan,
    struct word word, unsigned *changes)
{
	bool more = true;

	while (more) {
		struct str charset = word.charset;
		struct str label = ++*changes > CHANGES_MAX ? STR("") : charset;
		struct buf bytes;

		buf_init_arena(&bytes, arena, scan->in.len);
		do {
			struct scan next = *scan;
			add_word(&bytes, arena, &word);
			(void)scan_while(&next, " \t\r\n");
			more = word_read(&next, &word);
			if (more)
				*scan = next;
		} while (more && str_eq_nocase(word.charset, charset));
		buf_add(
		    out, mime_decode_charset(arena, label, buf_str(&bytes)).s);
	}
}

/* Bytes without label: UTF-8, else windows-1252. Unfolds (RFC 5322, 2.2.3). */
static void
add_raw(struct buf *out, struct arena *arena, struct str raw)
{
	struct str text = mime_decode_charset(arena, STR(""), raw).s;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\n')
			buf_add_byte(out, text.ptr[i]);
		else if (i + 1 == text.len ||
		         (text.ptr[i + 1] != ' ' && text.ptr[i + 1] != '\t'))
			buf_add_byte(out, ' ');
	}
}

struct str
mime_words_decode(struct arena *arena, struct str raw)
{
	struct scan scan = scan_of(raw);
	struct buf out;
	struct word word;
	unsigned changes = 0;
	size_t raw_from = 0;
	size_t last_end = str_find(raw, STR("?="), 0);

	if (last_end == raw.len && str_is_utf8(raw) &&
	    str_find_byte(raw, '\n', 0) == raw.len)
		return raw;
	buf_init_arena(&out, arena, raw.len * 4 + 64);
	while (!scan_end(&scan)) {
		size_t start = str_find(raw, STR("=?"), scan.at);

		/* One look ahead says whether any word can still end. */
		if (last_end < start + 2)
			last_end = str_find(raw, STR("?="), start + 2);
		if (start == raw.len || last_end == raw.len)
			break;
		scan.at = start;
		if (!word_read(&scan, &word)) {
			scan.at = start + 2;
			continue;
		}
		add_raw(&out, arena, str_slice(raw, raw_from, start));
		add_words(&out, arena, &scan, word, &changes);
		raw_from = scan.at;
	}
	add_raw(&out, arena, str_slice(raw, raw_from, raw.len));
	if (out.failed != ERR_OK)
		return (struct str){0};
	return buf_str(&out);
}

struct text
mime_decode_text(struct arena *arena, struct str raw)
{
	return mime_marks_line(arena, mime_words_decode(arena, raw), NULL);
}

/* ---- parameters and file names ---- */

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
	add_marked(&bytes, encoded, '%');
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

/* RFC 2231, 3: name*0, name*1*, … joined; false when there is no name*0. */
static bool
join_pieces(struct arena *arena, const struct mime_param *params, size_t count,
    struct str name, struct text *out)
{
	struct buf bytes;
	struct str charset = {0};
	bool is_extended = false;
	unsigned number = 0;

	buf_init_arena(&bytes, arena, LIMIT_HEADER_BYTES * 4);
	for (number = 0; number < PARAM_PIECES; number++) {
		struct str plain =
		    str_printf(arena, "%.*s*%u", STR_ARG(name), number);
		struct str extended =
		    str_printf(arena, "%.*s*%u*", STR_ARG(name), number);
		const struct mime_param *piece =
		    param_named(params, count, extended);
		struct str value = {0};

		if (piece != NULL) {
			value = piece->value;
			is_extended = true;
			if (number == 0)
				(void)split_extended(value, &charset, &value);
			add_marked(&bytes, value, '%');
			continue;
		}
		piece = param_named(params, count, plain);
		if (piece == NULL)
			break;
		buf_add(&bytes, piece->value);
	}
	if (number == 0)
		return false;
	*out = is_extended
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
