#include "mime/mime_marks.h"

#include "base/buf.h"

#define COMBINING_MAX 4u

struct range {
	uint32_t first;
	uint32_t last;
};

static bool
is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

/* A macro because sizeof must see the array. */
#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof(*(ranges)), c)

/* Never of use in one line: they hide, or turn all that follows. */
static const struct range hidden[] = {
    {0x00ad, 0x00ad}, /* soft hyphen */
    {0x034f, 0x034f}, /* grapheme joiner */
    {0x115f, 0x1160}, /* Hangul fillers */
    {0x17b4, 0x17b5},
    {0x180b, 0x180f},
    {0x200b, 0x200b}, /* zero width space */
    {0x202a, 0x202e}, /* embeddings and overrides */
    {0x2060, 0x206f}, /* invisible operators, isolates, old marks */
    {0x3164, 0x3164},
    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a},
    {0xe0000, 0xe001f},
    {0xe0080, 0xe00ff},
    {0xe01f0, 0xe0fff},
};

static const struct range rtl[] = {
    {0x0590, 0x08ff},
    {0xfb1d, 0xfdff},
    {0xfe70, 0xfefc},
    {0x10800, 0x10fff},
    {0x1e800, 0x1efff},
};

/* Scripts whose letters join or stack, by zero-width joiner and non-joiner. */
static const struct range joining[] = {
    {0x0600, 0x08ff},
    {0x0900, 0x0fff},
    {0x1000, 0x109f},
    {0x1700, 0x18af},
    {0x1900, 0x1cff},
    {0xa800, 0xabff},
    {0xfb50, 0xfdff},
    {0xfe70, 0xfefc},
    {0x10a00, 0x11fff},
};

static const struct range emoji[] = {
    {0x2190, 0x2bff},
    {0xfe0f, 0xfe0f},
    {0x1f000, 0x1faff},
};

static const struct range combining[] = {
    {0x0300, 0x036f},
    {0x0483, 0x0489},
    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff},
    {0xfe20, 0xfe2f},
};

static const struct range ideographs[] = {
    {0x3400, 0x9fff},
    {0xf900, 0xfaff},
    {0x20000, 0x3ffff},
};

struct marks {
	uint32_t last; /* what was kept before; 0: nothing */
	unsigned combining_count;
	bool has_rtl;
	bool is_flag; /* within the tags of a black flag */
	size_t removed;
};

/* Does it need a look at all? Everything below U+00AD does not. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0xc2)
			return false;
	}
	return true;
}

static bool
has_rtl(struct str s)
{
	size_t at = 0;

	while (at < s.len) {
		uint32_t c = text_next(s, &at);
		if (IS_IN(rtl, c) && c != 0x061c)
			return true;
	}
	return false;
}

static bool
is_selector(uint32_t c)
{
	return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* May `c` stand after what was kept so far? */
static bool
is_kept(const struct marks *marks, uint32_t c)
{
	if (c < 0xad)
		return true;
	if (c == 0x200c)
		return IS_IN(joining, marks->last);
	if (c == 0x200d)
		return IS_IN(joining, marks->last) || IS_IN(emoji, marks->last);
	if (c == 0x200e || c == 0x200f || c == 0x061c)
		return marks->has_rtl && marks->last != c;
	if (c >= 0xe0020 && c <= 0xe007f)
		return marks->is_flag;
	if (is_selector(c))
		return c < 0xe0000
		           ? marks->last > ' ' && !is_selector(marks->last)
		           : IS_IN(ideographs, marks->last);
	if (IS_IN(combining, c))
		return marks->combining_count < COMBINING_MAX;
	return !IS_IN(hidden, c) && (c & 0xfffe) != 0xfffe;
}

static void
add_char(struct marks *marks, struct buf *out, uint32_t c)
{
	if (c == 0x2028 || c == 0x2029)
		c = ' ';
	if (!is_kept(marks, c)) {
		marks->removed++;
		return;
	}
	buf_add_utf8(out, c);
	marks->is_flag =
	    c == 0x1f3f4 || (marks->is_flag && c >= 0xe0020 && c < 0xe007f);
	marks->combining_count =
	    IS_IN(combining, c) ? marks->combining_count + 1 : 0;
	marks->last = c;
}

static size_t
count_controls(struct str bytes)
{
	size_t at = 0;
	size_t count = 0;

	while (at < bytes.len) {
		uint32_t c = text_next(bytes, &at);
		count += (c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
		         (c >= 0x7f && c < 0xa0);
	}
	return count;
}

struct text
mime_marks_line(struct arena *arena, struct str bytes, size_t *out_removed)
{
	struct text line = text_line(arena, bytes);
	struct marks marks = {0};
	struct buf out;
	size_t at = 0;

	if (out_removed != NULL)
		*out_removed = count_controls(bytes);
	if (is_plain(line.s))
		return line;
	marks.has_rtl = has_rtl(line.s);
	buf_init_arena(&out, arena, line.s.len + 1);
	while (at < line.s.len)
		add_char(&marks, &out, text_next(line.s, &at));
	if (out.failed != ERR_OK)
		return (struct text){0};
	if (out_removed != NULL)
		*out_removed += marks.removed;
	return (struct text){str_trim(buf_str(&out))};
}
