#ifndef MAIL_IMAP_CONN_H
#define MAIL_IMAP_CONN_H
/*
 * One IMAP connection: reaching the server, TLS, login, the open folder and
 * what the server said of it. Belongs to one thread at a time. libetpan has
 * its handle here (imap_etpan.c); batches of our own are in imap_batch.h.
 */
#include <libetpan/mailimap.h>

#include "mail/imap_read.h"
#include "mail/imap_space.h"
#include "mail/imap_threads.h"
#include "mail/server.h"

/* What a server may offer; asked, never assumed. */
enum imap_cap {
	IMAP_CAP_LITERAL_PLUS = 1 << 0,
	IMAP_CAP_LITERAL_MINUS = 1 << 1,
	IMAP_CAP_SASL_IR = 1 << 2,
	IMAP_CAP_AUTH_PLAIN = 1 << 3,
	IMAP_CAP_LOGINDISABLED = 1 << 4,
	IMAP_CAP_STARTTLS = 1 << 5,
	IMAP_CAP_UIDPLUS = 1 << 6,
	IMAP_CAP_MOVE = 1 << 7,
	IMAP_CAP_SORT = 1 << 8,
	IMAP_CAP_SORT_DISPLAY = 1 << 9,
	IMAP_CAP_ESEARCH = 1 << 10,
	IMAP_CAP_ESORT = 1 << 11,
	IMAP_CAP_CONTEXT = 1 << 12,
	IMAP_CAP_LIST_EXTENDED = 1 << 13,
	IMAP_CAP_LIST_STATUS = 1 << 14,
	IMAP_CAP_SPECIAL_USE = 1 << 15,
	IMAP_CAP_QUOTA = 1 << 16,
	IMAP_CAP_NAMESPACE = 1 << 17,
	IMAP_CAP_REV = 1 << 18, /* IMAP4rev1 or later: always */
	IMAP_CAP_AUTH_EXTERNAL = 1 << 19,
	/* With it comes Dovecot's search key INTHREAD; tried, not told. */
	IMAP_CAP_THREAD_REFS = 1 << 20,
	IMAP_CAP_CATENATE = 1 << 21,
	IMAP_CAP_IDLE = 1 << 22,
	IMAP_CAP_RIGHTS = 1 << 23,     /* ACL of RFC 4314, not of RFC 2086 */
	IMAP_CAP_CREATE_USE = 1 << 24, /* CREATE-SPECIAL-USE (RFC 6154) */
	IMAP_CAP_STATUS_SIZE = 1 << 25,
	IMAP_CAP_ACL = 1 << 26,
	IMAP_CAP_NOTIFY = 1 << 27,
	IMAP_CAP_THREAD = 1 << 28, /* THREAD=REFERENCES */
	IMAP_CAP_ID = 1 << 29,     /* RFC 2971 */
	IMAP_CAP_PREVIEW = 1 << 30 /* RFC 8970 */
};
/* Beyond what an enum holds. */
#define IMAP_CAP_MULTIAPPEND (UINT64_C(1) << 31) /* RFC 3502 */
#define IMAP_CAP_SEARCHRES   (UINT64_C(1) << 32) /* RFC 5182 */
#define IMAP_CAP_UNSELECT    (UINT64_C(1) << 33) /* RFC 3691 */

/* What the last status line of the server said; texts NUL-terminated. */
struct imap_said {
	enum imap_status status;
	char code[96];
	char text[200];
};

/* GETQUOTAROOT, sent, whose answer nobody waited for: imap_folders_quota.c. */
struct imap_owed {
	bool is_owed;
	uint32_t tag;
	uint64_t changes; /* account_counts_space_changes() before it */
	int64_t asked_mono_ms;
};

