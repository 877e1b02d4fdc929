#include "base/num.h"
#include "page/page_folder.h"

#define DROP_NUMBERS 100u /* "Name (2)" to "Name (100)" in the trash */

/* ---- the trash ---- */
enum err_code
folder_job_trash(struct folder_job *job, const struct mail_folder **out)
{
	struct str configured = page_mail_site(job->req)->trash_folder;
	struct text name = TEXT("Trash");
	enum err_code rc;

	*out = mail_special_find(&job->mail, &job->tree.folders, MAIL_TRASH);
	if (*out != NULL)
		return ERR_OK;
	if (configured.len > 0)
		name = text_line(job->req->arena, configured);
	rc = mail_folder_make(&job->mail, name, &name, job->err);
	if (rc == ERR_OK)
		rc = mail_tree(&job->mail, &job->tree, job->err);
	if (rc != ERR_OK)
		return rc;
	job->folder = mail_tree_find(&job->tree.folders, job->name);
	*out = mail_special_find(&job->mail, &job->tree.folders, MAIL_TRASH);
	if (*out != NULL && job->folder != NULL)
		return ERR_OK;
	return err_set(job->err, ERR_MAIL,
	    "There is no folder for the trash, and the mail server did not "
	    "make one. Nothing was deleted.",
	    "folder: no trash");
}

/* ---- what would be gone ---- */
struct drop_sum {
	uint64_t messages;
	size_t folders; /* with the folder itself */
	size_t unknown; /* of them, those that the server does not count */
	uint64_t stamp; /* of everything that was counted */
};

static uint64_t
drop_hash(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * 1099511628211u;
	return hash;
}

static void
drop_add(struct drop_sum *sum, const struct mail_folder *at)
{
	sum->messages += at->messages;
	sum->folders++;
	if (at->is_selectable && !at->is_counted)
		sum->unknown++;
	sum->stamp = drop_hash(sum->stamp, at->name.s.ptr, at->name.s.len);
	sum->stamp =
	    drop_hash(sum->stamp, &at->uid_validity, sizeof(at->uid_validity));
	sum->stamp = drop_hash(sum->stamp, &at->uid_next, sizeof(at->uid_next));
	sum->stamp = drop_hash(sum->stamp, &at->messages, sizeof(at->messages));
}

/* What is not counted is asked for once more: 0 would be a guess. */
static void
drop_learn(struct folder_job *job)
{
	for (size_t i = 0; i < job->tree.folders.count; i++) {
		struct mail_folder *at = &job->tree.folders.list[i];
		struct mail_folder_state state = {0};

		if (at->is_counted || !at->is_selectable ||
		    (at != job->folder &&
		        !mail_folder_is_below(job->folder, at)) ||
		    mail_folder_state(&job->mail, at->name, &state, NULL) !=
		        ERR_OK)
			continue;
		at->is_counted = true;
		at->messages = state.messages;
		at->unseen = state.unseen;
		at->uid_validity = state.uid_validity;
		at->uid_next = state.uid_next;
	}
}

static struct drop_sum
drop_count(struct folder_job *job, bool with_itself)
{
	struct drop_sum sum = {.stamp = 14695981039346656037u};

	drop_learn(job);
	for (size_t i = 0; i < job->tree.folders.count; i++) {
		const struct mail_folder *at = &job->tree.folders.list[i];

		if ((with_itself && at == job->folder) ||
		    mail_folder_is_below(job->folder, at))
			drop_add(&sum, at);
	}
	return sum;
}

static struct str
drop_stamp(struct arena *arena, const struct drop_sum *sum)
{
	return str_printf(arena, "%016llx", (unsigned long long)sum->stamp);
}

/* "12 messages", "1 message", "no messages" */
static struct str
drop_messages(struct arena *arena, uint64_t count)
{
	if (count == 0)
		return tr_text("no messages").s;
	return str_printf(arena, trn("%llu message", "%llu messages", count),
	    (unsigned long long)count);
}

