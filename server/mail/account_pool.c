#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "mail/imap_folders.h"
#include "mail/imap_message.h"
#include "os/clock.h"

/* Idle for so long: it is asked before it is relied on. */
#define POOL_NOOP_AFTER_MS ((int64_t)60000)
#define POOL_NOOP_WAIT_MS  ((int64_t)3000)

/* ---- taking and giving ---- */
/*
 * One that has the folder open; else one that has none; else the one whose
 * folder was used the longest time ago.
 */
static struct imap_conn *
pool_pick(struct account *account, struct str folder)
{
	struct imap_conn *best = account->idle;

	for (struct imap_conn *at = account->idle; at != NULL; at = at->next) {
		if (at->folder != NULL && str_eq(str_c(at->folder), folder))
			return at;
		if (at->folder == NULL || best->folder != NULL)
			best = at;
	}
	return best;
}

/* The server may have hung up, or said so, while nobody looked. */
static bool
pool_is_alive(struct imap_conn *conn, const struct mail_wait *wait)
{
	enum net_client_state state =
	    net_client_look(stream_client(conn->stream));
	int64_t now = clock_mono_ms();
	struct mail_wait short_wait = *wait;
	enum err_code rc;

	if (state == NET_CLIENT_DEAD || conn->said_bye)
		return false;
	if (state == NET_CLIENT_QUIET &&
	    now - conn->used_mono_ms < POOL_NOOP_AFTER_MS)
		return true;
	if (short_wait.deadline_mono_ms > now + POOL_NOOP_WAIT_MS)
		short_wait.deadline_mono_ms = now + POOL_NOOP_WAIT_MS;
	imap_conn_begin(conn, &short_wait);
	rc = imap_noop(conn, NULL);
	imap_conn_end(conn);
	return rc == ERR_OK && !conn->said_bye;
}

static void
pool_drop(struct imap_conn *conn)
{
	struct account *account = conn->account;
	struct accounts *accounts = account->owner;

	lock_take(&accounts->lock);
	if (conn->is_spent)
		account_stay(account, clock_mono_ms() + ACCOUNT_PAUSE_KEPT_MS);
	account_release(account);
	lock_give(&accounts->lock);
	imap_conn_close(conn);
}

static enum err_code
pool_refused(struct account *account, struct err *err)
{
	lock_take(&account->owner->lock);
	account->is_refused = true;
	lock_give(&account->owner->lock);
	return err_set(err, ERR_LOGIN,
	    "The mail server does not accept your password any more. Please "
	    "log in again.",
	    "imap: credential refused later");
}

/* Whether to leave the server alone; the lock is held. */
static enum err_code
pool_may_log_in(const struct account *account, struct err *err)
{
	if (account->is_refused)
		return err_set(err, ERR_LOGIN,
		    "The mail server does not accept your password any more. "
		    "Please log in again.",
		    "imap: credential refused before");
	if (clock_mono_ms() < account->login_pause_until_mono_ms)
		return err_set(err, ERR_AWAY,
		    "The mail server does not let us in at the moment. Please "
		    "try again in a moment.",
		    "imap: not tried, logins failed a moment ago");
	return ERR_OK;
}

/* The lock is held. Of one that left, or of a busy place, nothing is learned.
 */
static void
pool_note_login(struct account *account, enum err_code rc)
{
	if (rc == ERR_OK)
		account->login_failures = 0;
	else if (rc == ERR_AWAY || rc == ERR_MAIL)
		account->login_failures++;
	else
		return;
	account->login_pause_until_mono_ms =
	    clock_mono_ms() + account_pause_ms(account->login_failures);
}

/* A slot is counted for us already. */
static enum err_code
pool_open(struct mail *mail, struct mail_server *server, uint32_t generation,
    struct imap_conn **out, struct err *err)
{
	struct account *account = mail->account;
	struct imap_conn *conn = NULL;
	enum err_code rc = account_open(account->owner, server, account->login,
	    &account->password, &mail->wait, &conn, err);

	mail_server_unref(server);
	if (rc != ERR_OK) {
		if (rc == ERR_LOGIN)
			rc = pool_refused(account, err);
		lock_take(&account->owner->lock);
		pool_note_login(account, rc);
		account_release(account);
		lock_give(&account->owner->lock);
		return rc;
	}
	lock_take(&account->owner->lock);
	pool_note_login(account, rc);
	lock_give(&account->owner->lock);
	conn->account = account;
	conn->generation = generation;
	conn->is_fresh = true;
	imap_conn_begin(conn, &mail->wait);
	*out = conn;
	return ERR_OK;
}

struct pool_choice {
	struct imap_conn *idle;     /* found */
	struct mail_server *server; /* counted: make a new one for it */
	struct imap_conn *evicted;
	uint32_t generation;
};

/* The lock is held. Counts a new one, if it may be made. */
static enum err_code
pool_choose_new(
    struct account *account, struct pool_choice *out, struct err *err)
{
	enum err_code rc = pool_may_log_in(account, err);

	if (rc != ERR_OK ||
	    account->connections >= account->owner->max_per_account ||
	    !accounts_reserve(account->owner, account->at, &out->evicted))
		return rc;
	account->connections++;
	out->generation = account->generation;
	out->server = mail_server_ref(account->server);
	return ERR_OK;
}

/*
 * Waits until there is an idle connection or room for a new one; `wants_new`:
 * rather that.
 */
static enum err_code
pool_choose(struct mail *mail, struct str folder, bool wants_new,
    struct pool_choice *out, struct err *err)
{
	struct account *account = mail->account;
	struct accounts *accounts = account->owner;
	int64_t start_us = clock_mono_us();
	enum err_code rc = ERR_OK;

