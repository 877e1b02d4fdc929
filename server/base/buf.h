#ifndef BASE_BUF_H
#define BASE_BUF_H
/*
 * A buffer that grows up to a maximum and remembers its first failure, so
 * that a run of buf_adds needs one check, at buf_end(). Heap memory of its
 * own, or memory of an arena.
 */
#include "base/err.h"
#include "base/str.h"

struct buf {
	char *ptr;
	size_t len;
	size_t capacity;
	size_t max_bytes;
	struct arena *arena; /* borrowed; NULL: heap */
	enum err_code failed;
};

/* An empty buffer on the heap, freed by buf_free. */
void buf_init(struct buf *buf, size_t max_bytes);
/* The same in an arena; buf_free does nothing then. */
void buf_init_arena(struct buf *buf, struct arena *arena, size_t max_bytes);
void buf_free(struct buf *buf);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *buf);

void buf_add(struct buf *buf, struct str s);
void buf_add_c(struct buf *buf, const char *c);
void buf_add_byte(struct buf *buf, char byte);
void buf_add_u64(struct buf *buf, uint64_t number);
void buf_add_i64(struct buf *buf, int64_t number);
void buf_addf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* RFC 3986 percent-encoding; only unreserved characters stay as they are. */
void buf_add_percent(struct buf *buf, struct str s);
/* HTML text and attribute values: & < > " ' become entities. */
void buf_add_html(struct buf *buf, struct str s);
/* One code point as UTF-8; what is none becomes U+FFFD. */
void buf_add_utf8(struct buf *buf, uint32_t code_point);
/* JSON string contents, without the quotes (RFC 8259). */
void buf_add_json(struct buf *buf, struct str s);

/*
 * The contents, borrowed until the buffer changes; NUL-terminated beyond the
 * end. ERR_LIMIT past the maximum, ERR_NO_MEMORY.
 */
enum err_code buf_end(
    struct buf *buf, struct str *out, struct err *err) WARN_UNUSED;
/* What is there so far, whatever happened. */
struct str buf_str(const struct buf *buf);

#endif
