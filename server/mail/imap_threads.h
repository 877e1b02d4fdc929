#ifndef MAIL_IMAP_THREADS_H
#define MAIL_IMAP_THREADS_H
/*
 * The conversations of the open folder, as THREAD=REFS told them: true as
 * long as nothing came or went, which the open connection tells. Singles are
 * not kept. For this room only.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* In larger folders one conversation is asked for at a time. */
#define IMAP_THREADS_MOST 5000u

struct imap_threads {
	bool is_known;
	uint64_t changes; /* of the connection, when they were told */
	uint32_t *uids;   /* owned; each conversation ends with a 0 */
	size_t count, capacity;
};

/*
 * thread-data (RFC 5256, 5): "(2)(3 6 (4 23)(44 7 96))". Each UID in its
 * order; 0 ends a conversation, which is all within its outermost parentheses.
 * False: it is none, or `take` said false; what came before was taken.
 */
typedef bool imap_threads_fn(void *ctx, uint32_t uid);
bool imap_threads_parse(struct str bytes, imap_threads_fn *take, void *ctx);

void imap_threads_end(struct imap_threads *threads);
/* As told, in place of before. */
void imap_threads_read(
    struct imap_threads *threads, uint64_t changes, struct str bytes);
/* The conversation of a message, rising; only itself when it is alone. */
size_t imap_threads_find(const struct imap_threads *threads, uint32_t uid,
    struct arena *arena, uint32_t **out_uids);

#endif
