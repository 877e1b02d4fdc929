#include "mail/imap_conn.h"

#include "base/num.h"
#include "mail/imap_batch.h"
#include "os/clock.h"

/* ---- what the server says on the side ---- */
static void
said_copy(char *to, size_t room, struct str from)
{
	size_t len = from.len < room - 1 ? from.len : room - 1;

	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

static void
said_set(struct imap_said *said, const struct imap_response *response)
{
	said->status = response->status;
	said_copy(said->code, sizeof(said->code), response->code);
	said_copy(said->text, sizeof(said->text), response->text);
}

bool
imap_said_is(const struct imap_said *said, struct str code)
{
	struct str rest = str_c(said->code);

	return str_eq_nocase(str_cut(&rest, ' '), code);
}

/* "[UIDVALIDITY 7]", "[COPYUID …]", "[CAPABILITY …]" */
static void
conn_code(struct imap_conn *conn, const struct imap_response *response)
{
	struct str rest = response->code;
	struct str name = str_cut(&rest, ' ');
	uint32_t number = 0;

	if (str_eq_nocase(name, STR("CAPABILITY"))) {
		conn->caps = imap_caps_parse(rest);
	} else if (str_eq_nocase(name, STR("UIDVALIDITY"))) {
		if (num_u32(rest, 1, UINT32_MAX, &number, NULL) == ERR_OK)
			conn->uid_validity = number;
	} else if (response->is_untagged && response->status == IMAP_OK) {
		said_set(&conn->hinted, response);
	}
}

static void
conn_untagged(struct imap_conn *conn, const struct imap_response *response)
{
	if (response->has_number &&
	    str_eq_nocase(response->name, STR("EXISTS"))) {
		if (conn->exists != response->number)
			conn->changes++;
		conn->exists = response->number;
	} else if (response->has_number &&
	           str_eq_nocase(response->name, STR("EXPUNGE"))) {
		if (conn->exists > 0)
			conn->exists--;
		conn->changes++;
	} else if (str_eq_nocase(response->name, STR("CAPABILITY"))) {
		conn->caps = imap_caps_parse(response->rest);
	} else if (response->status == IMAP_BYE) {
		said_set(&conn->said, response);
		conn->said_bye = true;
	}
}

/* Every line, whoever reads it: libetpan or our reader. */
static void
conn_line(void *ctx, struct str line)
{
	struct imap_conn *conn = ctx;
	struct imap_response response;
	struct str rest = line;
	struct str tag = str_cut(&rest, ' ');
	bool is_own = imap_response_parse(line, &response);

	if (!is_own) {
		/* libetpan's tags are numbers: let them look like ours. */
		char copy[IMAP_GUARD_PREFIX + 1];

		if (tag.len == 0 || tag.ptr[0] < '0' || tag.ptr[0] > '9' ||
		    line.len + 1 > sizeof(copy))
			return;
		copy[0] = 'i';
		memcpy(copy + 1, line.ptr, line.len);
		if (!imap_response_parse(str_of(copy, line.len + 1), &response))
			return;
		said_set(&conn->said, &response);
		conn_code(conn, &response);
		return;
	}
	if (response.is_continue)
		return;
	if (response.is_untagged)
		conn_untagged(conn, &response);
	else
		said_set(&conn->said, &response);
	if (response.code.len > 0)
		conn_code(conn, &response);
}

bool
imap_conn_has(const struct imap_conn *conn, enum imap_cap cap)
{
	return (conn->caps & ~conn->lacks & (unsigned)cap) != 0;
}

enum err_code
imap_said_err(const struct mail_server *server, const struct imap_said *said,
    const char *what, struct err *err)
{
	struct arena *arena = arena_new(16 << 10);
	struct text words = {{0}};
	struct text kept = {{0}};

	if (arena != NULL) {
		words = text_line(arena, str_c(said->text));
		kept = server_mask_people(arena, words);
		words = text_shorten(
		    arena, mail_server_mask(server, arena, words), 120);
	}
	if (words.s.len > 0)
		(void)err_sayf(err, ERR_MAIL,
		    "The mail server did not %s. It says: \xE2\x80\x9C%.*s"
		    "\xE2\x80\x9D",
		    what, STR_ARG(words.s));
	else
		(void)err_sayf(
		    err, ERR_MAIL, "The mail server did not %s.", what);
	if (err != NULL)
		(void)snprintf(err->detail, sizeof(err->detail),
		    "imap: refused to %s, code [%.60s]: %.*s", what, said->code,
		    STR_ARG(kept.s));
	arena_free(arena);
	return ERR_MAIL;
}

/* ---- life ---- */
void
imap_conn_begin(struct imap_conn *conn, const struct mail_wait *wait)
{
	conn->wait = *wait;
	(void)stream_take_waited(conn->stream);
}

void
imap_conn_end(struct imap_conn *conn)
{
	uint64_t waited_us = stream_take_waited(conn->stream);

	if (conn->wait.waited_us != NULL)
		*conn->wait.waited_us += waited_us;
	conn->wait = (struct mail_wait){0};
	conn->used_mono_ms = clock_mono_ms();
	stream_set_wait(conn->stream, 0, NULL);
}

void
imap_conn_command(struct imap_conn *conn)
{
	int64_t until = clock_mono_ms() + conn->server->cfg->imap_wait_ms;

	if (until > conn->wait.deadline_mono_ms)
		until = conn->wait.deadline_mono_ms;
	stream_set_wait(conn->stream, until, conn->wait.cancel);
}

void
imap_conn_deselect(struct imap_conn *conn)
{
	free(conn->folder);
	conn->folder = NULL;
	conn->exists = 0;
	conn->uid_validity = 0;
	conn->changes++;
}

void
imap_conn_close(struct imap_conn *conn)
{
	if (conn == NULL)
		return;
	if (conn->etpan != NULL) {
		/* Without its stream mailimap_free sends no LOGOUT. */
		conn->etpan->imap_stream = NULL;
		mailimap_free(conn->etpan);
	}
	imap_reader_end(&conn->reader);
	stream_free(conn->stream);
	imap_conn_deselect(conn);
	mail_server_unref(conn->server);
	free(conn);
}

static enum err_code
conn_new(struct mail_server *server, struct net_client *client,
    struct imap_conn **out, struct err *err)
{
	struct imap_conn *conn = calloc(1, sizeof(*conn));

	*out = NULL;
	if (conn == NULL) {
		net_client_close(client);
		return err_set(err, ERR_NO_MEMORY, NULL, "imap connection");
	}
	conn->server = mail_server_ref(server);
	conn->stream = stream_new(client, conn_line, conn);
	conn->etpan = mailimap_new(0, NULL);
	imap_reader_init(&conn->reader, conn->stream, conn_line, conn);
	if (conn->stream == NULL || conn->etpan == NULL) {
		imap_conn_close(conn);
		return err_set(err, ERR_NO_MEMORY, NULL, "imap connection");
	}
	conn->etpan->imap_stream = stream_etpan(conn->stream);
	*out = conn;
	return ERR_OK;
}

/* ---- opening ---- */
static const struct mail_server_leg *
conn_leg(const struct imap_conn *conn)
{
	return &conn->server->imap;
}

/* PREAUTH: logged in as somebody, or kept from TLS (RFC 9051, 11.1). */
static enum err_code
conn_preauth(struct err *err)
{
	return err_set(err, ERR_TRUST,
	    "The mail server, or somebody on the way to it, does not ask who "
	    "we are, so nothing was sent to it. Please tell the administrator.",
	    "greeting is PREAUTH");
}

static enum err_code
conn_greeting(struct imap_conn *conn, struct err *err)
{
	const struct mail_server_leg *leg = conn_leg(conn);
	struct imap_response greeting;
	struct str first;
	enum err_code rc;

	stream_begin_own(conn->stream);
	first = stream_peek(conn->stream);
	if (first.len == 0)
		return server_leg_lost(
		    leg, stream_client(conn->stream), true, err);
	/* An alert or a handshake (RFC 8446, 5.1). */
	if (leg->security != CONFIG_SECURITY_TLS &&
	    (first.ptr[0] == 0x15 || first.ptr[0] == 0x16))
		return server_leg_speaks_tls(leg, err);
	rc = imap_read(&conn->reader, &greeting, err);
	if (rc != ERR_OK)
		return rc;
	server_live_words(conn->server, greeting.text);
	if (greeting.is_untagged && greeting.status == IMAP_OK)
		return ERR_OK;
	if (greeting.is_untagged && greeting.status == IMAP_BYE)
		return imap_said_err(
		    conn->server, &conn->said, "let us in", err);
	if (greeting.status == IMAP_PREAUTH)
		return conn_preauth(err);
	return err_set(err, ERR_MAIL,
	    "The mail server does not answer as an IMAP server should. Please "
	    "tell the administrator.",
	    "no greeting of IMAP");
}

static enum err_code
conn_simple(
    struct imap_conn *conn, const char *words, bool *out_is_ok, struct err *err)
{
	struct arena *arena = arena_new(64 << 10);
	struct imap_batch batch;
	enum err_code rc = ERR_NO_MEMORY;

	if (arena == NULL)
		return err_set(err, rc, NULL, "imap connection");
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, words);
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, arena, err);
	*out_is_ok = rc == ERR_OK && imap_batch_is_ok(&batch, 0);
	imap_batch_end(&batch);
	arena_free(arena);
	return rc;
}

