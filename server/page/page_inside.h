#ifndef PAGE_PAGE_INSIDE_H
#define PAGE_PAGE_INSIDE_H
/* Pure steps of pages, shown to their tests. This room only. */
#include "page/page_compose.h"
#include "page/page_identity.h"

/* Whose message it is: every address of the person, tags included. */
struct reply_own {
	struct page_identity *list;
	size_t count;
};
/*
 * To and Cc of a reply; `all`: to everybody it went to, too, but to none of
 * the person's own addresses.
 */
void reply_people(struct request *req, const struct mime_header *header,
    const struct reply_own *own, bool all, struct compose *out);
/* In-Reply-To and References of a reply. */
void reply_thread(
    struct request *req, const struct mime_header *header, struct compose *out);
/* A mailto: address as a new composition. */
void reply_mailto(struct request *req, struct str mailto, struct compose *out);

/* What can be taken back: sealed into the address of the next page. */
struct act_undo {
	struct text from; /* where the messages are now */
	struct text to;   /* where they were */
	uint32_t uid_validity;
	struct mail_uids uids;
	int64_t made_s; /* when it was sealed; set by unsealing */
};
/* ptr NULL: too long for an address. */
struct str act_seal_undo(struct request *req, const struct act_undo *undo);
/* ERR_INPUT, ERR_FORBIDDEN, ERR_INTERNAL: not of this session, or broken. */
enum err_code act_unseal_undo(struct request *req, struct str token,
    struct act_undo *out, struct err *err) WARN_UNUSED;
/* Takes back what such a token says, marks of junk included. */
enum err_code act_undo_run(struct request *req, struct str token,
    struct mail_uids *out_uids, struct err *err) WARN_UNUSED;
/* Keywords $Junk and $NotJunk, for filters that learn; where they can be. */
void act_mark_junk(struct mail *mail, struct text folder, uint32_t uid_validity,
    struct mail_uids uids, bool is_junk);

#endif
