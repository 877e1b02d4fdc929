#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H
/*
 * Mail as pages see it: accounts, folders, lists, messages, actions. Behind
 * it IMAP and SMTP. All sessions of one user on this node share an account: a
 * small pool of IMAP connections that stay logged in and SELECTed.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "config/config.h"
#include "mime/mime.h"
#include "net/net_tls.h"
#include "os/cancel.h"

/* ---- servers and accounts --------------------------------------------------
 */
/* The mail servers of one site with their trust; immutable, counted. */
struct mail_server;
/* Texts of the files that a site names for one leg; empty, NULL: none. */
struct mail_leg_files {
	struct str ca_pem;    /* ImapCA: only these */
	struct str trust_pem; /* MailTrustStore */
	struct str crl_pem;
	struct str certificate_pem; /* ours */
	const struct secret *key_pem;
	const struct secret *key_password;
};
struct mail_server_files {
	struct mail_leg_files imap, smtp;
	/*
	 * NULL, or another server with the same files whose site trusts in the
	 * same way (config_same_trust): its contexts are shared, because the
	 * system's authorities take 70 ms to read.
	 */
	const struct mail_server *like;
};
/*
 * Copies what it keeps of the files; counts cfg. ERR_CONFIG names the key or
 * file that is wrong.
 */
enum err_code mail_server_new(const struct config *cfg,
    const struct config_site *site, const struct mail_server_files *files,
    struct mail_server **out, struct err *err) WARN_UNUSED;
struct mail_server *mail_server_ref(struct mail_server *server);
void mail_server_unref(struct mail_server *server);
/* For --check: connect, TLS, greeting, capabilities; no login. */
enum err_code mail_server_check_imap(
    const struct mail_server *server, struct err *err) WARN_UNUSED;
enum err_code mail_server_check_smtp(
    const struct mail_server *server, struct err *err) WARN_UNUSED;

/* What protects the way to a mail server, for people (issue: never names). */
struct mail_leg {
	int security;  /* enum config_security */
	bool is_local; /* a server on this machine */
	bool is_known; /* a connection was made: what follows */
	enum net_tls_check check;
	bool is_pinned;
	char protocol[16], cipher[64];
	char issuer[256];
	int64_t not_after_s;
};
/* Of the newest connection of each kind; any thread. */
void mail_server_legs(const struct mail_server *server,
    struct mail_leg *out_imap, struct mail_leg *out_smtp);
/* What the submission server offered when it was last spoken to (EHLO). */
struct mail_smtp_offers {
	bool is_known;             /* false: not yet; what follows is empty */
	uint64_t size_limit_bytes; /* of a whole message; 0: none told */
	bool has_8bitmime, has_smtputf8, has_dsn;
};
/* Any thread; waits for nobody. */
void mail_server_smtp_offers(
    const struct mail_server *server, struct mail_smtp_offers *out);
/*
 * Words of a mail server as people may see them: its names and addresses
 * are replaced by "the mail server" unless ShowMailServerNames=1.
 */
struct text mail_server_mask(
    const struct mail_server *server, struct arena *arena, struct text words);

/* How long and until when a request may wait. */
struct mail_wait {
	int64_t deadline_mono_ms;
	struct cancel *cancel; /* NULL: none */
	uint64_t *waited_us;   /* time spent waiting is added; NULL: no */
	/* Of the browser, for SendClientAddress; NULL: nobody's. */
	const char *client_address;
};

struct accounts; /* all of this process */
struct account;  /* one user; counted */

enum err_code accounts_new(const struct config *cfg, struct metrics *metrics,
    struct accounts **out, struct err *err) WARN_UNUSED;
/* New limits after a reload. */
void accounts_configure(struct accounts *accounts, const struct config *cfg);
/* Closes idle connections past ImapIdleClose; call about every 5 s. */
void accounts_tick(struct accounts *accounts);
void accounts_free(struct accounts *accounts);

/*
 * Logs in on a fresh connection of its own; when the server accepts, the
 * connection joins the account's pool (if the password equals the pool's,
 * else it replaces the pool). The caller unrefs *out.
 * ERR_LOGIN: name or password refused. ERR_AWAY: cannot be reached or too
 * slow. ERR_TRUST: its certificate. ERR_MAIL: anything else it said.
 */
