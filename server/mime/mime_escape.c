#include "mime/mime_escape.h"

#include "base/buf.h"
#include "base/scan.h"

enum jis_set {
	JIS_ASCII,
	JIS_KATAKANA, /* half-width */
	JIS_0208,
	JIS_0212
};

/* RFC 1468 and what Windows writes; ESC itself is read. */
static bool
jis_escape(struct scan *scan, enum jis_set *set)
{
	static const struct {
		const char *escape;
		enum jis_set set;
	} escapes[] = {
	    {"(B", JIS_ASCII},
	    {"(J", JIS_ASCII},
	    {"(H", JIS_ASCII},
	    {"(I", JIS_KATAKANA},
	    {"$@", JIS_0208},
	    {"$B", JIS_0208},
	    {"$(D", JIS_0212},
	};

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (scan_str(scan, str_c(escapes[i].escape))) {
			*set = escapes[i].set;
			return true;
		}
	}
	return false;
}

static void
jis_add(struct buf *out, struct scan *scan, enum jis_set set)
{
	int byte = scan_next(scan);
	int next = scan_peek(scan);

	if (byte <= ' ' || byte >= 0x7f || set == JIS_ASCII) {
		buf_add_byte(out, (char)byte);
		return;
	}
	if (set == JIS_KATAKANA) {
		buf_add_byte(out, (char)0x8e);
		buf_add_byte(out, (char)(byte | 0x80));
		return;
	}
	if (next <= ' ' || next >= 0x7f) {
		buf_add_byte(out, (char)0xff); /* half a character: bad */
		return;
	}
	(void)scan_next(scan);
	if (set == JIS_0212)
		buf_add_byte(out, (char)0x8f);
	buf_add_byte(out, (char)(byte | 0x80));
	buf_add_byte(out, (char)(next | 0x80));
}

struct str
mime_escape_jis(struct arena *arena, struct str bytes)
{
	struct scan scan = scan_of(bytes);
	enum jis_set set = JIS_ASCII;
	struct buf out;

	buf_init_arena(&out, arena, bytes.len * 2 + 1);
	while (!scan_end(&scan)) {
		int byte = scan_peek(&scan);
		if (byte == 0x1b) {
			(void)scan_next(&scan);
			(void)jis_escape(&scan, &set);
			continue;
		}
		if (byte == '\n')
			set = JIS_ASCII;
		jis_add(&out, &scan, set);
	}
	return buf_str(&out);
}

/* RFC 1843: "~{" to two bytes a letter, "~}" back, "~~", "~" at a line's end.
 */
static bool
hz_escape(struct buf *out, struct scan *scan, bool *is_wide)
{
	if (scan_str(scan, *is_wide ? STR("~}") : STR("~{"))) {
		*is_wide = !*is_wide;
		return true;
	}
	if (*is_wide)
		return false;
	if (scan_str(scan, STR("~~"))) {
		buf_add_byte(out, '~');
		return true;
	}
	return scan_str(scan, STR("~\r\n")) || scan_str(scan, STR("~\n"));
}

struct str
mime_escape_hz(struct arena *arena, struct str bytes)
{
	struct scan scan = scan_of(bytes);
	struct buf out;
	bool is_wide = false;

	buf_init_arena(&out, arena, bytes.len + 1);
	while (!scan_end(&scan)) {
		int byte = 0;
		if (hz_escape(&out, &scan, &is_wide))
			continue;
		byte = scan_next(&scan);
		if (byte == '\n')
			is_wide = false;
		if (is_wide && byte > ' ' && byte < 0x7f)
			byte |= 0x80;
		buf_add_byte(&out, (char)byte);
	}
	return buf_str(&out);
}