	lock_take(&accounts->lock);
	while (rc == ERR_OK && out->idle == NULL && out->server == NULL) {
		bool is_idle = account->idle != NULL;

		if (!is_idle || wants_new || account->is_refused)
			rc = pool_choose_new(account, out, err);
		if (rc == ERR_AWAY && is_idle)
			rc = ERR_OK;
		if (rc != ERR_OK || out->server != NULL)
			break;
		if (is_idle) {
			out->idle = pool_pick(account, folder);
			account_unlink(out->idle);
		} else {
			rc = accounts_wait(accounts, &mail->wait, err);
		}
	}
	lock_give(&accounts->lock);
	imap_conn_close(out->evicted);
	if (mail->wait.waited_us != NULL)
		*mail->wait.waited_us += (uint64_t)(clock_mono_us() - start_us);
	return rc;
}

static enum err_code
pool_take(struct mail *mail, struct str folder, bool wants_new,
    struct imap_conn **out, struct err *err)
{
	*out = NULL;
	imap_message_make_way(mail);
	for (;;) {
		struct pool_choice choice = {0};
		enum err_code rc =
		    pool_choose(mail, folder, wants_new, &choice, err);

		if (rc != ERR_OK)
			return rc;
		if (choice.idle == NULL)
			return pool_open(
			    mail, choice.server, choice.generation, out, err);
		if (imap_folders_quota_settle(choice.idle, mail) &&
		    pool_is_alive(choice.idle, &mail->wait)) {
			imap_conn_begin(choice.idle, &mail->wait);
			*out = choice.idle;
			return ERR_OK;
		}
		pool_drop(choice.idle);
	}
}

enum err_code
account_take(struct mail *mail, struct str folder, struct imap_conn **out,
    struct err *err)
{
	return pool_take(mail, folder, false, out, err);
}

void
account_give(struct imap_conn *conn)
{
	struct account *account = conn->account;
	struct accounts *accounts = account->owner;
	bool is_kept;

	imap_conn_end(conn);
	conn->is_fresh = false;
	lock_take(&accounts->lock);
	if (conn->is_aside)
		account->asides--;
	conn->is_aside = false;
	is_kept = !conn->is_broken && !conn->said_bye && !conn->is_doubtful &&
	          conn->generation == account->generation &&
	          account->connections <= accounts->max_per_account;
	/* Else the next one asks the same at once. */
	if (conn->is_spent ||
	    (!is_kept && (account_folders_are_many(&account->folders) ||
	                     account_folders_are_slow(&account->folders))))
		account_stay(account, clock_mono_ms() + ACCOUNT_PAUSE_KEPT_MS);
	if (is_kept) {
		account_link(conn);
		lock_cond_broadcast(&accounts->freed);
	} else {
		account_release(account);
	}
	lock_give(&accounts->lock);
	if (!is_kept)
		imap_conn_close(conn);
}

static bool
pool_is_within(const char *open, struct str folder, char delimiter)
{
	struct str name = str_c(open);

	return str_eq(name, folder) ||
	       (delimiter != '\0' && name.len > folder.len &&
	           str_starts(name, folder) &&
	           name.ptr[folder.len] == delimiter);
}

void
account_leave_folder(struct account *account, struct str folder, char delimiter)
{
	uint32_t idle = 0;

	account_folders_forget(&account->folders);
	lock_take(&account->owner->lock);
	for (struct imap_conn *at = account->idle; at != NULL; at = at->next) {
		idle++;
		if (at->folder != NULL &&
		    pool_is_within(at->folder, folder, delimiter))
			imap_conn_deselect(at);
	}
	/* Those that are in use now are not used again. */
	if (account->connections > idle)
		account->generation++;
	lock_give(&account->owner->lock);
}

/*
 * Dead at once, not slow: slow ones would be slow again; but not where the
 * counts of folders were too much, which are asked for otherwise then.
 */
static bool
pool_is_worth_another(const struct imap_conn *conn, int64_t took_ms)
{
	if (!conn->is_broken || conn->is_set_back)
		return false;
	if (!conn->is_fresh && took_ms < conn->server->cfg->imap_wait_ms / 2)
		return true;
	return !conn->said_bye &&
	       account_folders_try_slowly(
	           &conn->account->folders, conn->asks_counts);
}

/* Runs the step; what was got for it stays with the caller after ERR_OK. */
static enum err_code
pool_try(struct mail *mail, struct str folder, bool is_repeatable,
    account_step_fn *step, void *ctx, struct imap_conn **out, struct err *err)
{
	for (unsigned attempt = 0;; attempt++) {
		int64_t start_ms = clock_mono_ms();
		/* Where one is dead, others may be, too. */
		enum err_code rc =
		    pool_take(mail, folder, attempt > 0, out, err);
		bool again;

		if (rc != ERR_OK)
			return rc;
		ensure(*out != NULL);
		rc = step(*out, ctx, err);
		if (rc == ERR_OK)
			return rc;
		again = rc == ERR_AWAY && is_repeatable && attempt == 0 &&
		        pool_is_worth_another(*out, clock_mono_ms() - start_ms);
		account_give(*out);
		*out = NULL;
		if (!again)
			return rc;
	}
}

enum err_code
account_hold(struct mail *mail, struct str folder, account_step_fn *step,
    void *ctx, struct imap_conn **out, struct err *err)
{
	return pool_try(mail, folder, true, step, ctx, out, err);
}

enum err_code
account_run(struct mail *mail, struct str folder, bool is_repeatable,
    account_step_fn *step, void *ctx, struct err *err)
{
	struct imap_conn *conn = NULL;
	enum err_code rc =
	    pool_try(mail, folder, is_repeatable, step, ctx, &conn, err);

	if (rc == ERR_OK)
		account_give(conn);
	return rc;
}
