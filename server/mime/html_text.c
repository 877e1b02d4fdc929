#include "base/buf.h"
#include "base/limits.h"
#include "mime/html_attribute.h"
#include "mime/html_css.h"
#include "mime/html_parse.h"
#include "mime/html_pool.h"
#include "mime/mime.h"

/* HTML as a person would type it: lines, paragraphs, "- " and "> ". */

#define QUOTE_DEPTH_MAX 20u

enum shape {
	SHAPE_INLINE,
	SHAPE_LINE,      /* on lines of its own */
	SHAPE_PARAGRAPH, /* with an empty line around it */
	SHAPE_QUOTE,
	SHAPE_ITEM,
	SHAPE_CELL,
	SHAPE_PRE
};

static const struct {
	const char *name;
	enum shape shape;
} shapes[] = {
    {"address", SHAPE_LINE},
    {"article", SHAPE_LINE},
    {"aside", SHAPE_LINE},
    {"blockquote", SHAPE_QUOTE},
    {"caption", SHAPE_LINE},
    {"center", SHAPE_LINE},
    {"dd", SHAPE_LINE},
    {"div", SHAPE_LINE},
    {"dl", SHAPE_PARAGRAPH},
    {"dt", SHAPE_LINE},
    {"figcaption", SHAPE_LINE},
    {"figure", SHAPE_LINE},
    {"footer", SHAPE_LINE},
    {"form", SHAPE_LINE},
    {"h1", SHAPE_PARAGRAPH},
    {"h2", SHAPE_PARAGRAPH},
    {"h3", SHAPE_PARAGRAPH},
    {"h4", SHAPE_PARAGRAPH},
    {"h5", SHAPE_PARAGRAPH},
    {"h6", SHAPE_PARAGRAPH},
    {"header", SHAPE_LINE},
    {"li", SHAPE_ITEM},
    {"main", SHAPE_LINE},
    {"nav", SHAPE_LINE},
    {"ol", SHAPE_PARAGRAPH},
    {"p", SHAPE_PARAGRAPH},
    {"pre", SHAPE_PRE},
    {"section", SHAPE_LINE},
    {"table", SHAPE_LINE},
    {"td", SHAPE_CELL},
    {"th", SHAPE_CELL},
    {"tr", SHAPE_LINE},
    {"ul", SHAPE_PARAGRAPH},
};

struct writer {
	struct buf out;
	struct buf style;
	unsigned breaks; /* line ends owed before the next text */
	bool has_blank;  /* a blank owed */
	bool has_item;   /* "- " owed */
	unsigned quotes;
	unsigned owed_quotes; /* the fewest since the last text */
	unsigned pres;
};

static enum shape
shape_of(struct str name)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (str_eq(name, str_c(shapes[i].name)))
			return shapes[i].shape;
	}
	return SHAPE_INLINE;
}

static void
add_quotes(struct writer *writer, unsigned count)
{
	for (unsigned i = 0; i < count && i < QUOTE_DEPTH_MAX; i++)
		buf_add(&writer->out, STR("> "));
}

/* Pays what is owed before a text; nothing is owed before the first. */
static void
pay(struct writer *writer)
{
	bool is_first = writer->out.len == 0;

	for (unsigned i = 0; i < writer->breaks && !is_first; i++) {
		buf_add_byte(&writer->out, '\n');
		if (i + 1 < writer->breaks)
			add_quotes(writer, writer->owed_quotes);
	}
	if (is_first || writer->breaks > 0)
		add_quotes(writer, writer->quotes);
	else if (writer->has_blank && !writer->has_item)
		buf_add_byte(&writer->out, ' ');
	if (writer->has_item)
		buf_add(&writer->out, STR("- "));
	writer->breaks = 0;
	writer->has_blank = false;
	writer->has_item = false;
	writer->owed_quotes = writer->quotes;
}

