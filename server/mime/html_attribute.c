#include "mime/html_attribute.h"

#include "mime/html_name.h"

/* ---- elements ---- */

/*
 * Sorted. HTML_DROP is for what runs, loads, or is read as raw text by some
 * parser and as elements by another; forms and everything unknown lose their
 * tags only.
 */
static const struct {
	const char *name;
	enum html_rule rule;
} elements[] = {
    {"a", HTML_KEEP},
    {"abbr", HTML_KEEP},
    {"acronym", HTML_KEEP},
    {"address", HTML_KEEP},
    {"applet", HTML_DROP},
    {"area", HTML_DROP},
    {"article", HTML_KEEP},
    {"aside", HTML_KEEP},
    {"audio", HTML_DROP},
    {"b", HTML_KEEP},
    {"base", HTML_DROP},
    {"basefont", HTML_DROP},
    {"bdi", HTML_KEEP},
    {"bdo", HTML_KEEP},
    {"bgsound", HTML_DROP},
    {"big", HTML_KEEP},
    {"blockquote", HTML_KEEP},
    {"br", HTML_VOID},
    {"button", HTML_UNWRAP},
    {"canvas", HTML_DROP},
    {"caption", HTML_KEEP},
    {"center", HTML_KEEP},
    {"cite", HTML_KEEP},
    {"code", HTML_KEEP},
    {"col", HTML_VOID},
    {"colgroup", HTML_KEEP},
    {"command", HTML_DROP},
    {"datalist", HTML_DROP},
    {"dd", HTML_KEEP},
    {"del", HTML_KEEP},
    {"details", HTML_KEEP},
    {"dfn", HTML_KEEP},
    {"dir", HTML_KEEP},
    {"div", HTML_KEEP},
    {"dl", HTML_KEEP},
    {"dt", HTML_KEEP},
    {"em", HTML_KEEP},
    {"embed", HTML_DROP},
    {"figcaption", HTML_KEEP},
    {"figure", HTML_KEEP},
    {"font", HTML_KEEP},
    {"footer", HTML_KEEP},
    {"frame", HTML_DROP},
    {"frameset", HTML_DROP},
    {"h1", HTML_KEEP},
    {"h2", HTML_KEEP},
    {"h3", HTML_KEEP},
    {"h4", HTML_KEEP},
    {"h5", HTML_KEEP},
    {"h6", HTML_KEEP},
    {"head", HTML_DROP},
    {"header", HTML_KEEP},
    {"hr", HTML_VOID},
    {"i", HTML_KEEP},
    {"iframe", HTML_DROP},
    {"image", HTML_DROP},
    {"img", HTML_VOID},
    {"input", HTML_DROP},
    {"ins", HTML_KEEP},
    {"isindex", HTML_DROP},
    {"kbd", HTML_KEEP},
    {"keygen", HTML_DROP},
    {"li", HTML_KEEP},
    {"link", HTML_DROP},
    {"listing", HTML_DROP},
    {"main", HTML_KEEP},
    {"map", HTML_DROP},
    {"mark", HTML_KEEP},
    {"math", HTML_DROP},
    {"menuitem", HTML_DROP},
    {"meta", HTML_DROP},
    {"nav", HTML_KEEP},
    {"noembed", HTML_DROP},
    {"noframes", HTML_DROP},
    {"noscript", HTML_DROP},
    {"object", HTML_DROP},
    {"ol", HTML_KEEP},
    {"optgroup", HTML_DROP},
    {"option", HTML_DROP},
    {"p", HTML_KEEP},
    {"param", HTML_DROP},
    {"picture", HTML_UNWRAP},
    {"plaintext", HTML_DROP},
    {"portal", HTML_DROP},
    {"pre", HTML_KEEP},
    {"q", HTML_KEEP},
    {"s", HTML_KEEP},
    {"samp", HTML_KEEP},
    {"script", HTML_DROP},
    {"section", HTML_KEEP},
    {"select", HTML_DROP},
    {"slot", HTML_DROP},
    {"small", HTML_KEEP},
    {"source", HTML_DROP},
    {"span", HTML_KEEP},
    {"strike", HTML_KEEP},
    {"strong", HTML_KEEP},
    {"style", HTML_DROP},
    {"sub", HTML_KEEP},
    {"summary", HTML_KEEP},
    {"sup", HTML_KEEP},
    {"svg", HTML_DROP},
    {"table", HTML_KEEP},
    {"tbody", HTML_KEEP},
    {"td", HTML_KEEP},
    {"template", HTML_DROP},
    {"textarea", HTML_DROP},
    {"tfoot", HTML_KEEP},
    {"th", HTML_KEEP},
    {"thead", HTML_KEEP},
    {"title", HTML_DROP},
    {"tr", HTML_KEEP},
    {"track", HTML_DROP},
    {"tt", HTML_KEEP},
    {"u", HTML_KEEP},
    {"ul", HTML_KEEP},
    {"var", HTML_KEEP},
    {"video", HTML_DROP},
    {"wbr", HTML_VOID},
    {"xmp", HTML_DROP},
};

