#include "mime/mime_encode.h"

#include "base/codec.h"

/* RFC 5322, 2.1.1: 78 columns are wished, 998 bytes are the law. */
#define LINE_COLUMNS    ((size_t)76)
#define WORD_BYTES      75u /* RFC 2047, 2 */
#define TOKEN_BYTES_MAX 800u
#define PIECE_BYTES     60u /* of a parameter on one line */

static const char hex_digits[] = "0123456789ABCDEF";

/* ---- fields ---- */

void
mime_encode_field(struct mime_out *out, const char *name)
{
	mime_out_add_c(out, name);
	mime_out_add(out, STR(":"));
	out->column = strlen(name) + 1;
}

/* The last wall: whatever a token holds, it stays on its line. */
static void
add_safely(struct mime_out *out, struct str token)
{
	size_t from = 0;

	for (size_t i = 0; i < token.len; i++) {
		unsigned char c = (unsigned char)token.ptr[i];
		if (c >= ' ' && c != 0x7f)
			continue;
		mime_out_add(out, str_slice(token, from, i));
		from = i + 1;
	}
	mime_out_add(out, str_slice(token, from, token.len));
}

void
mime_encode_token(struct mime_out *out, struct str token)
{
	if (out->column > 1 && out->column + 1 + token.len > LINE_COLUMNS + 2 &&
	    out->column > 20) {
		mime_out_add(out, STR("\r\n"));
		out->column = 0;
	}
	mime_out_add(out, STR(" "));
	add_safely(out, token);
	out->column += token.len + 1;
}

void
mime_encode_end(struct mime_out *out)
{
	mime_out_add(out, STR("\r\n"));
	out->column = 0;
}

/* RFC 2047, 5 (3): what may stand in a word of a phrase as it is. */
static bool
is_word_safe(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '!' || c == '*' || c == '+' ||
	       c == '-' || c == '/';
}

static size_t
q_length(unsigned char c)
{
	return is_word_safe(c) || c == ' ' ? 1 : 3;
}

static void
add_hex(struct buf *out, char mark, unsigned char c)
{
	buf_add_byte(out, mark);
	buf_add_byte(out, hex_digits[c >> 4]);
	buf_add_byte(out, hex_digits[c & 15]);
}

static void
add_q(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == ' ')
			buf_add_byte(out, '_');
		else if (is_word_safe(c))
			buf_add_byte(out, (char)c);
		else
			add_hex(out, '=', c);
	}
}

/* Q is readable for Latin text, B is shorter for the others. */
static bool
is_q_shorter(struct str s)
{
	size_t q = 0;

	for (size_t i = 0; i < s.len; i++)
		q += q_length((unsigned char)s.ptr[i]);
	return q <= s.len * 4 / 3 + 8;
}

/* Whole characters from `at` whose encoding takes at most `room` letters. */
static size_t
word_end(struct str s, size_t at, size_t room, bool is_q)
{
	size_t end = at;
	size_t letters = 0;

	while (end < s.len) {
		size_t next = end;
		(void)text_next(s, &next);
		if (is_q) {
			for (size_t i = end; i < next; i++)
				letters += q_length((unsigned char)s.ptr[i]);
		} else {
			letters = (next - at + 2) / 3 * 4;
		}
		if (letters > room && end > at)
			break;
		end = next;
	}
	return end;
}

/* Blanks between words do not count, so characters are never cut. */
static void
encode_words(struct mime_out *out, struct str s, struct str tail)
{
	bool is_q = is_q_shorter(s);
	size_t at = 0;

	while (at < s.len) {
		size_t bytes =
		    out->column < 40 ? LINE_COLUMNS - out->column : WORD_BYTES;
		size_t end = 0;
		struct buf word;

		if (bytes > WORD_BYTES)
			bytes = WORD_BYTES;
		end = word_end(s, at, bytes - 12, is_q);
		buf_init(&word, TOKEN_BYTES_MAX + tail.len);
		buf_add_c(&word, is_q ? "=?UTF-8?Q?" : "=?UTF-8?B?");
		if (is_q)
			add_q(&word, str_slice(s, at, end));
		else
			codec_base64_encode(&word, str_slice(s, at, end));
		buf_add(&word, STR("?="));
		if (end == s.len)
			buf_add(&word, tail);
		mime_encode_token(out, buf_str(&word));
		if (word.failed != ERR_OK && out->failed == ERR_OK)
			out->failed = err_set(
			    out->err, word.failed, NULL, "mime: header word");
		buf_free(&word);
		at = end;
	}
}

/* Plain ASCII words with single blanks, none of them too long. */
static bool
is_plain(struct str s)
{
	size_t word = 0;

	if (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' '))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < ' ' || c > '~' || (c == ' ' && s.ptr[i + 1] == ' '))
			return false;
		word = c == ' ' ? 0 : word + 1;
		if (word > TOKEN_BYTES_MAX)
			return false;
	}
	return str_find(s, STR("=?"), 0) == s.len;
}

static void
encode_plain(struct mime_out *out, struct str s)
{
	struct str rest = s;

	while (rest.len > 0)
		mime_encode_token(out, str_cut(&rest, ' '));
}

/* TAB and LF of a text are blanks in a header. */
static struct str
one_line(struct buf *room, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		buf_add_byte(room, (char)(c < ' ' || c == 0x7f ? ' ' : c));
	}
	return buf_str(room);
}

