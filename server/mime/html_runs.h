#ifndef MIME_HTML_RUNS_H
#define MIME_HTML_RUNS_H
/*
 * Within mime/: runs of text, and the characters of Unicode's private planes
 * that stand for them while the parser works (html_squeeze).
 */
#include "base/buf.h"

#define HTML_RUNS_SLOTS 4096u

struct html_runs {
	struct str *runs; /* borrowed each */
	size_t count;
	size_t capacity;
	/* Equal values must become equal characters: index + 1 by hash. */
	uint32_t slots[HTML_RUNS_SLOTS];
	size_t slots_used;
};

/* A zeroed one is empty. */
void html_runs_end(struct html_runs *runs);
/* Adds the character of a run, or the run itself when it is short. */
void html_runs_add_text(
    struct html_runs *runs, struct buf *out, struct str run);
/*
 * The same of (part of) an attribute's value. Whether two elements are alike
 * is asked by the tree builder ("Noah's Ark"), so the same value is the same
 * character each time, or never one.
 */
void html_runs_add_value(
    struct html_runs *runs, struct buf *out, struct str run);
/*
 * What the parser gave out, as it stood in the source: borrowed from there or
 * from `parsed`, or added to `scratch`.
 */
struct str html_runs_expand(
    const struct html_runs *runs, struct str parsed, struct buf *scratch);

#endif