static void
owe_breaks(struct writer *writer, unsigned count)
{
	if (writer->breaks < count)
		writer->breaks = count;
	writer->has_blank = false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
add_pre(struct writer *writer, struct str text)
{
	while (text.len > 0) {
		bool has_break = str_find_byte(text, '\n', 0) < text.len;
		struct str line = str_cut(&text, '\n');
		if (line.len > 0) {
			pay(writer);
			buf_add(&writer->out, line);
		}
		if (has_break)
			writer->breaks++;
	}
}

static void
write_text(void *ctx, struct str text)
{
	struct writer *writer = ctx;
	size_t at = 0;

	if (writer->pres > 0) {
		add_pre(writer, text);
		return;
	}
	while (at < text.len) {
		size_t end = at;
		while (end < text.len && !is_blank(text.ptr[end]))
			end++;
		if (end > at) {
			pay(writer);
			buf_add(&writer->out, str_slice(text, at, end));
		}
		at = end;
		while (at < text.len && is_blank(text.ptr[at]))
			at++;
		if (at > end)
			writer->has_blank = true;
	}
}

/* Newsletters hide a preview text; nobody wants to quote it. */
static bool
is_hidden(struct writer *writer, const struct html_element *element)
{
	struct html_css_facts facts = {0};

	buf_clear(&writer->style);
	html_css_clean(
	    &writer->style, html_parse_find(element, "style"), &facts);
	return facts.is_hidden;
}

static void
begin(struct writer *writer, enum shape shape)
{
	switch (shape) {
	case SHAPE_INLINE:
		break;
	case SHAPE_LINE:
		owe_breaks(writer, 1);
		break;
	case SHAPE_PARAGRAPH:
		owe_breaks(writer, 2);
		break;
	case SHAPE_QUOTE:
		owe_breaks(writer, 1);
		writer->quotes++;
		break;
	case SHAPE_ITEM:
		owe_breaks(writer, 1);
		writer->has_item = true;
		break;
	case SHAPE_CELL:
		writer->has_blank = true;
		break;
	case SHAPE_PRE:
		owe_breaks(writer, 2);
		writer->pres++;
		break;
	default:
		break;
	}
}

static bool
write_open(void *ctx, const struct html_element *element)
{
	struct writer *writer = ctx;

	if (element->is_foreign || writer->out.failed != ERR_OK ||
	    is_hidden(writer, element))
		return false;
	if (str_eq(element->name, STR("br"))) {
		writer->breaks++;
		writer->has_blank = false;
		return false;
	}
	if (str_eq(element->name, STR("hr"))) {
		owe_breaks(writer, 1);
		write_text(writer, STR("----"));
		owe_breaks(writer, 1);
		return false;
	}
	if (str_eq(element->name, STR("img"))) {
		write_text(writer, html_parse_find(element, "alt"));
		return false;
	}
	if (html_attribute_element(element->name) == HTML_DROP)
		return false;
	begin(writer, shape_of(element->name));
	return true;
}

static void
write_close(void *ctx, const struct html_element *element)
{
	struct writer *writer = ctx;
	enum shape shape = shape_of(element->name);

	if (shape == SHAPE_QUOTE && writer->quotes > 0)
		writer->quotes--;
	if (writer->owed_quotes > writer->quotes)
		writer->owed_quotes = writer->quotes;
	if (shape == SHAPE_PRE && writer->pres > 0)
		writer->pres--;
	if (shape == SHAPE_PARAGRAPH || shape == SHAPE_PRE)
		owe_breaks(writer, 2);
	else if (shape == SHAPE_CELL)
		writer->has_blank = true;
	else if (shape != SHAPE_INLINE)
		owe_breaks(writer, 1);
}

struct text
mime_html_to_text(struct arena *arena, struct str html)
{
	struct writer writer = {0};
	struct str source = text_from(arena, html).s;
	struct text text = {0};
	struct err ignored = ERR_NONE;
	struct html_parse_limits limits = {
	    (size_t)44 << 20, html_pool_cpu_ms() + 1000};
	enum err_code rc;
	const struct html_visitor visitor = {.ctx = &writer,
	    .open = write_open,
	    .close = write_close,
	    .text = write_text};

	source = str_slice(source, 0, LIMIT_HTML_SHOWN);
	buf_init(&writer.out, LIMIT_TEXT_SHOWN);
	buf_init(&writer.style, (size_t)32 << 10);
	/* Too complicated: what the beginning says. */
	rc = html_parse(source, &limits, &visitor, &ignored);
	if (rc == ERR_LIMIT)
		rc = html_parse(
		    str_slice(source, 0, 2048), &limits, &visitor, &ignored);
	if (rc == ERR_NO_MEMORY)
		buf_clear(&writer.out);
	if (writer.out.len > 0)
		buf_add_byte(&writer.out, '\n');
	text = text_from(arena, str_dup(arena, buf_str(&writer.out)));
	buf_free(&writer.out);
	buf_free(&writer.style);
	return text;
}
