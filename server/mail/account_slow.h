#ifndef MAIL_ACCOUNT_SLOW_H
#define MAIL_ACCOUNT_SLOW_H
/*
 * What the server of an account did not manage a moment ago: putting a large
 * folder in order, or into conversations. It is left alone with that for a
 * while, the longer the more often it failed. In memory only, without names.
 * For this room only.
 */
#include "base/lock.h"
#include "base/str.h"
#include "mail/mail.h"

/* The one that was noted longest ago makes way. */
#define ACCOUNT_SLOW_MOST 16u

struct account_slow_one {
	uint64_t key; /* 0: free */
	enum mail_setback why;
	uint32_t failures; /* in a row */
	int64_t noted_mono_ms, until_mono_ms;
};

struct account_slow {
	struct lock lock; /* guards what follows */
	struct account_slow_one list[ACCOUNT_SLOW_MOST];
};

void account_slow_init(struct account_slow *slow);
void account_slow_end(struct account_slow *slow);
/* Of a folder (as on the wire) and what it is about; never 0. */
uint64_t account_slow_key(struct str folder, unsigned what);
/* Why it is not to be asked for now; NONE: it may be. */
enum mail_setback account_slow_find(
    struct account_slow *slow, uint64_t key, int64_t now_mono_ms);
/*
 * How long it may take this time: 10 s at first, which is as long as people
 * wait for a page; twice that after each failure, so that servers which do not
 * go on by themselves come to an end, too. At most `most_ms`.
 */
int64_t account_slow_patience_ms(
    struct account_slow *slow, uint64_t key, int64_t most_ms);
/*
 * It failed once more. Returns until when it is left alone: SLOW a minute,
 * LOST 5 minutes at first and an hour at last.
 */
int64_t account_slow_note(struct account_slow *slow, uint64_t key,
    enum mail_setback why, int64_t now_mono_ms);
/* It was done. */
void account_slow_done(struct account_slow *slow, uint64_t key);

#endif
