/*
 * Cleaned CSS, of an attribute or of a sheet, cleans to itself; it loads
 * nothing, has no escapes and no way out of its element, is bounded, and a
 * browser reads as many blocks in it as were written.
 */
#include "base/arena.h"
#include "base/limits.h"
#include "mime/html_css_sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct str css)
{
	static const char *const bad[] = {"url(", "\\", "<", "&", "/*",
	    "@import", "@font", "expression(", "position:", "[", "]", "\"",
	    "image(", "image-set(", "var(", "attr(",
	    "content:", "transform:", "cursor:"};

	ensure(str_is_utf8(css));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ensure(str_find_nocase(css, str_c(bad[i]), 0) == css.len);
	for (size_t i = 0; i < css.len; i++)
		ensure((unsigned char)css.ptr[i] >= ' ' && css.ptr[i] != 0x7f);
}

/* A name in a selector; "font-family:visited" is none. */
static bool
has_in_selector(struct str css, struct str name)
{
	size_t at = str_find_nocase(css, name, 0);

	while (at < css.len) {
		size_t end = at + name.len;

		while (end < css.len && strchr("{};", css.ptr[end]) == NULL)
			end++;
		if (end < css.len && css.ptr[end] == '{')
			return true;
		at = str_find_nocase(css, name, at + 1);
	}
	return false;
}

static void
check_attribute(struct str source)
{
	struct html_css_facts facts = {0};
	struct buf once;
	struct buf twice;

	buf_init(&once, (size_t)1 << 20);
	buf_init(&twice, (size_t)1 << 20);
	html_css_clean(&once, source, &facts);
	check(buf_str(&once));
	ensure(str_find_byte(buf_str(&once), '@', 0) == once.len);
	ensure(str_find_byte(buf_str(&once), '{', 0) == once.len);
	ensure(once.failed == ERR_OK && once.len <= source.len * 3 + 100);
	html_css_clean(&twice, buf_str(&once), &facts);
	ensure(str_eq(buf_str(&once), buf_str(&twice)));
	buf_free(&once);
	buf_free(&twice);
}

/* Braces are balanced, two deep at most, as no string holds one. */
static void
check_blocks(struct str css)
{
	int depth = 0;

	for (size_t i = 0; i < css.len; i++) {
		depth += css.ptr[i] == '{';
		depth -= css.ptr[i] == '}';
		ensure(depth >= 0 && depth <= 2);
	}
	ensure(depth == 0);
}

static void
check_sheet(struct str source)
{
	struct html_css_sheet *once = malloc(sizeof(*once));
	struct html_css_sheet *twice = malloc(sizeof(*twice));

	ensure(once != NULL && twice != NULL);
	html_css_sheet_init(once);
	html_css_sheet_init(twice);
	html_css_sheet_add(once, source);
	check(buf_str(&once->out));
	check_blocks(buf_str(&once->out));
	ensure(!has_in_selector(buf_str(&once->out), STR(":visited")));
	ensure(!has_in_selector(buf_str(&once->out), STR(":has")));
	ensure(once->out.failed == ERR_OK);
	ensure(once->out.len <= ((size_t)128 << 10) + 1);
	html_css_sheet_add(twice, buf_str(&once->out));
	ensure(str_eq(buf_str(&once->out), buf_str(&twice->out)));
	html_css_sheet_end(once);
	html_css_sheet_end(twice);
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str source = {0};

	ensure(arena != NULL);
	source = text_from(arena, str_of((const char *)data, size)).s;
	check_attribute(source);
	check_sheet(source);
	arena_free(arena);
	return 0;
}
