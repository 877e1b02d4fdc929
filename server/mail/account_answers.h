#ifndef MAIL_ACCOUNT_ANSWERS_H
#define MAIL_ACCOUNT_ANSWERS_H
/*
 * What the servers answered about messages a moment ago: header, structure and
 * the beginning of the text, which never change under one UIDVALIDITY and UID
 * (RFC 9051, 2.3.1.1). Flags, and whether a message is still there, are asked
 * for each time. All accounts share one bound; the least used go first. In
 * memory only, wiped when forgotten. For this room only.
 */
#include "base/arena.h"
#include "base/lock.h"
#include "base/str.h"

struct account_answer;

struct account_answers {
	struct lock lock; /* guards all of it and every owner */
	size_t max_bytes, bytes;
	struct account_answer **buckets; /* owned; NULL: none yet */
	struct account_answer *oldest, *newest;
};

/* One account's part of it. */
struct account_answers_owner {
	struct account_answer *first;
};

struct account_answers_key {
	struct str folder; /* as on the wire */
	uint32_t uid_validity, uid;
};

void account_answers_init(struct account_answers *answers);
void account_answers_end(struct account_answers *answers);
/* 0: nothing is kept. */
void account_answers_limit(struct account_answers *answers, size_t max_bytes);
/* In place of what was kept for it. What is large is not kept. */
void account_answers_put(struct account_answers *answers,
    struct account_answers_owner *owner, const struct account_answers_key *key,
    struct str answer);
/* A copy in the arena; false: none. */
bool account_answers_find(struct account_answers *answers,
    const struct account_answers_owner *owner,
    const struct account_answers_key *key, struct arena *arena,
    struct str *out);
/* That one is not to be relied on. */
void account_answers_drop(struct account_answers *answers,
    const struct account_answers_owner *owner,
    const struct account_answers_key *key);
/* All of one account. */
void account_answers_forget(
    struct account_answers *answers, struct account_answers_owner *owner);
/* Those that nobody asked for since `before_mono_ms`. */
void account_answers_expire(
    struct account_answers *answers, int64_t before_mono_ms);

#endif
