#include "base/tr.h"
#include "page/page_act.h"
#include "page/page_label.h"
#include "page/page_list.h"

/* Junk is a folder and, for filters that learn, a keyword. */
void
act_mark_junk(struct mail *mail, struct text folder, uint32_t uid_validity,
    const struct mail_set *set, bool is_junk)
{
	struct mail_bulk bulk = {.what = MAIL_BULK_STORE,
	    .folder = folder,
	    .uid_validity = uid_validity,
	    .set = *set,
	    .flag = is_junk ? MAIL_JUNK_MARK : MAIL_NOT_JUNK_MARK,
	    .on = true};

	/* Servers without such keywords still move. */
	err_ignore(mail_bulk(mail, &bulk, NULL));
	bulk.flag = is_junk ? MAIL_NOT_JUNK_MARK : MAIL_JUNK_MARK;
	bulk.on = false;
	err_ignore(mail_bulk(mail, &bulk, NULL));
}

static struct mail_bulk
do_bulk(const struct act *act, enum mail_bulk_what what)
{
	return (struct mail_bulk){.what = what,
	    .folder = act->folder,
	    .uid_validity = act->uid_validity,
	    .set = act->set};
}

/* Runs it and tells what came of it; the caller says how to take it back. */
static enum err_code
do_run(struct request *req, struct mail_bulk *bulk, struct act_result *out,
    struct err *err)
{
	struct mail mail = page_mail(req);
	enum err_code rc = mail_bulk(&mail, bulk, err);

	out->rest = bulk->rest;
	out->done += bulk->set.total - bulk->rest.total;
	return rc;
}

/* Moved or copied: all of them can be put back, or nothing is offered. */
static void
do_note_moved(struct request *req, const struct mail_bulk *bulk,
    struct act_undo *undo, struct act_result *out)
{
	undo->from = bulk->to_folder;
	undo->to = bulk->folder;
	undo->set = bulk->changed;
	undo->uid_validity = bulk->changed_validity;
	if (bulk->is_marked) {
		undo->kind = ACT_UNDO_RESTORE;
		undo->to_validity = bulk->uid_validity;
		undo->originals = bulk->marked;
	}
	if (bulk->changed.total != bulk->set.total - bulk->rest.total)
		out->undos.is_lost = true;
	else
		act_undo_add(req, &out->undos, undo);
}

enum err_code
act_do_move(struct request *req, struct act *act, struct text to,
    struct act_result *out, struct err *err)
{
	struct mail_bulk bulk = do_bulk(act, MAIL_BULK_MOVE);
	struct act_undo undo = {.kind = ACT_UNDO_MOVE};
	enum err_code rc;

	/* There already: of several folders it may be one. */
	if (act->is_pick && str_eq(to.s, act->folder.s)) {
		out->rest = (struct mail_set){0};
		out->done += act->set.total;
		return ERR_OK;
	}
	bulk.to_folder = to;
	bulk.finds_copies = true;
	rc = do_run(req, &bulk, out, err);
	do_note_moved(req, &bulk, &undo, out);
	return rc;
}

static enum err_code
do_copy(struct request *req, struct act *act, struct text to,
    struct act_result *out, struct err *err)
{
	struct mail_bulk bulk = do_bulk(act, MAIL_BULK_COPY);
	struct act_undo undo = {.kind = ACT_UNDO_COPY};
	enum err_code rc;

	bulk.to_folder = to;
	bulk.finds_copies = true;
	rc = do_run(req, &bulk, out, err);
	do_note_moved(req, &bulk, &undo, out);
	return rc;
}

enum err_code
act_special(struct request *req, const struct mail_folders *folders,
    enum mail_special special, struct text *out, struct err *err)
{
	struct mail mail = page_mail(req);
	const struct mail_folder *folder =
	    mail_special_find(&mail, folders, special);
	struct str configured = page_mail_site(req)->trash_folder;

	if (folder != NULL) {
		*out = folder->name;
		return ERR_OK;
	}
	if (special == MAIL_JUNK)
		*out = TEXT("Junk");
	else if (configured.len > 0)
		*out = text_line(req->arena, configured);
	else
		*out = TEXT("Trash");
	return mail_folder_make(&mail, *out, out, err);
}

static enum err_code
do_delete(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct text trash;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK)
		rc = act_special(req, &folders, MAIL_TRASH, &trash, err);
	if (rc != ERR_OK)
		return rc;
	out->ask = str_eq(trash.s, act->folder.s);
	return out->ask ? ERR_OK : act_do_move(req, act, trash, out, err);
}

static enum err_code
do_expunge(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	struct mail_bulk bulk = do_bulk(act, MAIL_BULK_EXPUNGE);

	return do_run(req, &bulk, out, err);
}

/* To the junk folder, or from there to the inbox. */
static enum err_code
do_junk(struct request *req, struct act *act, bool is_junk,
    struct act_result *out, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	struct text to = TEXT("INBOX");
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK && is_junk)
		rc = act_special(req, &folders, MAIL_JUNK, &to, err);
	if (rc != ERR_OK)
		return rc;
	act_mark_junk(
	    &mail, act->folder, act->uid_validity, &act->set, is_junk);
	if (str_eq(to.s, act->folder.s)) {
		out->done += act->set.total;
		return ERR_OK;
	}
	return act_do_move(req, act, to, out, err);
}