enum err_code account_login(struct accounts *accounts,
    struct mail_server *server, struct str login, const struct secret *password,
    const struct mail_wait *wait, struct account **out,
    struct err *err) WARN_UNUSED;
/* The account of a session that logged in before; makes no connection yet. */
enum err_code account_get(struct accounts *accounts, struct mail_server *server,
    struct str login, const struct secret *password, struct account **out,
    struct err *err) WARN_UNUSED;
void account_unref(struct account *account); /* NULL accepted */
/* A session logged off: closes connections when no other session is left. */
void account_log_off(
    struct accounts *accounts, struct mail_server *server, struct str login);

/* What every call below needs. ERR_LOGIN means the credential was refused. */
struct mail_reading; /* a message of which not all has come yet */
struct mail_uses;    /* folders a person chose for Sent …: mail_folder.h */
struct mail_pick;    /* folders to be counted: mail_folder.h */
struct mail {
	struct account *account;
	struct arena *arena; /* results live here */
	struct mail_wait wait;
	/*
	 * Where mail_message_start leaves what is under way; it outlives the
	 * call, with the arena and the wait. NULL: nothing is ever.
	 */
	struct mail_reading **reading;
	struct mail_uses *uses; /* NULL: nobody chose any */
	/* Of very many folders, whose counts are wanted; NULL: none. */
	const struct mail_pick *pick;
	/* Somebody looks again: no count is from memory (FolderCounts). */
	bool wants_now;
};

/* ---- folders
 * ------------------------------------------------------------------ */
enum mail_special {
	MAIL_ORDINARY,
	MAIL_INBOX,
	MAIL_DRAFTS,
	MAIL_SENT,
	MAIL_ARCHIVE,
	MAIL_JUNK,
	MAIL_TRASH
};
/* Whose folders these are (NAMESPACE, RFC 2342). */
enum mail_space {
	MAIL_SPACE_OWN,
	MAIL_SPACE_OTHERS, /* of other people */
	MAIL_SPACE_SHARED
};
struct mail_folder {
	struct text name;  /* full name in UTF-8, as addresses carry it */
	struct text label; /* its last part, for people */
	struct text path;  /* for people: the name without its namespace */
	unsigned depth;    /* 0: top of its namespace */
	enum mail_special special;
	enum mail_space space;
	char delimiter; /* between levels; NUL: there are none */
	bool is_selectable;
	bool is_subscribed;        /* known after mail_tree only */
	bool takes_folders;        /* others can be below it */
	bool is_counted;           /* else nobody knows what is in it */
	uint32_t messages, unseen; /* 0 when not counted */
	/* 0: not told. */
	uint32_t uid_validity, uid_next;
};
struct mail_folders {
	struct mail_folder
	    *list; /* INBOX, special ones, then by name, as a tree */
	size_t count;
	/* Very many: some of those that mail->pick chooses were not counted in
	 * time. The server goes on with the next page. */
	bool is_late;
};
struct mail_quota {
	bool is_known;
	uint64_t used_bytes, limit_bytes;
};

/* ---- lists
 * ---------------------------------------------------------------------- */
