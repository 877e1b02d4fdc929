#include <errno.h>
#include <iconv.h>

#include "base/buf.h"
#include "mime/mime_escape.h"
#include "mime/mime_label.h"

/* So many characters of UTF-8 are no accident in a text of another label. */
#define UTF8_SURE_SINGLE 3u
#define UTF8_SURE_MULTI  6u

/* Windows-1252, bytes 0x80 to 0x9f; 0: a C1 control, which text drops. */
static const uint16_t cp1252_high[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e,
    0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d,
    0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static bool
is_plain_ascii(struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if ((unsigned char)bytes.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/*
 * A text cut in the middle of a character, or with one bad byte among many
 * good ones, is still UTF-8; one where the bad ones prevail never was.
 */
static bool
is_mostly_utf8(struct str bytes)
{
	size_t at = 0;
	size_t good = 0;
	size_t bad = 0; /* runs of bad bytes */
	bool was_bad = false;

	while (at < bytes.len) {
		size_t before = at;
		bool is_ascii = (unsigned char)bytes.ptr[at] < 0x80;
		bool is_bad = false;
		(void)text_next(bytes, &at);
		is_bad = !is_ascii && at - before == 1;
		if (at - before > 1)
			good++;
		if (is_bad && !was_bad)
			bad++;
		was_bad = is_bad;
	}
	return bad == 0 || (good > 0 && good >= bad);
}

static struct text
from_cp1252(struct arena *arena, struct str bytes)
{
	struct buf out;

	buf_init_arena(&out, arena, bytes.len * 3 + 1);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];
		uint32_t code = byte;
		if (byte >= 0x80 && byte <= 0x9f)
			code = cp1252_high[byte - 0x80];
		if (byte < 0x80)
			buf_add_byte(&out, (char)byte);
		else if (code != 0)
			buf_add_utf8(&out, code);
	}
	if (out.failed != ERR_OK)
		return (struct text){0};
	return text_from(arena, buf_str(&out));
}

/* How many characters of more than one byte; 0 when it is not UTF-8. */
static size_t
count_utf8(struct str bytes)
{
	size_t at = 0;
	size_t count = 0;

	if (!str_is_utf8(bytes))
		return 0;
	while (at < bytes.len) {
		count += (unsigned char)bytes.ptr[at] >= 0x80;
		(void)text_next(bytes, &at);
	}
	return count;
}

static bool
has_high(struct str bytes)
{
	return !is_plain_ascii(bytes);
}

#ifndef __clang__
/* gcc takes iconv_open's -1, which is nothing to close, for memory. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
/* One run of iconv; false when it is done or cannot go on. */
static bool
iconv_step(
    iconv_t converter, char **in, size_t *in_left, struct buf *out, size_t unit)
{
	char room[4096];
	char *to = room;
	size_t to_left = sizeof(room);
	size_t rc = iconv(converter, in, in_left, &to, &to_left);
	int reason = errno;

	buf_add(out, str_of(room, sizeof(room) - to_left));
	if (out->failed != ERR_OK || (rc != (size_t)-1 && *in_left == 0))
		return false;
	if (rc != (size_t)-1 || reason == E2BIG)
		return true;
	buf_add(out, STR("\xef\xbf\xbd"));
	if (reason == EINVAL || *in_left <= unit) /* cut off at the end */
		return false;
	*in += unit;
	*in_left -= unit;
	return true;
}

/* Some converters hold a character back until they know the next. */
static void
iconv_flush(iconv_t converter, struct buf *out)
{
	char room[64];
	char *to = room;
	size_t to_left = sizeof(room);

	if (iconv(converter, NULL, NULL, &to, &to_left) != (size_t)-1)
		buf_add(out, str_of(room, sizeof(room) - to_left));
}

/*
 * `unit`: bytes of the smallest character, left out where one is bad. ptr
 * NULL: no memory, or no such converter.
 */
static struct str
convert(struct arena *arena, const char *name, struct str bytes, size_t unit)
{
	iconv_t converter = iconv_open("UTF-8", name);
	struct buf out;
	char *in = NULL;
	size_t in_left = bytes.len;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX's own words */
	if (converter == (iconv_t)-1)
		return (struct str){0};
	/* iconv's prototype lacks the const that it keeps. */
	memcpy(&in, &bytes.ptr, sizeof(in));
	buf_init_arena(&out, arena, bytes.len * 4 + 64);
	while (iconv_step(converter, &in, &in_left, &out, unit))
		;
	iconv_flush(converter, &out);
	(void)iconv_close(converter);
	return out.failed == ERR_OK ? buf_str(&out) : (struct str){0};
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

/* ---- ISO-2022-JP ---- */

/* Escapes to Japanese in a text that says nothing of them. */
static bool
has_jis(struct str bytes)
{
	return str_find_byte(bytes, 0x1b, 0) < bytes.len &&
	       (str_find(bytes, STR("\x1b$B"), 0) < bytes.len ||
	           str_find(bytes, STR("\x1b$@"), 0) < bytes.len);
}

static struct text
from_iconv(struct arena *arena, const char *name, struct str bytes, size_t unit)
{
	struct str text = convert(arena, name, bytes, unit);

	/* A system without that converter. */
	if (text.ptr == NULL && bytes.len > 0 && !arena_failed(arena))
		return str_is_utf8(bytes) ? text_from(arena, bytes)
		                          : from_cp1252(arena, bytes);
	return text_from(arena, text);
}

static struct text
from_jis(struct arena *arena, struct str bytes)
{
	struct str sjis = {0};

	/* No escape and 8-bit letters: Shift_JIS under the wrong name. */
	if (has_high(bytes) && !has_jis(bytes)) {
		sjis = convert(arena, "CP932", bytes, 1);
		if (sjis.ptr != NULL &&
		    str_find(sjis, STR("\xef\xbf\xbd"), 0) == sjis.len)
			return text_from(arena, sjis);
	}
	return from_iconv(arena, "EUC-JP-MS", mime_escape_jis(arena, bytes), 1);
}

/* UTF-8 when valid, else windows-1252. */
static struct text
from_unknown(struct arena *arena, struct str bytes)
{
	if (has_jis(bytes) && !has_high(bytes))
		return from_jis(arena, bytes);
	if (str_is_utf8(bytes) || is_mostly_utf8(bytes))
		return text_from(arena, bytes);
	return from_cp1252(arena, bytes);
}

/* ---- two and four bytes a character ---- */

/* By its mark, else by where the zeros of ASCII letters stand. */
static const char *
wide_name(const struct mime_label *label, struct str *bytes)
{
	size_t zeros[2] = {0};

	if (label->kind == MIME_LABEL_WIDE4)
		return label->iconv_name;
	if (str_starts(*bytes, STR("\xff\xfe")) ||
	    str_starts(*bytes, STR("\xfe\xff"))) {
		bool is_big = bytes->ptr[0] == (char)0xfe;
		*bytes = str_slice(*bytes, 2, bytes->len);
		return is_big ? "UTF-16BE" : "UTF-16LE";
	}
	for (size_t i = 0; i < bytes->len && i < 4096; i++)
		zeros[i % 2] += bytes->ptr[i] == '\0';
	if (zeros[0] != zeros[1])
		return zeros[0] > zeros[1] ? "UTF-16BE" : "UTF-16LE";
	return label->iconv_name;
}

/* Without any zero it is ASCII that somebody called UTF-16. */
static bool
is_wide(struct str bytes)
{
	return has_high(bytes) || str_find_byte(bytes, '\0', 0) < bytes.len;
}

/* ---- the whole ---- */

/* Is it UTF-8 in truth, whatever the label says? */
static bool
is_lying(const struct mime_label *label, struct str bytes)
{
	switch (label->kind) {
	case MIME_LABEL_SINGLE:
		return count_utf8(bytes) >= UTF8_SURE_SINGLE;
	case MIME_LABEL_MULTI:
	case MIME_LABEL_JIS:
		return count_utf8(bytes) >= UTF8_SURE_MULTI;
	case MIME_LABEL_WIDE:
	case MIME_LABEL_WIDE4:
		return !is_wide(bytes);
	case MIME_LABEL_UTF8:
	case MIME_LABEL_LATIN:
	case MIME_LABEL_HZ:
	case MIME_LABEL_STATE:
		break;
	}
	return false;
}

static struct text
decode(struct arena *arena, const struct mime_label *label, struct str bytes)
{
	if (label->kind == MIME_LABEL_UTF8)
		return from_unknown(arena, bytes);
	if (label->kind == MIME_LABEL_LATIN)
		return str_is_utf8(bytes) ? from_unknown(arena, bytes)
		                          : from_cp1252(arena, bytes);
	if (is_lying(label, bytes))
		return from_unknown(arena, bytes);
	if (label->kind == MIME_LABEL_JIS)
		return from_jis(arena, bytes);
	if (label->kind == MIME_LABEL_HZ)
		bytes = mime_escape_hz(arena, bytes);
	if (label->kind == MIME_LABEL_WIDE || label->kind == MIME_LABEL_WIDE4) {
		const char *name = wide_name(label, &bytes);
		return from_iconv(
		    arena, name, bytes, label->kind == MIME_LABEL_WIDE ? 2 : 4);
	}
	return from_iconv(arena, label->iconv_name, bytes, 1);
}

static struct text
without_mark(struct text text)
{
	if (str_starts(text.s, STR("\xef\xbb\xbf")))
		text.s = str_slice(text.s, 3, text.s.len);
	return text;
}

struct text
mime_decode_charset(struct arena *arena, struct str label, struct str bytes)
{
	const struct mime_label *known = NULL;

	if (bytes.len == 0)
		return TEXT("");
	known = mime_label_find(label);
	if (known == NULL)
		return without_mark(from_unknown(arena, bytes));
	return without_mark(decode(arena, known, bytes));
}
