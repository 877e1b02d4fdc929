#ifndef PAGE_PAGE_ACT_H
#define PAGE_PAGE_ACT_H
/* Actions on messages, and what takes them back. This room only. */
#include "mail/mail_bulk.h"
#include "page/page.h"

/* What can be taken back: sealed, in the address of the next page. */
enum act_undo_kind {
	ACT_UNDO_MARK,   /* `flag` or `keyword` was set or removed in `from` */
	ACT_UNDO_MOVE,   /* from `to` into `from` */
	ACT_UNDO_COPY,   /* the copies in `from` go to Trash */
	ACT_UNDO_RESTORE /* the originals in `to` are only marked as deleted */
};
struct act_undo {
	enum act_undo_kind kind;
	struct text from; /* where the messages are now */
	struct text to;   /* where they were */
	/* The mark, and whether it was set. */
	unsigned flag;      /* enum mail_flag; 0: the keyword */
	struct str keyword; /* may be empty */
	bool on;
	uint32_t uid_validity; /* of `from` */
	struct mail_set set;   /* there */
	uint32_t to_validity;  /* ACT_UNDO_RESTORE: of `to` */
	struct mail_set originals;
	int64_t made_s; /* when it was sealed; set by act_undo_open */
};
/* All of one action, in as many folders as it went to. */
struct act_undos {
	struct act_undo *list;
	size_t count, capacity;
	bool is_lost; /* not all that was done can be taken back */
};
/* One more; with one that is like it, it becomes one. */
void act_undo_add(
    struct request *req, struct act_undos *undos, const struct act_undo *more);
/* What was done before: all that a token says; empty: nothing. */
void act_undo_add_token(
    struct request *req, struct act_undos *undos, struct str token);
/*
 * A token for an address. Long ones are kept in the database, until an hour
 * is over. ptr NULL: there is nothing, or not all can be taken back.
 */
struct str act_undo_seal(struct request *req, const struct act_undos *undos);
/* ERR_INPUT, ERR_FORBIDDEN, ERR_INTERNAL: not of this session, or broken. */
enum err_code act_undo_open(struct request *req, struct str token,
    struct act_undos *out, struct err *err) WARN_UNUSED;
/*
 * Takes back what such a token says, marks of junk included; what there was
 * no time for remains in *out. *out_done: messages.
 */
enum err_code act_undo_run(struct request *req, struct str token,
    struct act_undos *out, uint32_t *out_done, struct err *err) WARN_UNUSED;
/* Keywords $Junk and $NotJunk, for filters that learn; where they can be. */
void act_mark_junk(struct mail *mail, struct text folder, uint32_t uid_validity,
    const struct mail_set *set, bool is_junk);
/* Is it still to be offered? Else a page opened again says nothing of it. */
bool act_undo_is_fresh(struct request *req, struct str token);
/* Instead of a token: what was done cannot be taken back, and that is told. */
#define ACT_UNDO_NONE "none"
/* Made when there is none; found by its name from then on. */
#define ACT_ARCHIVE "Archive"

/* What is to be done to which messages; from the list or a message page. */
struct act {
	struct str verb;
	struct text folder;
	uint32_t uid_validity;
	struct mail_set set; /* the ticked ones, or all that were found */
	struct text to;
	struct str label; /* keyword of the label to set or remove; or empty */
	struct str back;  /* the list */
	struct str stay;  /* the message's own page, or empty */
	struct str after; /* what is shown when it left the folder, or empty */
	/* All that match, not only those of the page. */
	bool is_all;
	uint32_t expected;    /* so many stood there */
	uint32_t from;        /* goes on at this UID */
	struct str stamp;     /* of the messages a page asked about; or empty */
	struct text words;    /* of the search; empty: the whole folder */
	struct str scope;     /* where it looked: many folders; or empty */
	struct text origin;   /* with what is below it; or empty */
	struct str before;    /* Undo of what was done before this; or empty */
	uint32_t done_before; /* and how many that were */
	/* Ticked on a page of many folders: those of others, or NULL. */
	bool is_pick;
	const struct act *more;
	struct str leave; /* where "Cancel" leads; empty: where it came from */
};
/* What came of it. */
struct act_result {
	bool ask;             /* nothing was done: the person is asked first */
	uint32_t done;        /* messages dealt with */
	struct mail_set rest; /* the time was over before these */
	struct act_undos undos; /* with those of act->before */
};
/* Does it. After an error some of it may be done: result->done says how much.
 */
enum err_code act_do(struct request *req, struct act *act,
    struct act_result *out, struct err *err) WARN_UNUSED;
