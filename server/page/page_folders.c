#include "base/num.h"
#include "mime/mime_fold.h"
#include "page/page_folder.h"
#include "page/pages.h"

#define FOLDERS_ROWS        100u /* of one page: each is counted */
#define FOLDERS_FILTER_FROM 20u  /* a field to look for one, from so many on */
#define FOLDERS_WORDS_BYTES ((size_t)200)

struct folders_query {
	struct text under; /* only those below this one; empty: all */
	struct text words;
	struct str folded; /* the same, to compare with */
	uint32_t page;     /* 1-based */
};

static enum err_code
folders_parse(struct request *req, struct folders_query *out, struct err *err)
{
	struct str under = request_query(req, "under");
	struct str words = request_query(req, "q");
	struct str page = request_query(req, "page");

	*out = (struct folders_query){.page = 1};
	if (under.len > LIMIT_FOLDER_BYTES || !str_is_utf8(under) ||
	    words.len > FOLDERS_WORDS_BYTES)
		return err_set(err, ERR_INPUT,
		    "This address does not name a folder.", NULL);
	if (page.len > 0 &&
	    num_u32(page, 1, LIMIT_FOLDERS, &out->page, NULL) != ERR_OK)
		return err_set(err, ERR_INPUT, "There is no such page.", NULL);
	out->under = text_from(req->arena, under);
	out->words = text_line(req->arena, words);
	out->folded = mime_fold(req->arena, out->words.s);
	return ERR_OK;
}

static struct view_url
folders_url(
    struct request *req, const struct folders_query *query, uint32_t page)
{
	struct str none = {NULL, 0};
	struct view_url_param params[] = {
	    {"under", query->under.s.len > 0 ? query->under.s : none},
	    {"q", query->words.s.len > 0 ? query->words.s : none},
	    {"page", page > 1 ? page_u64(req->arena, page) : none},
	    {NULL, {0}},
	};

	return view_url_local(req->arena, "/folders", params);
}

static bool
folders_has(struct arena *arena, const struct folders_query *query,
    const struct mail_folder *under, const struct mail_folder *at)
{
	if (under != NULL && at != under && !mail_folder_is_below(under, at))
		return false;
	return text_is_empty(query->words) ||
	       folder_has_words(arena, at, query->folded);
}

static void
folders_view_row(struct request *req, const struct folders_query *query,
    const struct mail_folder *at, unsigned from_depth, struct view *row)
{
	static const char *const depths[] = {
	    "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"};
	unsigned depth = at->depth > from_depth ? at->depth - from_depth : 0;
	/* What was looked for stands with its whole name. */
	bool is_flat = !text_is_empty(query->words);

	if (is_flat)
		depth = 0;
	view_word(row, "depth", depths[depth > 7 ? 7 : depth]);
	view_text(
	    row, "name", page_folder_words(at, is_flat ? at->path : at->label));
	view_word(row, "icon", folder_icon(at->special));
	/* "Drafts" says itself what it is for. */
	if (at->special > MAIL_INBOX && !page_folder_is_usual(at, at->label))
		view_word(row, "use", folder_use_words(at->special));
	view_bool(row, "is_selectable", at->is_selectable);
	view_bool(row, "has_unread", at->unseen > 0);
	view_u64(row, "unread", at->unseen);
	view_bool(row, "is_counted", at->is_counted);
	view_u64(row, "messages", at->messages);
	view_bool(row, "is_unsubscribed",
	    at->special == MAIL_ORDINARY && at->is_selectable &&
	        !at->is_subscribed);
	view_set_url(row, "change_url", folder_url(req, at->name));
	view_set_url(row, "url", page_list_url(req->arena, at->name));
}

static const char *
folders_heading(enum mail_space space)
{
	return space == MAIL_SPACE_OWN      ? ""
	       : space == MAIL_SPACE_OTHERS ? tr("Folders of other people")
	                                    : tr("Shared folders");
}

static void
folders_view_paging(struct request *req, const struct folders_query *query,
    size_t count, struct view *view)
{
	uint32_t pages =
	    count == 0 ? 1 : (uint32_t)((count - 1) / FOLDERS_ROWS + 1);

	view_bool(view, "has_pages", pages > 1);
	view_u64(view, "page_number", query->page);
	view_u64(view, "page_count", pages);
	view_bool(view, "has_prev", query->page > 1);
	view_bool(view, "has_next", query->page < pages);
	view_set_url(
	    view, "prev_url", folders_url(req, query, query->page - 1));
	view_set_url(
	    view, "next_url", folders_url(req, query, query->page + 1));
}

/* ---- whose counts are asked for ---- */
struct folders_pick {
	struct mail_pick pick;
	struct request *req;
	const struct folders_query *query;
};

static void
folders_choose(void *ctx, const struct mail_folders *folders, bool *wanted)
{
	const struct folders_pick *pick = ctx;
	const struct folders_query *query = pick->query;
	const struct mail_folder *under = mail_tree_find(folders, query->under);
	size_t first = (size_t)(query->page - 1) * FOLDERS_ROWS;

	for (size_t i = 0, count = 0; i < folders->count; i++) {
		if (!folders_has(
		        pick->req->arena, query, under, &folders->list[i]))
			continue;
		wanted[i] = count >= first && count < first + FOLDERS_ROWS;
		count++;
	}
}

