#include "mail/account.h"

#include "os/clock.h"

/* ---- the table ---- */
static size_t
account_bucket(const char *base, struct str login)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *base != '\0'; base++)
		hash = (hash ^ (unsigned char)*base) * 1099511628211u;
	for (size_t i = 0; i < login.len; i++)
		hash = (hash ^ (unsigned char)login.ptr[i]) * 1099511628211u;
	return (size_t)(hash % ACCOUNT_BUCKETS);
}

/* Of this login at this server, reached as well protected as now. */
static bool
account_is(const struct account *account, const struct mail_server *server,
    struct str login)
{
	return strcmp(account->server->key, server->key) == 0 &&
	       str_eq(account->login, login);
}

static struct account *
account_find(struct accounts *accounts, const struct mail_server *server,
    struct str login, const struct secret *password)
{
	struct account *at =
	    accounts->buckets[account_bucket(server->base, login)];

	while (at != NULL && !(account_is(at, server, login) &&
	                         secret_eq(&at->password, password)))
		at = at->next;
	return at;
}

void
account_end(struct account *account)
{
	while (account->retired != NULL) {
		struct account_retired *one = account->retired;

		account->retired = one->next;
		mail_server_unref(one->server);
		free(one);
	}
	account_answers_forget(&account->owner->answers, &account->answers);
	imap_cache_forget(&account->owner->rows, &account->rows);
	account_senders_end(&account->senders);
	account_folders_end(&account->folders);
	account_counts_end(&account->counts);
	account_slow_end(&account->slow);
	mail_server_unref(account->server);
	secret_end(&account->password);
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): our own copy */
	free((char *)(uintptr_t)account->login.ptr);
	free(account);
}

static struct account *
account_make(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password, struct err *err)
{
	struct account *account = calloc(1, sizeof(*account));
	char *name = malloc(login.len + 1);
	size_t bucket = account_bucket(server->base, login);
	struct accounts_server *at = accounts_server(accounts, server);

	if (account == NULL || name == NULL || at == NULL ||
	    secret_dup(&account->password, password, err) != ERR_OK) {
		free(account);
		free(name);
		(void)err_set(err, ERR_NO_MEMORY, NULL, "account");
		return NULL;
	}
	if (login.len > 0)
		memcpy(name, login.ptr, login.len);
	name[login.len] = '\0';
	account->login.ptr = name;
	account->login.len = login.len;
	account->owner = accounts;
	account->at = at;
	account_senders_init(&account->senders);
	account_folders_init(&account->folders);
	account_counts_init(&account->counts);
	account_slow_init(&account->slow);
	account->server = mail_server_ref(server);
	account->next = accounts->buckets[bucket];
	accounts->buckets[bucket] = account;
	return account;
}

void
account_free_unused(struct account *account)
{
	struct accounts *accounts = account->owner;
	struct account **at = NULL;

	if (account->refs > 0 || account->connections > 0)
		return;
	/* Else the next click would try again at once. */
	if (account->login_failures > 0 && account->sessions > 0 &&
	    clock_mono_ms() - account->login_pause_until_mono_ms <
	        ACCOUNT_PAUSE_KEPT_MS)
		return;
	if (account->sessions > 0 &&
	    clock_mono_ms() < account->stay_until_mono_ms)
		return;
	at = &accounts->buckets[account_bucket(
	    account->server->base, account->login)];
	while (*at != account)
		at = &(*at)->next;
	*at = account->next;
	account_end(account);
}

void
account_stay(struct account *account, int64_t until_mono_ms)
{
	if (account->stay_until_mono_ms < until_mono_ms)
		account->stay_until_mono_ms = until_mono_ms;
}

/* After a reload: the newer description of the same server. */
static void
account_renew_server(struct account *account, struct mail_server *server)
{
	struct account_retired *one;

	if (account->server == server)
		return;
	one = malloc(sizeof(*one));
	if (one == NULL)
		return;
	server_live_inherit(server, account->server);
	*one = (struct account_retired){
	    .server = account->server, .next = account->retired};
	account->retired = one;
	account->server = mail_server_ref(server);
}

/* Its connections are not used again; the idle ones, before `doomed`. */
static struct imap_conn *
account_retire(struct account *account, struct imap_conn *doomed)
{
	struct imap_conn *list = account_unlink_all(account);

	account->generation++;
	while (list != NULL) {
		struct imap_conn *next = list->next;

		list->next = doomed;
		doomed = list;
		list = next;
	}
	account_free_unused(account);
	return doomed;
}

/*
 * A reload changed what protects the way to this server: connections made
 * before it end, while the sessions go on.
 */
static struct imap_conn *
account_outdate(struct accounts *accounts, const struct mail_server *server,
    struct str login)
{
	struct account *at =
	    accounts->buckets[account_bucket(server->base, login)];
	struct imap_conn *doomed = NULL;

