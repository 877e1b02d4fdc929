#ifndef OS_CANCEL_H
#define OS_CANCEL_H
/*
 * Tells a waiting thread to stop: the browser left, or we shut down. One per
 * worker, reset between jobs. Firing is safe from any thread.
 */
#include <stdbool.h>

#include "base/err.h"
#include "os/socket.h"

struct cancel;

struct cancel *cancel_new(struct err *err); /* NULL: no descriptors left */
void cancel_free(struct cancel *cancel);
void cancel_fire(struct cancel *cancel);
void cancel_reset(struct cancel *cancel);
bool cancel_is_fired(const struct cancel *cancel);
/* Readable once fired; for poll(). */
sock_t cancel_descriptor(const struct cancel *cancel);

#endif
