#include "mime/html_css_char.h"

int
html_css_char_peek(const struct html_css_scan *scan, size_t offset)
{
	size_t at = scan->at + offset;

	return at < scan->css.len ? (unsigned char)scan->css.ptr[at] : -1;
}

bool
html_css_char_is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool
html_css_char_is_line_end(int c)
{
	return c == '\n' || c == '\r' || c == '\f';
}

bool
html_css_char_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c >= 0x80;
}

bool
html_css_char_is_name(int c)
{
	return is_name_start(c) || html_css_char_is_digit(c) || c == '-';
}

bool
html_css_char_is_escape(const struct html_css_scan *scan, size_t offset)
{
	return html_css_char_peek(scan, offset) == '\\' &&
	       !html_css_char_is_line_end(
	           html_css_char_peek(scan, offset + 1)) &&
	       html_css_char_peek(scan, offset + 1) >= 0;
}

/* 4.3.9: would three code points start an identifier? */
bool
html_css_char_starts_name(const struct html_css_scan *scan)
{
	if (html_css_char_peek(scan, 0) == '-')
		return is_name_start(html_css_char_peek(scan, 1)) ||
		       html_css_char_peek(scan, 1) == '-' ||
		       html_css_char_is_escape(scan, 1);
	return is_name_start(html_css_char_peek(scan, 0)) ||
	       html_css_char_is_escape(scan, 0);
}

/* 4.3.10 */
bool
html_css_char_starts_number(const struct html_css_scan *scan)
{
	size_t sign = html_css_char_peek(scan, 0) == '+' ||
	              html_css_char_peek(scan, 0) == '-';

	return html_css_char_is_digit(html_css_char_peek(scan, sign)) ||
	       (html_css_char_peek(scan, sign) == '.' &&
	           html_css_char_is_digit(html_css_char_peek(scan, sign + 1)));
}

void
html_css_char_add(struct html_css_token *token, int byte)
{
	if (token->len == HTML_CSS_TEXT_BYTES) {
		token->kind = HTML_CSS_BAD;
		return;
	}
	token->bytes[token->len] = (char)byte;
	token->len++;
}

static void
add_character(struct html_css_token *token, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		html_css_char_add(token, (int)c);
	} else if (c < 0x800) {
		html_css_char_add(token, (int)(0xc0 | (c >> 6)));
		html_css_char_add(token, (int)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		html_css_char_add(token, (int)(0xe0 | (c >> 12)));
		html_css_char_add(token, (int)(0x80 | ((c >> 6) & 0x3f)));
		html_css_char_add(token, (int)(0x80 | (c & 0x3f)));
	} else {
		html_css_char_add(token, (int)(0xf0 | (c >> 18)));
		html_css_char_add(token, (int)(0x80 | ((c >> 12) & 0x3f)));
		html_css_char_add(token, (int)(0x80 | ((c >> 6) & 0x3f)));
		html_css_char_add(token, (int)(0x80 | (c & 0x3f)));
	}
}

static int
hex_value(int c)
{
	if (html_css_char_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 4.3.7: behind the backslash; one to six digits and a blank, or anything. */
void
html_css_char_escape(struct html_css_scan *scan, struct html_css_token *token)
{
	uint32_t c = 0;
	unsigned digits = 0;

	while (digits < 6 && html_css_char_peek(scan, 0) >= 0 &&
	       hex_value(html_css_char_peek(scan, 0)) >= 0) {
		c = c * 16 + (uint32_t)hex_value(html_css_char_peek(scan, 0));
		digits++;
		scan->at++;
	}
	if (digits == 0) {
		c = text_next(scan->css, &scan->at);
		add_character(token, c);
		return;
	}
	if (html_css_char_peek(scan, 0) == '\r' &&
	    html_css_char_peek(scan, 1) == '\n')
		scan->at++;
	if (html_css_char_is_blank(html_css_char_peek(scan, 0)))
		scan->at++;
	add_character(token, c);
}

void
html_css_char_name(struct html_css_scan *scan, struct html_css_token *token)
{
	while (true) {
		int c = html_css_char_peek(scan, 0);
		if (html_css_char_is_name(c)) {
			html_css_char_add(token, c);
			scan->at++;
		} else if (html_css_char_is_escape(scan, 0)) {
			scan->at++;
			html_css_char_escape(scan, token);
		} else {
			return;
		}
	}
}
