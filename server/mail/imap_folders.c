#include "mail/imap_folders.h"

#include "base/limits.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_utf7.h"

#define FOLDERS_STATUS_BATCH 100u  /* STATUS commands sent at once */
#define FOLDERS_STATUS_MOST  2000u /* folders counted one by one */
#define FOLDERS_ROOTS_MOST   20u   /* roots of quota */

/* What a STATUS is asked for. */
static const char *
folders_items(const struct imap_folders *folders)
{
	return folders->wants_all ? "(MESSAGES UNSEEN UIDVALIDITY UIDNEXT)"
	                          : "(MESSAGES UNSEEN UIDVALIDITY)";
}

void
imap_folders_init(struct imap_folders *folders, struct arena *arena,
    const struct config_site *site)
{
	*folders = (struct imap_folders){.arena = arena, .site = site};
}

/* list-return-opt of RFC 5258, RFC 5819 and RFC 6154 */
static void
folders_ask_return(const struct imap_folders *folders, struct imap_batch *batch)
{
	struct imap_writer *writer = &batch->writer;
	bool has_more = imap_conn_has(batch->conn, IMAP_CAP_LIST_EXTENDED);
	const char *before = " RETURN (";

	if (has_more && imap_conn_has(batch->conn, IMAP_CAP_SPECIAL_USE)) {
		imap_write_raw(writer, before);
		imap_write_raw(writer, "SPECIAL-USE");
		before = " ";
	}
	if (has_more && folders->wants_all) {
		imap_write_raw(writer, before);
		imap_write_raw(writer, "SUBSCRIBED");
		before = " ";
	}
	if (folders->has_status) {
		imap_write_raw(writer, before);
		imap_write_raw(writer, "STATUS ");
		imap_write_raw(writer, folders_items(folders));
		before = " ";
	}
	if (before[1] == '\0')
		imap_write_raw(writer, ")");
}

void
imap_folders_ask(struct imap_folders *folders, struct imap_batch *batch)
{
	struct imap_conn *conn = batch->conn;

	folders->has_status = imap_conn_has(conn, IMAP_CAP_LIST_STATUS);
	folders->spaces = &conn->spaces;
	folders->command = batch->writer.command_count;
	imap_write_begin(&batch->writer, "LIST \"\" \"*\"");
	folders_ask_return(folders, batch);
	imap_write_end(&batch->writer);
	if (folders->wants_all &&
	    !imap_conn_has(conn, IMAP_CAP_LIST_EXTENDED)) {
		imap_write_begin(&batch->writer, "LSUB \"\" \"*\"");
		imap_write_end(&batch->writer);
	}
	if (!conn->spaces.is_known && imap_conn_has(conn, IMAP_CAP_NAMESPACE)) {
		imap_write_begin(&batch->writer, "NAMESPACE");
		imap_write_end(&batch->writer);
	}
}

void
imap_folders_ask_quota(struct imap_batch *batch, struct str folder)
{
	if (!imap_conn_has(batch->conn, IMAP_CAP_QUOTA))
		return;
	imap_write_begin(&batch->writer, "GETQUOTAROOT ");
	imap_write_string(&batch->writer, folder);
	imap_write_end(&batch->writer);
}

/* ---- listening ---- */
/* mbx-list-flags: "\Sent" of RFC 6154 */
static void
folders_attributes(
    const struct imap_tokens *tokens, uint32_t list, struct imap_folder *out)
{
	static const struct {
		const char *word;
		enum mail_special special;
	} table[] = {{"\\Drafts", MAIL_DRAFTS}, {"\\Sent", MAIL_SENT},
	    {"\\Archive", MAIL_ARCHIVE}, {"\\Junk", MAIL_JUNK},
	    {"\\Trash", MAIL_TRASH}};

	for (uint32_t at = list + 1; at < imap_token_next(tokens, list); at++) {
		if (imap_token_is(tokens, at, STR("\\Noselect")) ||
		    imap_token_is(tokens, at, STR("\\NonExistent")))
			out->is_selectable = false;
		if (imap_token_is(tokens, at, STR("\\Noinferiors")))
			out->is_leaf = true;
		if (imap_token_is(tokens, at, STR("\\Subscribed")))
			out->is_subscribed = true;
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			if (imap_token_is(tokens, at, str_c(table[i].word)))
				out->attribute = table[i].special;
		}
	}
}

void
imap_folders_add(struct imap_folders *folders, const struct imap_folder *folder)
{
	struct imap_folder *bigger = arena_grow(folders->arena, folders->list,
	    folders->count, &folders->capacity, sizeof(*folders->list));

	if (bigger == NULL)
		return;
	folders->list = bigger;
	folders->list[folders->count++] = *folder;
}

