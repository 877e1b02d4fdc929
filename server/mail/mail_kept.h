#ifndef MAIL_MAIL_KEPT_H
#define MAIL_MAIL_KEPT_H
/*
 * What was made of a message with some trouble, kept in memory for when it is
 * asked for again: with what its server answered, under the same bound
 * (MessageMemory), wiped with it when the session logs off. Whoever keeps
 * something must see by itself that it is still true.
 */
#include "mail/mail.h"

/*
 * Bytes that were kept under this name for the message, a copy in the arena;
 * false: none. id->uid_validity is known.
 */
bool mail_kept_find(const struct mail *mail, const struct mail_id *id,
    struct str name, struct str *out);
/* In place of what was kept there; what is large is not kept. */
void mail_kept_put(const struct mail *mail, const struct mail_id *id,
    struct str name, struct str bytes);

#endif
