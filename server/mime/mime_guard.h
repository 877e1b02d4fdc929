#ifndef MIME_GUARD_H
#define MIME_GUARD_H
/*
 * Within mime/: looks over a message before the library's parser gets it, and
 * says which bytes it had better not see.
 */
#include "mime/mime.h"

struct mime_guard_skip {
	size_t from;
	size_t to;
};

struct mime_guard {
	/* Left out of what the parser sees; in order, in the arena. */
	struct mime_guard_skip *skips;
	size_t skip_count;
	size_t skipped; /* bytes of all of them */
	size_t end;     /* the parser sees nothing from here on */
	bool is_cut;    /* because a limit was met */
};

/*
 * Left out is what is known to end in stack overflow, quadratic time or
 * memory of many times the message: address fields with hundreds of group or
 * comment marks, header blocks past limits->header_bytes, and all from there
 * on where parts, multiparts, header fields or the work of comparing
 * delimiters become too many. One pass.
 */
void mime_guard_look(struct str bytes, const struct mime_limits *limits,
    struct arena *arena, struct mime_guard *out);
/* An offset in what the parser sees as one in the message. */
size_t mime_guard_offset(const struct mime_guard *guard, size_t seen);
/* Bytes of the message from `offset` on that the parser sees in a row. */
size_t mime_guard_run(const struct mime_guard *guard, size_t offset);
/*
 * mime_guard_offset() for the end of a part's content: what was left out right
 * behind it belongs to it.
 */
size_t mime_guard_end(
    const struct mime_guard *guard, struct str bytes, size_t seen);

#endif
