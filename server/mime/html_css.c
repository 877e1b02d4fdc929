#include "mime/html_css.h"

#include "mime/html_css_value.h"

/*
 * A grammar of what is allowed, not a list of what is not (CSS Syntax 3 is
 * what browsers read; this is a small part of it which reads the same):
 *
 *   declaration = property ":" value *( value ) ; no "!important"
 *   value       = name / number [ unit ] / "#" hex / colour / string
 *               / "," / "/"
 *   colour      = ( "rgb" / "rgba" / "hsl" / "hsla" ) "(" numbers ")"
 *
 * A backslash, an at sign, a brace or any other function ends the declaration
 * it stands in; so url(), image-set(), var(), attr(), expression() and their
 * escaped spellings are never written.
 */

#define STYLE_BYTES_MAX  ((size_t)16 << 10)
#define NAME_BYTES_MAX   40u
#define VALUES_BYTES_MAX 400u

/* Sorted. */
static const char *const properties[] = {"background-color", "border",
    "border-bottom", "border-bottom-color", "border-bottom-left-radius",
    "border-bottom-right-radius", "border-bottom-style", "border-bottom-width",
    "border-collapse", "border-color", "border-left", "border-left-color",
    "border-left-style", "border-left-width", "border-radius", "border-right",
    "border-right-color", "border-right-style", "border-right-width",
    "border-spacing", "border-style", "border-top", "border-top-color",
    "border-top-left-radius", "border-top-right-radius", "border-top-style",
    "border-top-width", "border-width", "box-sizing", "caption-side", "clear",
    "color", "direction", "display", "empty-cells", "float", "font",
    "font-family", "font-size", "font-style", "font-variant", "font-weight",
    "height", "letter-spacing", "line-height", "list-style",
    "list-style-position", "list-style-type", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "max-height", "max-width",
    "min-height", "min-width", "opacity", "overflow", "overflow-wrap",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "table-layout", "text-align", "text-decoration", "text-indent",
    "text-transform", "vertical-align", "visibility", "white-space", "width",
    "word-break", "word-spacing", "word-wrap"};

static const char blanks[] = " \t\r\n\f";

