#include "base/limits.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_folders.h"

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
	const struct imap_space *space =
	    folders->spaces == NULL
	        ? NULL
	        : imap_space_find(folders->spaces, folder->wire);

	return space != NULL && !folder->is_selectable &&
	       folder->wire.len <= space->prefix_len;
}

enum err_code
imap_folders_result(
    struct imap_folders *folders, struct mail_folders *out, struct err *err)
{
	const struct imap_folder_rules rules = {folders->site, folders->uses};
	struct arena *arena = folders->arena;
	struct mail_folder *list;
	size_t count = 0;

	*out = (struct mail_folders){0};
	if (folders->count > 0) {
		folders_place(folders);
		folders_fill(folders);
	}
	list = ARENA_ARRAY(arena, folders->count, struct mail_folder);
	imap_folder_order(folders->list, folders->count, &rules, arena);
	for (size_t i = 0; list != NULL && i < folders->count; i++) {
		const struct imap_folder *from = &folders->list[i];

		if (folders_is_heading(folders, i))
			continue;
		list[count++] = (struct mail_folder){
		    .name = from->name,
		    .label = from->label,
		    .path = from->path,
		    .depth = from->depth,
		    .special = from->special,
		    .space = from->space,
		    .delimiter = from->delimiter,
		    .is_selectable = from->is_selectable,
		    .is_subscribed = from->is_subscribed,
		    .takes_folders = !from->is_leaf && from->delimiter != '\0',
		    .messages = from->messages,
		    .unseen = from->unseen,
		    .uid_validity = from->uid_validity,
		    .uid_next = from->uid_next,
		};
	}
	if (arena_failed(arena))
		return imap_arena_check(arena, err);
	*out = (struct mail_folders){.list = list, .count = count};
	return ERR_OK;
}
