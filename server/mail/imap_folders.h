#ifndef MAIL_IMAP_FOLDERS_H
#define MAIL_IMAP_FOLDERS_H
/*
 * Folders with counts and quota: commands to put into a batch, listeners for
 * its untagged responses, and the result in the order people see. Of an
 * account that has very many (account_folders.h) the tree may come from
 * memory, and only those are counted that mail->pick chooses.
 */
#include "mail/account_folders.h"
#include "mail/imap_batch.h"

struct mail_quota_root;
struct mail_uses;
struct imap_folder; /* one of the server's, as on the wire */

struct imap_folders {
	struct arena *arena;
	const struct mail *mail;
	const struct config_site *site;
	struct account_folders *memory; /* of the account */
	struct imap_folder *list;
	size_t count, capacity;
	size_t hint;     /* where the next STATUS is expected */
	bool has_status; /* all that is wanted came in the one batch */
	bool has_many;   /* as somebody noted before */
	bool is_kept;    /* the tree is from memory */
	bool is_ordered; /* the list is as people see it */
	bool is_picked;  /* is_wanted is set */
	bool is_slow;    /* noted before: they are counted behind all else */
	bool is_late;    /* not all that is wanted was counted in time */
	struct imap_conn *conn; /* that was asked */
	bool has_quota;         /* roots are all there */
	size_t next;            /* whose count is asked for next, in pieces */
	size_t cursor;          /* and in turn, without being wanted */
	uint64_t generation;
	struct mail_quota quota;
	size_t command;             /* of LIST in its batch; SIZE_MAX: none */
	struct imap_spaces *spaces; /* of the connection */
	bool has_foreign;           /* namespaces with '#' were listed, too */
	struct mail_uses *uses;     /* NULL: nobody chose any */
	bool is_known; /* not listed: they were remembered (account_counts.h) */
	uint64_t changes; /* of what is remembered, when they were asked for */
	int64_t asked_mono_ms;
	/* Set by the caller, before it asks: */
	bool wants_all; /* subscriptions, all of quota */
	bool is_last;   /* nothing but the quota is asked for behind them */
	struct mail_quota_root *roots;
	size_t root_count, root_capacity;
};

void imap_folders_init(struct imap_folders *folders, const struct mail *mail,
    const struct imap_conn *conn);
/*
 * LIST, with SPECIAL-USE and STATUS where offered; NAMESPACE, when this
 * connection has not heard of it yet. From memory: STATUS of the wanted ones.
 */
void imap_folders_ask(struct imap_folders *folders, struct imap_batch *batch);
/*
 * After all else of a page: the space used, in a trip of its own. Dovecot
 * holds back what it has to say until each command of a batch is done, and
 * adds up all messages for this one the first time. Nobody waits long for it
 * (LIMIT_IMAP_EXTRA_MS): not known then, and the connection is broken. Where a
 * page may lack it (account_counts.h) it does not wait, and the answer is owed.
 * `folder`: on the wire.
 */
enum err_code imap_folders_quota_look(struct imap_folders *folders,
    struct imap_conn *conn, imap_untagged_fn *untagged, void *ctx,
    struct str folder, struct err *err) WARN_UNUSED;
/*
 * Before a connection is used again: the answer that it owes, if any. False:
 * it does not come in time, and the connection is of no use.
 */
bool imap_folders_quota_settle(struct imap_conn *conn, const struct mail *mail);
/* ERR_MAIL when LIST was refused. */
enum err_code imap_folders_need(const struct imap_folders *folders,
    const struct imap_batch *batch, struct err *err) WARN_UNUSED;
/*
 * The same, but what was listed less than `most_ms` ago is only asked for this
 * folder's counts (as on the wire), before the messages in it become read.
 */
void imap_folders_known_ask(struct imap_folders *folders,
    struct imap_batch *batch, struct str folder, int64_t most_ms);
/* After that batch: the server did not count it, and all must be asked for. */
bool imap_folders_known_is_wrong(
    struct imap_folders *folders, struct str folder);
void imap_folders_known_ask_anew(
    struct imap_folders *folders, struct imap_batch *batch);
/* Where they were known: the next page shows this count, and none before. */
void imap_folders_known_told(
    struct imap_folders *folders, struct imap_conn *conn, struct str folder);
/* Before they are listed: what has changed by then is not remembered. */
void imap_folders_known_begin(
    struct imap_folders *folders, const struct imap_conn *conn);
/* When all has come, before imap_folders_result: what the next may know. */
void imap_folders_known_keep(
    const struct imap_folders *folders, struct imap_conn *conn);
/* A message became read since the folder was counted here. */
void imap_folders_known_read(
    struct imap_folders *folders, struct imap_conn *conn, struct str folder);
/* True: the response was one of ours. */
bool imap_folders_untagged(struct imap_folders *folders,
    struct imap_reader *reader, const struct imap_response *response);
/*
 * After LIST-STATUS: the folder (as on the wire) was deleted and made anew
 * since somebody selected it with this UIDVALIDITY (RFC 9051, 2.3.1.1).
 */
bool imap_folders_is_another(
    struct imap_folders *folders, struct str name, uint32_t uid_validity);
/*
 * After the batch: its STATUS counts another number of messages than the server
 * has told of the open folder.
 */
bool imap_folders_counts_otherwise(
    struct imap_folders *folders, struct str name, uint32_t exists);
/* The one with this name on the wire; NULL: none has it. */
struct imap_folder *imap_folders_find(
    struct imap_folders *folders, struct str name);
/* Nothing is left to ask for: imap_folders_count would do nothing. */
bool imap_folders_is_complete(const struct imap_folders *folders);
/*
 * After the batch: folders of namespaces that LIST "" "*" leaves out ('#', RFC
 * 2342), and counts that are still wanted in batches of their own. Of very
 * many those that come in time (LIMIT_IMAP_COUNT_MS); the connection is spent
 * when it was asked for more, and is_late says so.
 */
enum err_code imap_folders_count(struct imap_folders *folders,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Counts of one folder (as on the wire) anew. */
enum err_code imap_folders_recount(struct imap_folders *folders,
    struct imap_conn *conn, struct str folder, struct err *err) WARN_UNUSED;
/* One more; forgotten when the memory is used up. */
void imap_folders_add(
    struct imap_folders *folders, const struct imap_folder *folder);
/*
 * Names, labels, kinds, order; levels between that the server left out. Very
 * many are kept for the next time.
 */
enum err_code imap_folders_result(struct imap_folders *folders,
    struct mail_folders *out, struct err *err) WARN_UNUSED;

/* ---- between the files of folders ---- */
/* Sets is_wanted of those that mail->pick chooses; the list is ordered then. */
void imap_folders_pick(struct imap_folders *folders);
/* STATUS of the next `most` that are wanted. */
void imap_folders_ask_counts(
    struct imap_folders *folders, struct imap_batch *batch, size_t most);
/* " RETURN (…)" of LIST: RFC 5258, RFC 5819, RFC 6154. */
void imap_folders_ask_return(
    const struct imap_folders *folders, struct imap_batch *batch);

#endif
