#include "base/limits.h"
#include "mail/imap_etpan.h"
#include "mail/imap_message.h"
#include "mail/imap_utf7.h"

enum err_code
imap_message_gone(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
	    "This message is not here any more. It may have been moved or "
	    "deleted.",
	    "mail: no such uid");
}

enum err_code
imap_message_open(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err)
{
	enum err_code rc = imap_select(conn, folder, err);

	if (rc == ERR_OK && uid_validity != 0 && conn->uid_validity != 0 &&
	    uid_validity != conn->uid_validity)
		return imap_message_gone(err);
	return rc;
}

enum err_code
imap_folder_wire(
    struct mail *mail, struct text folder, struct str *out, struct err *err)
{
	*out = imap_utf7_encode(mail->arena, folder);
	if (out->len > 0 && out->len <= LIMIT_FOLDER_BYTES * 4)
		return ERR_OK;
	if (arena_failed(mail->arena))
		return imap_arena_check(mail->arena, err);
	return err_set(err, ERR_NOT_FOUND,
	    "There is no such folder. It may have been renamed or deleted.",
	    "mail: folder name cannot be");
}

enum err_code
imap_folder_fresh(struct imap_conn *conn, struct str folder,
    uint32_t uid_validity, struct err *err)
{
	bool was_open =
	    conn->folder != NULL && str_eq(str_c(conn->folder), folder);
	enum err_code rc = imap_message_open(conn, folder, uid_validity, err);

	return rc == ERR_OK && was_open ? imap_noop(conn, err) : rc;
}

/*
 * Not pipelined: Dovecot puts off what a NOOP makes it say until the commands
 * that came with it are done.
 */
bool
imap_message_is_news(struct imap_conn *conn, uint64_t changes)
{
	return conn->folder != NULL && imap_noop(conn, NULL) == ERR_OK &&
	       conn->changes != changes;
}
