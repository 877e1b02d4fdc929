#include <errno.h>
#include <iconv.h>

#include "base/buf.h"
#include "mime/mime.h"

/*
 * Labels as the WHATWG Encoding Standard reads them, because that is what
 * senders mean: "iso-8859-1" and "us-ascii" are windows-1252, "gb2312" is
 * gb18030, "shift_jis" is cp932, "ks_c_5601" is cp949. Labels outside this
 * table never reach iconv.
 */
struct label {
	const char *label;
	const char *iconv_name; /* NULL: decoded here */
	enum {
		FAMILY_ICONV,
		FAMILY_UTF8,
		FAMILY_LATIN
	} family;
};

#define ICONV(label, name)                \
	{                                 \
		label, name, FAMILY_ICONV \
	}
#define LATIN(label)                      \
	{                                 \
		label, NULL, FAMILY_LATIN \
	}
#define UTF8(label)                      \
	{                                \
		label, NULL, FAMILY_UTF8 \
	}

static const struct label labels[] = {
    UTF8("utf-8"),
    UTF8("utf8"),
    UTF8("unicode-1-1-utf-8"),
    UTF8("x-utf-8"),
    LATIN("us-ascii"),
    LATIN("ascii"),
    LATIN("iso-8859-1"),
    LATIN("iso8859-1"),
    LATIN("iso_8859-1"),
    LATIN("iso88591"),
    LATIN("latin1"),
    LATIN("latin-1"),
    LATIN("l1"),
    LATIN("ansi_x3.4-1968"),
    LATIN("cp1252"),
    LATIN("windows-1252"),
    LATIN("x-cp1252"),
    LATIN("cp819"),
    LATIN("ibm819"),
    LATIN("iso-ir-100"),
    LATIN("ansi"),
    LATIN("default"),
    LATIN("x-unknown"),
    LATIN("unknown-8bit"),
    LATIN("x-user-defined"),
    LATIN("8bit"),
    LATIN("7bit"),
    ICONV("iso-8859-2", "ISO-8859-2"),
    ICONV("iso8859-2", "ISO-8859-2"),
    ICONV("latin2", "ISO-8859-2"),
    ICONV("iso-8859-3", "ISO-8859-3"),
    ICONV("iso-8859-4", "ISO-8859-4"),
    ICONV("iso-8859-5", "ISO-8859-5"),
    ICONV("iso-8859-6", "ISO-8859-6"),
    ICONV("iso-8859-6-i", "ISO-8859-6"),
    ICONV("iso-8859-7", "ISO-8859-7"),
    ICONV("iso-8859-8", "ISO-8859-8"),
    ICONV("iso-8859-8-i", "ISO-8859-8"),
    ICONV("iso-8859-9", "CP1254"),
    ICONV("iso8859-9", "CP1254"),
    ICONV("latin5", "CP1254"),
    ICONV("iso-8859-10", "ISO-8859-10"),
    ICONV("iso-8859-11", "CP874"),
    ICONV("iso-8859-13", "ISO-8859-13"),
    ICONV("iso-8859-14", "ISO-8859-14"),
    ICONV("iso-8859-15", "ISO-8859-15"),
    ICONV("iso8859-15", "ISO-8859-15"),
    ICONV("latin9", "ISO-8859-15"),
    ICONV("latin-9", "ISO-8859-15"),
    ICONV("iso-8859-16", "ISO-8859-16"),
    ICONV("windows-1250", "CP1250"),
    ICONV("cp1250", "CP1250"),
    ICONV("windows-1251", "CP1251"),
    ICONV("cp1251", "CP1251"),
    ICONV("x-cp1251", "CP1251"),
    ICONV("windows-1253", "CP1253"),
    ICONV("cp1253", "CP1253"),
    ICONV("windows-1254", "CP1254"),
    ICONV("cp1254", "CP1254"),
    ICONV("windows-1255", "CP1255"),
    ICONV("cp1255", "CP1255"),
    ICONV("windows-1256", "CP1256"),
    ICONV("cp1256", "CP1256"),
    ICONV("windows-1257", "CP1257"),
    ICONV("cp1257", "CP1257"),
    ICONV("windows-1258", "CP1258"),
    ICONV("cp1258", "CP1258"),
    ICONV("windows-874", "CP874"),
    ICONV("tis-620", "CP874"),
    ICONV("koi8-r", "KOI8-R"),
    ICONV("koi8", "KOI8-R"),
    ICONV("koi8-u", "KOI8-U"),
    ICONV("koi8-ru", "KOI8-U"),
    ICONV("macintosh", "MACINTOSH"),
    ICONV("mac", "MACINTOSH"),
    ICONV("x-mac-cyrillic", "MAC-CYRILLIC"),
    ICONV("ibm866", "CP866"),
    ICONV("cp866", "CP866"),
    ICONV("ibm850", "CP850"),
    ICONV("cp850", "CP850"),
    ICONV("ibm437", "CP437"),
    ICONV("cp437", "CP437"),
    ICONV("cp852", "CP852"),
    ICONV("gb2312", "GB18030"),
    ICONV("gbk", "GB18030"),
    ICONV("gb18030", "GB18030"),
    ICONV("x-gbk", "GB18030"),
    ICONV("cp936", "GB18030"),
    ICONV("gb_2312-80", "GB18030"),
    ICONV("chinese", "GB18030"),
    ICONV("hz-gb-2312", "HZ"),
    ICONV("big5", "BIG5-HKSCS"),
    ICONV("big5-hkscs", "BIG5-HKSCS"),
    ICONV("x-x-big5", "BIG5-HKSCS"),
    ICONV("cn-big5", "BIG5-HKSCS"),
    ICONV("cp950", "CP950"),
    ICONV("euc-tw", "EUC-TW"),
    ICONV("shift_jis", "CP932"),
    ICONV("shift-jis", "CP932"),
    ICONV("sjis", "CP932"),
    ICONV("x-sjis", "CP932"),
    ICONV("windows-31j", "CP932"),
    ICONV("cp932", "CP932"),
    ICONV("ms_kanji", "CP932"),
    ICONV("euc-jp", "EUC-JP-MS"),
    ICONV("x-euc-jp", "EUC-JP-MS"),
    ICONV("iso-2022-jp", "ISO-2022-JP-3"),
    ICONV("iso-2022-jp-1", "ISO-2022-JP-3"),
    ICONV("iso-2022-jp-2", "ISO-2022-JP-2"),
    ICONV("iso-2022-jp-3", "ISO-2022-JP-3"),
    ICONV("iso-2022-jp-2004", "ISO-2022-JP-3"),
    ICONV("cp50220", "ISO-2022-JP-3"),
    ICONV("euc-kr", "CP949"),
    ICONV("ks_c_5601", "CP949"),
    ICONV("ks_c_5601-1987", "CP949"),
    ICONV("ks_c_5601-1989", "CP949"),
    ICONV("ksc5601", "CP949"),
    ICONV("ksc_5601", "CP949"),
    ICONV("korean", "CP949"),
    ICONV("windows-949", "CP949"),
    ICONV("cp949", "CP949"),
    ICONV("uhc", "CP949"),
    ICONV("iso-2022-kr", "ISO-2022-KR"),
    ICONV("iso-2022-cn", "ISO-2022-CN"),
    ICONV("utf-16", "UTF-16"),
    ICONV("utf-16le", "UTF-16LE"),
    ICONV("utf-16be", "UTF-16BE"),
    ICONV("unicode", "UTF-16"),
    ICONV("ucs-2", "UTF-16"),
    ICONV("iso-10646-ucs-2", "UTF-16"),
    ICONV("utf-32", "UTF-32"),
    ICONV("utf-7", "UTF-7"),
    ICONV("unicode-1-1-utf-7", "UTF-7"),
    ICONV("viscii", "VISCII"),
    ICONV("armscii-8", "ARMSCII-8"),
    ICONV("georgian-ps", "GEORGIAN-PS"),
    ICONV("pt154", "PT154"),
};

