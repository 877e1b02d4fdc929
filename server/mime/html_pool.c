#include "mime/html_pool.h"

/*
 * A parser asks for very many small pieces and gives most of them back soon:
 * freed ones wait in lists by size, so that a large document does not touch
 * new memory for each tag. A piece has its class before it.
 */
#define BLOCK_BYTES  ((size_t)256 << 10)
#define STEP_BYTES   16u
#define STEPS        128u /* classes of STEP_BYTES; above, powers of two */
#define STEPS_BYTES  ((size_t)STEP_BYTES * STEPS)
#define CLOCK_EACH   512u /* allocations between looks at the clock */
#define HEADER_BYTES sizeof(uint64_t)

struct html_pool_block {
	struct html_pool_block *next;
	uint64_t unused; /* keeps what follows aligned to 16 */
};

struct html_pool_piece {
	struct html_pool_piece *next;
};

int64_t
html_pool_cpu_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
html_pool_init(struct html_pool *pool, size_t max_bytes, int64_t until_cpu_ms)
{
	pool->blocks = NULL;
	pool->at = NULL;
	pool->room = 0;
	memset(pool->freed, 0, sizeof(pool->freed));
	pool->left = max_bytes;
	pool->allocations = 0;
	pool->until_cpu_ms = until_cpu_ms;
	pool->failed = ERR_OK;
}

void
html_pool_end(struct html_pool *pool)
{
	while (pool->blocks != NULL) {
		struct html_pool_block *next = pool->blocks->next;
		free(pool->blocks);
		pool->blocks = next;
	}
}

static void
leave(struct html_pool *pool, enum err_code why)
{
	pool->failed = why;
	longjmp(pool->out, 1);
}

static void
grow(struct html_pool *pool, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct html_pool_block *block;

	if (size > pool->left)
		leave(pool, ERR_LIMIT);
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		leave(pool, ERR_NO_MEMORY);
	pool->left -= size;
	block->next = pool->blocks;
	pool->blocks = block;
	pool->at = (char *)(block + 1);
	pool->room = size;
}

/* The class of a size, header included, and the size all of it have. */
static size_t
class_of(size_t bytes, size_t *out_bytes)
{
	size_t class = STEPS;
	size_t size = STEPS_BYTES * 2;

	if (bytes <= STEPS_BYTES) {
		class = (bytes + STEP_BYTES - 1) / STEP_BYTES;
		*out_bytes = class * STEP_BYTES;
		return class - 1;
	}
	while (size < bytes) {
		size *= 2;
		class ++;
	}
	*out_bytes = size;
	return class;
}

void *
html_pool_alloc(struct html_pool *pool, size_t bytes)
{
	size_t size = 0;
	size_t class = 0;
	char *start;

	pool->allocations++;
	if (pool->allocations % CLOCK_EACH == 0 &&
	    html_pool_cpu_ms() > pool->until_cpu_ms)
		leave(pool, ERR_LIMIT);
	if (bytes > pool->left + pool->room)
		leave(pool, ERR_LIMIT);
	class = class_of(bytes + HEADER_BYTES, &size);
	if (pool->freed[class] != NULL) {
		struct html_pool_piece *piece = pool->freed[class];
		pool->freed[class] = piece->next;
		return piece;
	}
	if (size > pool->room)
		grow(pool, size);
	start = pool->at;
	pool->at += size;
	pool->room -= size;
	memcpy(start, &(uint64_t){class}, HEADER_BYTES);
	return start + HEADER_BYTES;
}

void
html_pool_free(struct html_pool *pool, void *memory)
{
	struct html_pool_piece *piece = memory;
	uint64_t class = 0;

	if (memory == NULL)
		return;
	memcpy(&class, (char *)memory - HEADER_BYTES, HEADER_BYTES);
	piece->next = pool->freed[class];
	pool->freed[class] = piece;
}
