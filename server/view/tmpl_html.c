#include "view/tmpl_html.h"

/* Their content is not markup; only the end tag counts (HTML, 13.1.2). */
static const char *const tmpl_html_raw_elements[] = {"script", "style", "title",
    "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext", NULL};
/* Of these, entities work: values may stand in them, escaped. */
static const char *const tmpl_html_rcdata[] = {"title", "textarea", NULL};
/* Their attributes decide too much to take values. */
static const char *const tmpl_html_closed_elements[] = {"meta", "base", "param",
    "applet", "animate", "set", "animatetransform", "animatemotion", NULL};
static const char *const tmpl_html_closed_attributes[] = {"srcset",
    "imagesrcset", "srcdoc", "http-equiv", "sandbox", "allow", "integrity",
    NULL};
static const char *const tmpl_html_url_attributes[] = {"href", "src", "action",
    "formaction", "poster", "cite", "data", "background", "ping", "manifest",
    "xlink:href", "longdesc", "codebase", NULL};
static const char *const tmpl_html_own_elements[] = {
    "script", "link", "iframe", "frame", "embed", "object", NULL};

static bool
tmpl_html_is_in(const char *const *list, const char *name)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, name) == 0)
			return true;
	}
	return false;
}

static bool
tmpl_html_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static char
tmpl_html_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
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
	char next = rest.len > 1 ? rest.ptr[1] : ' ';

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

static const char *
tmpl_html_attribute_value(const struct tmpl_html *html, enum tmpl_place *out)
{
	const char *name = html->attribute;

	if (strncmp(name, "on", 2) == 0 ||
	    tmpl_html_is_in(tmpl_html_closed_attributes, name) ||
	    tmpl_html_is_in(tmpl_html_closed_elements, html->element))
		return "no value may stand in this attribute";
	*out = TMPL_PLACE_ESCAPED;
	if (strcmp(name, "style") == 0)
		*out = TMPL_PLACE_STYLE;
	if (!tmpl_html_is_in(tmpl_html_url_attributes, name))
		return NULL;
	*out = TMPL_PLACE_FRAGMENT;
	if (html->has_hash)
		return NULL;
	if (html->has_literal)
		return "a URL begins its attribute: nothing before it";
	*out = tmpl_html_is_in(tmpl_html_own_elements, html->element)
	           ? TMPL_PLACE_OWN_URL
	           : TMPL_PLACE_URL;
	return NULL;
}

const char *
tmpl_html_value(struct tmpl_html *html, enum tmpl_place *out)
{
	*out = TMPL_PLACE_TEXT;
	switch (html->state) {
	case TMPL_HTML_TEXT:
		html->at_line_start = false;
		return NULL;
	case TMPL_HTML_RAW:
		*out = TMPL_PLACE_ESCAPED;
		if (tmpl_html_is_in(tmpl_html_rcdata, html->element))
			return NULL;
		return "no value may stand in a script or style";
	case TMPL_HTML_VALUE:
		return tmpl_html_attribute_value(html, out);
	case TMPL_HTML_EQUALS:
	case TMPL_HTML_UNQUOTED:
		return "put the attribute's value in quotes";
	case TMPL_HTML_OPEN:
		return "a '<' before a value; write &lt;";
	case TMPL_HTML_MARKUP:
	case TMPL_HTML_COMMENT:
		return "no value may stand in a comment or doctype; "
		       "write {{! … }} for comments";
	case TMPL_HTML_TAG_NAME:
	case TMPL_HTML_SPACE:
	case TMPL_HTML_JOIN:
	case TMPL_HTML_ATTR_NAME:
	default:
		return "no value may stand in a tag outside of quotes";
	}
}

/* In a tag, where attributes may come and go. */
static bool
tmpl_html_is_between(const struct tmpl_html *html)
{
	return html->state == TMPL_HTML_TAG_NAME ||
	       html->state == TMPL_HTML_SPACE ||
	       html->state == TMPL_HTML_JOIN ||
	       html->state == TMPL_HTML_ATTR_NAME ||
	       html->state == TMPL_HTML_UNQUOTED;
}

const char *
tmpl_html_section(struct tmpl_html *html, bool is_alone)
{
	enum tmpl_place place;

	html->at_line_start = html->at_line_start && is_alone;
	if (tmpl_html_is_text(html) || html->state == TMPL_HTML_VALUE)
		return NULL;
	if (html->state == TMPL_HTML_RAW)
		return tmpl_html_value(html, &place);
	if (!tmpl_html_is_between(html) || html->state == TMPL_HTML_UNQUOTED)
		return "no section may begin here";
	if (html->state != TMPL_HTML_SPACE)
		html->state = TMPL_HTML_JOIN;
	return NULL;
}

const char *
tmpl_html_join(struct tmpl_html *html, const struct tmpl_html *start)
{
	static const char wrong[] =
	    "a section must end where it began: between tags, in the same "
	    "tag, or in the same attribute";

	if (strcmp(html->element, start->element) != 0 &&
	    start->state != TMPL_HTML_TEXT)
		return wrong;
	if (tmpl_html_is_between(html) && tmpl_html_is_between(start)) {
		if (html->state != TMPL_HTML_SPACE ||
		    start->state != TMPL_HTML_SPACE)
			html->state = TMPL_HTML_JOIN;
		return NULL;
	}
	if (html->state != start->state)
		return wrong;
	if (html->state == TMPL_HTML_VALUE &&
	    (html->quote != start->quote ||
	        strcmp(html->attribute, start->attribute) != 0))
		return wrong;
	html->has_literal = html->has_literal || start->has_literal;
	html->has_hash = html->has_hash && start->has_hash;
	html->at_line_start = html->at_line_start && start->at_line_start;
	html->pre_depth = start->pre_depth;
	return NULL;
}
