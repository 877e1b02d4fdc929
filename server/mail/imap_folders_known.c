#include "mail/account.h"
#include "mail/imap_folder_order.h"
#include "mail/imap_folders.h"
#include "os/clock.h"

/* Where names are of namespaces, these have to be known, too. */
static bool
known_take(struct imap_folders *folders, struct imap_conn *conn)
{
	if (!conn->spaces.is_known && imap_conn_has(conn, IMAP_CAP_NAMESPACE))
		return false;
	if (!account_counts_find(&conn->account->counts, folders->arena,
	        &folders->list, &folders->count))
		return false;
	folders->capacity = folders->count;
	folders->spaces = &conn->spaces;
	folders->has_status = folders->has_foreign = true;
	return true;
}

void
imap_folders_known_ask(
    struct imap_folders *folders, struct imap_batch *batch, struct str folder)
{
	struct imap_writer *writer = &batch->writer;

	folders->is_known = known_take(folders, batch->conn) &&
	                    imap_folders_find(folders, folder) != NULL;
	if (!folders->is_known) {
		folders->list = NULL;
		folders->has_status = folders->has_foreign = false;
		folders->count = folders->capacity = 0;
		imap_folders_ask(folders, batch);
		return;
	}
	imap_write_begin(writer, "STATUS ");
	imap_write_string(writer, folder);
	imap_write_raw(writer, " (MESSAGES UNSEEN UIDVALIDITY)");
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
	if (folders->command != SIZE_MAX &&
	    folders->count <= ACCOUNT_FOLDERS_MANY)
		account_counts_keep(&conn->account->counts, folders->changes,
		    folders->asked_mono_ms, folders->list, folders->count);
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
