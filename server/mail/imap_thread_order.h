#ifndef MAIL_IMAP_THREAD_ORDER_H
#define MAIL_IMAP_THREAD_ORDER_H
/*
 * All conversations of a folder in the order of their newest messages: told
 * by the server, or made from headers. For this room only.
 */
#include "mail/imap_order.h"
#include "mail/mail_conversation.h"

/* Of larger folders the newest are made into conversations. */
#define IMAP_THREAD_ORDER_MOST 100000u

struct imap_thread_order {
	uint32_t exists, top_uid; /* of the folder, when it was made */
	uint32_t beyond;          /* older messages that are in none */
	uint32_t thread_count, uid_count;
	const uint32_t *uids;       /* newest first, one after the other */
	const unsigned char *sizes; /* of each conversation */
};

/*
 * What is kept for the folder as it is: another number of messages, or another
 * newest one (the caller compares top_uid) is another folder. As UIDs only
 * rise, equal ones mean the same messages.
 */
bool imap_thread_order_find(struct imap_listing *listing,
    const struct imap_conn *conn, struct imap_thread_order *out);
/* What is kept of a folder (as on the wire), as it was then. */
bool imap_thread_order_recall(const struct mail *mail, struct str folder,
    uint32_t uid_validity, struct imap_thread_order *out);
/* The messages of this one's conversation, in no order; 0: it is in none. */
size_t imap_thread_order_around(
    const struct imap_thread_order *order, uint32_t uid, const uint32_t **out);
void imap_thread_order_drop(
    struct imap_listing *listing, const struct imap_conn *conn);
/* Does the server tell conversations? */
bool imap_thread_order_is_told(const struct imap_conn *conn);
/*
 * Made anew, and kept. Folders go with it. A server that broke off over THREAD
 * is not asked for it again for a while: they are made from headers then, as
 * on servers without it. ERR_AWAY: listing->setback says whether that was
 * too much, too.
 */
enum err_code imap_thread_order_make(struct imap_listing *listing,
    struct imap_conn *conn, bool with_folders, struct imap_thread_order *out,
    struct err *err) WARN_UNUSED;

struct imap_thread_maker;
/*
 * All of an open folder (as on the wire) were told for another reason: kept,
 * unless messages came or went meanwhile.
 */
void imap_thread_order_note(const struct mail *mail, struct str folder,
    const struct imap_conn *conn, struct imap_thread_maker *maker);

/* ---- how they are made (imap_thread_make.c); pure ---- */
struct imap_thread_maker {
	struct arena *arena;
	uint32_t *uids; /* told or read, each conversation behind the other */
	size_t count, capacity;
	uint32_t *ends; /* of each, in uids */
	size_t end_count, end_capacity;
	bool is_broken; /* what came was no thread-data */
	/* from headers */
	struct imap_thread_ids *ids;
};
/* thread-data (RFC 5256, 5): "(2)(3 6 (4 23)(44 7 96))". */
void imap_thread_told(struct imap_thread_maker *maker, struct str bytes);
/* One message with its Message-ID, In-Reply-To, References lines. */
void imap_thread_read(
    struct imap_thread_maker *maker, uint32_t uid, struct str header);
/* After the last of them. */
void imap_thread_join(struct imap_thread_maker *maker);
/*
 * In order, cut into pieces; *out lives in the arena. False: no memory, or
 * what was told is broken.
 */
bool imap_thread_made(
    struct imap_thread_maker *maker, struct imap_thread_order *out);

#endif
