#ifndef MIME_HTML_CSS_CHAR_H
#define MIME_HTML_CSS_CHAR_H
/* Within mime/: what tokens of CSS are made of (html_css_token). */
#include "mime/html_css_token.h"

/* The byte so far behind the cursor, or -1. */
int html_css_char_peek(const struct html_css_scan *scan, size_t offset);
bool html_css_char_is_blank(int c);
bool html_css_char_is_line_end(int c);
bool html_css_char_is_digit(int c);
bool html_css_char_is_name(int c);
/* A backslash that escapes something? */
bool html_css_char_is_escape(const struct html_css_scan *scan, size_t offset);
/* 4.3.9 and 4.3.10: what may begin here? */
bool html_css_char_starts_name(const struct html_css_scan *scan);
bool html_css_char_starts_number(const struct html_css_scan *scan);
/* Adds a byte to the token, which becomes BAD when it is full. */
void html_css_char_add(struct html_css_token *token, int byte);
/* 4.3.7: reads what stands behind a backslash, and adds it. */
void html_css_char_escape(
    struct html_css_scan *scan, struct html_css_token *token);
/* 4.3.11: reads as much of a name as there is, and adds it. */
void html_css_char_name(
    struct html_css_scan *scan, struct html_css_token *token);

#endif
