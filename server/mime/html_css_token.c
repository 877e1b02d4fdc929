#include "mime/html_css_token.h"

#include "base/err.h"
#include "mime/html_css_char.h"

#define NESTING_MAX 64u
#define WHOLE_MAX   1000000

/* 4.3.14: what is left of a url that is none. */
static void
skip_bad_url(struct html_css_scan *scan)
{
	while (html_css_char_peek(scan, 0) >= 0) {
		if (html_css_char_is_escape(scan, 0))
			scan->at++;
		else if (html_css_char_peek(scan, 0) == ')')
			break;
		scan->at++;
	}
	if (html_css_char_peek(scan, 0) == ')')
		scan->at++;
}

/*
 * 4.3.6: we need its end, not the address. Whatever is odd in it makes it a
 * bad url, which ends at the same place.
 */
static void
read_url(struct html_css_scan *scan, struct html_css_token *token)
{
	token->kind = HTML_CSS_URL;
	skip_bad_url(scan);
}

static void
read_ident(struct html_css_scan *scan, struct html_css_token *token)
{
	size_t blanks = 1;

	token->kind = HTML_CSS_IDENT;
	html_css_char_name(scan, token);
	if (html_css_char_peek(scan, 0) != '(')
		return;
	if (token->kind == HTML_CSS_IDENT)
		token->kind = HTML_CSS_FUNCTION;
	if (html_css_token_is(token, "url")) {
		while (html_css_char_is_blank(html_css_char_peek(scan, blanks)))
			blanks++;
		if (html_css_char_peek(scan, blanks) != '"' &&
		    html_css_char_peek(scan, blanks) != '\'') {
			scan->at++;
			read_url(scan, token);
			return;
		}
	}
	scan->at++;
	/* A name longer than we read opens a bracket all the same. */
	if (token->kind == HTML_CSS_BAD)
		token->kind = HTML_CSS_FUNCTION;
}

/* 4.3.5 */
static void
read_string(struct html_css_scan *scan, struct html_css_token *token)
{
	int quote = html_css_char_peek(scan, 0);

	token->kind = HTML_CSS_STRING;
	scan->at++;
	while (html_css_char_peek(scan, 0) >= 0) {
		int c = html_css_char_peek(scan, 0);
		if (html_css_char_is_line_end(c)) {
			token->kind = HTML_CSS_BAD;
			return;
		}
		scan->at++;
		if (c == quote)
			return;
		if (c != '\\') {
			html_css_char_add(token, c);
		} else if (html_css_char_peek(scan, 0) == '\r' &&
		           html_css_char_peek(scan, 1) == '\n') {
			scan->at += 2;
		} else if (html_css_char_is_line_end(
		               html_css_char_peek(scan, 0))) {
			scan->at++;
		} else if (html_css_char_peek(scan, 0) >= 0) {
			html_css_char_escape(scan, token);
		}
	}
}

static int64_t
read_digits(struct html_css_scan *scan, struct html_css_token *token)
{
	int64_t whole = 0;

	while (html_css_char_is_digit(html_css_char_peek(scan, 0))) {
		whole = whole * 10 + (html_css_char_peek(scan, 0) - '0');
		if (whole > WHOLE_MAX) {
			whole = WHOLE_MAX;
			token->is_bad_number = true;
		}
		scan->at++;
	}
	return whole;
}

/* 4.3.3 and 4.3.12; an exponent is nothing that a letter needs. */
static void
read_number(struct html_css_scan *scan, struct html_css_token *token)
{
	bool is_negative = html_css_char_peek(scan, 0) == '-';
	int64_t scale = 100;

	token->kind = HTML_CSS_NUMBER;
	if (is_negative || html_css_char_peek(scan, 0) == '+')
		scan->at++;
	token->thousandths = read_digits(scan, token) * 1000;
	if (html_css_char_peek(scan, 0) == '.' &&
	    html_css_char_is_digit(html_css_char_peek(scan, 1))) {
		scan->at++;
		for (; html_css_char_is_digit(html_css_char_peek(scan, 0));
		     scale /= 10) {
			token->thousandths +=
			    (html_css_char_peek(scan, 0) - '0') * scale;
			scan->at++;
		}
	}
	if (is_negative)
		token->thousandths = -token->thousandths;
	if ((html_css_char_peek(scan, 0) == 'e' ||
	        html_css_char_peek(scan, 0) == 'E') &&
	    (html_css_char_is_digit(html_css_char_peek(scan, 1)) ||
	        ((html_css_char_peek(scan, 1) == '+' ||
	             html_css_char_peek(scan, 1) == '-') &&
	            html_css_char_is_digit(html_css_char_peek(scan, 2)))))
		token->is_bad_number = true;
	if (html_css_char_peek(scan, 0) == '%') {
		token->kind = HTML_CSS_PERCENT;
		scan->at++;
	} else if (html_css_char_starts_name(scan)) {
		token->kind = HTML_CSS_DIMENSION;
		html_css_char_name(scan, token);
	}
}

