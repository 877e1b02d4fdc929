#ifndef MAIL_ACCOUNT_FOLDERS_H
#define MAIL_ACCOUNT_FOLDERS_H
/*
 * The folders of an account that has very many, or a server that counts even
 * few of them too slowly. Very many: LIST and the counts of all of
 * them would take a server a second. The tree is kept for a minute, or until
 * we change it or one is not found; counts are those that were told last. What
 * few folders there are is asked for each time and not kept. For this room
 * only.
 */
#include "base/arena.h"
#include "base/lock.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_space.h"

/* More than so many folders are very many. */
#define ACCOUNT_FOLDERS_MANY MAIL_MANY

struct account_folders {
	struct lock lock; /* guards all of it */
	bool has_many;    /* noted while they were listed */
	bool is_slow;     /* counted too slowly for a page, few or many */
	struct imap_folder *list; /* owned; NULL: nothing is kept */
	char *names;              /* owned: bytes of its strings */
	size_t count;
	uint64_t stamp; /* of the rules that gave order and kinds */
	size_t cursor;  /* in turn: whose count is asked for next */
	uint64_t generation;
	int64_t listed_mono_ms;
	bool has_all; /* subscriptions were asked for, too */
	struct imap_spaces spaces;
	/* Of one's own folders. */
	bool has_quota;
	struct mail_quota quota;
	struct mail_quota_root *roots; /* owned; names are in it */
	size_t root_count;
};

/* What is kept, or shall be. */
struct account_tree {
	struct imap_folder *list; /* in order */
	size_t count, cursor;
	uint64_t stamp; /* imap_folder_rules_stamp() of that order */
	uint64_t generation;
	bool has_all;
	const struct imap_spaces *spaces;
	bool has_quota;
	struct mail_quota quota;
	struct mail_quota_root *roots;
	size_t root_count;
};

void account_folders_init(struct account_folders *folders);
void account_folders_end(struct account_folders *folders);
/* They are others now: the next one asks the server. */
void account_folders_forget(struct account_folders *folders);
/*
 * A copy in the arena; false: none, or none that may be relied on, and only
 * out->generation is set. `spaces`: filled unless known.
 */
bool account_folders_find(struct account_folders *folders, bool wants_all,
    struct arena *arena, struct imap_spaces *spaces, struct account_tree *out);
/*
 * Keeps a tree that was listed since account_folders_find told its generation.
 * Few folders, or others by now: nothing is kept.
 */
void account_folders_put(
    struct account_folders *folders, const struct account_tree *tree);
/*
 * There are very many: noted while they come, because a server that counts
 * them slowly may not come to an end. From then on the tree is asked for
 * without counts.
 */
void account_folders_note_many(struct account_folders *folders);
bool account_folders_are_many(struct account_folders *folders);
/*
 * The server does not count them in time, because it has no index of them yet:
 * pages ask for counts after all else, and wait for them only so
 * long. Noted false once they all came in time.
 */
void account_folders_note_slow(struct account_folders *folders, bool is_slow);
bool account_folders_are_slow(struct account_folders *folders);
/*
 * A page got no answer in time: true once, where that may be the counts of
 * very many folders, or of few that stood in the batch. They are slow from
 * then on, and the page is worth another try.
 */
bool account_folders_try_slowly(
    struct account_folders *folders, bool were_asked);
/* Counts of a tree that was found, where they are new; and its quota. */
void account_folders_counted(
    struct account_folders *folders, const struct account_tree *tree);

#endif
