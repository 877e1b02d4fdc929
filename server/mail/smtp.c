#include "mail/smtp.h"

#include "base/limits.h"
#include "mail/smtp_inside.h"
#include "os/file.h"

/* Read at once; of the heap. */
#define SMTP_PIECE_BYTES ((size_t)64 << 10)

/*
 * Dot-stuffing (RFC 5321, 4.5.2) of one piece; *at_start: a line begins. The
 * dots are looked for, not the lines: base64 has none of them.
 */
static bool
smtp_add_text(struct smtp_wire *wire, struct str piece, bool *at_start)
{
	size_t from = 0;
	size_t at = str_find_byte(piece, '.', 0);

	while (at < piece.len) {
		if (at == 0 ? *at_start : piece.ptr[at - 1] == '\n') {
			if (!smtp_wire_add(wire, str_slice(piece, from, at)) ||
			    !smtp_wire_add(wire, STR(".")))
				return false;
			from = at;
		}
		at = str_find_byte(piece, '.', at + 1);
	}
	*at_start = piece.ptr[piece.len - 1] == '\n';
	return smtp_wire_add(wire, str_slice(piece, from, piece.len));
}

static enum err_code
smtp_pieces(
    struct smtp_job *job, char *piece, bool *out_at_start, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	uint64_t at = 0;

	while (at < job->message->bytes) {
		uint64_t left = job->message->bytes - at;
		size_t want =
		    left < SMTP_PIECE_BYTES ? (size_t)left : SMTP_PIECE_BYTES;
		int64_t got = file_read_at(
		    job->message->fd, piece, want, job->message->offset + at);

		if (got <= 0)
			return err_set(err, ERR_INTERNAL,
			    "The message could not be read from the spool.",
			    "smtp: spool");
		smtp_wire_step(wire);
		if (!smtp_add_text(
		        wire, str_of(piece, (size_t)got), out_at_start)) {
			/* The connection's first error stays: say it again. */
			enum err_code rc = smtp_wire_flush(wire, err);

			return rc == ERR_OK ? ERR_AWAY : rc;
		}
		at += (uint64_t)got;
	}
	return ERR_OK;
}

