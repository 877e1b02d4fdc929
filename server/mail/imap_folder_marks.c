#include "base/limits.h"
#include "mail/account.h"
#include "mail/imap_batch.h"
#include "mail/imap_etpan.h"
#include "mail/imap_list.h"
#include "mail/imap_message.h"
#include "mail/imap_permit.h"
#include "mail/mail_folder.h"

/* Of one command: servers bound their lines (Dovecot at 64 KB). */
#define MARKS_RANGES 1000u

struct marks_call {
	struct mail *mail;
	struct str folder; /* as on the wire */
	uint32_t uid_validity, uid_next;
	struct imap_found found;
	struct mail_marks marks;
	size_t tried; /* ranges of marks that were sent, answered or not */
	bool is_marked;
};

/* One STORE for each so many ranges. */
static enum err_code
marks_store(struct imap_conn *conn, struct marks_call *call, const char *what,
    struct err *err)
{
	const struct mail_marks *marks = &call->marks;
	enum err_code rc = ERR_OK;

	for (size_t at = 0; rc == ERR_OK && at < marks->count;) {
		struct imap_batch batch;

		imap_batch_init(&batch, conn, NULL, NULL);
		imap_write_begin(&batch.writer, "UID STORE ");
		for (size_t sent = 0; at < marks->count && sent < MARKS_RANGES;
		     at++, sent++) {
			const struct mail_range *range = &marks->ranges[at];

			imap_write_raw(&batch.writer, sent == 0 ? "" : ",");
			imap_write_number(&batch.writer, range->first);
			if (range->last == range->first)
				continue;
			imap_write_raw(&batch.writer, ":");
			imap_write_number(&batch.writer, range->last);
		}
		imap_write_raw(&batch.writer, what);
		imap_write_end(&batch.writer);
		if (at > call->tried)
			call->tried = at;
		rc = imap_batch_run(&batch, call->mail->arena, err);
		if (rc == ERR_OK)
			rc = imap_batch_need(
			    &batch, 0, "change the messages", err);
		imap_batch_end(&batch);
	}
	return rc;
}

/* ---- all read ---- */
static enum err_code
marks_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err)
{
	struct marks_call *call = ctx;

	imap_found_add(&call->found, call->mail->arena, reader, response);
	return imap_arena_check(call->mail->arena, err);
}

static enum err_code
marks_search(struct imap_conn *conn, struct marks_call *call, struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	call->found = (struct imap_found){0};
	imap_batch_init(&batch, conn, marks_untagged, call);
	imap_write_begin(&batch.writer, imap_conn_has(conn, IMAP_CAP_ESEARCH)
	                                    ? "UID SEARCH RETURN (ALL) UNSEEN"
	                                    : "UID SEARCH UNSEEN");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "search the folder", err);
	imap_batch_end(&batch);
	return rc;
}

static int
marks_by_first(const void *a, const void *b)
{
	const struct mail_range *left = a;
	const struct mail_range *right = b;

	return left->first < right->first ? -1 : left->first > right->first;
}

/* Ranges in order, each once, neighbours as one. */
static enum err_code
marks_take(struct marks_call *call, struct err *err)
{
	struct arena *arena = call->mail->arena;
	const struct imap_found *found = &call->found;
	struct mail_marks *marks = &call->marks;
	struct mail_range *list =
	    ARENA_ARRAY(arena, found->count, struct mail_range);
	size_t count = 0;

	for (size_t i = 0; list != NULL && i < found->count; i++) {
		uint32_t first = found->ranges[i].first;
		uint32_t last = found->ranges[i].last;

		list[i] = first <= last ? (struct mail_range){first, last}
		                        : (struct mail_range){last, first};
	}
	if (list == NULL)
		return imap_arena_check(arena, err);
	qsort(list, found->count, sizeof(*list), marks_by_first);
	marks->total = 0;
	for (size_t i = 0; i < found->count; i++) {
		if (count > 0 && list[i].first <= list[count - 1].last)
			list[i].first = list[count - 1].last + 1;
		if (list[i].first > list[i].last || list[i].first == 0)
			continue;
		marks->total += list[i].last - list[i].first + 1;
		if (count > 0 && list[i].first == list[count - 1].last + 1)
			list[count - 1].last = list[i].last;
		else
			list[count++] = list[i];
	}
	marks->ranges = list;
	marks->count = count;
	return ERR_OK;
}

