#ifndef MAIL_IMAP_CACHE_SLAB_H
#define MAIL_IMAP_CACHE_SLAB_H
/*
 * The memory behind imap_cache.h: a shelf per folder, slabs of rows on it. The
 * cache's lock is held in all of it.
 */
#include "mail/imap_cache.h"

#define CACHE_SLAB_ROWS  64u /* about a page */
#define CACHE_SLAB_BYTES ((size_t)16 << 10)
#define CACHE_ROUND      ((size_t)1 << 10) /* slabs are multiples of this */
#define CACHE_ROW_BYTES  ((size_t)2 << 10) /* the largest that is kept */
/* For one account; looking for a row goes through all of its folder. */
#define CACHE_OWNER_BYTES ((size_t)1 << 20)
#define CACHE_SHARE       8u /* of all, at most */

/* Where a row is. */
struct imap_cache_entry {
	uint32_t uid, number, offset;
	bool has_preview;
};

/* Some rows of one folder, in one piece. */
struct imap_cache_slab {
	struct imap_cache_shelf *shelf;
	struct imap_cache_slab *next; /* of the shelf */
	struct imap_cache_slab *older, *newer;
	int64_t used_mono_ms;
	size_t len, room;
	uint32_t count;
	struct imap_cache_entry entries[CACHE_SLAB_ROWS]; /* by rising UID */
	char bytes[];
};

struct imap_cache_shelf {
	struct imap_cache_shelf *next;
	struct imap_cache_owner *owner;
	struct imap_cache_slab *slabs;
	uint32_t uid_validity;
	size_t name_len;
	char name[];
};

/* NULL: nothing of the folder is kept. */
struct imap_cache_shelf *imap_cache_slab_shelf(
    const struct imap_cache_folder *folder);
/* NULL: not kept. *slab: where the one before was, then where this one is. */
struct imap_cache_entry *imap_cache_slab_find(
    const struct imap_cache_shelf *shelf, uint32_t uid,
    struct imap_cache_slab **slab);
/* The last to go, from now on. */
void imap_cache_slab_use(
    struct imap_cache *cache, struct imap_cache_slab *slab);
/* Wiped; its shelf goes with its last slab. */
void imap_cache_slab_drop(
    struct imap_cache *cache, struct imap_cache_slab *slab);

/* Bytes this row takes; SIZE_MAX: it is too large to be kept. */
size_t imap_cache_slab_size(struct mail_row *row);
/*
 * A slab with room for a row of so many bytes; `left`: so many come in all.
 * NULL: there is no memory for it.
 */
struct imap_cache_slab *imap_cache_slab_room(
    const struct imap_cache_folder *folder, size_t bytes, size_t left);
/* Room for another one of this row. */
void imap_cache_slab_remove(
    struct imap_cache_slab *slab, struct imap_cache_entry *entry);
void imap_cache_slab_pack(
    struct imap_cache_slab *slab, struct mail_row *row, uint32_t number);
/* Its texts are copies in the arena; false without memory. */
bool imap_cache_slab_unpack(const struct imap_cache_slab *slab,
    const struct imap_cache_entry *entry, struct arena *arena,
    struct mail_row *row);

#endif