/* mailbox-list = "(" flags ")" SP (quoted-char / nil) SP mailbox */
static void
folders_list(struct imap_folders *folders, const struct imap_tokens *tokens)
{
	struct str name =
	    imap_token_str(tokens, imap_token_next(tokens, 0) + 1);
	struct str delimiter =
	    imap_token_str(tokens, imap_token_next(tokens, 0));
	struct imap_folder folder = {.is_selectable = true};

	/* A folder may be called NIL: only quoted it would be one. */
	if (!imap_token_is_list(tokens, 0) || name.len == 0 ||
	    name.len > LIMIT_FOLDER_BYTES * 4 || str_has_line_break(name) ||
	    folders->count >= LIMIT_FOLDERS)
		return;
	folders_attributes(tokens, 0, &folder);
	folder.wire = str_eq_nocase(name, STR("INBOX"))
	                  ? STR("INBOX")
	                  : str_dup(folders->arena, name);
	if (delimiter.len == 1)
		folder.delimiter = delimiter.ptr[0];
	imap_folders_add(folders, &folder);
}

/* STATUS answers come in the order of LIST: look from the last one on. */
static struct imap_folder *
folders_find(struct imap_folders *folders, struct str name)
{
	if (str_eq_nocase(name, STR("INBOX")))
		name = STR("INBOX");
	for (size_t i = 0; i < folders->count; i++) {
		size_t at = (folders->hint + i) % folders->count;

		if (str_eq(folders->list[at].wire, name)) {
			folders->hint = at + 1;
			return &folders->list[at];
		}
	}
	return NULL;
}

/* mailbox SP "(" *(att SP number) ")" */
static void
folders_status(struct imap_folders *folders, const struct imap_tokens *tokens)
{
	struct imap_folder *folder =
	    folders_find(folders, imap_token_str(tokens, 0));

	if (folder == NULL || !imap_token_is_list(tokens, 1))
		return;
	for (uint32_t at = 2; at + 1 < imap_token_next(tokens, 1); at += 2) {
		uint64_t number = imap_token_u64(tokens, at + 1);

		if (number > UINT32_MAX)
			number = UINT32_MAX;
		if (imap_token_is(tokens, at, STR("MESSAGES")))
			folder->messages = (uint32_t)number;
		else if (imap_token_is(tokens, at, STR("UNSEEN")))
			folder->unseen = (uint32_t)number;
		else if (imap_token_is(tokens, at, STR("UIDVALIDITY")))
			folder->uid_validity = (uint32_t)number;
		else if (imap_token_is(tokens, at, STR("UIDNEXT")))
			folder->uid_next = (uint32_t)number;
	}
}

/* LSUB: as LIST; a name that is only a level on the way is \Noselect. */
static void
folders_lsub(struct imap_folders *folders, const struct imap_tokens *tokens)
{
	struct imap_folder asked = {.is_selectable = true};
	struct imap_folder *folder = folders_find(
	    folders, imap_token_str(tokens, imap_token_next(tokens, 0) + 1));

	if (folder == NULL || !imap_token_is_list(tokens, 0))
		return;
	folders_attributes(tokens, 0, &asked);
	if (asked.is_selectable)
		folder->is_subscribed = true;
}

static void
folders_root(struct imap_folders *folders, const struct mail_quota_root *root)
{
	struct mail_quota_root *bigger;

	for (size_t i = 0; i < folders->root_count; i++) {
		if (str_eq(folders->roots[i].name.s, root->name.s))
			return;
	}
	if (folders->root_count == FOLDERS_ROOTS_MOST)
		return;
	bigger = arena_grow(folders->arena, folders->roots, folders->root_count,
	    &folders->root_capacity, sizeof(*bigger));
	if (bigger == NULL)
		return;
	folders->roots = bigger;
	folders->roots[folders->root_count++] = *root;
}

/* quota = root SP "(" *(resource SP usage SP limit) ")", units of 1024 */
static void
folders_quota(struct imap_folders *folders, const struct imap_tokens *tokens)
{
	struct mail_quota_root root = {
	    .name = text_line(folders->arena, imap_token_str(tokens, 0))};

	if (!imap_token_is_list(tokens, 1))
		return;
	for (uint32_t at = 2; at + 2 < imap_token_next(tokens, 1); at += 3) {
		uint64_t used = imap_token_u64(tokens, at + 1);
		uint64_t limit = imap_token_u64(tokens, at + 2);

		if (imap_token_is(tokens, at, STR("MESSAGE"))) {
			root.has_messages = true;
			root.used_messages = used;
			root.limit_messages = limit;
		}
		if (!imap_token_is(tokens, at, STR("STORAGE")) ||
		    used > UINT64_MAX / 1024 || limit > UINT64_MAX / 1024)
			continue;
		root.has_bytes = true;
		root.used_bytes = used * 1024;
		root.limit_bytes = limit * 1024;
	}
	if (root.has_bytes && !folders->quota.is_known)
		folders->quota = (struct mail_quota){.is_known = true,
		    .used_bytes = root.used_bytes,
		    .limit_bytes = root.limit_bytes};
	if (folders->wants_all && (root.has_bytes || root.has_messages))
		folders_root(folders, &root);
}

