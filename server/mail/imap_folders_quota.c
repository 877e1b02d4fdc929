#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_folders.h"
#include "os/clock.h"

/* Of what was asked for, where an answer came too late for its page. */
#define QUOTA_LATE_MS ((int64_t)20)

/* False: it is known, or cannot be told. */
static bool
quota_is_wanted(
    struct imap_folders *folders, struct imap_conn *conn, bool is_own)
{
	struct account_counts *counts = &conn->account->counts;

	if (!imap_conn_has(conn, IMAP_CAP_QUOTA) ||
	    (is_own && folders->has_quota))
		return false;
	if (is_own && !folders->wants_all &&
	    account_counts_quota(counts, &folders->quota)) {
		folders->has_quota = true;
		return false;
	}
	folders->quota = (struct mail_quota){0};
	folders->root_count = 0;
	if (account_counts_ask_quota(counts))
		return true;
	if (is_own && !folders->wants_all)
		(void)account_counts_quota_may_lack(counts, &folders->quota);
	return false;
}

/*
 * Where Dovecot has to go through the whole folder to add it up (after a move
 * out of 100,000 messages: 16 ms), the page does not wait: about as long as
 * for what it was made of. Who uses the connection next reads the answer.
 */
static bool
quota_is_late(struct imap_folders *folders, struct imap_batch *batch,
    uint64_t changes, bool is_own)
{
	struct imap_conn *conn = batch->conn;
	int64_t most_ms = 1 + conn->trip_us / 500;
	struct mail_quota former;

	if (!is_own || folders->wants_all ||
	    !account_counts_quota_may_lack(&conn->account->counts, &former) ||
	    stream_await(conn->stream,
	        most_ms < LIMIT_IMAP_EXTRA_MS ? most_ms : LIMIT_IMAP_EXTRA_MS))
		return false;
	folders->quota = former;
	conn->owed = (struct imap_owed){.is_owed = true,
	    .tag = batch->writer.first_tag,
	    .changes = changes,
	    .asked_mono_ms = clock_mono_ms()};
	return true;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): what a batch needs */
imap_folders_quota_look(struct imap_folders *folders, struct imap_conn *conn,
    imap_untagged_fn *untagged, void *ctx, struct str folder, struct err *err)
{
	const struct imap_space *space = imap_space_find(&conn->spaces, folder);
	bool is_own = space == NULL || space->kind == MAIL_SPACE_OWN;
	struct account_counts *counts = &conn->account->counts;
	uint64_t changes = account_counts_space_changes(counts);
	struct imap_batch batch;
	enum err_code rc;

	if (!quota_is_wanted(folders, conn, is_own))
		return ERR_OK;
	folders->has_quota = is_own;
	imap_batch_init(&batch, conn, untagged, ctx);
	batch.has_extra = true;
	imap_write_begin(&batch.writer, "GETQUOTAROOT ");
	imap_write_string(&batch.writer, folder);
	imap_write_end(&batch.writer);
	rc = imap_batch_begin(&batch, folders->arena, err);
	if (rc == ERR_OK && !quota_is_late(folders, &batch, changes, is_own)) {
		rc = imap_batch_finish(&batch, err);
		if (rc == ERR_OK && is_own && !conn->is_spent)
			account_counts_keep_quota(
			    counts, changes, &folders->quota);
	}
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
quota_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct imap_folders *folders = ctx;

	(void)imap_folders_untagged(folders, reader, response);
	return imap_arena_check(folders->arena, err);
}

bool
imap_folders_quota_settle(struct imap_conn *conn, const struct mail *mail)
{
	struct imap_owed owed = conn->owed;
	int64_t left_ms =
	    owed.asked_mono_ms + LIMIT_IMAP_EXTRA_MS - clock_mono_ms();
	struct imap_folders folders;
	struct imap_batch batch;
	enum err_code rc;

	if (!owed.is_owed)
		return true;
	conn->owed = (struct imap_owed){0};
	imap_folders_init(&folders, mail, conn);
	imap_batch_init(&batch, conn, quota_untagged, &folders);
	imap_conn_begin(conn, &mail->wait);
	rc = imap_batch_resume(&batch, owed.tag,
	    left_ms > QUOTA_LATE_MS ? left_ms : QUOTA_LATE_MS, mail->arena,
	    NULL);
	imap_conn_end(conn);
	imap_batch_end(&batch);
	if (rc == ERR_OK)
		account_counts_keep_quota(
		    &conn->account->counts, owed.changes, &folders.quota);
	else
		conn->is_spent = true;
	return rc == ERR_OK;
}
