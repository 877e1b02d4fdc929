#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_etpan.h"
#include "mail/imap_list.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"

/* Others may remove messages each time that we copy them. */
#define COPY_TURNS 4u

struct action {
	struct mail *mail;
	struct str folder; /* as on the wire */
	uint32_t uid_validity;
	struct mail_uids uids;
	unsigned flags;
	bool on;
	struct str to_folder;
	struct mail_uids *out_uids;
	uint32_t *out_uid_validity;
	struct str name, value; /* of a header */
	struct imap_found found;
	bool is_sent;   /* the copy was asked for: not again by itself */
	bool is_copied; /* the copy is made: do not make it again */
};

static enum err_code
action_start(struct action *action, struct text folder, struct err *err)
{
	if (action->uids.count == 0 || action->uids.count > LIMIT_LIST_ROWS)
		return err_set(err, ERR_INPUT,
		    "Please choose between 1 and 500 messages.",
		    "mail: count of uids");
	for (size_t i = 0; i < action->uids.count; i++) {
		if (action->uids.list[i] == 0)
			return imap_message_gone(err);
	}
	return imap_folder_wire(action->mail, folder, &action->folder, err);
}

/* ---- flags ---- */
static enum err_code
store_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct action *action = ctx;
	enum err_code rc =
	    imap_folder_fresh(conn, action->folder, action->uid_validity, err);

	if (rc == ERR_OK)
		rc = imap_store(
		    conn, action->uids, action->flags, action->on, err);
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_store_flags(struct mail *mail, struct text folder, uint32_t uid_validity,
    struct mail_uids uids, unsigned flags, bool on, struct err *err)
{
	struct action action = {.mail = mail,
	    .uid_validity = uid_validity,
	    .uids = uids,
	    .flags = flags,
	    .on = on};
	enum err_code rc = action_start(&action, folder, err);

	if (rc != ERR_OK || flags == 0)
		return rc;
	return account_run(mail, action.folder, true, store_step, &action, err);
}

/* ---- moving and deleting ---- */
/* Only these UIDs; without UIDPLUS they stay, marked. */
static enum err_code
expunge_these(struct imap_conn *conn, struct mail_uids uids, struct err *err)
{
	enum err_code rc = imap_store(conn, uids, MAIL_DELETED, true, err);

	if (rc == ERR_OK && imap_conn_has(conn, IMAP_CAP_UIDPLUS))
		rc = imap_uid_expunge(conn, uids, err);
	return rc;
}

static enum err_code
copy_these(struct imap_conn *conn, struct action *action, bool is_move,
    struct err *err)
{
	for (unsigned turn = 1;; turn++) {
		enum err_code rc = imap_copy(conn, action->uids,
		    action->to_folder, is_move, action->mail->arena,
		    action->out_uids, action->out_uid_validity, err);

		if (turn == COPY_TURNS || !imap_is_worth_again(conn, rc))
			return rc;
	}
}

static enum err_code
move_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct action *action = ctx;
	bool is_move = imap_conn_has(conn, IMAP_CAP_MOVE);
	enum err_code rc =
	    imap_folder_fresh(conn, action->folder, action->uid_validity, err);

	action->is_sent = rc == ERR_OK;
	if (rc == ERR_OK && !action->is_copied)
		rc = copy_these(conn, action, is_move, err);
	if (rc != ERR_OK || is_move)
		return rc;
	action->is_copied = true;
	return expunge_these(conn, action->uids, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_move(struct mail *mail, struct text folder, uint32_t uid_validity,
    struct mail_uids uids, struct text to_folder, struct mail_uids *out_uids,
    /* NOLINTNEXTLINE(readability-non-const-parameter): it is written */
    uint32_t *out_uid_validity, struct err *err)
{
	struct mail_uids no_uids = {0};
	uint32_t no_validity = 0;
	struct action action = {.mail = mail,
	    .uid_validity = uid_validity,
	    .uids = uids,
	    .out_uids = out_uids != NULL ? out_uids : &no_uids,
	    .out_uid_validity =
	        out_uid_validity != NULL ? out_uid_validity : &no_validity};
	enum err_code rc = action_start(&action, folder, err);

	*action.out_uids = (struct mail_uids){0};
	*action.out_uid_validity = 0;
	if (rc == ERR_OK)
		rc = imap_folder_wire(mail, to_folder, &action.to_folder, err);
	if (rc != ERR_OK)
		return rc;
	/* Moving twice could leave two copies: repeated before it was sent. */
	rc = account_run(mail, action.folder, false, move_step, &action, err);
	if (rc == ERR_AWAY && !action.is_sent)
		rc = account_run(
		    mail, action.folder, false, move_step, &action, err);
	return rc;
}

static enum err_code
expunge_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct action *action = ctx;
	enum err_code rc =
	    imap_folder_fresh(conn, action->folder, action->uid_validity, err);

	if (rc == ERR_OK)
		rc = expunge_these(conn, action->uids, err);
	return rc;
}

