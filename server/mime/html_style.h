#ifndef MIME_HTML_STYLE_H
#define MIME_HTML_STYLE_H
/*
 * Within mime/: cleaned style attributes. Newsletters say the same thing a
 * thousand times, so what was cleaned is remembered.
 */
#include "base/arena.h"
#include "mime/html_css.h"

#define HTML_STYLE_SLOTS 256u

struct html_style {
	struct str source;
	struct str clean; /* as html_css_clean() writes it */
	struct html_css_facts facts;
};

struct html_styles {
	struct arena *arena; /* borrowed */
	struct buf scratch;
	struct html_style last; /* one that is not remembered */
	struct html_style slots[HTML_STYLE_SLOTS];
};

void html_style_init(struct html_styles *styles, struct arena *arena);
void html_style_end(struct html_styles *styles);
/* Borrowed until the next call. */
const struct html_style *html_style_get(
    struct html_styles *styles, struct str source);

#endif