/* The same, where some may not be counted. */
static struct str
drop_what(struct arena *arena, const struct drop_sum *sum)
{
	struct str messages = drop_messages(arena, sum->messages);

	if (sum->unknown == 0)
		return messages;
	if (sum->folders == 1)
		return tr_text("messages that the mail server does not count")
		    .s;
	return str_printf(arena,
	    trn("%.*s, and what is in %zu folder that the mail server does not "
	        "count",
	        "%.*s, and what is in %zu folders that the mail server does "
	        "not count",
	        sum->unknown),
	    STR_ARG(messages), sum->unknown);
}

/* ---- asking ---- */
struct drop_question {
	const char *title;
	const char *verb;
	struct str words;
	const char *yes;
	bool has_changed; /* since it was asked before */
	/* What the answer is about: */
	struct str stamp;
	uint32_t uid_validity, uid_next, messages;
	/* Folders inside, for the trash; 0: none to speak of. */
	size_t inside;
	struct str inside_words, inside_stamp;
};

static enum err_code
drop_ask(struct folder_job *job, const struct drop_question *question)
{
	struct request *req = job->req;
	struct view *view = NULL;
	struct view_list *hidden;
	enum err_code rc = page_view(req, job->res,
	    text_from(req->arena, str_c(question->title)), &view, job->err);

	if (rc != ERR_OK)
		return rc;
	view_word(view, "question", question->title);
	view_str(view, "text", question->words);
	view_text(
	    view, "path", page_folder_words(job->folder, job->folder->path));
	view_bool(view, "has_changed", question->has_changed);
	view_word(view, "yes_label", question->yes);
	view_word(view, "verb", question->verb);
	view_bool(view, "has_inside", question->inside > 0);
	view_str(view, "inside_words", question->inside_words);
	view_str(view, "inside_stamp", question->inside_stamp);
	view_set_url(
	    view, "action_url", view_url_own(req->arena, STR("/folder")));
	view_set_url(view, "cancel_url", folder_url(req, job->folder->name));
	hidden = view_list(view, "hidden");
	page_hidden(req, hidden, "folder", job->folder->name.s);
	page_hidden(req, hidden, "stamp", question->stamp);
	page_hidden(req, hidden, "validity",
	    page_u64(req->arena, question->uid_validity));
	page_hidden(
	    req, hidden, "next", page_u64(req->arena, question->uid_next));
	page_hidden(
	    req, hidden, "messages", page_u64(req->arena, question->messages));
	job->is_answered = true;
	return page_send(req, job->res, "folder_ask.html", view, job->err);
}

static uint32_t
drop_field(struct request *req, const char *name)
{
	uint32_t number = 0;

	err_ignore(
	    num_u32(request_field(req, name), 0, UINT32_MAX, &number, NULL));
	return number;
}

/* ---- deleting ---- */
static enum err_code
drop_is_allowed(struct folder_job *job)
{
	for (size_t i = 0; i < job->tree.folders.count; i++) {
		const struct mail_folder *at = &job->tree.folders.list[i];

		if (at->special == MAIL_ORDINARY ||
		    (at != job->folder &&
		        !mail_folder_is_below(job->folder, at)))
			continue;
		if (at->special == MAIL_INBOX)
			return err_set(job->err, ERR_INPUT,
			    "The Inbox cannot be deleted, nor what it is in.",
			    NULL);
		return err_sayf(job->err, ERR_INPUT,
		    "“%.*s” is used for %s. Choose another folder for "
		    "that first; then this one can be deleted.",
		    STR_ARG(str_slice(at->path.s, 0, 200)),
		    folder_use_words(at->special));
	}
	return ERR_OK;
}

/* Those inside first: a server keeps a folder that others are in. */
static enum err_code
drop_all(struct folder_job *job, bool with_itself)
{
	const struct mail_folders *folders = &job->tree.folders;
	enum err_code rc = ERR_OK;

	for (size_t i = folders->count; rc == ERR_OK && i > 0; i--) {
		const struct mail_folder *at = &folders->list[i - 1];

		if (at != job->folder && !mail_folder_is_below(job->folder, at))
			continue;
		if (at == job->folder && !with_itself)
			continue;
		rc = mail_folder_delete(&job->mail, at->name, job->err);
		/* A level between goes with the last one in it. */
		if (!at->is_selectable &&
		    (rc == ERR_MAIL || rc == ERR_NOT_FOUND))
			rc = ERR_OK;
	}
	return rc;
}

