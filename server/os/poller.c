#include "os/poller.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "os/cancel.h"
#include "os/clock.h"

enum {
	POLLER_BATCH = 256,
	POLLER_LONGEST_WAIT_MS = 1 << 30
};

struct poller {
	int epoll; /* owned */
	int wake;  /* an eventfd; owned */
};

static uint32_t
epoll_flags(unsigned flags)
{
	uint32_t bits = 0;

	if ((flags & POLLER_READ) != 0)
		bits |= EPOLLIN;
	if ((flags & POLLER_WRITE) != 0)
		bits |= EPOLLOUT;
	if ((flags & POLLER_EDGE) != 0)
		bits |= EPOLLET;
	/* epoll_ctl(2): EPOLLEXCLUSIVE does not go with EPOLLRDHUP. */
	if ((flags & POLLER_ALONE) != 0)
		return bits | EPOLLEXCLUSIVE;
	return bits | EPOLLRDHUP;
}

static unsigned
poller_flags(uint32_t bits)
{
	unsigned flags = 0;

	if ((bits & EPOLLIN) != 0)
		flags |= POLLER_READ;
	if ((bits & EPOLLOUT) != 0)
		flags |= POLLER_WRITE;
	if ((bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		flags |= POLLER_GONE;
	return flags;
}

static bool
control(struct poller *poller, int operation, sock_t sock, unsigned flags,
    void *data)
{
	struct epoll_event event = {.events = epoll_flags(flags)};

	event.data.ptr = data;
	return epoll_ctl(poller->epoll, operation, sock, &event) == 0;
}

struct poller *
poller_new(struct err *err)
{
	struct poller *poller = calloc(1, sizeof(*poller));

	if (poller == NULL) {
		(void)err_set(err, ERR_NO_MEMORY, NULL, "poller");
		return NULL;
	}
	poller->epoll = epoll_create1(EPOLL_CLOEXEC);
	poller->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/*
	 * The wake is edge-triggered, so that nobody has to read it; its data
	 * is the poller itself, which no caller has.
	 */
	if (poller->epoll < 0 || poller->wake < 0 ||
	    !control(poller, EPOLL_CTL_ADD, poller->wake,
	        POLLER_READ | POLLER_EDGE, poller)) {
		(void)err_setf(err, ERR_LIMIT, NULL, "epoll: errno %d", errno);
		poller_free(poller);
		return NULL;
	}
	return poller;
}

void
poller_free(struct poller *poller)
{
	if (poller == NULL)
		return;
	if (poller->wake >= 0)
		(void)close(poller->wake);
	if (poller->epoll >= 0)
		(void)close(poller->epoll);
	free(poller);
}

bool
poller_add(struct poller *poller, sock_t sock, unsigned flags, void *data)
{
	return control(poller, EPOLL_CTL_ADD, sock, flags, data);
}

bool
poller_change(struct poller *poller, sock_t sock, unsigned flags, void *data)
{
	return control(poller, EPOLL_CTL_MOD, sock, flags, data);
}

void
poller_remove(struct poller *poller, sock_t sock)
{
	(void)control(poller, EPOLL_CTL_DEL, sock, 0, NULL);
}

int
poller_wait(
    struct poller *poller, struct poller_event *events, int max, int wait_ms)
{
	struct epoll_event got[POLLER_BATCH];
	int count = 0;
	int out = 0;

	if (max > POLLER_BATCH)
		max = POLLER_BATCH;
	count = epoll_wait(poller->epoll, got, max, wait_ms);
	/* -1 is EINTR: as good as a wake. */
	for (int i = 0; i < count; i++) {
		if (got[i].data.ptr == poller)
			continue;
		events[out].data = got[i].data.ptr;
		events[out].flags = poller_flags(got[i].events);
		out++;
	}
	return out;
}

void
poller_wake(struct poller *poller)
{
	const uint64_t one = 1;

	/* Full after 2^64 wakes: never. */
	(void)!write(poller->wake, &one, sizeof(one));
}

unsigned
poller_core_count(void)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : (unsigned)cores;
}

/* Milliseconds to wait now, rounded so that the deadline is not missed. */
static int
wait_until(int64_t deadline_mono_ms)
{
	const int64_t left_ms = deadline_mono_ms - clock_mono_ms();

	if (left_ms <= 0)
		return 0;
	return left_ms > POLLER_LONGEST_WAIT_MS ? POLLER_LONGEST_WAIT_MS
	                                        : (int)left_ms;
}

enum err_code
poller_wait_one(sock_t sock, unsigned flags, int64_t deadline_mono_ms,
    const struct cancel *cancel, struct err *err)
{
	struct pollfd wanted[2] = {{.fd = sock}, {.fd = -1, .events = POLLIN}};

	if ((flags & POLLER_READ) != 0)
		wanted[0].events |= POLLIN;
	if ((flags & POLLER_WRITE) != 0)
		wanted[0].events |= POLLOUT;
	if ((flags & POLLER_GONE) != 0)
		wanted[0].events |= POLLRDHUP;
	if (cancel != NULL)
		wanted[1].fd = cancel_descriptor(cancel);
	for (;;) {
		const int wait_ms = wait_until(deadline_mono_ms);
		const int count = poll(wanted, 2, wait_ms);

		if (count < 0 && errno != EINTR && errno != EAGAIN)
			return err_setf(
			    err, ERR_INTERNAL, NULL, "poll: errno %d", errno);
		if (count > 0 && wanted[1].revents != 0)
			return err_set(err, ERR_CANCELED, NULL, "canceled");
		if (count > 0)
			return ERR_OK;
		if (wait_ms == 0)
			return err_set(err, ERR_AWAY, NULL, "deadline passed");
	}
}
