#include "page/post_office_inside.h"

#include "os/cancel.h"
#include "os/clock.h"

/* Another node may have changed a time; clocks may have jumped. */
#define POST_LOOK_MS 30000
/* How often the spool is looked through, and how old its files then are. */
#define POST_SWEEP_MS    ((int64_t)60 * 60000)
#define POST_SWEEP_AGE_S ((int64_t)2 * 3600)
/* After trouble with the database. */
#define POST_REST_MS 5000

/* ---- who may be served ----------------------------------------------------
 */

static unsigned
post_count(const struct post_office *office, const char *name, bool is_account)
{
	unsigned count = 0;

	for (size_t i = 0; i < POST_WORKERS; i++) {
		const struct post_worker *worker = &office->workers[i];

		count += strcmp(is_account ? worker->account : worker->server,
		             name) == 0;
	}
	return count;
}

/* Under the lock: who has his share already, by names that stay. */
static void
post_resting(const struct post_office *office, struct arena *arena,
    struct store_outbox_ask *ask)
{
	size_t count = 0;

	for (size_t i = 0; i < POST_WORKERS; i++) {
		const struct post_worker *worker = &office->workers[i];
		bool is_known = false;

		if (worker->account[0] == '\0')
			continue;
		if (post_count(office, worker->server, false) >=
		    POST_SERVER_SHARE)
			ask->server = str_dup(arena, str_c(worker->server));
		for (size_t j = 0; j < count; j++)
			is_known = is_known || str_eq(ask->accounts[j],
			                           str_c(worker->account));
		if (!is_known && count < STORE_OUTBOX_RESTING &&
		    post_count(office, worker->account, true) >=
		        POST_ACCOUNT_SHARE)
			ask->accounts[count++] =
			    str_dup(arena, str_c(worker->account));
	}
}

/* Under the lock: whom a worker works for. */
static void
post_set(struct post_worker *worker, const struct store_outbox *row)
{
	struct str server = row == NULL ? STR("") : row->server;
	struct str account = row == NULL ? STR("") : row->account;

	(void)snprintf(
	    worker->server, sizeof(worker->server), "%.*s", STR_ARG(server));
	(void)snprintf(
	    worker->account, sizeof(worker->account), "%.*s", STR_ARG(account));
}

/* ---- looking --------------------------------------------------------------
 */

/* Not under the lock. ERR_NOT_FOUND: *out_wait_ms is how long to sleep. */
static enum err_code
post_find(struct post_office *office, const struct store_outbox_ask *ask,
    struct arena *arena, struct store_outbox *out, int64_t *out_wait_ms)
{
	struct store *store = office->app->store;
	int64_t next_ms = 0;
	struct err err = ERR_NONE;
	bool won = false;
	enum err_code rc =
	    store_outbox_due(store, ask, arena, out, &next_ms, &err);

	*out_wait_ms = POST_LOOK_MS;
	if (rc == ERR_OK)
		rc = store_outbox_claim(store, out, &won, &err);
	if (rc == ERR_OK && !won) {
		/* Taken back in this moment: look again. */
		*out_wait_ms = 0;
		return ERR_NOT_FOUND;
	}
	if (rc == ERR_NOT_FOUND && next_ms - ask->now_ms < POST_LOOK_MS)
		*out_wait_ms = next_ms - ask->now_ms;
	if (rc != ERR_OK && rc != ERR_NOT_FOUND) {
		log_event(LOG_ERROR, "outbox.look",
		    LOG_C("reason", err_name(rc)), LOG_C("detail", err.detail));
		*out_wait_ms = POST_REST_MS;
	}
	return rc;
}

/* Files of messages that somebody took back on another node. */
static void
post_sweep(struct post_office *office, struct arena *arena)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms < office->sweep_mono_ms)
		return;
	office->sweep_mono_ms = now_ms + POST_SWEEP_MS;
	outbox_sweep(office->app->store, office->app->spool_folder,
	    office->app->node, clock_now_s() - POST_SWEEP_AGE_S, arena);
}

static void
post_measure(struct post_office *office)
{
	uint64_t rows = 0;

	if (store_outbox_rows(
	        office->app->store, office->app->node, &rows, NULL) == ERR_OK)
		metric_set(office->waiting, (int64_t)rows);
}

/*
 * Under the lock, which is given and taken: the next row, claimed. False: the
 * office closes. One worker looks and sleeps until the next is due; the
 * others wait for it to find something.
 */
static bool
post_next(
    struct post_worker *worker, struct arena *arena, struct store_outbox *out)
{
	struct post_office *office = worker->office;
	bool is_found = false;

