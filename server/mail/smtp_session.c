#include "mail/smtp_session.h"

#include "base/codec.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/scan.h"
#include "base/tr.h"
#include "os/clock.h"

/*
 * The log keeps the server's words, but for the addresses of people. 4yz: it
 * may say otherwise later (RFC 5321, 4.2.1).
 */
static enum err_code
smtp_said_no(const struct smtp_session *session, const struct smtp_reply *reply,
    const char *message, struct err *err)
{
	struct text words =
	    server_mask_people(session->wire.arena, reply->words);

	return err_setf(err, reply->code < 500 ? ERR_AWAY : ERR_MAIL, message,
	    "smtp %u: %.*s", reply->code, STR_ARG(words.s));
}

/* One command of one or two pieces, and its reply. */
static enum err_code
smtp_ask(struct smtp_session *session, struct str command, struct str argument,
    struct smtp_reply *out, struct str *out_lines, struct err *err)
{
	struct str pieces[2] = {command, argument};
	enum err_code rc;

	smtp_wire_step(&session->wire);
	rc = smtp_wire_command(&session->wire, pieces, 2, err);
	if (rc == ERR_OK)
		rc = smtp_wire_flush(&session->wire, err);
	if (rc == ERR_OK)
		rc = smtp_wire_reply(&session->wire, out, out_lines, err);
	return rc;
}

static void
smtp_read_auth(struct smtp_session *session, struct str words)
{
	while (words.len > 0) {
		struct str word = str_trim(str_cut(&words, ' '));

		if (str_eq_nocase(word, STR("PLAIN")))
			session->has_plain = true;
		else if (str_eq_nocase(word, STR("LOGIN")))
			session->has_login = true;
		else if (str_eq_nocase(word, STR("EXTERNAL")))
			session->has_external = true;
	}
}

/* What EHLO offers (RFC 5321, 4.1.1.1), one keyword a line. */
static void
smtp_read_keyword(struct smtp_session *session, struct str line)
{
	struct str rest = line;
	struct str word = str_cut(&rest, ' ');

	if (str_eq_nocase(word, STR("STARTTLS")))
		session->has_starttls = true;
	else if (str_eq_nocase(word, STR("PIPELINING")))
		session->has_pipelining = true;
	else if (str_eq_nocase(word, STR("8BITMIME")))
		session->has_8bitmime = true;
	else if (str_eq_nocase(word, STR("SMTPUTF8")))
		session->has_smtputf8 = true;
	else if (str_eq_nocase(word, STR("DSN")))
		session->has_dsn = true;
	else if (str_eq_nocase(word, STR("AUTH")))
		smtp_read_auth(session, rest);
	else if (str_eq_nocase(word, STR("SIZE"))) {
		session->has_size = true;
		err_ignore(num_u64(
		    str_trim(rest), 0, UINT64_MAX, &session->size_limit, NULL));
	}
}

static enum err_code
smtp_ehlo(struct smtp_session *session, struct err *err)
{
	struct smtp_reply reply;
	struct str lines = {NULL, 0};
	struct str greeting = {NULL, 0};
	enum err_code rc;

	session->has_starttls = session->has_pipelining = false;
	session->has_8bitmime = session->has_smtputf8 = false;
	session->has_plain = session->has_login = session->has_size = false;
	session->has_external = session->has_dsn = false;
	session->size_limit = 0;
	/* Our machine's name is nobody's business (RFC 5321, 4.1.3). */
	rc = smtp_ask(
	    session, STR("EHLO "), STR("[127.0.0.1]"), &reply, &lines, err);
	if (rc != ERR_OK)
		return rc;
	if (reply.code != 250)
		return smtp_said_no(session, &reply,
		    N_("The server for outgoing mail does not talk to us."),
		    err);
	/* "250-mx.example.org Hello …" (RFC 5321, 4.1.1.1) */
	greeting = str_cut(&lines, '\n');
	server_live_name(session->server, str_cut(&greeting, ' '));
	while (lines.len > 0)
		smtp_read_keyword(session, str_cut(&lines, '\n'));
	return ERR_OK;
}

/* The first words; what comes instead says much about the port. */
static enum err_code
smtp_greeting(struct smtp_session *session, struct err *err)
{
	const struct mail_server_leg *leg = &session->server->smtp;
	struct smtp_wire *wire = &session->wire;
	struct smtp_reply reply;
	struct str words;
	enum err_code rc;

	smtp_wire_step(wire);
	rc = smtp_wire_reply(wire, &reply, NULL, err);
	/* An alert or a handshake (RFC 8446, 5.1). */
	if (rc != ERR_OK && wire->in_len > 0 &&
	    leg->security != CONFIG_SECURITY_TLS &&
	    (wire->in[0] == 0x15 || wire->in[0] == 0x16))
		return server_leg_speaks_tls(leg, err);
	if (rc != ERR_OK && wire->in_len == 0)
		return server_leg_lost(leg, wire->client, true, err);
	if (rc != ERR_OK)
		return rc;
	words = reply.words.s;
	server_live_name(session->server, str_cut(&words, ' '));
	if (reply.code != 220)
		return smtp_said_no(session, &reply,
		    N_("The server for outgoing mail does not talk to us."),
		    err);
	return ERR_OK;
}