/* Comments are nothing; one that is not closed takes the rest. */
static bool
skip_comment(struct html_css_scan *scan)
{
	if (html_css_char_peek(scan, 0) != '/' ||
	    html_css_char_peek(scan, 1) != '*')
		return false;
	scan->at = str_find(scan->css, STR("*/"), scan->at + 2);
	scan->at += scan->at < scan->css.len ? 2 : 0;
	return true;
}

static void
read_other(struct html_css_scan *scan, struct html_css_token *token, int c)
{
	token->kind = HTML_CSS_DELIM;
	token->delim = (char)c;
	scan->at++;
	if (c == '#' && (html_css_char_is_name(html_css_char_peek(scan, 0)) ||
	                    html_css_char_is_escape(scan, 0))) {
		token->kind = HTML_CSS_HASH;
		html_css_char_name(scan, token);
	} else if (c == '@' && html_css_char_starts_name(scan)) {
		token->kind = HTML_CSS_AT;
		html_css_char_name(scan, token);
	}
}

static void
read_token(struct html_css_scan *scan, struct html_css_token *token)
{
	int c = html_css_char_peek(scan, 0);

	if (c < 0)
		return;
	if (html_css_char_is_blank(c)) {
		token->kind = HTML_CSS_BLANK;
		while (html_css_char_is_blank(html_css_char_peek(scan, 0)))
			scan->at++;
	} else if (c == '"' || c == '\'') {
		read_string(scan, token);
	} else if (html_css_char_starts_number(scan)) {
		read_number(scan, token);
	} else if (c == '-' && html_css_char_peek(scan, 1) == '-' &&
	           html_css_char_peek(scan, 2) == '>') {
		token->kind = HTML_CSS_BLANK; /* CDC */
		scan->at += 3;
	} else if (html_css_char_starts_name(scan)) {
		read_ident(scan, token);
	} else if (str_starts(str_slice(scan->css, scan->at, scan->css.len),
	               STR("<!--"))) {
		token->kind = HTML_CSS_BLANK; /* CDO */
		scan->at += 4;
	} else {
		read_other(scan, token, c);
	}
}

void
html_css_token_next(struct html_css_scan *scan, struct html_css_token *token)
{
	while (skip_comment(scan))
		continue;
	token->kind = HTML_CSS_END;
	token->delim = '\0';
	token->is_bad_number = false;
	token->thousandths = 0;
	token->len = 0;
	token->start = scan->at;
	read_token(scan, token);
	token->end = scan->at;
}

struct str
html_css_token_text(const struct html_css_token *token)
{
	return str_of(token->bytes, token->len);
}

bool
html_css_token_is(const struct html_css_token *token, const char *name)
{
	return str_eq_nocase(html_css_token_text(token), str_c(name));
}

bool
html_css_token_delim(const struct html_css_token *token, char delim)
{
	return token->kind == HTML_CSS_DELIM && token->delim == delim;
}

static char
closing(const struct html_css_token *token)
{
	if (token->kind == HTML_CSS_FUNCTION)
		return ')';
	if (token->kind != HTML_CSS_DELIM)
		return '\0';
	if (token->delim == '(')
		return ')';
	if (token->delim == '[')
		return ']';
	return token->delim == '{' ? '}' : '\0';
}

bool
html_css_token_skip(
    struct html_css_scan *scan, const struct html_css_token *open)
{
	char stack[NESTING_MAX];
	size_t depth = 1;
	struct html_css_token token;

	stack[0] = closing(open);
	ensure(stack[0] != '\0');
	while (depth > 0) {
		html_css_token_next(scan, &token);
		if (token.kind == HTML_CSS_END)
			return false;
		if (closing(&token) != '\0') {
			if (depth == NESTING_MAX) {
				scan->at = scan->css.len;
				return false;
			}
			stack[depth] = closing(&token);
			depth++;
		} else if (html_css_token_delim(&token, stack[depth - 1])) {
			depth--;
		}
	}
	return true;
}