static bool
is_property(struct str s)
{
	size_t from = 0;
	size_t to = sizeof(properties) / sizeof(properties[0]);

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = str_compare(s, str_c(properties[middle]));
		if (order == 0)
			return true;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

/* "!important" would only win over our own sheet: it is left out. */
static bool
skip_important(struct scan *scan)
{
	struct scan at = *scan;

	if (!scan_byte(&at, '!'))
		return false;
	(void)scan_while(&at, blanks);
	if (!scan_str_nocase(&at, STR("important")))
		return false;
	(void)scan_while(&at, blanks);
	if (!scan_end(&at))
		return false;
	*scan = at;
	return true;
}

static bool
read_values(struct scan *scan, struct buf *out)
{
	bool needs_blank = false;
	bool has_value = false;

	while (true) {
		(void)scan_while(scan, blanks);
		if (scan_end(scan) || skip_important(scan))
			return has_value && needs_blank;
		if (scan_byte(scan, ',') || scan_byte(scan, '/')) {
			if (!needs_blank)
				return false;
			buf_add_byte(out, scan->in.ptr[scan->at - 1]);
			needs_blank = false;
			continue;
		}
		if (needs_blank)
			buf_add_byte(out, ' ');
		if (!html_css_value_read(scan, out))
			return false;
		needs_blank = true;
		has_value = true;
	}
}

/*
 * Newsletters write "background: #fff url(…) no-repeat": the colour is kept,
 * or white text would stand on white.
 */
static bool
read_background(struct scan *scan, struct buf *out)
{
	(void)scan_while(scan, blanks);
	return html_css_value_read(scan, out) &&
	       (scan_end(scan) || scan_peek(scan) == ' ' ||
	           scan_peek(scan) == '!') &&
	       !str_eq_nocase(buf_str(out), STR("none")) &&
	       str_find_byte(buf_str(out), '%', 0) == out->len;
}

static bool
read_declaration(struct scan *scan, struct str *property, struct buf *value)
{
	if (str_eq(*property, STR("background"))) {
		*property = STR("background-color");
		return read_background(scan, value);
	}
	return is_property(*property) && read_values(scan, value);
}

static void
clean_declaration(struct buf *out, struct str declaration)
{
	struct scan scan = scan_of(declaration);
	struct str name = str_trim(scan_until_byte(&scan, ':'));
	struct str known = {0};
	struct buf property;
	struct buf value;

	if (!scan_byte(&scan, ':') || name.len > NAME_BYTES_MAX)
		return;
	buf_init(&property, NAME_BYTES_MAX);
	buf_init(&value, VALUES_BYTES_MAX);
	html_css_value_lower(&property, name);
	known = buf_str(&property);
	if (read_declaration(&scan, &known, &value) && value.failed == ERR_OK &&
	    property.failed == ERR_OK) {
		if (out->len > 0)
			buf_add_byte(out, ';');
		buf_add(out, known);
		buf_add_byte(out, ':');
		buf_add(out, buf_str(&value));
	}
	buf_free(&property);
	buf_free(&value);
}

/* Comments become a blank, as CSS reads them; an open one takes the rest. */
static void
without_comments(struct buf *out, struct str style)
{
	size_t at = 0;

	while (at < style.len) {
		size_t start = str_find(style, STR("/*"), at);
		size_t end = 0;
		buf_add(out, str_slice(style, at, start));
		if (start == style.len)
			return;
		buf_add_byte(out, ' ');
		end = str_find(style, STR("*/"), start + 2);
		at = end + 2;
	}
}

/* Up to the next ";" outside of quotes and brackets. */
static struct str
cut_declaration(struct scan *scan)
{
	size_t start = scan->at;
	size_t depth = 0;
	int quote = 0;

	while (!scan_end(scan)) {
		int c = scan_peek(scan);
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == ';' && depth == 0)
			break;
		if (c == '\\') /* also takes what it escapes */
			(void)scan_next(scan);
		(void)scan_next(scan);
	}
	return str_slice(scan->in, start, scan->at);
}

static bool
would_load(struct str declaration)
{
	return str_find_nocase(declaration, STR("url("), 0) < declaration.len ||
	       str_find_nocase(declaration, STR("image-set("), 0) <
	           declaration.len;
}

void
html_css_clean(struct buf *out, struct str style, uint32_t *blocked)
{
	struct buf plain;
	struct buf clean;
	struct scan scan;

	if (style.len == 0 || style.len > STYLE_BYTES_MAX)
		return;
	buf_init(&plain, STYLE_BYTES_MAX);
	buf_init(&clean, STYLE_BYTES_MAX);
	without_comments(&plain, style);
	scan = scan_of(buf_str(&plain));
	while (!scan_end(&scan)) {
		struct str declaration = cut_declaration(&scan);
		(void)scan_byte(&scan, ';');
		if (would_load(declaration))
			(*blocked)++;
		clean_declaration(&clean, declaration);
	}
	if (plain.failed == ERR_OK && clean.failed == ERR_OK)
		buf_add(out, buf_str(&clean));
	buf_free(&plain);
	buf_free(&clean);
}

/* Is `name` 0 or 1 pixel in cleaned declarations? */
static bool
is_tiny_length(struct str clean, const char *name)
{
	struct str rest = clean;

	while (rest.len > 0) {
		struct str value = str_cut(&rest, ';');
		struct str property = str_cut(&value, ':');
		if (str_eq(property, str_c(name)) &&
		    (str_eq(value, STR("0")) || str_eq(value, STR("1px")) ||
		        str_eq(value, STR("0px")) || str_eq(value, STR("1"))))
			return true;
	}
	return false;
}

bool
html_css_is_tiny(struct str clean)
{
	return is_tiny_length(clean, "width") &&
	       is_tiny_length(clean, "height");
}
