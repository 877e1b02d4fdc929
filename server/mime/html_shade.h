#ifndef MIME_HTML_SHADE_H
#define MIME_HTML_SHADE_H
/*
 * Within mime/: watches which text stands on which background, and says
 * whether the whole may be shown inverted, on a dark page.
 */
#include "base/limits.h"
#include "mime/html_clean.h"
#include "mime/html_css_sheet.h"

#define HTML_SHADE_SEEN_MAX 32u

struct html_shade {
	struct html_colour text;
	struct html_colour background;
	bool is_large;
};

struct html_shades {
	struct html_shade stack[LIMIT_HTML_DEPTH + 2];
	size_t depth;
	struct html_shade seen[HTML_SHADE_SEEN_MAX]; /* under some text */
	size_t seen_count;
	bool has_colours; /* some are set */
	bool is_kept;     /* some would not be readable */
};

void html_shade_init(struct html_shades *shades);
/* The body's own colours, before all others. */
void html_shade_body(
    struct html_shades *shades, const struct html_css_facts *facts);
/* An element begins (link: in the page's colour of links) and ends. */
void html_shade_open(struct html_shades *shades,
    const struct html_css_facts *facts, bool is_link);
void html_shade_close(struct html_shades *shades);
/* Visible text stands here. */
void html_shade_text(struct html_shades *shades);
enum html_colours html_shade_result(
    const struct html_shades *shades, const struct html_css_sheet *sheet);

#endif
