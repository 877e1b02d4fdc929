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

/*
 * Sends bytes [0, message_bytes) of `message_fd` (CRLF lines) to all of the
 * recipients, or to none: when one is refused, nothing goes out.
 *
 * before_dot  called when all text is sent, right before the final dot; false
 *             stops there, and nothing is sent
 * out         lives in `arena`
 *
 * ERR_OK: see out (accepted, or is_unsure, or refused with words). ERR_AWAY,
 * ERR_TRUST, ERR_MAIL, ERR_LIMIT (too large), ERR_INPUT (an address that cannot
 * be sent), ERR_FORBIDDEN (somebody tampers), ERR_CANCELED, ERR_INTERNAL:
 * nothing was sent. A cancel counts until the final dot only.
 */
enum err_code smtp_send(const struct mail_server *server, struct str login,
    const struct secret *password, struct str envelope_from,
    const struct str *recipients, size_t count, int message_fd,
    uint64_t message_bytes, bool (*before_dot)(void *ctx), void *ctx,
    const struct mail_wait *wait, struct arena *arena, struct smtp_result *out,
    struct err *err) WARN_UNUSED;

#endif