enum err_code
imap_conn_capability(struct imap_conn *conn, struct err *err)
{
	bool is_ok;

	if (conn->caps != 0)
		return ERR_OK;
	return conn_simple(conn, "CAPABILITY", &is_ok, err);
}

static enum err_code
conn_tls(struct imap_conn *conn, bool after_starttls, struct err *err)
{
	return server_leg_secure(
	    conn_leg(conn), stream_client(conn->stream), after_starttls, err);
}

/* What was said in clear does not count. */
static void
conn_forget(struct imap_conn *conn)
{
	conn->caps = 0;
	conn->lacks = 0;
	conn->said = (struct imap_said){0};
	conn->hinted = (struct imap_said){0};
	imap_conn_deselect(conn);
}

/* Required, never a fallback to clear text. */
static enum err_code
conn_starttls(struct imap_conn *conn, struct err *err)
{
	bool is_ok = false;
	enum err_code rc = imap_conn_capability(conn, err);

	if (rc != ERR_OK)
		return rc;
	if (!imap_conn_has(conn, IMAP_CAP_STARTTLS))
		return err_set(err, ERR_TRUST,
		    "The mail server offers no encryption (STARTTLS), so "
		    "nothing was sent to it. Please tell the administrator.",
		    "no STARTTLS among its capabilities; mend the mail server, "
		    "or set ImapSecurity=tls with its port for TLS");
	rc = conn_simple(conn, "STARTTLS", &is_ok, err);
	if (rc != ERR_OK)
		return rc;
	if (!is_ok)
		return err_setf(err, ERR_TRUST,
		    "The mail server refuses encryption (STARTTLS), so nothing "
		    "was sent to it. Please tell the administrator.",
		    "STARTTLS refused: %s", conn->said.text);
	if (!stream_is_drained(conn->stream))
		return server_leg_tampered(conn_leg(conn), err);
	conn_forget(conn);
	return conn_tls(conn, true, err);
}