enum err_code
mail_expunge(struct mail *mail, struct text folder, uint32_t uid_validity,
    struct mail_uids uids, struct err *err)
{
	struct action action = {
	    .mail = mail, .uid_validity = uid_validity, .uids = uids};
	enum err_code rc = action_start(&action, folder, err);

	if (rc != ERR_OK)
		return rc;
	return account_run(
	    mail, action.folder, true, expunge_step, &action, err);
}

/* ---- folders ---- */
/* NAMESPACE ((prefix delimiter)): some servers keep all below "INBOX." */
static enum err_code
namespace_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct action *action = ctx;
	struct imap_tokens tokens;

	if (!str_eq_nocase(response->name, STR("NAMESPACE")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (imap_token_is_list(&tokens, 0) && imap_token_is_list(&tokens, 1))
		action->value =
		    str_dup(action->mail->arena, imap_token_str(&tokens, 2));
	return imap_arena_check(action->mail->arena, err);
}

/* The personal prefix; empty when there is none. */
static enum err_code
folder_prefix(struct action *action, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	action->value = (struct str){0};
	if (!imap_conn_has(conn, IMAP_CAP_NAMESPACE))
		return ERR_OK;
	imap_batch_init(&batch, conn, namespace_untagged, action);
	imap_write_begin(&batch.writer, "NAMESPACE");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, action->mail->arena, err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
folder_make_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct action *action = ctx;
	struct err first = ERR_NONE;
	struct str parts[2];
	enum err_code rc = imap_create(conn, action->folder, &first);

	if (rc == ERR_MAIL && !conn->is_broken) {
		rc = folder_prefix(action, conn, err);
		if (rc != ERR_OK)
			return rc;
		rc = ERR_MAIL;
		parts[0] = action->value;
		parts[1] = action->folder;
		if (parts[0].len > 0 && !str_starts(action->folder, parts[0])) {
			action->to_folder =
			    str_join(action->mail->arena, parts, 2);
			return imap_create(conn, action->to_folder, err);
		}
	}
	if (rc != ERR_OK)
		return err_set(err, rc, first.message, first.detail);
	return ERR_OK;
}

enum err_code
mail_folder_make(struct mail *mail, struct text folder, struct text *out_name,
    struct err *err)
{
	struct action action = {.mail = mail};
	enum err_code rc = imap_folder_wire(mail, folder, &action.folder, err);

	if (rc != ERR_OK)
		return rc;
	rc = account_run(
	    mail, (struct str){0}, true, folder_make_step, &action, err);
	account_folders_forget(&mail->account->folders);
	if (rc != ERR_OK || out_name == NULL)
		return rc;
	*out_name = action.to_folder.len > 0
	                ? imap_utf7_decode(mail->arena, action.to_folder)
	                : folder;
	return imap_arena_check(mail->arena, err);
}

/* ---- finding ---- */
static enum err_code
find_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct action *action = ctx;

	imap_found_add(&action->found, action->mail->arena, reader, response);
	return imap_arena_check(action->mail->arena, err);
}

static enum err_code
find_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct action *action = ctx;
	uint32_t *uids;
	struct imap_batch batch;
	enum err_code rc =
	    imap_folder_fresh(conn, action->folder, action->uid_validity, err);

	if (rc != ERR_OK)
		return rc;
	action->found = (struct imap_found){0};
	*action->out_uid_validity = conn->uid_validity;
	imap_batch_init(&batch, conn, find_untagged, action);
	imap_write_begin(&batch.writer, "UID SEARCH HEADER ");
	imap_write_string(&batch.writer, action->name);
	imap_write_raw(&batch.writer, " ");
	imap_write_string(&batch.writer, action->value);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, action->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	if (rc != ERR_OK)
		return rc;
	uids = ARENA_ARRAY(action->mail->arena, LIMIT_LIST_ROWS, uint32_t);
	if (uids == NULL)
		return imap_arena_check(action->mail->arena, err);
	*action->out_uids = (struct mail_uids){.list = uids,
	    .count = imap_found_page(
	        &action->found, false, 0, LIMIT_LIST_ROWS, uids)};
	return ERR_OK;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_find_header(struct mail *mail, struct text folder, struct str name,
    struct str value, struct mail_uids *out, uint32_t *out_uid_validity,
    struct err *err)
{
	struct action action = {.mail = mail,
	    .name = name,
	    .value = value,
	    .out_uids = out,
	    .out_uid_validity = out_uid_validity};
	enum err_code rc = imap_folder_wire(mail, folder, &action.folder, err);

	*out = (struct mail_uids){0};
	*out_uid_validity = 0;
	if (rc != ERR_OK)
		return rc;
	return account_run(mail, action.folder, true, find_step, &action, err);
}
