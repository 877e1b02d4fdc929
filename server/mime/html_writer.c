#include "mime/html_writer.h"

#include "mime/html_anchor.h"
#include "mime/html_attribute.h"
#include "mime/html_escape.h"
#include "mime/html_image.h"

#define VALUE_BYTES ((size_t)300 << 10)
#define STYLE_BYTES ((size_t)32 << 10)

/* ---- text ---- */

static bool
is_blank(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != ' ' && s.ptr[i] != '\n' && s.ptr[i] != '\t' &&
		    s.ptr[i] != '\r' && s.ptr[i] != '\f')
			return false;
	}
	return true;
}

void
html_writer_text(struct html_writer *writer, struct str text)
{
	bool is_seen = !is_blank(text);

	if (!writer->has_content && writer->depth == 0) {
		/* Before the first tag a parser drops them. */
		while (text.len > 0 && is_blank(str_slice(text, 0, 1)))
			text = str_slice(text, 1, text.len);
		if (text.len == 0)
			return;
	}
	if (writer->is_after_pre && str_starts(text, STR("\n")))
		buf_add_byte(&writer->out, '\n');
	writer->is_after_pre = false;
	writer->has_content = true;
	html_nest_text(&writer->nest, !is_seen);
	html_escape_add(&writer->out, text);
	if (!is_seen)
		return;
	html_anchor_text(writer, text);
	if (writer->hidden_depth == 0)
		html_shade_text(&writer->shades);
}

/* ---- attributes ---- */

void
html_writer_attribute(
    struct html_writer *writer, struct str name, struct str value)
{
	buf_add_byte(&writer->out, ' ');
	buf_add(&writer->out, name);
	buf_add(&writer->out, STR("=\""));
	html_escape_add(&writer->out, value);
	buf_add_byte(&writer->out, '"');
}

void
html_writer_swap(struct html_writer *writer, struct html_swap swap)
{
	writer->swaps = arena_grow(writer->arena, writer->swaps,
	    writer->swap_count, &writer->swap_capacity, sizeof(swap));
	if (writer->swaps == NULL) {
		writer->swap_count = 0;
		writer->out.failed = ERR_NO_MEMORY;
		return;
	}
	writer->swaps[writer->swap_count] = swap;
	writer->swap_count++;
}

void
html_writer_swapped(struct html_writer *writer, struct str name,
    struct str canonical, struct str shown)
{
	struct html_swap swap = {.shown = shown};

	buf_add_byte(&writer->out, ' ');
	buf_add(&writer->out, name);
	buf_add(&writer->out, STR("=\""));
	swap.offset = writer->out.len;
	html_escape_add(&writer->out, canonical);
	swap.len = writer->out.len - swap.offset;
	buf_add_byte(&writer->out, '"');
	html_writer_swap(writer, swap);
}

bool
html_writer_is_remote(struct str value)
{
	struct str trimmed = str_trim(value);

	return str_starts_nocase(trimmed, STR("http")) ||
	       str_starts(trimmed, STR("//")) ||
	       str_starts(trimmed, STR("\\\\"));
}

/* Browsers read "ff0000" as "#ff0000" in attributes. */
static struct html_colour
attribute_colour(struct str value)
{
	char hex[8] = {'#'};

	value = str_trim(value);
	if (value.len != 6 ||
	    html_colour_read(value).state == HTML_COLOUR_KNOWN)
		return html_colour_read(value);
	memcpy(hex + 1, value.ptr, 6);
	return html_colour_read(str_of(hex, 7));
}

static void
write_style(
    struct html_writer *writer, struct str value, struct html_css_facts *facts)
{
	const struct html_style *style = html_style_get(&writer->styles, value);
	struct html_colour text = facts->text;
	struct html_colour background = facts->background;

	writer->blocked += style->facts.loads;
	*facts = style->facts;
	/* Attributes of colour yield to the style, whichever comes first. */
	if (facts->text.state == HTML_COLOUR_NONE)
		facts->text = text;
	if (facts->background.state == HTML_COLOUR_NONE)
		facts->background = background;
	if (style->clean.len > 0)
		html_writer_attribute(writer, STR("style"), style->clean);
}

