#ifndef MAIL_MAIL_IMPORT_H
#define MAIL_MAIL_IMPORT_H
/*
 * Putting many messages into a folder (APPEND, RFC 9051, 6.3.12): several on
 * their way at once, as one command where the server has MULTIAPPEND (RFC
 * 3502), without waiting for "+" where it has LITERAL+. Rules of threads as in
 * mail.h.
 */
#include "mail/mail_bulk.h"

enum mail_import_end {
	MAIL_IMPORT_WAITING, /* it was not sent, not all of it: it is not in */
	MAIL_IMPORT_IN,
	MAIL_IMPORT_REFUSED, /* `words` say why */
	/* The connection was lost before the answer: nobody knows. */
	MAIL_IMPORT_UNSURE
};
struct mail_import_one {
	uint64_t bytes;
	unsigned flags;    /* enum mail_flag */
	int64_t arrived_s; /* kept as INTERNALDATE; 0: now */
	void *what;        /* for mail_import.write */

	enum mail_import_end end;
	uint32_t uid;      /* 0: not told, and not found */
	struct text words; /* in mail->arena */
};
/* No more of them will be taken in: the folder, or the mailbox. */
enum mail_import_stop {
	MAIL_IMPORT_GOES_ON,
	MAIL_IMPORT_FULL,     /* over quota */
	MAIL_IMPORT_NO_FOLDER /* there is none, or it takes no messages */
};

#define MAIL_IMPORT_MOST 64u /* at once */

struct mail_import {
	struct text folder;
	struct mail_import_one *list;
	size_t count; /* 1 to MAIL_IMPORT_MOST */
	/*
	 * Gives exactly what->bytes to the sink; may be asked again. False: it
	 * cannot, or the sink ended it.
	 */
	bool (*write)(
	    void *ctx, void *what, mime_sink_fn *sink, void *sink_ctx);
	void *ctx;

	enum mail_import_stop stop;
	uint32_t uid_validity; /* 0: not told */
};
/*
 * ERR_OK: each was taken in or refused; or import->stop says why the others
 * wait. After an error some may be in: each says so itself. None is ever sent
 * again that may be in already.
 */
enum err_code mail_import(
    struct mail *mail, struct mail_import *import, struct err *err) WARN_UNUSED;

#endif
