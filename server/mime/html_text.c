#include "base/buf.h"
#include "base/limits.h"
#include "base/scan.h"
#include "mime/html_attribute.h"
#include "mime/html_budget.h"
#include "mime/html_css_sheet.h"
#include "mime/html_lines.h"
#include "mime/html_name.h"
#include "mime/html_parse.h"
#include "mime/html_pool.h"
#include "mime/html_url.h"
#include "mime/mime.h"

/* HTML as a person would type it: lines, paragraphs, "- " and "> ". */

#define LINK_BYTES_MAX 1000u
#define PARSER_BYTES   ((size_t)32 << 20)
#define BUDGET_BYTES   ((size_t)30 << 20) /* so much of it is planned with */
#define CPU_MS         1000
#define PART_BYTES     2048u /* of what is too complicated */

enum shape {
	SHAPE_INLINE,
	SHAPE_LINE,      /* on lines of its own */
	SHAPE_PARAGRAPH, /* with an empty line around it */
	SHAPE_QUOTE,
	SHAPE_LIST,
	SHAPE_NUMBERS, /* a list that counts */
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
    {"details", SHAPE_LINE},
    {"dir", SHAPE_LIST},
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
    {"menu", SHAPE_LIST},
    {"nav", SHAPE_LINE},
    {"ol", SHAPE_NUMBERS},
    {"p", SHAPE_PARAGRAPH},
    {"pre", SHAPE_PRE},
    {"section", SHAPE_LINE},
    {"summary", SHAPE_LINE},
    {"table", SHAPE_LINE},
    {"td", SHAPE_CELL},
    {"th", SHAPE_CELL},
    {"tr", SHAPE_LINE},
    {"ul", SHAPE_LIST},
};

