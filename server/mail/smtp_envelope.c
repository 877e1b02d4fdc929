#include "base/limits.h"
#include "mail/smtp_inside.h"

/* Who sends and who gets it: MAIL and RCPT with what their extensions add. */

/* The server's words as people see them. */
static struct text
smtp_shown(const struct smtp_job *job, const struct smtp_reply *reply)
{
	return mail_server_mask(job->server, job->arena, reply->words);
}

void
smtp_note_words(struct smtp_job *job, const struct smtp_reply *reply)
{
	job->result->code = reply->code;
	job->result->words = smtp_shown(job, reply);
	job->result->said = server_mask_people(job->arena, reply->words);
}

enum err_code
smtp_turn(struct smtp_job *job, struct smtp_reply *out, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	enum err_code rc;

	smtp_wire_step(wire);
	rc = smtp_wire_flush(wire, err);
	return rc == ERR_OK ? smtp_wire_reply(wire, out, NULL, err) : rc;
}

/* ---- before anything is said ---- */

static bool
smtp_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

/* ">" and blanks would end the path early; the quoted form is not sent. */
static bool
smtp_is_path(struct str address)
{
	for (size_t i = 0; i < address.len; i++) {
		unsigned char c = (unsigned char)address.ptr[i];

		if (c <= ' ' || c == '<' || c == '>' || c == 0x7F)
			return false;
	}
	return address.len > 0;
}

/* "MAIL FROM:<>": nobody is told when it fails (RFC 5321, 4.5.5). */
static bool
smtp_is_nobody(const struct smtp_job *job)
{
	return str_eq(job->message->from, STR(SMTP_NOBODY));
}

static enum err_code
smtp_check_paths(struct smtp_job *job, struct err *err)
{
	for (size_t i = 0; i < job->message->count; i++)
		if (!smtp_is_path(job->message->recipients[i]))
			return err_sayf(err, ERR_INPUT,
			    "Mail cannot be sent to “%.*s”.",
			    STR_ARG(str_slice(
			        job->message->recipients[i], 0, 100)));
	if (!smtp_is_path(job->message->from) && !smtp_is_nobody(job))
		return err_set(err, ERR_INPUT,
		    "Your own address cannot be used for sending. Please log "
		    "in with your whole address.",
		    "smtp: envelope from");
	return ERR_OK;
}

/* The first address that SMTPUTF8 is needed for; empty: none. */
static struct str
smtp_find_utf8(const struct smtp_message *message)
{
	for (size_t i = 0; i < message->count; i++)
		if (!smtp_is_ascii(message->recipients[i]))
			return message->recipients[i];
	return smtp_is_ascii(message->from) ? STR("") : message->from;
}

static enum err_code
smtp_check_letters(struct smtp_job *job, struct err *err)
{
	struct str address = smtp_find_utf8(job->message);

	job->is_utf8 = job->message->is_utf8 || address.len > 0;
	if (job->is_utf8 && !job->session->has_smtputf8 && address.len > 0)
		return err_sayf(err, ERR_INPUT,
		    "The address “%.*s” has letters beyond ASCII before the @. "
		    "The server for outgoing mail cannot take such addresses, "
		    "so nothing was sent.",
		    STR_ARG(text_shorten(
		        job->arena, text_line(job->arena, address), 100)
		                .s));
	if (job->is_utf8 && !job->session->has_smtputf8)
		return err_set(err, ERR_INPUT,
		    "An address in the message has letters beyond ASCII before "
		    "the @. The server for outgoing mail cannot take such "
		    "addresses, so nothing was sent.",
		    "smtp: no SMTPUTF8");
	/* It was asked before the message was built, and has changed since, or
	 * could not be asked. The next build knows. */
	if (job->message->is_8bit && !job->session->has_8bitmime)
		return err_set(err, ERR_INPUT,
		    "A message in it has letters beyond ASCII, which the "
		    "server for outgoing mail cannot take as they are. Please "
		    "send it once more: then it goes in another form.",
		    "smtp: no 8BITMIME");
	return ERR_OK;
}

enum err_code
smtp_envelope_check(struct smtp_job *job, struct err *err)
{
	enum err_code rc = smtp_check_paths(job, err);

	if (rc == ERR_OK)
		rc = smtp_check_letters(job, err);
	if (rc != ERR_OK)
		return rc;
	if (job->session->size_limit > 0 &&
	    job->message->bytes > job->session->size_limit)
		return err_sayf(err, ERR_LIMIT,
		    "The message is too large: the server for outgoing mail "
		    "takes at most %llu KB.",
		    (unsigned long long)(job->session->size_limit / 1024));
	job->result->lacks_dsn =
	    job->message->asks_dsn && !job->session->has_dsn;
	return ERR_OK;
}

/* ---- the commands ---- */

/*
 * xtext  = *( xchar / hexchar )
 * xchar  = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except
 *          for "+" and "="
 * hexchar = ASCII "+" immediately followed by two upper case hexadecimal
 *          digits                                           (RFC 3461, 4)
 */
static void
smtp_add_xtext(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c > ' ' && c <= '~' && c != '+' && c != '=')
			buf_add_byte(out, (char)c);
		else
			buf_addf(out, "+%02X", c);
	}
}

