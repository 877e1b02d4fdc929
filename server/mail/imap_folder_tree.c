#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_etpan.h"
#include "mail/imap_folders.h"
#include "mail/imap_utf7.h"
#include "mail/mail_folder.h"

struct tree_call {
	struct mail *mail;
	struct mail_tree *out;
	struct imap_folders folders;
};

static enum err_code
tree_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct tree_call *call = ctx;

	(void)imap_folders_untagged(&call->folders, reader, response);
	return imap_arena_check(call->mail->arena, err);
}

/* What holds for folders that are still to be made. */
static void
tree_own(struct tree_call *call, const struct imap_conn *conn)
{
	const struct imap_space *own = imap_space_own(&conn->spaces);
	struct mail_tree *out = call->out;

	if (own != NULL) {
		out->delimiter = own->delimiter;
		out->prefix = imap_utf7_decode(
		    call->mail->arena, str_of(own->prefix, own->prefix_len));
		out->prefix.s = str_dup(call->mail->arena, out->prefix.s);
	}
	/* A server without namespaces says it with each folder. */
	for (size_t i = 0; own == NULL && i < out->folders.count; i++)
		if (out->folders.list[i].delimiter != '\0')
			out->delimiter = out->folders.list[i].delimiter;
	out->can_use = imap_conn_has(conn, IMAP_CAP_CREATE_USE);
	out->can_rights = imap_conn_has(conn, IMAP_CAP_ACL);
}

static enum err_code
tree_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct tree_call *call = ctx;
	struct imap_batch batch;
	enum err_code rc = imap_conn_look(conn, err);

	*call->out = (struct mail_tree){0};
	if (rc != ERR_OK)
		return rc;
	imap_folders_init(&call->folders, call->mail, conn);
	call->folders.wants_all = call->folders.is_last = true;
	imap_batch_init(&batch, conn, tree_untagged, call);
	imap_folders_ask(&call->folders, &batch);
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_folders_need(&call->folders, &batch, err);
	imap_batch_end(&batch);
	if (rc == ERR_OK && !imap_folders_is_complete(&call->folders))
		rc = imap_folders_count(&call->folders, conn, err);
	/* A list that is asked for next does not go back to before. */
	if (rc == ERR_OK)
		imap_folders_known_keep(&call->folders, conn);
	if (rc == ERR_OK && !conn->is_spent)
		rc = imap_folders_quota_look(&call->folders, conn,
		    tree_untagged, call, STR("INBOX"), err);
	if (rc == ERR_OK)
		rc = imap_folders_result(
		    &call->folders, &call->out->folders, err);
	if (rc != ERR_OK)
		return rc;
	call->out->roots = call->folders.roots;
	call->out->root_count = call->folders.root_count;
	tree_own(call, conn);
	return imap_arena_check(call->mail->arena, err);
}

void
mail_folders_forget(struct mail *mail)
{
	account_folders_forget(&mail->account->folders);
}

enum err_code
mail_tree(struct mail *mail, struct mail_tree *out, struct err *err)
{
	struct tree_call call = {.mail = mail, .out = out};

	*out = (struct mail_tree){0};
	return account_run(mail, (struct str){0}, true, tree_step, &call, err);
}

/* ---- finding ---- */
const struct mail_folder *
mail_tree_find(const struct mail_folders *folders, struct text name)
{
	for (size_t i = 0; i < folders->count; i++) {
		if (str_eq(folders->list[i].name.s, name.s))
			return &folders->list[i];
	}
	return NULL;
}

bool
mail_folder_is_below(
    const struct mail_folder *parent, const struct mail_folder *folder)
{
	struct str name = folder->name.s;
	size_t len = parent->name.s.len;

	return parent->delimiter != '\0' && name.len > len + 1 &&
	       str_starts(name, parent->name.s) &&
	       name.ptr[len] == parent->delimiter;
}

/* ---- names ---- */
static enum err_code
name_check(struct str label, char delimiter, struct err *err)
{
	if (label.len == 0)
		return err_set(
		    err, ERR_INPUT, "Please type a name for the folder.", NULL);
	if (!str_is_utf8(label))
		return err_set(err, ERR_INPUT,
		    "This name has characters that cannot be understood.",
		    NULL);
	for (size_t at = 0; at < label.len;) {
		uint32_t point = text_next(label, &at);

		if (point < 0x20 || point == 0x7F ||
		    (point >= 0x80 && point < 0xA0) || point == 0x2028 ||
		    point == 0x2029)
			return err_set(err, ERR_INPUT,
			    "A folder’s name cannot have line breaks, "
			    "tabs or other control characters in it.",
			    NULL);
	}
	if (delimiter != '\0' && str_find_byte(label, delimiter, 0) < label.len)
		return err_sayf(err, ERR_INPUT,
		    "A folder’s name cannot have “%c” in it: this mail "
		    "server puts it between a folder and those inside it. To "
		    "make a folder inside another one, choose that one "
		    "instead.",
		    delimiter);
	return ERR_OK;
}

/* `label` as on the wire. */
static enum err_code
name_join(const struct mail_tree *tree, const struct mail_folder *parent,
    struct str label, struct arena *arena, struct text *out)
{
	struct str parts[3] = {{0}};

