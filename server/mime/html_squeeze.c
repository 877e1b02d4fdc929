#include "mime/html_squeeze.h"

#include "base/scan.h"

/*
 * HTML Standard, 13.2.5, as far as it is needed to know in which state the
 * parser's tokenizer is. A run may stand for its bytes wherever each of them
 * would only be appended: in the data and RAWTEXT states all but "<" and "&",
 * in a quoted value all but the quote and "&". It begins with something else
 * than a blank, as the tree builder tells those apart. Where the tokenizer
 * depends on the tree (foreign content, select, framesets, scripts with
 * comments in them), the rest is left as it is.
 */
#define OUT_BYTES_MAX (SIZE_MAX / 4)

static const char blanks[] = " \t\n\f\r";

enum tag_kind {
	TAG_PLAIN,
	TAG_RAW,    /* text up to its end tag */
	TAG_SCRIPT, /* the same, if no comment is in it */
	TAG_STOP    /* the rest cannot be followed */
};

static const struct {
	struct str name;
	enum tag_kind kind;
} tags[] = {
    {{"frameset", 8}, TAG_STOP},
    {{"iframe", 6}, TAG_RAW},
    {{"math", 4}, TAG_STOP},
    {{"noembed", 7}, TAG_RAW},
    {{"noframes", 8}, TAG_RAW},
    {{"plaintext", 9}, TAG_STOP},
    {{"script", 6}, TAG_SCRIPT},
    {{"select", 6}, TAG_STOP},
    {{"style", 5}, TAG_RAW},
    {{"svg", 3}, TAG_STOP},
    {{"textarea", 8}, TAG_RAW},
    {{"title", 5}, TAG_RAW},
    {{"xmp", 3}, TAG_RAW},
};

static enum tag_kind
kind_of(struct str name)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (name.len == tags[i].name.len &&
		    str_eq_nocase(name, tags[i].name))
			return tags[i].kind;
	}
	return TAG_PLAIN;
}

/* ---- the tokenizer ---- */

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
copy_from(struct html_squeeze *squeeze, const struct scan *scan, size_t from)
{
	buf_add(&squeeze->out, str_slice(scan->in, from, scan->at));
}

/* "&" and what may belong to its name or number. */
static void
copy_reference(struct html_squeeze *squeeze, struct scan *scan)
{
	size_t from = scan->at;
	int c = scan_next(scan);

	c = scan_peek(scan);
	while (is_letter(c) || (c >= '0' && c <= '9') || c == '#') {
		(void)scan_next(scan);
		c = scan_peek(scan);
	}
	(void)scan_byte(scan, ';');
	copy_from(squeeze, scan, from);
}

/* Text up to the next "<". */
static void
squeeze_text(struct html_squeeze *squeeze, struct scan *scan)
{
	struct str text =
	    str_slice(scan->in, 0, str_find_byte(scan->in, '<', scan->at));

	while (scan->at < text.len) {
		size_t from = scan->at;
		(void)scan_while(scan, blanks);
		copy_from(squeeze, scan, from);
		from = scan->at;
		scan->at = str_find_byte(text, '&', from);
		html_runs_add_text(&squeeze->runs, &squeeze->out,
		    str_slice(scan->in, from, scan->at));
		if (scan->at < text.len)
			copy_reference(squeeze, scan);
	}
}

/*
 * A quoted value, its first quote is read. Values that may be spelled in
 * several ways stay as they are where it matters whether they are equal.
 */
static void
squeeze_value(struct html_squeeze *squeeze, struct scan *scan, char quote,
    bool is_compared)
{
	size_t from = scan->at;
	struct str value =
	    str_slice(scan->in, 0, str_find_byte(scan->in, quote, from));

	while (scan->at < value.len) {
		size_t start = scan->at;
		scan->at = str_find_byte(value, '&', start);
		if (is_compared && scan->at < value.len) {
			scan->at = value.len;
			copy_from(squeeze, scan, start);
			break;
		}
		html_runs_add_value(&squeeze->runs, &squeeze->out,
		    str_slice(scan->in, start, scan->at));
		if (scan->at < value.len)
			copy_reference(squeeze, scan);
	}
	if (scan_byte(scan, quote))
		buf_add_byte(&squeeze->out, quote);
}

/*
 * One attribute; the cursor stands on its first byte. Returns up to where the
 * source was copied: from `from` as far as it stays as it is.
 */
static size_t
squeeze_attribute(struct html_squeeze *squeeze, struct scan *scan, size_t from,
    bool is_compared)
{
	int quote = 0;

	(void)scan_next(scan); /* even a "=" begins a name */
	(void)scan_until(scan, " \t\n\f/>=");
	(void)scan_while(scan, blanks);
	if (!scan_byte(scan, '='))
		return from;
	(void)scan_while(scan, blanks);
	quote = scan_peek(scan);
	if (quote == '"' || quote == '\'') {
		(void)scan_next(scan);
		copy_from(squeeze, scan, from);
		squeeze_value(squeeze, scan, (char)quote, is_compared);
		return scan->at;
	}
	(void)scan_until(scan, " \t\n\f>");
	return from;
}

/* Does the tree builder compare its attributes with those of others? */
static bool
is_formatting(struct str name)
{
	static const struct str names[] = {{"b", 1}, {"big", 3}, {"code", 4},
	    {"em", 2}, {"font", 4}, {"i", 1}, {"nobr", 4}, {"s", 1},
	    {"small", 5}, {"strike", 6}, {"strong", 6}, {"tt", 2}, {"u", 1}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (name.len == names[i].len && str_eq_nocase(name, names[i]))
			return true;
	}
	return false;
}

