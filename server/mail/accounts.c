#include "mail/account.h"
#include "os/clock.h"

static void
accounts_count_rows(struct imap_cache *rows, struct metrics *metrics)
{
	rows->metric_kept = metrics_counter(metrics, "iwebmsg_list_rows_total",
	    "Rows of lists, from memory or whole from the mail server",
	    "from=\"memory\"");
	rows->metric_came = metrics_counter(metrics, "iwebmsg_list_rows_total",
	    "Rows of lists, from memory or whole from the mail server",
	    "from=\"server\"");
	rows->metric_bytes = metrics_gauge(metrics, "iwebmsg_list_memory_bytes",
	    "Memory for rows of lists", NULL);
}

enum err_code
accounts_new(const struct config *cfg, struct metrics *metrics,
    struct accounts **out, struct err *err)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	*out = NULL;
	if (accounts == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "accounts");
	lock_init(&accounts->lock);
	lock_cond_init(&accounts->freed);
	account_answers_init(&accounts->answers);
	imap_cache_init(&accounts->rows);
	if (metrics != NULL) {
		accounts->metric_connections = metrics_gauge(metrics,
		    "iwebmsg_imap_connections", "Open IMAP connections", NULL);
		accounts->metric_connects =
		    metrics_counter(metrics, "iwebmsg_imap_connects_total",
		        "IMAP connections made and logged in", NULL);
		accounts->metric_refused =
		    metrics_counter(metrics, "iwebmsg_imap_refused_total",
		        "Logins the IMAP server refused", NULL);
		accounts->metric_failed =
		    metrics_counter(metrics, "iwebmsg_imap_failed_total",
		        "IMAP servers not reached or not trusted", NULL);
	}
	if (metrics != NULL)
		accounts_count_rows(&accounts->rows, metrics);
	accounts_configure(accounts, cfg);
	*out = accounts;
	return ERR_OK;
}

void
accounts_configure(struct accounts *accounts, const struct config *cfg)
{
	lock_take(&accounts->lock);
	accounts->max_per_account = cfg->imap_connections_per_user;
	accounts->max_connections = cfg->imap_connections;
	accounts->idle_close_ms = cfg->imap_idle_close_ms;
	lock_cond_broadcast(&accounts->freed);
	lock_give(&accounts->lock);
	atomic_store(&accounts->folder_counts_ms, cfg->folder_counts_ms);
	account_answers_limit(
	    &accounts->answers, (size_t)cfg->message_memory_bytes);
	imap_cache_limit(&accounts->rows, (size_t)cfg->list_memory_bytes);
}

/* ---- looking after ---- */
/* Those kept only for their failures, or busy servers; the lock is held. */
static void
accounts_drop_unused(struct accounts *accounts)
{
	for (size_t i = 0; i < ACCOUNT_BUCKETS; i++) {
		struct account *next;

		for (struct account *at = accounts->buckets[i]; at != NULL;
		     at = next) {
			next = at->next;
			if (at->login_failures > 0 ||
			    at->stay_until_mono_ms != 0)
				account_free_unused(at);
		}
	}
}

void
accounts_tick(struct accounts *accounts)
{
	struct imap_conn *doomed = NULL;
	int64_t now = clock_mono_ms();
	int64_t idle_ms;

	lock_take(&accounts->lock);
	idle_ms = accounts->idle_close_ms;
	while (accounts->idle_oldest != NULL &&
	       now - accounts->idle_oldest->used_mono_ms >=
	           accounts->idle_close_ms) {
		struct imap_conn *conn = accounts->idle_oldest;
		struct account *account = conn->account;

		account_unlink(conn);
		account_release(account);
		conn->next = doomed;
		doomed = conn;
	}
	accounts_drop_unused(accounts);
	for (struct account_pause **at = &accounts->pauses; *at != NULL;) {
		struct account_pause *pause = *at;

		if (now - pause->until_mono_ms < ACCOUNT_PAUSE_KEPT_MS) {
			at = &pause->next;
			continue;
		}
		*at = pause->next;
		free(pause);
	}
	lock_give(&accounts->lock);
	account_close_all(doomed);
	account_answers_expire(&accounts->answers, now - idle_ms);
	imap_cache_expire(&accounts->rows, now - idle_ms);
}

void
accounts_free(struct accounts *accounts)
{
	if (accounts == NULL)
		return;
	for (size_t i = 0; i < ACCOUNT_BUCKETS; i++) {
		while (accounts->buckets[i] != NULL) {
			struct account *account = accounts->buckets[i];

			accounts->buckets[i] = account->next;
			account_close_all(account_unlink_all(account));
			account_end(account);
		}
	}
	while (accounts->pauses != NULL) {
		struct account_pause *pause = accounts->pauses;

		accounts->pauses = pause->next;
		free(pause);
	}
	while (accounts->servers != NULL) {
		struct accounts_server *server = accounts->servers;

		accounts->servers = server->next;
		free(server);
	}
	account_answers_end(&accounts->answers);
	imap_cache_end(&accounts->rows);
	lock_cond_end(&accounts->freed);
	lock_end(&accounts->lock);
	free(accounts);
}
