#ifndef VIEW_TMPL_HTML_H
#define VIEW_TMPL_HTML_H
/*
 * Knows where in the HTML a template's text stands, so that each value gets
 * the escaping of its place. It is fed the literals in order and is strict:
 * what browsers would have to guess is an error of the template.
 *
 * Outside of pre and textarea it leaves out indentation and empty lines, and
 * HTML comments everywhere.
 */
#include "base/buf.h"

#define TMPL_HTML_NAME 24 /* longer names are cut: none matters to us */

/* Where a value may stand. */
enum tmpl_place {
	TMPL_PLACE_TEXT,     /* between tags: html values go out as they are */
	TMPL_PLACE_ESCAPED,  /* quoted attribute, title, textarea */
	TMPL_PLACE_URL,      /* URL attribute: only a view_url */
	TMPL_PLACE_OWN_URL,  /* what runs or frames: only our own addresses */
	TMPL_PLACE_FRAGMENT, /* behind '#' in a URL: percent-encoded */
	TMPL_PLACE_STYLE     /* style attribute: only a view_css */
};

enum tmpl_html_state {
	TMPL_HTML_TEXT,
	TMPL_HTML_OPEN,    /* behind '<' */
	TMPL_HTML_MARKUP,  /* <!doctype …> */
	TMPL_HTML_COMMENT, /* <!-- … --> */
	TMPL_HTML_TAG_NAME,
	TMPL_HTML_SPACE, /* in a tag, an attribute may begin */
	TMPL_HTML_JOIN,  /* in a tag, only a space or '>' may follow */
	TMPL_HTML_ATTR_NAME,
	TMPL_HTML_EQUALS, /* behind '=' */
	TMPL_HTML_VALUE,  /* in a quoted value */
	TMPL_HTML_UNQUOTED,
	TMPL_HTML_RAW /* in script, style, title, textarea … */
};

struct tmpl_html {
	enum tmpl_html_state state;
	char element[TMPL_HTML_NAME]; /* lower case, NUL-terminated */
	char attribute[TMPL_HTML_NAME];
	char quote;
	bool is_end_tag;
	bool has_hash;      /* a '#' stands in the value before this */
	bool has_literal;   /* something stands in the value before this */
	bool at_line_start; /* the last byte written was a line break */
	unsigned pre_depth;
	unsigned dashes; /* in a comment */
	unsigned name_at;
};

struct tmpl_html tmpl_html_start(void);
/*
 * Moves through a literal and adds what is to be sent to `out`. NULL, or
 * what is wrong for the person who writes templates; *line grows by the
 * lines passed.
 */
const char *tmpl_html_feed(struct tmpl_html *html, struct str literal,
    struct buf *out, uint32_t *line);
/* A value stands here: its place, or what is wrong with that. */
const char *tmpl_html_value(struct tmpl_html *html, enum tmpl_place *out);
/* A section begins, alone on its line or not; NULL or what is wrong. */
const char *tmpl_html_section(struct tmpl_html *html, bool is_alone);
/* It ends: must stand where it began. Moves to what holds for both ways. */
const char *tmpl_html_join(
    struct tmpl_html *html, const struct tmpl_html *start);
/* Is the name in the list, which NULL ends? */
bool tmpl_html_is_in(const char *const *list, const char *name);
/* Only between tags may a part stand, and a template end. */
bool tmpl_html_is_text(const struct tmpl_html *html);

#endif
