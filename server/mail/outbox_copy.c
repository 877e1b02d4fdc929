#include "base/limits.h"
#include "base/log.h"
#include "mail/outbox.h"
#include "mail/outbox_inside.h"
#include "os/clock.h"
#include "os/fault.h"
#include "os/file.h"

/*
 * The message is out: the copy must not be given up because the browser left
 * or the request's time is over.
 */
static struct mail
outbox_patient(const struct mail *mail)
{
	const struct config *cfg =
	    mail_server_config(account_server(mail->account));
	struct mail patient = *mail;
	int64_t deadline = clock_mono_ms() + cfg->imap_wait_ms;

	if (patient.wait.deadline_mono_ms < deadline) {
		patient.wait.cancel = NULL;
		patient.wait.deadline_mono_ms = deadline;
	}
	return patient;
}

static enum err_code
outbox_open(const struct outbox_post *post, struct arena *arena, int *out_fd,
    struct err *err)
{
	char *path = outbox_path(post->spool_folder, post->spooled.file, arena);

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "outbox_open");
	if (file_open_plain(path, out_fd, err) != ERR_OK)
		return err_set(err, ERR_NOT_FOUND,
		    "The sent message is no longer kept here, so it cannot be "
		    "copied.",
		    "outbox: no spool file");
	return ERR_OK;
}

static enum err_code
outbox_append(struct mail *mail, const struct outbox_post *post,
    struct text folder, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	uint32_t uid = 0;
	enum err_code rc = outbox_open(post, mail->arena, &fd, err);

	fault_point("copy.before_append");
	if (rc == ERR_OK)
		rc = mail_append(
		    mail, folder, MAIL_SEEN, fd, file_size(fd), &uid, err);
	fault_point("copy.appended");
	return rc;
}

enum err_code
outbox_copy(struct mail *mail, const struct outbox_post *post, bool *out_copied,
    struct err *err)
{
	struct mail patient = outbox_patient(mail);
	struct mail_uids found = {0};
	uint32_t validity = 0;
	struct text folder;
	enum err_code rc = ERR_OK;

	*out_copied = post->server_keeps_sent;
	if (*out_copied)
		return ERR_OK;
	rc = outbox_folder_name(&patient, MAIL_SENT, &folder, err);
	if (rc == ERR_OK && post->is_retried)
		rc = mail_find_header(&patient, folder, STR("Message-ID"),
		    post->message_id, &found, &validity, err);
	if (rc == ERR_OK && found.count == 0)
		rc = outbox_append(&patient, post, folder, err);
	*out_copied = rc == ERR_OK;
	return rc;
}

static enum err_code
outbox_drop_files(
    const struct outbox_post *post, struct arena *arena, struct err *err)
{
	struct store_attachment *files = NULL;
	size_t count = 0;
	enum err_code rc = store_attachment_list(
	    post->store, post->account, post->id, arena, &files, &count, err);

	for (size_t i = 0; rc == ERR_OK && i < count; i++)
		rc = store_attachment_delete(
		    post->store, post->account, post->id, files[i].id, err);
	return rc;
}

enum err_code
outbox_finish(struct mail *mail, const struct outbox_post *post, bool copied,
    struct err *err)
{
	struct mail patient = outbox_patient(mail);
	enum err_code rc = outbox_drop_draft(&patient, post->id, err);

	fault_point("copy.draft_dropped");
	/* A server that will not let go of a draft cannot be made to. */
	if (rc == ERR_OK || rc == ERR_MAIL || rc == ERR_NOT_FOUND)
		rc = outbox_drop_files(post, mail->arena, err);
	fault_point("copy.files_dropped");
	if (rc == ERR_OK)
		rc = store_outbox_done(
		    post->store, post->id, post->lease, copied, err);
	fault_point("copy.done");
	if (rc == ERR_OK)
		outbox_remove_file(
		    post->spool_folder, post->spooled.file, mail->arena);
	return rc;
}

/* The draft is the message with its compose id before it. */
static enum err_code
outbox_copy_draft(const struct outbox_post *post, int from, int to,
    uint64_t *out_bytes, struct err *err)
{
	char piece[8192];
	int len = snprintf(piece, sizeof(piece), OUTBOX_HEADER ": %.*s\r\n",
	    STR_ARG(post->id));
	enum err_code rc = file_write_all(to, str_of(piece, (size_t)len), err);
	uint64_t at = 0;

	while (rc == ERR_OK) {
		int64_t got = file_read_at(from, piece, sizeof(piece), at);

		if (got == 0)
			break;
		rc = got < 0
		         ? err_set(err, ERR_INTERNAL,
		               "The message could not be read from the "
		               "spool.",
		               "outbox: spool")
		         : file_write_all(to, str_of(piece, (size_t)got), err);
		at += got > 0 ? (uint64_t)got : 0;
	}
	*out_bytes = at + (uint64_t)len;
	return rc;
}

enum err_code
outbox_return(
    struct mail *mail, const struct outbox_post *post, struct err *err)
{
	CLEANUP(file_close) int from = -1;
	CLEANUP(file_close) int to = -1;
	uint64_t bytes = 0;
	enum err_code rc = outbox_open(post, mail->arena, &from, err);

	if (rc == ERR_OK)
		rc = file_open_spool(post->spool_folder, &to, err);
	if (rc == ERR_OK)
		rc = outbox_copy_draft(post, from, to, &bytes, err);
	if (rc == ERR_OK)
		rc = outbox_put_draft(mail, post->id, to, bytes, err);
	fault_point("return.drafted");
	outbox_remove_file(post->spool_folder, post->spooled.file, mail->arena);
	return rc;
}

void
outbox_sweep(struct store *store, const char *spool_folder, struct str node,
    int64_t before_s, struct arena *arena)
{
	struct file_list list;
	uint64_t count = 0;

	if (file_list(spool_folder, STR(".eml"), arena, &list, NULL) != ERR_OK)
		return;
	for (size_t i = 0; i < list.count; i++) {
		bool is_needed = true;
		char *path = outbox_path(spool_folder, list.names[i], arena);

		/* Its row may be put in a moment. */
		if (path == NULL || file_written_s(path) >= before_s)
			continue;
		if (store_outbox_has_file(store, node, list.names[i],
		        &is_needed, NULL) != ERR_OK ||
		    is_needed)
			continue;
		outbox_remove_file(spool_folder, list.names[i], arena);
		count++;
	}
	if (count > 0)
		log_event(LOG_INFO, "outbox.swept", LOG_U64("files", count));
}