struct writer {
	struct html_lines lines;
	struct buf style; /* scratch */
	struct html_css_sheet *sheet;
	struct buf link;   /* address of the open link; empty: none */
	size_t link_start; /* where its text begins */
	size_t link_depth; /* links in it, which HTML does not have */
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

/* Newsletters hide a preview text; nobody wants to quote it. */
static bool
is_hidden(struct writer *writer, const struct html_element *element)
{
	struct str style = html_parse_find(element, "style");
	struct str names = html_parse_find(element, "class");
	struct html_css_facts facts = {0};

	for (size_t i = 0; i < element->attribute_count; i++) {
		if (str_eq(element->attributes[i].name, STR("hidden")))
			return true;
	}
	buf_clear(&writer->style);
	if (style.len > 0)
		html_css_clean(&writer->style, style, &facts);
	if (facts.is_hidden || names.len == 0 || writer->sheet->tiny_count == 0)
		return facts.is_hidden;
	buf_clear(&writer->style);
	return html_name_add_list(&writer->style, names) &&
	       html_css_sheet_is_tiny(writer->sheet, buf_str(&writer->style));
}

/* Of a list or an item; 0: none. */
static uint32_t
number_of(const struct html_element *element, const char *name)
{
	struct scan scan = scan_of(str_trim(html_parse_find(element, name)));
	uint64_t number = 0;

	return scan_u64(&scan, 99999, &number) ? (uint32_t)number : 0;
}

/* ---- links ---- */

static void
begin_link(struct writer *writer, const struct html_element *element)
{
	enum html_url_kind kind;
	struct str url = {0};

	writer->link_depth++;
	if (writer->link_depth > 1)
		return;
	buf_clear(&writer->link);
	writer->link_start = writer->lines.out.len;
	kind = html_url_read(&writer->link, html_parse_find(element, "href"));
	url = buf_str(&writer->link);
	if (kind == HTML_URL_MAILTO) {
		url = str_slice(url, 7, str_find_byte(url, '?', 0));
		memmove(writer->link.ptr, url.ptr, url.len);
		writer->link.len = url.len;
	} else if (kind != HTML_URL_WEB || url.len > LINK_BYTES_MAX) {
		buf_clear(&writer->link);
	}
}

/* "https://www.example.org/" is said by "example.org", too. */
static struct str
core_of(struct str url)
{
	size_t scheme = str_find(url, STR("://"), 0);

	if (scheme < url.len)
		url = str_slice(url, scheme + 3, url.len);
	if (str_starts(url, STR("www.")))
		url = str_slice(url, 4, url.len);
	if (str_ends(url, STR("/")))
		url.len--;
	return url;
}

static void
end_link(struct writer *writer)
{
	struct str url = buf_str(&writer->link);
	struct str said = str_trim(str_slice(buf_str(&writer->lines.out),
	    writer->link_start, writer->lines.out.len));

	if (writer->link_depth > 0)
		writer->link_depth--;
	if (writer->link_depth > 0 || url.len == 0)
		return;
	if (said.len > 0 &&
	    str_find_nocase(said, core_of(url), 0) == said.len) {
		buf_add(&writer->lines.out, STR(" <"));
		buf_add(&writer->lines.out, url);
		buf_add_byte(&writer->lines.out, '>');
	}
	buf_clear(&writer->link);
}

static void
begin(struct writer *writer, const struct html_element *element)
{
	enum shape shape = shape_of(element->name);
	uint32_t start = 0;

	switch (shape) {
	case SHAPE_LINE:
		html_lines_break(&writer->lines, 1);
		break;
	case SHAPE_PARAGRAPH:
		html_lines_break(&writer->lines, 2);
		break;
	case SHAPE_QUOTE:
		html_lines_quote(&writer->lines);
		break;
	case SHAPE_LIST:
	case SHAPE_NUMBERS:
		start = number_of(element, "start");
		html_lines_list(&writer->lines, shape == SHAPE_NUMBERS,
		    start > 0 ? start : 1);
		break;
	case SHAPE_ITEM:
		html_lines_item(&writer->lines, number_of(element, "value"));
		break;
	case SHAPE_CELL:
		writer->lines.has_cell = true;
		break;
	case SHAPE_PRE:
		html_lines_break(&writer->lines, 2);
		writer->lines.pres++;
		break;
	case SHAPE_INLINE:
	default:
		if (str_eq(element->name, STR("a")))
			begin_link(writer, element);
		break;
	}
}

/*
 * Its words, apart from those around it. A picture that comes with the message
 * is named as one: what it shows stands beside the text.
 */
static void
write_image(struct writer *writer, const struct html_element *element)
{
	struct html_lines *lines = &writer->lines;
	struct str words = str_trim(html_parse_find(element, "alt"));
	bool comes_along = str_starts_nocase(
	    str_trim(html_parse_find(element, "src")), STR("cid:"));

	if (!comes_along && words.len == 0)
		return;
	lines->has_blank = true;
	if (comes_along)
		html_lines_text(
		    lines, words.len > 0 ? STR("[picture: ") : STR("[picture"));
	html_lines_text(lines, words);
	if (comes_along)
		html_lines_text(lines, STR("]"));
	lines->has_blank = true;
}

static bool
write_open(void *ctx, const struct html_element *element)
{
	struct writer *writer = ctx;

	if (element->is_foreign || writer->lines.out.failed != ERR_OK ||
	    is_hidden(writer, element))
		return false;
	if (str_eq(element->name, STR("br"))) {
		writer->lines.breaks++;
		writer->lines.has_blank = false;
		return false;
	}
	if (str_eq(element->name, STR("hr"))) {
		html_lines_break(&writer->lines, 1);
		html_lines_text(&writer->lines, STR("----"));
		html_lines_break(&writer->lines, 1);
		return false;
	}
	if (str_eq(element->name, STR("img"))) {
		write_image(writer, element);
		return false;
	}
	if (html_attribute_element(element->name) == HTML_DROP)
		return false;
	begin(writer, element);
	return true;
}

/* A paragraph within an item or a cell needs no empty line after it. */
static void
end(struct writer *writer, enum shape shape)
{
	switch (shape) {
	case SHAPE_QUOTE:
		html_lines_end_quote(&writer->lines);
		break;
	case SHAPE_LIST:
	case SHAPE_NUMBERS:
		html_lines_end_list(&writer->lines);
		break;
	case SHAPE_PRE:
		if (writer->lines.pres > 0)
			writer->lines.pres--;
		html_lines_break(&writer->lines, 2);
		break;
	case SHAPE_PARAGRAPH:
		html_lines_break(&writer->lines, 2);
		break;
	case SHAPE_CELL:
		writer->lines.has_blank = true;
		break;
	case SHAPE_LINE:
	case SHAPE_ITEM:
		html_lines_break(&writer->lines, 1);
		break;
	case SHAPE_INLINE:
	default:
		break;
	}
}

static void
write_close(void *ctx, const struct html_element *element)
{
	struct writer *writer = ctx;

	if (str_eq(element->name, STR("a")))
		end_link(writer);
	end(writer, shape_of(element->name));
}

static void
write_text(void *ctx, struct str text)
{
	struct writer *writer = ctx;

	html_lines_text(&writer->lines, text);
}

static void
write_sheet(void *ctx, struct str css)
{
	struct writer *writer = ctx;

	html_css_sheet_add(writer->sheet, css);
}

static enum err_code
write_html(struct writer *writer, struct str source)
{
	const struct html_visitor visitor = {.ctx = writer,
	    .style = write_sheet,
	    .open = write_open,
	    .close = write_close,
	    .text = write_text};
	struct html_parse_limits limits = {.max_bytes = PARSER_BYTES,
	    .until_cpu_ms = html_pool_cpu_ms() + CPU_MS};
	struct err ignored = ERR_NONE;

	return html_parse(source, &limits, &visitor, &ignored);
}

struct text
mime_html_to_text(struct arena *arena, struct str html)
{
	struct writer writer = {.sheet = malloc(sizeof(*writer.sheet))};
	struct str source = text_from(arena, html).s;
	struct text text = {0};
	enum err_code rc = ERR_NO_MEMORY;

	if (writer.sheet == NULL)
		return text;
	source = str_slice(source, 0, LIMIT_HTML_SHOWN);
	source = str_slice(source, 0, html_budget_fit(source, BUDGET_BYTES));
	html_css_sheet_init(writer.sheet);
	html_lines_init(&writer.lines, LIMIT_TEXT_SHOWN);
	buf_init(&writer.style, (size_t)64 << 10);
	buf_init(&writer.link, LINK_BYTES_MAX * 10);
	/* Too complicated: what the beginning says. */
	rc = write_html(&writer, source);
	if (rc == ERR_LIMIT)
		rc = write_html(&writer, str_slice(source, 0, PART_BYTES));
	if (rc == ERR_NO_MEMORY)
		buf_clear(&writer.lines.out);
	if (writer.lines.out.len > 0)
		buf_add_byte(&writer.lines.out, '\n');
	text = text_from(arena, str_dup(arena, buf_str(&writer.lines.out)));
	html_css_sheet_end(writer.sheet);
	free(writer.sheet);
	html_lines_end(&writer.lines);
	buf_free(&writer.style);
	buf_free(&writer.link);
	return text;
}
