#ifndef BASE_STR_H
#define BASE_STR_H
/*
 * Strings that know their end. Three structs keep strings from outside apart
 * from safe ones: bytes, text for people, and HTML that is printable as is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct str {
	const char *ptr; /* may hold NUL; not terminated; NULL when len is 0 */
	size_t len;
};

/* Valid UTF-8 without controls but TAB and LF. */
struct text {
	struct str s;
};

/* Printable as is; made only by html_clean() and tmpl_render(). */
struct html {
	struct str s;
};

/* A literal as a struct str; a macro because sizeof must see the array. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same as text: for literals we wrote ourselves. */
#define TEXT(literal) ((struct text){STR(literal)})
/* For printf("%.*s"). */
#define STR_ARG(string) (int)(string).len, (string).ptr

/*
 * What stands here with its body is called from everywhere, for every few
 * bytes: a call costs more than what it does.
 */

/* A NUL-terminated C string; NULL gives the empty string. Borrows. */
static inline struct str
str_c(const char *c)
{
	return c == NULL ? (struct str){NULL, 0} : (struct str){c, strlen(c)};
}

static inline struct str
str_of(const char *ptr, size_t len)
{
	return (struct str){ptr, len};
}

static inline bool
str_is_empty(struct str s)
{
	return s.len == 0;
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Bytes [from, to), both clipped to the string. */
static inline struct str
str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from >= to)
		return (struct str){s.ptr == NULL ? NULL : s.ptr + to, 0};
	return (struct str){s.ptr + from, to - from};
}

/* ASCII letters compare without case; all other bytes as they are. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Byte order, shorter first when one is the other's beginning: -1, 0, 1. */
int str_compare(struct str a, struct str b);
/* Index of the first byte or string at or after `from`, or s.len. */
size_t str_find_byte(struct str s, char byte, size_t from);
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_nocase(struct str s, struct str needle, size_t from);
/* Without spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/*
 * Cuts what stands before the first `byte` off *rest and returns it; *rest is
 * then what follows it (ptr NULL when no more). Returns the whole at the end.
 */
struct str str_cut(struct str *rest, char byte);
/* Has CR, LF or NUL: must not reach a line protocol. */
bool str_has_line_break(struct str s);
/* Distance of spelling (Levenshtein, ASCII case ignored), at most `max`+1. */
size_t str_distance(struct str a, struct str b, size_t max);

/* Copies into the arena; ptr NULL when the arena is used up. */
struct str str_dup(struct arena *arena, struct str s);
/* The same, NUL-terminated; NULL when used up or when s holds a NUL. */
char *str_dup_c(struct arena *arena, struct str s);
/* A NUL-terminated copy whatever bytes it holds; NULL when used up. */
char *str_dup_bytes(struct arena *arena, struct str s);
/* Lower case of ASCII letters, a copy in the arena. */
struct str str_lower(struct arena *arena, struct str s);
/* Parts joined, a copy in the arena. */
struct str str_join(struct arena *arena, const struct str *parts, size_t count);
/* printf into the arena. For numbers and our own words, not for SQL or HTML. */
struct str str_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is it valid UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool str_is_utf8(struct str s);
/*
 * Makes text of any bytes: what is not UTF-8 becomes U+FFFD, CR LF becomes LF,
 * a lone CR LF, other controls (C0, DEL, C1) are dropped. Lives in the arena,
 * or borrows when nothing had to change. ptr NULL when the arena is used up.
 */
struct text text_from(struct arena *arena, struct str bytes);
/* The same on one line: TAB and LF become a space, ends trimmed. */
struct text text_line(struct arena *arena, struct str bytes);
/* At most `max_chars` code points; "…" is added when something was cut. */
struct text text_shorten(
    struct arena *arena, struct text text, size_t max_chars);
/* Text that is text already (our literals, numbers). Checks in ensure(). */
struct text text_known(struct str s);
bool text_is_empty(struct text text);
/*
 * Reads one code point at *at and moves *at past it; invalid bytes give
 * 0xFFFD and move by one. At the end: 0 and *at unchanged.
 */
uint32_t text_next(struct str s, size_t *at);

#endif
