#ifndef HTTP_FORM_H
#define HTTP_FORM_H
/*
 * Form bodies: application/x-www-form-urlencoded (WHATWG URL, 5.1) and
 * multipart/form-data (RFC 7578). Files stay in the spool; fields are in
 * memory.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct form_field {
	struct str name;
	struct str value; /* of a file: empty */
	bool is_file;
	struct str file_name; /* as sent, path removed; may be empty */
	struct str type;      /* of a file: Content-Type as sent */
	uint64_t file_offset; /* in the body */
	uint64_t file_bytes;
	bool is_cut; /* only its beginning is there */
};

struct form {
	struct form_field *fields;
	size_t count;
	/* the body the file offsets point into: one of the two */
	struct str memory;
	int spool_fd; /* -1: memory; borrowed */
};

/*
 * `memory` holds the body when spool_fd is -1; else it is read from the
 * spool. Fields live in the arena. ERR_INPUT, ERR_LIMIT.
 */
enum err_code form_parse(struct str content_type, struct str memory,
    int spool_fd, uint64_t spool_bytes, struct arena *arena,
    const struct form **out, struct err *err) WARN_UNUSED;
/*
 * The beginning of a body that was too long: what stands before the cut. Of a
 * file the beginning, marked so; a text that is cut is left out.
 */
enum err_code form_parse_beginning(struct str content_type, int spool_fd,
    uint64_t spool_bytes, struct arena *arena, const struct form **out,
    struct err *err) WARN_UNUSED;
/* First field of that name, NULL when absent. */
const struct form_field *form_find(const struct form *form, const char *name);
/* Its value as bytes; ptr NULL when absent. */
struct str form_value(const struct form *form, const char *name);
/* The next field of that name after `after` (NULL: the first). */
const struct form_field *form_next(
    const struct form *form, const char *name, const struct form_field *after);
/* Reads a file's bytes at `offset`; returns the count, 0 at the end, -1. */
int64_t form_file_read(const struct form *form, const struct form_field *field,
    uint64_t offset, void *buf, size_t len);

#endif
