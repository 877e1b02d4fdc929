#include "mime/html_css_value.h"

#include "mime/html_css_colour.h"

#define PERCENT_MIN      (-20)
#define PERCENT_MAX      1000
#define WORD_BYTES_MAX   40u
#define STRING_BYTES_MAX 80u

/* How many pixels one is, in thousandths, about. */
static const struct {
	const char *name;
	int64_t pixels;
} units[] = {{"px", 1000}, {"em", 16000}, {"pt", 1333}, {"rem", 16000},
    {"ex", 8000}, {"ch", 8000}, {"in", 96000}, {"cm", 37795}, {"mm", 3780},
    {"pc", 16000}, {"vw", 10000}, {"vh", 10000}};

/* ---- numbers ---- */

static bool
is_between(int64_t value, int64_t min, int64_t max)
{
	return value >= min * 1000 && value <= max * 1000;
}

static bool
add_percent(struct buf *out, const struct html_css_property *property,
    const struct html_css_token *token)
{
	if ((property->forms & HTML_CSS_LENGTHS) == 0 ||
	    !is_between(token->thousandths, property->min < 0 ? PERCENT_MIN : 0,
	        PERCENT_MAX))
		return false;
	html_css_colour_number(out, token->thousandths);
	buf_add_byte(out, '%');
	return true;
}

static bool
add_length(struct buf *out, const struct html_css_property *property,
    const struct html_css_token *token)
{
	if ((property->forms & HTML_CSS_LENGTHS) == 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!html_css_token_is(token, units[i].name))
			continue;
		if (!is_between(token->thousandths * units[i].pixels / 1000,
		        property->min, property->max))
			return false;
		html_css_colour_number(out, token->thousandths);
		buf_add_c(out, units[i].name);
		return true;
	}
	return false;
}

/* Where a length is wanted, a number is one of pixels, as in quirks mode. */
static bool
add_count(struct buf *out, const struct html_css_property *property,
    const struct html_css_token *token)
{
	int64_t value = token->thousandths;

	if ((property->forms & HTML_CSS_NUMBERS) != 0 &&
	    is_between(value, 0, 1000)) {
		html_css_colour_number(out, value);
		return true;
	}
	if ((property->forms & HTML_CSS_LENGTHS) == 0 ||
	    !is_between(value, property->min, property->max))
		return false;
	html_css_colour_number(out, value);
	if (value != 0)
		buf_add(out, STR("px"));
	return true;
}

/* ---- names ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* In fonts' names: letters of any script; blanks and few marks in quotes. */
static bool
is_font_name(struct str s, const char *marks)
{
	for (size_t at = 0; at < s.len;) {
		uint32_t c = text_next(s, &at);
		if (c < 0x80 ? !is_letter((char)c) && c != '-' && c != '_' &&
		                   (c == 0 || strchr(marks, (char)c) == NULL)
		             : c < 0xa0)
			return false;
	}
	return s.len > 0 && s.len <= STRING_BYTES_MAX;
}

static bool
add_word(
    struct buf *out, const struct html_css_property *property, struct str word)
{
	if ((property->forms & HTML_CSS_FONTS) != 0) {
		bool is_name = word.len > 0 &&
		               (word.ptr[0] < '0' || word.ptr[0] > '9') &&
		               !str_starts(word, STR("--")) &&
		               is_font_name(word, "0123456789");
		buf_add(out, word);
		return is_name && !str_eq(word, STR("-")) &&
		       !(word.ptr[0] == '-' && word.len > 1 &&
		           !is_letter(word.ptr[1]));
	}
	if ((property->forms & HTML_CSS_WORDS) == 0 ||
	    word.len > WORD_BYTES_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (!is_letter(word.ptr[i]) && (word.ptr[i] != '-' || i == 0))
			return false;
	}
	buf_add(out, word);
	return true;
}

static bool
add_string(struct buf *out, const struct html_css_property *property,
    struct str string)
{
	if ((property->forms & HTML_CSS_FONTS) == 0 ||
	    !is_font_name(string, "0123456789 .+"))
		return false;
	buf_add_byte(out, '\'');
	buf_add(out, string);
	buf_add_byte(out, '\'');
	return true;
}

/* ---- */

static bool
is_coloured(const struct html_css_property *property)
{
	return (property->forms & HTML_CSS_COLOURS) != 0;
}

static bool
is_bracket(const struct html_css_token *token)
{
	return html_css_token_delim(token, '(') ||
	       html_css_token_delim(token, '[') ||
	       html_css_token_delim(token, '{');
}

bool
html_css_value_add(struct buf *out, const struct html_css_property *property,
    struct html_css_scan *scan, const struct html_css_token *token)
{
	switch (token->kind) {
	case HTML_CSS_IDENT:
		return add_word(out, property, html_css_token_text(token));
	case HTML_CSS_STRING:
		return add_string(out, property, html_css_token_text(token));
	case HTML_CSS_HASH:
		return is_coloured(property) &&
		       html_css_colour_hash(out, html_css_token_text(token));
	case HTML_CSS_NUMBER:
		return !token->is_bad_number && add_count(out, property, token);
	case HTML_CSS_PERCENT:
		return !token->is_bad_number &&
		       add_percent(out, property, token);
	case HTML_CSS_DIMENSION:
		return !token->is_bad_number &&
		       add_length(out, property, token);
	case HTML_CSS_FUNCTION:
		if (is_coloured(property))
			return html_css_colour_function(out, scan, token);
		(void)html_css_token_skip(scan, token);
		return false;
	case HTML_CSS_DELIM:
		if (is_bracket(token))
			(void)html_css_token_skip(scan, token);
		return false;
	case HTML_CSS_END:
	case HTML_CSS_BLANK:
	case HTML_CSS_AT:
	case HTML_CSS_URL:
	case HTML_CSS_BAD:
	default:
		return false;
	}
}