static enum err_code
drop_for_good(struct folder_job *job, const char *why)
{
	struct arena *arena = job->req->arena;
	struct drop_sum sum = drop_count(job, true);
	struct str stamp = drop_stamp(arena, &sum);
	struct str messages = drop_what(arena, &sum);
	struct str said = request_field(job->req, "stamp");
	struct str words;
	struct drop_question question = {.title = tr("Delete for good?"),
	    .verb = "delete",
	    .yes = tr("Delete for good"),
	    .has_changed = said.len > 0,
	    .stamp = stamp};

	if (str_eq(said, stamp)) {
		job->note = "deleted";
		job->to_folders = true;
		return drop_all(job, true);
	}
	if (sum.folders > 1)
		words = str_printf(arena,
		    trn("It has %.*s in it, with the %zu folder inside it. All "
		        "of it is deleted, and cannot be brought back.",
		        "It has %.*s in it, with the %zu folders inside it. "
		        "All of it is deleted, and cannot be brought back.",
		        sum.folders - 1),
		    STR_ARG(messages), sum.folders - 1);
	else if (sum.messages + sum.unknown == 0)
		words = str_printf(arena,
		    tr("It has %.*s in it. It is deleted, and cannot be "
		       "brought back."),
		    STR_ARG(messages));
	else
		words = str_printf(arena,
		    tr("It has %.*s in it. All of it is deleted, and cannot be "
		       "brought back."),
		    STR_ARG(messages));
	question.words = str_printf(
	    arena, "%s%s%.*s", why, why[0] != '\0' ? " " : "", STR_ARG(words));
	return drop_ask(job, &question);
}

/* In the trash nothing comes to it any more: it is empty, or it is not. */
static enum err_code
drop_if_empty(struct folder_job *job, struct text trashed, bool *out_gone)
{
	struct mail_folder_state state = {0};
	enum err_code rc;

	*out_gone = false;
	rc = mail_folder_state(&job->mail, trashed, &state, job->err);
	if (rc == ERR_OK && state.messages == 0 && state.uid_next != 0) {
		rc = mail_folder_delete(&job->mail, trashed, job->err);
		*out_gone = rc == ERR_OK;
	}
	/* Then it stays in the trash. */
	return ERR_OK;
}

static enum err_code
drop_to_trash(struct folder_job *job, const struct mail_folder *trash)
{
	struct folder_undo undo = {.kind = FOLDER_UNDO_RENAME,
	    .from = job->folder->name,
	    .was_subscribed = job->folder->is_subscribed};
	bool is_empty = drop_count(job, true).folders == 1 &&
	                job->folder->is_counted && job->folder->messages == 0 &&
	                job->folder->is_selectable;
	bool is_gone = false;
	enum err_code rc = ERR_INPUT;

	for (unsigned number = 1; number <= DROP_NUMBERS; number++) {
		rc = mail_folder_moved(&job->tree, trash, job->folder, number,
		    job->req->arena, &undo.to, job->err);
		if (rc != ERR_OK)
			return rc;
		if (mail_tree_find(&job->tree.folders, undo.to) == NULL)
			break;
	}
	rc = mail_folder_rename(&job->mail, &job->tree.folders,
	    job->folder->name, undo.to, job->err);
	if (rc != ERR_OK)
		return rc;
	job->to_folders = true;
	job->note = "trashed";
	if (is_empty)
		rc = drop_if_empty(job, undo.to, &is_gone);
	if (is_gone) {
		undo.kind = FOLDER_UNDO_MAKE;
		job->note = "removed";
	} else {
		rc = page_folder_prefs_rename(
		    job->req, job->folder, undo.to, job->err);
	}
	job->undo = folder_undo_seal(job->req, &undo);
	return rc;
}

