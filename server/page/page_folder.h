#ifndef PAGE_PAGE_FOLDER_H
#define PAGE_PAGE_FOLDER_H
/*
 * Folders as pages: the tree, one folder with what can be done to it, and the
 * folders beside every list. This room only.
 */
#include "mail/mail_folder.h"
#include "page/page.h"

/* ---- what a person chose ----------------------------------------------------
 */
/* Where in the archive messages go. */
enum folder_archive_by {
	FOLDER_ARCHIVE_FLAT,
	FOLDER_ARCHIVE_YEAR, /* Archive/2026 */
	FOLDER_ARCHIVE_MONTH /* Archive/2026/2026-03 */
};
/* Of one request, in its arena. */
struct page_folder_prefs {
	struct mail_uses uses; /* Sent, Drafts and so on */
	struct str open;       /* names, a line each: what is inside is shown */
	struct str moved;      /* "old LF new LF": names of before a rename */
	enum folder_archive_by archive_by;
	struct str labels; /* page_label.h */
	struct page_label_list *label_list;
	/* Names likewise: conversations where the others have single messages,
	 * and the other way round. */
	struct str otherwise;
	struct str look; /* page_look.h */
	struct request *req;
	bool has_keys; /* keyboard shortcuts, read along with them */
	bool is_known;
	bool is_broken; /* could not be read: nothing is written */
};
/* NULL: no memory. What the store does not tell is as if nobody chose. */
struct page_folder_prefs *page_folder_prefs_of(struct request *req);
/* They came along with the others: no question of their own. */
void page_folder_prefs_take(
    struct request *req, const struct store_pref *list, size_t count);
/* For work without a request: what the account's owner chose. */
struct mail_uses *page_folder_uses_of(
    struct store *store, struct str account, struct arena *arena);
/* name empty: by itself again. */
enum err_code page_folder_prefs_use(struct request *req,
    enum mail_special special, struct text name, struct err *err) WARN_UNUSED;
enum err_code page_folder_prefs_open(struct request *req, struct text name,
    bool is_open, struct err *err) WARN_UNUSED;
bool page_folder_prefs_is_open(struct request *req, struct text name);
bool page_folder_prefs_has_keys(struct request *req);
/* Is it shown otherwise than the settings say? (page_prefs.conversations) */
bool page_folder_prefs_is_other(struct request *req, struct text name);
enum err_code page_folder_prefs_other(struct request *req, struct text name,
    bool is_other, struct err *err) WARN_UNUSED;
/* Carries what was chosen over to the new name, and notes it. */
enum err_code page_folder_prefs_rename(struct request *req,
    const struct mail_folder *folder, struct text to,
    struct err *err) WARN_UNUSED;
/* They are read together with these. */
struct str page_folder_prefs_labels(struct request *req);
struct str page_folder_prefs_look(struct request *req);
enum folder_archive_by page_folder_prefs_archive(struct request *req);
/* `by`: "", "year", "month"; else ERR_INPUT. */
enum err_code page_folder_prefs_set_archive(
    struct request *req, struct str by, struct err *err) WARN_UNUSED;
/* Notes whether there are very many, for the next time. */
void page_folder_prefs_count(struct request *req, size_t count);
/* What a folder that is not there is called now; false: nobody knows. */
bool page_folder_moved_to(
    struct request *req, struct text name, struct text *out);

/* ---- what was done ----------------------------------------------------------
 */
enum folder_undo_kind {
	FOLDER_UNDO_RENAME, /* back from `to` to `from` */
	FOLDER_UNDO_MAKE,   /* `from` again, empty */
	FOLDER_UNDO_UNREAD  /* marks */
};
struct folder_undo {
	enum folder_undo_kind kind;
	struct text from, to;
	bool was_subscribed;
	struct mail_marks *marks;
	size_t mark_count;
	int64_t made_s; /* set by unsealing */
};
/* ptr NULL: cannot be sealed. It may be too long for an address. */
struct str folder_undo_seal(
    struct request *req, const struct folder_undo *undo);
enum err_code folder_undo_unseal(struct request *req, struct str token,
    struct folder_undo *out, struct err *err) WARN_UNUSED;
/* Pure parts of it. */
void folder_undo_pack(const struct folder_undo *undo, struct buf *out);
enum err_code folder_undo_unpack(struct str plain, struct arena *arena,
    struct folder_undo *out, struct err *err) WARN_UNUSED;
/* "notice" and "undo" of a view: what the address tells. */
void folder_view_note(struct request *req, struct view *view);
/* The same right away. */
void folder_view_done(struct request *req, struct view *view, const char *note,
    uint64_t count, struct str token);

/* ---- pages ------------------------------------------------------------------
 */
/* What is wrong with what was sent, above a page. */
struct folder_wrong {
	const char *words;
	struct str name;   /* as typed */
	struct str parent; /* as chosen */
};
enum err_code folders_show(struct request *req, struct response *res,
    const struct folder_wrong *wrong, struct err *err) WARN_UNUSED;
enum err_code folder_show(struct request *req, struct response *res,
    struct text name, const struct folder_wrong *wrong,
    struct err *err) WARN_UNUSED;
/* Is that in its path? `folded` by mime_fold; upper and lower case are one. */
bool folder_has_words(
    struct arena *arena, const struct mail_folder *folder, struct str folded);
/* Counts of the folder (empty: of none) and of those in it; NULL: no memory. */
const struct mail_pick *folder_pick_below(
    struct request *req, struct text name);
/* The address of a folder's own page. */
struct view_url folder_url(struct request *req, struct text name);
/* "Used for sent messages", or "". */
const char *folder_use_words(enum mail_special special);
const char *folder_icon(enum mail_special special);
/* Folders that others can be put into, as `parents`; not `below` itself. */
void folder_view_parents(struct request *req, const struct mail_tree *tree,
    const struct mail_folder *below, struct str chosen, struct view *view);
struct mail_rights;
/* Who may use it, as `rights`; nothing where nobody knows of rights. */
void folder_view_rights(
    struct request *req, const struct mail_rights *rights, struct view *view);
/* A list of `folder` with what is in it; messages of all in *out_messages. */
size_t folder_count_below(const struct mail_folders *folders,
    const struct mail_folder *folder, uint64_t *out_messages);

/* ---- changes ----------------------------------------------------------------
 */
/* One POST to /folder under way. */
struct folder_job {
	struct request *req;
	struct response *res;
	struct mail mail;
	struct text name; /* of the folder; empty: of none */
	struct mail_tree tree;
	const struct mail_folder *folder; /* in tree; NULL: of none */
	struct err *err;
	/* What came of it: */
	const char *note;
	uint64_t count;
	struct text landing; /* the folder whose page comes next; empty: all */
	bool to_folders;
	struct str undo; /* token */
	bool is_answered;
};
enum err_code folder_job_delete(struct folder_job *job) WARN_UNUSED;
enum err_code folder_job_empty(struct folder_job *job) WARN_UNUSED;
enum err_code folder_job_read(struct folder_job *job) WARN_UNUSED;
enum err_code folder_job_undo(struct folder_job *job) WARN_UNUSED;
/* Who may use it: what somebody may do; nothing any more. */
enum err_code folder_job_share(struct folder_job *job) WARN_UNUSED;
enum err_code folder_job_unshare(struct folder_job *job) WARN_UNUSED;
/* The trash, made when there is none. */
enum err_code folder_job_trash(
    struct folder_job *job, const struct mail_folder **out) WARN_UNUSED;

#endif
