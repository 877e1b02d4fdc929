#ifndef MIME_HTML_CSS_PROPERTY_H
#define MIME_HTML_CSS_PROPERTY_H
/* Within mime/: which properties of CSS are kept, and with what values. */
#include "base/str.h"

/* What the values of a property may be made of. */
enum html_css_form {
	HTML_CSS_WORDS = 1u << 0,   /* names: "bold", "auto", "red" */
	HTML_CSS_COLOURS = 1u << 1, /* "#f00", "rgb( … )" */
	HTML_CSS_LENGTHS = 1u << 2, /* "10px", "50%", "0" */
	HTML_CSS_NUMBERS = 1u << 3, /* "1.5" */
	HTML_CSS_FONTS = 1u << 4,   /* names of fonts, quoted or not */
	HTML_CSS_COMMAS = 1u << 5,
	HTML_CSS_SLASH = 1u << 6
};

struct html_css_property {
	const char *name;
	unsigned forms;
	int min; /* pixels, or what makes about as many */
	int max;
};

/* By name in any case; NULL: not allowed. */
const struct html_css_property *html_css_property_find(struct str name);

#endif
