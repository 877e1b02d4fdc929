#ifndef MAIL_SMTP_INSIDE_H
#define MAIL_SMTP_INSIDE_H
/* Steps of sending; smtp*.c only. */
#include "mail/smtp.h"
#include "mail/smtp_session.h"

/* What is being sent, step by step. */
struct smtp_job {
	const struct mail_server *server;
	struct smtp_session *session; /* NULL: not connected */
	const struct smtp_message *message;
	struct arena *arena;
	struct smtp_result *result;
	bool is_utf8; /* needs SMTPUTF8 */
};

/*
 * Can the message be sent here at all? Before MAIL, by what the server said
 * of itself. ERR_INPUT, ERR_LIMIT.
 */
enum err_code smtp_envelope_check(
    struct smtp_job *job, struct err *err) WARN_UNUSED;
/*
 * MAIL and all RCPT. *out_refused: the server does not take the sender, or not
 * enough recipients; the result says whom and why.
 */
enum err_code smtp_envelope(
    struct smtp_job *job, bool *out_refused, struct err *err) WARN_UNUSED;

/* Sends what was added and reads the first reply to it. */
enum err_code smtp_turn(
    struct smtp_job *job, struct smtp_reply *out, struct err *err) WARN_UNUSED;
/* What the server said to the whole message; the log gets its own words. */
void smtp_note_words(struct smtp_job *job, const struct smtp_reply *reply);

#endif