static enum err_code
smtp_text(struct smtp_job *job, struct err *err)
{
	struct smtp_wire *wire = &job->session->wire;
	char *piece = malloc(SMTP_PIECE_BYTES);
	bool at_start = true;
	enum err_code rc =
	    piece == NULL ? err_set(err, ERR_NO_MEMORY,
	                        "The server is out of memory.", "smtp_text")
	                  : smtp_pieces(job, piece, &at_start, err);

	free(piece);
	if (rc != ERR_OK)
		return rc;
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

/* May the same be taken later? */
static bool
smtp_is_for_later(const struct smtp_result *result)
{
	if (result->accepted || result->is_unsure)
		return false;
	for (size_t i = 0; i < result->refused_count; i++)
		if (!result->refused[i].is_temporary)
			return false;
	/* Of the whole message, or of some recipients only. */
	return result->code == 0 ? result->refused_count > 0
	                         : result->code >= 400 && result->code < 500;
}

/* The envelope is forgotten: nothing is sent. */
static enum err_code
smtp_reset(struct smtp_job *job, struct err *err)
{
	struct smtp_reply reply = {0};
	struct str reset = STR("RSET");
	enum err_code rc =
	    smtp_wire_command(&job->session->wire, &reset, 1, err);

	return rc == ERR_OK ? smtp_turn(job, &reply, err) : rc;
}

static enum err_code
smtp_run(struct smtp_job *job, struct err *err)
{
	bool is_refused = false;
	enum err_code rc = smtp_envelope_check(job, err);

	if (rc == ERR_OK)
		rc = smtp_envelope(job, &is_refused, err);
	if (rc == ERR_OK && !is_refused)
		rc = smtp_data(job, err);
	job->result->is_temporary = smtp_is_for_later(job->result);
	return rc;
}

/* The caller closes job->session. */
static enum err_code
smtp_connect(
    struct smtp_job *job, const struct mail_wait *wait, struct err *err)
{
	const struct mail_server *server = job->server;
	enum err_code rc = server_gate_enter(server, &server->smtp, wait, err);

	if (rc != ERR_OK)
		return rc;
	rc = smtp_session_open(server, wait, job->arena, &job->session, err);
	server_gate_leave(server, &server->smtp, rc);
	return rc;
}

bool
smtp_takes_8bit(const struct mail_server *server, const struct mail_wait *wait,
    struct arena *arena)
{
	struct smtp_job job = {.server = server, .arena = arena};
	struct mail_smtp_offers offers;

	mail_server_smtp_offers(server, &offers);
	if (!offers.is_known) {
		err_ignore(smtp_connect(&job, wait, NULL));
		smtp_session_close(job.session);
		mail_server_smtp_offers(server, &offers);
	}
	return offers.has_8bitmime;
}

/* Connected and logged in; the caller closes job->session. */
static enum err_code
smtp_open(struct smtp_job *job, struct str login, const struct secret *password,
    const struct mail_wait *wait, struct err *err)
{
	enum err_code rc = smtp_connect(job, wait, err);

	return rc == ERR_OK
	           ? smtp_session_login(job->session, login, password, err)
	           : rc;
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
	rc = smtp_open(&job, login, password, wait, err);
	if (rc == ERR_OK)
		rc = smtp_run(&job, err);
	smtp_session_close(job.session);
	return rc;
}

/*
 * A refusal of whom it goes to (RFC 3463, 3.2 and 3.3: destination, mailbox),
 * not of the sender, whom servers judge first.
 */
static bool
smtp_is_of_recipient(const struct smtp_result *result)
{
	static const char *const codes[] = {"5.1.1 ", "5.1.2 ", "5.1.3 ",
	    "5.1.4 ", "5.1.5 ", "5.1.6 ", "5.1.10 ", "5.2."};
	size_t i = 0;

	if (result->refused_count == 0)
		return false;
	while (i < sizeof(codes) / sizeof(codes[0]) &&
	       !str_starts(result->refused[0].words.s, str_c(codes[i])))
		i++;
	return i < sizeof(codes) / sizeof(codes[0]);
}

static enum err_code
smtp_ask_sender(struct smtp_job *job, struct smtp_sender *out, struct err *err)
{
	const struct smtp_result *result = job->result;
	bool is_refused = false;
	enum err_code rc = smtp_envelope_check(job, err);

	if (rc == ERR_OK)
		rc = smtp_envelope(job, &is_refused, err);
	if (is_refused && smtp_is_of_recipient(result))
		is_refused = false;
	if (rc == ERR_OK && !is_refused)
		rc = smtp_reset(job, err);
	out->is_accepted = rc == ERR_OK && !is_refused;
	if (out->is_accepted)
		return rc;
	out->is_temporary = is_refused && smtp_is_for_later(result);
	out->code = result->code;
	out->words = result->words;
	if (result->refused_count > 0) {
		out->code = result->refused[0].code;
		out->words = result->refused[0].words;
	}
	return rc;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
smtp_check_sender(const struct mail_server *server, struct str login,
    const struct secret *password, struct str address, struct str own,
    const struct mail_wait *wait, struct arena *arena, struct smtp_sender *out,
    struct err *err)
{
	struct smtp_refusal refused[1];
	struct smtp_result result = {.refused = refused};
	const struct smtp_message message = {
	    .from = address, .recipients = &own, .count = 1};
	struct smtp_job job = {.server = server,
	    .message = &message,
	    .arena = arena,
	    .result = &result};
	enum err_code rc = smtp_open(&job, login, password, wait, err);

	*out = (struct smtp_sender){0};
	if (rc == ERR_OK)
		rc = smtp_ask_sender(&job, out, err);
	smtp_session_close(job.session);
	return rc;
}

/* Refused for good? */
static bool
smtp_has_refused(const struct smtp_result *result, struct str address)
{
	for (size_t i = 0; i < result->refused_count; i++)
		if (!result->refused[i].is_temporary &&
		    str_eq(result->refused[i].address.s, address))
			return true;
	return false;
}

static enum smtp_knows
smtp_known(const struct smtp_result *result, const struct str asked[2])
{
	/* The sender was refused: all that came after it says nothing. */
	if (result->code != 0)
		return SMTP_UNSURE;
	if (smtp_has_refused(result, asked[0]))
		return SMTP_UNKNOWN;
	for (size_t i = 0; i < result->refused_count; i++)
		if (str_eq(result->refused[i].address.s, asked[0]))
			return SMTP_UNSURE;
	return smtp_has_refused(result, asked[1]) ? SMTP_KNOWN : SMTP_UNSURE;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
smtp_check_recipient(const struct mail_server *server, struct str login,
    const struct secret *password, struct str from,
    const struct str address_and_nobody[2], const struct mail_wait *wait,
    struct arena *arena, enum smtp_knows *out, struct err *err)
{
	struct smtp_refusal refused[2];
	struct smtp_result result = {.refused = refused};
	const struct smtp_message message = {.from = from,
	    .recipients = address_and_nobody,
	    .count = 2,
	    .takes_some = true};
	struct smtp_job job = {.server = server,
	    .message = &message,
	    .arena = arena,
	    .result = &result};
	bool is_refused = false;
	enum err_code rc = smtp_open(&job, login, password, wait, err);

	*out = SMTP_UNSURE;
	if (rc == ERR_OK)
		rc = smtp_envelope_check(&job, err);
	if (rc == ERR_OK)
		rc = smtp_envelope(&job, &is_refused, err);
	if (rc == ERR_OK)
		*out = smtp_known(&result, address_and_nobody);
	if (rc == ERR_OK && !is_refused)
		err_ignore(smtp_reset(&job, NULL));
	smtp_session_close(job.session);
	return rc;
}
