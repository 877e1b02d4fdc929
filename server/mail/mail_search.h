#ifndef MAIL_MAIL_SEARCH_H
#define MAIL_MAIL_SEARCH_H
/*
 * What to look for in mailboxes: typed terms, read from what a person typed
 * into one field; and looking for it in many folders.
 */
#include "mail/mail_bulk.h"

enum mail_term_kind {
	MAIL_TERM_ALL_OF, /* of its terms; with none: every message */
	MAIL_TERM_ANY_OF, /* of its terms, two at least */
	MAIL_TERM_WHOLE,  /* `text` in header or text */
	MAIL_TERM_FROM,
	MAIL_TERM_TO,
	MAIL_TERM_CC,
	MAIL_TERM_BCC,
	MAIL_TERM_SUBJECT,
	MAIL_TERM_BODY,
	MAIL_TERM_FLAG,    /* `number`: one of enum mail_flag */
	MAIL_TERM_KEYWORD, /* `text`: an atom, as on the wire */
	MAIL_TERM_ATTACHMENT,
	MAIL_TERM_BEFORE, /* `number`: days since 1970-01-01 */
	MAIL_TERM_SINCE,
	MAIL_TERM_ON,
	MAIL_TERM_LARGER, /* `number`: bytes */
	MAIL_TERM_SMALLER
};
struct mail_term {
	enum mail_term_kind kind;
	bool is_not;
	struct text text; /* one line, not empty */
	int64_t number;
	const struct mail_term *first; /* of ALL_OF and ANY_OF */
	const struct mail_term *next;  /* in the same group */
};

/* What was not understood, and therefore searched for as it stands. */
enum mail_hint_kind {
	MAIL_HINT_NAME,    /* no such word before the colon */
	MAIL_HINT_EMPTY,   /* nothing between quotes or brackets */
	MAIL_HINT_VALUE,   /* nothing behind the colon: looked for as it is */
	MAIL_HINT_QUOTE,   /* the other quote is missing */
	MAIL_HINT_BRACKET, /* the other bracket is missing, or too deep */
	MAIL_HINT_OR,      /* nothing on one side of OR */
	MAIL_HINT_IS,      /* is:, has: of what nobody knows */
	MAIL_HINT_DATE,
	MAIL_HINT_AGE,
	MAIL_HINT_SIZE,
	MAIL_HINT_LABEL, /* no keyword can be called so */
	MAIL_HINT_PLACE  /* in: within brackets or beside OR */
};
struct mail_hint {
	enum mail_hint_kind kind;
	struct text part; /* as typed */
};
#define MAIL_SEARCH_HINTS  5u  /* more are not told */
#define MAIL_SEARCH_PLACES 20u /* in: of one search */

/* in:NAME; which folder that is, mail_search_folder knows. */
struct mail_place {
	struct text name;
	bool is_not;
};
struct mail_search {
	struct mail_term all;  /* ALL_OF */
	bool has_text;         /* not ASCII alone */
	bool needs_structures; /* has:attachment */
	bool is_everywhere;    /* in:all, in:anywhere */
	struct mail_place places[MAIL_SEARCH_PLACES];
	size_t place_count;
	struct mail_hint hints[MAIL_SEARCH_HINTS];
	size_t hint_count;
};

/* What a person calls a keyword. */
struct mail_label {
	struct text name;
	struct str keyword;
};
struct mail_search_how {
	int64_t today;   /* days since 1970-01-01 where the person is */
	struct text own; /* from:me, to:me; empty: only a word */
	/* For label:name; they come before the names everybody knows. */
	const struct mail_label *labels;
	size_t label_count;
};
/*
 * Reads what was typed; never fails: what has no meaning is looked for as it
 * stands, and a hint says so. NULL: the arena is used up. Pure.
 *
 *   search  = *part
 *   part    = ["-"] (term / word) / part "OR" part / "AND"
 *   term    = name ":" value / "(" search ")"
 *   value   = word / DQUOTE phrase DQUOTE / "(" search ")"
 *
 * OR binds closer than standing beside each other.
 */
const struct mail_search *mail_search_parse(
    struct arena *arena, struct text typed, const struct mail_search_how *how);
/*
 * Adds such a part to what is typed: "name:value", in quotes where it must be;
 * without a name the value alone. Quotes in the value become blanks.
 */
void mail_search_add(struct buf *out, const char *name, struct text value);

/* ---- in many folders ---------------------------------------------------- */
/* What was found in one of them. */
struct mail_hits {
	size_t number; /* its place in the list of folders */
	const struct mail_folder *folder;
	/* The newest, newest first; total: all that was found. */
	struct mail_list list;
	struct mail_set set; /* all of them, with_sets */
	enum err_code rc;    /* not ERR_OK: it could not be searched */
	struct text words;   /* why not, for people; may be empty */
};
struct mail_find {
	const struct mail_search *search; /* NULL: every message */
	const struct mail_folder *const *folders;
	size_t folder_count;
	uint32_t row_count; /* rows of each folder, 1 to LIMIT_LIST_ROWS */
	bool with_previews; /* as in struct mail_query */
	bool with_sets;     /* sets instead of rows */
	/*
	 * Tells of a folder, in the caller's thread; `hits` live until it
	 * returns. In the order of the list, but a folder that takes long is
	 * passed by those that are ready. False: enough.
	 */
	bool (*found)(void *ctx, const struct mail_hits *hits);
	/* Looks around, every tenth of a second of waiting. False: enough. */
	bool (*wait)(void *ctx);
	void *ctx;
};
/*
 * Searches the folders one after the other on the account's connections,
 * several at once, but never on its last one. Each folder has SearchWait.
 * Memory does not grow with what is found, but for sets: with ranges of them.
 *
 * ERR_OK: found was called for each folder, or said that it is enough. When
 * the server is lost on the way: why; found was not called for the rest.
 */
enum err_code mail_find(struct mail *mail, const struct mail_find *find,
    struct err *err) WARN_UNUSED;

/* Which folders a search is about. */
enum mail_scope_kind {
	MAIL_SCOPE_HERE,      /* one */
	MAIL_SCOPE_BELOW,     /* one with what is below it */
	MAIL_SCOPE_ALL,       /* without Trash and Junk */
	MAIL_SCOPE_EVERYWHERE /* with them */
};
struct mail_scope {
	/* INBOX, special ones, the others. */
	const struct mail_folder **list;
	size_t count;
	bool is_short;       /* Trash or Junk are there and left out */
	struct text unknown; /* in: of what is no folder; else empty */
};
/*
 * in: of the search decides where it has one. `here`: of BELOW and HERE. Pure.
 */
enum err_code mail_scope_find(struct arena *arena,
    const struct mail_folders *folders, const struct mail_search *search,
    enum mail_scope_kind kind, struct text here, struct mail_scope *out,
    struct err *err) WARN_UNUSED;

#endif