bool
imap_folders_is_another(
    struct imap_folders *folders, struct str name, uint32_t uid_validity)
{
	const struct imap_folder *folder = folders_find(folders, name);

	return folder != NULL && folder->uid_validity != 0 &&
	       folder->uid_validity != uid_validity;
}

bool
imap_folders_untagged(struct imap_folders *folders, struct imap_reader *reader,
    const struct imap_response *response)
{
	struct imap_tokens tokens;

	if (str_eq_nocase(response->name, STR("LIST"))) {
		tokens = imap_read_tokens(reader, response);
		folders_list(folders, &tokens);
	} else if (str_eq_nocase(response->name, STR("STATUS"))) {
		tokens = imap_read_tokens(reader, response);
		folders_status(folders, &tokens);
	} else if (str_eq_nocase(response->name, STR("QUOTA"))) {
		tokens = imap_read_tokens(reader, response);
		folders_quota(folders, &tokens);
	} else if (str_eq_nocase(response->name, STR("LSUB"))) {
		tokens = imap_read_tokens(reader, response);
		folders_lsub(folders, &tokens);
	} else if (str_eq_nocase(response->name, STR("NAMESPACE")) &&
	           folders->spaces != NULL) {
		tokens = imap_read_tokens(reader, response);
		imap_space_parse(&tokens, folders->spaces);
	} else {
		return false;
	}
	return true;
}

static enum err_code
folders_listen(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_folders *folders = ctx;

	(void)err;
	(void)imap_folders_untagged(folders, reader, response);
	return ERR_OK;
}

/* ---- what LIST did not bring ---- */
static bool
folders_has_hash(const struct imap_folders *folders)
{
	for (size_t i = 0;
	     folders->spaces != NULL && i < folders->spaces->count; i++) {
		if (folders->spaces->list[i].prefix[0] == '#')
			return true;
	}
	return false;
}

bool
imap_folders_is_complete(const struct imap_folders *folders)
{
	return folders->has_status &&
	       (folders->has_foreign || !folders_has_hash(folders));
}

/* "Names beginning with '#' are not listed by "*" (RFC 3501, 5.1.2). */
static enum err_code
folders_foreign(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	folders->has_foreign = true;
	imap_batch_init(&batch, conn, folders_listen, folders);
	for (size_t i = 0; i < folders->spaces->count; i++) {
		const struct imap_space *space = &folders->spaces->list[i];

		if (space->prefix[0] != '#')
			continue;
		imap_write_begin(&batch.writer, "LIST ");
		imap_write_string(
		    &batch.writer, str_of(space->prefix, space->prefix_len));
		imap_write_raw(&batch.writer, " \"*\"");
		folders_ask_return(folders, &batch);
		imap_write_end(&batch.writer);
	}
	rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
folders_count_some(struct imap_folders *folders, struct imap_conn *conn,
    size_t *at, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	imap_batch_init(&batch, conn, folders_listen, folders);
	for (size_t sent = 0;
	     *at < folders->count && sent < FOLDERS_STATUS_BATCH; ++*at) {
		if (!folders->list[*at].is_selectable)
			continue;
		imap_write_begin(&batch.writer, "STATUS ");
		imap_write_string(&batch.writer, folders->list[*at].wire);
		imap_write_raw(&batch.writer, " ");
		imap_write_raw(&batch.writer, folders_items(folders));
		imap_write_end(&batch.writer);
		sent++;
	}
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}

enum err_code
imap_folders_count(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	enum err_code rc = ERR_OK;
	size_t at = 0;

	if (!folders->has_foreign && folders_has_hash(folders))
		rc = folders_foreign(folders, conn, err);
	folders->hint = 0;
	while (rc == ERR_OK && at < folders->count &&
	       at < FOLDERS_STATUS_MOST && !folders->has_status)
		rc = folders_count_some(folders, conn, &at, err);
	return rc;
}

enum err_code
imap_folders_recount(struct imap_folders *folders, struct imap_conn *conn,
    struct str folder, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, folders_listen, folders);
	imap_write_begin(&batch.writer, "STATUS ");
	imap_write_string(&batch.writer, folder);
	imap_write_raw(&batch.writer, " (MESSAGES UNSEEN)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}
