#ifndef BASE_ARENA_H
#define BASE_ARENA_H
/*
 * A region of memory that is given back at once. Each request has one; what
 * pages, mail, mime and view produce lives in it, and nobody frees.
 */
#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * A new arena which never hands out more than `max_bytes` in all. NULL when
 * out of memory. One thread at a time.
 */
struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *arena);     /* NULL accepted */
void arena_free_at(struct arena **arena); /* for CLEANUP */

/*
 * Zeroed memory, aligned for any type. NULL when the maximum or the machine's
 * memory is used up; the arena then remembers it (arena_failed).
 * A size of 0 gives a valid pointer.
 */
void *arena_alloc(struct arena *arena, size_t bytes);
/* The same, not zeroed: for who writes all of it. */
void *arena_room(struct arena *arena, size_t bytes);
/*
 * Makes `bytes` from arena_room `wanted` bytes long where they stand; false:
 * something stands behind them. What is new is not zeroed.
 */
bool arena_stretch(
    struct arena *arena, const void *ptr, size_t bytes, size_t wanted);
/* An array; overflow of count * size counts as used up. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/*
 * Makes room for one more in a growing array: returns `array` or a larger
 * copy of it and updates *capacity. NULL when used up.
 */
void *arena_grow(struct arena *arena, void *array, size_t count,
    size_t *capacity, size_t size);
bool arena_failed(const struct arena *arena);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);
/* Forgets all of it but keeps one block for the next use. */
void arena_reset(struct arena *arena);

/* A new T, zeroed; a macro because it takes a type. */
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) \
	((type *)arena_array((arena), (count), sizeof(type)))

#endif
