#ifndef MIME_HTML_WRITER_H
#define MIME_HTML_WRITER_H
/*
 * Within mime/: writes what is allowed of a body that is walked over, as
 * canonical HTML: lower-case names, quoted values, everything escaped.
 */
#include "base/buf.h"
#include "mime/html_clean.h"
#include "mime/html_css_sheet.h"
#include "mime/html_nest.h"
#include "mime/html_parse.h"
#include "mime/html_shade.h"
#include "mime/html_style.h"

#define HTML_WRITER_BYTES_MAX  (LIMIT_PAGE_BYTES - ((size_t)2 << 20))
#define HTML_WRITER_LINKS      4u
#define HTML_WRITER_TEXT_BYTES ((size_t)2 << 10) /* of a link */

/* What goes out in place of (or, with no length, beside) the canonical. */
struct html_swap {
	size_t offset;
	size_t len;
	struct str shown;
	bool is_note; /* the real host of a link */
};

/* An open link, of which the text is compared with the host. */
struct html_writer_link {
	size_t depth; /* of its element */
	struct str host;
	size_t text_start; /* in link_text */
};

struct html_writer {
	const struct html_clean_options *options;
	struct arena *arena;
	struct buf out;
	struct buf value; /* of one attribute */
	struct buf src;   /* of one image */
	struct buf body_style;
	struct html_swap *swaps;
	size_t swap_count;
	size_t swap_capacity;
	struct html_styles styles;
	struct html_css_sheet sheet;
	struct html_shades shades;
	struct html_nest nest;
	uint8_t rules[HTML_PARSE_TAGS];  /* enum html_rule + 1, once known */
	uint32_t kinds[HTML_PARSE_TAGS]; /* of html_nest, once known */
	struct html_writer_link links[HTML_WRITER_LINKS];
	size_t link_count;
	struct buf link_text;
	size_t depth;        /* of kept elements, written or too deep */
	size_t hidden_depth; /* of the outermost hidden one, or 0 */
	uint32_t blocked;
	uint32_t tiny;
	bool is_after_pre; /* a line feed here would be swallowed */
	bool has_content;  /* leading blanks are left out */
	bool is_truncated;
};

/* Borrows `options` and `arena`; swaps live in the arena. */
void html_writer_init(struct html_writer *writer,
    const struct html_clean_options *options, struct arena *arena);
void html_writer_end(struct html_writer *writer);
/* What html_parse() calls to have a body written. */
struct html_visitor html_writer_visitor(struct html_writer *writer);

/* For the parts of the writer (html_anchor, html_image). */

void html_writer_attribute(
    struct html_writer *writer, struct str name, struct str value);
/* The same, with what goes out in its place. */
void html_writer_swapped(struct html_writer *writer, struct str name,
    struct str canonical, struct str shown);
void html_writer_swap(struct html_writer *writer, struct html_swap swap);
/* All but addresses; adds to *facts what they mean. */
void html_writer_attributes(struct html_writer *writer,
    const struct html_element *element, struct html_css_facts *facts);
/* Text of the mail. */
void html_writer_text(struct html_writer *writer, struct str text);
/* Would a browser ask a stranger's server for this? */
bool html_writer_is_remote(struct str value);

#endif
