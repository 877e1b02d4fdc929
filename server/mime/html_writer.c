#include "mime/html_writer.h"

#include "base/codec.h"
#include "mime/html_attribute.h"
#include "mime/html_css.h"
#include "mime/html_url.h"

#define ATTRIBUTES_MAX 60u
#define VALUE_BYTES    ((size_t)300 << 10)
#define STYLE_BYTES    ((size_t)32 << 10)

/* Text of entities may hold controls again; text has none. */
void
html_writer_escape(struct buf *out, struct str s)
{
	size_t from = 0;

	for (size_t at = 0; at < s.len;) {
		size_t before = at;
		uint32_t c = text_next(s, &at);
		if ((c >= ' ' && c < 0x7f) || c > 0x9f || c == '\n' ||
		    c == '\t')
			continue;
		buf_add_html(out, str_slice(s, from, before));
		from = at;
	}
	buf_add_html(out, str_slice(s, from, s.len));
}

static void
add_attribute(struct buf *out, struct str name, struct str value)
{
	buf_add_byte(out, ' ');
	buf_add(out, name);
	buf_add(out, STR("=\""));
	html_writer_escape(out, value);
	buf_add_byte(out, '"');
}

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

static void
clean_text(void *ctx, struct str text)
{
	struct html_writer *writer = ctx;

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
	html_nest_text(&writer->nest, is_blank(text));
	html_writer_escape(&writer->out, text);
}

/* ---- attributes ---- */

/* Would a browser ask a stranger's server for this? */
static bool
is_remote(struct str value)
{
	struct str trimmed = str_trim(value);

	return str_starts_nocase(trimmed, STR("http")) ||
	       str_starts(trimmed, STR("//")) ||
	       str_starts(trimmed, STR("\\\\"));
}

static void
add_swap(struct html_writer *writer, struct str name, struct str canonical,
    struct str shown)
{
	struct html_swap *swap;

	writer->swaps = arena_grow(writer->arena, writer->swaps,
	    writer->swap_count, &writer->swap_capacity, sizeof(*swap));
	if (writer->swaps == NULL) {
		writer->swap_count = 0;
		writer->out.failed = ERR_NO_MEMORY;
		return;
	}
	swap = &writer->swaps[writer->swap_count];
	writer->swap_count++;
	buf_add_byte(&writer->out, ' ');
	buf_add(&writer->out, name);
	buf_add(&writer->out, STR("=\""));
	swap->offset = writer->out.len;
	html_writer_escape(&writer->out, canonical);
	swap->len = writer->out.len - swap->offset;
	swap->shown = shown;
	buf_add_byte(&writer->out, '"');
}

static void
add_link(struct html_writer *writer, struct str value)
{
	const struct html_clean_options *options = writer->options;
	enum html_url_kind kind;
	struct str url = {0};

	buf_clear(&writer->value);
	kind = html_url_read(&writer->value, value);
	url = buf_str(&writer->value);
	if (kind == HTML_URL_MAILTO && options->mailto_address != NULL) {
		struct str shown = options->mailto_address(options->ctx, url);
		if (shown.ptr == NULL)
			return;
		add_swap(writer, STR("href"), url, shown);
	} else if (kind == HTML_URL_WEB || kind == HTML_URL_MAILTO) {
		add_attribute(&writer->out, STR("href"), url);
	} else {
		return;
	}
	buf_add(&writer->out,
	    STR(" target=\"_blank\" rel=\"noopener noreferrer\""));
}

static void
add_attributes(struct html_writer *writer, const struct html_element *element)
{
	size_t count = element->attribute_count;

	if (count > ATTRIBUTES_MAX)
		count = ATTRIBUTES_MAX;
	for (size_t i = 0; i < count; i++) {
		struct html_attribute attribute =
		    html_parse_attribute(element, i);
		buf_clear(&writer->value);
		if (str_eq(attribute.name, STR("style"))) {
			html_css_clean(
			    &writer->value, attribute.value, &writer->blocked);
			if (writer->value.len > 0)
				add_attribute(&writer->out, attribute.name,
				    buf_str(&writer->value));
		} else if (str_eq(attribute.name, STR("background"))) {
			writer->blocked += is_remote(attribute.value);
		} else if (str_eq(attribute.name, STR("href")) &&
		           str_eq(element->name, STR("a"))) {
			add_link(writer, attribute.value);
		} else if (html_attribute_clean(&writer->value, element->name,
		               attribute.name, attribute.value)) {
			add_attribute(&writer->out, attribute.name,
			    buf_str(&writer->value));
		}
	}
}

/* ---- images ---- */

/* Pictures nobody can see count openings; they are never loaded. */
static bool
is_tracker(struct html_writer *writer, const struct html_element *element)
{
	struct str width = str_trim(html_parse_find(element, "width"));
	struct str height = str_trim(html_parse_find(element, "height"));
	uint32_t ignored = 0;

	buf_clear(&writer->style);
	html_css_clean(
	    &writer->style, html_parse_find(element, "style"), &ignored);
	if (html_css_is_tiny(buf_str(&writer->style)))
		return true;
	return (str_eq(width, STR("0")) || str_eq(width, STR("1")) ||
	           str_eq(width, STR("1px"))) &&
	       (str_eq(height, STR("0")) || str_eq(height, STR("1")) ||
	           str_eq(height, STR("1px")));
}

struct image {
	struct str src;   /* canonical; empty: not shown */
	struct str shown; /* ptr NULL: as src */
};

