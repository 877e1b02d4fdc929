#include "net/net_count.h"

#include "base/err.h"
#include "base/lock.h"
#include "base/secret.h"

enum {
	BUCKETS = 4096
};

struct entry {
	struct entry *next;
	uint64_t network;
	uint32_t open;
};

struct net_count {
	struct lock lock; /* guards buckets */
	uint64_t seed;    /* nobody shall choose our chains */
	struct entry *buckets[BUCKETS];
};

static struct entry **
bucket_of(struct net_count *count, uint64_t network)
{
	uint64_t mixed = (network ^ count->seed) * 0x9e3779b97f4a7c15u;

	mixed ^= mixed >> 32;
	mixed *= 0xd6e8feb86659fd93u;
	return &count->buckets[(mixed >> 32) % BUCKETS];
}

struct net_count *
net_count_new(void)
{
	struct net_count *count = calloc(1, sizeof(*count));

	if (count == NULL)
		return NULL;
	lock_init(&count->lock);
	secret_fill_random(&count->seed, sizeof(count->seed));
	return count;
}

void
net_count_free(struct net_count *count)
{
	if (count == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (count->buckets[i] != NULL) {
			struct entry *entry = count->buckets[i];

			count->buckets[i] = entry->next;
			free(entry);
		}
	}
	lock_end(&count->lock);
	free(count);
}

static bool
enter(struct net_count *count, uint64_t network, uint32_t max)
{
	struct entry **bucket = bucket_of(count, network);
	struct entry *entry = *bucket;

	while (entry != NULL && entry->network != network)
		entry = entry->next;
	if (entry == NULL) {
		entry = calloc(1, sizeof(*entry));
		if (entry == NULL)
			return false;
		entry->network = network;
		entry->next = *bucket;
		*bucket = entry;
	}
	if (entry->open >= max)
		return false;
	entry->open++;
	return true;
}

bool
net_count_enter(struct net_count *count, uint64_t network, uint32_t max)
{
	bool is_in = false;

	if (max == 0)
		return false;
	lock_take(&count->lock);
	is_in = enter(count, network, max);
	lock_give(&count->lock);
	return is_in;
}

void
net_count_leave(struct net_count *count, uint64_t network)
{
	struct entry **at = NULL;

	lock_take(&count->lock);
	at = bucket_of(count, network);
	while (*at != NULL && (*at)->network != network)
		at = &(*at)->next;
	ensure(*at != NULL && (*at)->open > 0);
	(*at)->open--;
	if ((*at)->open == 0) {
		struct entry *entry = *at;

		*at = entry->next;
		free(entry);
	}
	lock_give(&count->lock);
}
