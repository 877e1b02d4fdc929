#include "mail/smtp.h"

#include "base/limits.h"
#include "mail/smtp_session.h"
#include "os/file.h"

/* What is being sent, step by step. */
struct smtp_job {
	const struct mail_server *server;
	struct smtp_session *session;
	const struct smtp_message *message;
	struct arena *arena;
	struct smtp_result *result;
};

/* The server's words as people see them. */
static struct text
smtp_shown(const struct smtp_job *job, const struct smtp_reply *reply)
{
	return mail_server_mask(job->server, job->arena, reply->words);
}

/* What the server said to the whole message; the log gets its own words. */
static void
smtp_note_words(struct smtp_job *job, const struct smtp_reply *reply)
{
	job->result->code = reply->code;
	job->result->words = smtp_shown(job, reply);
	job->result->said = server_mask_people(job->arena, reply->words);
}

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

static enum err_code
smtp_check(const struct smtp_job *job, bool *out_utf8, struct err *err)
{
	*out_utf8 = !smtp_is_ascii(job->message->from);
	for (size_t i = 0; i < job->message->count; i++) {
		if (!smtp_is_path(job->message->recipients[i]))
			return err_sayf(err, ERR_INPUT,
			    "Mail cannot be sent to “%.*s”.",
			    STR_ARG(str_slice(
			        job->message->recipients[i], 0, 100)));
		*out_utf8 =
		    *out_utf8 || !smtp_is_ascii(job->message->recipients[i]);
	}
	if (!smtp_is_path(job->message->from))
		return err_set(err, ERR_INPUT,
		    "Your own address cannot be used for sending. Please log "
		    "in with your whole address.",
		    "smtp: envelope from");
	if (*out_utf8 && !job->session->has_smtputf8)
		return err_set(err, ERR_INPUT,
		    "An address has letters beyond ASCII, and the server for "
		    "outgoing mail cannot take such addresses.",
		    "smtp: no SMTPUTF8");
	if (job->session->size_limit > 0 &&
	    job->message->bytes > job->session->size_limit)
		return err_sayf(err, ERR_LIMIT,
		    "The message is too large: the server for outgoing mail "
		    "takes at most %llu KB.",
		    (unsigned long long)(job->session->size_limit / 1024));
	return ERR_OK;
}

static enum err_code
smtp_add_mail_from(struct smtp_job *job, bool utf8, struct err *err)
{
	struct str pieces[4] = {
	    STR("MAIL FROM:<"), job->message->from, STR(">"), STR("")};
	struct str size = STR("");

	if (job->session->has_size)
		size = str_printf(job->arena, " SIZE=%llu",
		    (unsigned long long)job->message->bytes);
	if (utf8)
		size = str_printf(job->arena, "%.*s SMTPUTF8", STR_ARG(size));
	if (job->session->has_8bitmime)
		size =
		    str_printf(job->arena, "%.*s BODY=8BITMIME", STR_ARG(size));
	pieces[3] = size;
	return smtp_wire_command(&job->session->wire, pieces, 4, err);
}

static enum err_code
smtp_add_recipient(struct smtp_job *job, size_t number, struct err *err)
{
	struct str pieces[3] = {
	    STR("RCPT TO:<"), job->message->recipients[number], STR(">")};

	return smtp_wire_command(&job->session->wire, pieces, 3, err);
}

