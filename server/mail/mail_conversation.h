#ifndef MAIL_MAIL_CONVERSATION_H
#define MAIL_MAIL_CONVERSATION_H
/*
 * A folder as conversations: messages that answer each other (References,
 * In-Reply-To), the one with the newest message first. Rules of threads as in
 * mail.h.
 */
#include "mail/mail.h"

/* Longer ones are cut into pieces of this length, from the newest on. */
#define MAIL_CONVERSATION_MOST 100u

struct mail_conversation {
	const uint32_t *uids; /* newest first */
	size_t count;
	/* Of some of them, newest first: the newest, the oldest; all when it
	 * is the one that is open. */
	struct mail_row *rows;
	size_t row_count;
	uint32_t unread;        /* messages */
	uint32_t newest_unread; /* UID; 0: all are read */
	bool is_flagged;        /* one of them */
	bool has_attachment;    /* one of rows */
	bool is_open;
};
struct mail_conversations {
	struct mail_conversation *list;
	size_t count;
	uint32_t total;    /* conversations */
	uint32_t first;    /* rank of list[0]; moved back when past the end */
	uint32_t messages; /* of the folder */
	uint32_t uid_validity;
	/* So many of the oldest messages are in none: the folder is too large
	 * for that. */
	uint32_t beyond;
	/* The server did not manage THREAD: those that are here were made of
	 * headers; or none at all, and mail_list has to do. */
	enum mail_setback setback;
	bool is_not_made;
	bool is_own; /* … though it only had to tell the headers */
};
/*
 * One page of them, made by THREAD where the server has it, else here, of the
 * newest OrderLimit messages. What was found out is kept with the account as
 * long as the same messages are in the folder: then it is one round trip.
 * `query` as in mail_list, without search and order; first and row_count count
 * conversations. `open_uid`: one of the messages of the conversation that is
 * shown with all its rows; 0: none. ERR_NOT_FOUND: no such folder.
 */
enum err_code mail_conversations(struct mail *mail,
    const struct mail_query *query, uint32_t open_uid,
    struct mail_conversations *out, struct mail_folders *out_folders,
    struct mail_quota *out_quota, struct err *err) WARN_UNUSED;

#endif
