#ifndef MAIL_MAIL_JUMP_H
#define MAIL_MAIL_JUMP_H
/* Where in a long list a day begins. Rules of threads as in mail.h. */
#include "mail/mail.h"

/*
 * The rank of the first message of this day (counted from 1970-01-01, as the
 * mail server has the dates) in a list by arrival or by date; where the day
 * has none, of what stands next. One round trip, whatever the folder's size.
 * ERR_NOT_FOUND: no such folder.
 */
enum err_code mail_jump(struct mail *mail, const struct mail_query *query,
    int64_t day, uint32_t *out_rank, struct err *err) WARN_UNUSED;
/*
 * The same in a list of conversations, which stand by their newest messages:
 * the first one of which nothing is newer than this day. One trip more when
 * the conversations are not known yet.
 */
enum err_code mail_jump_conversation(struct mail *mail,
    const struct mail_query *query, int64_t day, uint32_t *out_rank,
    struct err *err) WARN_UNUSED;
/*
 * A day as people type it: 2026-11-21, 2026/11/21, today, yesterday, or an age
 * (3d, 2w, 6m, 1y). False: none of these.
 */
bool mail_jump_day(struct str typed, int64_t today, int64_t *out_day);

#endif
