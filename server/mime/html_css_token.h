#ifndef MIME_HTML_CSS_TOKEN_H
#define MIME_HTML_CSS_TOKEN_H
/*
 * Within mime/: CSS to tokens, as CSS Syntax Level 3 (section 4) says and
 * browsers do. Escapes are decoded here, so that nobody further on can be
 * deceived by them.
 */
#include "base/str.h"

#define HTML_CSS_TEXT_BYTES 128u

enum html_css_kind {
	HTML_CSS_END,
	HTML_CSS_BLANK,
	HTML_CSS_IDENT,
	HTML_CSS_FUNCTION, /* its "(" is read; text is the name */
	HTML_CSS_AT,       /* "@name" */
	HTML_CSS_HASH,
	HTML_CSS_STRING,
	HTML_CSS_URL, /* "url(" without quotes, read to its end */
	HTML_CSS_NUMBER,
	HTML_CSS_PERCENT,
	HTML_CSS_DIMENSION,
	HTML_CSS_BAD,  /* bad string or url, or longer than we read */
	HTML_CSS_DELIM /* one byte of any other kind, brackets included */
};

struct html_css_token {
	enum html_css_kind kind;
	char delim; /* of DELIM */
	bool is_bad_number;
	/* Numbers: thousandths, and the unit in lower case in `text`. */
	int64_t thousandths;
	/* Decoded: the name, string, or unit; at most HTML_CSS_TEXT_BYTES. */
	char bytes[HTML_CSS_TEXT_BYTES];
	size_t len;
	size_t start; /* in the source */
	size_t end;
};

struct html_css_scan {
	struct str css;
	size_t at;
};

/* Reads the next token, comments passed over; END at the end, for ever. */
void html_css_token_next(
    struct html_css_scan *scan, struct html_css_token *token);
struct str html_css_token_text(const struct html_css_token *token);
/* Is it this name, in any case? */
bool html_css_token_is(const struct html_css_token *token, const char *name);
/* Is it this byte? */
bool html_css_token_delim(const struct html_css_token *token, char delim);
/*
 * Having read the opening token (a bracket, brace or function), reads to what
 * closes it, through all that is nested in it. False at the end of the source.
 */
bool html_css_token_skip(
    struct html_css_scan *scan, const struct html_css_token *open);

#endif
