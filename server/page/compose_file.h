#ifndef PAGE_COMPOSE_FILE_H
#define PAGE_COMPOSE_FILE_H
/* One attachment on its way into the store; within compose_file*.c. */
#include "page/compose_inside.h"

/* Writes one attachment into the store, chunk by chunk. */
struct compose_file {
	struct store *store;
	struct str id;
	char *chunk; /* OUTBOX_CHUNK_BYTES */
	size_t len;
	uint32_t number;
	uint64_t total, max_encoded_bytes;
	const char *too_large; /* words when it is more */
	enum err_code rc;
	struct err *err;
};
/* A mime_sink_fn: the bytes of the file, piece by piece. */
bool compose_file_sink(void *ctx, struct str bytes);

/*
 * The id of a file follows from what it is, so that the same form sent twice
 * stores it once.
 */
struct str compose_file_id(
    struct arena *arena, const struct compose *compose, struct str what);
bool compose_file_is_stored(
    const struct store_attachment *stored, size_t count, struct str id);

/* What to do to get the bytes: a form's file, or a part of a message. */
typedef enum err_code compose_file_fn(struct request *req, const void *from,
    struct compose_file *writer, struct err *err);
/* Names a file that was not taken; the others and the text are kept. */
void compose_file_refuse(struct request *req, struct compose *compose,
    const struct store_attachment *file, const char *words);
/*
 * Stores a file, unless it is there. One that is too large is named in
 * compose->refused. knows_bytes: attachment->bytes is exact.
 */
enum err_code compose_file_store(struct request *req, struct compose *compose,
    const struct store_attachment *attachment, compose_file_fn *source,
    const void *from, bool knows_bytes, struct err *err) WARN_UNUSED;

#endif
