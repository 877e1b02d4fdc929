#include "route/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/lock.h"

/*
 * Keys are counted in this many slots: two users who share one share their
 * share. More than there can be workers, so that it is rare.
 */
#define KEY_SLOTS 4096u

struct queued {
	struct queued *next;
	void *job;
	unsigned user, site; /* slots; KEY_SLOTS: not counted */
};

struct worker {
	struct workers *workers;
	struct cancel *cancel;
	pthread_t thread;
	struct lock_cond work;
	struct worker *below; /* of the idle ones */
	bool is_idle;
	bool is_started;
};

struct workers {
	struct worker_settings settings;
	struct worker *list;
	unsigned user_share, site_share, user_places;
	struct metric *waiting_gauge, *busy_gauge, *refused;
	struct lock lock; /* guards all below, and who is idle */
	/* The last to become idle is the first to work: its memory is warm. */
	struct worker *idle;
	struct queued *queue; /* settings.queue_limit places; owned */
	struct queued *free;
	struct queued *first;
	struct queued **last;
	unsigned waiting;
	uint16_t user_runs[KEY_SLOTS + 1];
	uint16_t site_runs[KEY_SLOTS + 1];
	uint32_t user_waits[KEY_SLOTS + 1];
	bool is_stopping;
};

static unsigned
slot_of(uint64_t key)
{
	return key == 0 ? KEY_SLOTS : (unsigned)(key % KEY_SLOTS);
}

static bool
may_run(const struct workers *workers, const struct queued *queued)
{
	if (workers->is_stopping)
		return true;
	return (queued->user == KEY_SLOTS ||
	           workers->user_runs[queued->user] < workers->user_share) &&
	       (queued->site == KEY_SLOTS ||
	           workers->site_runs[queued->site] < workers->site_share);
}

/* Under the lock: the first that may run, taken off the queue. */
static bool
take_job(struct workers *workers, struct queued *out)
{
	struct queued **link = &workers->first;

	while (*link && !may_run(workers, *link))
		link = &(*link)->next;
	if (!*link)
		return false;
	*out = **link;
	(*link)->next = workers->free;
	workers->free = *link;
	*link = out->next;
	if (!*link)
		workers->last = link;
	workers->waiting--;
	workers->user_waits[out->user]--;
	workers->user_runs[out->user]++;
	workers->site_runs[out->site]++;
	return true;
}

static void
run_job(struct worker *worker, const struct queued *queued, bool is_stopping)
{
	struct workers *workers = worker->workers;
	const struct worker_settings *settings = &workers->settings;

	metric_add(workers->waiting_gauge, -1);
	metric_add(workers->busy_gauge, 1);
	if (is_stopping)
		settings->drop(settings->ctx, queued->job);
	else
		settings->run(settings->ctx, queued->job, worker->cancel);
	metric_add(workers->busy_gauge, -1);
}

/* Under the lock: somebody to wake by worker_wake, or NULL. */
static struct worker *
take_idle(struct workers *workers)
{
	struct worker *worker = workers->idle;

	if (worker) {
		workers->idle = worker->below;
		worker->is_idle = false;
	}
	return worker;
}

/* Best without the lock, which it would only wait for. */
static void
worker_wake(struct worker *worker)
{
	if (worker)
		lock_cond_signal(&worker->work);
}

/* Under the lock. */
static void
worker_rest(struct worker *worker)
{
	struct workers *workers = worker->workers;

	worker->below = workers->idle;
	workers->idle = worker;
	worker->is_idle = true;
	while (worker->is_idle)
		lock_cond_wait(&worker->work, &workers->lock);
}

static void *
worker_run(void *ctx)
{
	struct worker *worker = ctx;
	struct workers *workers = worker->workers;
	struct queued queued;

	lock_take(&workers->lock);
	for (;;) {
		bool is_stopping;

		if (!take_job(workers, &queued)) {
			if (workers->is_stopping)
				break;
			worker_rest(worker);
			continue;
		}
		is_stopping = workers->is_stopping;
		lock_give(&workers->lock);
		run_job(worker, &queued, is_stopping);
		lock_take(&workers->lock);
		workers->user_runs[queued.user]--;
		workers->site_runs[queued.site]--;
		/* Not after the stop has fired it. */
		if (!workers->is_stopping)
			cancel_reset(worker->cancel);
		/* Its share is free: maybe for more than we take. */
		if (workers->first)
			worker_wake(take_idle(workers));
	}
	lock_give(&workers->lock);
	return NULL;
}

static unsigned
share_of(unsigned count, unsigned part)
{
	return count / part > 0 ? count / part : 1;
}

