#include "mail/imap_conn.h"

#include "mail/imap_batch.h"
#include "os/clock.h"

bool
imap_conn_has(const struct imap_conn *conn, uint64_t cap)
{
	return (conn->caps & ~conn->lacks & cap) != 0;
}

/* ---- life ---- */
void
imap_conn_begin(struct imap_conn *conn, const struct mail_wait *wait)
{
	conn->wait = *wait;
	conn->asks_counts = false;
	(void)stream_take_waited(conn->stream);
}

void
imap_conn_end(struct imap_conn *conn)
{
	uint64_t waited_us = stream_take_waited(conn->stream);

	if (conn->wait.waited_us != NULL)
		*conn->wait.waited_us += waited_us;
	conn->wait = (struct mail_wait){0};
	conn->command_wait_ms = 0;
	conn->used_mono_ms = clock_mono_ms();
	stream_set_wait(conn->stream, 0, NULL);
}

void
imap_conn_command(struct imap_conn *conn)
{
	int64_t until =
	    clock_mono_ms() + (conn->command_wait_ms > 0
	                              ? conn->command_wait_ms
	                              : conn->server->cfg->imap_wait_ms);

	if (until > conn->wait.deadline_mono_ms)
		until = conn->wait.deadline_mono_ms;
	stream_set_wait(conn->stream, until, conn->wait.cancel);
}

void
imap_conn_be_patient(struct imap_conn *conn)
{
	imap_conn_be_patient_for(conn, conn->server->cfg->search_wait_ms);
}

void
imap_conn_be_patient_for(struct imap_conn *conn, int64_t most_ms)
{
	conn->command_wait_ms = most_ms;
	conn->patient_mono_ms = clock_mono_ms();
}

enum err_code
imap_conn_was_patient(
    const struct imap_conn *conn, enum err_code rc, struct err *err)
{
	if (rc != ERR_AWAY || conn->command_wait_ms == 0 ||
	    clock_mono_ms() - conn->patient_mono_ms < conn->command_wait_ms)
		return rc;
	return err_set(err, rc,
	    "The mail server is still at work on this folder: putting very "
	    "many messages in order, or looking through them, takes long the "
	    "first time. Please try again in a few minutes, or look at the "
	    "messages in the order they were received.",
	    "imap: longer than SearchWait");
}

void
imap_conn_hurry(struct imap_conn *conn, int64_t most_ms)
{
	int64_t until = clock_mono_ms() + most_ms;

	if (until < conn->wait.deadline_mono_ms)
		stream_set_wait(conn->stream, until, conn->wait.cancel);
}

void
imap_conn_deselect(struct imap_conn *conn)
{
	conn->has_view = conn->has_view || conn->folder != NULL;
	free(conn->folder);
	conn->folder = NULL;
	conn->exists = 0;
	conn->has_exists = false;
	conn->is_miscounted = false;
	conn->uid_validity = 0;
	conn->threads.is_known = false;
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
	imap_threads_end(&conn->threads);
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
	conn->stream = stream_new(client, imap_said_line, conn);
	conn->etpan = mailimap_new(0, NULL);
	imap_reader_init(&conn->reader, conn->stream, imap_said_line, conn);
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

enum err_code
imap_noop(struct imap_conn *conn, struct err *err)
{
	bool is_ok = false;
	enum err_code rc = conn_simple(conn, "NOOP", &is_ok, err);

	if (rc != ERR_OK || is_ok)
		return rc;
	return imap_said_err(conn->server, &conn->said, "answer", err);
}

enum err_code
imap_conn_look(struct imap_conn *conn, struct err *err)
{
	if (conn->folder == NULL && !conn->has_view)
		return ERR_OK;
	return imap_noop(conn, err);
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