static void
write_plain(struct html_writer *writer, const struct html_element *element,
    struct html_attribute attribute, struct html_css_facts *facts)
{
	buf_clear(&writer->value);
	if (!html_attribute_clean(
	        &writer->value, element->name, attribute.name, attribute.value))
		return;
	html_writer_attribute(writer, attribute.name, buf_str(&writer->value));
	if (str_eq(attribute.name, STR("bgcolor")) &&
	    facts->background.state == HTML_COLOUR_NONE)
		facts->background = attribute_colour(attribute.value);
	else if (str_eq(attribute.name, STR("color")) &&
	         facts->text.state == HTML_COLOUR_NONE)
		facts->text = attribute_colour(attribute.value);
}

void
html_writer_attributes(struct html_writer *writer,
    const struct html_element *element, struct html_css_facts *facts)
{
	for (size_t i = 0; i < element->attribute_count; i++) {
		struct html_attribute attribute = element->attributes[i];
		if (str_eq(attribute.name, STR("style")))
			write_style(writer, attribute.value, facts);
		else if (str_eq(attribute.name, STR("background")))
			writer->blocked +=
			    html_writer_is_remote(attribute.value);
		else
			write_plain(writer, element, attribute, facts);
	}
}

/* ---- elements ---- */

static bool
is_named(const struct html_element *element, const char *name)
{
	return str_eq(element->name, str_c(name));
}

static enum html_rule
rule_of(struct html_writer *writer, const struct html_element *element)
{
	uint8_t *known = &writer->rules[element->tag];

	if (element->is_foreign)
		return HTML_DROP;
	if (element->name.len == 0)
		return HTML_UNWRAP;
	if (*known == 0)
		*known = (uint8_t)(html_attribute_element(element->name) + 1);
	return (enum html_rule)(*known - 1);
}

static uint32_t
kind_of(struct html_writer *writer, const struct html_element *element)
{
	uint32_t *known = &writer->kinds[element->tag];

	if (*known == 0)
		*known = html_nest_kind(element->name);
	return *known;
}

/* Kept elements up to the depth; the visitor's close() must decide alike. */
static bool
is_written(struct html_writer *writer, enum html_rule rule)
{
	if (rule != HTML_KEEP)
		return false;
	if (writer->depth < LIMIT_HTML_DEPTH)
		return true;
	writer->is_truncated = true;
	return false;
}

static void
write_tag(struct html_writer *writer, const struct html_element *element,
    enum html_rule rule)
{
	struct html_css_facts facts = {0};
	bool is_anchor = is_named(element, "a");
	bool is_link = false;

	writer->has_content = true;
	html_nest_open(
	    &writer->nest, kind_of(writer, element), rule == HTML_VOID);
	buf_add_byte(&writer->out, '<');
	buf_add(&writer->out, element->name);
	html_writer_attributes(writer, element, &facts);
	if (is_anchor) {
		size_t before = 0;
		html_anchor_name(writer, element);
		before = writer->out.len;
		html_anchor_open(writer, element);
		is_link = writer->out.len > before;
	}
	buf_add_byte(&writer->out, '>');
	writer->is_after_pre = is_named(element, "pre");
	if (rule == HTML_VOID)
		return;
	html_shade_open(&writer->shades, &facts, is_link);
	/* What has a class may be shown again by the sheet. */
	if (facts.is_hidden && writer->hidden_depth == 0 &&
	    html_parse_find(element, "class").len == 0)
		writer->hidden_depth = writer->depth + 1;
}

static bool
clean_open(void *ctx, const struct html_element *element)
{
	struct html_writer *writer = ctx;
	enum html_rule rule = rule_of(writer, element);

	if (rule == HTML_DROP || writer->out.failed != ERR_OK)
		return false;
	if (is_named(element, "img")) {
		html_image_write(writer, element);
		return false;
	}
	if (rule == HTML_VOID || is_written(writer, rule))
		write_tag(writer, element, rule);
	if (rule == HTML_KEEP)
		writer->depth++;
	return rule != HTML_VOID;
}

