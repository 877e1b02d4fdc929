#include "mime/html_css_value.h"

#define NAME_BYTES_MAX   40u
#define STRING_BYTES_MAX 80u

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

void
html_css_value_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		buf_add_byte(
		    out, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
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
	html_css_value_lower(out, unit);
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
	html_css_value_lower(out, hex);
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
		html_css_value_lower(out, name);
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

bool
html_css_value_read(struct scan *scan, struct buf *out)
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
