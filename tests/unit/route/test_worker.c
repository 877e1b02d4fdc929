#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>

#include "base/lock.h"
#include "route/worker.h"

#define JOBS 64

struct job {
	uint64_t user;
	bool is_running, is_done, is_dropped, was_canceled;
	bool may_end;
	bool waits_for_cancel;
};

struct world {
	struct workers *workers;
	struct lock lock; /* guards all */
	struct lock_cond change;
	struct job jobs[JOBS];
	unsigned running, most_running, done, dropped;
};

static void
run(void *ctx, void *job_ptr, struct cancel *cancel)
{
	struct world *world = ctx;
	struct job *job = job_ptr;

	lock_take(&world->lock);
	job->is_running = true;
	world->running++;
	if (world->running > world->most_running)
		world->most_running = world->running;
	lock_cond_broadcast(&world->change);
	if (job->waits_for_cancel) {
		struct pollfd poll_fd = {
		    .fd = cancel_descriptor(cancel), .events = POLLIN};

		lock_give(&world->lock);
		assert_int_equal(poll(&poll_fd, 1, 8000), 1);
		lock_take(&world->lock);
	}
	job->was_canceled = cancel_is_fired(cancel);
	while (!job->may_end && !job->waits_for_cancel)
		lock_cond_wait(&world->change, &world->lock);
	job->is_running = false;
	job->is_done = true;
	world->running--;
	world->done++;
	lock_cond_broadcast(&world->change);
	lock_give(&world->lock);
}

static void
drop(void *ctx, void *job_ptr)
{
	struct world *world = ctx;
	struct job *job = job_ptr;

	lock_take(&world->lock);
	job->is_dropped = true;
	world->dropped++;
	lock_give(&world->lock);
}

static void
start(struct world *world, unsigned count, unsigned queue_limit)
{
	struct worker_settings settings = {.count = count,
	    .queue_limit = queue_limit,
	    .run = run,
	    .drop = drop,
	    .ctx = world};
	struct err err = ERR_NONE;

	*world = (struct world){0};
	lock_init(&world->lock);
	lock_cond_init(&world->change);
	assert_int_equal(workers_new(&settings, &world->workers, &err), ERR_OK);
}

static void
let_end(struct world *world, unsigned job)
{
	lock_take(&world->lock);
	world->jobs[job].may_end = true;
	lock_cond_broadcast(&world->change);
	lock_give(&world->lock);
}

static void
stop(struct world *world)
{
	for (unsigned i = 0; i < JOBS; i++)
		let_end(world, i);
	workers_free(world->workers);
	lock_cond_end(&world->change);
	lock_end(&world->lock);
}

static void
await_running(struct world *world, unsigned job)
{
	lock_take(&world->lock);
	while (!world->jobs[job].is_running)
		assert_true(
		    lock_cond_wait_ms(&world->change, &world->lock, 8000));
	lock_give(&world->lock);
}

static void
await_done(struct world *world, unsigned count)
{
	lock_take(&world->lock);
	while (world->done < count)
		assert_true(
		    lock_cond_wait_ms(&world->change, &world->lock, 8000));
	lock_give(&world->lock);
}

static bool
submit(struct world *world, unsigned job, uint64_t user, uint64_t site)
{
	return workers_submit(world->workers, &world->jobs[job], user, site);
}

static void
test_queue_is_bounded(void **state)
{
	struct world world;

	(void)state;
	start(&world, 1, 4);
	assert_true(submit(&world, 0, 0, 0));
	await_running(&world, 0);
	for (unsigned i = 1; i <= 4; i++)
		assert_true(submit(&world, i, 0, 0));
	assert_false(submit(&world, 5, 0, 0));
	let_end(&world, 0);
	await_running(&world, 1);
	assert_true(submit(&world, 5, 0, 0));
	for (unsigned i = 0; i <= 5; i++)
		let_end(&world, i);
	await_done(&world, 6);
	stop(&world);
}

/* Eight workers: a user has two of them; another's job passes his. */
static void
test_user_share(void **state)
{
	struct world world;

	(void)state;
	start(&world, 8, 40);
	for (unsigned i = 0; i < 10; i++)
		assert_true(submit(&world, i, 7, 0));
	await_running(&world, 0);
	await_running(&world, 1);
	assert_true(submit(&world, 10, 8, 0));
	await_running(&world, 10);
	lock_take(&world.lock);
	assert_int_equal(world.running, 3);
	lock_give(&world.lock);
	let_end(&world, 0);
	await_running(&world, 2);
	for (unsigned i = 0; i <= 10; i++)
		let_end(&world, i);
	await_done(&world, 11);
	assert_true(world.most_running <= 3);
	stop(&world);
}

/* And of the queue's places a quarter. */
static void
test_user_places(void **state)
{
	struct world world;

	(void)state;
	start(&world, 4, 16);
	assert_true(submit(&world, 0, 7, 0));
	await_running(&world, 0);
	for (unsigned i = 1; i <= 4; i++)
		assert_true(submit(&world, i, 7, 0));
	assert_false(submit(&world, 5, 7, 0));
	assert_true(submit(&world, 6, 8, 0));
	await_running(&world, 6);
	stop(&world);
	assert_int_equal(world.done + world.dropped, 6);
}

/* A mail server that hangs holds half of the workers, whoever asks. */
static void
test_site_share(void **state)
{
	struct world world;

	(void)state;
	start(&world, 8, 100);
	for (unsigned i = 0; i < 8; i++)
		assert_true(submit(&world, i, 100 + i, 5));
	for (unsigned i = 0; i < 4; i++)
		await_running(&world, i);
	assert_true(submit(&world, 20, 7, 6));
	await_running(&world, 20);
	assert_true(submit(&world, 21, 7, 0));
	await_running(&world, 21);
	lock_take(&world.lock);
	assert_int_equal(world.running, 6);
	lock_give(&world.lock);
	let_end(&world, 2);
	await_running(&world, 4);
	stop(&world);
}

/* What runs is canceled, what waits is dropped, nothing new is taken. */
static void
test_stop(void **state)
{
	struct world world;

	(void)state;
	start(&world, 2, 10);
	world.jobs[0].waits_for_cancel = true;
	world.jobs[1].waits_for_cancel = true;
	assert_true(submit(&world, 0, 0, 0));
	assert_true(submit(&world, 1, 0, 0));
	await_running(&world, 0);
	await_running(&world, 1);
	assert_true(submit(&world, 2, 0, 0));
	assert_true(submit(&world, 3, 9, 9));
	workers_stop(world.workers);
	assert_true(world.jobs[0].was_canceled);
	assert_true(world.jobs[1].was_canceled);
	assert_true(world.jobs[2].is_dropped);
	assert_true(world.jobs[3].is_dropped);
	assert_false(submit(&world, 4, 0, 0));
	stop(&world);
}

/* One worker: its cancel is fresh for each job. */
static void
test_cancel_is_reset(void **state)
{
	struct world world;

	(void)state;
	start(&world, 1, 10);
	for (unsigned i = 0; i < 3; i++) {
		world.jobs[i].may_end = true;
		assert_true(submit(&world, i, 0, 0));
	}
	await_done(&world, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_false(world.jobs[i].was_canceled);
	stop(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queue_is_bounded),
	    cmocka_unit_test(test_user_share),
	    cmocka_unit_test(test_user_places),
	    cmocka_unit_test(test_site_share),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_cancel_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
