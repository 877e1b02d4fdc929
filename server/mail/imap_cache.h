#ifndef MAIL_IMAP_CACHE_H
#define MAIL_IMAP_CACHE_H
/*
 * Rows of lists that were shown a moment ago: sender, subject, dates, size and
 * whether files are attached, which never change under one UIDVALIDITY and
 * UID (RFC 9051, 2.3.1.1 and 2.3.2). Flags, and which messages there are in
 * which order, are not kept: the server tells them each time, in the same
 * trip. The least used go first; in memory only, wiped when forgotten. For
 * this room only.
 */
#include "base/lock.h"
#include "mail/mail.h"

struct imap_cache_slab;
struct imap_cache_shelf;

/* Of this process. */
struct imap_cache {
	struct lock lock; /* guards all of it and every owner */
	size_t max_bytes, bytes;
	struct imap_cache_slab *oldest, *newest;
	/* May be NULL; set before threads. Rows that were completed here, that
	 * came whole, and bytes. */
	struct metric *metric_kept, *metric_came, *metric_bytes;
};

/* One account's part of it. */
struct imap_cache_owner {
	struct imap_cache_shelf *shelves; /* one per folder */
	size_t bytes;
};

/* Whose rows a call is about; NULL cache or uid_validity 0: of nobody. */
struct imap_cache_folder {
	struct imap_cache *cache;
	struct imap_cache_owner *owner;
	struct str name; /* as on the wire */
	uint32_t uid_validity;
	bool with_previews; /* a row without is as one that is not kept */
};

/* What is known of a row besides. */
struct imap_cache_mark {
	uint32_t number; /* its sequence number just now; 0: not told */
	bool is_asked;   /* only for UID and flags */
	bool is_bare;    /* nothing else came */
};

void imap_cache_init(struct imap_cache *cache);
void imap_cache_end(struct imap_cache *cache);
/*
 * For all; one account has at most an eighth of it, and 1 MB (about 4,000
 * rows). 0: nothing is kept.
 */
void imap_cache_limit(struct imap_cache *cache, size_t max_bytes);

/*
 * Which of the sequence numbers from `low` on are probably of rows that are
 * kept: those that had them when they were last seen. A guess, since others
 * remove messages: imap_cache_meet() tells.
 */
void imap_cache_guess(const struct imap_cache_folder *folder, uint32_t low,
    size_t count, bool *out_known);
/* Which of these UIDs are kept. */
void imap_cache_known(const struct imap_cache_folder *folder,
    const uint32_t *uids, size_t count, bool *out_known);
/*
 * Completes the bare rows (uid not 0) with copies in the arena, which are bare
 * no more, and keeps what is new of the others. Returns how many stay bare.
 */
size_t imap_cache_meet(const struct imap_cache_folder *folder,
    struct mail_row *rows, struct imap_cache_mark *marks, size_t count,
    struct arena *arena);

/* All of one account. */
void imap_cache_forget(
    struct imap_cache *cache, struct imap_cache_owner *owner);
/* What nobody looked at since `before_mono_ms`. */
void imap_cache_expire(struct imap_cache *cache, int64_t before_mono_ms);

#endif
