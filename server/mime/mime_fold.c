#include "mime/mime_fold.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/buf.h"

#define FOLD_BYTES ((size_t)4000) /* of what is folded */
/* UTF-16, folded, of so many bytes; what grows more is not folded so well. */
#define FOLD_UNITS(bytes) ((int32_t)(bytes)*4 + 32)
#define FOLDED_BYTES      ((size_t)64 << 10)
#define FOLD_WORDS        100u /* that are sorted */

static bool
is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/* No larger than FOLD_BYTES, not cut within a character. */
static struct str
bounded(struct str text)
{
	size_t len = text.len < FOLD_BYTES ? text.len : FOLD_BYTES;

	while (len < text.len && len > 0 &&
	       ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
		len--;
	return str_slice(text, 0, len);
}

/* Compatibility case folding (Unicode, 3.13), then all taken apart. */
static int32_t
normalized(struct str text, UChar *a, UChar *b, UErrorCode *rc)
{
	int32_t room = FOLD_UNITS(text.len);
	int32_t len = 0;

	u_strFromUTF8WithSub(
	    a, room, &len, text.ptr, (int32_t)text.len, 0xfffd, NULL, rc);
	len = unorm2_normalize(
	    unorm2_getNFKCCasefoldInstance(rc), a, len, b, room, rc);
	len = unorm2_normalize(unorm2_getNFDInstance(rc), b, len, a, room, rc);
	return U_FAILURE(*rc) ? -1 : len;
}

/* Marks go; spaces of any kind and controls become one space. */
static struct str
without_marks(struct arena *arena, const UChar *units, int32_t len)
{
	int32_t room = len * 3;
	char *utf8 = arena_alloc(arena, (size_t)room);
	UErrorCode rc = U_ZERO_ERROR;
	int32_t bytes = 0;
	struct str in;
	struct buf out;
	size_t at = 0;

	buf_init_arena(&out, arena, FOLDED_BYTES);
	if (utf8 == NULL)
		return str_of(NULL, 0);
	u_strToUTF8WithSub(utf8, room, &bytes, units, len, 0xfffd, NULL, &rc);
	in = str_of(utf8, U_FAILURE(rc) ? 0 : (size_t)bytes);
	while (at < in.len) {
		UChar32 c = (UChar32)text_next(in, &at);

		if (u_charType(c) == U_NON_SPACING_MARK)
			continue;
		if (!u_isUWhiteSpace(c) && !u_iscntrl(c))
			buf_add_utf8(&out, (uint32_t)c);
		else if (out.len > 0 && out.ptr[out.len - 1] != ' ')
			buf_add_byte(&out, ' ');
	}
	return str_trim(buf_str(&out));
}

struct str
mime_fold(struct arena *arena, struct str text)
{
	UErrorCode rc = U_ZERO_ERROR;
	UChar *a;
	UChar *b;
	int32_t len;

	text = bounded(text_line(arena, text).s);
	if (is_ascii(text))
		return str_lower(arena, text);
	a = ARENA_ARRAY(arena, (size_t)FOLD_UNITS(text.len), UChar);
	b = ARENA_ARRAY(arena, (size_t)FOLD_UNITS(text.len), UChar);
	if (a == NULL || b == NULL)
		return str_of(NULL, 0);
	len = normalized(text, a, b, &rc);
	return len < 0 ? str_lower(arena, text) : without_marks(arena, a, len);
}

/* Han, Kana, Thai and others: a word may begin at any character. */
static bool
is_unspaced(UChar32 c)
{
	return (c >= 0x2e80 && c <= 0x33ff) || (c >= 0x3400 && c <= 0x9fff) ||
	       (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x1000 && c <= 0x109f) ||
	       (c >= 0x1780 && c <= 0x17ff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}

struct str
mime_fold_words(struct arena *arena, struct str text)
{
	struct str folded = mime_fold(arena, text);
	bool is_inside = false;
	struct buf out;
	size_t at = 0;

	buf_init_arena(&out, arena, FOLDED_BYTES);
	while (at < folded.len) {
		UChar32 c = (UChar32)text_next(folded, &at);
		bool is_word =
		    u_isalnum(c) || u_charType(c) == U_COMBINING_SPACING_MARK;

		if (is_word && (!is_inside || is_unspaced(c)))
			buf_add_byte(&out, ' ');
		if (is_word)
			buf_add_utf8(&out, (uint32_t)c);
		is_inside = is_word;
	}
	return buf_str(&out);
}

static int
compare(const void *a, const void *b)
{
	const struct str *left = a;
	const struct str *right = b;

	return str_compare(*left, *right);
}

struct str
mime_fold_name(struct arena *arena, struct str text)
{
	struct str rest = mime_fold_words(arena, text);
	struct str words[FOLD_WORDS];
	struct buf out;
	size_t count = 0;

	while (rest.len > 0 && count < FOLD_WORDS) {
		struct str word = str_cut(&rest, ' ');

		if (word.len > 0)
			words[count++] = word;
	}
	qsort(words, count, sizeof(words[0]), compare);
	buf_init_arena(&out, arena, FOLDED_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(&out, ' ');
		buf_add(&out, words[i]);
	}
	return buf_str(&out);
}
