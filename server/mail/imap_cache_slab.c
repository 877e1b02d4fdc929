#include "mail/imap_cache_slab.h"

#include <stdlib.h>

#include "base/secret.h"
#include "os/clock.h"

/*
 * A row as it is kept: numbers, then its texts one after the other. Whoever
 * gives struct mail_row another member decides here whether it is kept, and
 * then changes the size below. Flags and keywords come anew each time.
 */
#define CACHE_TEXTS 6u
struct cache_row {
	int64_t date_s, arrived_s;
	uint64_t bytes;
	uint16_t lens[CACHE_TEXTS];
	bool has_attachment;
};
struct cache_texts {
	struct text *at[CACHE_TEXTS];
};
_Static_assert(sizeof(void *) != 8 || sizeof(struct mail_row) == 152,
    "a member of struct mail_row is new: is it kept here?");

static struct cache_texts
cache_texts(struct mail_row *row)
{
	return (struct cache_texts){{&row->from.name, &row->from.address,
	    &row->to.name, &row->to.address, &row->subject, &row->preview}};
}

static size_t
cache_slab_size(const struct imap_cache_slab *slab)
{
	return sizeof(*slab) + slab->room;
}

static size_t
cache_shelf_size(const struct imap_cache_shelf *shelf)
{
	return sizeof(*shelf) + shelf->name_len;
}

static void
cache_count(struct imap_cache *cache, struct imap_cache_owner *owner,
    size_t bytes, bool is_more)
{
	cache->bytes = is_more ? cache->bytes + bytes : cache->bytes - bytes;
	owner->bytes = is_more ? owner->bytes + bytes : owner->bytes - bytes;
	metric_add(
	    cache->metric_bytes, is_more ? (int64_t)bytes : -(int64_t)bytes);
}

static void
cache_unlink_use(struct imap_cache *cache, struct imap_cache_slab *slab)
{
	if (slab->older != NULL)
		slab->older->newer = slab->newer;
	else
		cache->oldest = slab->newer;
	if (slab->newer != NULL)
		slab->newer->older = slab->older;
	else
		cache->newest = slab->older;
}

static void
cache_link_use(struct imap_cache *cache, struct imap_cache_slab *slab)
{
	slab->used_mono_ms = clock_mono_ms();
	slab->newer = NULL;
	slab->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = slab;
	else
		cache->oldest = slab;
	cache->newest = slab;
}

static void
cache_drop_shelf(struct imap_cache *cache, struct imap_cache_shelf *shelf)
{
	struct imap_cache_shelf **at = &shelf->owner->shelves;

	while (*at != shelf)
		at = &(*at)->next;
	*at = shelf->next;
	cache_count(cache, shelf->owner, cache_shelf_size(shelf), false);
	free(shelf);
}

void
imap_cache_slab_drop(struct imap_cache *cache, struct imap_cache_slab *slab)
{
	struct imap_cache_shelf *shelf = slab->shelf;
	struct imap_cache_slab **at = &shelf->slabs;

	while (*at != slab)
		at = &(*at)->next;
	*at = slab->next;
	cache_unlink_use(cache, slab);
	cache_count(cache, shelf->owner, cache_slab_size(slab), false);
	secret_wipe(slab->bytes, slab->len);
	free(slab);
	if (shelf->slabs == NULL)
		cache_drop_shelf(cache, shelf);
}

static struct imap_cache_slab *
cache_oldest_of(const struct imap_cache_owner *owner)
{
	struct imap_cache_slab *oldest = NULL;

	for (const struct imap_cache_shelf *shelf = owner->shelves;
	     shelf != NULL; shelf = shelf->next) {
		for (struct imap_cache_slab *at = shelf->slabs; at != NULL;
		     at = at->next) {
			if (oldest == NULL ||
			    at->used_mono_ms < oldest->used_mono_ms)
				oldest = at;
		}
	}
	return oldest;
}

/* Room for so much more of this account. False: it is larger than all. */
static bool
cache_make_room(
    struct imap_cache *cache, struct imap_cache_owner *owner, size_t bytes)
{
	size_t share = cache->max_bytes / CACHE_SHARE;

