#ifndef MAIL_SMTP_H
#define MAIL_SMTP_H
/*
 * SMTP submission (RFC 5321, 6409): one message, once. Pipelined envelope,
 * streamed text, and a clear account of how far it came.
 */
#include "mail/mail.h"

struct smtp_refusal {
	struct text address;
	unsigned code;     /* 550 … */
	bool is_temporary; /* 4yz: later it may be taken */
	struct text words; /* what the server said, one line, names masked */
};

struct smtp_result {
	bool accepted;  /* the server said 250 to the whole message */
	bool is_unsure; /* the final dot went out, no answer came back */
	/*
	 * Not accepted, not unsure, and whatever refused said 4yz: the same may
	 * be taken later (RFC 5321, 4.2.1). One 5yz among them makes it false.
	 */
	bool is_temporary;
	/* A report of delivery was asked for; this server makes none. */
	bool lacks_dsn;
	unsigned code;
	struct text words; /* for people: the server's names are masked */
	struct text said;  /* for the log: those names, nobody's address */
	struct smtp_refusal *refused;
	size_t refused_count;
};

/* The sender of reports: they are answered by nobody. */
#define SMTP_NOBODY "<>"

/* What is sent, and to whom; borrowed for the call. */
struct smtp_message {
	struct str from; /* envelope sender (RFC 5321, 3.3), or SMTP_NOBODY */
	const struct str *recipients;
	size_t count;
	int fd;
	/*
	 * Bytes [offset, offset + bytes) of fd, CRLF lines: what stands before
	 * them (the Bcc lines of the copy for Sent) stays here.
	 */
	uint64_t offset, bytes;
	bool is_8bit; /* has bytes beyond ASCII: needs 8BITMIME */
	bool is_utf8; /* has them in its header: needs SMTPUTF8 */
	/*
	 * Reports of delivery, failure and delay, with the header only (RFC
	 * 3461). Where the server has no DSN it goes without: see lacks_dsn.
	 */
	bool asks_dsn;
	struct str envelope_id; /* comes back in such reports; may be empty */
	/*
	 * Send to those who are taken although others are refused. Else one
	 * refusal is enough, and nothing goes out.
	 */
	bool takes_some;
	/* Called when all text is sent, right before the final dot; false
	 * stops there, and nothing is sent. */
	bool (*before_dot)(void *ctx);
	void *ctx;
};

/*
 * Sends to all of the recipients or to none, unless takes_some. `out` lives
 * in `arena`; refused[] tells of each recipient that the server refuses.
 *
 * ERR_OK: see out (accepted, or is_unsure, or refused with words). ERR_AWAY:
 * later it may work (no connection, or 4yz before the envelope). ERR_TRUST,
 * ERR_MAIL, ERR_LIMIT (larger than its SIZE; told before MAIL), ERR_INPUT (an
 * address that cannot be sent or needs SMTPUTF8, or bytes that need 8BITMIME,
 * and the server has it not), ERR_FORBIDDEN (somebody tampers), ERR_CANCELED,
 * ERR_INTERNAL: nothing was sent. A cancel counts until the final dot only.
 */
enum err_code smtp_send(const struct mail_server *server, struct str login,
    const struct secret *password, const struct smtp_message *message,
    const struct mail_wait *wait, struct arena *arena, struct smtp_result *out,
    struct err *err) WARN_UNUSED;

/*
 * Does the server take bytes beyond ASCII (8BITMIME)? Asked where it is not
 * known yet: connects and says EHLO, without a login. False when it cannot be
 * asked just now.
 */
bool smtp_takes_8bit(const struct mail_server *server,
    const struct mail_wait *wait, struct arena *arena);

/* Does the server let this login send as somebody? */
struct smtp_sender {
	bool is_accepted;
	bool is_temporary; /* not now: ask again later */
	unsigned code;     /* of the refusal */
	struct text words; /* of the refusal, for people */
};
/*
 * Asks it: login, MAIL FROM:<address>, RCPT TO:<own> (many servers judge the
 * sender there), and no message. `own`: an address of the login itself; that
 * it gets no mail here is not held against the sender.
 * Errors as of smtp_send. It takes as long as a login.
 */
enum err_code smtp_check_sender(const struct mail_server *server,
    struct str login, const struct secret *password, struct str address,
    struct str own, const struct mail_wait *wait, struct arena *arena,
    struct smtp_sender *out, struct err *err) WARN_UNUSED;

/* Is there somebody of this address, as far as the server says? */
enum smtp_knows {
	SMTP_UNSURE, /* it takes every address, or not now */
	SMTP_KNOWN,
	SMTP_UNKNOWN
};
/*
 * Asks it: login, MAIL FROM:<from>, RCPT TO:<address>, RCPT TO:<nobody>, and
 * no message. `nobody` is an address that cannot be: a server that takes that
 * says nothing by taking the other. Errors as of smtp_send.
 */
enum err_code smtp_check_recipient(const struct mail_server *server,
    struct str login, const struct secret *password, struct str from,
    const struct str address_and_nobody[2], const struct mail_wait *wait,
    struct arena *arena, enum smtp_knows *out, struct err *err) WARN_UNUSED;

#endif
