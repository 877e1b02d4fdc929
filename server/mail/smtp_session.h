#ifndef MAIL_SMTP_SESSION_H
#define MAIL_SMTP_SESSION_H
/* A session with the submission server up to the login. This room only. */
#include "mail/server.h"
#include "mail/smtp_wire.h"

struct smtp_session {
	struct smtp_wire wire;
	const struct mail_server *server; /* borrowed */
	bool has_starttls, has_pipelining, has_8bitmime, has_smtputf8;
	bool has_plain, has_login, has_external; /* of AUTH */
	bool has_size, has_dsn;
	bool is_in_text;     /* between DATA and the dot: a command is text */
	uint64_t size_limit; /* 0: not told */
};

/*
 * Connects, secures the connection as configured, says EHLO. STARTTLS is
 * required when configured; what was said before it is forgotten.
 * The caller closes *out with smtp_session_close. Heap memory.
 */
enum err_code smtp_session_open(const struct mail_server *server,
    const struct mail_wait *wait, struct arena *arena,
    struct smtp_session **out, struct err *err) WARN_UNUSED;
/* Says QUIT where that is a command, without waiting; NULL accepted. */
void smtp_session_close(struct smtp_session *session);
/*
 * AUTH PLAIN, else LOGIN (RFC 4954), or EXTERNAL when the leg is set so.
 * ERR_MAIL when refused: IMAP took the same password, so the session goes on.
 */
enum err_code smtp_session_login(struct smtp_session *session, struct str login,
    const struct secret *password, struct err *err) WARN_UNUSED;

#endif
