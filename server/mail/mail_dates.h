#ifndef MAIL_MAIL_DATES_H
#define MAIL_MAIL_DATES_H
/* When messages came (INTERNALDATE). Results live in mail->arena. */
#include "mail/mail_bulk.h"

#define MAIL_DATES_MOST 1000u /* messages of one call */

struct mail_arrival {
	uint32_t uid;
	int64_t arrived_s; /* 0: the server does not say */
};
/*
 * Of the messages of the set, MAIL_DATES_MOST at most, in no order; those that
 * are gone are left out. ERR_NOT_FOUND: no such folder, or its UIDVALIDITY
 * changed.
 */
enum err_code mail_set_dates(struct mail *mail, struct text folder,
    uint32_t uid_validity, const struct mail_set *set,
    struct mail_arrival **out, size_t *out_count, struct err *err) WARN_UNUSED;

#endif
