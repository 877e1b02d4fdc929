#ifndef MIME_HTML_CSS_SHEET_H
#define MIME_HTML_CSS_SHEET_H
/* Within mime/: a mail's own style sheet, as far as it is harmless. */
#include "base/buf.h"
#include "mime/html_css.h"

#define HTML_CSS_SHEET_PAIRS   64u
#define HTML_CSS_SHEET_CLASSES 32u

struct html_css_class {
	char name[72];
	size_t len;
};

struct html_css_sheet {
	struct buf out; /* the rules, canonically */
	size_t source_left;
	size_t selector_count;
	uint32_t loads; /* declarations that would load something */
	/* The colours each rule sets together. */
	struct {
		struct html_colour text;
		struct html_colour background;
	} pairs[HTML_CSS_SHEET_PAIRS];
	size_t pair_count;
	bool has_more_pairs;
	/* Classes and ids of what is hidden or a pixel large … */
	struct html_css_class tiny[HTML_CSS_SHEET_CLASSES];
	size_t tiny_count;
	/* … but perhaps not on a narrower screen. */
	struct html_css_class varied[HTML_CSS_SHEET_CLASSES];
	size_t varied_count;
};

void html_css_sheet_init(struct html_css_sheet *sheet);
void html_css_sheet_end(struct html_css_sheet *sheet);
/*
 * Adds the rules of one style element. Cleaning the result again gives the
 * result; it holds neither "<" nor a backslash.
 */
void html_css_sheet_add(struct html_css_sheet *sheet, struct str css);
/* Does it make what has these (prefixed) classes or id too small to see? */
bool html_css_sheet_is_tiny(
    const struct html_css_sheet *sheet, struct str names);

#endif