void
mime_encode_text(struct mime_out *out, struct text text)
{
	struct buf room;
	struct str line;

	buf_init(&room, text.s.len + 1);
	line = one_line(&room, text.s);
	if (is_plain(line))
		encode_plain(out, line);
	else
		encode_words(out, line, STR(""));
	buf_free(&room);
}

/* RFC 5322, 3.2.3: atoms need no quotes. */
static bool
is_atoms(struct str s)
{
	static const char specials[] = "()<>[]:;@\\,.\"";

	for (size_t i = 0; i < s.len; i++) {
		if (strchr(specials, s.ptr[i]) != NULL)
			return false;
	}
	return true;
}

static void
encode_quoted(struct mime_out *out, struct str s, struct str tail)
{
	struct buf quoted;

	buf_init(&quoted, s.len * 2 + tail.len + 3);
	buf_add_byte(&quoted, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			buf_add_byte(&quoted, '\\');
		buf_add_byte(&quoted, s.ptr[i]);
	}
	buf_add_byte(&quoted, '"');
	buf_add(&quoted, tail);
	mime_encode_token(out, buf_str(&quoted));
	buf_free(&quoted);
}

void
mime_encode_phrase(struct mime_out *out, struct text text, struct str tail)
{
	struct buf room;
	struct str line;

	buf_init(&room, text.s.len + 1);
	line = one_line(&room, text.s);
	if (!is_plain(line) || line.len > TOKEN_BYTES_MAX / 2)
		encode_words(out, line, tail);
	else if (is_atoms(line) && tail.len == 0)
		encode_plain(out, line);
	else
		encode_quoted(out, line, tail);
	buf_free(&room);
}

/* ---- parameters ---- */

static bool
is_param_plain(struct str s)
{
	if (!is_plain(s) || s.len > PIECE_BYTES)
		return false;
	return str_find_byte(s, '"', 0) == s.len &&
	       str_find_byte(s, '\\', 0) == s.len &&
	       str_find_byte(s, '%', 0) == s.len &&
	       str_find_byte(s, '\'', 0) == s.len;
}

/* RFC 2231, 7: attribute-char. */
static bool
is_attribute_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static size_t
add_percent(struct buf *piece, struct str s, size_t at)
{
	while (at < s.len && piece->len < PIECE_BYTES) {
		unsigned char c = (unsigned char)s.ptr[at];
		if (is_attribute_char(c))
			buf_add_byte(piece, (char)c);
		else
			add_hex(piece, '%', c);
		at++;
	}
	return at;
}

static void
encode_pieces(struct mime_out *out, const char *name, struct str s)
{
	size_t at = 0;

	for (unsigned number = 0; at < s.len; number++) {
		struct buf piece;
		bool is_only = false;
		size_t end = 0;

		buf_init(&piece, LINE_COLUMNS * 2);
		if (number == 0)
			buf_add(&piece, STR("UTF-8''"));
		end = add_percent(&piece, s, at);
		is_only = number == 0 && end == s.len;
		mime_out_add(out, STR(";\r\n "));
		mime_out_add_c(out, name);
		if (!is_only) {
			char digits[16];
			(void)snprintf(digits, sizeof(digits), "*%u", number);
			mime_out_add_c(out, digits);
		}
		mime_out_add(out, STR("*="));
		mime_out_add(out, buf_str(&piece));
		buf_free(&piece);
		at = end;
	}
}

void
mime_encode_param(struct mime_out *out, const char *name, struct text value)
{
	struct buf room;
	struct str line;

	buf_init(&room, value.s.len + 1);
	line = one_line(&room, value.s);
	if (is_param_plain(line)) {
		mime_out_add(out, STR(";\r\n "));
		mime_out_add_c(out, name);
		mime_out_add(out, STR("=\""));
		mime_out_add(out, line);
		mime_out_add(out, STR("\""));
	} else {
		encode_pieces(out, name, line);
	}
	buf_free(&room);
}

/* ---- text ---- */

/*
 * RFC 2049, 3: some relays take a "." alone for the end of the message, and
 * put ">" before "From ". Behind a soft break "--" could be a boundary.
 */
static bool
is_risky_start(struct str rest, size_t column)
{
	bool is_broken = column == LINE_COLUMNS - 1;

	return (column == 0 || is_broken) &&
	       (rest.ptr[0] == '.' || str_starts(rest, STR("From ")) ||
	           (is_broken && str_starts(rest, STR("--"))));
}

void
mime_encode_qp_line(struct mime_out *out, struct str line)
{
	mime_encode_qp_rest(out, line, 0);
}

void
mime_encode_qp_rest(struct mime_out *out, struct str line, size_t column)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];
		bool is_last = i + 1 == line.len;
		bool is_plain_byte =
		    ((c > ' ' && c <= '~' && c != '=') ||
		        ((c == ' ' || c == '\t') && !is_last)) &&
		    !is_risky_start(str_slice(line, i, line.len), column);
		char code[3] = {'=', hex_digits[c >> 4], hex_digits[c & 15]};
		size_t len = is_plain_byte ? 1 : 3;

		/* 76 with the "=" of a soft break (rule 5). */
		if (column + len > LINE_COLUMNS - 1) {
			mime_out_add(out, STR("=\r\n"));
			column = 0;
		}
		mime_out_add(out, is_plain_byte ? str_of((const char *)&c, 1)
		                                : str_of(code, sizeof(code)));
		column += len;
	}
	mime_out_add(out, STR("\r\n"));
}