enum html_rule
html_attribute_element(struct str element)
{
	size_t from = 0;
	size_t to = sizeof(elements) / sizeof(elements[0]);

	while (from < to) {
		size_t middle = (from + to) / 2;
		int order = str_compare(element, str_c(elements[middle].name));
		if (order == 0)
			return elements[middle].rule;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return HTML_UNWRAP;
}

/* ---- values ---- */

#define TEXT_BYTES_MAX 1000u
#define FACE_BYTES_MAX 200u
#define WORD_BYTES_MAX 30u

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Words of the language: "center", "ltr", "en-GB", "A". */
static bool
clean_word(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!is_letter(value.ptr[i]) && !is_digit(value.ptr[i]) &&
		    value.ptr[i] != '-')
			return false;
	}
	buf_add(out, value);
	return value.len > 0 && value.len <= WORD_BYTES_MAX;
}

/* "red", "#ff0000", and what browsers make of "ff0000". */
static bool
clean_colour(struct buf *out, struct str value)
{
	bool has_hash = str_starts(value, STR("#"));

	if (has_hash)
		buf_add_byte(out, '#');
	return clean_word(
	    out, has_hash ? str_slice(value, 1, value.len) : value);
}

/* Up to four digits, then perhaps "%" or "px". */
static bool
clean_length(struct buf *out, struct str value)
{
	size_t count = 0;
	struct str unit = {0};

	while (count < value.len && is_digit(value.ptr[count]))
		count++;
	unit = str_trim(str_slice(value, count, value.len));
	buf_add(out, str_slice(value, 0, count));
	if (str_eq(unit, STR("%")))
		buf_add_byte(out, '%');
	else if (unit.len > 0 && !str_eq_nocase(unit, STR("px")))
		return false;
	return count > 0 && count <= 4;
}

/* Tables that only lay out say so to screen readers. */
static bool
clean_role(struct buf *out, struct str value)
{
	buf_add(out, value);
	return str_eq(value, STR("presentation")) || str_eq(value, STR("none"));
}

/* Columns and rows: a large number costs the browser, not us. */
static bool
clean_count(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(value.ptr[i]))
			return false;
	}
	buf_add(out, value);
	return value.len > 0 && value.len <= 3;
}

/* "3", "+1", "-2" */
static bool
clean_font_size(struct buf *out, struct str value)
{
	size_t first =
	    value.len > 0 && (value.ptr[0] == '+' || value.ptr[0] == '-');

	if (value.len != first + 1 || !is_digit(value.ptr[first]))
		return false;
	buf_add(out, value);
	return true;
}

static bool
clean_face(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c < 0x80 && !is_letter((char)c) && !is_digit((char)c) &&
		    strchr(" ,'_-.", (char)c) == NULL)
			return false;
	}
	buf_add(out, value);
	return value.len > 0 && value.len <= FACE_BYTES_MAX;
}

static bool
clean_text(struct buf *out, struct str value)
{
	buf_add(out, value);
	return value.len > 0 && value.len <= TEXT_BYTES_MAX;
}

static bool
clean_flag(struct buf *out, struct str value)
{
	(void)out;
	(void)value;
	return true;
}

typedef bool clean_fn(struct buf *out, struct str value);

/* `elements` is a list between blanks; NULL: all of them. */
static const struct {
	const char *name;
	const char *elements;
	clean_fn *clean;
} attributes[] = {
    {"align", NULL, clean_word},
    {"alt", " img ", clean_text},
    {"bgcolor", " table td th tr tbody thead tfoot ", clean_colour},
    {"border", " table img ", clean_length},
    {"cellpadding", " table ", clean_length},
    {"cellspacing", " table ", clean_length},
    {"class", NULL, html_name_add_list},
    {"clear", " br ", clean_word},
    {"color", " font hr ", clean_colour},
    {"colspan", " td th ", clean_count},
    {"dir", NULL, clean_word},
    {"face", " font ", clean_face},
    {"height", " img table td th tr ", clean_length},
    {"hspace", " img ", clean_length},
    {"id", NULL, html_name_add},
    {"lang", NULL, clean_word},
    {"noshade", " hr ", clean_flag},
    {"nowrap", " td th ", clean_flag},
    {"open", " details ", clean_flag},
    {"reversed", " ol ", clean_flag},
    {"role", " table td tr img div ", clean_role},
    {"rowspan", " td th ", clean_count},
    {"rules", " table ", clean_word},
    {"scope", " th td ", clean_word},
    {"size", " font ", clean_font_size},
    {"size", " hr ", clean_length},
    {"span", " col colgroup ", clean_count},
    {"start", " ol ", clean_count},
    {"summary", " table ", clean_text},
    {"title", NULL, clean_text},
    {"type", " ol ul li ", clean_word},
    {"valign", NULL, clean_word},
    {"value", " li ", clean_count},
    {"vspace", " img ", clean_length},
    {"width", " img table td th col colgroup hr pre ", clean_length},
};

static bool
is_listed(const char *list, struct str element)
{
	struct str rest = str_c(list);

	if (list == NULL)
		return true;
	while (rest.len > 0) {
		if (str_eq(str_cut(&rest, ' '), element))
			return true;
	}
	return false;
}

bool
html_attribute_clean(
    struct buf *out, struct str element, struct str name, struct str value)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		size_t before = out->len;
		/* The first letter alone tells most of them apart. */
		if (name.len == 0 || name.ptr[0] != attributes[i].name[0] ||
		    !str_eq(name, str_c(attributes[i].name)) ||
		    !is_listed(attributes[i].elements, element))
			continue;
		if (attributes[i].clean(out, str_trim(value)))
			return out->failed == ERR_OK;
		out->len = before;
		return false;
	}
	return false;
}