	if (share > CACHE_OWNER_BYTES)
		share = CACHE_OWNER_BYTES;
	if (bytes > share)
		return false;
	while (owner->bytes + bytes > share) {
		struct imap_cache_slab *slab = cache_oldest_of(owner);

		if (slab == NULL)
			return false;
		imap_cache_slab_drop(cache, slab);
	}
	while (cache->oldest != NULL && cache->bytes + bytes > cache->max_bytes)
		imap_cache_slab_drop(cache, cache->oldest);
	return cache->bytes + bytes <= cache->max_bytes;
}

struct imap_cache_shelf *
imap_cache_slab_shelf(const struct imap_cache_folder *folder)
{
	struct imap_cache_shelf *at = folder->owner->shelves;

	while (at != NULL &&
	       !(at->uid_validity == folder->uid_validity &&
	           str_eq(str_of(at->name, at->name_len), folder->name)))
		at = at->next;
	return at;
}

/* The first entry whose UID is not smaller. */
static uint32_t
cache_place(const struct imap_cache_slab *slab, uint32_t uid)
{
	uint32_t low = 0;
	uint32_t high = slab->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (slab->entries[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct imap_cache_entry *
cache_find_in(struct imap_cache_slab *slab, uint32_t uid)
{
	uint32_t at = cache_place(slab, uid);

	if (at == slab->count || slab->entries[at].uid != uid)
		return NULL;
	return &slab->entries[at];
}

struct imap_cache_entry *
imap_cache_slab_find(const struct imap_cache_shelf *shelf, uint32_t uid,
    struct imap_cache_slab **slab)
{
	struct imap_cache_entry *entry = NULL;

	if (shelf == NULL)
		return NULL;
	if (*slab != NULL)
		entry = cache_find_in(*slab, uid);
	for (struct imap_cache_slab *at = shelf->slabs;
	     entry == NULL && at != NULL; at = at->next) {
		entry = cache_find_in(at, uid);
		if (entry != NULL)
			*slab = at;
	}
	return entry;
}

/* ---- one row ---- */
bool
imap_cache_slab_unpack(const struct imap_cache_slab *slab,
    const struct imap_cache_entry *entry, struct arena *arena,
    struct mail_row *row)
{
	struct cache_texts texts = cache_texts(row);
	const char *from = slab->bytes + entry->offset;
	struct cache_row kept;
	struct str all = {0};
	size_t at = 0;

	memcpy(&kept, from, sizeof(kept));
	for (size_t i = 0; i < CACHE_TEXTS; i++)
		all.len += kept.lens[i];
	all = str_dup(arena, str_of(from + sizeof(kept), all.len));
	if (all.ptr == NULL)
		return false;
	row->date_s = kept.date_s;
	row->arrived_s = kept.arrived_s;
	row->bytes = kept.bytes;
	row->has_attachment = kept.has_attachment;
	row->has_preview = entry->has_preview;
	for (size_t i = 0; i < CACHE_TEXTS; i++) {
		texts.at[i]->s = str_slice(all, at, at + kept.lens[i]);
		at += kept.lens[i];
	}
	return true;
}

size_t
imap_cache_slab_size(struct mail_row *row)
{
	struct cache_texts texts = cache_texts(row);
	size_t size = sizeof(struct cache_row);

	for (size_t i = 0; i < CACHE_TEXTS; i++) {
		if (texts.at[i]->s.len > CACHE_ROW_BYTES)
			return SIZE_MAX;
		size += texts.at[i]->s.len;
	}
	return size;
}

void
imap_cache_slab_remove(
    struct imap_cache_slab *slab, struct imap_cache_entry *entry)
{
	size_t at = (size_t)(entry - slab->entries);

	slab->count--;
	memmove(
	    entry, entry + 1, (slab->count - at) * sizeof(slab->entries[0]));
}

void
imap_cache_slab_pack(
    struct imap_cache_slab *slab, struct mail_row *row, uint32_t number)
{
	struct cache_texts texts = cache_texts(row);
	struct cache_row kept = {.date_s = row->date_s,
	    .arrived_s = row->arrived_s,
	    .bytes = row->bytes,
	    .has_attachment = row->has_attachment};
	uint32_t at = cache_place(slab, row->uid);
	char *to = slab->bytes + slab->len + sizeof(kept);

	memmove(&slab->entries[at + 1], &slab->entries[at],
	    (slab->count - at) * sizeof(slab->entries[0]));
	slab->entries[at] = (struct imap_cache_entry){.uid = row->uid,
	    .number = number,
	    .offset = (uint32_t)slab->len,
	    .has_preview = row->has_preview};
	slab->count++;
	for (size_t i = 0; i < CACHE_TEXTS; i++) {
		struct str text = texts.at[i]->s;

		kept.lens[i] = (uint16_t)text.len;
		if (text.len > 0)
			memcpy(to, text.ptr, text.len);
		to += text.len;
	}
	memcpy(slab->bytes + slab->len, &kept, sizeof(kept));
	slab->len = (size_t)(to - slab->bytes);
}

/* ---- making room for what is new ---- */
static struct imap_cache_shelf *
cache_make_shelf(const struct imap_cache_folder *folder)
{
	struct imap_cache_shelf *shelf =
	    malloc(sizeof(*shelf) + folder->name.len);

	if (shelf == NULL)
		return NULL;
	*shelf = (struct imap_cache_shelf){.next = folder->owner->shelves,
	    .owner = folder->owner,
	    .uid_validity = folder->uid_validity,
	    .name_len = folder->name.len};
	memcpy(shelf->name, folder->name.ptr, folder->name.len);
	folder->owner->shelves = shelf;
	cache_count(
	    folder->cache, folder->owner, cache_shelf_size(shelf), true);
	return shelf;
}

/* A slab for `bytes`, and more if there is more to come. */
static struct imap_cache_slab *
cache_make_slab(const struct imap_cache_folder *folder, size_t bytes)
{
	size_t room = (bytes + CACHE_ROUND - 1) / CACHE_ROUND * CACHE_ROUND;
	struct imap_cache_shelf *shelf;
	struct imap_cache_slab *slab;

	if (room > CACHE_SLAB_BYTES)
		room = CACHE_SLAB_BYTES;
	if (!cache_make_room(folder->cache, folder->owner,
	        sizeof(*slab) + room + sizeof(*shelf) + folder->name.len))
		return NULL;
	slab = malloc(sizeof(*slab) + room);
	if (slab == NULL)
		return NULL;
	shelf = imap_cache_slab_shelf(folder);
	if (shelf == NULL)
		shelf = cache_make_shelf(folder);
	if (shelf == NULL) {
		free(slab);
		return NULL;
	}
	slab->shelf = shelf;
	slab->next = shelf->slabs;
	slab->len = 0;
	slab->room = room;
	slab->count = 0;
	shelf->slabs = slab;
	cache_link_use(folder->cache, slab);
	cache_count(folder->cache, folder->owner, cache_slab_size(slab), true);
	return slab;
}

static bool
cache_fits(const struct imap_cache_slab *slab, size_t bytes)
{
	return slab->count < CACHE_SLAB_ROWS && slab->room - slab->len >= bytes;
}

struct imap_cache_slab *
imap_cache_slab_room(
    const struct imap_cache_folder *folder, size_t bytes, size_t left)
{
	const struct imap_cache_shelf *shelf = imap_cache_slab_shelf(folder);
	struct imap_cache_slab *slab = shelf == NULL ? NULL : shelf->slabs;

	while (slab != NULL && !cache_fits(slab, bytes))
		slab = slab->next;
	return slab != NULL ? slab : cache_make_slab(folder, left);
}

void
imap_cache_slab_use(struct imap_cache *cache, struct imap_cache_slab *slab)
{
	cache_unlink_use(cache, slab);
	cache_link_use(cache, slab);
}
