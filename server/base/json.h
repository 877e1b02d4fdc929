#ifndef BASE_JSON_H
#define BASE_JSON_H
/*
 * JSON (RFC 8259), read and written; jansson behind it. Values live in an
 * arena and form a tree.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_NUMBER,
	JSON_KIND_FRACTION, /* "1.5", "1e3": its value is not kept */
	JSON_KIND_STRING,
	JSON_KIND_LIST,
	JSON_KIND_OBJECT
};
struct json {
	enum json_kind kind;
	struct str name; /* in an object */
	bool is_true;
	int64_t number;
	struct str string;                /* UTF-8 without NUL */
	struct json *first, *last, *next; /* what it holds; its neighbour */
};

struct json_limits {
	size_t bytes;    /* of the whole */
	unsigned depth;  /* of lists and objects in each other */
	unsigned values; /* commas, colons and brackets, about */
};
/*
 * Bytes of a stranger. ERR_INPUT: it is no JSON, has a name twice in an object,
 * or a number past 64 bits (the message names the line); ERR_LIMIT: past the
 * limits, before anything is built.
 */
enum err_code json_read(struct str bytes, const struct json_limits *limits,
    struct arena *arena, struct json **out, struct err *err) WARN_UNUSED;
/* Indented, with a LF at the end. ERR_NO_MEMORY, ERR_LIMIT of the buffer. */
enum err_code json_write(
    const struct json *value, struct buf *out, struct err *err) WARN_UNUSED;

/* By its name; NULL: none, or `object` is none. */
const struct json *json_find(const struct json *object, struct str name);
/*
 * New values, at the end of `into` (NULL: a root); in a list names are empty.
 * Strings are borrowed. NULL without memory, which the arena remembers; a NULL
 * `into` after that does no harm, but gives a root.
 */
struct json *json_add(struct arena *arena, struct json *into, struct str name,
    enum json_kind kind);
void json_add_string(
    struct arena *arena, struct json *into, struct str name, struct str string);
void json_add_number(
    struct arena *arena, struct json *into, struct str name, int64_t number);
void json_add_bool(
    struct arena *arena, struct json *into, struct str name, bool is_true);

#endif
