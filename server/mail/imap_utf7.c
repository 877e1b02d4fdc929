#include "mail/imap_utf7.h"

#include "base/buf.h"
#include "base/limits.h"

#define UTF7_ODD  0xF8F0u /* a name that is no modified UTF-7 */
#define UTF7_BYTE 0xF700u /* plus a byte of it */

static const char utf7_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int
utf7_value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(utf7_letters, c);

	return at == NULL ? -1 : (int)(at - utf7_letters);
}

/* Units of UTF-16 to UTF-8; a high surrogate waits for its partner. */
static bool
utf7_unit(struct buf *out, uint32_t unit, uint32_t *high)
{
	bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
	bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;

	if (is_low != (*high != 0))
		return false;
	if (is_high) {
		*high = unit;
		return true;
	}
	if (is_low)
		unit = 0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00);
	*high = 0;
	if (unit < 0x20 || unit == 0x7F || (unit >= 0x80 && unit < 0xA0))
		return false;
	buf_add_utf8(out, unit);
	return true;
}

/* What stands between '&' and '-'. */
static bool
utf7_shifted(struct buf *out, struct str letters)
{
	uint32_t bits = 0;
	unsigned bit_count = 0;
	uint32_t high = 0;

	if (letters.len == 0) {
		buf_add_byte(out, '&');
		return true;
	}
	for (size_t i = 0; i < letters.len; i++) {
		int value = utf7_value(letters.ptr[i]);

		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0x3FFFFF;
		bit_count += 6;
		if (bit_count < 16)
			continue;
		bit_count -= 16;
		if (!utf7_unit(out, bits >> bit_count & 0xFFFF, &high))
			return false;
	}
	return high == 0;
}

static bool
utf7_decode(struct buf *out, struct str wire)
{
	for (size_t at = 0; at < wire.len; at++) {
		unsigned char c = (unsigned char)wire.ptr[at];
		size_t end;

		if (c < 0x20 || c >= 0x7F)
			return false;
		if (c != '&') {
			buf_add_byte(out, (char)c);
			continue;
		}
		end = str_find_byte(wire, '-', at + 1);
		if (end == wire.len ||
		    !utf7_shifted(out, str_slice(wire, at + 1, end)))
			return false;
		at = end;
	}
	return true;
}

static void
utf7_carry(struct buf *out, struct str wire)
{
	buf_clear(out);
	buf_add_utf8(out, UTF7_ODD);
	for (size_t i = 0; i < wire.len; i++) {
		unsigned char c = (unsigned char)wire.ptr[i];

		if (c < 0x20 || c >= 0x7F)
			buf_add_utf8(out, UTF7_BYTE + c);
		else
			buf_add_byte(out, (char)c);
	}
}

struct text
imap_utf7_decode(struct arena *arena, struct str wire)
{
	struct text name = {{0}};
	struct buf out;
	bool is_fine;

	buf_init_arena(&out, arena, LIMIT_FOLDER_BYTES * 16);
	is_fine = utf7_decode(&out, wire);
	if (buf_end(&out, &name.s, NULL) != ERR_OK)
		return (struct text){{0}};
	if (is_fine) {
		struct str again = imap_utf7_encode(arena, name);

		is_fine = str_eq(again, wire);
	}
	if (is_fine)
		return text_known(name.s);
	utf7_carry(&out, wire);
	if (buf_end(&out, &name.s, NULL) != ERR_OK)
		return (struct text){{0}};
	return text_known(name.s);
}

/* ---- encoding ---- */
struct utf7_writer {
	struct buf *out;
	uint32_t bits;
	unsigned bit_count;
	bool is_shifted;
};

static void
utf7_put(struct utf7_writer *writer, uint32_t unit)
{
	if (!writer->is_shifted)
		buf_add_byte(writer->out, '&');
	writer->is_shifted = true;
	writer->bits = (writer->bits << 16 | unit) & 0x3FFFFF;
	writer->bit_count += 16;
	while (writer->bit_count >= 6) {
		writer->bit_count -= 6;
		buf_add_byte(writer->out,
		    utf7_letters[writer->bits >> writer->bit_count & 63]);
	}
}

static void
utf7_unshift(struct utf7_writer *writer)
{
	if (!writer->is_shifted)
		return;
	if (writer->bit_count > 0)
		buf_add_byte(writer->out,
		    utf7_letters[writer->bits << (6 - writer->bit_count) & 63]);
	buf_add_byte(writer->out, '-');
	*writer = (struct utf7_writer){.out = writer->out};
}

static void
utf7_point(struct utf7_writer *writer, uint32_t point)
{
	if (point >= 0x20 && point < 0x7F) {
		utf7_unshift(writer);
		buf_add_byte(writer->out, (char)point);
		if (point == '&')
			buf_add_byte(writer->out, '-');
	} else if (point < 0x10000) {
		utf7_put(writer, point);
	} else {
		utf7_put(writer, 0xD800 + ((point - 0x10000) >> 10));
		utf7_put(writer, 0xDC00 + ((point - 0x10000) & 0x3FF));
	}
}

/* A name as utf7_carry made it. */
static void
utf7_uncarry(struct buf *out, struct str name, size_t at)
{
	while (at < name.len) {
		uint32_t point = text_next(name, &at);

		if (point >= UTF7_BYTE && point <= UTF7_BYTE + 0xFF)
			buf_add_byte(out, (char)(point - UTF7_BYTE));
		else
			buf_add_utf8(out, point);
	}
}

struct str
imap_utf7_encode(struct arena *arena, struct text name)
{
	struct buf out;
	struct str wire = {0};
	size_t at = 0;
	struct utf7_writer writer = {.out = &out};

	buf_init_arena(&out, arena, LIMIT_FOLDER_BYTES * 16);
	if (text_next(name.s, &at) == UTF7_ODD) {
		utf7_uncarry(&out, name.s, at);
	} else {
		at = 0;
		while (at < name.s.len)
			utf7_point(&writer, text_next(name.s, &at));
		utf7_unshift(&writer);
	}
	if (buf_end(&out, &wire, NULL) != ERR_OK || str_has_line_break(wire))
		return (struct str){0};
	return wire;
}
