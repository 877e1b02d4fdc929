#include "page/page_compose.h"
#include "page/page_folder.h"
#include "page/page_label.h"
#include "page/page_saved.h"
#include "store/store_outbox.h"

/*
 * The folders beside every list. Few are shown all; of many those that matter
 * now: special ones, where one is, what is unread, what was opened.
 */
#define SIDE_ROWS 150u

struct side {
	struct request *req;
	const struct mail_folders *folders;
	struct text current;
	uint32_t *parent; /* index + 1; 0: none */
	uint32_t *unread; /* of all inside */
	bool *is_shown;
	uint32_t *left_out; /* inside it, directly; [count]: at the top */
	bool *has_inside;
	bool *holds_current;
	size_t shown;
};

/* "Outbox (2)" among the folders, and what its owner has not seen yet. */
static void
side_view_outbox(struct request *req, struct view *view)
{
	struct store_outbox_counts counts = {0};

	/* Without it the folders are worth showing all the same. */
	if (store_outbox_count(req->app->store, req->session->account, &counts,
	        NULL) != ERR_OK)
		return;
	view_bool(view, "has_outbox", counts.waiting + counts.returned > 0);
	view_u64(view, "outbox_count", counts.waiting + counts.returned);
	view_bool(view, "has_unsent", counts.unseen > 0);
	view_bool(view, "is_one_unsent", counts.unseen == 1);
	view_u64(view, "unsent", counts.unseen);
	view_set_url(
	    view, "outbox_url", view_url_own(req->arena, STR("/outbox")));
	if (counts.kept > 0)
		page_compose_view_kept(req, view);
}

/* ---- which ---- */
static bool
side_init(struct side *side, struct request *req,
    const struct mail_folders *folders, struct text current)
{
	size_t count = folders->count;
	struct arena *arena = req->arena;

	*side =
	    (struct side){.req = req, .folders = folders, .current = current};
	side->parent = ARENA_ARRAY(arena, count + 1, uint32_t);
	side->unread = ARENA_ARRAY(arena, count + 1, uint32_t);
	side->left_out = ARENA_ARRAY(arena, count + 1, uint32_t);
	side->is_shown = ARENA_ARRAY(arena, count + 1, bool);
	side->has_inside = ARENA_ARRAY(arena, count + 1, bool);
	side->holds_current = ARENA_ARRAY(arena, count + 1, bool);
	return !arena_failed(arena);
}

/* The rows are a tree in order: the parent is the last one of less depth. */
static void
side_tie(struct side *side)
{
	const struct mail_folder *list = side->folders->list;

	for (size_t i = 0; i < side->folders->count; i++) {
		size_t up = i;

		/* Always the row before, or one of those it is in. */
		while (up > 0) {
			up = up == i ? i - 1 : side->parent[up] - 1u;
			if (list[up].depth < list[i].depth &&
			    list[up].space == list[i].space) {
				side->parent[i] = (uint32_t)up + 1;
				side->has_inside[up] = true;
				break;
			}
			if (side->parent[up] == 0)
				break;
		}
	}
	for (size_t i = side->folders->count; i > 0; i--) {
		uint32_t up = side->parent[i - 1];
		uint64_t sum;

		if (up == 0)
			continue;
		sum = (uint64_t)side->unread[up - 1] + side->unread[i - 1] +
		      list[i - 1].unseen;
		side->unread[up - 1] =
		    sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
		if (side->holds_current[i - 1] ||
		    str_eq(list[i - 1].name.s, side->current.s))
			side->holds_current[up - 1] = true;
	}
}

/* With all that it is in, while there is room. */
static void
side_show(struct side *side, size_t at)
{
	while (!side->is_shown[at]) {
		side->is_shown[at] = true;
		side->shown++;
		if (side->parent[at] == 0)
			return;
		at = side->parent[at] - 1u;
	}
}

static bool
side_is_wanted(const struct side *side, size_t at, unsigned round)
{
	const struct mail_folder *folder = &side->folders->list[at];
	uint32_t up = side->parent[at];

	switch (round) {
	case 0:
		return folder->special != MAIL_ORDINARY ||
		       str_eq(folder->name.s, side->current.s);
	case 1:
		return folder->unseen > 0;
	case 2:
		return up == 0;
	default:
		return up != 0 && side->is_shown[up - 1] &&
		       page_folder_prefs_is_open(
		           side->req, side->folders->list[up - 1].name);
	}
}

static void
side_choose(struct side *side)
{
	size_t count = side->folders->count;

	if (count <= SIDE_ROWS) {
		for (size_t i = 0; i < count; i++)
			side->is_shown[i] = true;
		side->shown = count;
		return;
	}
	for (unsigned round = 0; round < 4; round++)
		for (size_t i = 0; i < count && side->shown < SIDE_ROWS; i++)
			if (!side->is_shown[i] &&
			    side_is_wanted(side, i, round))
				side_show(side, i);
	for (size_t i = 0; i < count; i++) {
		uint32_t up = side->parent[i];

		if (!side->is_shown[i] && (up == 0 || side->is_shown[up - 1]))
			side->left_out[up == 0 ? count : up - 1]++;
	}
}

/* ---- view ---- */
static const char *
side_heading(enum mail_space space)
{
	return space == MAIL_SPACE_OTHERS ? tr("Of other people")
	                                  : tr("Shared");
}