enum mail_sort {
	MAIL_SORT_ARRIVAL, /* newest first: costs the page, not the mailbox */
	MAIL_SORT_DATE,
	MAIL_SORT_FROM,
	MAIL_SORT_SUBJECT,
	MAIL_SORT_SIZE,
	MAIL_SORT_TO,
	MAIL_SORT_UNREAD, /* unread ones first, then by arrival */
	MAIL_SORT_FLAGGED /* flagged ones first, then by arrival */
};
enum mail_flag {
	MAIL_SEEN = 1,
	MAIL_FLAGGED = 2,
	MAIL_ANSWERED = 4,
	MAIL_DRAFT = 8,
	MAIL_DELETED = 16,
	MAIL_FORWARDED = 32, /* keyword $Forwarded */
	/* Only stored; a message tells them as is_junk, is_not_junk. */
	MAIL_JUNK_MARK = 64,      /* keyword $Junk */
	MAIL_NOT_JUNK_MARK = 128, /* keyword $NotJunk */
	/* Keyword $MDNSent (RFC 3503): a receipt was sent, or declined. */
	MAIL_RECEIPT_SENT = 256
};
/* What a server did not manage in a large folder. */
enum mail_setback {
	MAIL_SETBACK_NONE,
	MAIL_SETBACK_SLOW, /* it takes longer than people wait; try again */
	MAIL_SETBACK_LOST  /* it closed the connection over that */
};
struct mail_search;
struct mail_query {
	struct text folder;
	uint32_t first;     /* zero-based rank of the first row */
	uint32_t row_count; /* 1 to LIMIT_LIST_ROWS */
	enum mail_sort sort;
	bool is_reversed;   /* the other way round than the sort's own order */
	bool with_previews; /* where the server has them (RFC 8970) */
	/* What to look for (mail_search.h); NULL: all there is. */
	const struct mail_search *search;
};
struct mail_row {
	uint32_t uid;
	unsigned flags;           /* enum mail_flag */
	struct str keywords;      /* the others, a space between: labels */
	struct mime_address from; /* first From */
	struct mime_address to;   /* first To, for Sent and Drafts */
	struct text subject;
	int64_t date_s;    /* Date header, else arrival */
	int64_t arrived_s; /* INTERNALDATE */
	uint64_t bytes;
	bool has_attachment;
	bool has_preview;    /* it was asked for; it may be empty */
	struct text preview; /* how its text begins; one line */
};
struct mail_list {
	struct mail_row *rows;
	size_t row_count;
	uint32_t total; /* of the folder, or of what was found */
	uint32_t uid_validity;
	uint32_t first; /* rank of rows[0]; moved back when past the end */
	/* has:attachment: so many older ones may match, too. */
	uint32_t unlooked;
	/* So many older ones are not in this order: the server cannot sort. */
	uint32_t beyond;
	/* Not NONE: they stand in the order of arrival, newest first, instead
	 * of the one that was asked for. */
	enum mail_setback setback;
	bool is_own_order; /* … which would have been made here */
};
/*
 * One page of a folder, and, when not NULL, the folders with unread counts
 * and the quota: pipelined, so all of it costs about one round trip.
 * ERR_NOT_FOUND: no such folder.
 */
enum err_code mail_list(struct mail *mail, const struct mail_query *query,
    struct mail_list *out, struct mail_folders *out_folders,
    struct mail_quota *out_quota, struct err *err) WARN_UNUSED;
enum err_code mail_folders(
    struct mail *mail, struct mail_folders *out, struct err *err) WARN_UNUSED;
/*
 * The folder of that kind: the person's choice, else by configuration, special
 * use, or name; or NULL.
 */
const struct mail_folder *mail_special_find(const struct mail *mail,
    const struct mail_folders *folders, enum mail_special special);

/* ---- messages
 * -------------------------------------------------------------------- */
struct mail_id {
	struct text folder;
	uint32_t uid;
	uint32_t uid_validity; /* 0: whatever it is */
};
struct mail_message {
	struct mime_header header;
	struct mime_part *root;
	unsigned flags;
	struct str keywords;       /* as in mail_row */
	bool is_junk, is_not_junk; /* keywords $Junk, $NotJunk */
	uint64_t bytes;
	int64_t arrived_s;
	uint32_t uid_validity;
	uint32_t newer_uid, older_uid; /* neighbours by arrival; 0: none */
	/* A limit was met, or the server's structure was broken and the message
	 * too large: not all parts are there. The whole can be downloaded. */
	bool is_incomplete;
	uint32_t folder_messages; /* of the folder */
};
/* What else is asked for in the same round trip. */
enum mail_want {
	/*
	 * The texts near the beginning: they stand in part->content, and
	 * mail_part_text and the like cost no further trip.
	 */
	MAIL_WANT_TEXT = 1,
	/* Sets \Seen; out->flags are those of before. Failing is no error. */
	MAIL_WANT_SEEN = 2,
	MAIL_WANT_NEIGHBOURS = 4, /* newer_uid, older_uid */
	MAIL_WANT_HTML = 8        /* formatted texts, too, as MAIL_WANT_TEXT */
};
/*
 * Header and structure (BODYSTRUCTURE). A broken or absent structure falls
 * back to a full parse within the limits. Folders as in mail_list, counted
 * before \Seen is set. `want`: of enum mail_want.
 * ERR_NOT_FOUND: gone, or UIDVALIDITY changed.
 */