static void
folders_view_rows(struct request *req, const struct folders_query *query,
    const struct mail_folders *folders, struct view *view)
{
	const struct mail_folder *under = mail_tree_find(folders, query->under);
	struct view_list *spaces = view_list(view, "spaces");
	size_t first = (size_t)(query->page - 1) * FOLDERS_ROWS;
	struct view_list *rows = NULL;
	enum mail_space space = MAIL_SPACE_OWN;
	size_t count = 0;

	for (size_t i = 0; i < folders->count; i++) {
		const struct mail_folder *at = &folders->list[i];

		if (!folders_has(req->arena, query, under, at))
			continue;
		count++;
		if (count <= first || count > first + FOLDERS_ROWS)
			continue;
		if (rows == NULL || at->space != space) {
			struct view *part = view_list_add(spaces);

			space = at->space;
			view_word(part, "heading", folders_heading(space));
			rows = view_list(part, "rows");
		}
		folders_view_row(req, query, at,
		    under == NULL ? 0 : under->depth, view_list_add(rows));
	}
	view_u64(view, "found", count);
	view_bool(view, "no_rows", count == 0);
	folders_view_paging(req, query, count, view);
	view_bool(view, "has_under", under != NULL);
	if (under != NULL)
		view_text(view, "under_name", under->path);
}

static void
folders_view_quota(
    struct request *req, const struct mail_tree *tree, struct view *view)
{
	struct view_list *list = view_list(view, "quotas");

	for (size_t i = 0; i < tree->root_count; i++) {
		const struct mail_quota_root *root = &tree->roots[i];
		struct view *row;

		if (root->has_bytes && root->limit_bytes > 0) {
			uint64_t used = root->used_bytes;

			row = view_list_add(list);
			view_bool(row, "has_name", tree->root_count > 1);
			view_text(row, "name", root->name);
			view_text(row, "used", view_size(req->arena, used));
			view_text(row, "limit",
			    view_size(req->arena, root->limit_bytes));
			view_u64(row, "percent",
			    used >= root->limit_bytes
			        ? 100
			        : (uint64_t)((double)used * 100 /
			                     (double)root->limit_bytes));
			view_bool(
			    row, "is_high", used / 9 >= root->limit_bytes / 10);
		}
		if (root->has_messages && root->limit_messages > 0) {
			uint64_t used = root->used_messages;

			row = view_list_add(list);
			view_bool(row, "has_name", tree->root_count > 1);
			view_text(row, "name", root->name);
			view_str(row, "used",
			    str_printf(req->arena,
			        trn("%llu message", "%llu messages", used),
			        (unsigned long long)used));
			view_u64(row, "limit", root->limit_messages);
			view_u64(row, "percent",
			    used >= root->limit_messages
			        ? 100
			        : (uint64_t)((double)used * 100 /
			                     (double)root->limit_messages));
			view_bool(row, "is_high",
			    used / 9 >= root->limit_messages / 10);
		}
	}
}

static void
folders_view_new(struct request *req, const struct mail_tree *tree,
    const struct folders_query *query, const struct folder_wrong *wrong,
    struct view *view)
{
	struct str parent = query->under.s;

	if (wrong != NULL) {
		view_word(view, "error_general", wrong->words);
		view_text(view, "new_name", text_line(req->arena, wrong->name));
		parent = wrong->parent;
	}
	folder_view_parents(req, tree, NULL, parent, view);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(
	    view, "filter_url", view_url_own(req->arena, STR("/folders")));
	view_text(view, "words", query->words);
	view_bool(view, "has_words", !text_is_empty(query->words));
	view_bool(
	    view, "has_filter", tree->folders.count >= FOLDERS_FILTER_FROM);
	view_set_url(
	    view, "all_url", view_url_own(req->arena, STR("/folders")));
	view_set_url(
	    view, "list_url", page_list_url(req->arena, TEXT("INBOX")));
	view_set_url(
	    view, "settings_url", view_url_own(req->arena, STR("/settings")));
}

enum err_code
folders_show(struct request *req, struct response *res,
    const struct folder_wrong *wrong, struct err *err)
{
	struct mail mail = page_mail(req);
	struct folders_query query;
	struct mail_tree tree;
	struct view *view = NULL;
	struct folders_pick pick = {
	    .pick = {.choose = folders_choose, .is_exact = true},
	    .req = req,
	    .query = &query};
	enum err_code rc = folders_parse(req, &query, err);

	pick.pick.ctx = &pick;
	mail.pick = &pick.pick;
	if (rc == ERR_OK)
		rc = mail_tree(&mail, &tree, err);
	if (rc == ERR_OK)
		rc = page_view(req, res, tr_text("Folders"), &view, err);
	if (rc != ERR_OK)
		return rc;
	page_folder_prefs_count(req, tree.folders.count);
	folders_view_new(req, &tree, &query, wrong, view);
	folders_view_rows(req, &query, &tree.folders, view);
	folders_view_quota(req, &tree, view);
	view_u64(view, "total", tree.folders.count);
	folder_view_note(req, view);
	view_word(view, "folder", "");
	return page_send(req, res, "folders_all.html", view, err);
}

enum err_code
page_folders(struct request *req, struct response *res, struct err *err)
{
	return folders_show(req, res, NULL, err);
}
