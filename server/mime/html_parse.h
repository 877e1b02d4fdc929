#ifndef MIME_HTML_PARSE_H
#define MIME_HTML_PARSE_H
/*
 * Within mime/: HTML to a walk over its body, parsed as browsers do. The
 * parser's memory and time are bounded, whatever the HTML is.
 */
#include "base/err.h"
#include "base/str.h"

#define HTML_PARSE_TAGS           256u
#define HTML_PARSE_ATTRIBUTES_MAX 60u /* of one element; more are left out */

/* One attribute; name in lower case, value with entities decoded. */
struct html_attribute {
	struct str name;
	struct str value;
};

struct html_element {
	struct str name; /* lower case; empty: unknown to HTML */
	unsigned tag;    /* a number for each name, below HTML_PARSE_TAGS */
	bool is_foreign; /* SVG or MathML */
	size_t attribute_count;
	const struct html_attribute *attributes; /* none of them at close() */
};

struct html_visitor {
	void *ctx;
	/* What each style element says, before all else; may be NULL. */
	void (*style)(void *ctx, struct str css);
	/* The body's own attributes, before its children; may be NULL. */
	void (*body)(void *ctx, const struct html_element *element);
	/* False: neither children nor close. */
	bool (*open)(void *ctx, const struct html_element *element);
	void (*close)(void *ctx, const struct html_element *element);
	void (*text)(void *ctx, struct str text);
};

/* The value of an attribute; empty when there is none. */
struct str html_parse_find(
    const struct html_element *element, const char *name);

/* What a parse may cost. */
struct html_parse_limits {
	size_t max_bytes;     /* of the parser's memory */
	int64_t until_cpu_ms; /* of this thread, html_pool_cpu_ms() */
};

/*
 * Walks over what stands in <body>, `source` being UTF-8. What the visitor is
 * given lives until it returns. ERR_LIMIT when the HTML needs too much memory
 * or time (the visitor was not called then), ERR_NO_MEMORY.
 */
enum err_code html_parse(struct str source,
    const struct html_parse_limits *limits, const struct html_visitor *visitor,
    struct err *err) WARN_UNUSED;
/* The same walk by a slower way, which the fuzzer compares. */
enum err_code html_parse_plainly(struct str source,
    const struct html_parse_limits *limits, const struct html_visitor *visitor,
    struct err *err) WARN_UNUSED;

#endif