	while (!office->is_stopping && office->is_looking)
		lock_cond_wait(&office->event, &office->lock);
	office->is_looking = true;
	while (!office->is_stopping && !is_found) {
		struct store_outbox_ask ask = {
		    .node = office->app->node, .now_ms = clock_now_ms()};
		uint64_t wakes = office->wakes;
		int64_t wait_ms = 0;

		arena_reset(arena);
		post_resting(office, arena, &ask);
		lock_give(&office->lock);
		post_sweep(office, arena);
		post_measure(office);
		is_found =
		    post_find(office, &ask, arena, out, &wait_ms) == ERR_OK;
		lock_take(&office->lock);
		if (!is_found && !office->is_stopping &&
		    wakes == office->wakes && wait_ms > 0)
			(void)lock_cond_wait_ms(
			    &office->event, &office->lock, wait_ms);
	}
	if (is_found)
		post_set(worker, out);
	office->is_looking = false;
	/* Somebody else looks on. */
	lock_cond_broadcast(&office->event);
	return is_found;
}

static void *
post_worker_run(void *ctx)
{
	struct post_worker *worker = ctx;
	struct post_office *office = worker->office;
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct store_outbox row = {.tries = 0};

	if (arena == NULL)
		return NULL;
	log_set_request(STR("outbox"));
	lock_take(&office->lock);
	while (post_next(worker, arena, &row)) {
		lock_give(&office->lock);
		post_run(office, worker->cancel, &row, arena);
		lock_take(&office->lock);
		post_set(worker, NULL);
		/* Not after the stop has fired it. */
		if (!office->is_stopping)
			cancel_reset(worker->cancel);
		/* Its share is free, and the row may be due again. */
		office->wakes++;
		lock_cond_broadcast(&office->event);
	}
	lock_give(&office->lock);
	arena_free(arena);
	return NULL;
}

/* ---- the office ------------------------------------------------------------
 */

static void
post_make_metrics(struct post_office *office, struct metrics *metrics)
{
	office->waiting = metrics_gauge(metrics, "iwebmsg_outbox_waiting",
	    "Messages in the outbox of this node", NULL);
	office->sent = metrics_counter(metrics, "iwebmsg_outbox_sent_total",
	    "Messages the mail server took", NULL);
	office->returned =
	    metrics_counter(metrics, "iwebmsg_outbox_returned_total",
	        "Messages that came back to their writers", NULL);
	office->retried =
	    metrics_counter(metrics, "iwebmsg_outbox_retried_total",
	        "Times that sending or copying was put off", NULL);
	office->unsure = metrics_counter(metrics, "iwebmsg_outbox_unsure_total",
	    "Messages of which the answer to the final dot was lost", NULL);
}

static enum err_code
post_start_threads(struct post_office *office, struct err *err)
{
	for (unsigned i = 0; i < POST_WORKERS; i++) {
		struct post_worker *worker = &office->workers[i];

		worker->office = office;
		worker->cancel = cancel_new(err);
		if (worker->cancel == NULL)
			return ERR_INTERNAL;
		if (pthread_create(
		        &worker->thread, NULL, post_worker_run, worker) != 0)
			return err_set(err, ERR_NO_MEMORY,
			    "The threads of the outbox could not be started.",
			    "pthread_create");
		worker->is_started = true;
	}
	return ERR_OK;
}

enum err_code
post_office_start(struct app *app, struct err *err)
{
	struct post_office *office = calloc(1, sizeof(*office));

	if (office == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	office->app = app;
	/* The start has looked through it. */
	office->sweep_mono_ms = clock_mono_ms() + POST_SWEEP_MS;
	lock_init(&office->lock);
	lock_cond_init(&office->event);
	post_make_metrics(office, app->metrics);
	app->office = office;
	return post_start_threads(office, err);
}

void
post_office_wake(struct app *app)
{
	struct post_office *office = app->office;

	if (office == NULL)
		return;
	lock_take(&office->lock);
	office->wakes++;
	lock_cond_broadcast(&office->event);
	lock_give(&office->lock);
}

void
post_office_stop(struct app *app)
{
	struct post_office *office = app->office;

	if (office == NULL)
		return;
	lock_take(&office->lock);
	office->is_stopping = true;
	for (size_t i = 0; i < POST_WORKERS; i++)
		if (office->workers[i].is_started)
			cancel_fire(office->workers[i].cancel);
	lock_cond_broadcast(&office->event);
	lock_give(&office->lock);
	for (size_t i = 0; i < POST_WORKERS; i++) {
		if (office->workers[i].is_started)
			(void)pthread_join(office->workers[i].thread, NULL);
		cancel_free(office->workers[i].cancel);
	}
	lock_cond_end(&office->event);
	lock_end(&office->lock);
	app->office = NULL;
	free(office);
}
