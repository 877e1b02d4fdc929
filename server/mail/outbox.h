#ifndef MAIL_OUTBOX_H
#define MAIL_OUTBOX_H
/*
 * A composition on its way: draft, spool, SMTP, Sent. Each step is recorded
 * before the next, so that a double click, a reload or a crash gives one
 * message, in Drafts, in the Outbox or in Sent, never nowhere, never twice.
 *
 *                 put               claim             before the dot
 *   WRITING ------------> WAITING ----------> SENDING --------------> UNSURE
 *      ^  \______________________________________^                      |
 *      |      put, when it is sent in the request itself                | 250
 *      |                                                                v
 *      |<-- taken back (WAITING), refused (SENDING, UNSURE)           SENT
 *           later (SENDING, UNSURE) leads to WAITING again              |
 *                                                       copied to Sent, |
 *                                                       row gone        v
 *
 * What is where, and what a crash leaves (store/store_outbox.h has the row):
 *
 *   step                       crash after it            found at the start
 *   fields stored              form in the store         WRITING
 *   file built, synced         and a file                WRITING, file removed
 *   row and state put          row, file                 WAITING, goes out
 *   claimed: SENDING           row, file                 WAITING, goes out
 *   UNSURE noted, then dot     row, file                 UNSURE (the window)
 *   250 came, SENT noted       row, file                 SENT, is copied
 *   copy appended              row, file, copy in Sent   SENT, copy is found
 *   draft and source removed   row, file                 SENT, copy is found
 *   row deleted                file                      file removed
 *   file removed               nothing                   done
 *
 * The window: between noting UNSURE and noting SENT nobody can know from here
 * whether the server has the message. It is shown as "perhaps sent", stays in
 * the Outbox and is never sent again by itself.
 */
#include "mail/mail.h"
#include "store/store_outbox.h"

/* One composition with all its parts; borrowed for the call. */
struct outbox_item {
	struct store *store;
	struct str account;    /* key of the store */
	struct str compose_id; /* 22 letters of base64url */
	const char *spool_folder;
	struct mime_draft *draft; /* files may be set by outbox_open_files */
	/* Nobody pressed a button: a draft is not saved where that would send
	 * large files to the mail server again. */
	bool is_by_itself;
	struct str login;
	const struct secret *password;
};

/* Files that draft->html shows have "FILE-ID@iwebmsg" as their Content-ID. */
#define OUTBOX_CID_DOMAIN "@iwebmsg"

/* Fills draft->files from the stored attachments; read in chunks. */
enum err_code outbox_open_files(
    struct outbox_item *item, struct arena *arena, struct err *err) WARN_UNUSED;

/* A message in the spool. */
struct outbox_spooled {
	struct str file; /* its name: the id, eight letters, ".eml" */
	uint64_t head_bytes, message_bytes;
	bool is_8bit, is_utf8;
};
/*
 * Builds the message once, durably: with Bcc as its first head_bytes, which
 * only the copy in Sent has. The name is a new one each time. ERR_LIMIT: too
 * large, or the disk is full; ERR_INPUT: an address; nothing is left behind.
 */
enum err_code outbox_build_spool(struct mail *mail, struct outbox_item *item,
    struct outbox_spooled *out, struct err *err) WARN_UNUSED;
/* Writes a message into an open file, durably. */
typedef enum err_code outbox_write_fn(void *ctx, int fd, uint64_t max_bytes,
    struct mime_built *out, struct err *err);
/* The same for a message that is made otherwise; of `item` only whose it is. */
enum err_code outbox_spool(struct mail *mail, const struct outbox_item *item,
    outbox_write_fn *write, void *ctx, struct outbox_spooled *out,
    struct err *err) WARN_UNUSED;
/* Does the server for outgoing mail take 8BITMIME? It may be asked for that. */
bool outbox_takes_8bit(struct mail *mail);
/* Removes a file of the spool; one that is not there is no error. */
void outbox_remove_file(
    const char *spool_folder, struct str file, struct arena *arena);

