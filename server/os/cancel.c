#include "os/cancel.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/lock.h"

struct cancel {
	struct lock lock; /* keeps the flag and the descriptor in step */
	atomic_bool is_fired;
	int descriptor; /* an eventfd; owned */
};

struct cancel *
cancel_new(struct err *err)
{
	struct cancel *cancel = calloc(1, sizeof(*cancel));

	if (cancel == NULL) {
		(void)err_set(err, ERR_NO_MEMORY, NULL, "cancel");
		return NULL;
	}
	cancel->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (cancel->descriptor < 0) {
		(void)err_setf(
		    err, ERR_LIMIT, NULL, "eventfd: errno %d", errno);
		free(cancel);
		return NULL;
	}
	lock_init(&cancel->lock);
	atomic_init(&cancel->is_fired, false);
	return cancel;
}

void
cancel_free(struct cancel *cancel)
{
	if (cancel == NULL)
		return;
	(void)close(cancel->descriptor);
	lock_end(&cancel->lock);
	free(cancel);
}

void
cancel_fire(struct cancel *cancel)
{
	lock_take(&cancel->lock);
	if (!atomic_exchange(&cancel->is_fired, true)) {
		const uint64_t one = 1;

		/* Cannot fail: the counter is 0 here. */
		ensure(write(cancel->descriptor, &one, sizeof(one)) ==
		       (ssize_t)sizeof(one));
	}
	lock_give(&cancel->lock);
}

void
cancel_reset(struct cancel *cancel)
{
	lock_take(&cancel->lock);
	if (atomic_exchange(&cancel->is_fired, false)) {
		uint64_t count = 0;

		ensure(read(cancel->descriptor, &count, sizeof(count)) ==
		       (ssize_t)sizeof(count));
	}
	lock_give(&cancel->lock);
}

bool
cancel_is_fired(const struct cancel *cancel)
{
	return atomic_load(&cancel->is_fired);
}

sock_t
cancel_descriptor(const struct cancel *cancel)
{
	return cancel->descriptor;
}
