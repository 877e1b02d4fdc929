#ifndef OS_POLLER_H
#define OS_POLLER_H
/* Waits for many sockets: epoll on Linux. Edge cases stay in here. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "os/socket.h"

enum poller_flag {
	POLLER_READ = 1,
	POLLER_WRITE = 2,
	POLLER_GONE = 4,  /* the peer closed or broke (EPOLLRDHUP, HUP, ERR) */
	POLLER_EDGE = 8,  /* report changes, not states */
	POLLER_ALONE = 16 /* wake one of the pollers that share a listener */
};

struct poller;
struct poller_event {
	void *data;
	unsigned flags;
};

struct poller *poller_new(struct err *err);
void poller_free(struct poller *poller);
/* POLLER_GONE is always reported. False: no memory or descriptors. */
bool poller_add(struct poller *poller, sock_t sock, unsigned flags, void *data);
bool poller_change(
    struct poller *poller, sock_t sock, unsigned flags, void *data);
void poller_remove(struct poller *poller, sock_t sock);
/* Up to `max` events; 0 after wait_ms (-1: for ever) or a wake. */
int poller_wait(
    struct poller *poller, struct poller_event *events, int max, int wait_ms);
/* From any thread: poller_wait returns at once. */
void poller_wake(struct poller *poller);

/* How many threads can wait and work at once: the machine's cores. */
unsigned poller_core_count(void);

/*
 * Waits for one socket and a cancel (NULL: none) until an absolute monotonic
 * deadline. ERR_OK when ready, ERR_AWAY past it, ERR_CANCELED.
 */
struct cancel;
enum err_code poller_wait_one(sock_t sock, unsigned flags,
    int64_t deadline_mono_ms, const struct cancel *cancel,
    struct err *err) WARN_UNUSED;

#endif