/* Sends what was added and reads the first reply to it. */
static enum err_code
smtp_turn(struct smtp_job *job, struct smtp_reply *out, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	enum err_code rc;

	smtp_wire_step(wire);
	rc = smtp_wire_flush(wire, err);
	return rc == ERR_OK ? smtp_wire_reply(wire, out, NULL, err) : rc;
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
smtp_envelope_slow(
    struct smtp_job *job, bool utf8, bool *out_refused, struct err *err)
{
	struct smtp_reply reply = {0};
	enum err_code rc = smtp_add_mail_from(job, utf8, err);

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
smtp_envelope_fast(
    struct smtp_job *job, bool utf8, bool *out_refused, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	struct smtp_reply reply = {0};
	enum err_code rc;

	smtp_wire_step(wire);
	rc = smtp_add_mail_from(job, utf8, err);
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

/*
 * MAIL and all RCPT. *out_refused: the server does not take the sender or
 * somebody; the result says whom and why.
 */
static enum err_code
smtp_envelope(
    struct smtp_job *job, bool utf8, bool *out_refused, struct err *err)
{
	enum err_code rc =
	    job->session->has_pipelining
	        ? smtp_envelope_fast(job, utf8, out_refused, err)
	        : smtp_envelope_slow(job, utf8, out_refused, err);

	*out_refused = *out_refused || job->result->refused_count > 0;
	return rc;
}

/* Dot-stuffing (RFC 5321, 4.5.2) of one piece; *at_start: a line begins. */
static bool
smtp_add_text(struct smtp_wire *wire, struct str piece, bool *at_start)
{
	size_t from = 0;

	for (size_t i = 0; i < piece.len; i++) {
		if (*at_start && piece.ptr[i] == '.') {
			if (!smtp_wire_add(wire, str_slice(piece, from, i)) ||
			    !smtp_wire_add(wire, STR(".")))
				return false;
			from = i;
		}
		*at_start = piece.ptr[i] == '\n';
	}
	return smtp_wire_add(wire, str_slice(piece, from, piece.len));
}

static enum err_code
smtp_text(struct smtp_job *job, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	char piece[8192];
	uint64_t at = 0;
	bool at_start = true;

	while (at < job->message->bytes) {
		uint64_t left = job->message->bytes - at;
		size_t want =
		    left < sizeof(piece) ? (size_t)left : sizeof(piece);
		int64_t got = file_read_at(
		    job->message->fd, piece, want, job->message->offset + at);

		if (got <= 0)
			return err_set(err, ERR_INTERNAL,
			    "The message could not be read from the spool.",
			    "smtp: spool");
		smtp_wire_step(wire);
		if (!smtp_add_text(
		        wire, str_of(piece, (size_t)got), &at_start)) {
			/* The connection's first error stays: say it again. */
			enum err_code rc = smtp_wire_flush(wire, err);

			return rc == ERR_OK ? ERR_AWAY : rc;
		}
		at += (uint64_t)got;
	}
	/* Our builder ends with CRLF; anything else gets one. */
	if (!at_start && !smtp_wire_add(wire, STR("\r\n")))
		return err_set(err, ERR_AWAY,
		    "The server for outgoing mail cannot be reached.",
		    "smtp: text");
	return smtp_wire_flush(wire, err);
}

/* From the dot on, an answer that does not come leaves us unsure. */
static enum err_code
smtp_dot(struct smtp_job *job)
{
	struct smtp_wire *wire = &job->session->wire;
	struct smtp_reply reply = {0};
	struct str dot = STR(".");
	struct err err = ERR_NONE;
	enum err_code rc;

	wire->ignore_cancel = true;
	job->session->is_in_text = false;
	smtp_wire_step(wire);
	rc = smtp_wire_command(wire, &dot, 1, &err);
	if (rc == ERR_OK)
		rc = smtp_turn(job, &reply, &err);
	/* 3yz answers another question: nobody knows what it means here. */
	if (rc == ERR_OK && reply.code >= 300 && reply.code < 400)
		rc = err_set(&err, ERR_MAIL,
		    "The server for outgoing mail answers in a way that cannot "
		    "be understood.",
		    NULL);
	job->result->is_unsure = rc != ERR_OK;
	job->result->accepted = rc == ERR_OK && reply.code < 300;
	smtp_note_words(job, &reply);
	if (rc != ERR_OK)
		job->result->words = text_from(
		    job->arena, str_dup(job->arena, str_c(err.message)));
	return ERR_OK;
}

/*
 * A server that speaks or leaves before the dot has given up on the message:
 * without the dot it cannot have taken it.
 */
static enum err_code
smtp_early(struct smtp_job *job, bool *out_early, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	struct smtp_reply reply = {0};
	enum err_code rc;

	*out_early = smtp_wire_has_input(wire) ||
	             net_client_look(wire->client) != NET_CLIENT_QUIET;
	if (!*out_early)
		return ERR_OK;
	rc = smtp_wire_reply(wire, &reply, NULL, err);
	if (rc != ERR_OK)
		return rc;
	if (reply.code < 400)
		return err_setf(err, ERR_MAIL,
		    "The server for outgoing mail answers in a way that cannot "
		    "be understood.",
		    "smtp: %u before the dot", reply.code);
	smtp_note_words(job, &reply);
	return ERR_OK;
}

static enum err_code
smtp_data(struct smtp_job *job, struct err *err)
{
	struct smtp_reply reply = {0};
	struct str data = STR("DATA");
	bool is_early = false;
	enum err_code rc =
	    smtp_wire_command(&job->session->wire, &data, 1, err);

	if (rc == ERR_OK)
		rc = smtp_turn(job, &reply, err);
	if (rc != ERR_OK)
		return rc;
	if (reply.code != 354) {
		smtp_note_words(job, &reply);
		return ERR_OK;
	}
	job->session->is_in_text = true;
	rc = smtp_text(job, err);
	if (rc == ERR_OK)
		rc = smtp_early(job, &is_early, err);
	if (rc != ERR_OK || is_early)
		return rc;
	if (!job->message->before_dot(job->message->ctx))
		return err_set(err, ERR_INTERNAL,
		    "The server could not record the sending, so nothing was "
		    "sent.",
		    "smtp: journal");
	return smtp_dot(job);
}

static enum err_code
smtp_run(struct smtp_job *job, struct err *err)
{
	bool utf8 = false;
	bool is_refused = false;
	enum err_code rc = smtp_check(job, &utf8, err);

	if (rc == ERR_OK)
		rc = smtp_envelope(job, utf8, &is_refused, err);
	if (rc != ERR_OK || is_refused)
		return rc;
	return smtp_data(job, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
smtp_send(const struct mail_server *server, struct str login,
    const struct secret *password, const struct smtp_message *message,
    const struct mail_wait *wait, struct arena *arena, struct smtp_result *out,
    struct err *err)
{
	struct smtp_job job = {
	    .server = server,
	    .message = message,
	    .arena = arena,
	    .result = out,
	};
	enum err_code rc;

	*out = (struct smtp_result){0};
	out->refused = ARENA_ARRAY(arena, message->count, struct smtp_refusal);
	if (out->refused == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "smtp_send");
	rc = server_gate_enter(server, &server->smtp, wait, err);
	if (rc != ERR_OK)
		return rc;
	rc = smtp_session_open(server, wait, arena, &job.session, err);
	server_gate_leave(server, &server->smtp, rc);
	if (rc == ERR_OK)
		rc = smtp_session_login(job.session, login, password, err);
	if (rc == ERR_OK)
		rc = smtp_run(&job, err);
	smtp_session_close(job.session);
	return rc;
}