/* Trash or Junk, made when there is none: deleting never destroys. */
enum err_code act_special(struct request *req,
    const struct mail_folders *folders, enum mail_special special,
    struct text *out, struct err *err) WARN_UNUSED;
/* Parts of it, added to *out: to a folder that is there; to the archive. */
enum err_code act_do_move(struct request *req, struct act *act, struct text to,
    struct act_result *out, struct err *err) WARN_UNUSED;
enum err_code act_do_archive(struct request *req, struct act *act,
    struct act_result *out, struct err *err) WARN_UNUSED;
/* The same in several folders: one act for each. */
struct act_picks {
	struct act *list; /* in the request's arena */
	size_t count;
	bool differ; /* these are not the messages that were shown */
};
/*
 * What was ticked on a page of many folders, as `pick`, with all that `act`
 * says. Count 0: nothing was.
 */
enum err_code act_read_picks(struct request *req, const struct act *act,
    struct act_picks *out, struct err *err) WARN_UNUSED;
/*
 * Finds all that match in many folders, as if all of it was ticked.
 * ERR_MAIL, ERR_AWAY: not every folder could be searched.
 */
enum err_code act_find_across(struct request *req, const struct act *act,
    struct act_picks *out, struct err *err) WARN_UNUSED;
/*
 * Does it, or asks, or says how far it came, and answers; told as one. A
 * folder that says no is named, the others are done. ERR_*: nothing was done.
 */
enum err_code act_answer_picks(struct request *req, struct response *res,
    struct act *act, const struct act_picks *picks,
    struct err *err) WARN_UNUSED;
/* Messages of this act and of those that follow it. */
uint32_t act_messages(const struct act *act);
/* Tells one set of messages from another. */
struct str act_stamp(struct request *req, const struct mail_set *set);
/* Finds all that match; *out_differs: they are not as many as stood there. */
enum err_code act_find_all(struct request *req, struct act *act,
    bool *out_differs, struct err *err) WARN_UNUSED;
/*
 * Before something final, before a folder is made, and when other messages
 * match than the person saw.
 */
enum err_code act_ask(struct request *req, struct response *res,
    const struct act *act, bool differs, struct err *err) WARN_UNUSED;
/* A folder with which it did not work, and why, for people. */
struct act_failure {
	struct text folder;
	struct str words;
};
struct act_failures {
	struct act_failure *list;
	size_t count;
	bool breaks;               /* it ended with the last of them */
	struct text done, untried; /* folders, by name; or empty */
};
/*
 * The time was over, or some folders failed (else NULL): a page that says what
 * is done, with a button that goes on.
 */
enum err_code act_ask_more(struct request *req, struct response *res,
    const struct act *act, const struct act_result *result,
    const struct act_failures *failures, struct err *err) WARN_UNUSED;
/* `to` of move and copy, as none is: a page to choose the folder on. */
#define ACT_CHOOSE "*"
bool act_is_choosing(const struct act *act);
enum err_code act_choose(struct request *req, struct response *res,
    const struct act *act, struct err *err) WARN_UNUSED;
/* What a button that goes on has to send again, as "hidden". */
struct view_list *act_hidden(
    struct request *req, const struct act *act, struct view *view);
/* "save": asks for the form; "zip", "mbox": the file. With acts that follow. */
enum err_code act_ask_save(struct request *req, struct response *res,
    const struct act *act, struct err *err) WARN_UNUSED;
enum err_code act_save(struct request *req, struct response *res,
    const struct act *act, struct err *err) WARN_UNUSED;
/* Is it one of these? Then it is answered so. */
bool act_is_saving(const struct act *act);
enum err_code act_answer_save(struct request *req, struct response *res,
    const struct act *act, struct err *err) WARN_UNUSED;

/* ---- what is told afterwards (page_act_said.c) --------------------------- */
/* Of the page that says what was done (and offers Undo). */
struct str act_done_path(struct request *req, const struct act *act,
    struct str note, uint32_t count, struct str undo);
/* Leads there: 303. */
enum err_code act_done(struct request *req, struct response *res,
    const struct act *act, struct str note, uint32_t count, struct str undo,
    struct err *err) WARN_UNUSED;
/* Marks that were taken back are not messages that were put back. */
struct str act_note(struct request *req, const struct act *act);
/* Moved, before the page that goes on, and nobody can take that back. */
bool act_is_past_undo(const struct act *act);
/* A token, or nothing; where somebody would look for it, that there is none. */
struct str act_token(
    struct request *req, const struct act *act, const struct act_undos *undos);

#endif
