#ifndef MIME_HTML_SQUEEZE_H
#define MIME_HTML_SQUEEZE_H
/*
 * Within mime/: HTML made short for the parser. The parser works byte by
 * byte, and most bytes of a letter say nothing to it: runs of text, long
 * values of attributes. Each such run goes in as one character of Unicode's
 * private planes, which the parser treats as it would the run, and comes out
 * of the tree again. The tree is the same (the fuzzer compares).
 */
#include "mime/html_runs.h"

struct html_squeeze {
	struct str source;
	struct buf out;
	struct html_runs runs; /* slices of the source */
	bool may_have_style;   /* there may be style elements */
};

/*
 * Squeezes valid UTF-8, which must outlive it; `out` is what the parser is to
 * be given: the source itself where it uses the private planes.
 */
void html_squeeze_init(struct html_squeeze *squeeze, struct str source);
void html_squeeze_end(struct html_squeeze *squeeze);
struct str html_squeeze_text(const struct html_squeeze *squeeze);

#endif
