#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/err.h"

#define ARENA_FIRST_BLOCK ((size_t)16 << 10)
#define ARENA_MAX_BLOCK   ((size_t)1 << 20)

struct arena_block {
	struct arena_block *next;
	size_t capacity;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct arena_block *blocks; /* the newest first; owned */
	size_t max_bytes;
	size_t used_bytes;
	bool failed;
};

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena != NULL)
		arena->max_bytes = max_bytes;
	return arena;
}

static void
arena_free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_free_blocks(arena->blocks);
	free(arena);
}

void
arena_free_at(struct arena **arena)
{
	arena_free(*arena);
	*arena = NULL;
}

static struct arena_block *
arena_add_block(struct arena *arena, size_t bytes)
{
	size_t capacity = ARENA_FIRST_BLOCK;
	struct arena_block *block;

	if (arena->blocks != NULL)
		capacity = arena->blocks->capacity * 2;
	if (capacity > ARENA_MAX_BLOCK)
		capacity = ARENA_MAX_BLOCK;
	if (capacity < bytes)
		capacity = bytes;
	block = malloc(sizeof(*block) + capacity);
	if (block == NULL)
		return NULL;
	block->capacity = capacity;
	block->used = 0;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static size_t
arena_aligned(size_t bytes)
{
	const size_t align = alignof(max_align_t);

	return bytes == 0 ? align : (bytes + align - 1) / align * align;
}

void *
arena_room(struct arena *arena, size_t bytes)
{
	struct arena_block *block = arena->blocks;
	size_t need;
	void *result;

	if (bytes > arena->max_bytes ||
	    arena->used_bytes > arena->max_bytes - bytes) {
		arena->failed = true;
		return NULL;
	}
	need = arena_aligned(bytes);
	if (block == NULL || block->capacity - block->used < need)
		block = arena_add_block(arena, need);
	if (block == NULL) {
		arena->failed = true;
		return NULL;
	}
	result = block->bytes + block->used;
	block->used += need;
	arena->used_bytes += bytes;
	return result;
}

void *
arena_alloc(struct arena *arena, size_t bytes)
{
	void *result = arena_room(arena, bytes);

	if (result != NULL)
		memset(result, 0, bytes);
	return result;
}

bool
arena_stretch(struct arena *arena, const void *ptr, size_t bytes, size_t wanted)
{
	struct arena_block *block = arena->blocks;
	size_t more = wanted - bytes;
	size_t start;

	ensure(wanted >= bytes);
	if (block == NULL || more > arena->max_bytes - arena->used_bytes ||
	    wanted > block->capacity || block->used < arena_aligned(bytes))
		return false;
	start = block->used - arena_aligned(bytes);
	if (ptr != block->bytes + start ||
	    arena_aligned(wanted) > block->capacity - start)
		return false;
	block->used = start + arena_aligned(wanted);
	arena->used_bytes += more;
	return true;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		arena->failed = true;
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

void *
arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity,
    size_t size)
{
	size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
	void *bigger;

	if (array != NULL && count < *capacity)
		return array;
	if (array != NULL && wanted <= SIZE_MAX / 2 / size &&
	    arena_stretch(arena, array, *capacity * size, wanted * size)) {
		memset((char *)array + *capacity * size, 0,
		    (wanted - *capacity) * size);
		*capacity = wanted;
		return array;
	}
	bigger = arena_array(arena, wanted, size);
	if (bigger == NULL)
		return NULL;
	if (array != NULL)
		memcpy(bigger, array, count * size);
	*capacity = wanted;
	return bigger;
}

bool
arena_failed(const struct arena *arena)
{
	return arena->failed;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used_bytes;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *keep = arena->blocks;

	if (keep != NULL) {
		arena_free_blocks(keep->next);
		keep->next = NULL;
		keep->used = 0;
	}
	arena->used_bytes = 0;
	arena->failed = false;
}
