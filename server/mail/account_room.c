#include "mail/account.h"
#include "os/clock.h"

#define ROOM_SLICE_MS ((int64_t)100) /* looks at cancel this often */

/* ---- lists; the lock is held ---- */
void
account_link(struct imap_conn *conn)
{
	struct account *account = conn->account;
	struct accounts *accounts = account->owner;

	conn->used_mono_ms = clock_mono_ms();
	conn->next = account->idle;
	account->idle = conn;
	conn->newer = NULL;
	conn->older = accounts->idle_newest;
	if (accounts->idle_newest != NULL)
		accounts->idle_newest->newer = conn;
	else
		accounts->idle_oldest = conn;
	accounts->idle_newest = conn;
}

void
account_unlink(struct imap_conn *conn)
{
	struct accounts *accounts = conn->account->owner;
	struct imap_conn **at = &conn->account->idle;

	while (*at != conn)
		at = &(*at)->next;
	*at = conn->next;
	conn->next = NULL;
	if (conn->older != NULL)
		conn->older->newer = conn->newer;
	else
		accounts->idle_oldest = conn->newer;
	if (conn->newer != NULL)
		conn->newer->older = conn->older;
	else
		accounts->idle_newest = conn->older;
	conn->older = NULL;
	conn->newer = NULL;
}

/* One more or less in all and at one server. */
static void
room_count(
    struct accounts *accounts, struct accounts_server *server, bool is_more)
{
	if (is_more) {
		accounts->connections++;
		server->connections++;
	} else {
		accounts->connections--;
		server->connections--;
		lock_cond_broadcast(&accounts->freed);
	}
	metric_add(accounts->metric_connections, is_more ? 1 : -1);
}

void
account_release(struct account *account)
{
	account->connections--;
	room_count(account->owner, account->at, false);
	account_free_unused(account);
}

struct imap_conn *
account_unlink_all(struct account *account)
{
	struct imap_conn *list = NULL;

	while (account->idle != NULL) {
		struct imap_conn *conn = account->idle;

		account_unlink(conn);
		account->connections--;
		room_count(account->owner, account->at, false);
		conn->next = list;
		list = conn;
	}
	return list;
}

void
account_close_all(struct imap_conn *list)
{
	while (list != NULL) {
		struct imap_conn *next = list->next;

		imap_conn_close(list);
		list = next;
	}
}

struct imap_conn *
account_unlink_surplus(struct account *account)
{
	struct imap_conn *list = NULL;

	while (account->connections > account->owner->max_per_account &&
	       account->idle != NULL) {
		struct imap_conn *oldest = account->idle;

		while (oldest->next != NULL)
			oldest = oldest->next;
		account_unlink(oldest);
		account->connections--;
		room_count(account->owner, account->at, false);
		oldest->next = list;
		list = oldest;
	}
	return list;
}

/* ---- room for more; the lock is held ---- */
struct accounts_server *
accounts_server(struct accounts *accounts, const struct mail_server *server)
{
	struct accounts_server *at = accounts->servers;
	size_t len = strlen(server->base) + 1;

	while (at != NULL && strcmp(at->base, server->base) != 0)
		at = at->next;
	if (at == NULL) {
		at = calloc(1, sizeof(*at) + len);
		if (at == NULL)
			return NULL;
		memcpy(at->base, server->base, len);
		at->next = accounts->servers;
		accounts->servers = at;
	}
	at->most = server->site->imap_connections_per_server;
	return at;
}

/* The one that was idle longest, of this server when not NULL. */
static struct imap_conn *
room_oldest(
    const struct accounts *accounts, const struct accounts_server *server)
{
	struct imap_conn *at = accounts->idle_oldest;

	while (server != NULL && at != NULL && at->account->at != server)
		at = at->newer;
	return at;
}

bool
accounts_reserve(struct accounts *accounts, struct accounts_server *server,
    struct imap_conn **out_evicted)
{
	bool is_full_here =
	    server->most > 0 && server->connections >= server->most;

	*out_evicted = NULL;
	if (is_full_here ||
	    accounts->connections >= accounts->max_connections) {
		struct imap_conn *oldest =
		    room_oldest(accounts, is_full_here ? server : NULL);
		struct account *account;

		if (oldest == NULL)
			return false;
		account = oldest->account;
		account_unlink(oldest);
		account_release(account);
		*out_evicted = oldest;
	}
	room_count(accounts, server, true);
	return true;
}

void
accounts_unreserve(struct accounts *accounts, struct accounts_server *server)
{
	room_count(accounts, server, false);
}

/* ---- waiting ---- */
enum err_code
accounts_wait(
    struct accounts *accounts, const struct mail_wait *wait, struct err *err)
{
	int64_t left = wait->deadline_mono_ms - clock_mono_ms();

	if (left <= 0)
		return err_set(err, ERR_BUSY,
		    "Too much is going on in this mailbox at once. Please try "
		    "again in a moment.",
		    "no free IMAP connection");
	if (wait->cancel != NULL && cancel_is_fired(wait->cancel))
		return err_set(err, ERR_CANCELED, NULL, "imap: canceled");
	(void)lock_cond_wait_ms(&accounts->freed, &accounts->lock,
	    left < ROOM_SLICE_MS ? left : ROOM_SLICE_MS);
	return ERR_OK;
}

enum err_code
accounts_wait_room(struct accounts *accounts, const struct mail_server *server,
    const struct mail_wait *wait, struct accounts_server **out, struct err *err)
{
	struct imap_conn *evicted = NULL;
	enum err_code rc = ERR_OK;

	lock_take(&accounts->lock);
	*out = accounts_server(accounts, server);
	if (*out == NULL)
		rc = err_set(err, ERR_NO_MEMORY, NULL, "accounts");
	while (rc == ERR_OK && !accounts_reserve(accounts, *out, &evicted))
		rc = accounts_wait(accounts, wait, err);
	lock_give(&accounts->lock);
	imap_conn_close(evicted);
	return rc;
}
