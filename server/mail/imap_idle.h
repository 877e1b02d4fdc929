#ifndef MAIL_IMAP_IDLE_H
#define MAIL_IMAP_IDLE_H
/*
 * The conversation of one connection that watches one folder: IDLE (RFC 2177),
 * STATUS when something changed, IDLE again; NOOP now and then on a server
 * without IDLE. With NOTIFY (RFC 5465) it hears of the other folders, too.
 * Pure: it is told what came and what time it is, and says what to send.
 * Nothing waits, everything has a limit.
 */
#include "mail/imap_read.h"

/* What one IDLE may bring before the connection is given up as flooded. */
#define IMAP_IDLE_BYTES ((size_t)1 << 20)
/* One response with its literals. */
#define IMAP_IDLE_LINE ((size_t)16 << 10)
/* A folder that changes all the time is told of this often. */
#define IMAP_IDLE_REST_MS 700

/* ---- whole responses out of pieces -------------------------------------- */
struct imap_idle_input {
	struct buf line;
	uint64_t literal_left;
	uint64_t bytes; /* since imap_idle_input_begin */
};
enum imap_idle_fed {
	IMAP_IDLE_MORE,  /* all of *bytes is taken, nothing is whole */
	IMAP_IDLE_WHOLE, /* input->line is a response; *bytes is the rest */
	IMAP_IDLE_FLOOD  /* past a limit: the connection is of no use */
};
void imap_idle_input_init(struct imap_idle_input *input);
void imap_idle_input_end(struct imap_idle_input *input);
/* Counting starts anew. */
void imap_idle_input_begin(struct imap_idle_input *input);
enum imap_idle_fed imap_idle_feed(
    struct imap_idle_input *input, struct str *bytes);

/* ---- the conversation --------------------------------------------------- */
enum imap_idle_state {
	IMAP_IDLE_RESTING, /* nothing is under way */
	IMAP_IDLE_STARTING,
	IMAP_IDLE_WAITING, /* the server tells when something changes */
	IMAP_IDLE_ENDING,
	IMAP_IDLE_LOOKING,  /* NOOP */
	IMAP_IDLE_COUNTING, /* STATUS */
	IMAP_IDLE_NOTIFYING /* NOTIFY SET */
};
struct imap_idle_settings {
	int64_t renew_ms; /* IDLE is begun anew after this long */
	int64_t poll_ms;  /* without IDLE: NOOP this often */
	int64_t wait_ms;  /* for an answer */
};
struct imap_idle {
	struct imap_idle_settings settings;
	enum imap_idle_state state;
	bool has_idle;
	uint32_t tag;      /* of the command under way, and the last one */
	uint32_t exists;   /* messages in the folder */
	uint32_t unseen;   /* of them, when it was asked last */
	bool has_grown;    /* more messages than before, not told yet */
	bool has_changed;  /* anything, not told yet */
	bool tells_growth; /* has_grown of what is told now */
	bool was_counted;  /* unseen is known */
	int64_t due_ms;    /* of what the state waits for */
	int64_t rested_ms; /* not told again before */
	/* Set after imap_idle_init: the other folders are to be watched. */
	bool wants_others;
	bool has_others;    /* the server tells of them */
	bool is_overflowed; /* they are too many for it: never ask again */
	bool other_changed; /* one of them, not told yet */
	int64_t others_rested_ms;
	struct str other; /* its name on the wire, until the next response */
};
/* What became of a response. */
enum imap_idle_result {
	IMAP_IDLE_GO_ON,
	IMAP_IDLE_TELL,  /* counts are new: tell, then imap_idle_told */
	IMAP_IDLE_OTHER, /* idle->other changed: imap_idle_other, if it counts
	                  */
	IMAP_IDLE_BROKEN /* BYE, or an answer that ends the conversation */
};
/* The folder is open, with so many messages; the next tag is tag + 1. */
void imap_idle_init(struct imap_idle *idle,
    const struct imap_idle_settings *settings, bool has_idle, uint32_t tag,
    uint32_t exists);
/*
 * `name`: the folder as on the wire. reader: of the response; used for the
 * tokens of STATUS.
 */
enum imap_idle_result imap_idle_take(struct imap_idle *idle, struct str name,
    struct imap_reader *reader, const struct imap_response *response,
    int64_t now_ms);
/*
 * Adds to `out` what is to be sent now, if anything. `count`: a whole STATUS
 * command without its tag, with CRLF. False: the server was too slow.
 */
bool imap_idle_next(
    struct imap_idle *idle, struct str count, int64_t now_ms, struct buf *out);
/* When imap_idle_next has to be called at the latest. */
int64_t imap_idle_due(const struct imap_idle *idle);
void imap_idle_told(struct imap_idle *idle, int64_t now_ms);

/* Another folder changed; many of them in a moment are told as one. */
void imap_idle_other(struct imap_idle *idle);
/* Is it time to tell of them? Then it counts as told. */
bool imap_idle_others(struct imap_idle *idle, int64_t now_ms);

#endif