enum err_code mail_message(struct mail *mail, const struct mail_id *id,
    unsigned want, struct mail_message *out, struct mail_folders *out_folders,
    struct err *err) WARN_UNUSED;
/*
 * The same in two steps, so that the page is worked at while the server goes
 * on: the first has all of *out but flags, is_junk, is_not_junk, neighbours and
 * folder_messages, the second the rest and the folders (NULL: none; as
 * `with_folders` said). Of a message that was opened before, only the second
 * may tell ERR_NOT_FOUND. Any other call in between waits for it.
 * mail->reading must be there.
 */
enum err_code mail_message_start(struct mail *mail, const struct mail_id *id,
    unsigned want, bool with_folders, struct mail_message *out,
    struct err *err) WARN_UNUSED;
enum err_code mail_message_finish(struct mail *mail, struct mail_message *out,
    struct mail_folders *out_folders, struct err *err) WARN_UNUSED;
/* A request is over: its connection goes back. NULL accepted. */
void mail_message_drop(struct mail_reading *reading);
/*
 * A text part, transfer-decoded and as text; cut at the limit. `charset`: a
 * WHATWG label to go by instead of the part's own; empty: its own.
 */
enum err_code mail_part_text(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, struct str charset, struct text *out,
    bool *out_is_cut, struct err *err) WARN_UNUSED;
/*
 * A part, decoded, piece by piece in constant memory; the sink returns false
 * to stop. `part` NULL: the whole message as it is. What is large is read
 * ahead; a sink that waits for its browser holds no connection for long.
 */
enum err_code mail_part_stream(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, mime_sink_fn *sink, void *ctx,
    struct err *err) WARN_UNUSED;

/* The limits of [Reading], for mime/. */
struct mime_limits mail_limits(const struct mail *mail);
/*
 * The header block of a message, or of the message/rfc822 part `part`, as it
 * is; cut at MaxMessageHeader.
 */
enum err_code mail_header(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, struct str *out, bool *out_is_cut,
    struct err *err) WARN_UNUSED;
/*
 * Bytes of a part, decoded, exactly; UINT64_MAX where that cannot be known
 * without decoding all of it: no ranges then. A large base64 part costs its
 * server a look at all of it (100 MB: 0.1 s): not for plain downloads.
 */
enum err_code mail_part_size(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, uint64_t *out, struct err *err) WARN_UNUSED;
/*
 * Decoded bytes `first` to `first + len - 1` of a part whose size is known, as
 * mail_part_stream: without fetching what stands before.
 */
enum err_code mail_part_range(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, uint64_t first, uint64_t len,
    mime_sink_fn *sink, void *ctx, struct err *err) WARN_UNUSED;
/* A part, decoded, into the arena: ERR_LIMIT past max_bytes. */
enum err_code mail_part_bytes(struct mail *mail, const struct mail_id *id,
    const struct mime_part *part, size_t max_bytes, struct str *out,
    struct err *err) WARN_UNUSED;

/* What else belongs to a message. */
struct mail_thread_row {
	struct mail_row row;
	struct text folder;
	uint32_t uid_validity;
	bool is_this;
};
struct mail_around {
	/* The conversation by Message-ID, References, In-Reply-To, oldest
	 * first: of this folder and of Sent; with the message itself. */
	struct mail_thread_row *rows;
	size_t row_count;
	bool is_cut; /* more than LIMIT_THREAD_ROWS */
	/* Did this sender ever write here before, or did we write there? */
	bool is_sender_known;
	/* False: nothing was asked, the folder is larger than
	 * ConversationLimit (and `even_large` was not set). */
	bool is_known;
};
enum err_code mail_around(struct mail *mail, const struct mail_id *id,
    const struct mail_message *message, const struct mail_folders *folders,
    bool even_large, struct mail_around *out, struct err *err) WARN_UNUSED;

