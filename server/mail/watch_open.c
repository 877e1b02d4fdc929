#include "base/log.h"
#include "mail/imap_batch.h"
#include "mail/watch_inside.h"
#include "os/clock.h"

#define WATCH_FIRST_MS ((int64_t)500)
#define WATCH_MOST_MS  ((int64_t)120000)
/* A server without IDLE is not asked again whether it has learned it. */
#define WATCH_NO_IDLE_MS ((int64_t)600000)

void
watch_postpone(struct watch_target *target, int64_t now_ms)
{
	int64_t wait_ms = WATCH_FIRST_MS;
	unsigned char jitter;

	for (unsigned i = 0; i < target->failures && wait_ms < WATCH_MOST_MS;
	     i++)
		wait_ms *= 2;
	if (wait_ms > WATCH_MOST_MS)
		wait_ms = WATCH_MOST_MS;
	target->failures++;
	secret_fill_random(&jitter, 1);
	target->stage = WATCH_WAITING;
	target->due_ms = now_ms + wait_ms / 2 + wait_ms / 2 * jitter / 255;
}

/* ---- opening; the lock is not held ---- */
static enum err_code
open_folder(struct imap_conn *conn, struct str folder, struct arena *arena,
    struct err *err)
{
	struct imap_batch batch;
	enum err_code rc;

	imap_batch_init(&batch, conn, NULL, NULL);
	/* SELECT would take the marks of new mail from other programs. */
	imap_write_begin(&batch.writer, "EXAMINE ");
	imap_write_string(&batch.writer, folder);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, arena, err);
	if (rc == ERR_OK && !imap_batch_is_ok(&batch, 0))
		rc = err_set(err, ERR_NOT_FOUND, NULL, "EXAMINE refused");
	imap_batch_end(&batch);
	return rc;
}

static enum err_code
open_conn(struct watch_target *target, struct mail_server *server,
    struct imap_conn **out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(64 << 10);
	struct mail_watch *watch = target->watch;
	struct account *account = target->account;
	struct mail_wait wait = {.cancel = watch->cancel};
	enum err_code rc = ERR_NO_MEMORY;

	wait.deadline_mono_ms = clock_mono_ms() + server->cfg->connect_wait_ms +
	                        server->cfg->imap_wait_ms;
	if (arena != NULL)
		rc = account_open(watch->accounts, server, account->login,
		    &account->password, &wait, out, err);
	if (rc != ERR_OK)
		return rc;
	imap_conn_begin(*out, &wait);
	rc = open_folder(*out, target->wire, arena, err);
	imap_conn_end(*out);
	if (rc == ERR_OK)
		return ERR_OK;
	imap_conn_close(*out);
	*out = NULL;
	return rc;
}

/* What the account is now: its server, counted; NULL: not to be tried. */
static struct mail_server *
open_server(const struct account *account, uint32_t *out_generation)
{
	struct accounts *accounts = account->owner;
	struct mail_server *server = NULL;

	lock_take(&accounts->lock);
	if (!account->is_refused)
		server = mail_server_ref(account->server);
	*out_generation = account->generation;
	lock_give(&accounts->lock);
	return server;
}

/* ---- the queue; the lock is held ---- */
/* Is there an opener free for this target's server? */
static bool
open_may(const struct mail_watch *watch, const struct watch_target *target)
{
	struct accounts *accounts = watch->accounts;
	unsigned count = 0;

	lock_take(&accounts->lock);
	for (unsigned i = 0; i < WATCH_OPENERS; i++)
		count += watch->serving[i] != NULL &&
		         strcmp(watch->serving[i],
		             target->account->server->key) == 0;
	lock_give(&accounts->lock);
	return count < WATCH_SERVER_SHARE;
}

static struct watch_target *
open_pick(struct mail_watch *watch)
{
	int64_t now_ms = clock_mono_ms();
	struct watch_target *target = watch->queue;

	while (target != NULL) {
		struct watch_target *next = target->next_open;

		if (watch_is_over(target, now_ms)) {
			/* No login for nobody; the watch thread frees it. */
			watch_unqueue(target);
			watch_wake(watch);
		} else if (open_may(watch, target)) {
			watch_unqueue(target);
			target->stage = WATCH_OPENING;
			return target;
		}
		target = next;
	}
	return NULL;
}

static void
open_done(struct watch_target *target, struct imap_conn *conn, enum err_code rc)
{
	struct mail_watch *watch = target->watch;
	int64_t now_ms = clock_mono_ms();

	target->conn = conn;
	target->stage = WATCH_OPENED;
	if (rc != ERR_OK) {
		metric_add(watch->metric_failed, 1);
		watch_postpone(target, now_ms);
		/* Trying again would not help. */
		if (rc == ERR_LOGIN || rc == ERR_NOT_FOUND)
			target->due_ms = INT64_MAX;
	} else if (!imap_conn_has(conn, IMAP_CAP_IDLE) &&
	           watch->settings.poll_ms == 0) {
		watch_postpone(target, now_ms);
		target->due_ms = now_ms + WATCH_NO_IDLE_MS;
	}
	watch_wake(watch);
}

/* Takes the next target and works at it; the lock is given meanwhile. */
static void
open_one(struct mail_watch *watch, unsigned number, struct watch_target *target)
{
	struct mail_server *server;
	struct imap_conn *conn = NULL;
	uint32_t generation = 0;
	struct err err = ERR_NONE;
	enum err_code rc = ERR_LOGIN;

	server = open_server(target->account, &generation);
	watch->serving[number] = server == NULL ? NULL : server->key;
	lock_give(&watch->lock);
	if (server != NULL)
		rc = open_conn(target, server, &conn, &err);
	if (conn != NULL)
		conn->generation = generation;
	if (rc != ERR_OK && rc != ERR_CANCELED)
		log_event(LOG_INFO, "watch.failed",
		    LOG_STR("login", target->account->login),
		    LOG_C("reason", err_name(rc)), LOG_C("detail", err.detail));
	lock_take(&watch->lock);
	watch->serving[number] = NULL;
	open_done(target, conn, rc);
	/* Others may have waited for this server's share. */
	lock_cond_broadcast(&watch->due);
	lock_give(&watch->lock);
	mail_server_unref(server);
	lock_take(&watch->lock);
}

void *
watch_opener(void *ctx)
{
	struct mail_watch *watch = ctx;
	unsigned number = 0;

	lock_take(&watch->lock);
	while (!pthread_equal(watch->openers[number], pthread_self()))
		number++;
	while (!watch->is_stopping) {
		struct watch_target *target = open_pick(watch);

		if (target != NULL)
			open_one(watch, number, target);
		else
			lock_cond_wait(&watch->due, &watch->lock);
	}
	lock_give(&watch->lock);
	return NULL;
}
