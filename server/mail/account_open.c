#include "mail/account.h"
#include "mail/imap_etpan.h"
#include "os/clock.h"

#define PAUSE_FAILURES 3u /* so many are tried at once */
#define PAUSE_FIRST_MS ((int64_t)250)
#define PAUSE_MOST_MS  ((int64_t)2000)

/* ---- servers that cannot be reached ---- */
static struct account_pause *
pause_find(struct accounts *accounts, const char *key)
{
	struct account_pause *at = accounts->pauses;

	while (at != NULL && strcmp(at->key, key) != 0)
		at = at->next;
	return at;
}

static enum err_code
pause_check(struct accounts *accounts, const char *key, struct err *err)
{
	struct account_pause *pause;
	bool is_paused;

	lock_take(&accounts->lock);
	pause = pause_find(accounts, key);
	is_paused = pause != NULL && clock_mono_ms() < pause->until_mono_ms;
	lock_give(&accounts->lock);
	if (is_paused)
		return err_set(err, ERR_AWAY,
		    "The mail server cannot be reached at the moment. Please "
		    "try again in a moment.",
		    "imap: not tried, it failed a moment ago");
	return ERR_OK;
}

int64_t
account_pause_ms(uint32_t failures)
{
	int64_t wait_ms = PAUSE_FIRST_MS;
	unsigned char jitter;

	if (failures < PAUSE_FAILURES)
		return 0;
	for (uint32_t i = PAUSE_FAILURES;
	     i < failures && wait_ms < PAUSE_MOST_MS; i++)
		wait_ms *= 2;
	secret_fill_random(&jitter, 1);
	return wait_ms / 2 + wait_ms / 2 * jitter / 255;
}

static void
pause_note(struct accounts *accounts, const char *key, enum err_code rc)
{
	struct account_pause *pause = pause_find(accounts, key);

	if (rc != ERR_AWAY) {
		if (pause != NULL) {
			pause->failures = 0;
			pause->until_mono_ms = clock_mono_ms();
		}
		return;
	}
	if (pause == NULL) {
		size_t len = strlen(key) + 1;

		pause = calloc(1, sizeof(*pause) + len);
		if (pause == NULL)
			return;
		memcpy(pause->key, key, len);
		pause->next = accounts->pauses;
		accounts->pauses = pause;
	}
	pause->failures++;
	pause->until_mono_ms =
	    clock_mono_ms() + account_pause_ms(pause->failures);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
account_open(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password,
    const struct mail_wait *wait, struct imap_conn **out, struct err *err)
{
	struct imap_conn *conn = NULL;
	enum err_code rc = pause_check(accounts, server->key, err);

	*out = NULL;
	if (rc != ERR_OK)
		return rc;
	rc = server_gate_enter(server, &server->imap, wait, err);
	if (rc != ERR_OK)
		return rc;
	rc = imap_conn_open(server, wait, &conn, err);
	server_gate_leave(server, &server->imap, rc);
	lock_take(&accounts->lock);
	pause_note(accounts, server->key, rc);
	lock_give(&accounts->lock);
	if (rc != ERR_OK) {
		if (rc != ERR_CANCELED)
			metric_add(accounts->metric_failed, 1);
		return rc;
	}
	imap_conn_begin(conn, wait);
	rc = imap_login(conn, login, password, err);
	imap_conn_end(conn);
	if (rc != ERR_OK) {
		if (rc == ERR_LOGIN)
			metric_add(accounts->metric_refused, 1);
		imap_conn_close(conn);
		return rc;
	}
	metric_add(accounts->metric_connects, 1);
	*out = conn;
	return ERR_OK;
}
