#include "mail/imap_effort.h"

#include "base/log.h"
#include "mail/account.h"
#include "os/clock.h"

unsigned
imap_effort_order(const struct mail_query *query)
{
	return IMAP_EFFORT_ORDER + 2 * (unsigned)query->sort +
	       (query->search != NULL ? 1u : 0u);
}

enum mail_setback
imap_effort_setback(const struct imap_listing *listing, unsigned what)
{
	return account_slow_find(&listing->mail->account->slow,
	    account_slow_key(listing->folder, what), clock_mono_ms());
}

enum err_code
imap_effort_begin(struct imap_listing *listing, struct imap_conn *conn,
    unsigned what, struct err *err)
{
	int64_t most_ms = conn->server->cfg->search_wait_ms;

	listing->setback = imap_effort_setback(listing, what);
	if (listing->setback != MAIL_SETBACK_NONE)
		return err_set(err, ERR_AWAY, NULL,
		    "imap: not asked, it failed a moment ago");
	if (listing->query->search == NULL)
		most_ms =
		    account_slow_patience_ms(&listing->mail->account->slow,
		        account_slow_key(listing->folder, what), most_ms);
	imap_conn_be_patient_for(conn, most_ms);
	return ERR_OK;
}

/*
 * A connection that was idle may have been dead before; such ones are tried
 * again at once (account_run). Whoever worked at it for long was not.
 */
static enum mail_setback
effort_judge(const struct imap_listing *listing, const struct imap_conn *conn)
{
	int64_t now = clock_mono_ms();
	int64_t took_ms = now - conn->patient_mono_ms;

	if (!conn->is_broken || conn->is_doubtful ||
	    now >= conn->wait.deadline_mono_ms)
		return MAIL_SETBACK_NONE;
	if (took_ms >= conn->command_wait_ms)
		return listing->query->search == NULL ? MAIL_SETBACK_SLOW
		                                      : MAIL_SETBACK_NONE;
	if (conn->is_fresh || took_ms >= conn->server->cfg->imap_wait_ms / 2)
		return MAIL_SETBACK_LOST;
	return MAIL_SETBACK_NONE;
}

/* The account is not forgotten with its connections. */
static void
effort_stay(struct account *account, int64_t until_mono_ms)
{
	lock_take(&account->owner->lock);
	account_stay(account, until_mono_ms);
	lock_give(&account->owner->lock);
}

enum err_code
imap_effort_end(struct imap_listing *listing, struct imap_conn *conn,
    unsigned what, enum err_code rc)
{
	struct account *account = listing->mail->account;
	uint64_t key = account_slow_key(listing->folder, what);

	listing->setback = MAIL_SETBACK_NONE;
	if (rc == ERR_OK)
		account_slow_done(&account->slow, key);
	if (rc != ERR_AWAY)
		return rc;
	listing->setback = effort_judge(listing, conn);
	if (listing->setback == MAIL_SETBACK_NONE)
		return rc;
	conn->is_set_back = true;
	effort_stay(account, account_slow_note(&account->slow, key,
	                         listing->setback, clock_mono_ms()));
	log_event(LOG_WARN, "imap.setback",
	    LOG_C("what", what >= IMAP_EFFORT_ORDER    ? "order"
	                  : what == IMAP_EFFORT_THREAD ? "thread"
	                                               : "headers"),
	    LOG_C(
	        "why", listing->setback == MAIL_SETBACK_SLOW ? "slow" : "lost"),
	    LOG_U64("messages", conn->exists),
	    LOG_U64("ms", (uint64_t)(clock_mono_ms() - conn->patient_mono_ms)));
	return rc;
}
