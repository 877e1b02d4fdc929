#ifndef MAIL_IMAP_ACL_H
#define MAIL_IMAP_ACL_H
/*
 * Answers about who may use a folder (RFC 4314): ACL, MYRIGHTS, LISTRIGHTS.
 * For mail_rights.h; what a server tells is bounded. For this room only.
 */
#include "mail/imap_batch.h"
#include "mail/mail_rights.h"

struct imap_acl {
	struct arena *arena;
	struct str folder; /* as on the wire; others are not listened to */
	struct str login;
	struct mail_rights *out;
};
void imap_acl_untagged(struct imap_acl *acl, struct imap_reader *reader,
    const struct imap_response *response);

#endif
