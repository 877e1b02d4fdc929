#include "mail/account_slow.h"

#define SLOW_PATIENCE_MS   ((int64_t)10000)
#define SLOW_PAUSE_MS      ((int64_t)60000)
#define SLOW_LOST_MS       ((int64_t)300000)
#define SLOW_LOST_MOST_MS  ((int64_t)3600000)
#define SLOW_FAILURES_MOST 16u

void
account_slow_init(struct account_slow *slow)
{
	*slow = (struct account_slow){0};
	lock_init(&slow->lock);
}

void
account_slow_end(struct account_slow *slow)
{
	lock_end(&slow->lock);
}

uint64_t
account_slow_key(struct str folder, unsigned what)
{
	/* FNV-1a: two that are taken for one cost an order for a minute. */
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < folder.len; i++) {
		hash ^= (unsigned char)folder.ptr[i];
		hash *= UINT64_C(1099511628211);
	}
	hash ^= (uint64_t)what + 256;
	hash *= UINT64_C(1099511628211);
	return hash == 0 ? 1 : hash;
}

/* The lock is held. */
static struct account_slow_one *
slow_one(struct account_slow *slow, uint64_t key)
{
	for (size_t i = 0; i < ACCOUNT_SLOW_MOST; i++)
		if (slow->list[i].key == key)
			return &slow->list[i];
	return NULL;
}

/* The lock is held. A free one, else the oldest. */
static struct account_slow_one *
slow_room(struct account_slow *slow)
{
	struct account_slow_one *oldest = &slow->list[0];

	for (size_t i = 0; i < ACCOUNT_SLOW_MOST; i++) {
		if (slow->list[i].key == 0)
			return &slow->list[i];
		if (slow->list[i].noted_mono_ms < oldest->noted_mono_ms)
			oldest = &slow->list[i];
	}
	return oldest;
}

enum mail_setback
account_slow_find(struct account_slow *slow, uint64_t key, int64_t now_mono_ms)
{
	const struct account_slow_one *one;
	enum mail_setback why = MAIL_SETBACK_NONE;

	lock_take(&slow->lock);
	one = slow_one(slow, key);
	if (one != NULL && now_mono_ms < one->until_mono_ms)
		why = one->why;
	lock_give(&slow->lock);
	return why;
}

int64_t
account_slow_patience_ms(
    struct account_slow *slow, uint64_t key, int64_t most_ms)
{
	const struct account_slow_one *one;
	int64_t patience_ms = SLOW_PATIENCE_MS;

	lock_take(&slow->lock);
	one = slow_one(slow, key);
	for (uint32_t i = 0; one != NULL && i < one->failures; i++)
		patience_ms *= 2;
	lock_give(&slow->lock);
	return patience_ms < most_ms ? patience_ms : most_ms;
}

static int64_t
slow_pause_ms(const struct account_slow_one *one)
{
	int64_t pause_ms = SLOW_LOST_MS;

	if (one->why == MAIL_SETBACK_SLOW)
		return SLOW_PAUSE_MS;
	for (uint32_t i = 1; i < one->failures; i++)
		pause_ms *= 2;
	return pause_ms < SLOW_LOST_MOST_MS ? pause_ms : SLOW_LOST_MOST_MS;
}

int64_t
account_slow_note(struct account_slow *slow, uint64_t key,
    enum mail_setback why, int64_t now_mono_ms)
{
	struct account_slow_one *one;
	int64_t until_mono_ms;

	lock_take(&slow->lock);
	one = slow_one(slow, key);
	if (one == NULL) {
		one = slow_room(slow);
		*one = (struct account_slow_one){.key = key};
	}
	one->why = why;
	if (one->failures < SLOW_FAILURES_MOST)
		one->failures++;
	one->noted_mono_ms = now_mono_ms;
	one->until_mono_ms = now_mono_ms + slow_pause_ms(one);
	until_mono_ms = one->until_mono_ms;
	lock_give(&slow->lock);
	return until_mono_ms;
}

void
account_slow_done(struct account_slow *slow, uint64_t key)
{
	struct account_slow_one *one;

	lock_take(&slow->lock);
	one = slow_one(slow, key);
	if (one != NULL)
		*one = (struct account_slow_one){0};
	lock_give(&slow->lock);
}
