#include "base/buf.h"
#include "base/scan.h"
#include "mime/mime_marks.h"
#include "mime/mime_words.h"

/*
 * Text in header fields (RFC 2047), read as
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
#define CHANGES_MAX 1000u

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

void
mime_words_add_marked(struct buf *out, struct str data, char mark)
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
		mime_words_add_marked(out, word->data, '=');
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
	    str_find_byte(raw, '\n', 0) == raw.len &&
	    str_find_byte(raw, '\x1b', 0) == raw.len) /* ISO-2022-JP */
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