/* A message on its way, as its row says; borrowed for the call. */
struct outbox_post {
	struct store *store;
	const char *spool_folder;
	struct str id, account;
	int64_t lease; /* of the claim */
	struct outbox_spooled spooled;
	struct str from; /* envelope */
	const struct str *recipients;
	size_t count;
	struct str message_id;
	bool asks_dsn;
	bool server_keeps_sent; /* the copy in Sent is not ours to make */
	/* At the 250 the claim ends: the post office makes the copy. */
	bool is_handed_over;
	/* An earlier try to copy may have got through: look for it first. */
	bool is_retried;
	struct str login;
	const struct secret *password;
};

enum outbox_outcome {
	OUTBOX_SENT, /* 250, and noted: SENT (no longer ours if is_handed_over)
	              */
	OUTBOX_UNSURE,  /* noted: UNSURE */
	OUTBOX_LATER,   /* nothing went out; it may work later */
	OUTBOX_REFUSED, /* nothing went out; its writer's turn */
	OUTBOX_STOPPED, /* canceled, nothing went out */
	/* Somebody else took the row (the lease was over) and decides about
	 * it: nothing went out from here, and nothing may be noted. */
	OUTBOX_LOST
};
struct outbox_result {
	enum outbox_outcome end;
	enum err_code code; /* why, for OUTBOX_LATER and OUTBOX_REFUSED */
	struct text words;  /* for people; or empty */
	/* OUTBOX_REFUSED: whom the server does not take; maybe nobody. */
	struct text *refused;
	size_t refused_count;
};
/*
 * Sends a message that the caller has claimed (SENDING), notes UNSURE before
 * the dot and SENT after the 250. What else became of it is the caller's to
 * note (store_outbox_later, store_outbox_back). Never fails: see out->end.
 */
void outbox_send(struct mail *mail, const struct outbox_post *post,
    struct outbox_result *out);

/*
 * Copies a sent message, claimed by the caller, from the spool to Sent, unless
 * an earlier try did (is_retried: looked for by its Message-ID). *out_copied:
 * is the copy there (or nobody's business)? ERR_…: try again later.
 */
enum err_code outbox_copy(struct mail *mail, const struct outbox_post *post,
    bool *out_copied, struct err *err) WARN_UNUSED;
/* After outbox_copy: attachments, row and file go. */
enum err_code outbox_finish(struct mail *mail, const struct outbox_post *post,
    bool copied, struct err *err) WARN_UNUSED;
/*
 * Puts a message that came back (WRITING again) into Drafts, under its
 * compose id, in place of older copies; then its file goes.
 */
enum err_code outbox_return(struct mail *mail, const struct outbox_post *post,
    struct err *err) WARN_UNUSED;
/*
 * Removes what stands in the spool without a row, and was written before
 * `before_s`: of steps that were cut short, or that another node ended.
 */
void outbox_sweep(struct store *store, const char *spool_folder,
    struct str node, int64_t before_s, struct arena *arena);

/*
 * Puts the composition into Drafts and removes its older copies there, each
 * by UID. The new copy is in before an old one goes.
 */
enum err_code outbox_save_draft(
    struct mail *mail, struct outbox_item *item, struct err *err) WARN_UNUSED;
/* What a draft says of its composition (X-Iwebmsg-Compose: ID VERSION). */
struct outbox_mark {
	struct str id; /* empty: none of ours */
	uint64_t version;
};
struct outbox_mark outbox_mark_parse(struct str header);
/*
 * Of several copies in Drafts, as a crash leaves them, the newest stays; the
 * others go. *out_uid: the one that is there then; 0: none.
 */
enum err_code outbox_merge_drafts(struct mail *mail, struct str compose_id,
    struct text *out_folder, uint32_t *out_uid, uint32_t *out_validity,
    struct err *err) WARN_UNUSED;
/* Removes this composition's copies from Drafts. */
enum err_code outbox_drop_draft(
    struct mail *mail, struct str compose_id, struct err *err) WARN_UNUSED;

/* Bytes of one stored chunk of an attachment. */
#define OUTBOX_CHUNK_BYTES ((size_t)256 << 10)

#endif
