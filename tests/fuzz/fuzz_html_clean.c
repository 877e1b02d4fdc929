/*
 * Cleaned HTML cleans to itself, whether a parser meets it with our document
 * around it or bare; it parses back to elements and attributes of the list
 * and to addresses of known kinds only; it is not much longer than its source
 * and takes its time. The squeezed parse walks as the plain one does.
 */
#include "base/limits.h"
#include "mime/html_attribute.h"
#include "mime/html_clean.h"
#include "mime/html_parse.h"
#include "mime/html_pool.h"
#include "mime/mime.h"

#define PARSER_BYTES ((size_t)40 << 20)
#define CPU_MS_MAX   5000 /* of 2000, in a build that is several times slower */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct html_clean_result
clean(struct arena *arena, struct str source, bool notes)
{
	struct html_clean_options options = {
	    .allow_remote_images = true, .show_link_hosts = notes};
	struct html_clean_result result = {0};
	struct err err = ERR_NONE;
	int64_t start = html_pool_cpu_ms();

	ensure(html_clean(source, &options, arena, &result, &err) == ERR_OK);
	ensure(html_pool_cpu_ms() - start < CPU_MS_MAX);
	ensure(str_is_utf8(result.body.s));
	ensure(str_is_utf8(result.body_style));
	/* Each quote and sign may become six bytes, each tag gets its rel. */
	ensure(result.body.s.len <= 1000 + source.len * 50);
	return result;
}

/* ---- what the cleaned text parses to ---- */

static void
check_css(struct str css)
{
	static const char *const bad[] = {"url(", "\\", "<", "expression(",
	    "/*", "position:", "image-set(", "var("};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ensure(str_find_nocase(css, str_c(bad[i]), 0) == css.len);
}

static void
check_attribute(struct html_attribute attribute)
{
	struct str value = attribute.value;

	ensure(!str_starts_nocase(attribute.name, STR("on")));
	if (str_eq(attribute.name, STR("href"))) {
		ensure(str_starts(value, STR("http://")) ||
		       str_starts(value, STR("https://")) ||
		       str_starts(value, STR("mailto:")) ||
		       str_starts(value, STR("#m-")));
	} else if (str_eq(attribute.name, STR("src"))) {
		ensure(str_starts(value, STR("https://")) ||
		       str_starts(value, STR("data:image/")));
	} else if (str_eq(attribute.name, STR("style"))) {
		check_css(value);
		ensure(str_find_byte(value, '@', 0) == value.len);
	} else if (str_eq(attribute.name, STR("class")) ||
	           str_eq(attribute.name, STR("id"))) {
		ensure(str_starts(value, STR("m-")));
	} else {
		static const char *const never[] = {"srcset", "action",
		    "formaction", "background", "poster", "ping", "data",
		    "xlink:href", "srcdoc", "name", "for", "form"};
		for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
			ensure(!str_eq(attribute.name, str_c(never[i])));
	}
}

static bool
check_open(void *ctx, const struct html_element *element)
{
	enum html_rule rule = html_attribute_element(element->name);

	(void)ctx;
	ensure(!element->is_foreign);
	ensure(rule == HTML_KEEP || rule == HTML_VOID);
	for (size_t i = 0; i < element->attribute_count; i++)
		check_attribute(element->attributes[i]);
	return true;
}

static void
check_close(void *ctx, const struct html_element *element)
{
	(void)ctx;
	(void)element;
}

static void
check_text(void *ctx, struct str text)
{
	(void)ctx;
	(void)text;
}

static void
check_style(void *ctx, struct str css)
{
	(void)ctx;
	check_css(css);
}

static void
check_tree(struct str html)
{
	const struct html_visitor visitor = {.style = check_style,
	    .open = check_open,
	    .close = check_close,
	    .text = check_text};
	struct html_parse_limits limits = {
	    PARSER_BYTES, html_pool_cpu_ms() + CPU_MS_MAX};
	struct err ignored = ERR_NONE;

	ensure(str_find_nocase(html, STR("<script"), 0) == html.len);
	if (html_parse_plainly(html, &limits, &visitor, &ignored) != ERR_OK)
		return;
}

/* ---- the two ways of parsing ---- */

static void
note_element(struct buf *notes, const struct html_element *element)
{
	buf_addf(notes, "\n<%u %d ", element->tag, element->is_foreign);
	for (size_t i = 0; i < element->attribute_count; i++) {
		buf_add(notes, element->attributes[i].name);
		buf_add_byte(notes, '=');
		buf_add(notes, element->attributes[i].value);
		buf_add_byte(notes, '\n');
	}
}

static bool
note_open(void *ctx, const struct html_element *element)
{
	note_element(ctx, element);
	return true;
}

static void
note_body(void *ctx, const struct html_element *element)
{
	note_element(ctx, element);
}

static void
note_close(void *ctx, const struct html_element *element)
{
	buf_addf(ctx, "\n>%u ", element->tag);
}

static void
note_text(void *ctx, struct str text)
{
	buf_add(ctx, STR("\n\""));
	buf_add(ctx, text);
}

static enum err_code
walk(struct buf *notes, struct str source, bool is_plain)
{
	const struct html_visitor visitor = {.ctx = notes,
	    .style = note_text,
	    .body = note_body,
	    .open = note_open,
	    .close = note_close,
	    .text = note_text};
	struct html_parse_limits limits = {
	    PARSER_BYTES, html_pool_cpu_ms() + CPU_MS_MAX};
	struct err ignored = ERR_NONE;

	buf_init(notes, (size_t)64 << 20);
	return is_plain
	           ? html_parse_plainly(source, &limits, &visitor, &ignored)
	           : html_parse(source, &limits, &visitor, &ignored);
}

static void
compare_parses(struct arena *arena, struct str source)
{
	struct str text = text_from(arena, source).s;
	struct buf plain;
	struct buf squeezed;

	if (walk(&plain, text, true) == ERR_OK &&
	    walk(&squeezed, text, false) == ERR_OK)
		ensure(str_eq(buf_str(&plain), buf_str(&squeezed)));
	else
		buf_init(&squeezed, 0);
	buf_free(&plain);
	buf_free(&squeezed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct str source = str_of((const char *)data, size);
	struct html_clean_result once;
	struct html_clean_result twice;
	struct html_clean_result framed;
	struct text text;

	ensure(arena != NULL);
	compare_parses(arena, source);
	once = clean(arena, source, false);
	check_tree(once.body.s);
	twice = clean(arena, once.body.s, false);
	ensure(str_eq(once.body.s, twice.body.s));
	framed = clean(arena,
	    str_join(arena,
	        (struct str[]){STR("<!DOCTYPE html><html><head></head><body>"),
	            once.body.s, STR("</body></html>")},
	        3),
	    false);
	ensure(str_eq(once.body.s, framed.body.s));
	(void)clean(arena, source, true);
	text = mime_html_to_text(arena, source);
	ensure(str_is_utf8(text.s));
	arena_free(arena);
	return 0;
}
