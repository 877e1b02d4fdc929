#ifndef MAIL_IMAP_AROUND_H
#define MAIL_IMAP_AROUND_H
/*
 * What belongs to a message: searches in one folder and the rows found; for
 * this room only.
 */
#include "base/limits.h"
#include "mail/account_senders.h"
#include "mail/imap_thread_order.h"

#define AROUND_IDS 20u /* Message-IDs that are asked for */

/* One more than a plain row: what tells copies of a message apart. */
struct around_row {
	struct mail_thread_row row;
	struct str message_id;
};

/* One folder that is searched. */
struct around_side {
	struct mail *mail;
	struct text folder;
	struct str wire;
	bool is_sent;
	/* what to look for */
	struct str ids[AROUND_IDS]; /* [0] the message's own, then by weight */
	size_t id_count;
	struct str sender; /* address; empty: not asked for */
	uint32_t uid;      /* the message itself is here; 0: it is not */
	int64_t deadline_mono_ms;
	/* All conversations of the folder, as a list told them; or nothing. */
	struct imap_thread_order order;
	bool only_kept; /* of these alone: a search would take too long */
	bool is_kept;   /* it was found there, and they are true */
	/* what was found */
	struct around_row rows[LIMIT_THREAD_ROWS];
	size_t row_count;
	bool is_cut;
	bool is_sender_known;
	uint32_t asked;   /* of what was sent: of imap_around_recall */
	bool is_recalled; /* uids are from memory: only rows are asked for */
	/* while asking */
	bool is_sender_refused; /* the search for it was not done */
	uint32_t first_tag, done;
	uint32_t low_uid, high_uid; /* where the sender is looked for */
	uint32_t top_uid;           /* of the newest message */
	struct imap_found found;
	uint32_t uids[LIMIT_THREAD_ROWS];
	size_t uid_count;
	uint32_t uid_validity, exists;
};

/*
 * Ids to look for: the message's own, its parent, the first of the thread,
 * then the others from the newest on. False: it has none.
 */
bool imap_around_ids(
    struct around_side *side, const struct mime_header *header);
/* The message itself, its address as `sender`: whose, where. */
struct account_letter imap_around_letter(
    const struct around_side *side, uint32_t uid);
/*
 * What was found in the folder of sent mail for this message, as long as that
 * folder is as it was: the same UIDVALIDITY, UIDNEXT and number of messages.
 * False: it must be asked.
 */
bool imap_around_recall(struct around_side *sent, const struct mail_id *id,
    const struct mail_folder *folder);
/* After it was asked, for the next time. */
void imap_around_note(const struct around_side *sent, const struct mail_id *id,
    const struct mail_folder *folder);
/*
 * Nobody wrote before this message: true for ever, as no message comes with a
 * lower UID. Its uid_validity is known.
 */
bool imap_around_is_first(const struct around_side *here);
void imap_around_note_first(const struct around_side *here);
/* Asks, on a connection of the pool that is dropped when it takes too long. */
enum err_code imap_around_ask(
    struct around_side *side, struct err *err) WARN_UNUSED;

#endif
