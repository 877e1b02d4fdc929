#ifndef MAIL_IMAP_CONVERSATION_H
#define MAIL_IMAP_CONVERSATION_H
/* Between the files that make pages of conversations; for this room only. */
#include "mail/imap_thread_order.h"

/* A message of the page. */
struct imap_conversation_slot {
	uint32_t uid;
	uint32_t at; /* conversation of the page */
	unsigned flags;
	bool is_there;
	bool has_row; /* not only its flags are wanted */
};

/* One call under way. */
struct imap_conversations {
	struct imap_listing listing; /* folders, and what orders need */
	struct mail_list plain;      /* for the listing */
	struct mail_conversations *out;
	uint32_t open_uid;
	struct imap_thread_order order;
	struct imap_conversation_slot *slots; /* rising by UID */
	size_t slot_count, row_count;         /* those with rows are listed */
	uint32_t top_uid;                     /* as told now */
	bool has_news;                        /* flags that nobody asked for */
};

/* ---- the page (imap_conversation_page.c); pure ---- */
/* Which conversations of page->order, and which of their messages. */
enum err_code imap_conversation_choose(
    struct imap_conversations *page, struct err *err) WARN_UNUSED;
/* The slot of a message; NULL: it is not of the page. */
struct imap_conversation_slot *imap_conversation_slot(
    const struct imap_conversations *page, uint32_t uid);
/* What came, newest first, without what is gone. */
void imap_conversation_collect(struct imap_conversations *page);

#endif