enum err_code
folder_job_delete(struct folder_job *job)
{
	const struct mail_folder *trash = NULL;
	enum err_code rc = drop_is_allowed(job);

	if (rc == ERR_OK)
		rc = folder_job_trash(job, &trash);
	if (rc != ERR_OK)
		return rc;
	if (mail_folder_is_below(trash, job->folder))
		return drop_for_good(job, "");
	/* Asked already, because the trash cannot have it. */
	if (request_field(job->req, "stamp").len > 0)
		return drop_for_good(job, "");
	if (trash->takes_folders)
		rc = drop_to_trash(job, trash);
	if (trash->takes_folders && rc != ERR_MAIL && rc != ERR_INPUT &&
	    rc != ERR_FORBIDDEN)
		return rc;
	return drop_for_good(
	    job, tr("The mail server cannot keep this folder in the trash."));
}

/* ---- emptying ---- */
static struct str
empty_words(struct arena *arena, uint64_t count, bool is_trash)
{
	struct str messages = drop_messages(arena, count);

	if (is_trash)
		return str_printf(arena,
		    trn("It has %.*s in it. It is deleted for good and cannot "
		        "be brought back.",
		        "It has %.*s in it. They are deleted for good and "
		        "cannot be brought back.",
		        count),
		    STR_ARG(messages));
	return str_printf(arena,
	    trn("It has %.*s in it. It is deleted for good: it does not go to "
	        "the trash and cannot be brought back.",
	        "It has %.*s in it. They are deleted for good: they do not go "
	        "to the trash and cannot be brought back.",
	        count),
	    STR_ARG(messages));
}

static enum err_code
empty_ask(struct folder_job *job, const struct mail_folder_state *state,
    const struct drop_sum *inside, bool has_changed)
{
	struct arena *arena = job->req->arena;
	bool is_trash = job->folder->special == MAIL_TRASH;
	struct str more = drop_what(arena, inside);
	struct drop_question question = {.title = tr("Empty this folder?"),
	    .verb = "empty",
	    .yes = tr("Delete for good"),
	    .has_changed = has_changed,
	    .stamp = STR("1"),
	    .uid_validity = state->uid_validity,
	    .uid_next = state->uid_next,
	    .messages = state->messages};

	question.words = empty_words(arena, state->messages, is_trash);
	if (is_trash && inside->folders > 0) {
		question.inside = inside->folders;
		question.inside_stamp = drop_stamp(arena, inside);
		question.inside_words = str_printf(arena,
		    trn("Delete the %zu folder in it, too, with %.*s",
		        "Delete the %zu folders in it, too, with %.*s",
		        inside->folders),
		    inside->folders, STR_ARG(more));
	}
	return drop_ask(job, &question);
}

enum err_code
folder_job_empty(struct folder_job *job)
{
	struct request *req = job->req;
	struct drop_sum inside = drop_count(job, false);
	struct str said = request_field(req, "inside");
	struct mail_folder_state state = {0};
	bool is_asked = request_field(req, "stamp").len > 0;
	bool is_marked = false;
	enum err_code rc;

	job->landing = job->folder->name;
	rc = mail_folder_state(&job->mail, job->folder->name, &state, job->err);
	if (rc != ERR_OK)
		return rc;
	if (state.messages == 0 &&
	    (job->folder->special != MAIL_TRASH || inside.folders == 0)) {
		job->note = "nothing";
		return ERR_OK;
	}
	if (!is_asked || drop_field(req, "validity") != state.uid_validity ||
	    drop_field(req, "messages") != state.messages ||
	    drop_field(req, "next") == 0 ||
	    drop_field(req, "next") > state.uid_next ||
	    (said.len > 0 && !str_eq(said, drop_stamp(req->arena, &inside))))
		return empty_ask(job, &state, &inside, is_asked);
	if (said.len > 0)
		rc = drop_all(job, false);
	if (rc == ERR_OK)
		rc = mail_folder_empty(&job->mail, job->folder->name,
		    state.uid_validity, drop_field(req, "next"), &is_marked,
		    job->err);
	job->note = is_marked ? "marked" : "emptied";
	job->count = state.messages + (said.len > 0 ? inside.messages : 0);
	if (job->count == 0)
		job->note = said.len > 0 ? "deleted" : "nothing";
	return rc;
}