/*
 * Calls `found` with the envelope (as a header) of each of the newest `most`
 * messages of a folder, in no order; again when a connection was lost on the
 * way. ERR_NOT_FOUND: no such folder.
 */
typedef void mail_recipients_fn(void *ctx, const struct mime_header *header);
enum err_code mail_recipients(struct mail *mail, struct text folder,
    uint32_t most, mail_recipients_fn *found, void *ctx,
    struct err *err) WARN_UNUSED;

/* ---- actions
 * ----------------------------------------------------------------------- */
struct mail_uids {
	const uint32_t *list;
	size_t count; /* 1 to LIMIT_LIST_ROWS */
};
/* Sets or clears; ERR_NOT_FOUND when UIDVALIDITY changed. */
enum err_code mail_store_flags(struct mail *mail, struct text folder,
    uint32_t uid_validity, struct mail_uids uids, unsigned flags, bool on,
    struct err *err) WARN_UNUSED;
/*
 * Moves (MOVE, or COPY + \Deleted + UID EXPUNGE; without UIDPLUS the originals
 * stay marked \Deleted, never a bare EXPUNGE). *out_uids: new UIDs in the
 * target when the server says (COPYUID), for undoing; may be empty.
 */
enum err_code mail_move(struct mail *mail, struct text folder,
    uint32_t uid_validity, struct mail_uids uids, struct text to_folder,
    struct mail_uids *out_uids, uint32_t *out_uid_validity,
    struct err *err) WARN_UNUSED;
/* For good, only these: \Deleted and UID EXPUNGE. */
enum err_code mail_expunge(struct mail *mail, struct text folder,
    uint32_t uid_validity, struct mail_uids uids, struct err *err) WARN_UNUSED;
/*
 * Makes a folder and subscribes to it; one that exists is no error. *out_name
 * (may be `folder` itself, or NULL): what it is called; a server may want all
 * folders of one's own below a prefix ("INBOX.").
 */
enum err_code mail_folder_make(struct mail *mail, struct text folder,
    struct text *out_name, struct err *err) WARN_UNUSED;
/* Appends a message from an open file; *out_uid 0 when not told. */
enum err_code mail_append(struct mail *mail, struct text folder, unsigned flags,
    int fd, uint64_t bytes, uint32_t *out_uid, struct err *err) WARN_UNUSED;
/* A piece of a message that is put together: of a file, or a part there. */
struct mail_piece {
	int fd; /* -1: the part */
	uint64_t offset, bytes;
	uint32_t uid;       /* of a message of the same folder */
	struct str section; /* "2", "2.MIME" */
};
/*
 * Appends what is partly there already (CATENATE, RFC 4469). ERR_MAIL: the
 * server refused, or cannot do it; then mail_append the whole.
 */
enum err_code mail_append_pieces(struct mail *mail, struct text folder,
    uint32_t uid_validity, unsigned flags, const struct mail_piece *pieces,
    size_t count, uint32_t *out_uid, struct err *err) WARN_UNUSED;
/* Can the server do that? And UID EXPUNGE (UIDPLUS, RFC 4315)? */
enum err_code mail_can(struct mail *mail, bool *out_catenate, bool *out_uidplus,
    struct err *err) WARN_UNUSED;
/* UIDs whose header `name` holds `value` (UID SEARCH HEADER). */
enum err_code mail_find_header(struct mail *mail, struct text folder,
    struct str name, struct str value, struct mail_uids *out,
    uint32_t *out_uid_validity, struct err *err) WARN_UNUSED;

/* ---- what accounts know
 * --------------------------------------------------------- */
struct str account_login_name(const struct account *account);
const struct mail_server *account_server(const struct account *account);
const struct config_site *mail_server_site(const struct mail_server *server);
const struct config *mail_server_config(const struct mail_server *server);

#endif
