#ifndef MAIL_IMAP_FOLDERS_H
#define MAIL_IMAP_FOLDERS_H
/*
 * Folders with counts and quota: commands to put into a batch, listeners for
 * its untagged responses, and the result in the order people see.
 */
#include "mail/imap_batch.h"

struct mail_quota_root;
struct mail_uses;
struct imap_folder; /* one of the server's, as on the wire */

struct imap_folders {
	struct arena *arena;
	const struct config_site *site;
	struct imap_folder *list;
	size_t count, capacity;
	size_t hint;     /* where the next STATUS is expected */
	bool has_status; /* LIST-STATUS brought counts */
	struct mail_quota quota;
	size_t command;             /* of LIST in its batch */
	struct imap_spaces *spaces; /* of the connection */
	bool has_foreign;           /* namespaces with '#' were listed, too */
	/* Set by the caller, before it asks: */
	struct mail_uses *uses; /* NULL: nobody chose any */
	bool wants_all;         /* subscriptions, UIDNEXT, all of quota */
	struct mail_quota_root *roots;
	size_t root_count, root_capacity;
};

void imap_folders_init(struct imap_folders *folders, struct arena *arena,
    const struct config_site *site);
/*
 * LIST, with SPECIAL-USE and STATUS where offered; NAMESPACE, when this
 * connection has not heard of it yet.
 */
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
/* Nothing is left to ask for: imap_folders_count would do nothing. */
bool imap_folders_is_complete(const struct imap_folders *folders);
/*
 * After the batch: folders of namespaces that LIST "" "*" leaves out ('#', RFC
 * 2342), and without LIST-STATUS counts in batches of their own.
 */
enum err_code imap_folders_count(struct imap_folders *folders,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Counts of one folder (as on the wire) anew. */
enum err_code imap_folders_recount(struct imap_folders *folders,
    struct imap_conn *conn, struct str folder, struct err *err) WARN_UNUSED;
/* One more; forgotten when the memory is used up. */
void imap_folders_add(
    struct imap_folders *folders, const struct imap_folder *folder);
/* Names, labels, kinds, order; levels between that the server left out. */
enum err_code imap_folders_result(struct imap_folders *folders,
    struct mail_folders *out, struct err *err) WARN_UNUSED;

#endif
