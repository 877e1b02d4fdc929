#include "mail/account_senders.h"

#include <stdlib.h>

#include "base/secret.h"

#define SENDERS_WAYS 4u /* places where one may be */

void
account_senders_init(struct account_senders *senders)
{
	*senders = (struct account_senders){0};
	lock_init(&senders->lock);
	/* Nobody may choose an address that is taken for another. */
	secret_fill_random(&senders->seed, sizeof(senders->seed));
}

void
account_senders_end(struct account_senders *senders)
{
	free(senders->list);
	senders->list = NULL;
	lock_end(&senders->lock);
}

/* ---- hashes ---- */
static uint64_t
senders_mix(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 33;
}

static uint64_t
senders_add(uint64_t hash, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];

		if (byte >= 'A' && byte <= 'Z')
			byte = (unsigned char)(byte - 'A' + 'a');
		hash = senders_mix(hash + byte);
	}
	return senders_mix(hash ^ bytes.len << 32);
}

static uint64_t
senders_hash(
    const struct account_senders *senders, const struct account_letter *letter)
{
	uint64_t hash = senders_add(senders->seed, letter->folder);

	hash = senders_mix(hash ^ letter->uid_validity);
	hash = senders_add(hash, letter->address);
	return hash == 0 ? 1 : hash;
}

/* ---- places; the lock is held ---- */
static struct account_sender *
senders_find(const struct account_senders *senders, uint64_t hash)
{
	size_t first = (size_t)(hash % ACCOUNT_SENDERS);

	for (size_t i = 0; senders->list != NULL && i < SENDERS_WAYS; i++) {
		struct account_sender *at =
		    &senders->list[(first + i) % ACCOUNT_SENDERS];

		if (at->hash == hash)
			return at;
	}
	return NULL;
}

/* A free place, else that of somebody else. */
static struct account_sender *
senders_place(struct account_senders *senders, uint64_t hash)
{
	size_t first = (size_t)(hash % ACCOUNT_SENDERS);
	struct account_sender *at = NULL;

	if (senders->list == NULL)
		senders->list = calloc(ACCOUNT_SENDERS, sizeof(*senders->list));
	for (size_t i = 0; senders->list != NULL && i < SENDERS_WAYS; i++) {
		at = &senders->list[(first + i) % ACCOUNT_SENDERS];
		if (at->hash == 0)
			return at;
	}
	if (at != NULL)
		at = &senders
		          ->list[(first + (size_t)(hash >> 60) % SENDERS_WAYS) %
		                 ACCOUNT_SENDERS];
	return at;
}

void
account_senders_note(
    struct account_senders *senders, const struct account_letter *letter)
{
	struct account_sender *at;
	uint64_t hash;

	if (letter->address.len == 0)
		return;
	lock_take(&senders->lock);
	hash = senders_hash(senders, letter);
	at = senders_find(senders, hash);
	if (at != NULL && letter->uid < at->uid) {
		at->uid = letter->uid;
	} else if (at == NULL) {
		at = senders_place(senders, hash);
		if (at != NULL)
			*at = (struct account_sender){hash, letter->uid};
	}
	lock_give(&senders->lock);
}

bool
account_senders_has_older(
    struct account_senders *senders, const struct account_letter *letter)
{
	const struct account_sender *at;
	bool has;

	lock_take(&senders->lock);
	at = senders_find(senders, senders_hash(senders, letter));
	has = at != NULL && at->uid < letter->uid;
	lock_give(&senders->lock);
	return has;
}
