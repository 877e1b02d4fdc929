#ifndef HTTP_FORM_SOURCE_H
#define HTTP_FORM_SOURCE_H
/*
 * The bytes of a body, in memory or in a spool file, read through a window:
 * a form of 100 MB is parsed in 64 KB of memory. And the multipart parser
 * over it.
 */
#include "base/arena.h"
#include "http/form.h"

/* Not smaller: a delimiter must fit, 2 + 2 + 70 + 2 bytes. */
#define FORM_WINDOW_MIN ((size_t)80)

struct form_source {
	struct str memory;
	int spool_fd; /* -1: memory */
	uint64_t total;
	char *window;
	size_t window_max;
	uint64_t window_at;
	size_t window_len;
	bool failed;         /* the spool cannot be read */
	bool is_cut;         /* the body was longer */
	struct arena *arena; /* for window and copies; set by the parser */
};

/*
 * A view of the body from `at`: at least `want` bytes unless the body ends
 * (want <= FORM_WINDOW_MIN). Valid until the next call.
 */
struct str form_source_view(
    struct form_source *source, uint64_t at, size_t want);
/* Where `needle` begins at or after `from`; false: nowhere. */
bool form_source_find(struct form_source *source, struct str needle,
    uint64_t from, uint64_t *out_at);
/* Copies [from, to) into the arena. ERR_LIMIT, ERR_NO_MEMORY, ERR_INTERNAL. */
enum err_code form_source_copy(struct form_source *source, uint64_t from,
    uint64_t to, size_t max_bytes, struct str *out,
    struct err *err) WARN_UNUSED;

/* Adds to `form`, which has room as form_parse made it. */
struct form_builder {
	struct form *form;
	size_t capacity;
	struct arena *arena;
};
enum err_code form_builder_add(struct form_builder *builder,
    const struct form_field *field, struct err *err) WARN_UNUSED;

/* multipart/form-data (RFC 7578) with the boundary of the Content-Type. */
enum err_code form_multipart(struct form_source *source, struct str boundary,
    struct form_builder *builder, struct err *err) WARN_UNUSED;
/* The boundary parameter, or ptr NULL when missing or not allowed. */
struct str form_boundary(struct str content_type, struct arena *arena);
/*
 * form_parse over a source with its memory or spool, total and window_max set
 * (the window is made in the arena).
 */
enum err_code form_parse_source(struct str content_type,
    struct form_source *source, struct arena *arena, const struct form **out,
    struct err *err) WARN_UNUSED;

#endif
