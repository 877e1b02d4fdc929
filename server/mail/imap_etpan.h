#ifndef MAIL_IMAP_ETPAN_H
#define MAIL_IMAP_ETPAN_H
/*
 * The low-volume commands, through libetpan. Each is one round trip. No
 * argument with CR, LF or NUL gets through, which libetpan would send.
 * Folders are names as on the wire (modified UTF-7).
 *
 * ERR_AWAY, ERR_MAIL; after a failure of the connection conn->is_broken.
 */
#include "mail/imap_conn.h"

/*
 * LOGIN, or AUTHENTICATE PLAIN where LOGIN is disabled or the words are not
 * plain ASCII; AUTHENTICATE EXTERNAL when the leg is set so. ERR_LOGIN:
 * refused.
 */
enum err_code imap_login(struct imap_conn *conn, struct str login,
    const struct secret *password, struct err *err) WARN_UNUSED;
/* SELECT unless it is open. ERR_NOT_FOUND: no such folder. */
enum err_code imap_select(
    struct imap_conn *conn, struct str folder, struct err *err) WARN_UNUSED;
/* The open folder's flags of these; `flags` as enum mail_flag. */
enum err_code imap_store(struct imap_conn *conn, struct mail_uids uids,
    unsigned flags, bool on, struct err *err) WARN_UNUSED;
/* COPY or MOVE; new UIDs when the server says. ERR_NOT_FOUND: no target. */
enum err_code imap_copy(struct imap_conn *conn, struct mail_uids uids,
    struct str to_folder, bool is_move, struct arena *arena,
    struct mail_uids *out_uids, uint32_t *out_uid_validity,
    struct err *err) WARN_UNUSED;
/* UID EXPUNGE; the server must have UIDPLUS. */
enum err_code imap_uid_expunge(
    struct imap_conn *conn, struct mail_uids uids, struct err *err) WARN_UNUSED;
/* CREATE; one that exists is no error. Then SUBSCRIBE. */
enum err_code imap_create(
    struct imap_conn *conn, struct str folder, struct err *err) WARN_UNUSED;
/*
 * Did COPY or MOVE fail with `rc` only because others removed some of the
 * messages meanwhile? Then nothing was done, and now the server has told which:
 * it is worth another try.
 */
bool imap_is_worth_again(struct imap_conn *conn, enum err_code rc);

/* ---- around every call of libetpan (imap_login.c has one too) ---- */
void imap_etpan_begin(struct imap_conn *conn);
/* Translates libetpan's code; what the server said decides. */
enum err_code imap_etpan_end(struct imap_conn *conn, int code, const char *what,
    struct err *err) WARN_UNUSED;

#endif
