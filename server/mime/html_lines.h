#ifndef MIME_HTML_LINES_H
#define MIME_HTML_LINES_H
/*
 * Within mime/: plain text as a person would type it: lines, paragraphs,
 * "- " and "1. ", "> ". What separates two texts is owed until the second one
 * comes, so that nothing hangs at the ends.
 */
#include "base/buf.h"

#define HTML_LINES_LISTS 10u

struct html_lines_list {
	bool is_counted;
	uint32_t next;  /* number of its next item */
	unsigned width; /* of the mark before its items */
};

struct html_lines {
	struct buf out;
	unsigned breaks; /* line ends owed before the next text */
	bool has_blank;  /* a blank owed */
	bool has_cell;   /* blanks owed that set cells of a table apart */
	bool has_item;   /* a bullet or number owed */
	unsigned quotes;
	unsigned owed_quotes; /* the fewest since the last text */
	unsigned pres;        /* in how many elements blanks count */
	struct html_lines_list lists[HTML_LINES_LISTS];
	size_t list_count; /* may be more than are in the array */
};

void html_lines_init(struct html_lines *lines, size_t max_bytes);
void html_lines_end(struct html_lines *lines);
void html_lines_text(struct html_lines *lines, struct str text);
/* At least so many line ends before the next text. */
void html_lines_break(struct html_lines *lines, unsigned count);
void html_lines_list(struct html_lines *lines, bool is_counted, uint32_t start);
void html_lines_end_list(struct html_lines *lines);
/* `number` 0: the next one. */
void html_lines_item(struct html_lines *lines, uint32_t number);
void html_lines_quote(struct html_lines *lines);
void html_lines_end_quote(struct html_lines *lines);

#endif
