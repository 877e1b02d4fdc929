#ifndef MIME_HTML_PARSE_H
#define MIME_HTML_PARSE_H
/*
 * Within mime/: HTML to a walk over its body, parsed as browsers do. The
 * parser's memory and time are bounded, whatever the HTML is.
 */
#include "base/err.h"
#include "base/str.h"

/* One attribute; name in lower case, value with entities decoded. */
struct html_attribute {
	struct str name;
	struct str value;
};

struct html_element {
	struct str name; /* lower case; empty: unknown to HTML */
	bool is_foreign; /* SVG or MathML */
	size_t attribute_count;
	const void *attributes; /* for html_parse_attribute() */
};

struct html_visitor {
	void *ctx;
	/* The body's own attributes, before its children; may be NULL. */
	void (*body)(void *ctx, const struct html_element *element);
	/* False: neither children nor close. */
	bool (*open)(void *ctx, const struct html_element *element);
	void (*close)(void *ctx, const struct html_element *element);
	void (*text)(void *ctx, struct str text);
};

struct html_attribute html_parse_attribute(
    const struct html_element *element, size_t index);

/* The value of an attribute; empty when there is none. */
struct str html_parse_find(
    const struct html_element *element, const char *name);

/*
 * Walks over what stands in <body>. What the visitor is given lives until it
 * returns. ERR_LIMIT when the HTML needs too much memory or time (the visitor
 * was not called then), ERR_NO_MEMORY.
 */
enum err_code html_parse(struct str source, const struct html_visitor *visitor,
    struct err *err) WARN_UNUSED;

#endif
