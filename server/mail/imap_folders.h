#ifndef MAIL_IMAP_FOLDERS_H
#define MAIL_IMAP_FOLDERS_H
/*
 * Folders with counts and quota: commands to put into a batch, listeners for
 * its untagged responses, and the result in the order people see.
 */
#include "mail/imap_batch.h"

struct imap_folder; /* one of the server's, as on the wire */

struct imap_folders {
	struct arena *arena;
	const struct config_site *site;
	struct imap_folder *list;
	size_t count, capacity;
	size_t hint;     /* where the next STATUS is expected */
	bool has_status; /* LIST-STATUS brought counts */
	struct mail_quota quota;
	size_t command; /* of LIST in its batch */
};

void imap_folders_init(struct imap_folders *folders, struct arena *arena,
    const struct config_site *site);
/* LIST, with SPECIAL-USE and STATUS where offered. */
void imap_folders_ask(struct imap_folders *folders, struct imap_batch *batch);
/* GETQUOTAROOT of the folder (as on the wire) where offered. */
void imap_folders_ask_quota(struct imap_batch *batch, struct str folder);
/* True: the response was one of ours. */
bool imap_folders_untagged(struct imap_folders *folders,
    struct imap_reader *reader, const struct imap_response *response);
/*
 * After LIST-STATUS: the folder (as on the wire) was deleted and made anew
 * since somebody selected it with this UIDVALIDITY (RFC 9051, 2.3.1.1).
 */
bool imap_folders_is_another(
    struct imap_folders *folders, struct str name, uint32_t uid_validity);
/* After the batch, without LIST-STATUS: counts in batches of their own. */
enum err_code imap_folders_count(struct imap_folders *folders,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Counts of one folder (as on the wire) anew. */
enum err_code imap_folders_recount(struct imap_folders *folders,
    struct imap_conn *conn, struct str folder, struct err *err) WARN_UNUSED;
/* Names, labels, kinds, order. */
enum err_code imap_folders_result(struct imap_folders *folders,
    struct mail_folders *out, struct err *err) WARN_UNUSED;

#endif