/* The cursor stands behind "<" or "</", on a letter. */
static struct str
squeeze_tag(struct html_squeeze *squeeze, struct scan *scan)
{
	size_t from = scan->at;
	struct str name = scan_until(scan, " \t\n\f/>");
	bool is_compared = false;
	bool is_known = false;

	while (!scan_end(scan) && !scan_byte(scan, '>')) {
		(void)scan_while(scan, " \t\n\f\r/");
		if (scan_end(scan) || scan_peek(scan) == '>')
			continue;
		if (!is_known)
			is_compared = is_formatting(name);
		is_known = true;
		from = squeeze_attribute(squeeze, scan, from, is_compared);
	}
	copy_from(squeeze, scan, from);
	return name;
}

/* "<!--": nobody looks at comments, but that one stands here matters. */
static bool
squeeze_comment(struct html_squeeze *squeeze, struct scan *scan)
{
	size_t open = scan->at;
	size_t end = str_find(scan->in, STR("-->"), open + 2);
	size_t odd =
	    str_find(str_slice(scan->in, 0, end), STR("--!"), open + 4);

	if (odd < end)
		return false;
	buf_add(&squeeze->out, STR("<!---->"));
	scan->at = end + 3 < scan->in.len ? end + 3 : scan->in.len;
	return true;
}

/* RAWTEXT or RCDATA: nothing but this element's end tag is one. */
static bool
squeeze_raw(
    struct html_squeeze *squeeze, struct scan *scan, struct str name, bool runs)
{
	while (!scan_end(scan)) {
		struct str rest = {0};
		squeeze_text(squeeze, scan);
		rest = scan_rest(scan);
		if (str_starts(rest, STR("</")) &&
		    str_starts_nocase(str_slice(rest, 2, rest.len), name) &&
		    rest.len > name.len + 2 &&
		    strchr(" \t\n\f/>", rest.ptr[name.len + 2]) != NULL)
			return true;
		if (!runs && str_starts(rest, STR("<!")))
			return false;
		if (scan_byte(scan, '<'))
			buf_add_byte(&squeeze->out, '<');
	}
	return true;
}

/* What begins with "<"; false: from here on it cannot be followed. */
static bool
squeeze_markup(struct html_squeeze *squeeze, struct scan *scan)
{
	size_t from = scan->at;
	int next = scan_peek_at(scan, 1);
	enum tag_kind kind;
	struct str name = {0};

	if (str_starts(scan_rest(scan), STR("<!--")))
		return squeeze_comment(squeeze, scan);
	if (next == '!' || next == '?' ||
	    (next == '/' && !is_letter(scan_peek_at(scan, 2)))) {
		(void)scan_until_byte(scan, '>');
		(void)scan_byte(scan, '>');
		copy_from(squeeze, scan, from);
		return true;
	}
	if (next == '/') {
		(void)scan_take(scan, 2);
		copy_from(squeeze, scan, from);
		(void)squeeze_tag(squeeze, scan);
		return true;
	}
	(void)scan_next(scan);
	copy_from(squeeze, scan, from);
	if (!is_letter(next))
		return true;
	name = squeeze_tag(squeeze, scan);
	kind = kind_of(name);
	if (kind == TAG_STOP || str_eq_nocase(name, STR("style")))
		squeeze->may_have_style = true;
	if (kind == TAG_RAW || kind == TAG_SCRIPT)
		return squeeze_raw(squeeze, scan, name, kind == TAG_RAW);
	return kind != TAG_STOP;
}

/* ---- */

/* "#xF0000" or "#983040" and above. */
static bool
is_private_number(struct str s)
{
	struct scan scan = scan_of(s);
	uint32_t base = 10;
	uint32_t number = 0;

	if (!scan_byte(&scan, '#'))
		return false;
	if (scan_byte(&scan, 'x') || scan_byte(&scan, 'X'))
		base = 16;
	while (number < 0xf0000) {
		int c = scan_next(&scan);
		if (c >= '0' && c <= '9')
			number = number * base + (uint32_t)(c - '0');
		else if (base == 16 && is_letter(c) && (c | 0x20) <= 'f')
			number =
			    number * base + (uint32_t)(c | 0x20) - 'a' + 10;
		else
			return false;
	}
	return true;
}

/* Characters of planes 15 and 16, which begin with these bytes. */
static bool
has_private(struct str s)
{
	if (str_find_byte(s, '\xf3', 0) < s.len ||
	    str_find_byte(s, '\xf4', 0) < s.len)
		return true;
	for (size_t at = 0; at < s.len; at++) {
		at = str_find_byte(s, '&', at);
		if (is_private_number(str_slice(s, at + 1, s.len)))
			return true;
	}
	return false;
}

void
html_squeeze_init(struct html_squeeze *squeeze, struct str source)
{
	struct scan scan = scan_of(source);
	bool is_followed = !has_private(source);

	memset(squeeze, 0, sizeof(*squeeze));
	squeeze->source = source;
	buf_init(&squeeze->out, OUT_BYTES_MAX);
	while (is_followed && !scan_end(&scan)) {
		squeeze_text(squeeze, &scan);
		if (!scan_end(&scan))
			is_followed = squeeze_markup(squeeze, &scan);
	}
	if (!is_followed)
		squeeze->may_have_style = true;
	buf_add(&squeeze->out, scan_rest(&scan));
}

void
html_squeeze_end(struct html_squeeze *squeeze)
{
	buf_free(&squeeze->out);
	html_runs_end(&squeeze->runs);
}

struct str
html_squeeze_text(const struct html_squeeze *squeeze)
{
	if (squeeze->runs.count == 0 || squeeze->out.failed != ERR_OK)
		return squeeze->source;
	return buf_str(&squeeze->out);
}
