#ifndef MIME_HTML_CSS_H
#define MIME_HTML_CSS_H
/* Within mime/: declarations of CSS, as far as they are harmless. */
#include "base/buf.h"
#include "mime/html_colour.h"
#include "mime/html_css_token.h"

/* What declarations mean, for those who must know. */
struct html_css_facts {
	struct html_colour text;
	struct html_colour background;
	uint32_t loads; /* declarations that would load something */
	bool is_narrow; /* at most a pixel wide */
	bool is_low;    /* at most a pixel high */
	bool is_empty;  /* of no width or height */
	bool is_hidden;
	bool has_size;
	bool is_large; /* text: 24 pixels or more */
};

/*
 * Adds what is allowed of a style attribute's declarations, canonically
 * ("color:red;width:10px"): known properties with values made of colours,
 * lengths, names and font names. Nothing that loads, runs, positions or
 * escapes. Cleaning the result again gives the result. Adds to *facts.
 */
void html_css_clean(
    struct buf *out, struct str style, struct html_css_facts *facts);
/* The same of a block, behind its "{", up to and with its "}". */
void html_css_block(
    struct buf *out, struct html_css_scan *scan, struct html_css_facts *facts);

#endif