static bool
smtp_wants_dsn(const struct smtp_job *job)
{
	return job->message->asks_dsn && job->session->has_dsn;
}

static enum err_code
smtp_add_mail_from(struct smtp_job *job, struct err *err)
{
	struct str pieces[4] = {
	    STR("MAIL FROM:<"), job->message->from, STR(">"), STR("")};
	struct buf more;

	if (smtp_is_nobody(job))
		pieces[1] = STR("");
	buf_init_arena(&more, job->arena, LIMIT_SMTP_LINE);
	if (job->session->has_size && job->message->bytes > 0)
		buf_addf(&more, " SIZE=%llu",
		    (unsigned long long)job->message->bytes);
	if (job->is_utf8)
		buf_add_c(&more, " SMTPUTF8");
	if (job->session->has_8bitmime &&
	    (job->is_utf8 || job->message->is_8bit))
		buf_add_c(&more, " BODY=8BITMIME");
	if (smtp_wants_dsn(job))
		buf_add_c(&more, " RET=HDRS");
	if (smtp_wants_dsn(job) && job->message->envelope_id.len > 0) {
		buf_add_c(&more, " ENVID=");
		smtp_add_xtext(&more, job->message->envelope_id);
	}
	pieces[3] = buf_str(&more);
	return smtp_wire_command(&job->session->wire, pieces, 4, err);
}

static enum err_code
smtp_add_recipient(struct smtp_job *job, size_t number, struct err *err)
{
	struct str address = job->message->recipients[number];
	struct str pieces[4] = {STR("RCPT TO:<"), address, STR(">"), STR("")};
	struct buf more;

	buf_init_arena(&more, job->arena, LIMIT_SMTP_LINE);
	if (smtp_wants_dsn(job))
		buf_add_c(&more, " NOTIFY=SUCCESS,FAILURE,DELAY");
	/* Other letters have a type of their own (RFC 6533); it is optional. */
	if (smtp_wants_dsn(job) && smtp_is_ascii(address)) {
		buf_add_c(&more, " ORCPT=rfc822;");
		smtp_add_xtext(&more, address);
	}
	pieces[3] = buf_str(&more);
	return smtp_wire_command(&job->session->wire, pieces, 4, err);
}

static void
smtp_note_recipient(
    struct smtp_job *job, size_t number, const struct smtp_reply *reply)
{
	struct smtp_refusal *refusal;

	if (reply->code >= 200 && reply->code < 300)
		return;
	refusal = &job->result->refused[job->result->refused_count++];
	refusal->address =
	    text_line(job->arena, job->message->recipients[number]);
	refusal->code = reply->code;
	refusal->is_temporary = reply->code < 500;
	refusal->words = smtp_shown(job, reply);
	if (job->result->said.s.len == 0)
		job->result->said =
		    server_mask_people(job->arena, reply->words);
}

static bool
smtp_note_sender(struct smtp_job *job, const struct smtp_reply *reply)
{
	if (reply->code >= 200 && reply->code < 300)
		return true;
	smtp_note_words(job, reply);
	return false;
}

/* Without PIPELINING: each command waits for its reply. */
static enum err_code
smtp_envelope_slow(struct smtp_job *job, bool *out_refused, struct err *err)
{
	struct smtp_reply reply = {0};
	enum err_code rc = smtp_add_mail_from(job, err);

	if (rc == ERR_OK)
		rc = smtp_turn(job, &reply, err);
	*out_refused = rc == ERR_OK && !smtp_note_sender(job, &reply);
	for (size_t i = 0;
	     rc == ERR_OK && !*out_refused && i < job->message->count; i++) {
		rc = smtp_add_recipient(job, i, err);
		if (rc == ERR_OK)
			rc = smtp_turn(job, &reply, err);
		if (rc == ERR_OK)
			smtp_note_recipient(job, i, &reply);
	}
	return rc;
}

/* With PIPELINING (RFC 2920): all commands, then all replies. */
static enum err_code
smtp_envelope_fast(struct smtp_job *job, bool *out_refused, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	struct smtp_reply reply = {0};
	enum err_code rc;

	smtp_wire_step(wire);
	rc = smtp_add_mail_from(job, err);
	for (size_t i = 0; rc == ERR_OK && i < job->message->count; i++)
		rc = smtp_add_recipient(job, i, err);
	if (rc == ERR_OK)
		rc = smtp_turn(job, &reply, err);
	*out_refused = rc == ERR_OK && !smtp_note_sender(job, &reply);
	for (size_t i = 0; rc == ERR_OK && i < job->message->count; i++) {
		rc = smtp_wire_reply(wire, &reply, NULL, err);
		/* After a refused MAIL these only repeat it. */
		if (rc == ERR_OK && !*out_refused)
			smtp_note_recipient(job, i, &reply);
	}
	return rc;
}

enum err_code
smtp_envelope(struct smtp_job *job, bool *out_refused, struct err *err)
{
	const struct smtp_result *result = job->result;
	enum err_code rc = job->session->has_pipelining
	                       ? smtp_envelope_fast(job, out_refused, err)
	                       : smtp_envelope_slow(job, out_refused, err);
	bool is_enough = job->message->takes_some
	                     ? result->refused_count < job->message->count
	                     : result->refused_count == 0;

	*out_refused = *out_refused || !is_enough;
	return rc;
}
