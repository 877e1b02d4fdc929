#ifndef MAIL_IMAP_FIND_H
#define MAIL_IMAP_FIND_H
/*
 * A search in many folders under way: jobs, one per folder, that threads with
 * a connection each work at, and the caller who tells of them in order. For
 * this room only.
 */
#include "mail/account.h"
#include "mail/imap_search.h"

#define FIND_THREADS 4u
/* Folders that one write asks for, as long as they bring little. */
#define FIND_STEP_MOST 4u
/* Jobs that are done and not told yet: a slow browser makes us wait. */
#define FIND_AHEAD      8u
#define FIND_JOB_BYTES  ((size_t)16 << 20)
#define FIND_OTHER_WAIT ((int64_t)2000)

enum find_state {
	FIND_NEW,
	FIND_RUNNING,
	FIND_DONE,
	FIND_TOLD
};
struct find_job {
	enum find_state state;
	int64_t done_mono_ms;
	struct arena *arena; /* owned while running or done */
	struct str wire;     /* name of the folder, in that arena */
	struct mail_hits hits;
	/* Of its thread: */
	struct mail mail; /* only its arena */
	struct mail_query query;
	struct imap_found found;
	struct imap_listing listing;
	struct imap_search what;
	bool is_open; /* its folder is the one that is open */
	/* The server was asked to tell the rows with the search, without us. */
	bool is_sure;
	size_t open_at, search_at, rows_at; /* commands; SIZE_MAX: none */
};

struct find {
	const struct mail_find *asked;
	struct mail *mail; /* the caller's: account, deadline */
	struct cancel *cancel;
	struct lock lock; /* guards what follows */
	struct lock_cond changed;
	struct find_job *jobs;
	size_t next;       /* the first that nobody took */
	size_t ahead;      /* done and not told */
	unsigned running;  /* threads */
	unsigned failures; /* in a row */
	bool is_stopped;
	enum err_code rc; /* why the rest is not searched */
	struct err err;
};

/* One connection's thread. */
struct find_thread {
	struct find *find;
	bool is_first; /* waits for a connection; others help */
	pthread_t thread;
	/* private */
	struct mail mail;
	struct imap_conn *conn;
};
void *imap_find_thread(void *ctx);

/* ---- one write (imap_find_step.c) ---- */
struct find_step {
	struct find_thread *thread;
	/* Searched, their rows are wanted; one that is open comes first. */
	struct find_job *rows[2 * FIND_STEP_MOST];
	size_t row_count;
	struct find_job *searches[FIND_STEP_MOST]; /* to be searched */
	size_t search_count;
	size_t search_most; /* so many of them in one write */
	/* private */
	struct imap_batch batch;
	struct find_job *now; /* whose answers come */
};
/*
 * Asks for all rows and for searches, and tells of the jobs that are done by
 * then; the others are left in *step, for the next one. ERR_OK: the connection
 * is as it should be, and jobs have their own end.
 */
enum err_code imap_find_step(
    struct find_step *step, struct arena *arena, struct err *err) WARN_UNUSED;

/* ---- between them (imap_find.c) ---- */
/*
 * The next to do; NULL: there is none, or it is enough. `waits` false: NULL,
 * too, when it would have to wait for the browser.
 */
struct find_job *imap_find_take(struct find *find, bool waits);
/* How many nobody took yet. */
size_t imap_find_left(struct find *find);
bool imap_find_is_stopped(struct find *find);
/* Done, well or not, and why. */
void imap_find_done(struct find *find, struct find_job *job, enum err_code rc,
    const struct err *err);
/* A connection was lost: after some in a row nobody goes on. */
void imap_find_lost(struct find *find, enum err_code rc, const struct err *err);
/* Nobody goes on. */
void imap_find_give_up(
    struct find *find, enum err_code rc, const struct err *err);

#endif
