/*
 * Cleaned HTML cleans to itself, whether a parser meets it with our document
 * around it or bare, and holds no tag that is not of the list.
 */
#include "mime/html_attribute.h"
#include "mime/html_clean.h"
#include "mime/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct html_clean_result
clean(struct arena *arena, struct str source)
{
	struct html_clean_options options = {.allow_remote_images = true};
	struct html_clean_result result = {0};
	struct err err = ERR_NONE;

	ensure(html_clean(source, &options, arena, &result, &err) == ERR_OK);
	ensure(str_is_utf8(result.body.s));
	return result;
}

static void
check_tags(struct str html)
{
	size_t at = str_find_byte(html, '<', 0);

	while (at < html.len) {
		size_t end = at + 1;
		enum html_rule rule;
		if (end < html.len && html.ptr[end] == '/')
			end++;
		at = end;
		while (end < html.len && html.ptr[end] != ' ' &&
		       html.ptr[end] != '>')
			end++;
		rule = html_attribute_element(str_slice(html, at, end));
		ensure(rule == HTML_KEEP || rule == HTML_VOID);
		at = str_find_byte(html, '<', end);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct html_clean_result once;
	struct html_clean_result twice;
	struct html_clean_result framed;
	struct text text;

	ensure(arena != NULL);
	once = clean(arena, str_of((const char *)data, size));
	check_tags(once.body.s);
	twice = clean(arena, once.body.s);
	ensure(str_eq(once.body.s, twice.body.s));
	framed = clean(arena,
	    str_join(arena,
	        (struct str[]){STR("<!DOCTYPE html><html><head></head><body>"),
	            once.body.s, STR("</body></html>")},
	        3));
	ensure(str_eq(once.body.s, framed.body.s));
	text = mime_html_to_text(arena, str_of((const char *)data, size));
	ensure(str_is_utf8(text.s));
	arena_free(arena);
	return 0;
}
