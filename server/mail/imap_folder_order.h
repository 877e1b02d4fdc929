#ifndef MAIL_IMAP_FOLDER_ORDER_H
#define MAIL_IMAP_FOLDER_ORDER_H
/* Names, kinds and order of folders. Pure. */
#include "mail/mail_folder.h"

struct imap_folder {
	struct str wire; /* as the server names it; INBOX in capitals */
	char delimiter;  /* NUL: the server has no levels */
	bool is_selectable;
	bool is_subscribed;
	bool is_leaf;                /* \\Noinferiors */
	bool is_counted;             /* STATUS told the numbers below */
	bool is_news;                /* … just now */
	bool is_wanted;              /* shall be counted */
	size_t kept_at;              /* account_folders.h; 0: nowhere */
	enum mail_special attribute; /* as the server marks it */
	uint32_t messages, unseen;
	uint32_t uid_validity, uid_next; /* 0: not told */
	enum mail_space space;
	size_t prefix_bytes; /* of its namespace: people do not see them */
	/* filled by imap_folder_order: */
	struct text name, label, path;
	unsigned depth;
	enum mail_special special;
	struct str key; /* for the order */
};

/* Bytes of all names as the server has them. */
size_t imap_folder_names_bytes(const struct imap_folder *list, size_t count);
/*
 * Copies what the server told, not what imap_folder_order finds; the names go
 * to `names`, which has room for imap_folder_names_bytes().
 */
void imap_folder_copy_told(struct imap_folder *to,
    const struct imap_folder *from, size_t count, char *names);

/*
 * The same with all that imap_folder_order found, but the key; bytes of all
 * strings, and room for so many.
 */
size_t imap_folder_all_bytes(const struct imap_folder *list, size_t count);
void imap_folder_copy_all(struct imap_folder *to,
    const struct imap_folder *from, size_t count, char *bytes);
/* Forgets what imap_folder_order found. */
void imap_folder_unorder(struct imap_folder *list, size_t count);

/* What says which folder is Sent, Drafts and so on. */
struct imap_folder_rules {
	const struct config_site *site;
	struct mail_uses *uses; /* NULL: nobody chose any */
};
/* The same rules have the same one. Asks the person's choice first. */
uint64_t imap_folder_rules_stamp(const struct imap_folder_rules *rules);
/*
 * Fills names and kinds and sorts: one's own before those of others; INBOX,
 * special ones, then by name, each with its children below. A folder the
 * person chose for a kind, or else the configuration names for Sent, Drafts or
 * Trash, is the only one of that kind; else the marked one; else the one with
 * a common name. Failure of memory shows in the arena.
 */
void imap_folder_order(struct imap_folder *list, size_t count,
    const struct imap_folder_rules *rules, struct arena *arena);

#endif
