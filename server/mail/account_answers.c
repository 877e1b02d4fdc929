#include "mail/account_answers.h"

#include <stdlib.h>

#include "base/secret.h"
#include "os/clock.h"

#define ANSWERS_BUCKETS   4096u
#define ANSWERS_ONE_BYTES ((size_t)576 << 10) /* the largest that is kept */

struct account_answer {
	struct account_answer *next; /* in its bucket */
	struct account_answer *older, *newer;
	struct account_answer *owner_next, *owner_before;
	struct account_answers_owner *owner;
	uint64_t hash;
	uint32_t uid_validity, uid;
	int64_t used_mono_ms;
	size_t folder_len, len;
	char bytes[]; /* the folder, then the answer */
};

void
account_answers_init(struct account_answers *answers)
{
	*answers = (struct account_answers){0};
	lock_init(&answers->lock);
}

void
account_answers_end(struct account_answers *answers)
{
	account_answers_limit(answers, 0);
	free(answers->buckets);
	answers->buckets = NULL;
	lock_end(&answers->lock);
}

/* ---- the lock is held ---- */
static uint64_t
answers_hash(const struct account_answers_owner *owner,
    const struct account_answers_key *key)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	hash = (hash ^ (uint64_t)(uintptr_t)owner) * 1099511628211u;
	hash = (hash ^ key->uid_validity) * 1099511628211u;
	hash = (hash ^ key->uid) * 1099511628211u;
	for (size_t i = 0; i < key->folder.len; i++)
		hash =
		    (hash ^ (unsigned char)key->folder.ptr[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static size_t
answers_size(const struct account_answer *answer)
{
	return sizeof(*answer) + answer->folder_len + answer->len;
}

static struct account_answer *
answers_look(const struct account_answers *answers,
    const struct account_answers_owner *owner,
    const struct account_answers_key *key)
{
	uint64_t hash = answers_hash(owner, key);
	struct account_answer *at = NULL;

	if (answers->buckets != NULL)
		at = answers->buckets[hash % ANSWERS_BUCKETS];
	while (
	    at != NULL &&
	    !(at->hash == hash && at->owner == owner && at->uid == key->uid &&
	        at->uid_validity == key->uid_validity &&
	        str_eq(str_of(at->bytes, at->folder_len), key->folder)))
		at = at->next;
	return at;
}

static void
answers_unlink_use(
    struct account_answers *answers, struct account_answer *answer)
{
	if (answer->older != NULL)
		answer->older->newer = answer->newer;
	else
		answers->oldest = answer->newer;
	if (answer->newer != NULL)
		answer->newer->older = answer->older;
	else
		answers->newest = answer->older;
}

static void
answers_link_use(struct account_answers *answers, struct account_answer *answer)
{
	answer->used_mono_ms = clock_mono_ms();
	answer->newer = NULL;
	answer->older = answers->newest;
	if (answers->newest != NULL)
		answers->newest->newer = answer;
	else
		answers->oldest = answer;
	answers->newest = answer;
}

static void
answers_drop(struct account_answers *answers, struct account_answer *answer)
{
	struct account_answer **at =
	    &answers->buckets[answer->hash % ANSWERS_BUCKETS];

	while (*at != answer)
		at = &(*at)->next;
	*at = answer->next;
	answers_unlink_use(answers, answer);
	if (answer->owner_before != NULL)
		answer->owner_before->owner_next = answer->owner_next;
	else
		answer->owner->first = answer->owner_next;
	if (answer->owner_next != NULL)
		answer->owner_next->owner_before = answer->owner_before;
	answers->bytes -= answers_size(answer);
	secret_wipe(answer->bytes, answer->folder_len + answer->len);
	free(answer);
}

static void
answers_link(struct account_answers *answers, struct account_answer *answer)
{
	struct account_answers_owner *owner = answer->owner;
	struct account_answer **bucket =
	    &answers->buckets[answer->hash % ANSWERS_BUCKETS];

	answer->next = *bucket;
	*bucket = answer;
	answer->owner_next = owner->first;
	if (owner->first != NULL)
		owner->first->owner_before = answer;
	owner->first = answer;
	answers_link_use(answers, answer);
	answers->bytes += answers_size(answer);
	while (answers->bytes > answers->max_bytes)
		answers_drop(answers, answers->oldest);
}

/* ---- whoever calls ---- */
void
account_answers_limit(struct account_answers *answers, size_t max_bytes)
{
	lock_take(&answers->lock);
	answers->max_bytes = max_bytes;
	if (max_bytes > 0 && answers->buckets == NULL)
		answers->buckets =
		    calloc(ANSWERS_BUCKETS, sizeof(struct account_answer *));
	while (answers->bytes > answers->max_bytes)
		answers_drop(answers, answers->oldest);
	lock_give(&answers->lock);
}

void
account_answers_put(struct account_answers *answers,
    struct account_answers_owner *owner, const struct account_answers_key *key,
    struct str answer)
{
	size_t len = key->folder.len + answer.len;
	struct account_answer *made;
	struct account_answer *old;

	if (len > ANSWERS_ONE_BYTES)
		return;
	made = malloc(sizeof(*made) + len);
	if (made == NULL)
		return;
	*made = (struct account_answer){.owner = owner,
	    .hash = answers_hash(owner, key),
	    .uid_validity = key->uid_validity,
	    .uid = key->uid,
	    .folder_len = key->folder.len,
	    .len = answer.len};
	memcpy(made->bytes, key->folder.ptr, key->folder.len);
	memcpy(made->bytes + key->folder.len, answer.ptr, answer.len);
	lock_take(&answers->lock);
	old = answers_look(answers, owner, key);
	if (old != NULL)
		answers_drop(answers, old);
	if (answers->buckets != NULL &&
	    answers_size(made) <= answers->max_bytes)
		answers_link(answers, made);
	else
		free(made);
	lock_give(&answers->lock);
}

bool
account_answers_find(struct account_answers *answers,
    const struct account_answers_owner *owner,
    const struct account_answers_key *key, struct arena *arena, struct str *out)
{
	struct account_answer *answer;

	*out = (struct str){0};
	lock_take(&answers->lock);
	answer = answers_look(answers, owner, key);
	if (answer != NULL) {
		*out = str_dup(arena,
		    str_of(answer->bytes + answer->folder_len, answer->len));
		answers_unlink_use(answers, answer);
		answers_link_use(answers, answer);
	}
	lock_give(&answers->lock);
	return out->ptr != NULL;
}

void
account_answers_drop(struct account_answers *answers,
    const struct account_answers_owner *owner,
    const struct account_answers_key *key)
{
	struct account_answer *answer;

	lock_take(&answers->lock);
	answer = answers_look(answers, owner, key);
	if (answer != NULL)
		answers_drop(answers, answer);
	lock_give(&answers->lock);
}

void
account_answers_forget(
    struct account_answers *answers, struct account_answers_owner *owner)
{
	lock_take(&answers->lock);
	while (owner->first != NULL)
		answers_drop(answers, owner->first);
	lock_give(&answers->lock);
}

void
account_answers_expire(struct account_answers *answers, int64_t before_mono_ms)
{
	lock_take(&answers->lock);
	while (answers->oldest != NULL &&
	       answers->oldest->used_mono_ms < before_mono_ms)
		answers_drop(answers, answers->oldest);
	lock_give(&answers->lock);
}
