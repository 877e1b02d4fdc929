#include "page/page_folder.h"

#include "mail/mail_rights.h"
#include "page/pages.h"

static void
folder_view_uses(const struct mail_folder *folder, struct view *view)
{
	static const struct {
		const char *value;
		const char *words;
		enum mail_special special;
	} uses[] = {
	    {"", N_("Nothing special"), MAIL_ORDINARY},
	    {"drafts", N_("Drafts"), MAIL_DRAFTS},
	    {"sent", N_("Sent messages"), MAIL_SENT},
	    {"archive", N_("The archive"), MAIL_ARCHIVE},
	    {"junk", N_("Junk"), MAIL_JUNK},
	    {"trash", N_("The trash"), MAIL_TRASH},
	};
	struct view_list *list = view_list(view, "uses");

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		struct view *row = view_list_add(list);

		view_word(row, "value", uses[i].value);
		view_word(row, "words", tr(uses[i].words));
		view_bool(row, "selected", uses[i].special == folder->special);
	}
}

static void
folder_view_facts(struct request *req, const struct mail_folder *folder,
    const struct mail_folder_state *state, struct view *view)
{
	view_bool(view, "is_selectable", folder->is_selectable);
	view_u64(view, "messages", state->messages);
	view_bool(view, "is_one", state->messages == 1);
	view_bool(view, "is_empty", state->messages == 0);
	view_u64(view, "unread", state->unseen);
	view_bool(view, "has_unread", state->unseen > 0);
	if (state->has_bytes)
		view_text(view, "size", view_size(req->arena, state->bytes));
	if (folder->special > MAIL_INBOX)
		view_word(view, "use", folder_use_words(folder->special));
	view_bool(view, "is_inbox", folder->special == MAIL_INBOX);
	view_bool(view, "is_trash", folder->special == MAIL_TRASH);
	view_bool(view, "is_archive",
	    folder->special == MAIL_ARCHIVE && folder->takes_folders);
	view_bool(view, "archive_by_year",
	    page_folder_prefs_archive(req) == FOLDER_ARCHIVE_YEAR);
	view_bool(view, "archive_by_month",
	    page_folder_prefs_archive(req) == FOLDER_ARCHIVE_MONTH);
	view_bool(view, "is_subscribed", folder->is_subscribed);
	view_bool(view, "is_own", folder->space == MAIL_SPACE_OWN);
	view_bool(view, "is_others", folder->space == MAIL_SPACE_OTHERS);
	view_bool(view, "is_shared", folder->space == MAIL_SPACE_SHARED);
}

/* Where it is: everything of its path but the last part. */
static struct str
folder_place(const struct mail_folder *folder)
{
	struct str name = folder->name.s;
	size_t at = name.len;

	while (at > 0 && (folder->delimiter == '\0' ||
	                     name.ptr[at - 1] != folder->delimiter))
		at--;
	return str_slice(name, 0, at > 0 ? at - 1 : 0);
}

/* Is anything unread in it, or in those inside it? */
static bool
folder_view_inside(struct request *req, const struct mail_folders *folders,
    const struct mail_folder *folder, struct view *view)
{
	uint64_t messages = 0;
	uint64_t unread = 0;
	size_t count = folder_count_below(folders, folder, &messages);
	struct view_url_param params[] = {
	    {"under", folder->name.s}, {NULL, {0}}};

	for (size_t i = 0; i < folders->count; i++)
		if (mail_folder_is_below(folder, &folders->list[i]))
			unread += folders->list[i].unseen;
	view_bool(view, "has_inside", count > 0);
	view_u64(view, "inside", count);
	view_bool(view, "is_one_inside", count == 1);
	view_u64(view, "inside_messages", messages);
	view_bool(view, "has_inside_unread", unread > 0);
	view_set_url(
	    view, "inside_url", view_url_local(req->arena, "/folders", params));
	view_bool(
	    view, "is_open", page_folder_prefs_is_open(req, folder->name));
	return unread + folder->unseen > 0;
}

