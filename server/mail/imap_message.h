#ifndef MAIL_IMAP_MESSAGE_H
#define MAIL_IMAP_MESSAGE_H
/* What calls about one message share; for this room only. */
#include "mail/imap_batch.h"
#include "mail/imap_folders.h"
#include "mail/mail.h"

/* One call of mail_message under way. */
struct imap_message {
	struct mail *mail;
	const struct mail_id *id;
	unsigned want; /* enum mail_want */
	bool with_folders;
	struct str folder; /* as on the wire */
	struct mime_limits limits;
	struct mail_message *out;
	struct imap_batch batch; /* of the first round */
	struct imap_folders folders;
	struct imap_spaces spaces; /* kept from the connection, at the end */
	/* The server cannot say its structure: it is read whole. */
	bool is_whole;
	bool is_again;  /* it garbled the connection */
	bool is_there;  /* the server knows the message */
	bool is_cached; /* the answer was remembered */
	bool is_early;  /* nobody waited for the server: is_there comes late */
	bool is_doubtful; /* the server could not look what others did */
	bool has_flags;
	bool is_setting_seen; /* by the batch `seen`, which goes on */
	bool has_set_seen;
	struct imap_batch seen;
	bool is_sequence; /* answers are of sequence numbers */
	uint32_t sequence;
	uint64_t changes;           /* of the connection, when that was said */
	uint32_t low_uid, high_uid; /* where neighbours are looked for */
	struct str answer;          /* to be remembered */
	struct str head;            /* the message's beginning, or its header */
	struct mime_part **texts;   /* asked for by their sections */
	size_t text_count;
};

/*
 * Asks for all of it at once and waits for the message itself, unless it is
 * remembered; call->batch goes on, and imap_message_rest waits for it. Not
 * after an error.
 */
enum err_code imap_message_first(struct imap_message *call,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Flags, neighbours and counts of the folders. */
enum err_code imap_message_rest(struct imap_message *call,
    struct imap_conn *conn, struct err *err) WARN_UNUSED;

/* ---- what the answers say (imap_message_take.c) ---- */
/* Listens to the answers of all rounds. */
enum err_code imap_message_take_untagged(void *ctx, struct imap_reader *reader,
    const struct imap_response *response, struct err *err);
/*
 * Once the structure is known: finds the texts in what came with it, and puts
 * those that are still wanted into call->texts.
 */
void imap_message_take_place(struct imap_message *call);
/* What an earlier answer told of the same message: sets call->is_cached. */
void imap_message_take_memory(
    struct imap_message *call, const struct imap_conn *conn);
/*
 * It was from memory, and it is not there, or nobody knows: forgets it.
 * ERR_AWAY: to be asked for once more.
 */
enum err_code imap_message_take_doubt(const struct imap_message *call,
    const struct imap_conn *conn, struct err *err) WARN_UNUSED;
/* Keeps what was answered now. */
void imap_message_take_keep(
    const struct imap_message *call, const struct imap_conn *conn);

/* Before a call asks for something of its own: mail->reading is over. */
void imap_message_make_way(struct mail *mail);

/* ERR_NOT_FOUND, in words for people. */
enum err_code imap_message_gone(struct err *err);
/* Opens the folder; ERR_NOT_FOUND when UIDVALIDITY is another one. */
enum err_code imap_message_open(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err) WARN_UNUSED;
/*
 * The same for what acts on messages. A server silently skips messages that
 * this connection has not heard of yet: it is asked what is new first, and not
 * in one go, because Dovecot puts that off until the commands that came with
 * it are done.
 */
enum err_code imap_folder_fresh(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err) WARN_UNUSED;
/* A folder's name for the wire. ERR_NOT_FOUND: no folder has such a name. */
enum err_code imap_folder_wire(struct mail *mail, struct text folder,
    struct str *out, struct err *err) WARN_UNUSED;
/*
 * After ERR_NOT_FOUND: did the folder change since conn->changes was this?
 * Another connection may have shown a message that this one had not heard of.
 */
bool imap_message_is_news(struct imap_conn *conn, uint64_t changes) WARN_UNUSED;
/*
 * A message whose structure the server cannot tell: its first bytes, up to
 * MaxParsedMessage, parsed here. out->bytes is what the server said.
 */
enum err_code imap_message_whole(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct err *err) WARN_UNUSED;

#endif
