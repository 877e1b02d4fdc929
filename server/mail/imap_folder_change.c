#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"
#include "mail/mail_folder.h"

#define CHANGE_BATCH 100u /* commands sent at once */

/* One change under way. */
struct folder_change {
	struct mail *mail;
	struct str folder, to; /* as on the wire */
	enum mail_special use;
	bool on;
	char delimiter;
	/* Subscriptions of what is renamed: as they are, as they shall be. */
	struct str *names, *new_names;
	size_t name_count;
	bool is_done; /* the change itself: only what follows is left */
};

/* What a refusal means, where its code says it (RFC 5530). */
static enum err_code
change_refused(
    const struct imap_batch *batch, const char *what, struct err *err)
{
	const struct imap_said *said = &batch->ends[0].said;

	if (imap_batch_is_ok(batch, 0))
		return ERR_OK;
	if (imap_said_is(said, STR("ALREADYEXISTS")))
		return err_set(err, ERR_INPUT,
		    "There is a folder of this name already. Please choose "
		    "another name.",
		    "imap: ALREADYEXISTS");
	if (imap_said_is(said, STR("NONEXISTENT")))
		return err_set(err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "imap: NONEXISTENT");
	if (imap_said_is(said, STR("NOPERM")))
		return err_setf(err, ERR_FORBIDDEN,
		    "The mail server does not allow you to do this with this "
		    "folder.",
		    "imap: NOPERM to %s", what);
	return imap_batch_need(batch, 0, what, err);
}

/* ---- making ---- */
/* use-attr of RFC 6154 */
static const char *
change_use(enum mail_special use)
{
	static const char *const words[] = {
	    [MAIL_DRAFTS] = "\\Drafts",
	    [MAIL_SENT] = "\\Sent",
	    [MAIL_ARCHIVE] = "\\Archive",
	    [MAIL_JUNK] = "\\Junk",
	    [MAIL_TRASH] = "\\Trash",
	};

	return words[use];
}

static enum err_code
change_create(struct imap_conn *conn, const struct folder_change *change,
    bool with_use, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, "CREATE ");
	imap_write_string(&batch.writer, change->folder);
	if (with_use) {
		imap_write_raw(&batch.writer, " (USE (");
		imap_write_raw(&batch.writer, change_use(change->use));
		imap_write_raw(&batch.writer, "))");
	}
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, change->mail->arena, err);
	if (rc == ERR_OK)
		rc = change_refused(&batch, "make the folder", err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
change_subscribe(struct imap_conn *conn, const struct folder_change *change,
    bool on, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, on ? "SUBSCRIBE " : "UNSUBSCRIBE ");
	imap_write_string(&batch.writer, change->folder);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, change->mail->arena, err);
	if (rc == ERR_OK)
		rc = change_refused(&batch,
		    on ? "subscribe the folder" : "unsubscribe the folder",
		    err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
create_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct folder_change *change = ctx;
	bool with_use = change->use > MAIL_INBOX &&
	                imap_conn_has(conn, IMAP_CAP_CREATE_USE);
	enum err_code rc = ERR_MAIL;

	if (!change->is_done && with_use)
		rc = change_create(conn, change, true, err);
	/* It may not do that with this kind, or here. */
	if (!change->is_done && rc == ERR_MAIL && !conn->is_broken)
		rc = change_create(conn, change, false, err);
	if (!change->is_done && rc != ERR_OK)
		return rc;
	change->is_done = true;
	rc = change_subscribe(conn, change, true, err);
	/* The folder is there; not being subscribed hides nothing here. */
	return conn->is_broken ? rc : ERR_OK;
}

enum err_code
mail_folder_create(struct mail *mail, struct text folder, enum mail_special use,
    struct err *err)
{
	struct folder_change change = {.mail = mail, .use = use};
	enum err_code rc = imap_folder_wire(mail, folder, &change.folder, err);

	if (rc != ERR_OK)
		return rc;
	/* Once more on a fresh connection it would be there already. */
	rc = account_run(
	    mail, (struct str){0}, false, create_step, &change, err);
	account_folders_forget(&mail->account->folders);
	return rc;
}

/* ---- renaming ---- */
static enum err_code
rename_subscriptions(
    struct imap_conn *conn, const struct folder_change *change, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t at = 0; rc == ERR_OK && at < change->name_count;) {
		struct imap_batch batch;

		imap_batch_init(&batch, conn, NULL, NULL);
		for (size_t sent = 0;
		     at < change->name_count && sent < CHANGE_BATCH;
		     at++, sent += 2) {
			imap_write_begin(&batch.writer, "SUBSCRIBE ");
			imap_write_string(&batch.writer, change->new_names[at]);
			imap_write_end(&batch.writer);
			imap_write_begin(&batch.writer, "UNSUBSCRIBE ");
			imap_write_string(&batch.writer, change->names[at]);
			imap_write_end(&batch.writer);
		}
		rc = imap_batch_run(&batch, change->mail->arena, err);
		imap_batch_end(&batch);
	}
	return rc;
}

