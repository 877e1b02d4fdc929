#ifndef MIME_HTML_NEST_H
#define MIME_HTML_NEST_H
/*
 * Within mime/: watches what is written and says whether a browser's parser
 * will make the same tree of it. The rules of HTML by which it would not
 * (implied ends, foster parents, adoption) are few for the elements we keep;
 * what might fall under one of them has to be parsed again to be sure.
 */
#include "base/limits.h"
#include "base/str.h"

struct html_nest {
	uint32_t kinds[LIMIT_HTML_DEPTH + 1]; /* of the open elements */
	size_t depth;
	bool is_doubtful; /* one rule might apply */
};

void html_nest_init(struct html_nest *nest);
/* What matters of an element; never 0. */
uint32_t html_nest_kind(struct str name);
/* An element begins; void ones are not closed again. */
void html_nest_open(struct html_nest *nest, uint32_t kind, bool is_void);
void html_nest_close(struct html_nest *nest);
void html_nest_text(struct html_nest *nest, bool is_blank);

#endif
