#include "base/str.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

/* What a first byte announces; 0 for one that starts nothing. */
static size_t
text_sequence_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first >= 0xF5)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/*
 * UTF-8 (RFC 3629, section 4). Length of the valid sequence that starts at
 * `at`, and its code point; 0 when it is not valid.
 */
static size_t
text_sequence(struct str s, size_t at, uint32_t *out)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s.ptr[at];
	size_t len = text_sequence_len(first);
	uint32_t cp = first & (0x7Fu >> len);

	if (len == 1) {
		*out = first;
		return 1;
	}
	if (len == 0 || len > s.len - at)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char byte = (unsigned char)s.ptr[at + i];

		if ((byte & 0xC0) != 0x80)
			return 0;
		cp = (cp << 6) | (byte & 0x3Fu);
	}
	if (cp < least[len])
		return 0;
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*out = cp;
	return len;
}

/* The end of a run of ASCII, eight bytes at a time. */
static size_t
text_ascii_end(struct str s, size_t at)
{
	uint64_t bytes;

	while (s.len - at >= sizeof(bytes)) {
		memcpy(&bytes, s.ptr + at, sizeof(bytes));
		if ((bytes & 0x8080808080808080u) != 0)
			break;
		at += sizeof(bytes);
	}
	while (at < s.len && ((unsigned char)s.ptr[at] & 0x80) == 0)
		at++;
	return at;
}

bool
str_is_utf8(struct str s)
{
	uint32_t cp;

	for (size_t at = text_ascii_end(s, 0); at < s.len;
	     at = text_ascii_end(s, at)) {
		size_t len = text_sequence(s, at, &cp);

		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

uint32_t
text_next(struct str s, size_t *at)
{
	uint32_t cp = 0xFFFD;
	size_t len;

	if (*at >= s.len)
		return 0;
	len = text_sequence(s, *at, &cp);
	*at += len == 0 ? 1 : len;
	return len == 0 ? 0xFFFD : cp;
}

static bool
text_is_control(uint32_t cp)
{
	return (cp < 0x20 && cp != '\t' && cp != '\n') ||
	       (cp >= 0x7F && cp < 0xA0);
}

/* The end of a run of printable ASCII, eight bytes at a time. */
static size_t
text_plain_end(struct str s, size_t at)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t bytes;

	while (s.len - at >= sizeof(bytes)) {
		memcpy(&bytes, s.ptr + at, sizeof(bytes));
		/* A high bit, below 0x20 (a borrow), or 0x7F (a carry)? */
		if (((bytes | (bytes - ones * 0x20) | (bytes + ones)) &
		        (ones * 0x80)) != 0)
			break;
		at += sizeof(bytes);
	}
	while (at < s.len && s.ptr[at] >= 0x20 && s.ptr[at] < 0x7F)
		at++;
	return at;
}

/* May the bytes stand as they are? */
static bool
text_is_clean(struct str s)
{
	uint32_t cp;

	for (size_t at = text_plain_end(s, 0); at < s.len;
	     at = text_plain_end(s, at)) {
		size_t len = 1;

		len = text_sequence(s, at, &cp);
		if (len == 0 || text_is_control(cp))
			return false;
		at += len;
	}
	return true;
}

struct text
text_from(struct arena *arena, struct str bytes)
{
	struct buf out;

	if (text_is_clean(bytes))
		return (struct text){bytes};
	/* Each invalid byte may become three: an upper bound, not a limit. */
	buf_init_arena(&out, arena, SIZE_MAX / 2);
	for (size_t at = 0; at < bytes.len;) {
		size_t from = at;
		uint32_t cp = 0;

		at = text_plain_end(bytes, from);
		buf_add(&out, str_slice(bytes, from, at));
		from = at;
		if (at == bytes.len)
			break;
		cp = text_next(bytes, &at);
		if (cp == '\r') {
			if (at >= bytes.len || bytes.ptr[at] != '\n')
				buf_add_byte(&out, '\n');
		} else if (cp == 0xFFFD) {
			buf_add_utf8(&out, cp);
		} else if (!text_is_control(cp)) {
			buf_add(&out, str_slice(bytes, from, at));
		}
	}
	if (out.failed != ERR_OK)
		return (struct text){{NULL, 0}};
	return (struct text){buf_str(&out)};
}

struct text
text_line(struct arena *arena, struct str bytes)
{
	struct text text = text_from(arena, bytes);
	char *copy;

	text.s = str_trim(text.s);
	if (str_find_byte(text.s, '\n', 0) == text.s.len &&
	    str_find_byte(text.s, '\t', 0) == text.s.len)
		return text;
	copy = str_dup_bytes(arena, text.s);
	if (copy == NULL)
		return (struct text){{NULL, 0}};
	for (size_t i = 0; i < text.s.len; i++)
		if (copy[i] == '\n' || copy[i] == '\t')
			copy[i] = ' ';
	return (struct text){{copy, text.s.len}};
}

struct text
text_shorten(struct arena *arena, struct text text, size_t max_chars)
{
	struct str parts[2] = {text.s, STR("\xE2\x80\xA6")};
	size_t at = 0;
	size_t chars = 0;

	while (at < text.s.len && chars < max_chars) {
		(void)text_next(text.s, &at);
		chars++;
	}
	if (at >= text.s.len)
		return text;
	parts[0] = str_slice(text.s, 0, at);
	return (struct text){str_join(arena, parts, 2)};
}

struct text
text_known(struct str s)
{
	ensure(text_is_clean(s));
	return (struct text){s};
}

bool
text_is_empty(struct text text)
{
	return text.s.len == 0;
}
