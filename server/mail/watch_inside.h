#ifndef MAIL_WATCH_INSIDE_H
#define MAIL_WATCH_INSIDE_H
/*
 * Between the files of watch*.c. A target is a folder of an account that is
 * watched, or was a moment ago. The lock guards all but what a stage gives to
 * one thread alone: its connection and conversation belong to the opener
 * while OPENING, to the watch thread while OPEN.
 */
#include <stdatomic.h>

#include "mail/account.h"
#include "mail/imap_idle.h"
#include "mail/mail_watch.h"
#include "os/poller.h"

#define WATCH_OPENERS 4u
/* Of them, at most so many for one mail server. */
#define WATCH_SERVER_SHARE 2u
#define WATCH_BUCKETS      256u
/*
 * Targets of one account that are over, but still there: an opener is at
 * them, or the watch thread has not come to them yet.
 */
#define WATCH_ENDING 4u

enum watch_stage {
	WATCH_WAITING, /* until due_ms, for an opener */
	WATCH_QUEUED,
	WATCH_OPENING,
	WATCH_OPENED, /* the watch thread has not taken it yet */
	WATCH_OPEN
};

struct mail_watcher {
	struct watch_target *target;
	struct mail_watcher *next;
	mail_watch_fn *fn;
	void *ctx;
};

struct watch_target {
	struct mail_watch *watch;
	struct watch_target *next;      /* in its bucket */
	struct watch_target *next_open; /* in the queue of openers */
	struct account *account;        /* counted */
	struct text folder;             /* owned, as `wire` and `count` */
	struct str wire;
	struct str count; /* STATUS command */
	struct mail_watcher *watchers;
	int64_t alone_since_ms; /* without watchers */
	bool is_over;           /* ends as soon as nobody works at it */
	enum watch_stage stage;
	int64_t due_ms;
	unsigned failures;
	bool is_known; /* event is as it was told last */
	/* Its other folders are too many for the server to tell of. */
	bool is_overflowed;
	struct mail_watch_event event;
	/* of the thread that has it: */
	struct imap_conn *conn;
	struct imap_idle idle;
	struct imap_idle_input input;
	int64_t opened_ms;
	bool is_polled; /* its socket is with the poller */
	bool is_again;  /* more bytes wait than one turn takes */
};

struct mail_watch {
	struct lock lock;
	struct lock_cond due; /* for openers */
	struct accounts *accounts;
	struct poller *poller;
	struct cancel *cancel; /* fired at the end */
	struct watch_target *buckets[WATCH_BUCKETS];
	struct watch_target *queue, **queue_end;
	uint32_t targets;
	uint32_t max_targets;
	struct imap_idle_settings settings;
	bool is_running, is_stopping;
	atomic_bool must_look; /* something changed for the watch thread */
	pthread_t thread;
	pthread_t openers[WATCH_OPENERS];
	/* Whose server each opener is at, or NULL. */
	const char *serving[WATCH_OPENERS];
	unsigned opener_count;
	struct metric *metric_open, *metric_told, *metric_failed;
};

/* ---- watch.c; the lock is held ---- */
void watch_enqueue(struct watch_target *target);
/* Out of the queue, if it is there: no opener takes it until enqueued anew. */
void watch_unqueue(struct watch_target *target);
/* The watch thread looks at all targets. */
void watch_wake(struct mail_watch *watch);
/* Out of its bucket and freed; its connection is closed before. */
void watch_target_free(struct watch_target *target);
/* Nobody needs it any more: the grace is over, or it was told to end. */
bool watch_is_over(const struct watch_target *target, int64_t now_ms);
/* Calls everybody who watches it. */
void watch_tell(
    struct watch_target *target, const struct mail_watch_event *event);
/*
 * Is that folder of the same account watched by a connection of its own?
 * `name`: as on the wire, or in UTF-8, as Dovecot has it in what NOTIFY brings.
 */
bool watch_has_own(const struct watch_target *target, struct str name);

/* ---- watch_open.c ---- */
/* The threads' function. */
void *watch_opener(void *ctx);
/* Waits longer after each failure; the lock is held. */
void watch_postpone(struct watch_target *target, int64_t now_ms);

/* ---- watch_thread.c ---- */
void *watch_run(void *ctx);

#endif
