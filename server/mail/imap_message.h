#ifndef MAIL_IMAP_MESSAGE_H
#define MAIL_IMAP_MESSAGE_H
/* What calls about one message share; for this room only. */
#include "mail/imap_conn.h"

/* ERR_NOT_FOUND, in words for people. */
enum err_code imap_message_gone(struct err *err);
/* Opens the folder; ERR_NOT_FOUND when UIDVALIDITY is another one. */
enum err_code imap_message_open(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err) WARN_UNUSED;
/*
 * After ERR_NOT_FOUND: did the folder change since conn->changes was this?
 * Another connection may have shown a message that this one had not heard of.
 */
bool imap_message_is_news(struct imap_conn *conn, uint64_t changes) WARN_UNUSED;
/*
 * A message whose structure the server cannot tell: its first bytes, up to
 * MaxParsedMessage, parsed here. out->bytes is what the server said.
 */
enum err_code imap_message_whole(struct mail *mail, const struct mail_id *id,
    struct mail_message *out, struct err *err) WARN_UNUSED;

#endif
