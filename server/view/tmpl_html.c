#include "view/tmpl_html.h"

/* Their content is not markup; only the end tag counts (HTML, 13.1.2). */
static const char *const tmpl_html_raw_elements[] = {"script", "style", "title",
    "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext", NULL};

static bool
tmpl_html_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static char
tmpl_html_lower(char c)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz";

	if (c >= 'A' && c <= 'Z')
		return small[(unsigned char)c - 'A'];
	return c;
}

static bool
tmpl_html_is_letter(char c)
{
	c = tmpl_html_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool
tmpl_html_is_name(char c)
{
	return tmpl_html_is_letter(c) || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_' || c == ':';
}

struct tmpl_html
tmpl_html_start(void)
{
	return (struct tmpl_html){
	    .state = TMPL_HTML_TEXT, .at_line_start = true};
}

bool
tmpl_html_is_text(const struct tmpl_html *html)
{
	return html->state == TMPL_HTML_TEXT;
}

static void
tmpl_html_name_start(struct tmpl_html *html, char *name)
{
	memset(name, 0, TMPL_HTML_NAME);
	html->name_at = 0;
}

static void
tmpl_html_name_add(struct tmpl_html *html, char *name, char c)
{
	if (html->name_at < TMPL_HTML_NAME - 1)
		name[html->name_at++] = tmpl_html_lower(c);
}

/* '>' ends the tag: into text, or into what the element holds. */
static void
tmpl_html_tag_end(struct tmpl_html *html)
{
	html->state = TMPL_HTML_TEXT;
	html->at_line_start = false;
	if (strcmp(html->element, "pre") == 0) {
		if (!html->is_end_tag)
			html->pre_depth++;
		else if (html->pre_depth > 0)
			html->pre_depth--;
	}
	if (!html->is_end_tag &&
	    tmpl_html_is_in(tmpl_html_raw_elements, html->element))
		html->state = TMPL_HTML_RAW;
}

static const char *
tmpl_html_text(struct tmpl_html *html, char c, struct buf *out)
{
	bool may_drop = html->at_line_start && html->pre_depth == 0;

	if (c == '<') {
		html->state = TMPL_HTML_OPEN;
		return NULL; /* written when we know what it opens */
	}
	if (c == '\r' || (may_drop && tmpl_html_is_space(c)))
		return NULL;
	html->at_line_start = c == '\n';
	buf_add_byte(out, c);
	return NULL;
}

static const char *
tmpl_html_open(struct tmpl_html *html, struct str rest, struct buf *out)
{
	char c = rest.ptr[0];

	html->is_end_tag = false;
	if (str_starts(rest, STR("!--"))) {
		html->state = TMPL_HTML_COMMENT;
		html->dashes = 0;
		return NULL;
	}
	buf_add_byte(out, '<');
	buf_add_byte(out, c);
	html->at_line_start = false;
	if (c == '!') {
		html->state = TMPL_HTML_MARKUP;
		return NULL;
	}
	tmpl_html_name_start(html, html->element);
	html->state = TMPL_HTML_TAG_NAME;
	if (tmpl_html_is_letter(c)) {
		tmpl_html_name_add(html, html->element, c);
		return NULL;
	}
	if (c == '/' && rest.len > 1 && tmpl_html_is_letter(rest.ptr[1])) {
		html->is_end_tag = true;
		return NULL;
	}
	return "a '<' that opens no tag; write &lt;";
}

/* Between the attributes. */
static const char *
tmpl_html_space(struct tmpl_html *html, char c)
{
	if (c == '>') {
		tmpl_html_tag_end(html);
		return NULL;
	}
	if (tmpl_html_is_space(c) || c == '/') {
		html->state = TMPL_HTML_SPACE;
		return NULL;
	}
	if (html->state == TMPL_HTML_JOIN)
		return "a space is missing behind a section or a value";
	if (!tmpl_html_is_name(c))
		return "an attribute's name is letters, digits, - and _";
	tmpl_html_name_start(html, html->attribute);
	tmpl_html_name_add(html, html->attribute, c);
	html->state = TMPL_HTML_ATTR_NAME;
	return NULL;
}

static const char *
tmpl_html_tag_name(struct tmpl_html *html, char c)
{
	if (c == '/' && html->is_end_tag && html->name_at == 0)
		return NULL; /* the "</" that ends a raw element */
	if (!tmpl_html_is_name(c)) {
		html->state = TMPL_HTML_JOIN;
		return tmpl_html_space(html, c);
	}
	tmpl_html_name_add(html, html->element, c);
	return NULL;
}

static const char *
tmpl_html_attr_name(struct tmpl_html *html, char c)
{
	if (c == '=') {
		html->state = TMPL_HTML_EQUALS;
		return NULL;
	}
	if (tmpl_html_is_name(c)) {
		tmpl_html_name_add(html, html->attribute, c);
		return NULL;
	}
	html->state = TMPL_HTML_JOIN;
	return tmpl_html_space(html, c);
}

static const char *
tmpl_html_equals(struct tmpl_html *html, char c)
{
	html->has_literal = false;
	html->has_hash = false;
	if (c == '"' || c == '\'') {
		html->quote = c;
		html->state = TMPL_HTML_VALUE;
		return NULL;
	}
	if (!tmpl_html_is_name(c))
		return "put the attribute's value in quotes";
	html->state = TMPL_HTML_UNQUOTED;
	return NULL;
}

static const char *
tmpl_html_unquoted(struct tmpl_html *html, char c)
{
	if (c == '>' || tmpl_html_is_space(c))
		return tmpl_html_space(html, c);
	if (!tmpl_html_is_name(c) && c != '.' && c != '/' && c != '%')
		return "put the attribute's value in quotes";
	return NULL;
}

static const char *
tmpl_html_quoted(struct tmpl_html *html, char c)
{
	if (c == html->quote)
		html->state = TMPL_HTML_JOIN;
	else
		html->has_literal = true;
	html->has_hash = html->has_hash || c == '#';
	return NULL;
}

/* In a raw element: only its own end tag counts. */
static const char *
tmpl_html_raw(struct tmpl_html *html, struct str rest)
{
	struct str name = str_c(html->element);
	struct str after;
	char next = ' ';

	if (rest.len > 1)
		next = rest.ptr[1];
	if (rest.ptr[0] != '<' || (next != '/' && next != '!' && next != '?' &&
	                              !tmpl_html_is_letter(next)))
		return NULL;
	after = str_slice(rest, 2 + name.len, rest.len);
	if (!str_eq_nocase(str_slice(rest, 2, 2 + name.len), name) ||
	    after.len == 0 ||
	    (after.ptr[0] != '>' && !tmpl_html_is_space(after.ptr[0])))
		return "a tag within a script, style, title or textarea";
	html->is_end_tag = true;
	html->state = TMPL_HTML_TAG_NAME;
	tmpl_html_name_start(html, html->element);
	return NULL;
}

static void
tmpl_html_comment(struct tmpl_html *html, char c)
{
	/* "--" of the opening comes first. */
	if (c == '-') {
		html->dashes++;
	} else if (c == '>' && html->dashes >= 2) {
		html->state = TMPL_HTML_TEXT;
	} else {
		html->dashes = 0;
	}
}

/* The states that only write what they see. */
static const char *
tmpl_html_in_tag(struct tmpl_html *html, char c)
{
	switch (html->state) {
	case TMPL_HTML_TAG_NAME:
		return tmpl_html_tag_name(html, c);
	case TMPL_HTML_SPACE:
	case TMPL_HTML_JOIN:
		return tmpl_html_space(html, c);
	case TMPL_HTML_ATTR_NAME:
		return tmpl_html_attr_name(html, c);
	case TMPL_HTML_EQUALS:
		return tmpl_html_equals(html, c);
	case TMPL_HTML_VALUE:
		return tmpl_html_quoted(html, c);
	case TMPL_HTML_UNQUOTED:
		return tmpl_html_unquoted(html, c);
	case TMPL_HTML_MARKUP:
		if (c == '>')
			html->state = TMPL_HTML_TEXT;
		return NULL;
	case TMPL_HTML_TEXT:
	case TMPL_HTML_OPEN:
	case TMPL_HTML_COMMENT:
	case TMPL_HTML_RAW:
	default:
		return NULL;
	}
}

/* A line break within a tag stands for a space. */
static void
tmpl_html_write(struct tmpl_html *html, char c, struct buf *out)
{
	bool in_tag = html->state == TMPL_HTML_SPACE;

	if (c == '\r')
		return;
	if (in_tag && tmpl_html_is_space(c)) {
		struct str so_far = buf_str(out);

		if (so_far.len > 0 && so_far.ptr[so_far.len - 1] == ' ')
			return;
		c = ' ';
	}
	buf_add_byte(out, c);
}

static const char *
tmpl_html_step(struct tmpl_html *html, struct str rest, struct buf *out)
{
	char c = rest.ptr[0];
	const char *wrong = NULL;

	if (html->state == TMPL_HTML_TEXT)
		return tmpl_html_text(html, c, out);
	if (html->state == TMPL_HTML_OPEN)
		return tmpl_html_open(html, rest, out);
	if (html->state == TMPL_HTML_COMMENT) {
		tmpl_html_comment(html, c);
		return NULL;
	}
	if (html->state == TMPL_HTML_RAW) {
		wrong = tmpl_html_raw(html, rest);
	} else {
		wrong = tmpl_html_in_tag(html, c);
	}
	tmpl_html_write(html, c, out);
	return wrong;
}

const char *
tmpl_html_feed(
    struct tmpl_html *html, struct str literal, struct buf *out, uint32_t *line)
{
	for (size_t i = 0; i < literal.len; i++) {
		const char *wrong = tmpl_html_step(
		    html, str_slice(literal, i, literal.len), out);

		if (wrong != NULL)
			return wrong;
		*line += literal.ptr[i] == '\n';
	}
	return NULL;
}
