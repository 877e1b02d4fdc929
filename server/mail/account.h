#ifndef MAIL_ACCOUNT_H
#define MAIL_ACCOUNT_H
/*
 * The inside of accounts: who has which connections. For this room only.
 *
 * An account is one credential at one server: (server key, login, password).
 * The key holds what protects the way, so that a reload that changes it ends
 * the connections made before.
 * Sessions with an equal credential share its connections; another password
 * has to prove itself by its own login.
 */
#include <stdatomic.h>

#include "base/lock.h"
#include "mail/account_answers.h"
#include "mail/account_folders.h"
#include "mail/account_senders.h"
#include "mail/account_counts.h"
#include "mail/account_slow.h"
#include "mail/imap_cache.h"
#include "mail/imap_conn.h"

#define ACCOUNT_BUCKETS 1024u
/* Failures, and servers at work, are remembered so long after. */
#define ACCOUNT_PAUSE_KEPT_MS ((int64_t)60000)

/* Servers an account had before a reload: somebody may still look at them. */
struct account_retired {
	struct mail_server *server;
	struct account_retired *next;
};

/* What all accounts of a server have together; never freed before the end. */
struct accounts_server {
	struct accounts_server *next;
	uint32_t connections;
	uint32_t most; /* ImapConnectionsPerServer; 0: no limit of its own */
	char base[];   /* of the mail server */
};

struct account {
	struct accounts *owner;
	struct accounts_server *at; /* never NULL */
	struct account *next;       /* in its bucket */
	/* guarded by owner->lock: */
	uint32_t refs;
	struct mail_server *server; /* holds a count */
	struct account_retired *retired;
	uint32_t connections; /* open or being opened */
	uint32_t asides;      /* of them, those of long searches */
	uint32_t sessions;    /* logged in, as far as we know */
	uint32_t generation;  /* older connections are not used again */
	struct imap_conn *idle;
	bool is_refused; /* the server does not take this password any more */
	/* Logins in a row that failed otherwise; then none is tried until: */
	uint32_t login_failures;
	int64_t login_pause_until_mono_ms;
	int64_t stay_until_mono_ms; /* without connections, too; 0: no need */
	/* with locks of their own: */
	struct account_answers_owner answers;
	struct imap_cache_owner rows;
	struct account_senders senders;
	struct account_folders folders;
	struct account_counts counts;
	struct account_slow slow;
	/* never changes: */
	struct str login;
	struct secret password;
};

/* A server that could not be reached is left alone for a moment. */
struct account_pause {
	struct account_pause *next;
	uint32_t failures;
	int64_t until_mono_ms;
	char key[]; /* of the server */
};

struct accounts {
	struct lock lock; /* guards all of it and every account */
	struct lock_cond freed;
	struct account_answers answers; /* has a lock of its own */
	struct imap_cache rows;         /* too */
	struct account *buckets[ACCOUNT_BUCKETS];
	struct account_pause *pauses;
	struct accounts_server *servers;
	struct imap_conn *idle_oldest, *idle_newest;
	uint32_t connections;
	uint32_t max_per_account;
	uint32_t max_connections;
	int64_t idle_close_ms;
	_Atomic int64_t folder_counts_ms; /* FolderCounts; any thread */
	struct metric *metric_connections, *metric_connects, *metric_refused,
	    *metric_failed;
};

/*
 * A connection of this account for this call alone, logged in, preferring one
 * that has `folder` (as on the wire; empty: any) open.
 * ERR_LOGIN, ERR_AWAY, ERR_TRUST, ERR_MAIL, ERR_BUSY, ERR_CANCELED.
 */
enum err_code account_take(struct mail *mail, struct str folder,
    struct imap_conn **out, struct err *err) WARN_UNUSED;
/*
 * The same for work that may take long: all of it together leaves one
 * connection of the account to others, where there may be two. `waits` false:
 * ERR_BUSY unless one can be had at once.
 */
enum err_code account_take_aside(struct mail *mail, bool waits,
    struct imap_conn **out, struct err *err) WARN_UNUSED;
/* Back to the pool, or closed when broken. */
void account_give(struct imap_conn *conn);

/*
 * Runs `step` with a connection. When a connection of the pool turns out to
 * be dead, once more on a fresh one if the step may be repeated.
 */
typedef enum err_code account_step_fn(
    struct imap_conn *conn, void *ctx, struct err *err);
enum err_code account_run(struct mail *mail, struct str folder,
    bool is_repeatable, account_step_fn *step, void *ctx,
    struct err *err) WARN_UNUSED;
/* The same, but after ERR_OK the caller has the connection and gives it. */
enum err_code account_hold(struct mail *mail, struct str folder,
    account_step_fn *step, void *ctx, struct imap_conn **out,
    struct err *err) WARN_UNUSED;

/*
 * A folder (as on the wire) has another name now or is gone, and those below
 * it: no connection believes that it has it open.
 */
void account_leave_folder(
    struct account *account, struct str folder, char delimiter);
/* One more who needs it, until account_unref(); for who has it already. */
void account_ref(struct account *account);

/* ---- between the files of accounts; the lock is held ---- */
/* Frees one that is in no list any more. */
void account_end(struct account *account);
/* Takes an idle connection out of all lists. */
void account_unlink(struct imap_conn *conn);
/* Puts one into them. */
void account_link(struct imap_conn *conn);
/* Takes all idle connections of the account out; linked by next. */
struct imap_conn *account_unlink_all(struct account *account);
/* One connection less; frees the account when nothing needs it. */
void account_release(struct account *account);
/* The same for those idle ones that are more than a user may have. */
struct imap_conn *account_unlink_surplus(struct account *account);
/* What is counted of that server; NULL without memory. */
struct accounts_server *accounts_server(
    struct accounts *accounts, const struct mail_server *server);
/* Room for one more in all and at `server`, perhaps by ending *out_evicted. */
bool accounts_reserve(struct accounts *accounts, struct accounts_server *server,
    struct imap_conn **out_evicted);
/* It was not needed. */
void accounts_unreserve(
    struct accounts *accounts, struct accounts_server *server);
/* So many failures of a server: how long it is left alone now. 0: not yet. */
int64_t account_pause_ms(uint32_t failures);
void account_free_unused(struct account *account);
/* While somebody is logged in it is not forgotten before then. */
void account_stay(struct account *account, int64_t until_mono_ms);
/*
 * A slice of waiting for somebody to give something back. ERR_BUSY past the
 * deadline, ERR_CANCELED.
 */
enum err_code accounts_wait(struct accounts *accounts,
    const struct mail_wait *wait, struct err *err) WARN_UNUSED;
/* ---- the lock is not held ---- */
void account_close_all(struct imap_conn *list);
/* Opens and logs in; counts failures of the server. */
enum err_code account_open(struct accounts *accounts,
    struct mail_server *server, struct str login, const struct secret *password,
    const struct mail_wait *wait, struct imap_conn **out,
    struct err *err) WARN_UNUSED;
/* Waits for room in all connections and takes it, counted in *out. */
enum err_code accounts_wait_room(struct accounts *accounts,
    const struct mail_server *server, const struct mail_wait *wait,
    struct accounts_server **out, struct err *err) WARN_UNUSED;

#endif
