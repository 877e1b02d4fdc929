#include "mime/html_escape.h"

/* Bytes that cannot be copied: markup, controls, what C1 controls begin with.
 */
static bool
is_special(unsigned char c)
{
	static const bool special[256] = {[0x00] = true,
	    [0x01] = true,
	    [0x02] = true,
	    [0x03] = true,
	    [0x04] = true,
	    [0x05] = true,
	    [0x06] = true,
	    [0x07] = true,
	    [0x08] = true,
	    [0x0b] = true,
	    [0x0c] = true,
	    [0x0d] = true,
	    [0x0e] = true,
	    [0x0f] = true,
	    [0x10] = true,
	    [0x11] = true,
	    [0x12] = true,
	    [0x13] = true,
	    [0x14] = true,
	    [0x15] = true,
	    [0x16] = true,
	    [0x17] = true,
	    [0x18] = true,
	    [0x19] = true,
	    [0x1a] = true,
	    [0x1b] = true,
	    [0x1c] = true,
	    [0x1d] = true,
	    [0x1e] = true,
	    [0x1f] = true,
	    ['&'] = true,
	    ['<'] = true,
	    ['>'] = true,
	    ['"'] = true,
	    ['\''] = true,
	    [0x7f] = true,
	    [0xc2] = true};

	return special[c];
}

/* Text of entities may hold controls again; text has none. */
void
html_escape_add(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t at = 0; at < s.len; at++) {
		unsigned char c = (unsigned char)s.ptr[at];
		size_t skip = 1;
		if (!is_special(c))
			continue;
		if (c == 0xc2) {
			if (at + 1 < s.len &&
			    (unsigned char)s.ptr[at + 1] > 0x9f)
				continue;
			skip = 2;
		}
		buf_add(out, str_slice(s, from, at));
		if (strchr("&<>\"'", c) != NULL)
			buf_add_html(out, str_slice(s, at, at + 1));
		at += skip - 1;
		from = at + 1;
	}
	buf_add(out, str_slice(s, from, s.len));
}
