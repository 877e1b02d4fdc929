#include "mail/imap_folders.h"

#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_utf7.h"

#define FOLDERS_PICK_MOST  200u /* STATUS commands beside others */
#define FOLDERS_ROOTS_MOST 20u  /* roots of quota */

/* What a STATUS is asked for. */
static const char folders_items[] = "(MESSAGES UNSEEN UIDVALIDITY UIDNEXT)";

void
imap_folders_init(struct imap_folders *folders, const struct mail *mail,
    const struct imap_conn *conn)
{
	*folders = (struct imap_folders){.arena = mail->arena,
	    .mail = mail,
	    .site = conn->server->site,
	    .uses = mail->uses,
	    .memory = &mail->account->folders,
	    .command = SIZE_MAX};
}

/* list-return-opt of RFC 5258, RFC 5819 and RFC 6154 */
void
imap_folders_ask_return(
    const struct imap_folders *folders, struct imap_batch *batch)
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
		imap_write_raw(writer, folders_items);
		before = " ";
	}
	if (before[1] == '\0')
		imap_write_raw(writer, ")");
}

static void
folders_ask_status(struct imap_batch *batch, const struct imap_folder *folder)
{
	imap_write_begin(&batch->writer, "STATUS ");
	imap_write_string(&batch->writer, folder->wire);
	imap_write_raw(&batch->writer, " ");
	imap_write_raw(&batch->writer, folders_items);
	imap_write_end(&batch->writer);
}

void
imap_folders_ask_counts(
    struct imap_folders *folders, struct imap_batch *batch, size_t most)
{
	for (size_t sent = 0; folders->next < folders->count && sent < most;
	     folders->next++) {
		const struct imap_folder *at = &folders->list[folders->next];

		if (!at->is_selectable || !at->is_wanted)
			continue;
		folders_ask_status(batch, at);
		sent++;
	}
}

/* Of very many, from memory; false: they must be listed. */
static bool
folders_remember(struct imap_folders *folders, struct imap_batch *batch)
{
	struct account_tree tree;

	if (!account_folders_find(folders->memory, folders->wants_all,
	        folders->arena, folders->spaces, &tree)) {
		folders->generation = tree.generation;
		return false;
	}
	folders->generation = tree.generation;
	folders->list = tree.list;
	folders->count = folders->capacity = tree.count;
	folders->cursor = tree.cursor;
	folders->is_kept = folders->has_foreign = true;
	folders->wants_all = tree.has_all;
	folders->has_quota = tree.has_quota;
	folders->quota = tree.quota;
	folders->roots = tree.roots;
	folders->root_count = folders->root_capacity = tree.root_count;
	folders->is_ordered =
	    tree.stamp == imap_folder_rules_stamp(&(struct imap_folder_rules){
	                      folders->site, folders->uses});
	if (!folders->is_ordered)
		imap_folder_unorder(folders->list, folders->count);
	imap_folders_pick(folders);
	/* Nothing of the page waits for what may take long. */
	folders->is_slow = account_folders_are_slow(folders->memory);
	if (!folders->is_slow)
		imap_folders_ask_counts(folders, batch, FOLDERS_PICK_MOST);
	return true;
}

/* Somebody noted it, when there were very many. */
static bool
folders_are_many(struct mail_uses *uses)
{
	if (uses == NULL)
		return false;
	if (!uses->is_known && uses->learn != NULL)
		uses->learn(uses);
	return uses->has_many;
}

void
imap_folders_ask(struct imap_folders *folders, struct imap_batch *batch)
{
	struct imap_conn *conn = batch->conn;

	folders->spaces = &conn->spaces;
	folders->conn = conn;
	if (folders_remember(folders, batch))
		return;
	imap_folders_known_begin(folders, conn);
	folders->has_many = folders_are_many(folders->uses) ||
	                    account_folders_are_many(folders->memory);
	if (folders->has_many) {
		account_folders_note_many(folders->memory);
		folders->wants_all = true;
	}
	folders->is_slow = account_folders_are_slow(folders->memory);
	folders->has_status = !folders->has_many && !folders->is_slow &&
	                      imap_conn_has(conn, IMAP_CAP_LIST_STATUS);
	conn->asks_counts = folders->has_status;
	folders->command = batch->writer.command_count;
	imap_write_begin(&batch->writer, "LIST \"\" \"*\"");
	imap_folders_ask_return(folders, batch);
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

enum err_code
imap_folders_need(const struct imap_folders *folders,
    const struct imap_batch *batch, struct err *err)
{
	if (folders->command == SIZE_MAX)
		return ERR_OK;
	return imap_batch_need(
	    batch, folders->command, "list the folders", err);
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
	if (folders->is_kept || !imap_token_is_list(tokens, 0) ||
	    name.len == 0 || name.len > LIMIT_FOLDER_BYTES * 4 ||
	    str_has_line_break(name) || folders->count >= LIMIT_FOLDERS)
		return;
	folders_attributes(tokens, 0, &folder);
	folder.wire = str_eq_nocase(name, STR("INBOX"))
	                  ? STR("INBOX")
	                  : str_dup(folders->arena, name);
	if (delimiter.len == 1)
		folder.delimiter = delimiter.ptr[0];
	imap_folders_add(folders, &folder);
	if (!folders->has_status || folders->count != ACCOUNT_FOLDERS_MANY + 1)
		return;
	/* The others in time, or all of them without counts. */
	account_folders_note_many(folders->memory);
	if (folders->conn != NULL)
		imap_conn_hurry(folders->conn, LIMIT_IMAP_COUNT_MS);
}

/* STATUS answers come in the order of LIST: look from the last one on. */
struct imap_folder *
imap_folders_find(struct imap_folders *folders, struct str name)
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
	    imap_folders_find(folders, imap_token_str(tokens, 0));

	if (folder == NULL || !imap_token_is_list(tokens, 1))
		return;
	folder->is_counted = folder->is_news = true;
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
	struct imap_folder *folder = imap_folders_find(
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
	const struct imap_folder *folder = imap_folders_find(folders, name);

	return folder != NULL && folder->is_news && folder->uid_validity != 0 &&
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
