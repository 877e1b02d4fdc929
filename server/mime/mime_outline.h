#ifndef MIME_MIME_OUTLINE_H
#define MIME_MIME_OUTLINE_H
/*
 * What a message consists of for the person who reads it: a list of blocks in
 * their order. mime_choose() says the same with fewer words, for replies and
 * lists of files.
 */
#include "mime/mime.h"

enum mime_block_kind {
	MIME_BLOCK_TEXT,      /* `plain`, `html`, or one of them by choice */
	MIME_BLOCK_CALENDAR,  /* text/calendar */
	MIME_BLOCK_CONTACT,   /* vCards */
	MIME_BLOCK_SIGNED,    /* a notice: what is signed follows */
	MIME_BLOCK_ENCRYPTED, /* a notice: cannot be read here */
	MIME_BLOCK_DELIVERY,  /* message/delivery-status (RFC 3464) */
	MIME_BLOCK_RECEIPT,   /* message/disposition-notification (RFC 8098) */
	MIME_BLOCK_FEEDBACK,  /* message/feedback-report (RFC 5965) */
	MIME_BLOCK_MESSAGE,   /* an attached message: has an outline of its own
	                       */
	MIME_BLOCK_HEADERS,   /* text/rfc822-headers: what came back of one */
	MIME_BLOCK_PARTIAL,   /* message/partial */
	MIME_BLOCK_EXTERNAL,  /* message/external-body: never followed */
	MIME_BLOCK_TNEF       /* winmail.dat: may hold the text */
};

struct mime_block {
	enum mime_block_kind kind;
	const struct mime_part *part; /* of TEXT: `html`, else `plain` */
	/* Of TEXT: the same in two forms; NULL: not there. */
	const struct mime_part *plain;
	const struct mime_part *html;
	/* Of TEXT: more of the formatted form of the text before; left out
	 * where that is shown as plain text. */
	bool is_more_html;
	bool is_file; /* of TEXT: has a name, and is listed as a file, too */
};

struct mime_outline {
	struct mime_block *blocks;
	size_t count;
	struct mime_choice choice;
	bool is_cut; /* more than LIMIT_MIME_BLOCKS, or too deep */
};

/* Of a message's root (of an attached message: its parts[0]). */
enum err_code mime_outline(const struct mime_part *root, struct arena *arena,
    struct mime_outline *out, struct err *err) WARN_UNUSED;

/* S/MIME in one part (RFC 8551), by smime-type, else by its name. */
enum mime_pkcs7 {
	MIME_PKCS7_NONE,
	MIME_PKCS7_SIGNED,
	MIME_PKCS7_ENCRYPTED,
	MIME_PKCS7_COMPRESSED,
	MIME_PKCS7_UNKNOWN /* signed or encrypted */
};
enum mime_pkcs7 mime_outline_pkcs7(const struct mime_part *part);
/* An attached message with parts (message/rfc822, message/global, news). */
bool mime_outline_is_message(const struct mime_part *part);
/* A parameter of the part's type, without RFC 2231; empty: none. */
struct str mime_outline_param(const struct mime_part *part, struct str name);

#endif
