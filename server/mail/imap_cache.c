#include "mail/imap_cache.h"

#include "mail/imap_cache_slab.h"

void
imap_cache_init(struct imap_cache *cache)
{
	*cache = (struct imap_cache){0};
	lock_init(&cache->lock);
}

void
imap_cache_end(struct imap_cache *cache)
{
	imap_cache_limit(cache, 0);
	lock_end(&cache->lock);
}

static bool
cache_is_on(const struct imap_cache_folder *folder)
{
	return folder->cache != NULL && folder->uid_validity != 0;
}

/* Something is wrong with one that has neither, perhaps for a moment. */
static bool
cache_is_worth(const struct mail_row *row, const struct imap_cache_mark *mark)
{
	return row->uid != 0 && !mark->is_bare &&
	       (row->from.address.s.len > 0 || row->subject.s.len > 0);
}

static void
cache_keep(const struct imap_cache_folder *folder, struct mail_row *rows,
    const struct imap_cache_mark *marks, const bool *is_new, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += is_new[i] ? imap_cache_slab_size(&rows[i]) : 0;
	for (size_t i = 0; i < count; i++) {
		size_t bytes = is_new[i] ? imap_cache_slab_size(&rows[i]) : 0;
		struct imap_cache_slab *slab;

		if (!is_new[i])
			continue;
		slab = imap_cache_slab_room(folder, bytes, left);
		if (slab == NULL)
			return;
		imap_cache_slab_pack(slab, &rows[i], marks[i].number);
		left -= bytes;
	}
}

/* ---- whoever calls ---- */
void
imap_cache_limit(struct imap_cache *cache, size_t max_bytes)
{
	lock_take(&cache->lock);
	cache->max_bytes = max_bytes;
	while (cache->bytes > cache->max_bytes)
		imap_cache_slab_drop(cache, cache->oldest);
	lock_give(&cache->lock);
}

void
imap_cache_guess(const struct imap_cache_folder *folder, uint32_t low,
    size_t count, bool *out_known)
{
	const struct imap_cache_shelf *shelf;

	memset(out_known, 0, count * sizeof(*out_known));
	if (!cache_is_on(folder))
		return;
	lock_take(&folder->cache->lock);
	shelf = imap_cache_slab_shelf(folder);
	for (const struct imap_cache_slab *slab = shelf == NULL ? NULL
	                                                        : shelf->slabs;
	     slab != NULL; slab = slab->next) {
		for (uint32_t i = 0; i < slab->count; i++) {
			uint32_t number = slab->entries[i].number;

			if (number >= low && number - low < count &&
			    (slab->entries[i].has_preview ||
			        !folder->with_previews))
				out_known[number - low] = true;
		}
	}
	lock_give(&folder->cache->lock);
}

void
imap_cache_known(const struct imap_cache_folder *folder, const uint32_t *uids,
    size_t count, bool *out_known)
{
	const struct imap_cache_shelf *shelf;
	struct imap_cache_slab *slab = NULL;

	memset(out_known, 0, count * sizeof(*out_known));
	if (!cache_is_on(folder))
		return;
	lock_take(&folder->cache->lock);
	shelf = imap_cache_slab_shelf(folder);
	for (size_t i = 0; shelf != NULL && i < count; i++) {
		const struct imap_cache_entry *entry =
		    imap_cache_slab_find(shelf, uids[i], &slab);

		out_known[i] = entry != NULL &&
		               (entry->has_preview || !folder->with_previews);
	}
	lock_give(&folder->cache->lock);
}

/* Completes one row; *slab as in cache_find. False: it is not kept. */
static bool
cache_meet_one(const struct imap_cache_folder *folder,
    const struct imap_cache_shelf *shelf, struct imap_cache_slab **slab,
    struct mail_row *row, struct imap_cache_mark *mark, struct arena *arena)
{
	const struct imap_cache_slab *before = *slab;
	struct imap_cache_entry *entry =
	    imap_cache_slab_find(shelf, row->uid, slab);