/* Windows-1252, bytes 0x80 to 0x9f; 0: a C1 control, which text drops. */
static const uint16_t cp1252_high[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e,
    0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d,
    0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static const struct label *
label_find(struct str name)
{
	struct str label = str_trim(name);

	if (label.len >= 2 && label.ptr[0] == '"' &&
	    label.ptr[label.len - 1] == '"')
		label = str_trim(str_slice(label, 1, label.len - 1));
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (str_eq_nocase(label, str_c(labels[i].label)))
			return &labels[i];
	}
	return NULL;
}

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

#ifndef __clang__
/* gcc takes iconv_open's -1, which is nothing to close, for memory. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
/* UTF-8 when valid, else windows-1252. */
static struct text
from_unknown(struct arena *arena, struct str bytes)
{
	if (str_is_utf8(bytes) || is_plain_ascii(bytes))
		return text_from(arena, bytes);
	return is_mostly_utf8(bytes) ? text_from(arena, bytes)
	                             : from_cp1252(arena, bytes);
}

/* One run of iconv; false when it is done or cannot go on. */
static bool
iconv_step(iconv_t converter, char **in, size_t *in_left, struct buf *out)
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
	if (reason == EINVAL || *in_left == 0) /* cut off at the end */
		return false;
	(*in)++;
	(*in_left)--;
	return *in_left > 0;
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

static struct text
from_iconv(struct arena *arena, const char *name, struct str bytes)
{
	iconv_t converter = iconv_open("UTF-8", name);
	struct buf out;
	char *in = NULL;
	size_t in_left = bytes.len;

	/* NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX's own words */
	if (converter == (iconv_t)-1)
		return from_unknown(arena, bytes);
	/* iconv's prototype lacks the const that it keeps. */
	memcpy(&in, &bytes.ptr, sizeof(in));
	buf_init_arena(&out, arena, bytes.len * 4 + 64);
	while (iconv_step(converter, &in, &in_left, &out))
		;
	iconv_flush(converter, &out);
	(void)iconv_close(converter);
	if (out.failed != ERR_OK)
		return (struct text){0};
	return text_from(arena, buf_str(&out));
}

#ifndef __clang__
#pragma GCC diagnostic pop
#endif

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
	const struct label *known = label_find(label);
	struct text text;

	if (bytes.len == 0)
		return TEXT("");
	if (known != NULL && known->family == FAMILY_ICONV)
		text = from_iconv(arena, known->iconv_name, bytes);
	else if (known != NULL && known->family == FAMILY_LATIN &&
	         !str_is_utf8(bytes))
		text = from_cp1252(arena, bytes);
	else
		text = from_unknown(arena, bytes);
	return without_mark(text);
}
