#ifndef MIME_HTML_COLOUR_H
#define MIME_HTML_COLOUR_H
/* Within mime/: colours, and whether text in one can be read on another. */
#include "base/str.h"

enum html_colour_state {
	HTML_COLOUR_NONE,  /* not set */
	HTML_COLOUR_KNOWN, /* as below */
	HTML_COLOUR_ODD    /* set to something we do not know */
};

struct html_colour {
	enum html_colour_state state;
	uint8_t red;
	uint8_t green;
	uint8_t blue;
	uint8_t alpha; /* 255: nothing shines through */
};

struct html_colour html_colour_rgb(uint32_t rgb);
/* "red", "#f00", "#ff0000", "#ff0000ff"; ODD for all else. */
struct html_colour html_colour_read(struct str s);
/* What is seen of `top` on `bottom`. */
struct html_colour html_colour_over(
    struct html_colour top, struct html_colour bottom);
/* As "filter: invert(1) hue-rotate(180deg)" shows it. */
struct html_colour html_colour_inverted(struct html_colour colour);
/*
 * WCAG 2.2, 1.4.3: a contrast of at least 4.5, or 3 for large text. False
 * when one of them is not known.
 */
bool html_colour_is_readable(
    struct html_colour text, struct html_colour background, bool is_large);

#endif