	parts[0] = imap_utf7_encode(
	    arena, parent != NULL ? parent->name : tree->prefix);
	if (parent != NULL)
		parts[1] = str_of(&parent->delimiter, 1);
	parts[2] = label;
	*out = imap_utf7_decode(arena, str_join(arena, parts, 3));
	return out->s.len > LIMIT_FOLDER_BYTES || label.len == 0 ? ERR_INPUT
	                                                         : ERR_OK;
}

static enum err_code
name_joined(enum err_code rc, const struct mail_folder *parent,
    const struct arena *arena, struct err *err)
{
	if (arena_failed(arena))
		return imap_arena_check(arena, err);
	if (parent != NULL && !parent->takes_folders)
		return err_set(err, ERR_INPUT,
		    "No folder can be inside this one: the mail server does "
		    "not allow it. Please choose another one.",
		    NULL);
	if (rc != ERR_OK)
		return err_set(err, ERR_INPUT,
		    "This name is too long. Please choose a shorter one.",
		    NULL);
	return ERR_OK;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_folder_name(const struct mail_tree *tree, const struct mail_folder *parent,
    struct str label, struct arena *arena, struct text *out, struct err *err)
{
	enum err_code rc = name_check(
	    label, parent != NULL ? parent->delimiter : tree->delimiter, err);

	if (rc != ERR_OK)
		return rc;
	rc = name_join(tree, parent,
	    imap_utf7_encode(arena, text_from(arena, label)), arena, out);
	return name_joined(rc, parent, arena, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
mail_folder_moved(const struct mail_tree *tree,
    const struct mail_folder *parent, const struct mail_folder *folder,
    unsigned number, struct arena *arena, struct text *out, struct err *err)
{
	struct str wire = imap_utf7_encode(arena, folder->name);
	size_t start = wire.len;
	enum err_code rc;

	while (start > 0 && (folder->delimiter == '\0' ||
	                        wire.ptr[start - 1] != folder->delimiter))
		start--;
	wire = str_slice(wire, start, wire.len);
	if (number > 1)
		wire = str_printf(arena, "%.*s (%u)", STR_ARG(wire), number);
	rc = name_join(tree, parent, wire, arena, out);
	return name_joined(rc, parent, arena, err);
}

/* ---- one folder ---- */
struct state_call {
	struct mail *mail;
	struct str folder;
	struct mail_folder_state *out;
};

static enum err_code
state_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct state_call *call = ctx;
	struct mail_folder_state *out = call->out;
	struct imap_tokens tokens;

	(void)err;
	if (!str_eq_nocase(response->name, STR("STATUS")))
		return ERR_OK;
	tokens = imap_read_tokens(reader, response);
	if (!imap_token_is_list(&tokens, 1))
		return ERR_OK;
	for (uint32_t at = 2; at + 1 < imap_token_next(&tokens, 1); at += 2) {
		uint64_t number = imap_token_u64(&tokens, at + 1);
		uint32_t small =
		    number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;

		if (imap_token_is(&tokens, at, STR("MESSAGES")))
			out->messages = small;
		else if (imap_token_is(&tokens, at, STR("UNSEEN")))
			out->unseen = small;
		else if (imap_token_is(&tokens, at, STR("UIDVALIDITY")))
			out->uid_validity = small;
		else if (imap_token_is(&tokens, at, STR("UIDNEXT")))
			out->uid_next = small;
		else if (imap_token_is(&tokens, at, STR("SIZE"))) {
			out->has_bytes = true;
			out->bytes = number;
		}
	}
	return ERR_OK;
}

static enum err_code
state_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct state_call *call = ctx;
	struct imap_batch batch;
	enum err_code rc = imap_conn_look(conn, err);

	*call->out = (struct mail_folder_state){0};
	if (rc != ERR_OK)
		return rc;
	imap_batch_init(&batch, conn, state_untagged, call);
	imap_write_begin(&batch.writer, "STATUS ");
	imap_write_string(&batch.writer, call->folder);
	imap_write_raw(
	    &batch.writer, imap_conn_has(conn, IMAP_CAP_STATUS_SIZE)
	                       ? " (MESSAGES UNSEEN UIDVALIDITY UIDNEXT SIZE)"
	                       : " (MESSAGES UNSEEN UIDVALIDITY UIDNEXT)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK && batch.ends[0].said.status == IMAP_NO &&
	    !imap_said_is(&batch.ends[0].said, STR("NOPERM")) &&
	    !imap_said_is(&batch.ends[0].said, STR("SERVERBUG")))
		rc = err_set(err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "imap: STATUS refused");
	else if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "count the messages", err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
mail_folder_state(struct mail *mail, struct text folder,
    struct mail_folder_state *out, struct err *err)
{
	struct state_call call = {.mail = mail,
	    .folder = imap_utf7_encode(mail->arena, folder),
	    .out = out};

	*out = (struct mail_folder_state){0};
	if (call.folder.len == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "There is no such folder. It may have been renamed or "
		    "deleted.",
		    "mail: folder name cannot be");
	return account_run(mail, (struct str){0}, true, state_step, &call, err);
}
