#include "mail/account.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_folders.h"
#include "os/clock.h"

/* Where names are of namespaces, these have to be known, too. */
static bool
known_take(
    struct imap_folders *folders, struct imap_conn *conn, int64_t most_ms)
{
	if (!conn->spaces.is_known && imap_conn_has(conn, IMAP_CAP_NAMESPACE))
		return false;
	if (!account_counts_find(&conn->account->counts, most_ms,
	        folders->arena, &folders->list, &folders->count))
		return false;
	folders->capacity = folders->count;
	folders->spaces = &conn->spaces;
	folders->has_status = folders->has_foreign = true;
	return true;
}

static void
known_forget(struct imap_folders *folders)
{
	folders->is_known = false;
	folders->list = NULL;
	folders->has_status = folders->has_foreign = false;
	folders->count = folders->capacity = 0;
}

void
imap_folders_known_ask(struct imap_folders *folders, struct imap_batch *batch,
    struct str folder, int64_t most_ms)
{
	struct imap_writer *writer = &batch->writer;

	imap_folders_known_begin(folders, batch->conn);
	folders->is_known = known_take(folders, batch->conn, most_ms) &&
	                    imap_folders_find(folders, folder) != NULL;
	if (!folders->is_known) {
		known_forget(folders);
		imap_folders_ask(folders, batch);
		return;
	}
	imap_write_begin(writer, "STATUS ");
	imap_write_string(writer, folder);
	imap_write_raw(writer, " (MESSAGES UNSEEN UIDVALIDITY UIDNEXT)");
	imap_write_end(writer);
}

void
imap_folders_known_begin(
    struct imap_folders *folders, const struct imap_conn *conn)
{
	folders->asked_mono_ms = clock_mono_ms();
	folders->changes = account_counts_changes(&conn->account->counts);
}

void
imap_folders_known_keep(
    const struct imap_folders *folders, struct imap_conn *conn)
{
	if (folders->command != SIZE_MAX && !folders->is_late &&
	    folders->count <= ACCOUNT_FOLDERS_MANY)
		account_counts_keep(&conn->account->counts, folders->changes,
		    folders->asked_mono_ms, folders->list, folders->count);
}

/* No answer to STATUS: it may be gone, and what is remembered is not so. */
bool
imap_folders_known_is_wrong(struct imap_folders *folders, struct str folder)
{
	const struct imap_folder *found = imap_folders_find(folders, folder);

	return folders->is_known && (found == NULL || !found->is_news);
}

void
imap_folders_known_ask_anew(
    struct imap_folders *folders, struct imap_batch *batch)
{
	account_counts_forget(
	    &batch->conn->account->counts, ACCOUNT_CHANGE_MARKS);
	known_forget(folders);
	folders->hint = 0;
	imap_folders_ask(folders, batch);
}

void
imap_folders_known_told(
    struct imap_folders *folders, struct imap_conn *conn, struct str folder)
{
	const struct imap_folder *found = imap_folders_find(folders, folder);

	if (folders->is_known && found != NULL && found->is_news)
		account_counts_told(
		    &conn->account->counts, folders->changes, found);
}

void
imap_folders_known_read(
    struct imap_folders *folders, struct imap_conn *conn, struct str folder)
{
	const struct imap_folder *found = imap_folders_find(folders, folder);
	uint32_t unseen = found != NULL ? found->unseen : 0;

	account_counts_read(
	    &conn->account->counts, folder, unseen > 0 ? unseen - 1 : 0);
}