/* What one's rights allow; all where nobody knows of rights. */
static void
folder_view_may(const struct mail_folder *folder,
    const struct mail_rights *rights, bool has_unread, struct view *view)
{
	uint64_t mine = rights->is_known ? rights->mine : UINT64_MAX;
	bool is_inbox = folder->special == MAIL_INBOX;

	view_bool(
	    view, "can_read", has_unread && (mine & MAIL_RIGHT_SEEN) != 0);
	view_bool(
	    view, "can_rename", !is_inbox && (mine & MAIL_RIGHT_REMOVE) != 0);
	view_bool(view, "takes_folders",
	    folder->takes_folders && (mine & MAIL_RIGHT_CREATE) != 0);
	view_bool(view, "can_empty",
	    folder->is_selectable && (mine & MAIL_RIGHT_DELETE) != 0 &&
	        (mine & MAIL_RIGHT_EXPUNGE) != 0);
	view_bool(view, "can_delete",
	    (folder->is_selectable || !is_inbox) &&
	        (mine & (MAIL_RIGHT_REMOVE | MAIL_RIGHT_DELETE)) != 0);
}

static void
folder_view(struct request *req, const struct mail_tree *tree,
    const struct mail_folder *folder, const struct folder_wrong *wrong,
    const struct mail_rights *rights, struct view *view)
{
	view_text(view, "name", page_folder_words(folder, folder->label));
	view_text(view, "path", folder->path);
	view_text(view, "folder", folder->name);
	view_bool(view, "is_deep", folder->depth > 0);
	view_word(view, "icon", folder_icon(folder->special));
	view_text(view, "new_name", folder->label);
	if (wrong != NULL) {
		view_word(view, "error_general", wrong->words);
		view_text(view, "new_name", text_line(req->arena, wrong->name));
	}
	folder_view_parents(req, tree, folder, folder_place(folder), view);
	folder_view_uses(folder, view);
	folder_view_may(folder, rights,
	    folder_view_inside(req, &tree->folders, folder, view), view);
	folder_view_rights(req, rights, view);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(view, "list_url", page_list_url(req->arena, folder->name));
	view_set_url(
	    view, "all_url", view_url_own(req->arena, STR("/folders")));
}

static enum err_code
folder_gone(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
	    "There is no such folder. It may have been renamed or deleted.",
	    "folder: not in the list");
}

enum err_code
folder_show(struct request *req, struct response *res, struct text name,
    const struct folder_wrong *wrong, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_tree tree;
	struct mail_folder_state state = {0};
	struct mail_rights rights = {0};
	const struct mail_folder *folder = NULL;
	struct view *view = NULL;
	bool is_counted = false;
	enum err_code rc;

	mail.pick = folder_pick_below(req, name);
	rc = mail_tree(&mail, &tree, err);
	if (rc == ERR_OK)
		folder = mail_tree_find(&tree.folders, name);
	if (rc == ERR_OK && folder == NULL)
		rc = folder_gone(err);
	if (rc == ERR_OK && folder->is_selectable) {
		rc = mail_folder_state(&mail, name, &state, err);
		/* It may be deleted and renamed all the same. */
		is_counted = rc == ERR_OK;
		rc = rc == ERR_MAIL ? ERR_OK : rc;
	}
	if (rc == ERR_OK && folder->is_selectable && tree.can_rights)
		rc = mail_rights(&mail, name, &rights, err);
	if (rc == ERR_OK)
		rc = page_view(req, res,
		    page_title(req, page_folder_words(folder, folder->path)),
		    &view, err);
	if (rc != ERR_OK)
		return rc;
	folder_view(req, &tree, folder, wrong, &rights, view);
	folder_view_facts(req, folder, &state, view);
	view_bool(view, "is_counted", is_counted);
	folder_view_note(req, view);
	return page_send(req, res, "folder.html", view, err);
}

enum err_code
page_folder(struct request *req, struct response *res, struct err *err)
{
	struct text name;
	enum err_code rc = page_folder_param(req, &name, err);

	return rc == ERR_OK ? folder_show(req, res, name, NULL, err) : rc;
}