static enum err_code
rename_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct folder_change *change = ctx;
	struct imap_batch batch;
	enum err_code rc;

	if (!change->is_done) {
		imap_conn_deselect(conn);
		imap_batch_init(&batch, conn, NULL, NULL);
		imap_write_begin(&batch.writer, "RENAME ");
		imap_write_string(&batch.writer, change->folder);
		imap_write_raw(&batch.writer, " ");
		imap_write_string(&batch.writer, change->to);
		imap_write_end(&batch.writer);
		rc = imap_batch_run(&batch, change->mail->arena, err);
		if (rc == ERR_OK)
			rc = change_refused(&batch, "rename the folder", err);
		imap_batch_end(&batch);
		if (rc != ERR_OK)
			return rc;
	}
	change->is_done = true;
	rc = rename_subscriptions(conn, change, err);
	return conn->is_broken ? rc : ERR_OK;
}

static enum err_code
rename_names(struct folder_change *change, const struct mail_folders *folders,
    const struct mail_folder *folder, struct err *err)
{
	struct arena *arena = change->mail->arena;

	change->names = ARENA_ARRAY(arena, folders->count, struct str);
	change->new_names = ARENA_ARRAY(arena, folders->count, struct str);
	for (size_t i = 0; !arena_failed(arena) && i < folders->count; i++) {
		const struct mail_folder *at = &folders->list[i];
		struct str wire = imap_utf7_encode(arena, at->name);
		struct str parts[2] = {change->to};

		if (!at->is_subscribed ||
		    (at != folder && !mail_folder_is_below(folder, at)) ||
		    !str_starts(wire, change->folder))
			continue;
		parts[1] = str_slice(wire, change->folder.len, wire.len);
		change->names[change->name_count] = wire;
		change->new_names[change->name_count++] =
		    str_join(arena, parts, 2);
	}
	return imap_arena_check(arena, err);
}

enum err_code
mail_folder_rename(struct mail *mail, const struct mail_folders *folders,
    struct text folder, struct text to, struct err *err)
{
	const struct mail_folder *known = mail_tree_find(folders, folder);
	struct folder_change change = {.mail = mail};
	enum err_code rc = imap_folder_wire(mail, folder, &change.folder, err);

	if (rc == ERR_OK)
		rc = imap_folder_wire(mail, to, &change.to, err);
	if (rc == ERR_OK && known == NULL)
		rc = err_set(err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "mail: rename, not in the list");
	if (rc == ERR_OK)
		rc = rename_names(&change, folders, known, err);
	if (rc == ERR_OK)
		rc = account_run(
		    mail, (struct str){0}, false, rename_step, &change, err);
	account_leave_folder(
	    mail->account, change.folder, known ? known->delimiter : '\0');
	/* It is renamed; what was left concerns subscriptions only. */
	return rc != ERR_OK && change.is_done ? ERR_OK : rc;
}

/* ---- deleting and subscribing ---- */
static enum err_code
delete_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct folder_change *change = ctx;
	struct imap_batch batch;
	enum err_code rc;

	imap_conn_deselect(conn);
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, "DELETE ");
	imap_write_string(&batch.writer, change->folder);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, change->mail->arena, err);
	if (rc == ERR_OK)
		rc = change_refused(&batch, "delete the folder", err);
	imap_batch_end(&batch);
	if (rc != ERR_OK)
		return rc;
	rc = change_subscribe(conn, change, false, err);
	return conn->is_broken ? rc : ERR_OK;
}

enum err_code
mail_folder_delete(struct mail *mail, struct text folder, struct err *err)
{
	struct folder_change change = {.mail = mail};
	enum err_code rc = imap_folder_wire(mail, folder, &change.folder, err);

	if (rc != ERR_OK)
		return rc;
	rc = account_run(
	    mail, (struct str){0}, false, delete_step, &change, err);
	account_leave_folder(mail->account, change.folder, '\0');
	return rc;
}

static enum err_code
subscribe_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct folder_change *change = ctx;

	return change_subscribe(conn, change, change->on, err);
}

enum err_code
mail_folder_subscribe(
    struct mail *mail, struct text folder, bool on, struct err *err)
{
	struct folder_change change = {.mail = mail, .on = on};
	enum err_code rc = imap_folder_wire(mail, folder, &change.folder, err);

	if (rc != ERR_OK)
		return rc;
	rc = account_run(
	    mail, (struct str){0}, true, subscribe_step, &change, err);
	account_folders_forget(&mail->account->folders);
	return rc;
}