static void
make_metrics(struct workers *workers, struct metrics *metrics)
{
	if (!metrics)
		return;
	workers->waiting_gauge = metrics_gauge(metrics, "iwebmsg_queue_waiting",
	    "Requests that wait for a worker", NULL);
	workers->busy_gauge = metrics_gauge(
	    metrics, "iwebmsg_workers_busy", "Workers at work", NULL);
	workers->refused =
	    metrics_counter(metrics, "iwebmsg_queue_refused_total",
	        "Requests answered 503 because the queue was full", NULL);
}

static enum err_code
start_threads(struct workers *workers, struct err *err)
{
	for (unsigned i = 0; i < workers->settings.count; i++) {
		struct worker *worker = &workers->list[i];

		worker->workers = workers;
		lock_cond_init(&worker->work);
		worker->cancel = cancel_new(err);
		if (!worker->cancel)
			return ERR_INTERNAL;
		if (pthread_create(&worker->thread, NULL, worker_run, worker) !=
		    0)
			return err_set(err, ERR_NO_MEMORY,
			    "The worker threads could not be started.",
			    "pthread_create");
		worker->is_started = true;
	}
	return ERR_OK;
}

enum err_code
workers_new(const struct worker_settings *settings, struct workers **out,
    struct err *err)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	enum err_code rc;

	*out = NULL;
	if (!workers)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	ensure(settings->count > 0 && settings->queue_limit > 0);
	workers->settings = *settings;
	workers->user_share = share_of(settings->count, 4);
	workers->site_share = share_of(settings->count, 2);
	workers->user_places = share_of(settings->queue_limit, 4);
	workers->last = &workers->first;
	lock_init(&workers->lock);
	make_metrics(workers, settings->metrics);
	workers->list = calloc(settings->count, sizeof(*workers->list));
	workers->queue = calloc(settings->queue_limit, sizeof(*workers->queue));
	if (!workers->list || !workers->queue) {
		workers_free(workers);
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	}
	for (unsigned i = 0; i < settings->queue_limit; i++) {
		workers->queue[i].next = workers->free;
		workers->free = &workers->queue[i];
	}
	rc = start_threads(workers, err);
	if (rc != ERR_OK)
		workers_free(workers);
	else
		*out = workers;
	return rc;
}

/* Under the lock. */
static bool
put_job(struct workers *workers, void *job, unsigned user, unsigned site)
{
	struct queued *queued = workers->free;

	if (!queued || workers->is_stopping)
		return false;
	if (user != KEY_SLOTS &&
	    workers->user_waits[user] >= workers->user_places)
		return false;
	workers->free = queued->next;
	*queued = (struct queued){.job = job, .user = user, .site = site};
	*workers->last = queued;
	workers->last = &queued->next;
	workers->waiting++;
	workers->user_waits[user]++;
	return true;
}

bool
workers_submit(
    struct workers *workers, void *job, uint64_t user_key, uint64_t site_key)
{
	struct worker *idle = NULL;
	bool taken;

	metric_add(workers->waiting_gauge, 1);
	lock_take(&workers->lock);
	taken = put_job(workers, job, slot_of(user_key), slot_of(site_key));
	if (taken)
		idle = take_idle(workers);
	lock_give(&workers->lock);
	worker_wake(idle);
	if (!taken) {
		metric_add(workers->waiting_gauge, -1);
		metric_add(workers->refused, 1);
	}
	return taken;
}

void
workers_stop(struct workers *workers)
{
	lock_take(&workers->lock);
	workers->is_stopping = true;
	for (unsigned i = 0; workers->list && i < workers->settings.count;
	     i++) {
		if (workers->list[i].is_started)
			cancel_fire(workers->list[i].cancel);
	}
	while (workers->idle)
		worker_wake(take_idle(workers));
	lock_give(&workers->lock);
	for (unsigned i = 0; workers->list && i < workers->settings.count;
	     i++) {
		if (workers->list[i].is_started)
			(void)pthread_join(workers->list[i].thread, NULL);
		workers->list[i].is_started = false;
	}
}

void
workers_free(struct workers *workers)
{
	if (!workers)
		return;
	workers_stop(workers);
	for (unsigned i = 0; workers->list && i < workers->settings.count;
	     i++) {
		if (workers->list[i].workers)
			lock_cond_end(&workers->list[i].work);
		cancel_free(workers->list[i].cancel);
	}
	free(workers->list);
	free(workers->queue);
	lock_end(&workers->lock);
	free(workers);
}

void *
workers_ctx(const struct workers *workers)
{
	return workers->settings.ctx;
}