	for (struct account *after = NULL; at != NULL; at = after) {
		after = at->next;
		if (str_eq(at->login, login) &&
		    strcmp(at->server->base, server->base) == 0 &&
		    strcmp(at->server->key, server->key) != 0)
			doomed = account_retire(at, doomed);
	}
	return doomed;
}

enum err_code
account_get(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password, struct account **out,
    struct err *err)
{
	struct account *account;
	struct imap_conn *doomed = NULL;

	lock_take(&accounts->lock);
	account = account_find(accounts, server, login, password);
	if (account == NULL) {
		doomed = account_outdate(accounts, server, login);
		account = account_make(accounts, server, login, password, err);
		if (account != NULL)
			account->sessions = 1;
	}
	if (account != NULL) {
		account->refs++;
		account_renew_server(account, server);
	}
	lock_give(&accounts->lock);
	account_close_all(doomed);
	*out = account;
	return account == NULL ? ERR_NO_MEMORY : ERR_OK;
}

void
account_ref(struct account *account)
{
	lock_take(&account->owner->lock);
	account->refs++;
	lock_give(&account->owner->lock);
}

void
account_unref(struct account *account)
{
	struct accounts *accounts;

	if (account == NULL)
		return;
	accounts = account->owner;
	lock_take(&accounts->lock);
	account->refs--;
	account_free_unused(account);
	lock_give(&accounts->lock);
}

/* ---- login and log off ---- */
/* Other passwords of this login must prove themselves anew. */
static struct imap_conn *
account_replace_others(struct account *account)
{
	struct account *at = account->owner->buckets[account_bucket(
	    account->server->base, account->login)];
	struct imap_conn *doomed = NULL;

	for (struct account *after = NULL; at != NULL; at = after) {
		after = at->next;
		if (at != account &&
		    account_is(at, account->server, account->login))
			doomed = account_retire(at, doomed);
	}
	return doomed;
}

static struct account *
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
account_join(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password, struct imap_conn *conn,
    struct imap_conn **out_doomed, struct err *err)
{
	struct account *account =
	    account_find(accounts, server, login, password);
	struct imap_conn *surplus;

	if (account == NULL)
		account = account_make(accounts, server, login, password, err);
	if (account == NULL)
		return NULL;
	account->refs++;
	account->sessions++;
	account->is_refused = false;
	account_renew_server(account, server);
	account->connections++;
	conn->account = account;
	conn->generation = account->generation;
	account->login_failures = 0;
	account_link(conn);
	*out_doomed = account_replace_others(account);
	surplus = account_unlink_surplus(account);
	while (surplus != NULL) {
		struct imap_conn *next = surplus->next;

		surplus->next = *out_doomed;
		*out_doomed = surplus;
		surplus = next;
	}
	return account;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
account_login(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password,
    const struct mail_wait *wait, struct account **out, struct err *err)
{
	struct imap_conn *conn = NULL;
	struct imap_conn *doomed = NULL;
	struct accounts_server *at = NULL;
	enum err_code rc = accounts_wait_room(accounts, server, wait, &at, err);

	*out = NULL;
	if (rc != ERR_OK)
		return rc;
	rc = account_open(accounts, server, login, password, wait, &conn, err);
	lock_take(&accounts->lock);
	if (rc == ERR_OK) {
		*out = account_join(
		    accounts, server, login, password, conn, &doomed, err);
		if (*out == NULL) {
			rc = ERR_NO_MEMORY;
			doomed = conn;
		}
	}
	if (rc != ERR_OK)
		accounts_unreserve(accounts, at);
	lock_cond_broadcast(&accounts->freed);
	lock_give(&accounts->lock);
	account_close_all(doomed);
	return rc;
}

void
account_log_off(
    struct accounts *accounts, struct mail_server *server, struct str login)
{
	struct imap_conn *doomed[8] = {0};
	size_t count = 0;
	struct account *next;

	lock_take(&accounts->lock);
	for (struct account *at =
	         accounts->buckets[account_bucket(server->base, login)];
	     at != NULL && count < 8; at = next) {
		next = at->next;
		if (!account_is(at, server, login))
			continue;
		if (at->sessions > 0)
			at->sessions--;
		if (at->sessions > 0)
			continue;
		at->generation++;
		account_answers_forget(&accounts->answers, &at->answers);
		account_folders_forget(&at->folders);
		account_counts_forget(&at->counts, ACCOUNT_CHANGE_SPACE);
		imap_cache_forget(&accounts->rows, &at->rows);
		doomed[count++] = account_unlink_all(at);
		account_free_unused(at);
	}
	lock_give(&accounts->lock);
	for (size_t i = 0; i < count; i++)
		account_close_all(doomed[i]);
}

struct str
account_login_name(const struct account *account)
{
	return account->login;
}

const struct mail_server *
account_server(const struct account *account)
{
	const struct mail_server *server;

	lock_take(&account->owner->lock);
	server = account->server;
	lock_give(&account->owner->lock);
	return server;
}
