#include "mime/html_css.h"

#include "base/scan.h"

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
#define NUMBER_MAX       10000u
#define NAME_BYTES_MAX   40u
#define STRING_BYTES_MAX 80u
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

static const char *const units[] = {"", "%", "px", "em", "rem", "pt", "pc",
    "ex", "ch", "cm", "mm", "in", "deg"};

static const char *const colour_functions[] = {"rgb", "rgba", "hsl", "hsla"};

static const char name_start[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
static const char name_rest[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
static const char hex_digits[] = "0123456789abcdefABCDEF";
static const char digits[] = "0123456789";
static const char blanks[] = " \t\r\n\f";

static bool
is_one_of(struct str s, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(s, str_c(list[i])))
			return true;
	}
	return false;
}

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

static void
add_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		buf_add_byte(
		    out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
}

/* Digits, perhaps a point and digits, a unit; never negative, never huge. */
static bool
read_number(struct scan *scan, struct buf *out)
{
	struct scan at = *scan;
	struct str whole = scan_while(&at, digits);
	struct str fraction = {0};
	struct str unit = {0};

	if (scan_byte(&at, '.')) {
		fraction = scan_while(&at, digits);
		if (fraction.len == 0)
			return false;
	}
	if (whole.len + fraction.len == 0 || whole.len > 5 || fraction.len > 8)
		return false;
	if (whole.len == 5 && str_compare(whole, STR("10000")) > 0)
		return false;
	unit = scan_byte(&at, '%') ? STR("%") : scan_while(&at, name_rest);
	if (!is_one_of(unit, units, sizeof(units) / sizeof(units[0])))
		return false;
	buf_add(out, whole.len > 0 ? whole : STR("0"));
	if (fraction.len > 0) {
		buf_add_byte(out, '.');
		buf_add(out, fraction);
	}
	add_lower(out, unit);
	*scan = at;
	return true;
}

static bool
read_hash(struct scan *scan, struct buf *out)
{
	struct str hex = {0};

	if (!scan_byte(scan, '#'))
		return false;
	hex = scan_while(scan, hex_digits);
	if (hex.len != 3 && hex.len != 4 && hex.len != 6 && hex.len != 8)
		return false;
	buf_add_byte(out, '#');
	add_lower(out, hex);
	return true;
}

/* What stands in rgb( … ): numbers, commas, a slash. */
static bool
read_arguments(struct scan *scan, struct buf *out)
{
	bool is_first = true;

	for (unsigned i = 0; i < 12; i++) {
		(void)scan_while(scan, blanks);
		if (scan_byte(scan, ')')) {
			buf_add_byte(out, ')');
			return true;
		}
		if (scan_byte(scan, ',') || scan_byte(scan, '/')) {
			buf_add_byte(out, scan->in.ptr[scan->at - 1]);
			is_first = true;
			continue;
		}
		if (!is_first)
			buf_add_byte(out, ' ');
		if (!read_number(scan, out))
			return false;
		is_first = false;
	}
	return false;
}

static bool
read_name(struct scan *scan, struct buf *out)
{
	struct str name = scan_while(scan, name_rest);

	if (name.len == 0 || name.len > NAME_BYTES_MAX)
		return false;
	if (scan_byte(scan, '(')) {
		if (!is_one_of(name, colour_functions, 4))
			return false;
		add_lower(out, name);
		buf_add_byte(out, '(');
		return read_arguments(scan, out);
	}
	/* "--x" are custom properties' names; "-x" is no name of a value. */
	if (name.ptr[0] == '-' || scan_peek(scan) >= 0x80)
		return false;
	buf_add(out, name);
	return true;
}

/* Names of fonts: letters of any script, digits, blanks, few marks. */
static bool
read_string(struct scan *scan, struct buf *out)
{
	char quote = (char)scan_next(scan);
	struct str s = scan_until_byte(scan, quote);

	if (!scan_byte(scan, quote) || s.len > STRING_BYTES_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x80 && strchr(name_rest, (char)c) == NULL &&
		    c != ' ' && c != '.' && c != '+')
			return false;
	}
	buf_add_byte(out, '\'');
	buf_add(out, s);
	buf_add_byte(out, '\'');
	return true;
}

static bool
read_value(struct scan *scan, struct buf *out)
{
	int c = scan_peek(scan);

	if (c < 0 || c == '\0')
		return false;
	if (c == '#')
		return read_hash(scan, out);
	if (c == '\'' || c == '"')
		return read_string(scan, out);
	if ((c >= '0' && c <= '9') || c == '.')
		return read_number(scan, out);
	if (strchr(name_start, c) != NULL)
		return read_name(scan, out);
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
		if (!read_value(scan, out))
			return false;
		needs_blank = true;
		has_value = true;
	}
}

/* "background: <colour>" is what newsletters write for background-color. */
static struct str
canonical_property(struct str property, struct str value)
{
	if (str_eq(property, STR("background")) &&
	    str_find_byte(value, ' ', 0) == value.len &&
	    str_find_byte(value, '/', 0) == value.len)
		return STR("background-color");
	return property;
}

static void
clean_declaration(struct buf *out, struct str declaration)
{
	struct scan scan = scan_of(declaration);
	struct str name = str_trim(scan_until_byte(&scan, ':'));
	struct buf property;
	struct buf value;

	if (!scan_byte(&scan, ':') || name.len > NAME_BYTES_MAX)
		return;
	buf_init(&property, NAME_BYTES_MAX);
	buf_init(&value, VALUES_BYTES_MAX);
	add_lower(&property, name);
	if (read_values(&scan, &value) && value.failed == ERR_OK) {
		struct str canonical =
		    canonical_property(buf_str(&property), buf_str(&value));
		if (is_property(canonical)) {
			if (out->len > 0)
				buf_add_byte(out, ';');
			buf_add(out, canonical);
			buf_add_byte(out, ':');
			buf_add(out, buf_str(&value));
		}
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
