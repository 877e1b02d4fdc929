#ifndef MAIL_ACCOUNT_COUNTS_H
#define MAIL_ACCOUNT_COUNTS_H
/*
 * The folders of an account as the server listed them a moment ago, with
 * their counts: what stands beside a message or a list need not be asked for
 * anew with each one, but for the folder that is open. Beside a list it is
 * never older than FolderCounts. Whatever this account changes makes it
 * forgotten, before and after; what a watched server tells of, too. In memory
 * only, wiped when forgotten. For this room only.
 */
#include "base/arena.h"
#include "base/lock.h"
#include "base/str.h"
#include "mail/mail.h"

/* So old may be what stands beside a message. */
#define ACCOUNT_COUNTS_MESSAGE_MS ((int64_t)20000)

struct imap_folder;
struct counts_folders;

/* What we did, at most. */
enum account_change {
	ACCOUNT_CHANGE_MARKS, /* no message came or went */
	ACCOUNT_CHANGE_MOVE,  /* from folder to folder: about the same space */
	ACCOUNT_CHANGE_SPACE
};

struct account_counts {
	struct lock lock;           /* guards what follows */
	uint64_t changes;           /* counts what may have made it untrue */
	struct counts_folders *now; /* owned; NULL: none */
	/* Space used by one's own folders, as told a moment ago. */
	bool has_quota;
	bool may_lack_quota; /* nothing was done that one looks there for */
	struct mail_quota quota;
	int64_t quota_mono_ms;
	uint64_t space_changes;      /* counts what may have made it untrue */
	int64_t quota_asked_mono_ms; /* and not answered since; 0: not */
};

void account_counts_init(struct account_counts *counts);
void account_counts_end(struct account_counts *counts);
/* Something was or will be changed, by ourselves. */
void account_counts_forget(
    struct account_counts *counts, enum account_change change);
/* Before folders are asked for: account_counts_keep wants it back. */
uint64_t account_counts_changes(struct account_counts *counts);
/*
 * What was answered, to who asked at `asked_mono_ms`; not when something was
 * changed since `changes` was got, nor when it is large.
 */
void account_counts_keep(struct account_counts *counts, uint64_t changes,
    int64_t asked_mono_ms, const struct imap_folder *list, size_t count);
/*
 * A copy in the arena; false: none, or asked for `most_ms` ago or earlier.
 * 0: never found.
 */
bool account_counts_find(struct account_counts *counts, int64_t most_ms,
    struct arena *arena, struct imap_folder **out_list, size_t *out_count);
/*
 * One folder was counted anew by who got `changes` before, so that the next
 * page does not show an earlier number again. The others stay as old as they
 * are.
 */
void account_counts_told(struct account_counts *counts, uint64_t changes,
    const struct imap_folder *folder);
/* One message of the folder became read: so many are not, now. */
void account_counts_read(
    struct account_counts *counts, struct str folder, uint32_t unseen);
/* The space used, asked for within a minute; false: not known. */
bool account_counts_quota(
    struct account_counts *counts, struct mail_quota *out);
/*
 * After account_counts_quota said no, and the server does not tell at once:
 * true when a page may go without an answer, with *out as it was before a move
 * or some minutes ago, or not known. False for the first look, and when
 * messages came or went.
 */
bool account_counts_quota_may_lack(
    struct account_counts *counts, struct mail_quota *out);
/* Before it is asked for: account_counts_keep_quota wants it back. */
uint64_t account_counts_space_changes(struct account_counts *counts);
/*
 * The space used is being asked for. A server that has to add up a million
 * messages first takes minutes: false when it was asked some time ago, not
 * more than a minute, and has not answered yet.
 */
bool account_counts_ask_quota(struct account_counts *counts);
/*
 * What was told just now, to who got account_counts_space_changes() before; no
 * figures are an answer, too.
 */
void account_counts_keep_quota(struct account_counts *counts, uint64_t changes,
    const struct mail_quota *quota);

#endif
