#include "mail/imap_folders.h"

#include "base/limits.h"
#include "os/clock.h"

#define COUNT_BATCH 100u /* STATUS commands sent at once */
#define COUNT_SLOW  10u  /* of those that take long */

static enum err_code
count_listen(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_folders *folders = ctx;

	(void)err;
	(void)imap_folders_untagged(folders, reader, response);
	return ERR_OK;
}

static bool
count_has_hash(const struct imap_folders *folders)
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
	if (folders->is_known)
		return true;
	return folders->is_kept
	           ? folders->next >= folders->count
	           : folders->has_status &&
	                 (folders->has_foreign || !count_has_hash(folders));
}

/* "Names beginning with '#' are not listed by "*" (RFC 3501, 5.1.2). */
static enum err_code
count_foreign(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	folders->has_foreign = true;
	imap_batch_init(&batch, conn, count_listen, folders);
	for (size_t i = 0; i < folders->spaces->count; i++) {
		const struct imap_space *space = &folders->spaces->list[i];

		if (space->prefix[0] != '#')
			continue;
		imap_write_begin(&batch.writer, "LIST ");
		imap_write_string(
		    &batch.writer, str_of(space->prefix, space->prefix_len));
		imap_write_raw(&batch.writer, " \"*\"");
		imap_folders_ask_return(folders, &batch);
		imap_write_end(&batch.writer);
	}
	rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
count_some(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	imap_batch_init(&batch, conn, count_listen, folders);
	imap_folders_ask_counts(folders, &batch, COUNT_BATCH);
	conn->asks_counts = true;
	if (batch.writer.command_count > 0)
		rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}

/* The same until then; what comes later is for another page to ask for. */
static enum err_code
count_some_until(struct imap_folders *folders, struct imap_conn *conn,
    int64_t until_mono_ms, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc = ERR_OK;

	imap_batch_init(&batch, conn, count_listen, folders);
	imap_folders_ask_counts(
	    folders, &batch, folders->is_slow ? COUNT_SLOW : COUNT_BATCH);
	if (batch.writer.command_count > 0) {
		rc = imap_batch_begin(&batch, folders->arena, err);
		if (rc == ERR_OK) {
			imap_conn_hurry(conn, until_mono_ms - clock_mono_ms());
			rc = imap_batch_finish(&batch, err);
		}
	}
	imap_batch_end(&batch);
	if (rc != ERR_AWAY || clock_mono_ms() < until_mono_ms)
		return rc;
	conn->is_spent = folders->is_late = true;
	return ERR_OK;
}

static enum err_code
count_in_time(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	int64_t until = clock_mono_ms() + LIMIT_IMAP_COUNT_MS;
	enum err_code rc = ERR_OK;

	if (!folders->is_last && folders->is_slow)
		folders->is_late = true;
	while (rc == ERR_OK && !folders->is_late &&
	       folders->next < folders->count) {
		rc = count_some_until(folders, conn, until, err);
		if (rc == ERR_OK && folders->next < folders->count &&
		    clock_mono_ms() >= until)
			folders->is_late = true;
	}
	if (rc == ERR_OK && folders->is_last)
		account_folders_note_slow(folders->memory, folders->is_late);
	return rc;
}

/* Without LIST-STATUS: all of few, the wanted ones of very many. */
static void
count_choose(struct imap_folders *folders)
{
	if (folders->count > ACCOUNT_FOLDERS_MANY) {
		imap_folders_pick(folders);
		return;
	}
	for (size_t i = 0; i < folders->count; i++)
		folders->list[i].is_wanted = true;
}

enum err_code
imap_folders_count(
    struct imap_folders *folders, struct imap_conn *conn, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (!folders->has_foreign && count_has_hash(folders))
		rc = count_foreign(folders, conn, err);
	folders->hint = 0;
	if (folders->has_status)
		return rc;
	if (!folders->is_picked)
		count_choose(folders);
	if (rc == ERR_OK &&
	    (folders->is_slow ||
	        (folders->is_last && folders->count > ACCOUNT_FOLDERS_MANY)))
		return count_in_time(folders, conn, err);
	while (rc == ERR_OK && folders->next < folders->count)
		rc = count_some(folders, conn, err);
	return rc;
}

bool
imap_folders_counts_otherwise(
    struct imap_folders *folders, struct str name, uint32_t exists)
{
	const struct imap_folder *folder = imap_folders_find(folders, name);

	return folder != NULL && folder->is_news && folder->messages != exists;
}

enum err_code
imap_folders_recount(struct imap_folders *folders, struct imap_conn *conn,
    struct str folder, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, count_listen, folders);
	imap_write_begin(&batch.writer, "STATUS ");
	imap_write_string(&batch.writer, folder);
	imap_write_raw(&batch.writer, " (MESSAGES UNSEEN)");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, folders->arena, err);
	imap_batch_end(&batch);
	return rc;
}
