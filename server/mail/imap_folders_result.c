#include "base/limits.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_folders.h"

/* Counted with those that are wanted: a tenth of a millisecond each. */
#define FOLDERS_IN_TURN 40u

static void
folders_place(struct imap_folders *folders)
{
	for (size_t i = 0; i < folders->count; i++) {
		struct imap_folder *folder = &folders->list[i];
		const struct imap_space *space =
		    folders->spaces == NULL
		        ? NULL
		        : imap_space_find(folders->spaces, folder->wire);

		if (space == NULL)
			continue;
		folder->space = space->kind;
		if (folder->wire.len > space->prefix_len)
			folder->prefix_bytes = space->prefix_len;
	}
}

static int
folders_by_wire(const void *a, const void *b)
{
	const struct imap_folder *left = a;
	const struct imap_folder *right = b;

	return str_compare(left->wire, right->wire);
}

/*
 * Levels between that are no folders of their own: a server need not list
 * them. The list is sorted by name when this returns.
 */
static void
folders_fill(struct imap_folders *folders)
{
	size_t count = folders->count;
	struct str last = {0};

	qsort(folders->list, count, sizeof(*folders->list), folders_by_wire);
	for (size_t i = 0; i < count && folders->count < LIMIT_FOLDERS; i++) {
		struct imap_folder below = folders->list[i];
		struct str wire = below.wire;

		for (size_t at = below.prefix_bytes + 1;
		     below.delimiter != '\0' && at + 1 < wire.len; at++) {
			struct imap_folder level = {
			    .wire = str_slice(wire, 0, at),
			    .delimiter = below.delimiter,
			    .space = below.space,
			    .prefix_bytes = below.prefix_bytes};

			/* What stands before it in order has made it. */
			if (wire.ptr[at] != below.delimiter ||
			    (str_starts(last, level.wire) && last.len > at &&
			        last.ptr[at] == below.delimiter) ||
			    bsearch(&level, folders->list, count, sizeof(level),
			        folders_by_wire) != NULL)
				continue;
			imap_folders_add(folders, &level);
		}
		last = wire;
	}
}

/* The name of a namespace alone is its heading, unless it is a folder. */
static bool
folders_is_heading(const struct imap_folders *folders, size_t at)
{
	const struct imap_folder *folder = &folders->list[at];
	const struct imap_space *space;

	if (folder->is_selectable || folders->spaces == NULL)
		return false;
	space = imap_space_find(folders->spaces, folder->wire);
	return space != NULL && folder->wire.len <= space->prefix_len;
}

/* ---- the list as people see it ---- */
static void
folders_order(struct imap_folders *folders)
{
	const struct imap_folder_rules rules = {folders->site, folders->uses};

	if (folders->is_ordered)
		return;
	folders->is_ordered = true;
	if (folders->count > 0) {
		folders_place(folders);
		folders_fill(folders);
	}
	imap_folder_order(
	    folders->list, folders->count, &rules, folders->arena);
}

static struct mail_folder
folders_row(const struct imap_folder *from)
{
	return (struct mail_folder){
	    .name = from->name,
	    .label = from->label,
	    .path = from->path,
	    .depth = from->depth,
	    .special = from->special,
	    .space = from->space,
	    .delimiter = from->delimiter,
	    .is_selectable = from->is_selectable,
	    .is_subscribed = from->is_subscribed,
	    .is_counted = from->is_counted,
	    .takes_folders = !from->is_leaf && from->delimiter != '\0',
	    .messages = from->messages,
	    .unseen = from->unseen,
	    .uid_validity = from->uid_validity,
	    .uid_next = from->uid_next,
	};
}

/* `index`: where each stands in folders->list. */
static bool
folders_rows(
    struct imap_folders *folders, struct mail_folders *out, size_t *index)
{
	struct mail_folder *list;
	size_t count = 0;

	/* Levels that were not listed come in here: they need room, too. */
	folders_order(folders);
	list = ARENA_ARRAY(folders->arena, folders->count, struct mail_folder);
	for (size_t i = 0; list != NULL && i < folders->count; i++) {
		if (folders_is_heading(folders, i))
			continue;
		if (index != NULL)
			index[count] = i;
		list[count++] = folders_row(&folders->list[i]);
	}
	*out = (struct mail_folders){.list = list, .count = count};
	return !arena_failed(folders->arena);
}

/* Those nobody sees now come in turn, so that what is unread shows up. */
static void
folders_in_turn(struct imap_folders *folders)
{
	size_t count = folders->count;

	for (size_t i = 0, found = 0; i < count && found < FOLDERS_IN_TURN;
	     i++) {
		struct imap_folder *at =
		    &folders->list[folders->cursor++ % count];

		if (!at->is_selectable || at->is_wanted)
			continue;
		at->is_wanted = true;
		found++;
	}
	folders->cursor = count == 0 ? 0 : folders->cursor % count;
}

void
imap_folders_pick(struct imap_folders *folders)
{
	const struct mail_pick *pick = folders->mail->pick;
	struct arena *arena = folders->arena;
	struct mail_folders rows = {0};
	size_t *index;
	bool *wanted;

	folders_order(folders);
	index = ARENA_ARRAY(arena, folders->count + 1, size_t);
	wanted = ARENA_ARRAY(arena, folders->count + 1, bool);
	folders->is_picked = true;
	if (pick == NULL || index == NULL || wanted == NULL ||
	    !folders_rows(folders, &rows, index))
		return;
	pick->choose(pick->ctx, &rows, wanted);
	for (size_t i = 0; i < rows.count; i++)
		folders->list[index[i]].is_wanted = wanted[i];
	if (!pick->is_exact)
		folders_in_turn(folders);
}

static void
folders_keep(struct imap_folders *folders)
{
	const struct imap_folder_rules rules = {folders->site, folders->uses};
	const struct account_tree tree = {.list = folders->list,
	    .count = folders->count,
	    .stamp = imap_folder_rules_stamp(&rules),
	    .cursor = folders->cursor,
	    .generation = folders->generation,
	    .has_all = folders->wants_all,
	    .spaces = folders->spaces,
	    .has_quota = folders->has_quota,
	    .quota = folders->quota,
	    .roots = folders->roots,
	    .root_count = folders->root_count};

	if (folders->is_kept)
		account_folders_counted(folders->memory, &tree);
	else if (folders->count > ACCOUNT_FOLDERS_MANY &&
	         folders->spaces != NULL)
		account_folders_put(folders->memory, &tree);
}

enum err_code
imap_folders_result(
    struct imap_folders *folders, struct mail_folders *out, struct err *err)
{
	*out = (struct mail_folders){0};
	if (!folders_rows(folders, out, NULL))
		return imap_arena_check(folders->arena, err);
	out->is_late = folders->is_late;
	folders_keep(folders);
	return ERR_OK;
}
