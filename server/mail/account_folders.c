#include "mail/account_folders.h"

#include <stdlib.h>

#include "base/secret.h"
#include "mail/mail_folder.h"
#include "os/clock.h"

#define FOLDERS_KEPT_MS 60000 /* other programs make folders, too */

void
account_folders_init(struct account_folders *folders)
{
	*folders = (struct account_folders){0};
	lock_init(&folders->lock);
}

static size_t
roots_bytes(const struct mail_quota_root *roots, size_t count)
{
	size_t bytes = count * sizeof(*roots);

	for (size_t i = 0; i < count; i++)
		bytes += roots[i].name.s.len;
	return bytes;
}

static void
folders_free(struct imap_folder *list, size_t count, char *names)
{
	if (list != NULL && names != NULL)
		secret_wipe(names, imap_folder_all_bytes(list, count));
	if (list != NULL)
		secret_wipe(list, count * sizeof(*list));
	free(list);
	free(names);
}

static void
roots_free(struct mail_quota_root *roots, size_t count)
{
	if (roots != NULL)
		secret_wipe(roots, roots_bytes(roots, count));
	free(roots);
}

/* The lock is held. */
static void
folders_clear(struct account_folders *folders)
{
	folders_free(folders->list, folders->count, folders->names);
	roots_free(folders->roots, folders->root_count);
	folders->list = NULL;
	folders->names = NULL;
	folders->roots = NULL;
	folders->count = folders->root_count = 0;
	folders->has_quota = false;
}

void
account_folders_end(struct account_folders *folders)
{
	folders_clear(folders);
	lock_end(&folders->lock);
}

void
account_folders_forget(struct account_folders *folders)
{
	lock_take(&folders->lock);
	folders_clear(folders);
	folders->generation++;
	lock_give(&folders->lock);
}

/* ---- copies ---- */
static void
folders_copy(struct imap_folder *to, const struct imap_folder *from,
    size_t count, char *names)
{
	imap_folder_copy_all(to, from, count, names);
	for (size_t i = 0; i < count; i++)
		to[i].kept_at = i + 1;
}

/* In one piece: the names stand behind. */
static void
roots_copy(struct mail_quota_root *to, const struct mail_quota_root *from,
    size_t count)
{
	char *names = (char *)(to + count);

	for (size_t i = 0; i < count; i++) {
		size_t len = from[i].name.s.len;

		to[i] = from[i];
		if (len > 0)
			memcpy(names, from[i].name.s.ptr, len);
		to[i].name.s = str_of(names, len);
		names += len;
	}
}

bool
account_folders_find(struct account_folders *folders, bool wants_all,
    struct arena *arena, struct imap_spaces *spaces, struct account_tree *out)
{
	int64_t oldest = clock_mono_ms() - FOLDERS_KEPT_MS;
	struct imap_folder *list = NULL;
	char *names = NULL;

	*out = (struct account_tree){0};
	lock_take(&folders->lock);
	out->generation = folders->generation;
	if (folders->list != NULL && folders->listed_mono_ms > oldest &&
	    (folders->has_all || !wants_all)) {
		size_t bytes =
		    imap_folder_all_bytes(folders->list, folders->count);

		list = ARENA_ARRAY(arena, folders->count, struct imap_folder);
		names = arena_alloc(arena, bytes + 1);
		out->roots = arena_alloc(arena,
		    roots_bytes(folders->roots, folders->root_count) + 1);
	}
	if (list != NULL && names != NULL && out->roots != NULL) {
		folders_copy(list, folders->list, folders->count, names);
		roots_copy(out->roots, folders->roots, folders->root_count);
		out->list = list;
		out->count = folders->count;
		out->cursor = folders->cursor;
		out->stamp = folders->stamp;
		out->has_all = folders->has_all;
		out->has_quota = folders->has_quota;
		out->quota = folders->quota;
		out->root_count = folders->root_count;
		if (!spaces->is_known)
			*spaces = folders->spaces;
	}
	lock_give(&folders->lock);
	return out->list != NULL;
}

/* The lock is held. */
static void
folders_put_quota(
    struct account_folders *folders, const struct account_tree *tree)
{
	struct mail_quota_root *roots =
	    malloc(roots_bytes(tree->roots, tree->root_count) + 1);

	if (roots == NULL)
		return;
	roots_copy(roots, tree->roots, tree->root_count);
	roots_free(folders->roots, folders->root_count);
	folders->roots = roots;
	folders->root_count = tree->root_count;
	folders->quota = tree->quota;
	folders->has_quota = true;
}

void
account_folders_put(
    struct account_folders *folders, const struct account_tree *tree)
{
	struct imap_folder *list = NULL;
	char *names = NULL;

	if (tree->count > ACCOUNT_FOLDERS_MANY) {
		list = calloc(tree->count, sizeof(*list));
		names =
		    malloc(imap_folder_all_bytes(tree->list, tree->count) + 1);
	}
	if (list == NULL || names == NULL) {
		free(list);
		free(names);
		return;
	}
	folders_copy(list, tree->list, tree->count, names);
	lock_take(&folders->lock);
	if (folders->generation == tree->generation) {
		folders_clear(folders);
		folders->list = list;
		folders->names = names;
		folders->count = tree->count;
		folders->cursor = tree->cursor;
		folders->stamp = tree->stamp;
		folders->has_all = tree->has_all;
		folders->spaces = *tree->spaces;
		folders->listed_mono_ms = clock_mono_ms();
		folders->generation++;
		if (tree->has_quota)
			folders_put_quota(folders, tree);
		list = NULL;
		names = NULL;
	}
	lock_give(&folders->lock);
	folders_free(list, tree->count, names);
}

void
account_folders_note_many(struct account_folders *folders)
{
	lock_take(&folders->lock);
	folders->has_many = true;
	lock_give(&folders->lock);
}

bool
account_folders_are_many(struct account_folders *folders)
{
	bool has_many;

	lock_take(&folders->lock);
	has_many = folders->has_many;
	lock_give(&folders->lock);
	return has_many;
}

void
account_folders_note_slow(struct account_folders *folders, bool is_slow)
{
	lock_take(&folders->lock);
	folders->is_slow = is_slow;
	lock_give(&folders->lock);
}

bool
account_folders_are_slow(struct account_folders *folders)
{
	bool is_slow;

	lock_take(&folders->lock);
	is_slow = folders->is_slow;
	lock_give(&folders->lock);
	return is_slow;
}

bool
account_folders_try_slowly(struct account_folders *folders, bool were_asked)
{
	bool is_news;

	lock_take(&folders->lock);
	is_news = (folders->has_many || were_asked) && !folders->is_slow;
	folders->is_slow |= is_news;
	lock_give(&folders->lock);
	return is_news;
}

void
account_folders_counted(
    struct account_folders *folders, const struct account_tree *tree)
{
	lock_take(&folders->lock);
	if (folders->list != NULL && folders->generation == tree->generation) {
		for (size_t i = 0; i < tree->count; i++) {
			const struct imap_folder *from = &tree->list[i];
			struct imap_folder *to;

			if (!from->is_news || from->kept_at == 0 ||
			    from->kept_at > folders->count)
				continue;
			to = &folders->list[from->kept_at - 1];
			to->is_counted = from->is_counted;
			to->messages = from->messages;
			to->unseen = from->unseen;
			to->uid_validity = from->uid_validity;
			to->uid_next = from->uid_next;
		}
		folders->cursor = tree->cursor;
		if (tree->has_quota && !folders->has_quota)
			folders_put_quota(folders, tree);
	}
	lock_give(&folders->lock);
}
