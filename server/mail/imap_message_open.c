#include "mail/imap_etpan.h"
#include "mail/imap_message.h"

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
