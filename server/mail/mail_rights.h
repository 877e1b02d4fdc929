#ifndef MAIL_MAIL_RIGHTS_H
#define MAIL_MAIL_RIGHTS_H
/*
 * Who may use a folder (RFC 4314): one's own rights, the list of all who have
 * some, and changing it. Names are those the mail server knows people by.
 */
#include "mail/mail.h"

/* Rights are letters: 'a' to 'z', '0' to '9', a bit each. */
#define MAIL_RIGHT(letter) ((uint64_t)1 << ((letter) - 'a'))
#define MAIL_RIGHT_SEE     MAIL_RIGHT('l')
#define MAIL_RIGHT_READ    MAIL_RIGHT('r')
#define MAIL_RIGHT_SEEN    MAIL_RIGHT('s') /* what is read stays read */
#define MAIL_RIGHT_FLAGS   MAIL_RIGHT('w')
#define MAIL_RIGHT_INSERT  MAIL_RIGHT('i')
#define MAIL_RIGHT_POST    MAIL_RIGHT('p') /* send mail to its address */
#define MAIL_RIGHT_CREATE  MAIL_RIGHT('k') /* folders inside it */
#define MAIL_RIGHT_DELETE  MAIL_RIGHT('t') /* messages: mark as deleted */
#define MAIL_RIGHT_EXPUNGE MAIL_RIGHT('e')
#define MAIL_RIGHT_REMOVE  MAIL_RIGHT('x') /* the folder; renames it, too */
#define MAIL_RIGHT_ADMIN   MAIL_RIGHT('a')
/* All that RFC 4314 names. */
#define MAIL_RIGHTS_KNOWN                                                \
	(MAIL_RIGHT_SEE | MAIL_RIGHT_READ | MAIL_RIGHT_SEEN |            \
	    MAIL_RIGHT_FLAGS | MAIL_RIGHT_INSERT | MAIL_RIGHT_POST |     \
	    MAIL_RIGHT_CREATE | MAIL_RIGHT_DELETE | MAIL_RIGHT_EXPUNGE | \
	    MAIL_RIGHT_REMOVE | MAIL_RIGHT_ADMIN)

#define MAIL_RIGHTS_MOST       200u /* who are told of */
#define MAIL_RIGHTS_NAME_BYTES ((size_t)255)

/* Somebody with rights; or from whom some are taken away ("-name"). */
struct mail_rights_row {
	struct text who; /* as the server names them, without the "-" */
	uint64_t rights;
	bool is_negative;
	bool is_self;  /* probably the one who looks */
	bool is_fixed; /* this row cannot be changed from here */
};
struct mail_rights {
	/* False: the server knows of no rights; nothing below counts. */
	bool is_known;
	uint64_t mine;
	bool has_list; /* who may look at the list is told it */
	struct mail_rights_row *list;
	size_t count;
	bool is_cut;      /* there were more */
	uint64_t offered; /* rights that can be given here */
};

/*
 * Of one folder, in one round trip; of none where the server has no ACL:
 * nothing is sent then. ERR_AWAY.
 */
enum err_code mail_rights(struct mail *mail, struct text folder,
    struct mail_rights *out, struct err *err) WARN_UNUSED;
/*
 * Gives exactly these; none: the row is removed. ERR_INPUT: the name cannot
 * be one. ERR_FORBIDDEN, ERR_NOT_FOUND, ERR_MAIL: the server refused.
 */
enum err_code mail_rights_set(struct mail *mail, struct text folder,
    const struct mail_rights_row *row, struct err *err) WARN_UNUSED;

/* ---- pure parts -------------------------------------------------------------
 */
/*
 * Letters to bits; others are left out. What RFC 2086 called "c" and "d" is
 * meant when none of the rights that stand for them are there.
 */
uint64_t mail_rights_parse(struct str letters);
/* For SETACL. `is_old`: the server knows "c" and "d" only (no RIGHTS=). */
struct str mail_rights_letters(
    struct arena *arena, uint64_t rights, bool is_old);
/* May that stand in a SETACL? The reason for people when it may not. */
enum err_code mail_rights_check_name(
    struct text name, struct err *err) WARN_UNUSED;
/* Is it probably how the server calls who logged in as `login`? */
bool mail_rights_is_self(struct str name, struct str login);
/* NULL: there is none. */
const struct mail_rights_row *mail_rights_find(
    const struct mail_rights *rights, struct text who, bool is_negative);
/*
 * Would `mine` (in *rights) lack the right to see, read or give rights after
 * this change, as far as that can be known?
 */
bool mail_rights_locks_out(
    const struct mail_rights *rights, const struct mail_rights_row *row);

#endif