static void
clean_close(void *ctx, const struct html_element *element)
{
	struct html_writer *writer = ctx;

	if (rule_of(writer, element) != HTML_KEEP)
		return;
	if (writer->hidden_depth == writer->depth)
		writer->hidden_depth = 0;
	writer->depth--;
	if (writer->depth >= LIMIT_HTML_DEPTH)
		return;
	html_nest_close(&writer->nest);
	html_shade_close(&writer->shades);
	buf_add(&writer->out, STR("</"));
	buf_add(&writer->out, element->name);
	buf_add_byte(&writer->out, '>');
	writer->is_after_pre = false;
	if (is_named(element, "a"))
		html_anchor_close(writer);
}

static void
clean_text(void *ctx, struct str text)
{
	html_writer_text(ctx, text);
}

/* ---- the document ---- */

static void
clean_sheet(void *ctx, struct str css)
{
	struct html_writer *writer = ctx;

	html_css_sheet_add(&writer->sheet, css);
}

static void
add_body_style(struct html_writer *writer, struct str style)
{
	if (style.len > 0 && writer->body_style.len > 0)
		buf_add_byte(&writer->body_style, ';');
	buf_add(&writer->body_style, style);
}

/* Colours of the body, as declarations for the frame's body. */
static void
clean_body(void *ctx, const struct html_element *element)
{
	static const struct {
		const char *attribute;
		const char *property;
	} colours[] = {{"bgcolor", "background-color:"}, {"text", "color:"}};
	struct html_writer *writer = ctx;
	const struct html_style *style = NULL;

	for (size_t i = 0; i < 2; i++) {
		struct str value =
		    html_parse_find(element, colours[i].attribute);
		if (value.len == 0 || value.len > 30)
			continue;
		buf_clear(&writer->value);
		buf_add_c(&writer->value, colours[i].property);
		buf_add(&writer->value, value);
		style =
		    html_style_get(&writer->styles, buf_str(&writer->value));
		add_body_style(writer, style->clean);
		html_shade_body(&writer->shades, &style->facts);
	}
	writer->blocked +=
	    html_writer_is_remote(html_parse_find(element, "background"));
	style =
	    html_style_get(&writer->styles, html_parse_find(element, "style"));
	writer->blocked += style->facts.loads;
	add_body_style(writer, style->clean);
	html_shade_body(&writer->shades, &style->facts);
}

/* ---- the writer ---- */

void
html_writer_init(struct html_writer *writer,
    const struct html_clean_options *options, struct arena *arena)
{
	memset(writer, 0, sizeof(*writer));
	writer->options = options;
	writer->arena = arena;
	html_nest_init(&writer->nest);
	html_shade_init(&writer->shades);
	html_style_init(&writer->styles, arena);
	html_css_sheet_init(&writer->sheet);
	buf_init(&writer->out, HTML_WRITER_BYTES_MAX);
	buf_init(&writer->value, VALUE_BYTES);
	buf_init(&writer->src, VALUE_BYTES);
	buf_init(&writer->body_style, STYLE_BYTES);
	buf_init(&writer->link_text, HTML_WRITER_TEXT_BYTES);
}

void
html_writer_end(struct html_writer *writer)
{
	html_style_end(&writer->styles);
	html_css_sheet_end(&writer->sheet);
	buf_free(&writer->out);
	buf_free(&writer->value);
	buf_free(&writer->src);
	buf_free(&writer->body_style);
	buf_free(&writer->link_text);
}

struct html_visitor
html_writer_visitor(struct html_writer *writer)
{
	return (struct html_visitor){.ctx = writer,
	    .style = clean_sheet,
	    .body = clean_body,
	    .open = clean_open,
	    .close = clean_close,
	    .text = clean_text};
}