static void
side_view_folder(struct side *side, size_t at, struct view *row)
{
	static const char *const depths[] = {
	    "d0", "d1", "d2", "d3", "d4", "d5"};
	const struct mail_folder *folder = &side->folders->list[at];
	unsigned depth = folder->depth > 5 ? 5 : folder->depth;

	view_text(row, "name", page_folder_words(folder, folder->label));
	view_text(row, "full_name", folder->name);
	view_word(row, "depth", depths[depth]);
	view_word(row, "icon", folder_icon(folder->special));
	view_bool(row, "is_selectable", folder->is_selectable);
	view_bool(row, "is_current", str_eq(folder->name.s, side->current.s));
	view_bool(row, "has_unread", folder->unseen > 0);
	view_u64(row, "unread", folder->unseen);
	view_set_url(row, "url", page_list_url(side->req->arena, folder->name));
	view_bool(row, "has_inside", side->has_inside[at]);
	if (!side->has_inside[at])
		return;
	view_bool(row, "has_unread_inside", side->unread[at] > 0);
	view_bool(row, "is_open",
	    side->unread[at] > 0 || side->holds_current[at] ||
	        page_folder_prefs_is_open(side->req, folder->name));
}

/* What of a folder is not here is on the page of all. */
static void
side_view_left(struct side *side, size_t at, struct view *end)
{
	struct view_url_param params[] = {
	    {"under", side->folders->list[at].name.s}, {NULL, {0}}};

	view_bool(end, "has_left", side->left_out[at] > 0);
	view_u64(end, "left", side->left_out[at]);
	view_set_url(end, "left_url",
	    view_url_local(side->req->arena, "/folders", params));
}

/* Ends the lists of all that are open but not around `next`. */
static void
side_view_ends(
    struct side *side, size_t *open, size_t next, struct view_list *ends)
{
	const struct mail_folder *list = side->folders->list;

	while (*open > 0) {
		size_t at = *open - 1;
		size_t up = next;

		while (up < side->folders->count && up != at &&
		       side->parent[up] != 0)
			up = side->parent[up] - 1u;
		if (up == at && list[up].depth < list[next].depth)
			return;
		side_view_left(side, at, view_list_add(ends));
		*open = side->parent[at];
	}
}

static void
side_view_rows(struct side *side, struct view *view)
{
	struct view_list *rows = view_list(view, "folders");
	const struct mail_folder *list = side->folders->list;
	size_t count = side->folders->count;
	enum mail_space space = MAIL_SPACE_OWN;
	struct view *row = NULL;
	size_t open = 0; /* index + 1 of the list that is being written */

	for (size_t i = 0; i < count; i++) {
		if (!side->is_shown[i])
			continue;
		if (row != NULL)
			side_view_ends(side, &open, i, view_list(row, "ends"));
		row = view_list_add(rows);
		if (list[i].space != space) {
			space = list[i].space;
			view_word(row, "heading", side_heading(space));
		}
		side_view_folder(side, i, row);
		if (side->has_inside[i])
			open = i + 1;
	}
	if (row != NULL)
		side_view_ends(side, &open, count, view_list(row, "ends"));
}

static void
side_view_targets(struct side *side, struct view *view)
{
	struct view_list *targets = view_list(view, "move_targets");

	for (size_t i = 0; i < side->folders->count; i++) {
		const struct mail_folder *folder = &side->folders->list[i];
		struct view *row;

		if (!side->is_shown[i] || !folder->is_selectable ||
		    str_eq(folder->name.s, side->current.s))
			continue;
		row = view_list_add(targets);
		view_text(row, "value", folder->name);
		view_text(row, "name", page_folder_words(folder, folder->path));
	}
	view_bool(view, "has_more_targets", side->shown < side->folders->count);
}

/* ---- whose counts are asked for ---- */
struct side_pick {
	struct mail_pick pick;
	struct request *req;
	struct text current;
};

static void
side_pick_choose(void *ctx, const struct mail_folders *folders, bool *wanted)
{
	const struct side_pick *pick = ctx;
	struct side side;

	if (!side_init(&side, pick->req, folders, pick->current))
		return;
	side_tie(&side);
	side_choose(&side);
	for (size_t i = 0; i < folders->count; i++)
		wanted[i] = side.is_shown[i];
}

const struct mail_pick *
page_folder_pick(struct request *req, struct text current)
{
	struct side_pick *pick = ARENA_NEW(req->arena, struct side_pick);

	if (pick == NULL)
		return NULL;
	*pick = (struct side_pick){
	    .pick = {.choose = side_pick_choose, .ctx = pick},
	    .req = req,
	    .current = current};
	return &pick->pick;
}

enum err_code
page_view_folders(struct request *req, struct view *view,
    const struct mail_folders *folders, struct text current, struct err *err)
{
	struct side side;
	size_t count = folders->count;

	if (!side_init(&side, req, folders, current))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_view_folders");
	page_folder_prefs_count(req, count);
	side_tie(&side);
	side_choose(&side);
	side_view_rows(&side, view);
	side_view_targets(&side, view);
	page_label_view_choices(req, view);
	side_view_outbox(req, view);
	view_u64(view, "folder_count", count);
	view_bool(view, "counts_are_late", folders->is_late);
	view_bool(view, "has_left_folders", side.left_out[count] > 0);
	view_u64(view, "left_folders", side.left_out[count]);
	view_set_url(
	    view, "folder_do_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(view, "this_folder_url", folder_url(req, current));
	page_keys_view(req, view);
	if (view_failed(view))
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_view_folders");
	return page_saved_view(req, view, err);
}