static struct image
choose_image(struct html_writer *writer, const struct html_element *element)
{
	const struct html_clean_options *options = writer->options;
	struct str value = html_parse_find(element, "src");
	struct image image = {0};
	enum html_url_kind kind;

	buf_clear(&writer->value);
	kind = html_url_read(&writer->value, value);
	image.src = buf_str(&writer->value);
	if (kind == HTML_URL_IMAGE)
		return image;
	if (kind == HTML_URL_CID && options->cid_address != NULL) {
		buf_clear(&writer->style); /* RFC 2392: percent-encoded */
		codec_percent_decode(&writer->style,
		    str_slice(image.src, 4, image.src.len), false);
		image.shown =
		    options->cid_address(options->ctx, buf_str(&writer->style));
		if (image.shown.ptr != NULL)
			return image;
	}
	if (kind == HTML_URL_WEB || is_remote(value)) {
		if (is_tracker(writer, element))
			return (struct image){0};
		if (kind == HTML_URL_WEB && options->allow_remote_images &&
		    html_url_is_https(image.src))
			return image;
		writer->blocked++;
	}
	return (struct image){0};
}

static void
clean_image(struct html_writer *writer, const struct html_element *element)
{
	struct image image = choose_image(writer, element);

	if (image.src.len == 0) {
		struct str alt = html_parse_find(element, "alt");
		if (alt.len > 0)
			clean_text(writer, alt);
		return;
	}
	writer->is_after_pre = false;
	writer->has_content = true;
	html_nest_open(&writer->nest, element->name, true);
	buf_add(&writer->out, STR("<img"));
	if (image.shown.ptr != NULL)
		add_swap(writer, STR("src"), image.src, image.shown);
	else
		add_attribute(&writer->out, STR("src"), image.src);
	add_attributes(writer, element);
	buf_add_byte(&writer->out, '>');
}

/* ---- elements ---- */

static bool
is_named(const struct html_element *element, const char *name)
{
	return str_eq(element->name, str_c(name));
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

static bool
clean_open(void *ctx, const struct html_element *element)
{
	struct html_writer *writer = ctx;
	enum html_rule rule = element->is_foreign
	                          ? HTML_DROP
	                          : html_attribute_element(element->name);

	if (rule == HTML_DROP || writer->out.failed != ERR_OK)
		return false;
	if (is_named(element, "img")) {
		clean_image(writer, element);
		return false;
	}
	if (rule == HTML_VOID || is_written(writer, rule)) {
		writer->has_content = true;
		html_nest_open(&writer->nest, element->name, rule == HTML_VOID);
		buf_add_byte(&writer->out, '<');
		buf_add(&writer->out, element->name);
		add_attributes(writer, element);
		buf_add_byte(&writer->out, '>');
		writer->is_after_pre = is_named(element, "pre");
	}
	if (rule == HTML_KEEP)
		writer->depth++;
	return rule != HTML_VOID;
}

static void
clean_close(void *ctx, const struct html_element *element)
{
	struct html_writer *writer = ctx;

	if (html_attribute_element(element->name) != HTML_KEEP)
		return;
	writer->depth--;
	if (writer->depth >= LIMIT_HTML_DEPTH)
		return;
	html_nest_close(&writer->nest);
	buf_add(&writer->out, STR("</"));
	buf_add(&writer->out, element->name);
	buf_add_byte(&writer->out, '>');
	writer->is_after_pre = false;
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

	for (size_t i = 0; i < 2; i++) {
		struct str value =
		    html_parse_find(element, colours[i].attribute);
		if (value.len == 0 || value.len > 30)
			continue;
		buf_clear(&writer->value);
		buf_add_c(&writer->value, colours[i].property);
		buf_add(&writer->value, value);
		buf_clear(&writer->style);
		html_css_clean(
		    &writer->style, buf_str(&writer->value), &writer->blocked);
		if (writer->style.len > 0 && writer->body_style.len > 0)
			buf_add_byte(&writer->body_style, ';');
		buf_add(&writer->body_style, buf_str(&writer->style));
	}
	writer->blocked += is_remote(html_parse_find(element, "background"));
	buf_clear(&writer->style);
	html_css_clean(&writer->style, html_parse_find(element, "style"),
	    &writer->blocked);
	if (writer->style.len > 0 && writer->body_style.len > 0)
		buf_add_byte(&writer->body_style, ';');
	buf_add(&writer->body_style, buf_str(&writer->style));
}

/* ---- the writer ---- */

void
html_writer_init(struct html_writer *writer,
    const struct html_clean_options *options, struct arena *arena)
{
	*writer = (struct html_writer){.options = options, .arena = arena};
	html_nest_init(&writer->nest);
	buf_init(&writer->out, HTML_WRITER_BYTES_MAX);
	buf_init(&writer->value, VALUE_BYTES);
	buf_init(&writer->style, STYLE_BYTES);
	buf_init(&writer->body_style, STYLE_BYTES);
}

void
html_writer_end(struct html_writer *writer)
{
	buf_free(&writer->out);
	buf_free(&writer->value);
	buf_free(&writer->style);
	buf_free(&writer->body_style);
}

struct html_visitor
html_writer_visitor(struct html_writer *writer)
{
	return (struct html_visitor){.ctx = writer,
	    .body = clean_body,
	    .open = clean_open,
	    .close = clean_close,
	    .text = clean_text};
}