struct imap_conn {
	struct mail_server *server; /* holds a count */
	struct stream *stream;      /* owned */
	mailimap *etpan;            /* owned; uses the stream's mailstream */
	struct imap_reader reader;
	struct mail_wait wait;   /* of the call that uses us */
	int64_t command_wait_ms; /* for one command; 0: ImapWait */
	int64_t patient_mono_ms; /* since when that is more */
	uint64_t caps;           /* IMAP_CAP_… */
	uint64_t lacks;          /* offered, but refused when tried */
	uint32_t next_tag;
	int64_t trip_us; /* how long the last batch took */
	struct imap_owed owed;
	bool asks_counts; /* the batch has those of folders beside all else */
	bool is_fresh;    /* made for this call, not from the pool */
	bool is_broken;   /* must not be used again */
	bool is_spent;    /* and broken: waits for nobody (imap_batch.h) */
	bool is_set_back; /* over what it was asked: not once more
	                     (imap_effort.h) */
	bool said_bye;
	bool is_doubtful; /* it said what cannot be: not used again */
	int64_t used_mono_ms;
	struct imap_said said;   /* the last tagged line, or BYE */
	struct imap_said hinted; /* "* OK [COPYUID …" and so on */

	char *folder;  /* selected, as on the wire; owned; NULL: none */
	bool has_view; /* the server has one open that `folder` does not name */
	uint32_t exists, uid_validity;
	int64_t selected_mono_ms; /* since when it is open */
	bool has_exists;          /* the server said how many */
	bool is_miscounted;       /* … but cannot mean it: opened anew */
	/* Its STATUS never counts as SELECT does: nothing is learned of it. */
	bool counts_otherwise;
	uint64_t changes;            /* counts what makes ranks differ */
	uint64_t selected_changes;   /* when it was opened */
	struct imap_threads threads; /* of the open folder */
	/* Its newest UID (imap_thread_order.h) was this, at these changes. */
	uint32_t top_uid;
	uint64_t top_changes;
	struct imap_spaces spaces; /* once they were asked for */

	/* of the pool (account.c) */
	struct account *account;
	struct imap_conn *next, *older, *newer;
	uint32_t generation;
	bool is_aside; /* one of those that long searches may have */
};

/*
 * Connects, TLS as the site wants it, greeting, capabilities; no login.
 * ERR_AWAY, ERR_CANCELED; ERR_TRUST: its certificate, no STARTTLS, PREAUTH,
 * bytes in clear behind STARTTLS; ERR_MAIL when the server is none of IMAP or
 * says BYE. The caller closes *out.
 */
enum err_code imap_conn_open(struct mail_server *server,
    const struct mail_wait *wait, struct imap_conn **out,
    struct err *err) WARN_UNUSED;
void imap_conn_close(struct imap_conn *conn); /* NULL accepted */

/* From now on for this call. */
void imap_conn_begin(struct imap_conn *conn, const struct mail_wait *wait);
/* Adds what was waited; the wait is forgotten. */
void imap_conn_end(struct imap_conn *conn);
/* Time for one command begins: ImapWait, at most until the deadline. */
void imap_conn_command(struct imap_conn *conn);
/*
 * For the rest of this call a command may take SearchWait: without an index
 * or a cache the server reads all mail of the folder for SEARCH, SORT, THREAD.
 */
void imap_conn_be_patient(struct imap_conn *conn);
/* The same, but so long. */
void imap_conn_be_patient_for(struct imap_conn *conn, int64_t most_ms);
/* `rc`; with words of its own when even so much patience was not enough. */
enum err_code imap_conn_was_patient(
    const struct imap_conn *conn, enum err_code rc, struct err *err);
/* At most so long from now, until the next command. */
void imap_conn_hurry(struct imap_conn *conn, int64_t most_ms);

/* Asks for the capabilities unless they were said already. */
enum err_code imap_conn_capability(
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/*
 * Before folders are counted: a server may count the folder it has open as it
 * was when it last looked what others did there.
 */
enum err_code imap_conn_look(
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Lets the server say what is new. ERR_MAIL when it refuses. */
enum err_code imap_noop(struct imap_conn *conn, struct err *err) WARN_UNUSED;
bool imap_conn_has(const struct imap_conn *conn, uint64_t cap);
/* Capabilities of "CAPABILITY IMAP4rev1 …". */
uint64_t imap_caps_parse(struct str words);
/* Forgets the open folder. */
void imap_conn_deselect(struct imap_conn *conn);
/* Takes note of every line, whoever reads it: libetpan or our reader. */
void imap_said_line(void *ctx, struct str line);
/* Is the said code this word ("TRYCREATE"), whatever follows it? */
bool imap_said_is(const struct imap_said *said, struct str code);
/* ERR_MAIL with the server's own words for the person, its names masked. */
enum err_code imap_said_err(const struct mail_server *server,
    const struct imap_said *said, const char *what, struct err *err);

#endif
