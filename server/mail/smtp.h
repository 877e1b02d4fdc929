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
	struct text words; /* what the server said, one line, names masked */
};

struct smtp_result {
	bool accepted;  /* the server said 250 to the whole message */
	bool is_unsure; /* the final dot went out, no answer came back */
	unsigned code;
	struct text words; /* for people: the server's names are masked */
	struct text said;  /* for the log: those names, nobody's address */
	struct smtp_refusal *refused;
	size_t refused_count;
};

/* What is sent, and to whom; borrowed for the call. */
struct smtp_message {
	struct str from; /* envelope sender (RFC 5321, 3.3) */
	const struct str *recipients;
	size_t count;
	int fd;
	/*
	 * Bytes [offset, offset + bytes) of fd, CRLF lines: what stands before
	 * them (the Bcc lines of the copy for Sent) stays here.
	 */
	uint64_t offset, bytes;
	bool is_8bit;  /* has bytes beyond ASCII: needs 8BITMIME */
	bool is_utf8;  /* has them in its header: needs SMTPUTF8 */
	bool asks_dsn; /* NOTIFY=SUCCESS,FAILURE,DELAY (RFC 3461) */
	/* Called when all text is sent, right before the final dot; false
	 * stops there, and nothing is sent. */
	bool (*before_dot)(void *ctx);
	void *ctx;
};

/*
 * Sends to all of the recipients, or to none: when one is refused, nothing
 * goes out. `out` lives in `arena`.
 *
 * ERR_OK: see out (accepted, or is_unsure, or refused with words). ERR_AWAY,
 * ERR_TRUST, ERR_MAIL, ERR_LIMIT (too large), ERR_INPUT (an address that cannot
 * be sent), ERR_FORBIDDEN (somebody tampers), ERR_CANCELED, ERR_INTERNAL:
 * nothing was sent. A cancel counts until the final dot only.
 */
enum err_code smtp_send(const struct mail_server *server, struct str login,
    const struct secret *password, const struct smtp_message *message,
    const struct mail_wait *wait, struct arena *arena, struct smtp_result *out,
    struct err *err) WARN_UNUSED;

#endif
