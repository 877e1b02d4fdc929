#ifndef MAIL_MAIL_FOLDER_H
#define MAIL_MAIL_FOLDER_H
/*
 * Folders as things to work on: the whole tree, making, renaming, deleting,
 * subscribing, marking all as read, emptying. Lists and messages are in
 * mail.h. Names are UTF-8 as mail.h has them; what is no proper name never
 * reaches the server.
 */
#include "mail/mail_bulk.h"

/* Folders a person chose, by kind; empty: none. They come before all else. */
struct mail_uses {
	struct text names[MAIL_TRASH + 1];
	/* False: `learn` is called before they are looked at; it may fill
	 * names, and nothing else. */
	bool is_known;
	/* There are very many folders: not all are counted at once. */
	bool has_many;
	void (*learn)(struct mail_uses *uses);
	void *ctx; /* for learn */
};

/*
 * Whose counts are wanted of an account with very many folders (MAIL_MANY);
 * all of few are counted.
 */
#define MAIL_MANY 200u
struct mail_pick {
	/* Sets wanted[i] for folders->list[i]; counts are those of before. */
	void (*choose)(
	    void *ctx, const struct mail_folders *folders, bool *wanted);
	void *ctx;
	bool is_exact; /* those and no others beside them */
};
/* Other programs may have changed the tree: the next call asks for it. */
void mail_folders_forget(struct mail *mail);

/* ---- the tree ---------------------------------------------------------------
 */
struct mail_quota_root {
	struct text name; /* may be empty */
	bool has_bytes, has_messages;
	uint64_t used_bytes, limit_bytes;
	uint64_t used_messages, limit_messages;
};
struct mail_tree {
	/* As mail_folders, with all that a folder can tell. */
	struct mail_folders folders;
	struct mail_quota_root *roots;
	size_t root_count;
	char delimiter;     /* of one's own folders; NUL: no levels */
	struct text prefix; /* one's own folders begin with it; may be empty */
	bool can_use;       /* a kind can be told when making one */
	bool can_rights;    /* ACL */
};
/*
 * All of it in about one round trip. The tree of an account with very many
 * folders may be a minute old.
 */
enum err_code mail_tree(
    struct mail *mail, struct mail_tree *out, struct err *err) WARN_UNUSED;
/* NULL: there is none of this name. */
const struct mail_folder *mail_tree_find(
    const struct mail_folders *folders, struct text name);
/* Is `name` below `parent` (at any depth)? */
bool mail_folder_is_below(
    const struct mail_folder *parent, const struct mail_folder *folder);
/*
 * The name of a folder called `label` below `parent` (NULL: at the top of
 * one's own). ERR_INPUT says what is wrong with the label: empty, control
 * characters, the delimiter in it, too long. Pure.
 */
enum err_code mail_folder_name(const struct mail_tree *tree,
    const struct mail_folder *parent, struct str label, struct arena *arena,
    struct text *out, struct err *err) WARN_UNUSED;

/*
 * The same for a folder that shall be there with the name it has; with "(2)"
 * behind it when `number` is 2, and so on.
 */
enum err_code mail_folder_moved(const struct mail_tree *tree,
    const struct mail_folder *parent, const struct mail_folder *folder,
    unsigned number, struct arena *arena, struct text *out,
    struct err *err) WARN_UNUSED;

struct mail_folder_state {
	uint32_t uid_validity, uid_next, messages, unseen;
	bool has_bytes;
	uint64_t bytes;
};
/* Of one folder, now (STATUS). ERR_NOT_FOUND. */
enum err_code mail_folder_state(struct mail *mail, struct text folder,
    struct mail_folder_state *out, struct err *err) WARN_UNUSED;

/* ---- changes ----------------------------------------------------------------
 */
/*
 * Makes a folder and subscribes to it. `use`: MAIL_ORDINARY, or its kind,
 * which the server is told where it can be (RFC 6154). ERR_INPUT: there is
 * one of that name. ERR_MAIL: the server refused, with its words.
 */
enum err_code mail_folder_create(struct mail *mail, struct text folder,
    enum mail_special use, struct err *err) WARN_UNUSED;
/*
 * Renames or moves a folder; those below it go along, and the subscriptions
 * of all of them. `folders`: all there are. ERR_INPUT: there is one of the new
 * name.
 */
enum err_code mail_folder_rename(struct mail *mail,
    const struct mail_folders *folders, struct text folder, struct text to,
    struct err *err) WARN_UNUSED;
/* For good, with what is in it; those below it stay. Unsubscribes it. */
enum err_code mail_folder_delete(
    struct mail *mail, struct text folder, struct err *err) WARN_UNUSED;
enum err_code mail_folder_subscribe(struct mail *mail, struct text folder,
    bool on, struct err *err) WARN_UNUSED;

/* ---- what is in one ---------------------------------------------------------
 */
/* Messages of a folder, however many. */
struct mail_marks {
	struct text folder;
	uint32_t uid_validity;
	struct mail_range *ranges;
	size_t count;
	uint32_t total; /* messages */
};
/*
 * Marks all as read; *out: those that were not, for taking it back; after an
 * error those that may have been marked.
 */
enum err_code mail_folder_read(struct mail *mail, struct text folder,
    struct mail_marks *out, struct err *err) WARN_UNUSED;
/* Marks these as unread. ERR_NOT_FOUND when UIDVALIDITY changed. */
enum err_code mail_folder_unread(struct mail *mail,
    const struct mail_marks *marks, struct err *err) WARN_UNUSED;
/*
 * Deletes all messages below uid_next for good, and no other. *out_marked:
 * the server can only mark them as deleted (no UIDPLUS); they go when some
 * program expunges. ERR_NOT_FOUND when UIDVALIDITY changed.
 */
enum err_code mail_folder_empty(struct mail *mail, struct text folder,
    uint32_t uid_validity, uint32_t uid_next, bool *out_marked,
    struct err *err) WARN_UNUSED;

#endif
