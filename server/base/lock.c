#include "base/lock.h"

#include <errno.h>
#include <time.h>

#include "base/err.h"

void
lock_init(struct lock *lock)
{
	ensure(pthread_mutex_init(&lock->mutex, NULL) == 0);
}

void
lock_end(struct lock *lock)
{
	ensure(pthread_mutex_destroy(&lock->mutex) == 0);
}

void
lock_take(struct lock *lock)
{
	ensure(pthread_mutex_lock(&lock->mutex) == 0);
}

void
lock_give(struct lock *lock)
{
	ensure(pthread_mutex_unlock(&lock->mutex) == 0);
}

void
lock_cond_init(struct lock_cond *cond)
{
	pthread_condattr_t attr;

	ensure(pthread_condattr_init(&attr) == 0);
	ensure(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	ensure(pthread_cond_init(&cond->cond, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
}

void
lock_cond_end(struct lock_cond *cond)
{
	ensure(pthread_cond_destroy(&cond->cond) == 0);
}

void
lock_cond_wait(struct lock_cond *cond, struct lock *lock)
{
	ensure(pthread_cond_wait(&cond->cond, &lock->mutex) == 0);
}

bool
lock_cond_wait_ms(struct lock_cond *cond, struct lock *lock, int64_t wait_ms)
{
	struct timespec until;
	int rc;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	if (wait_ms < 0)
		wait_ms = 0;
	until.tv_sec += (time_t)(wait_ms / 1000);
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	rc = pthread_cond_timedwait(&cond->cond, &lock->mutex, &until);
	ensure(rc == 0 || rc == ETIMEDOUT);
	return rc == 0;
}

void
lock_cond_signal(struct lock_cond *cond)
{
	(void)pthread_cond_signal(&cond->cond);
}

void
lock_cond_broadcast(struct lock_cond *cond)
{
	(void)pthread_cond_broadcast(&cond->cond);
}