static enum err_code
read_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct marks_call *call = ctx;
	enum err_code rc =
	    imap_folder_fresh(conn, call->folder, call->uid_validity, err);

	if (rc == ERR_OK)
		rc = imap_permit_flag(conn, "\\Seen", err);
	/* A second try must not forget what the first one marked. */
	if (rc == ERR_OK && call->marks.ranges == NULL) {
		rc = marks_search(conn, call, err);
		if (rc == ERR_OK)
			rc = marks_take(call, err);
		call->marks.uid_validity = conn->uid_validity;
		call->uid_validity = conn->uid_validity;
	}
	if (rc == ERR_OK)
		rc = marks_store(conn, call, " +FLAGS.SILENT (\\Seen)", err);
	return rc;
}

/* The first so many ranges. */
static void
marks_cut(struct mail_marks *marks, size_t count)
{
	if (count < marks->count)
		marks->count = count;
	marks->total = 0;
	for (size_t i = 0; i < marks->count; i++)
		marks->total +=
		    marks->ranges[i].last - marks->ranges[i].first + 1;
}

enum err_code
mail_folder_read(struct mail *mail, struct text folder, struct mail_marks *out,
    struct err *err)
{
	struct marks_call call = {.mail = mail, .marks = {.folder = folder}};
	enum err_code rc = imap_folder_wire(mail, folder, &call.folder, err);

	*out = (struct mail_marks){.folder = folder};
	if (rc == ERR_OK)
		rc =
		    account_run(mail, call.folder, true, read_step, &call, err);
	*out = call.marks;
	if (rc != ERR_OK)
		marks_cut(out, call.tried);
	return rc;
}

static enum err_code
unread_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct marks_call *call = ctx;
	enum err_code rc =
	    imap_folder_fresh(conn, call->folder, call->uid_validity, err);

	if (rc == ERR_OK)
		rc = imap_permit_flag(conn, "\\Seen", err);
	if (rc == ERR_OK)
		rc = marks_store(conn, call, " -FLAGS.SILENT (\\Seen)", err);
	return rc;
}

enum err_code
mail_folder_unread(
    struct mail *mail, const struct mail_marks *marks, struct err *err)
{
	struct marks_call call = {
	    .mail = mail, .marks = *marks, .uid_validity = marks->uid_validity};
	enum err_code rc =
	    imap_folder_wire(mail, marks->folder, &call.folder, err);

	if (rc != ERR_OK)
		return rc;
	return account_run(mail, call.folder, true, unread_step, &call, err);
}

/* ---- emptying ---- */
static enum err_code
empty_step(struct imap_conn *conn, void *ctx, struct err *err)
{
	struct marks_call *call = ctx;
	struct imap_batch batch;
	uint32_t before;
	enum err_code rc =
	    imap_folder_fresh(conn, call->folder, call->uid_validity, err);

	if (rc == ERR_OK)
		rc = imap_permit_flag(conn, "\\Deleted", err);
	if (rc == ERR_OK)
		rc = marks_store(conn, call, " +FLAGS.SILENT (\\Deleted)", err);
	before = conn->exists;
	call->is_marked = !imap_conn_has(conn, IMAP_CAP_UIDPLUS);
	/* Never a bare EXPUNGE: it takes what others marked, too. */
	if (rc != ERR_OK || call->is_marked)
		return rc;
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, "UID EXPUNGE 1:");
	imap_write_number(&batch.writer, call->uid_next - 1);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, call->mail->arena, err);
	if (rc == ERR_OK)
		rc = imap_batch_need(&batch, 0, "delete the messages", err);
	imap_batch_end(&batch);
	/* Without the right to expunge some say OK and do nothing. */
	call->is_marked = rc == ERR_OK && conn->exists >= before && before > 0;
	return rc;
}

enum err_code
mail_folder_empty(struct mail *mail, struct text folder, uint32_t uid_validity,
    uint32_t uid_next, bool *out_marked, struct err *err)
{
	struct mail_range all = {1, uid_next - 1};
	struct marks_call call = {.mail = mail,
	    .uid_validity = uid_validity,
	    .uid_next = uid_next,
	    .marks = {.ranges = &all, .count = 1}};
	enum err_code rc = imap_folder_wire(mail, folder, &call.folder, err);

	*out_marked = false;
	if (rc != ERR_OK || uid_next <= 1)
		return rc;
	rc = account_run(mail, call.folder, true, empty_step, &call, err);
	*out_marked = call.is_marked;
	return rc;
}
