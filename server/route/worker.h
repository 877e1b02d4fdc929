#ifndef ROUTE_WORKER_H
#define ROUTE_WORKER_H
/*
 * A bounded pool of threads fed by one bounded queue. Nobody holds more than
 * a share: of one user at most a quarter of the workers run jobs, of one mail
 * server at most half; others' jobs pass the ones that must wait. And of the
 * queue's places one user has at most a quarter.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metrics.h"
#include "os/cancel.h"

struct workers;

struct worker_settings {
	unsigned count;
	unsigned queue_limit;
	/* On a worker. `cancel` is fired when the pool stops. */
	void (*run)(void *ctx, void *job, struct cancel *cancel);
	/* On a worker, instead of run, for what still waits at the stop. */
	void (*drop)(void *ctx, void *job);
	void *ctx;
	struct metrics *metrics; /* borrowed; may be NULL */
};

enum err_code workers_new(const struct worker_settings *settings,
    struct workers **out, struct err *err) WARN_UNUSED;
/*
 * Keys are hashes; 0 is not counted. False: the queue (or the user's part of
 * it) is full or the pool stops; the job stays the caller's. Any thread.
 */
bool workers_submit(
    struct workers *workers, void *job, uint64_t user_key, uint64_t site_key);
/* Cancels what runs, drops what waits, and returns when all threads ended. */
void workers_stop(struct workers *workers);
void workers_free(struct workers *workers); /* stops it first; NULL accepted */
void *workers_ctx(const struct workers *workers);

#endif
