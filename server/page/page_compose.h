#ifndef PAGE_PAGE_COMPOSE_H
#define PAGE_PAGE_COMPOSE_H
/* Writing: one form, one id from its first page. */
#include "page/page.h"

/* What a composition started from, and what happens to that message. */
enum compose_kind {
	COMPOSE_NEW,
	COMPOSE_REPLY,   /* gets \\Answered */
	COMPOSE_FORWARD, /* gets $Forwarded */
	COMPOSE_DRAFT,   /* is replaced: removed from Drafts by its UID */
	COMPOSE_AGAIN,   /* edit as new: nothing happens to the source */
	COMPOSE_BUILT    /* no form's: redirected ($Forwarded), a receipt */
};

/* Instead of a part's number in "keep": the source message as it is. */
#define COMPOSE_KEEP_MESSAGE "message"

/* What the compose form holds; stored with the composition. */
struct compose {
	struct str id;      /* 22 letters */
	struct str account; /* whose it is */
	uint64_t version;   /* that its writer saw last; 0: not stored yet */
	uint64_t base;      /* the version that the posted form was made from */
	int64_t saved_s;    /* of that version; 0: not stored yet */
	struct text to, cc, bcc, subject, body;
	struct text html; /* formatted text, clean; or empty */
	/* The same for who has an editor, `body` for the others; or empty. */
	struct text offered_html;
	struct text in_reply_to, references; /* message ids */
	/* Of the page that saved it: Back, and saving again, is no conflict. */
	struct str window;
	struct str identity; /* id of the sender's identity; empty: default */
	enum mime_priority priority;
	bool asks_receipt; /* an answer when it is read (MDN) */
	bool asks_dsn;     /* a report when it is delivered (DSN) */
	/* "2026-11-24T09:00" in the writer's zone, or empty: soon. */
	struct text send_at;
	enum compose_kind kind;
	struct text source_folder; /* of the message it started from */
	uint32_t source_uid, source_validity;
	/* Attachments of the source that may come along; first page only. */
	const struct mime_part **source_files;
	size_t source_file_count;
	const struct form *carried; /* where it came in, or NULL */
	/* "error_to", … when the words on the form are of one field. */
	const char *wrong_field;
	/* What was asked and answered: "attachment subject to23". */
	struct text confirmed;
	struct text refused; /* files that were not taken, and why; or empty */
	struct text notice;  /* what was done instead; or empty */
	/* What another window stored since `base`; NULL: nothing. */
	const struct compose *theirs;
	int64_t theirs_saved_s;
	struct str result; /* why it came back (post_return), or empty */
	/* Whom the mail server does not take, when it said so; or nobody. */
	struct text *declined;
	size_t declined_count;
};

/* The form as bytes for the store, and back. ERR_INTERNAL when damaged. */
struct str compose_pack(struct arena *arena, const struct compose *compose);
enum err_code compose_unpack(struct str bytes, struct arena *arena,
    struct compose *out, struct err *err) WARN_UNUSED;

/* Shows the form; `words` NULL or what was wrong. */
enum err_code page_compose_show(struct request *req, struct response *res,
    const struct compose *compose, const char *words,
    struct err *err) WARN_UNUSED;
/*
 * The letter that was carried through the login page: shown again to who wrote
 * it; kept for them when somebody else logged in.
 */
enum err_code page_compose_restore(
    struct request *req, struct response *res, struct err *err) WARN_UNUSED;
/*
 * A form came without a session, or with the token of an older one: what it
 * holds goes into the store of the account it was made for, when it carries
 * our seal (field `owner`) and this browser did not log off. *out_url: where
 * it goes on; empty: nothing was kept. Never an error.
 */
void page_compose_keep(struct request *req, struct str *out_url);
/*
 * A session of this account is logged off, by its family: its forms are kept
 * no longer.
 */
void page_compose_end(struct request *req, struct str family);
/*
 * The account that the posted form was made for, by its seal, however old; or
 * empty: nobody knows.
 */
struct str page_compose_owner(struct request *req);
/*
 * A letter of `account`, which somebody else would have been shown: as a new
 * composition of that account, which its lists speak of (store_draft_keep).
 * Changes id, account and version. ERR_LIMIT: no room.
 */
enum err_code page_compose_leave(struct request *req, struct compose *compose,
    struct str account, struct err *err) WARN_UNUSED;
/* What the lists say of compositions that were kept: unsent.html. */
void page_compose_view_kept(struct request *req, struct view *view);
/* As it was kept: "press Send again"; else false, and nothing was done. */
bool page_compose_kept_show(struct request *req, struct response *res);
/* The page that offers to bring back what was discarded. */
struct view_url compose_discarded_url(struct request *req, struct str id);
/* Was it discarded, and can it come back still? *out_s: since when. */
bool page_compose_is_discarded(
    struct request *req, struct str id, int64_t *out_s);
/* A new composition from ?reply=, ?forward= and so on (page_reply.c). */
enum err_code page_compose_start(
    struct request *req, struct compose *out, struct err *err) WARN_UNUSED;
/*
 * Stores what the form uploaded, and the ticked parts of the source message.
 * A file that is stored already (the same form sent twice) is left alone; what
 * is too large is named in compose->refused, and the others are stored.
 */
enum err_code page_compose_files(
    struct request *req, struct compose *compose, struct err *err) WARN_UNUSED;
/* What a part of the source message is called, once it is a file of ours. */
struct str page_compose_part_id(
    struct arena *arena, const struct compose *compose, struct str section);
/* Is this part of the source message among the stored files? */
bool page_compose_has_part(struct request *req, const struct compose *compose,
    const struct store_attachment *stored, size_t count, struct str section);
/* The files of another composition of the same account, too. */
enum err_code page_compose_copy_files(struct request *req,
    struct compose *compose, struct str from_id, struct err *err) WARN_UNUSED;
/* Words for kinds in the form and the store. */
const char *compose_kind_name(enum compose_kind kind);
enum compose_kind compose_kind_of(struct str name);
const char *compose_priority_name(enum mime_priority priority);
enum mime_priority compose_priority_of(struct str name);
#define COMPOSE_ID_LETTERS 22
/* Is it an id of ours in form (not: does it exist)? */
bool compose_id_is_valid(struct str id);
struct str compose_id_new(struct arena *arena);

#endif
