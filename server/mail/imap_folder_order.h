#ifndef MAIL_IMAP_FOLDER_ORDER_H
#define MAIL_IMAP_FOLDER_ORDER_H
/* Names, kinds and order of folders. Pure. */
#include "mail/mail.h"

struct imap_folder {
	struct str wire; /* as the server names it; INBOX in capitals */
	char delimiter;  /* NUL: the server has no levels */
	bool is_selectable;
	enum mail_special attribute; /* as the server marks it */
	uint32_t messages, unseen;
	uint32_t uid_validity; /* 0: not told */
	/* filled by imap_folder_order: */
	struct text name, label;
	unsigned depth;
	enum mail_special special;
	struct str key; /* for the order */
};

/*
 * Fills names and kinds and sorts: INBOX, special ones, then by name, each
 * with its children below. A folder the configuration names for Sent, Drafts
 * or Trash is the only one of that kind; else the marked one; else the one
 * with a common name. Failure of memory shows in the arena.
 */
void imap_folder_order(struct imap_folder *list, size_t count,
    const struct config_site *site, struct arena *arena);

#endif
