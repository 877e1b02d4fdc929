#include "mail/account.h"

/* The lock is held. */
static bool
aside_has_room(const struct account *account, bool waits)
{
	uint32_t most = account->owner->max_per_account;

	if (account->asides + 1 > (most > 1 ? most - 1 : 1))
		return false;
	return waits || account->idle != NULL || account->connections < most;
}

static void
aside_end(struct account *account)
{
	lock_take(&account->owner->lock);
	account->asides--;
	lock_cond_broadcast(&account->owner->freed);
	lock_give(&account->owner->lock);
}

enum err_code
account_take_aside(
    struct mail *mail, bool waits, struct imap_conn **out, struct err *err)
{
	struct account *account = mail->account;
	struct accounts *accounts = account->owner;
	enum err_code rc = ERR_OK;

	*out = NULL;
	lock_take(&accounts->lock);
	while (rc == ERR_OK && !aside_has_room(account, waits))
		rc = waits ? accounts_wait(accounts, &mail->wait, err)
		           : err_set(err, ERR_BUSY, NULL, "imap: no aside");
	if (rc == ERR_OK)
		account->asides++;
	lock_give(&accounts->lock);
	if (rc != ERR_OK)
		return rc;
	rc = account_take(mail, STR(""), out, err);
	if (rc == ERR_OK)
		(*out)->is_aside = true;
	else
		aside_end(account);
	return rc;
}
