#include "mail/account_counts.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/secret.h"
#include "mail/imap_folder_order.h"
#include "os/clock.h"

#define COUNTS_QUOTA_MS   ((int64_t)60000)
#define COUNTS_FORMER_MS  ((int64_t)600000)
#define COUNTS_MOST_BYTES ((size_t)1 << 20)

struct counts_folders {
	int64_t asked_mono_ms;
	size_t count, bytes;       /* of the whole */
	struct imap_folder list[]; /* their names stand behind them */
};

void
account_counts_init(struct account_counts *counts)
{
	*counts = (struct account_counts){0};
	lock_init(&counts->lock);
}

/* The lock is held. */
static void
counts_drop(struct account_counts *counts)
{
	if (counts->now != NULL)
		secret_wipe(counts->now, counts->now->bytes);
	free(counts->now);
	counts->now = NULL;
}

void
account_counts_end(struct account_counts *counts)
{
	counts_drop(counts);
	lock_end(&counts->lock);
}

/* The lock is held. */
static void
counts_change_space(struct account_counts *counts, enum account_change change)
{
	counts->space_changes++;
	/* Where there is none, none comes by what we do. */
	if (counts->has_quota && !counts->quota.is_known)
		return;
	counts->has_quota = false;
	counts->may_lack_quota = change == ACCOUNT_CHANGE_MOVE;
	if (!counts->may_lack_quota)
		counts->quota = (struct mail_quota){0};
}

void
account_counts_forget(struct account_counts *counts, enum account_change change)
{
	lock_take(&counts->lock);
	counts->changes++;
	if (change != ACCOUNT_CHANGE_MARKS)
		counts_change_space(counts, change);
	counts_drop(counts);
	lock_give(&counts->lock);
}

uint64_t
account_counts_changes(struct account_counts *counts)
{
	uint64_t changes;

	lock_take(&counts->lock);
	changes = counts->changes;
	lock_give(&counts->lock);
	return changes;
}

void
account_counts_keep(struct account_counts *counts, uint64_t changes,
    int64_t asked_mono_ms, const struct imap_folder *list, size_t count)
{
	size_t most = COUNTS_MOST_BYTES / sizeof(*list);
	size_t bytes = sizeof(struct counts_folders) + count * sizeof(*list);
	struct counts_folders *made = NULL;

	if (count > 0 && count <= most) {
		bytes += imap_folder_names_bytes(list, count);
		made = bytes <= COUNTS_MOST_BYTES ? malloc(bytes) : NULL;
	}
	if (made != NULL) {
		made->asked_mono_ms = asked_mono_ms;
		made->count = count;
		made->bytes = bytes;
		imap_folder_copy_told(
		    made->list, list, count, (char *)(made->list + count));
	}
	lock_take(&counts->lock);
	if (counts->changes == changes &&
	    (counts->now == NULL ||
	        counts->now->asked_mono_ms <= asked_mono_ms)) {
		counts_drop(counts);
		counts->now = made;
		made = NULL;
	}
	lock_give(&counts->lock);
	free(made);
}

/* The lock is held. */
static bool
counts_take(const struct counts_folders *now, struct arena *arena,
    struct imap_folder **out_list, size_t *out_count)
{
	size_t bytes = imap_folder_names_bytes(now->list, now->count);
	struct imap_folder *list =
	    ARENA_ARRAY(arena, now->count, struct imap_folder);
	char *names = arena_alloc(arena, bytes);

	if (list == NULL || names == NULL)
		return false;
	imap_folder_copy_told(list, now->list, now->count, names);
	*out_list = list;
	*out_count = now->count;
	return true;
}

bool
account_counts_find(struct account_counts *counts, int64_t most_ms,
    struct arena *arena, struct imap_folder **out_list, size_t *out_count)
{
	int64_t now_ms = clock_mono_ms();
	bool is_there = false;

	lock_take(&counts->lock);
	if (counts->now != NULL &&
	    now_ms - counts->now->asked_mono_ms >= ACCOUNT_COUNTS_MESSAGE_MS)
		counts_drop(counts);
	if (counts->now != NULL &&
	    now_ms - counts->now->asked_mono_ms < most_ms)
		is_there = counts_take(counts->now, arena, out_list, out_count);
	lock_give(&counts->lock);
	return is_there;
}

void
account_counts_told(struct account_counts *counts, uint64_t changes,
    const struct imap_folder *folder)
{
	lock_take(&counts->lock);
	for (size_t i = 0; counts->changes == changes && counts->now != NULL &&
	                   i < counts->now->count;
	     i++) {
		struct imap_folder *at = &counts->now->list[i];

		if (!str_eq(at->wire, folder->wire))
			continue;
		at->messages = folder->messages;
		at->unseen = folder->unseen;
		at->uid_validity = folder->uid_validity;
		at->uid_next = folder->uid_next;
	}
	lock_give(&counts->lock);
}

void
account_counts_read(
    struct account_counts *counts, struct str folder, uint32_t unseen)
{
	lock_take(&counts->lock);
	/* Whoever asked before may have been told the number before. */
	counts->changes++;
	for (size_t i = 0; counts->now != NULL && i < counts->now->count; i++) {
		if (str_eq(counts->now->list[i].wire, folder))
			counts->now->list[i].unseen = unseen;
	}
	lock_give(&counts->lock);
}

/* ---- space ---- */
bool
account_counts_quota(struct account_counts *counts, struct mail_quota *out)
{
	bool is_known;

	lock_take(&counts->lock);
	is_known = counts->has_quota &&
	           clock_mono_ms() - counts->quota_mono_ms < COUNTS_QUOTA_MS;
	if (is_known)
		*out = counts->quota;
	lock_give(&counts->lock);
	return is_known;
}

bool
account_counts_quota_may_lack(
    struct account_counts *counts, struct mail_quota *out)
{
	bool may_lack;

	*out = (struct mail_quota){0};
	lock_take(&counts->lock);
	may_lack = counts->may_lack_quota;
	if (may_lack &&
	    clock_mono_ms() - counts->quota_mono_ms < COUNTS_FORMER_MS)
		*out = counts->quota;
	lock_give(&counts->lock);
	return may_lack;
}

uint64_t
account_counts_space_changes(struct account_counts *counts)
{
	uint64_t changes;

	lock_take(&counts->lock);
	changes = counts->space_changes;
	lock_give(&counts->lock);
	return changes;
}

bool
account_counts_ask_quota(struct account_counts *counts)
{
	int64_t now = clock_mono_ms();
	int64_t age;
	bool is_late;

	lock_take(&counts->lock);
	age = now - counts->quota_asked_mono_ms;
	is_late = counts->quota_asked_mono_ms != 0 &&
	          age >= LIMIT_IMAP_EXTRA_MS && age < COUNTS_QUOTA_MS;
	if (!is_late &&
	    (counts->quota_asked_mono_ms == 0 || age >= COUNTS_QUOTA_MS))
		counts->quota_asked_mono_ms = now;
	lock_give(&counts->lock);
	return !is_late;
}

void
account_counts_keep_quota(struct account_counts *counts, uint64_t changes,
    const struct mail_quota *quota)
{
	lock_take(&counts->lock);
	counts->quota_asked_mono_ms = 0;
	if (counts->space_changes == changes) {
		counts->has_quota = counts->may_lack_quota = true;
		counts->quota = *quota;
		counts->quota_mono_ms = clock_mono_ms();
	}
	lock_give(&counts->lock);
}
