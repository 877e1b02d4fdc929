#include "mime/html_css_selector.h"

#include "mime/html_attribute.h"
#include "mime/html_name.h"

/*
 *   selector = compound *( ( " " / ">" ) compound )
 *   compound = ( element / "*" ) *( "." class / "#" id / ":" state )
 *
 * Not here: attributes (they read what is written in a page, letter by
 * letter), :visited and :has, siblings and :nth-child (they cost), elements
 * that are not kept, pseudo-elements.
 */
#define COMPOUNDS_MAX 6u
#define PARTS_MAX     6u

static const struct {
	const char *name;
	const char *written;
} states[] = {
    {"active", "active"}, {"any-link", "any-link"},
    {"first-child", "first-child"}, {"focus", "focus"}, {"hover", "hover"},
    {"last-child", "last-child"},
    {"link", "any-link"}, /* visited or not: nobody is to know */
};

struct selector {
	struct buf *out;
	struct html_css_scan *scan;
	struct html_css_token *token;
	struct str subject;
};

static bool
add_element(struct selector *selector)
{
	struct str name = html_css_token_text(selector->token);
	char lower[16];
	enum html_rule rule;

	if (name.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
	}
	name = str_of(lower, name.len);
	rule = html_attribute_element(name);
	buf_add(selector->out, name);
	return rule == HTML_KEEP || rule == HTML_VOID ||
	       str_eq(name, STR("body"));
}

/* A class or an id. */
static bool
add_name(struct selector *selector, char mark)
{
	struct buf *out = selector->out;
	size_t start = out->len + 1;

	buf_add_byte(out, mark);
	if (!html_name_add(out, html_css_token_text(selector->token)))
		return false;
	selector->subject = str_slice(buf_str(out), start, out->len);
	return true;
}

static bool
add_state(struct selector *selector)
{
	html_css_token_next(selector->scan, selector->token);
	if (selector->token->kind != HTML_CSS_IDENT)
		return false;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!html_css_token_is(selector->token, states[i].name))
			continue;
		buf_add_byte(selector->out, ':');
		buf_add_c(selector->out, states[i].written);
		return true;
	}
	return false;
}

static bool
add_part(struct selector *selector, size_t part)
{
	const struct html_css_token *token = selector->token;

	if (token->kind == HTML_CSS_IDENT && part == 0)
		return add_element(selector);
	if (html_css_token_delim(token, '*') && part == 0) {
		buf_add_byte(selector->out, '*');
		return true;
	}
	if (html_css_token_delim(token, '.')) {
		html_css_token_next(selector->scan, selector->token);
		return token->kind == HTML_CSS_IDENT && add_name(selector, '.');
	}
	if (token->kind == HTML_CSS_HASH)
		return add_name(selector, '#');
	return html_css_token_delim(token, ':') && add_state(selector);
}

static bool
is_end(const struct html_css_token *token)
{
	return token->kind == HTML_CSS_END ||
	       html_css_token_delim(token, ',') ||
	       html_css_token_delim(token, '{');
}

/* Parts without a blank between them; `token` is then what follows. */
static bool
add_compound(struct selector *selector)
{
	selector->subject = (struct str){0};
	for (size_t part = 0; part < PARTS_MAX; part++) {
		const struct html_css_token *token = selector->token;
		if (is_end(token) || token->kind == HTML_CSS_BLANK ||
		    html_css_token_delim(token, '>'))
			return part > 0;
		if (!add_part(selector, part))
			return false;
		html_css_token_next(selector->scan, selector->token);
	}
	return false;
}

static void
skip_blank(struct selector *selector)
{
	while (selector->token->kind == HTML_CSS_BLANK)
		html_css_token_next(selector->scan, selector->token);
}

static bool
add_compounds(struct selector *selector)
{
	for (size_t i = 0; i < COMPOUNDS_MAX; i++) {
		if (!add_compound(selector))
			return false;
		skip_blank(selector);
		if (is_end(selector->token))
			return true;
		if (!html_css_token_delim(selector->token, '>')) {
			buf_add_byte(selector->out, ' ');
			continue;
		}
		buf_add_byte(selector->out, '>');
		html_css_token_next(selector->scan, selector->token);
		skip_blank(selector);
	}
	return false;
}

bool
html_css_selector_add(struct buf *out, struct html_css_scan *scan,
    struct html_css_token *token, struct str *subject)
{
	struct selector selector = {.out = out, .scan = scan, .token = token};
	size_t before = out->len;

	skip_blank(&selector);
	if (add_compounds(&selector)) {
		*subject = selector.subject;
		return true;
	}
	out->len = before;
	while (!is_end(token)) {
		if (token->kind == HTML_CSS_FUNCTION ||
		    html_css_token_delim(token, '(') ||
		    html_css_token_delim(token, '['))
			(void)html_css_token_skip(scan, token);
		html_css_token_next(scan, token);
	}
	*subject = (struct str){0};
	return false;
}
