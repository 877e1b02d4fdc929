/* Which values may stand where, and where sections may begin and end. */
#include "view/tmpl_html.h"

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

bool
tmpl_html_is_in(const char *const *list, const char *name)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, name) == 0)
			return true;
	}
	return false;
}

static const char *
tmpl_html_attribute_value(const struct tmpl_html *html, enum tmpl_place *out)
{
	const char *name = html->attribute;

	/* "300;url=" and where a page is asked for anew: only our own. */
	if (strcmp(html->element, "meta") == 0 &&
	    strcmp(name, "content") == 0 && html->has_literal) {
		*out = TMPL_PLACE_OWN_URL;
		return NULL;
	}
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
