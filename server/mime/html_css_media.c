#include "mime/html_css_media.h"

#include "mime/html_css_value.h"

/*
 *   query   = [ "only" ] medium *( "and" feature ) / feature *( "and" feature )
 *   medium  = "all" / "screen" / "print"
 *   feature = "(" ( "min-width" / "max-width" ) ":" length ")"
 *
 * The width of the device is that of the frame, a light colour scheme is what
 * the frame has; queries for a dark one are left out, as a mail of which half
 * the dark rules are kept would be unreadable.
 */
#define QUERIES_MAX  8u
#define FEATURES_MAX 4u

static const struct html_css_property width = {
    "width", HTML_CSS_LENGTHS, 0, 10000};

struct media {
	struct buf *out;
	struct html_css_scan *scan;
	struct html_css_token *token;
};

static void
next_mark(struct media *media)
{
	do
		html_css_token_next(media->scan, media->token);
	while (media->token->kind == HTML_CSS_BLANK);
}

static bool
is_word(const struct media *media, const char *word)
{
	return media->token->kind == HTML_CSS_IDENT &&
	       html_css_token_is(media->token, word);
}

static bool
is_end(const struct media *media)
{
	return media->token->kind == HTML_CSS_END ||
	       html_css_token_delim(media->token, ',') ||
	       html_css_token_delim(media->token, '{') ||
	       html_css_token_delim(media->token, ';');
}

static bool
add_width(struct media *media, const char *name)
{
	next_mark(media);
	if (!html_css_token_delim(media->token, ':'))
		return false;
	next_mark(media);
	buf_add_byte(media->out, '(');
	buf_add_c(media->out, name);
	buf_add_byte(media->out, ':');
	if (media->token->kind == HTML_CSS_PERCENT ||
	    !html_css_value_add(media->out, &width, media->scan, media->token))
		return false;
	buf_add_byte(media->out, ')');
	next_mark(media);
	return html_css_token_delim(media->token, ')');
}

static bool
is_light(struct media *media)
{
	next_mark(media);
	if (!html_css_token_delim(media->token, ':'))
		return false;
	next_mark(media);
	if (!is_word(media, "light"))
		return false;
	next_mark(media);
	return html_css_token_delim(media->token, ')');
}

/* "(" is read. */
static bool
add_feature(struct media *media)
{
	next_mark(media);
	if (is_word(media, "min-width") || is_word(media, "min-device-width"))
		return add_width(media, "min-width");
	if (is_word(media, "max-width") || is_word(media, "max-device-width"))
		return add_width(media, "max-width");
	if (!is_word(media, "prefers-color-scheme"))
		return false;
	buf_add(media->out, STR("(min-width:0)"));
	return is_light(media);
}

static bool
add_medium(struct media *media)
{
	static const char *const kinds[] = {"all", "screen", "print"};

	if (is_word(media, "only"))
		next_mark(media);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!is_word(media, kinds[i]))
			continue;
		buf_add_c(media->out, kinds[i]);
		next_mark(media);
		return true;
	}
	return false;
}

/* Leaves the cursor at the end of the query, or where it went wrong. */
static bool
add_query(struct media *media)
{
	bool needs_and = media->token->kind == HTML_CSS_IDENT;

	if (needs_and && !add_medium(media))
		return false;
	for (size_t i = 0; i < FEATURES_MAX; i++) {
		if (is_end(media))
			return needs_and;
		if (needs_and) {
			if (!is_word(media, "and"))
				return false;
			buf_add(media->out, STR(" and "));
			next_mark(media);
		}
		if (!html_css_token_delim(media->token, '(') ||
		    !add_feature(media))
			return false;
		next_mark(media);
		needs_and = true;
	}
	return is_end(media);
}

static void
pass_query(struct media *media)
{
	while (!is_end(media)) {
		if (media->token->kind == HTML_CSS_FUNCTION ||
		    html_css_token_delim(media->token, '(') ||
		    html_css_token_delim(media->token, '['))
			(void)html_css_token_skip(media->scan, media->token);
		html_css_token_next(media->scan, media->token);
	}
}

bool
html_css_media_add(
    struct buf *out, struct html_css_scan *scan, struct html_css_token *token)
{
	struct media media = {.out = out, .scan = scan, .token = token};
	size_t start = out->len;
	size_t count = 0;

	do {
		size_t before = out->len;
		next_mark(&media);
		if (before > start)
			buf_add_byte(out, ',');
		if (count < QUERIES_MAX && add_query(&media))
			count++;
		else
			out->len = before;
		pass_query(&media);
	} while (html_css_token_delim(token, ','));
	return count > 0;
}
