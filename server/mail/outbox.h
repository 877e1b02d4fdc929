#ifndef MAIL_OUTBOX_H
#define MAIL_OUTBOX_H
/*
 * A composition on its way: draft, spool, SMTP, Sent. Each step is recorded
 * before the next, so that a double click, a reload or a crash gives one
 * message, in Drafts, on its way, or in Sent, never nowhere.
 *
 *   WRITING --claim--> SENDING --before the final dot--> UNSURE --250--> SENT
 *
 * A refusal leads back to WRITING. A connection that breaks after the final
 * dot leaves UNSURE: the one case that cannot be decided from here.
 */
#include "mail/mail.h"
#include "store/store.h"

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

struct outbox_result {
	enum store_compose_state state; /* after the call */
	bool is_copied;                 /* a copy is in Sent */
	struct text words; /* what went wrong, for people; or empty */
};

/* Fills draft->files from the stored attachments; read in chunks. */
enum err_code outbox_open_files(
    struct outbox_item *item, struct arena *arena, struct err *err) WARN_UNUSED;

/*
 * Sends once. Of several callers with one id a single one sends; the others
 * get the state as it is. ERR_INPUT, ERR_MAIL, ERR_AWAY …: nothing went out
 * and the composition can be changed and sent again. ERR_OK: see result.
 */
enum err_code outbox_send(struct mail *mail, struct outbox_item *item,
    struct outbox_result *out, struct err *err) WARN_UNUSED;

/*
 * Copies a sent message from the spool to Sent, unless it is there already
 * (found by its Message-ID). Clears spool and attachments when done.
 */
enum err_code outbox_copy(struct mail *mail, struct outbox_item *item,
    struct str message_id, struct err *err) WARN_UNUSED;

/*
 * Puts the composition into Drafts and removes its older copies there, each
 * by UID. The new copy is in before an old one goes.
 */
enum err_code outbox_save_draft(
    struct mail *mail, struct outbox_item *item, struct err *err) WARN_UNUSED;
/* Removes this composition's copies from Drafts. */
enum err_code outbox_drop_draft(
    struct mail *mail, struct str compose_id, struct err *err) WARN_UNUSED;

/* Bytes of one stored chunk of an attachment. */
#define OUTBOX_CHUNK_BYTES ((size_t)256 << 10)

#endif
