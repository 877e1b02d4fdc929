#ifndef BASE_LOCK_H
#define BASE_LOCK_H
/* A mutex beside what it guards, and a condition; POSIX threads. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct lock {
	pthread_mutex_t mutex;
};

struct lock_cond {
	pthread_cond_t cond;
};

void lock_init(struct lock *lock);
void lock_end(struct lock *lock);
void lock_take(struct lock *lock);
void lock_give(struct lock *lock);

void lock_cond_init(struct lock_cond *cond);
void lock_cond_end(struct lock_cond *cond);
void lock_cond_wait(struct lock_cond *cond, struct lock *lock);
/* False when `wait_ms` passed without a signal (monotonic clock). */
bool lock_cond_wait_ms(
    struct lock_cond *cond, struct lock *lock, int64_t wait_ms);
void lock_cond_signal(struct lock_cond *cond);
void lock_cond_broadcast(struct lock_cond *cond);

#endif
