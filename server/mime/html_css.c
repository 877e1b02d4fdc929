#include "mime/html_css.h"

#include "base/scan.h"

#include "mime/html_css_colour.h"
#include "mime/html_css_value.h"

/*
 * A grammar of what is allowed, not a list of what is not:
 *
 *   declaration = property ":" value *( [ "," / "/" ] value ) [ "!important" ]
 *
 * It is read token by token, as browsers read it, and written anew. A
 * declaration with anything else in it is left out whole; so url(),
 * image-set(), var(), attr(), expression() and their escaped spellings are
 * never written.
 */
#define STYLE_BYTES_MAX ((size_t)32 << 10)
#define VALUE_BYTES_MAX 400u

struct reader {
	struct html_css_scan *scan;
	struct html_css_token token; /* the one that is looked at */
	bool is_block;
	struct html_css_facts *facts;
};

static void
next(struct reader *reader)
{
	html_css_token_next(reader->scan, &reader->token);
}

static void
next_mark(struct reader *reader)
{
	do
		next(reader);
	while (reader->token.kind == HTML_CSS_BLANK);
}

static bool
is_end(const struct reader *reader)
{
	const struct html_css_token *token = &reader->token;

	return token->kind == HTML_CSS_END ||
	       html_css_token_delim(token, ';') ||
	       (reader->is_block && html_css_token_delim(token, '}'));
}

/* Through what is nested in it, if it opens something. */
static void
pass_over(struct reader *reader)
{
	const struct html_css_token *token = &reader->token;

	if (token->kind == HTML_CSS_FUNCTION ||
	    html_css_token_delim(token, '(') ||
	    html_css_token_delim(token, '[') ||
	    html_css_token_delim(token, '{'))
		(void)html_css_token_skip(reader->scan, token);
}

static void
pass_rest(struct reader *reader)
{
	while (!is_end(reader)) {
		pass_over(reader);
		next(reader);
	}
}

/* Would it make a browser ask a server? */
static bool
is_loading(const struct html_css_token *token)
{
	static const char *const functions[] = {"url", "image", "image-set",
	    "-webkit-image-set", "src", "cross-fade", "-webkit-cross-fade"};

	if (token->kind == HTML_CSS_URL)
		return true;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (token->kind == HTML_CSS_FUNCTION &&
		    html_css_token_is(token, functions[i]))
			return true;
	}
	return false;
}

/* "!" is read: "important" and the end must follow. */
static bool
read_important(struct reader *reader, struct buf *out)
{
	next_mark(reader);
	if (reader->token.kind != HTML_CSS_IDENT ||
	    !html_css_token_is(&reader->token, "important"))
		return false;
	buf_add(out, STR("!important"));
	next_mark(reader);
	return is_end(reader);
}

/* Leaves the cursor at the end of the declaration, or where it went wrong. */
static bool
read_values(struct reader *reader, const struct html_css_property *property,
    struct buf *out)
{
	bool is_after_value = false;

	for (next_mark(reader); !is_end(reader); next_mark(reader)) {
		const struct html_css_token *token = &reader->token;
		if (html_css_token_delim(token, '!'))
			return is_after_value && read_important(reader, out);
		if ((html_css_token_delim(token, ',') &&
		        (property->forms & HTML_CSS_COMMAS) != 0) ||
		    (html_css_token_delim(token, '/') &&
		        (property->forms & HTML_CSS_SLASH) != 0)) {
			if (!is_after_value)
				return false;
			buf_add_byte(out, token->delim);
			is_after_value = false;
			continue;
		}
		reader->facts->loads += is_loading(token);
		if (is_after_value)
			buf_add_byte(out, ' ');
		if (!html_css_value_add(out, property, reader->scan, token)) {
			/* It is passed over already, whatever it opened. */
			next(reader);
			return false;
		}
		is_after_value = true;
	}
	return is_after_value;
}

/* ---- backgrounds ---- */

static bool
is_gradient(const struct html_css_token *token)
{
	return token->kind == HTML_CSS_FUNCTION &&
	       str_ends(html_css_token_text(token), STR("gradient"));
}

