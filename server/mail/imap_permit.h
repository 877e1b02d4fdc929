#ifndef MAIL_IMAP_PERMIT_H
#define MAIL_IMAP_PERMIT_H
/*
 * What may be marked in the open folder (PERMANENTFLAGS, READ-ONLY): a server
 * may answer OK to a STORE that it ignores (RFC 4314, 4). For this room only.
 */
#include "mail/imap_conn.h"

/* May this keyword be set in the open folder? */
bool imap_permit_keyword(const struct imap_conn *conn, struct str keyword);
/*
 * ERR_FORBIDDEN, with words for people, unless the flag ("\\Seen") may be
 * changed in the open folder. Before it refuses it opens the folder anew:
 * rights may have been given since. ERR_AWAY.
 */
enum err_code imap_permit_flag(
    struct imap_conn *conn, const char *flag, struct err *err) WARN_UNUSED;

#endif