/* Only labels that the person has: nobody else's keywords. */
static enum err_code
do_label(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	const struct page_label_list *labels = page_labels(req);
	const struct page_label *label =
	    labels == NULL ? NULL : page_label_find(labels, act->label);
	struct mail_bulk bulk = do_bulk(act, MAIL_BULK_STORE);
	struct act_undo undo = {
	    .from = act->folder, .uid_validity = act->uid_validity};
	enum err_code rc;

	if (label == NULL)
		return err_set(err, ERR_INPUT,
		    act->label.len == 0
		        ? N_("Please choose a label first.")
		        : N_("There is no such label any more. Please choose "
		             "another one."),
		    NULL);
	bulk.keyword = undo.keyword = label->label.keyword;
	bulk.on = undo.on = str_eq(act->verb, STR("label"));
	rc = do_run(req, &bulk, out, err);
	undo.set = bulk.changed;
	act_undo_add(req, &out->undos, &undo);
	return rc;
}

static enum err_code
do_flag(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	static const struct {
		const char *verb;
		unsigned flag;
		bool on;
	} verbs[] = {
	    {"read", MAIL_SEEN, true},
	    {"unread", MAIL_SEEN, false},
	    {"flag", MAIL_FLAGGED, true},
	    {"unflag", MAIL_FLAGGED, false},
	};
	struct mail_bulk bulk = do_bulk(act, MAIL_BULK_STORE);
	struct act_undo undo = {
	    .from = act->folder, .uid_validity = act->uid_validity};
	enum err_code rc;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!str_eq(act->verb, str_c(verbs[i].verb)))
			continue;
		bulk.flag = undo.flag = verbs[i].flag;
		bulk.on = undo.on = verbs[i].on;
		rc = do_run(req, &bulk, out, err);
		undo.set = bulk.changed;
		act_undo_add(req, &out->undos, &undo);
		return rc;
	}
	return err_set(err, ERR_INPUT,
	    "Please choose what to do with the messages.", NULL);
}

/* What was done is taken back; what is left, when it takes long, remains. */
static enum err_code
do_undo(struct request *req, struct act_result *out, struct err *err)
{
	enum err_code rc = act_undo_run(
	    req, request_field(req, "undo"), &out->undos, &out->done, err);

	if (rc != ERR_OK || out->undos.count == 0)
		return rc;
	out->rest = out->undos.list[0].set;
	for (size_t i = 1; i < out->undos.count; i++)
		out->rest.total += out->undos.list[i].set.total;
	return ERR_OK;
}

enum err_code
act_do(struct request *req, struct act *act, struct act_result *out,
    struct err *err)
{
	bool copies = str_eq(act->verb, STR("copy"));

	*out = (struct act_result){0};
	if (str_eq(act->verb, STR("undo")))
		return do_undo(req, out, err);
	act_undo_add_token(req, &out->undos, act->before);
	if (str_eq(act->verb, STR("delete")))
		return do_delete(req, act, out, err);
	if (str_eq(act->verb, STR("expunge")))
		return do_expunge(req, act, out, err);
	if (str_eq(act->verb, STR("junk")) || str_eq(act->verb, STR("notjunk")))
		return do_junk(
		    req, act, str_eq(act->verb, STR("junk")), out, err);
	if (str_eq(act->verb, STR("label")) ||
	    str_eq(act->verb, STR("unlabel")))
		return do_label(req, act, out, err);
	if (str_eq(act->verb, STR("archive")))
		return act_do_archive(req, act, out, err);
	if (!copies && !str_eq(act->verb, STR("move")))
		return do_flag(req, act, out, err);
	if (text_is_empty(act->to))
		return err_set(err, ERR_INPUT,
		    copies ? N_("Please choose the folder to copy to.")
		           : N_("Please choose the folder to move to."),
		    NULL);
	return copies ? do_copy(req, act, act->to, out, err)
	              : act_do_move(req, act, act->to, out, err);
}

struct str
act_stamp(struct request *req, const struct mail_set *set)
{
	struct str text = mail_set_text(req->arena, set);
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < text.len; i++) {
		hash ^= (unsigned char)text.ptr[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return str_printf(req->arena, "%016llx", (unsigned long long)hash);
}

enum err_code
act_find_all(
    struct request *req, struct act *act, bool *out_differs, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_query query = {.folder = act->folder,
	    .search = list_search(req, act->words),
	    .row_count = 1};
	struct mail_set found;
	uint32_t validity = 0;
	enum err_code rc = mail_find_all(&mail, &query, &found, &validity, err);

	if (rc != ERR_OK)
		return rc;
	if (act->uid_validity != 0 && validity != act->uid_validity)
		return err_set(err, ERR_NOT_FOUND,
		    "The folder was made anew meanwhile. Please look at it "
		    "again.",
		    "act: uidvalidity");
	act->uid_validity = validity;
	act->set =
	    mail_set_from(req->arena, &found, act->from, UINT32_MAX, SIZE_MAX);
	*out_differs = act->set.total != act->expected;
	/* What is final is only for the very messages that were asked about. */
	if (act->stamp.len > 0 || str_eq(act->verb, STR("expunge")))
		*out_differs |= !str_eq(act->stamp, act_stamp(req, &act->set));
	return ERR_OK;
}
