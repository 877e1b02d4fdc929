#include "page/page_folder.h"

#include "mime/mime_fold.h"

struct view_url
folder_url(struct request *req, struct text name)
{
	struct view_url_param params[] = {{"folder", name.s}, {NULL, {0}}};

	return view_url_local(req->arena, "/folder", params);
}

const char *
folder_icon(enum mail_special special)
{
	static const char *const icons[] = {
	    [MAIL_ORDINARY] = "folder",
	    [MAIL_INBOX] = "inbox",
	    [MAIL_DRAFTS] = "drafts",
	    [MAIL_SENT] = "sent",
	    [MAIL_ARCHIVE] = "archive",
	    [MAIL_JUNK] = "junk",
	    [MAIL_TRASH] = "trash",
	};

	return icons[special];
}

const char *
folder_use_words(enum mail_special special)
{
	static const char *const words[] = {
	    [MAIL_ORDINARY] = "",
	    [MAIL_INBOX] = N_("new messages"),
	    [MAIL_DRAFTS] = N_("drafts"),
	    [MAIL_SENT] = N_("sent messages"),
	    [MAIL_ARCHIVE] = N_("the archive"),
	    [MAIL_JUNK] = N_("junk"),
	    [MAIL_TRASH] = N_("the trash"),
	};

	return special == MAIL_ORDINARY ? "" : tr(words[special]);
}

/* More are named by their own pages. */
#define FOLDER_PARENTS_MOST 400u

void
folder_view_parents(struct request *req, const struct mail_tree *tree,
    const struct mail_folder *below, struct str chosen, struct view *view)
{
	struct view_list *list = view_list(view, "parents");
	size_t count = 0;

	(void)req;
	for (size_t i = 0; i < tree->folders.count; i++) {
		const struct mail_folder *at = &tree->folders.list[i];
		bool is_chosen = str_eq(at->name.s, chosen);
		struct view *row;

		if (!at->takes_folders ||
		    (below != NULL &&
		        (at == below || mail_folder_is_below(below, at))))
			continue;
		if (count >= FOLDER_PARENTS_MOST && !is_chosen)
			continue;
		count++;
		row = view_list_add(list);
		view_text(row, "value", at->name);
		view_text(row, "name", page_folder_words(at, at->path));
		view_bool(row, "selected", is_chosen);
	}
	view_bool(view, "has_parents", count > 0);
}

size_t
folder_count_below(const struct mail_folders *folders,
    const struct mail_folder *folder, uint64_t *out_messages)
{
	size_t count = 0;

	*out_messages = 0;
	for (size_t i = 0; i < folders->count; i++) {
		if (!mail_folder_is_below(folder, &folders->list[i]))
			continue;
		count++;
		*out_messages += folders->list[i].messages;
	}
	return count;
}

bool
folder_has_words(
    struct arena *arena, const struct mail_folder *folder, struct str folded)
{
	struct str path = mime_fold(arena, folder->path.s);
	struct str words =
	    mime_fold(arena, page_folder_words(folder, folder->path).s);

	return str_find(path, folded, 0) < path.len ||
	       str_find(words, folded, 0) < words.len;
}

/* ---- whose counts are asked for ---- */
struct below_pick {
	struct mail_pick pick;
	struct text name;
};

static void
below_choose(void *ctx, const struct mail_folders *folders, bool *wanted)
{
	const struct below_pick *pick = ctx;
	const struct mail_folder *folder = mail_tree_find(folders, pick->name);

	for (size_t i = 0; folder != NULL && i < folders->count; i++) {
		const struct mail_folder *at = &folders->list[i];

		wanted[i] = at == folder || mail_folder_is_below(folder, at);
	}
}

const struct mail_pick *
folder_pick_below(struct request *req, struct text name)
{
	struct below_pick *pick = ARENA_NEW(req->arena, struct below_pick);

	if (pick == NULL)
		return NULL;
	*pick = (struct below_pick){
	    .pick = {.choose = below_choose, .ctx = pick, .is_exact = true},
	    .name = name};
	return &pick->pick;
}
