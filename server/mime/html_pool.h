#ifndef MIME_HTML_POOL_H
#define MIME_HTML_POOL_H
/*
 * Within mime/: the memory of the HTML parser, bounded in bytes and in the
 * time that is spent between its allocations. When either is used up, the
 * pool jumps out of the parser.
 */
#include "base/err.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#define HTML_POOL_CLASSES 176u

struct html_pool_block;
struct html_pool_piece;

struct html_pool {
	jmp_buf out; /* set by the user of the pool */
	struct html_pool_block *blocks;
	char *at; /* in the newest block */
	size_t room;
	struct html_pool_piece *freed[HTML_POOL_CLASSES];
	size_t left; /* bytes of blocks it may still ask for */
	size_t allocations;
	int64_t until_cpu_ms; /* of this thread */
	enum err_code failed;
};

/* At most `max_bytes` of blocks; `until_cpu_ms` is of html_pool_cpu_ms(). */
void html_pool_init(
    struct html_pool *pool, size_t max_bytes, int64_t until_cpu_ms);
/* Gives all of it back. */
void html_pool_end(struct html_pool *pool);
/* Memory, not zeroed; does not return (longjmp to `out`) when used up. */
void *html_pool_alloc(struct html_pool *pool, size_t bytes);
/* NULL accepted. */
void html_pool_free(struct html_pool *pool, void *memory);
/* What the calling thread has computed so far. */
int64_t html_pool_cpu_ms(void);

#endif
