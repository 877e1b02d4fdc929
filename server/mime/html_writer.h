#ifndef MIME_HTML_WRITER_H
#define MIME_HTML_WRITER_H
/*
 * Within mime/: writes what is allowed of a body that is walked over, as
 * canonical HTML: lower-case names, quoted values, everything escaped.
 */
#include "base/buf.h"
#include "mime/html_clean.h"
#include "mime/html_nest.h"
#include "mime/html_parse.h"

#define HTML_WRITER_BYTES_MAX (LIMIT_HTML_SHOWN * 3)

/* An address that goes out in place of the one in the canonical text. */
struct html_swap {
	size_t offset;
	size_t len;
	struct str shown;
};

struct html_writer {
	const struct html_clean_options *options;
	struct arena *arena;
	struct buf out;
	struct buf value; /* of one attribute */
	struct buf style;
	struct buf body_style;
	struct html_swap *swaps;
	size_t swap_count;
	size_t swap_capacity;
	struct html_nest nest;
	size_t depth; /* of kept elements, written or too deep */
	uint32_t blocked;
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
/* Escaped, without controls that entities may have brought back. */
void html_writer_escape(struct buf *out, struct str s);

#endif
