#include "base/tr.h"
#include "os/clock.h"
#include "page/page_act.h"

static bool
back_is_special(struct mail *mail, const struct mail_folders *folders,
    enum mail_special special, struct text name)
{
	const struct mail_folder *folder =
	    mail_special_find(mail, folders, special);

	return folder != NULL && str_eq(folder->name.s, name.s);
}

/* What went to or from junk was marked so, too. */
static enum err_code
back_junk(struct mail *mail, const struct act_undo *undo, struct err *err)
{
	bool restores = undo->kind == ACT_UNDO_RESTORE;
	struct text folder = restores ? undo->to : undo->from;
	uint32_t validity = restores ? undo->to_validity : undo->uid_validity;
	const struct mail_set *set = restores ? &undo->originals : &undo->set;
	struct mail_folders folders;
	enum err_code rc = mail_folders(mail, &folders, err);

	if (rc != ERR_OK)
		return rc;
	if (back_is_special(mail, &folders, MAIL_JUNK, undo->from))
		act_mark_junk(mail, folder, validity, set, false);
	else if (back_is_special(mail, &folders, MAIL_JUNK, undo->to))
		act_mark_junk(mail, folder, validity, set, true);
	return ERR_OK;
}

/* Copies go to Trash; those in it are deleted for good, the originals stay. */
static enum err_code
back_copy(struct request *req, const struct act_undo *undo,
    struct mail_bulk *bulk, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_folders folders;
	enum err_code rc = mail_folders(&mail, &folders, err);

	if (rc == ERR_OK)
		rc = act_special(
		    req, &folders, MAIL_TRASH, &bulk->to_folder, err);
	if (rc != ERR_OK)
		return rc;
	bulk->what = str_eq(bulk->to_folder.s, undo->from.s) ? MAIL_BULK_EXPUNGE
	                                                     : MAIL_BULK_MOVE;
	return ERR_OK;
}

/* The originals are still where they were, only marked as deleted. */
static enum err_code
back_restore(struct request *req, const struct act_undo *undo, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_restore restore = {.folder = undo->to,
	    .uid_validity = undo->to_validity,
	    .originals = undo->originals,
	    .copies_folder = undo->from,
	    .copies_validity = undo->uid_validity,
	    .copies = undo->set};
	enum err_code rc = mail_restore(&mail, &restore, err);

	return rc == ERR_OK ? back_junk(&mail, undo, err) : rc;
}

/* *out_rest: what there was no time for. */
static enum err_code
back_one(struct request *req, const struct act_undo *undo,
    struct mail_set *out_rest, struct err *err)
{
	struct mail mail = page_mail(req);
	struct mail_bulk bulk = {.what = MAIL_BULK_STORE,
	    .folder = undo->from,
	    .uid_validity = undo->uid_validity,
	    .set = undo->set,
	    .flag = undo->flag,
	    .keyword = undo->keyword,
	    .on = !undo->on};
	enum err_code rc = ERR_OK;

	*out_rest = (struct mail_set){0};
	if (undo->kind == ACT_UNDO_RESTORE)
		return back_restore(req, undo, err);
	if (undo->kind == ACT_UNDO_COPY)
		rc = back_copy(req, undo, &bulk, err);
	if (undo->kind == ACT_UNDO_MOVE) {
		rc = back_junk(&mail, undo, err);
		bulk.what = MAIL_BULK_MOVE;
		bulk.to_folder = undo->to;
	}
	if (rc != ERR_OK)
		return rc;
	rc = mail_bulk(&mail, &bulk, err);
	*out_rest = bulk.rest;
	return rc;
}

enum err_code
act_undo_run(struct request *req, struct str token, struct act_undos *out,
    uint32_t *out_done, struct err *err)
{
	int64_t now_ms = clock_mono_ms();
	int64_t until_mono_ms = now_ms + (req->deadline_mono_ms - now_ms) / 2;
	enum err_code rc = act_undo_open(req, token, out, err);

	*out_done = 0;
	if (rc != ERR_OK)
		return err_set(err, rc,
		    "This can no longer be undone: the session has changed. "
		    "The messages are in the folder they were moved to.",
		    NULL);
	do {
		struct act_undo *undo = &out->list[0];
		struct mail_set rest;

		rc = back_one(req, undo, &rest, err);
		*out_done += undo->set.total - rest.total;
		undo->set = rest;
		if (rest.total > 0)
			break;
		out->list++;
		out->count--;
		out->capacity = out->count;
	} while (
	    rc == ERR_OK && out->count > 0 && clock_mono_ms() < until_mono_ms);
	return rc;
}