	if (entry == NULL)
		return false;
	if (*slab != before)
		imap_cache_slab_use(folder->cache, *slab);
	/* It says more than what is kept of it. */
	if (!mark->is_bare && row->has_preview && !entry->has_preview) {
		imap_cache_slab_remove(*slab, entry);
		return false;
	}
	if (mark->number != 0)
		entry->number = mark->number;
	if (mark->is_bare && imap_cache_slab_unpack(*slab, entry, arena, row))
		mark->is_bare = false;
	return true;
}

/*
 * Rows that stand one behind the other: whatever else was seen at these
 * numbers is not there any more.
 */
static void
cache_clear_numbers(const struct imap_cache_shelf *shelf,
    const struct imap_cache_mark *marks, size_t count)
{
	uint32_t low = count > 0 ? marks[0].number : 0;

	for (size_t i = 0; i < count; i++) {
		if (low == 0 || marks[i].number != low + i)
			return;
	}
	for (struct imap_cache_slab *slab = shelf->slabs; slab != NULL;
	     slab = slab->next) {
		for (uint32_t i = 0; i < slab->count; i++) {
			struct imap_cache_entry *entry = &slab->entries[i];

			if (entry->number >= low && entry->number - low < count)
				entry->number = 0;
		}
	}
}

/* UIDs rise with the numbers (RFC 9051, 2.3.1.1), or nothing is believed. */
static bool
cache_is_sound(const struct mail_row *rows, const struct imap_cache_mark *marks,
    size_t count)
{
	const struct mail_row *before = NULL;
	uint32_t number = 0;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].uid == 0 || marks[i].number == 0)
			continue;
		if (before != NULL &&
		    (marks[i].number > number) != (rows[i].uid > before->uid))
			return false;
		before = &rows[i];
		number = marks[i].number;
	}
	return true;
}

static size_t
cache_bare(const struct imap_cache_mark *marks, size_t count)
{
	size_t bare = 0;

	for (size_t i = 0; i < count; i++)
		bare += marks[i].is_bare;
	return bare;
}

size_t
imap_cache_meet(const struct imap_cache_folder *folder, struct mail_row *rows,
    struct imap_cache_mark *marks, size_t count, struct arena *arena)
{
	bool *is_new = ARENA_ARRAY(arena, count, bool);
	const struct imap_cache_shelf *shelf;
	struct imap_cache_slab *slab = NULL;
	size_t bare = 0;
	size_t new_count = 0;
	size_t asked = 0;
	size_t there = 0;

	if (is_new == NULL || !cache_is_on(folder))
		return 0;
	if (!cache_is_sound(rows, marks, count))
		return cache_bare(marks, count);
	lock_take(&folder->cache->lock);
	shelf = imap_cache_slab_shelf(folder);
	if (shelf != NULL)
		cache_clear_numbers(shelf, marks, count);
	for (size_t i = 0; i < count; i++) {
		there += rows[i].uid != 0;
		asked += marks[i].is_bare;
		if (rows[i].uid == 0 || cache_meet_one(folder, shelf, &slab,
		                            &rows[i], &marks[i], arena))
			continue;
		bare += marks[i].is_bare;
		is_new[i] = cache_is_worth(&rows[i], &marks[i]) &&
		            imap_cache_slab_size(&rows[i]) <= CACHE_ROW_BYTES;
		new_count += is_new[i];
	}
	if (new_count > 0 && folder->cache->max_bytes > 0)
		cache_keep(folder, rows, marks, is_new, count);
	lock_give(&folder->cache->lock);
	metric_add(folder->cache->metric_kept, (int64_t)(asked - bare));
	metric_add(folder->cache->metric_came, (int64_t)(there - asked));
	return bare;
}

void
imap_cache_forget(struct imap_cache *cache, struct imap_cache_owner *owner)
{
	lock_take(&cache->lock);
	/* The last slab takes its shelf along. */
	while (owner->shelves != NULL)
		imap_cache_slab_drop(cache, owner->shelves->slabs);
	lock_give(&cache->lock);
}

void
imap_cache_expire(struct imap_cache *cache, int64_t before_mono_ms)
{
	lock_take(&cache->lock);
	while (cache->oldest != NULL &&
	       cache->oldest->used_mono_ms < before_mono_ms)
		imap_cache_slab_drop(cache, cache->oldest);
	lock_give(&cache->lock);
}