static enum err_code
conn_start(struct imap_conn *conn, struct err *err)
{
	int security = conn_leg(conn)->security;
	enum err_code rc = ERR_OK;

	if (security == CONFIG_SECURITY_TLS)
		rc = conn_tls(conn, false, err);
	if (rc == ERR_OK)
		rc = conn_greeting(conn, err);
	if (rc == ERR_OK && security == CONFIG_SECURITY_STARTTLS)
		rc = conn_starttls(conn, err);
	if (rc == ERR_OK)
		rc = imap_conn_capability(conn, err);
	if (rc == ERR_OK)
		server_live_note(
		    conn->server, conn_leg(conn), stream_client(conn->stream));
	return rc;
}

enum err_code
imap_conn_open(struct mail_server *server, const struct mail_wait *wait,
    struct imap_conn **out, struct err *err)
{
	int64_t start_us = clock_mono_us();
	int64_t until = clock_mono_ms() + server->cfg->connect_wait_ms;
	struct net_client *client = NULL;
	struct imap_conn *conn = NULL;
	enum err_code rc;

	*out = NULL;
	if (until > wait->deadline_mono_ms)
		until = wait->deadline_mono_ms;
	rc = server_leg_open(&server->imap, until, wait->cancel, &client, err);
	if (rc == ERR_OK)
		rc = conn_new(server, client, &conn, err);
	if (rc == ERR_OK) {
		ensure(conn != NULL);
		conn->wait = (struct mail_wait){
		    .deadline_mono_ms = until, .cancel = wait->cancel};
		stream_set_wait(conn->stream, until, wait->cancel);
		rc = conn_start(conn, err);
		conn->etpan->imap_state = MAILIMAP_STATE_NON_AUTHENTICATED;
	}
	if (wait->waited_us != NULL)
		*wait->waited_us += (uint64_t)(clock_mono_us() - start_us);
	if (rc != ERR_OK) {
		imap_conn_close(conn);
		return rc;
	}
	(void)stream_take_waited(conn->stream);
	*out = conn;
	return ERR_OK;
}
