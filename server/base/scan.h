#ifndef BASE_SCAN_H
#define BASE_SCAN_H
/*
 * A cursor over bytes from outside. Parsers move it by these functions, which
 * know the end.
 */
#include "base/str.h"

struct scan {
	struct str in;
	size_t at; /* 0 to in.len */
};

struct scan scan_of(struct str in);
bool scan_end(const struct scan *scan);
/* The byte at the cursor, or -1 at the end. */
int scan_peek(const struct scan *scan);
int scan_peek_at(const struct scan *scan, size_t offset);
/* The same, moving past it. */
int scan_next(struct scan *scan);
/* Moves past `byte` or `s` when it stands here. */
bool scan_byte(struct scan *scan, char byte);
bool scan_str(struct scan *scan, struct str s);
bool scan_str_nocase(struct scan *scan, struct str s);
/* Takes the longest run of bytes that are (not) in `set`. */
struct str scan_while(struct scan *scan, const char *set);
struct str scan_until(struct scan *scan, const char *set);
/* Takes what stands before `byte` (or all the rest); stays before it. */
struct str scan_until_byte(struct scan *scan, char byte);
/* Takes `count` bytes, or fewer at the end. */
struct str scan_take(struct scan *scan, size_t count);
/* Spaces and tabs. */
void scan_blank(struct scan *scan);
/* Decimal digits, at least one, at most `max`; false leaves the cursor. */
bool scan_u64(struct scan *scan, uint64_t max, uint64_t *out);
struct str scan_rest(const struct scan *scan);

#endif