static enum err_code
smtp_start_tls(struct smtp_session *session, struct err *err)
{
	const struct mail_server_leg *leg = &session->server->smtp;
	struct smtp_reply reply;
	struct text words;
	enum err_code rc;

	if (!session->has_starttls)
		return err_set(err, ERR_TRUST,
		    "The server for outgoing mail offers no encryption "
		    "(STARTTLS), so nothing was sent to it. Please tell the "
		    "administrator.",
		    "no STARTTLS in its answer to EHLO; mend the mail server, "
		    "or set SmtpSecurity=tls with its port for TLS");
	rc = smtp_ask(session, STR("STARTTLS"), STR(""), &reply, NULL, err);
	if (rc != ERR_OK)
		return rc;
	if (reply.code != 220) {
		words = server_mask_people(session->wire.arena, reply.words);
		return err_setf(err, ERR_TRUST,
		    "The server for outgoing mail refuses encryption "
		    "(STARTTLS), so nothing was sent to it. Please tell the "
		    "administrator.",
		    "STARTTLS refused: %u %.*s", reply.code, STR_ARG(words.s));
	}
	if (smtp_wire_has_input(&session->wire))
		return server_leg_tampered(leg, err);
	session->wire.step_ms = session->server->cfg->connect_wait_ms;
	smtp_wire_step(&session->wire);
	session->wire.step_ms = session->server->cfg->smtp_wait_ms;
	rc = server_leg_secure(leg, session->wire.client, true, err);
	return rc == ERR_OK ? smtp_ehlo(session, err) : rc;
}

static void
smtp_note_offers(const struct smtp_session *session)
{
	const struct mail_smtp_offers offers = {
	    .is_known = true,
	    .size_limit_bytes = session->size_limit,
	    .has_8bitmime = session->has_8bitmime,
	    .has_smtputf8 = session->has_smtputf8,
	    .has_dsn = session->has_dsn,
	};

	server_live_offers(session->server, &offers);
}

static enum err_code
smtp_secure(struct smtp_session *session, struct err *err)
{
	const struct mail_server_leg *leg = &session->server->smtp;
	enum err_code rc = ERR_OK;

	if (leg->security == CONFIG_SECURITY_TLS)
		rc = server_leg_secure(leg, session->wire.client, false, err);
	if (rc == ERR_OK)
		rc = smtp_greeting(session, err);
	if (rc == ERR_OK)
		rc = smtp_ehlo(session, err);
	if (rc == ERR_OK && leg->security == CONFIG_SECURITY_STARTTLS)
		rc = smtp_start_tls(session, err);
	if (rc != ERR_OK)
		return rc;
	server_live_note(session->server, leg, session->wire.client);
	smtp_note_offers(session);
	return ERR_OK;
}

enum err_code
smtp_session_open(const struct mail_server *server,
    const struct mail_wait *wait, struct arena *arena,
    struct smtp_session **out, struct err *err)
{
	struct smtp_session *session = calloc(1, sizeof(*session));
	const int64_t since_us = clock_mono_us();
	const uint64_t before_us =
	    wait->waited_us == NULL ? 0 : *wait->waited_us;
	int64_t deadline = clock_mono_ms() + server->cfg->connect_wait_ms;
	enum err_code rc;

	*out = NULL;
	if (session == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "smtp_session_open");
	session->server = server;
	session->wire.wait = wait;
	session->wire.arena = arena;
	session->wire.step_ms = server->cfg->smtp_wait_ms;
	if (wait->deadline_mono_ms < deadline)
		deadline = wait->deadline_mono_ms;
	rc = server_leg_open(
	    &server->smtp, deadline, wait->cancel, &session->wire.client, err);
	if (rc == ERR_OK)
		rc = smtp_secure(session, err);
	/* All of it was waiting: for the network, the handshake, answers. */
	if (wait->waited_us != NULL)
		*wait->waited_us =
		    before_us + (uint64_t)(clock_mono_us() - since_us);
	if (rc != ERR_OK) {
		net_client_close(session->wire.client);
		free(session);
		return rc;
	}
	*out = session;
	return ERR_OK;
}

void
smtp_session_close(struct smtp_session *session)
{
	struct str quit = STR("QUIT");

	if (session == NULL)
		return;
	if (!session->is_in_text &&
	    net_client_error(session->wire.client, NULL) == ERR_OK &&
	    smtp_wire_command(&session->wire, &quit, 1, NULL) == ERR_OK)
		err_ignore(smtp_wire_flush(&session->wire, NULL));
	net_client_close(session->wire.client);
	secret_wipe(session->wire.out, sizeof(session->wire.out));
	free(session);
}