static bool
add_colour(struct reader *reader, struct buf *out)
{
	const struct html_css_token *token = &reader->token;
	struct str text = html_css_token_text(token);
	size_t before = out->len;

	if (token->kind == HTML_CSS_IDENT &&
	    html_colour_read(text).state == HTML_COLOUR_KNOWN)
		buf_add(out, text);
	else if ((token->kind != HTML_CSS_HASH ||
	             !html_css_colour_hash(out, text)) &&
	         (token->kind != HTML_CSS_FUNCTION ||
	             !html_css_colour_function(out, reader->scan, token)))
		out->len = before;
	return out->len > before;
}

/*
 * Newsletters write "background: #fff url(…) no-repeat": the colour is kept,
 * or white text would stand on white; of a gradient its first.
 */
static bool
read_background(struct reader *reader, struct buf *out)
{
	size_t depth = 0;
	bool has_colour = false;

	for (next_mark(reader); !is_end(reader); next_mark(reader)) {
		size_t before = out->len;
		if (html_css_token_delim(&reader->token, '!'))
			return has_colour && read_important(reader, out);
		reader->facts->loads += is_loading(&reader->token);
		if (reader->token.kind == HTML_CSS_DELIM &&
		    strchr("{}[]", reader->token.delim) != NULL)
			return false;
		if (is_gradient(&reader->token)) {
			depth++;
		} else if (html_css_token_delim(&reader->token, ')')) {
			if (depth == 0)
				return false;
			depth--;
		} else if (!has_colour) {
			has_colour = add_colour(reader, out);
		} else if (!add_colour(reader, out) &&
		           reader->token.kind != HTML_CSS_FUNCTION) {
			pass_over(reader);
		} else {
			out->len = before; /* only the first is meant */
		}
	}
	return has_colour && depth == 0;
}

/* ---- what it means ---- */

/* At most one pixel; of units that depend on something only nothing. */
static bool
is_tiny(struct str value)
{
	size_t end = str_find_byte(value, '!', 0);
	struct scan scan = scan_of(str_slice(value, 0, end));
	struct str whole = scan_while(&scan, "0123456789");
	struct str part = {0};
	struct str unit = {0};
	bool is_zero;

	if (scan_byte(&scan, '.'))
		part = scan_while(&scan, "0123456789");
	unit = scan_rest(&scan);
	for (size_t i = 0; i < part.len; i++) {
		if (part.ptr[i] == '0')
			continue;
		return str_eq(whole, STR("0")) &&
		       (str_eq(unit, STR("px")) || str_eq(unit, STR("pt")));
	}
	is_zero = str_eq(whole, STR("0"));
	return is_zero || (str_eq(whole, STR("1")) && str_eq(unit, STR("px")));
}

/* What is there without it; Outlook writes the window's colours. */
static bool
is_neutral(struct str value)
{
	static const char *const names[] = {
	    "inherit", "unset", "currentcolor", "windowtext", "window"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_nocase(value, str_c(names[i])))
			return true;
	}
	return false;
}

static struct html_colour
colour_of(struct str value)
{
	struct html_colour colour = {.state = HTML_COLOUR_KNOWN, .alpha = 255};
	uint8_t *const parts[] = {&colour.red, &colour.green, &colour.blue};
	bool has_alpha = str_starts(value, STR("rgba("));
	size_t part = 0;

	value = str_slice(value, 0, str_find_byte(value, '!', 0));
	if (is_neutral(value))
		return (struct html_colour){0};
	if (!has_alpha && !str_starts(value, STR("rgb(")))
		return html_colour_read(value);
	for (size_t at = has_alpha ? 5 : 4; at < value.len; at++) {
		char c = value.ptr[at];
		if (c == ',')
			part++;
		else if (part < 3 && c >= '0' && c <= '9')
			*parts[part] = (uint8_t)(*parts[part] * 10 + (c - '0'));
	}
	if (has_alpha && str_ends(value, STR(",0)")))
		colour.alpha = 0;
	else if (has_alpha && !str_ends(value, STR(",1)")))
		colour.state = HTML_COLOUR_ODD;
	return colour;
}

