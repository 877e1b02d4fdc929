#ifndef MAIL_ACCOUNT_SENDERS_H
#define MAIL_ACCOUNT_SENDERS_H
/*
 * Who wrote to an account before, as far as lists and searches showed: the
 * lowest UID seen of each sender. Asking a server costs it a look at hundreds
 * of headers. Forgets the ones it has no room for. For this room only.
 */
#include "base/lock.h"
#include "base/str.h"

#define ACCOUNT_SENDERS 512u /* of one account; 16 bytes each */

struct account_sender {
	uint64_t hash; /* 0: a free place */
	uint32_t uid;
};

struct account_senders {
	struct lock lock; /* guards what follows */
	uint64_t seed;
	struct account_sender *list; /* owned; NULL: none yet */
};

/* Whose message where; `folder` as on the wire. */
struct account_letter {
	struct str folder;
	uint32_t uid_validity, uid;
	struct str address;
};

void account_senders_init(struct account_senders *senders);
void account_senders_end(struct account_senders *senders);
/* uid 0: known in this folder whatever the message. */
void account_senders_note(
    struct account_senders *senders, const struct account_letter *letter);
/* Is there a message of the same sender in the folder with a lower UID? */
bool account_senders_has_older(
    struct account_senders *senders, const struct account_letter *letter);

#endif
