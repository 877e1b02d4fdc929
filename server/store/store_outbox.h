#ifndef STORE_STORE_OUTBOX_H
#define STORE_STORE_OUTBOX_H
/*
 * Messages on their way out (mail/outbox.h tells their states). Each function
 * that changes something is one transaction over the row and the state of its
 * composition, and of two callers one wins.
 */
#include "store/store.h"

struct store_outbox {
	struct str id; /* of the composition */
	struct str account;
	struct str site;  /* [Host] section, or empty */
	struct str login; /* name as sent to the mail servers */
	struct str server;
	struct str node; /* whose spool has the file */
	struct str file; /* its name there */
	struct str sealed;
	struct str envelope; /* opaque bytes of page/ */
	uint64_t head_bytes, message_bytes, recipients;
	uint32_t tries; /* begun so far, the one under way included */
	int64_t created_s, due_ms;
	/* Of this caller's claim; whoever lost it can note nothing. */
	int64_t lease;
	/* Of the composition; filled by reading. */
	enum store_compose_state state;
	struct str result; /* words of the last failure, or empty */
	struct str message_id;
	bool unseen;
};

struct store_outbox_limits {
	uint64_t recipients_per_hour; /* 0: any number */
	uint64_t waiting_bytes;
};

/*
 * Takes a composition from WRITING to row->state (WAITING, or SENDING when
 * the caller sends it at once) with its row. *out_won false: it is no longer
 * being written. ERR_LIMIT: more than this account may; nothing changed.
 */
enum err_code store_outbox_put(struct store *store, struct store_outbox *row,
    const struct store_outbox_limits *limits, bool *out_won,
    struct err *err) WARN_UNUSED;

/* Nobody's turn: as many as store_outbox_due leaves out. */
#define STORE_OUTBOX_RESTING 3
struct store_outbox_ask {
	struct str node;
	int64_t now_ms;
	struct str server; /* has its share already; may be empty */
	struct str accounts[STORE_OUTBOX_RESTING]; /* likewise */
};
/*
 * The row of this node that is due longest, WAITING or SENT, and that nobody
 * works on; or SENDING, when nobody can be at it any more. ERR_NOT_FOUND: none;
 * then *out_next_ms is when one will be (INT64_MAX: nothing waits).
 */
enum err_code store_outbox_due(struct store *store,
    const struct store_outbox_ask *ask, struct arena *arena,
    struct store_outbox *out, int64_t *out_next_ms,
    struct err *err) WARN_UNUSED;
/*
 * Makes it this caller's work, for 45 minutes at most: WAITING becomes SENDING,
 * SENT stays. *out_won false: somebody else has it, it was taken back, or its
 * date or its text changed since the row was read.
 */
enum err_code store_outbox_claim(struct store *store, struct store_outbox *row,
    bool *out_won, struct err *err) WARN_UNUSED;

/*
 * `lease` in all that follows: that of the claim, as put, claim and arrived
 * set it in the row. ERR_INTERNAL: it was lost, and nothing changed.
 */

/*
 * Before the final dot: SENDING becomes UNSURE. *out_won false: the claim was
 * lost, and somebody else sends it.
 */
enum err_code store_outbox_journal(struct store *store, struct str id,
    int64_t lease, bool *out_won, struct err *err) WARN_UNUSED;
/*
 * The server said 250: UNSURE or SENDING becomes SENT. copy_ms 0: the claim
 * stays, and this one copies it, which is its first try; else the claim ends,
 * and whoever claims it from then on (Unix milliseconds) makes the first try.
 */
enum err_code store_outbox_sent(struct store *store, struct str id,
    int64_t lease, int64_t copy_ms, struct err *err) WARN_UNUSED;
/*
 * Not now: SENDING (or UNSURE, when the server said no after all) waits until
 * due_ms again; SENT stays SENT. The claim ends. INT64_MAX: never by itself,
 * and the credential goes. `unseen`: worth a banner.
 */
enum err_code store_outbox_later(struct store *store, struct str id,
    int64_t lease, int64_t due_ms, struct str words, bool unseen,
    struct err *err) WARN_UNUSED;
/* UNSURE for good: words, claim and credential go, the row stays. */
enum err_code store_outbox_unsure(struct store *store, struct str id,
    int64_t lease, struct str words, struct err *err) WARN_UNUSED;
/*
 * Back to WRITING, the row is deleted; as its worker knows. *out_won false: the
 * claim was lost.
 */
enum err_code store_outbox_back(struct store *store, struct str id,
    int64_t lease, struct str words, bool unseen, bool *out_won,
    struct err *err) WARN_UNUSED;
/*
 * The same by its writer: from WAITING, or from UNSURE when nobody works on
 * it. *out_won false: too late.
 */
enum err_code store_outbox_take_back(struct store *store, struct str account,
    struct str id, bool *out_won, struct err *err) WARN_UNUSED;
/* SENT and copied, or the copy is not wanted: the row goes. */
enum err_code store_outbox_done(struct store *store, struct str id,
    int64_t lease, bool copied, struct err *err) WARN_UNUSED;
/*
 * UNSURE, and its writer says that it arrived: SENT, claimed to be copied, with
 * row->sealed and row->due_ms.
 */
enum err_code store_outbox_arrived(struct store *store,
    struct store_outbox *row, bool *out_won, struct err *err) WARN_UNUSED;

/* ERR_NOT_FOUND, also for another account's. */
enum err_code store_outbox_find(struct store *store, struct str account,
    struct str id, struct arena *arena, struct store_outbox *out,
    struct err *err) WARN_UNUSED;
/* All of an account, the next first; without sealed. */
enum err_code store_outbox_list(struct store *store, struct str account,
    struct arena *arena, struct store_outbox **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
/*
 * Another time, while it is WAITING or SENT and nobody works on it; its tries
 * count anew (SENT: from one, so that a copy is looked for). *out_won false:
 * too late.
 */
enum err_code store_outbox_set_due(struct store *store, struct str account,
    struct str id, int64_t due_ms, bool *out_won, struct err *err) WARN_UNUSED;

/* What came back: WRITING with words of why. Its fields, too. */
enum err_code store_outbox_returned(struct store *store, struct str account,
    struct arena *arena, struct store_compose **out, size_t *out_count,
    struct err *err) WARN_UNUSED;
struct store_outbox_counts {
	uint64_t waiting;  /* rows, without those whose first copy is made */
	uint64_t returned; /* came back, and not sent again yet */
	uint64_t unseen;   /* of all these */
	uint64_t kept;     /* not sent, for whom was away: store_draft.h */
};
enum err_code store_outbox_count(struct store *store, struct str account,
    struct store_outbox_counts *out, struct err *err) WARN_UNUSED;
/* Its writer looked at it (id empty: at all of them). */
enum err_code store_outbox_seen(struct store *store, struct str account,
    struct str id, struct err *err) WARN_UNUSED;
/* Rows of a node, for the gauge. */
enum err_code store_outbox_rows(struct store *store, struct str node,
    uint64_t *out, struct err *err) WARN_UNUSED;

/*
 * When a node starts, before anything else: what it was working on waits
 * again. UNSURE is written before SMTP's final dot, so nothing of what was
 * still SENDING has gone out. *out_count: how many.
 */
enum err_code store_outbox_recover(struct store *store, struct str node,
    int64_t now_ms, uint64_t *out_count, struct err *err) WARN_UNUSED;
/* Is this file in a node's spool needed? */
enum err_code store_outbox_has_file(struct store *store, struct str node,
    struct str file, bool *out, struct err *err) WARN_UNUSED;

#endif