/* "24px", "18pt", "2em": from this size on less contrast will do. */
static bool
is_large(struct str value)
{
	uint32_t number = 0;
	size_t at = 0;

	for (; at < value.len && value.ptr[at] >= '0' && value.ptr[at] <= '9' &&
	       number < 10000;
	     at++)
		number = number * 10 + (uint32_t)(value.ptr[at] - '0');
	value = str_slice(value, at, value.len);
	return (number >= 24 && str_starts(value, STR("px"))) ||
	       (number >= 18 && str_starts(value, STR("pt")));
}

static void
note_size(struct str value, bool *is_small, bool *is_empty)
{
	*is_small |= is_tiny(value);
	*is_empty |= is_tiny(value) && str_starts(value, STR("0"));
}

static void
note(struct html_css_facts *facts, struct str name, struct str value)
{
	if (str_eq(name, STR("color")))
		facts->text = colour_of(value);
	else if (str_eq(name, STR("background-color")))
		facts->background = colour_of(value);
	else if (str_eq(name, STR("width")) || str_eq(name, STR("max-width")))
		note_size(value, &facts->is_narrow, &facts->is_empty);
	else if (str_eq(name, STR("height")) || str_eq(name, STR("max-height")))
		note_size(value, &facts->is_low, &facts->is_empty);
	else if (str_eq(name, STR("display")))
		facts->is_hidden |= str_starts_nocase(value, STR("none"));
	else if (str_eq(name, STR("visibility")))
		facts->is_hidden |= str_starts_nocase(value, STR("hidden"));
	else if (str_eq(name, STR("opacity")))
		facts->is_hidden |= is_tiny(value);
	else if (str_eq(name, STR("font-size"))) {
		facts->has_size = true;
		facts->is_large = is_large(value);
	}
}

/* ---- declarations ---- */

/* The cursor stands on a name; afterwards on what ends the declaration. */
static void
read_declaration(struct reader *reader, struct buf *out, size_t start)
{
	struct str name = html_css_token_text(&reader->token);
	const struct html_css_property *property = html_css_property_find(name);
	bool is_background = html_css_token_is(&reader->token, "background");
	size_t before = out->len;
	size_t value = 0;
	bool is_good = false;

	next_mark(reader);
	if (!html_css_token_delim(&reader->token, ':'))
		return;
	if (is_background)
		property = html_css_property_find(STR("background-color"));
	if (out->len > start)
		buf_add_byte(out, ';');
	if (property != NULL) {
		buf_add_c(out, property->name);
		buf_add_byte(out, ':');
		value = out->len;
		is_good = is_background ? read_background(reader, out)
		                        : read_values(reader, property, out);
		is_good = is_good && out->len - value <= VALUE_BYTES_MAX;
	} else {
		for (next(reader); !is_end(reader); next(reader)) {
			reader->facts->loads += is_loading(&reader->token);
			pass_over(reader);
		}
	}
	if (is_good)
		note(reader->facts, str_c(property->name),
		    str_slice(buf_str(out), value, out->len));
	else
		out->len = before;
}

static void
read_declarations(struct reader *reader, struct buf *out)
{
	size_t start = out->len;

	for (next(reader);; next(reader)) {
		if (reader->token.kind == HTML_CSS_BLANK)
			continue;
		if (reader->token.kind == HTML_CSS_IDENT)
			read_declaration(reader, out, start);
		pass_rest(reader);
		if (!html_css_token_delim(&reader->token, ';'))
			return;
	}
}

void
html_css_clean(struct buf *out, struct str style, struct html_css_facts *facts)
{
	struct html_css_scan scan = {.css = style};
	struct reader reader = {.scan = &scan, .facts = facts};

	if (style.len > 0 && style.len <= STYLE_BYTES_MAX)
		read_declarations(&reader, out);
}

void
html_css_block(
    struct buf *out, struct html_css_scan *scan, struct html_css_facts *facts)
{
	struct reader reader = {.scan = scan, .is_block = true, .facts = facts};

	read_declarations(&reader, out);
}
