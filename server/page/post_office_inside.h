#ifndef PAGE_POST_OFFICE_INSIDE_H
#define PAGE_POST_OFFICE_INSIDE_H
/* Between the files of the post office. */
#include "page/post_office.h"

/* Workers; one user's and one mail server's share of them. */
#define POST_WORKERS       8u
#define POST_SERVER_SHARE  4u
#define POST_ACCOUNT_SHARE 2u
/*
 * With one worker free no more accounts can have their share, and one server
 * at most.
 */
_Static_assert((POST_WORKERS - 1) / POST_ACCOUNT_SHARE <= STORE_OUTBOX_RESTING,
    "resting accounts");
_Static_assert((POST_WORKERS - 1) / POST_SERVER_SHARE <= 1, "resting servers");

struct post_worker {
	struct post_office *office;
	struct cancel *cancel;
	pthread_t thread;
	bool is_started;
	/* Guarded by the office's lock; what it works on, or empty. */
	char server[300], account[600];
};

struct post_office {
	struct app *app;
	struct lock lock;       /* guards all below and who works on what */
	struct lock_cond event; /* something to look for */
	uint64_t wakes;         /* grows with each */
	bool is_looking;        /* one worker looks or sleeps until due */
	int64_t sweep_mono_ms;  /* when the spool is looked through again */
	bool is_stopping;
	struct post_worker workers[POST_WORKERS];
	struct metric *waiting, *sent, *returned, *retried, *unsure;
};

/* Claims and does one row, from its credential on. On a worker. */
void post_run(struct post_office *office, struct cancel *cancel,
    struct store_outbox *row, struct arena *arena);

#endif