/*
 * base64 of bytes that are a secret; the caller wipes. All of its room at
 * once: a buffer that grows leaves copies behind.
 */
static struct str
smtp_base64(struct arena *arena, struct str bytes)
{
	struct buf code;

	buf_init_arena(&code, arena, LIMIT_SMTP_LINE);
	code.ptr = arena_alloc(arena, LIMIT_SMTP_LINE + 1);
	if (code.ptr == NULL)
		return str_of(NULL, 0);
	code.capacity = LIMIT_SMTP_LINE + 1;
	codec_base64_encode(&code, bytes);
	return code.failed == ERR_OK ? buf_str(&code) : str_of(NULL, 0);
}

static void
smtp_wipe(struct str s)
{
	/* In our own arena; read-only only by its type. */
	if (s.ptr != NULL)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): off the const */
		secret_wipe((void *)(uintptr_t)s.ptr, s.len);
}

static enum err_code
smtp_no_memory(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
	    "smtp_session_login");
}

/* "\0login\0password" (RFC 4616). */
static enum err_code
smtp_auth_plain(struct smtp_session *session, struct str login,
    const struct secret *password, struct smtp_reply *reply, struct err *err)
{
	struct arena *arena = session->wire.arena;
	const struct str parts[4] = {
	    {"", 1}, login, {"", 1}, secret_str(password)};
	struct str plain = str_join(arena, parts, 4);
	struct str code = smtp_base64(arena, plain);
	enum err_code rc =
	    code.ptr == NULL
	        ? smtp_no_memory(err)
	        : smtp_ask(session, STR("AUTH PLAIN "), code, reply, NULL, err);

	smtp_wipe(plain);
	smtp_wipe(code);
	return rc;
}

static enum err_code
smtp_auth_login(struct smtp_session *session, struct str login,
    const struct secret *password, struct smtp_reply *reply, struct err *err)
{
	struct arena *arena = session->wire.arena;
	struct str name = smtp_base64(arena, login);
	struct str word = smtp_base64(arena, secret_str(password));
	enum err_code rc = name.ptr == NULL || word.ptr == NULL
	                       ? smtp_no_memory(err)
	                       : smtp_ask(session, STR("AUTH LOGIN"), STR(""),
	                             reply, NULL, err);

	if (rc == ERR_OK && reply->code == 334)
		rc = smtp_ask(session, name, STR(""), reply, NULL, err);
	if (rc == ERR_OK && reply->code == 334)
		rc = smtp_ask(session, word, STR(""), reply, NULL, err);
	smtp_wipe(word);
	return rc;
}

/* "=" is an empty answer (RFC 4954, 4); a login name is never empty. */
static enum err_code
smtp_auth_external(struct smtp_session *session, struct str login,
    struct smtp_reply *reply, struct err *err)
{
	struct str name = smtp_base64(session->wire.arena, login);

	ensure(net_client_is_tls(session->wire.client));
	if (!session->has_external)
		return err_set(err, ERR_MAIL,
		    "The server for outgoing mail offers no login that is "
		    "known here.",
		    "smtp: no AUTH EXTERNAL; does it trust the certificate of "
		    "SmtpCertificate?");
	if (name.ptr == NULL)
		return smtp_no_memory(err);
	return smtp_ask(session, STR("AUTH EXTERNAL "), name, reply, NULL, err);
}

static enum err_code
smtp_auth(struct smtp_session *session, struct str login,
    const struct secret *password, struct smtp_reply *reply, struct err *err)
{
	if (session->server->smtp.is_external)
		return smtp_auth_external(session, login, reply, err);
	if (session->has_plain)
		return smtp_auth_plain(session, login, password, reply, err);
	if (session->has_login)
		return smtp_auth_login(session, login, password, reply, err);
	return err_set(err, ERR_MAIL,
	    "The server for outgoing mail offers no login that is known here.",
	    "smtp: no AUTH PLAIN or LOGIN");
}

enum err_code
smtp_session_login(struct smtp_session *session, struct str login,
    const struct secret *password, struct err *err)
{
	struct smtp_reply reply = {0};
	enum err_code rc = smtp_auth(session, login, password, &reply, err);

	if (rc != ERR_OK || reply.code == 235)
		return rc;
	/* 4yz: try again later; the password may be right. */
	if (reply.code < 500)
		return smtp_said_no(session, &reply,
		    N_("The server for outgoing mail cannot check the login "
		       "just "
		       "now."),
		    err);
	return err_setf(err, ERR_MAIL,
	    "The server for outgoing mail refuses your login. If your password "
	    "was changed, log in here again, and press Send again.",
	    "smtp auth %u", reply.code);
}
