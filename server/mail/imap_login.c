#include "base/codec.h"
#include "base/limits.h"
#include "mail/imap_batch.h"
#include "mail/imap_etpan.h"

static enum err_code
login_end(struct imap_conn *conn, enum err_code rc, struct err *err)
{
	const struct imap_said *said = &conn->said;
	bool is_refused = said->status == IMAP_NO || said->status == IMAP_BAD;
	bool is_away = imap_said_is(said, STR("UNAVAILABLE")) ||
	               imap_said_is(said, STR("INUSE"));
	bool is_other = imap_said_is(said, STR("LIMIT")) ||
	                imap_said_is(said, STR("SERVERBUG")) ||
	                imap_said_is(said, STR("CONTACTADMIN")) ||
	                imap_said_is(said, STR("PRIVACYREQUIRED"));

	if (rc == ERR_OK) {
		conn->etpan->imap_state = MAILIMAP_STATE_AUTHENTICATED;
		return imap_conn_capability(conn, err);
	}
	if (rc != ERR_MAIL || !is_refused || is_other)
		return rc;
	if (is_away)
		return err_set(err, ERR_AWAY,
		    "The mail server cannot check passwords at the moment. "
		    "Please try again in a moment.",
		    "imap: login unavailable");
	return err_set(err, ERR_LOGIN, "The name or the password is wrong.",
	    "imap: login refused");
}

/* The batch's only command: its answer, by which caps are learned anew. */
static enum err_code
login_ask(struct imap_conn *conn, struct imap_batch *batch, struct arena *arena,
    struct err *err)
{
	enum err_code rc;

	conn->caps = 0; /* others may hold after login */
	conn->said = (struct imap_said){0};
	rc = imap_batch_run(batch, arena, err);
	return rc == ERR_OK ? imap_batch_need(batch, 0, "log in", err) : rc;
}

static enum err_code
login_plain(struct imap_conn *conn, struct str login,
    const struct secret *password, struct err *err)
{
	struct arena *arena = arena_new(64 << 10);
	struct imap_batch batch;
	enum err_code rc;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "imap: login");
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, "LOGIN ");
	imap_write_string(&batch.writer, login);
	imap_write_raw(&batch.writer, " ");
	imap_write_string(&batch.writer, secret_str(password));
	imap_write_end(&batch.writer);
	rc = login_ask(conn, &batch, arena, err);
	imap_batch_end(&batch);
	arena_free(arena);
	return rc;
}

/*
 * AUTHENTICATE with one answer of ours (RFC 9051, 6.2.2), which goes along
 * where possible (SASL-IR).
 */
static enum err_code
login_authenticate(struct imap_conn *conn, const char *command,
    struct str answer, struct err *err)
{
	struct arena *arena = arena_new(64 << 10);
	struct buf coded;
	struct imap_batch batch;
	enum err_code rc;

	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "imap: login");
	buf_init(&coded, 2 * (LIMIT_NAME_BYTES + LIMIT_PASSWORD_BYTES + 2));
	codec_base64_encode(&coded, answer);
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(&batch.writer, command);
	if (imap_conn_has(conn, IMAP_CAP_SASL_IR)) {
		imap_write_raw(&batch.writer, " ");
	} else {
		imap_write_raw(&batch.writer, "\r\n");
		imap_write_pause(&batch.writer);
	}
	buf_add(&batch.writer.out, buf_str(&coded));
	imap_write_end(&batch.writer);
	rc = login_ask(conn, &batch, arena, err);
	imap_batch_end(&batch);
	if (coded.ptr != NULL)
		secret_wipe(coded.ptr, coded.len);
	buf_free(&coded);
	arena_free(arena);
	return rc;
}

/* AUTHENTICATE PLAIN (RFC 4616). */
static enum err_code
login_sasl(struct imap_conn *conn, struct str login,
    const struct secret *password, struct err *err)
{
	struct buf raw;
	enum err_code rc;

	buf_init(&raw, LIMIT_NAME_BYTES + LIMIT_PASSWORD_BYTES + 2);
	buf_add_byte(&raw, '\0');
	buf_add(&raw, login);
	buf_add_byte(&raw, '\0');
	buf_add(&raw, secret_str(password));
	rc = login_authenticate(conn, "AUTHENTICATE PLAIN", buf_str(&raw), err);
	if (raw.ptr != NULL)
		secret_wipe(raw.ptr, raw.len);
	buf_free(&raw);
	return rc;
}

/*
 * AUTHENTICATE EXTERNAL (RFC 4422, A): our certificate speaks for the login
 * name, which the person's own certificate has pinned. No password is sent.
 */
static enum err_code
login_external(struct imap_conn *conn, struct str login, struct err *err)
{
	ensure(net_client_is_tls(stream_client(conn->stream)));
	if (!imap_conn_has(conn, IMAP_CAP_AUTH_EXTERNAL))
		return err_set(err, ERR_MAIL,
		    "The mail server offers no way to log in that can be used "
		    "here. Please tell the administrator.",
		    "imap: no AUTH=EXTERNAL; does it trust the certificate of "
		    "ImapCertificate?");
	return login_authenticate(conn, "AUTHENTICATE EXTERNAL", login, err);
}

/*
 * Who is behind us, for the server's log and its counting of wrong passwords
 * (ID, RFC 2971): before the login, because that is what it is for. Whatever
 * the server answers.
 */
static enum err_code
login_tell_client(struct imap_conn *conn, struct err *err)
{
	const char *address = conn->wait.client_address;
	struct arena *arena;
	struct imap_batch batch;
	enum err_code rc;

	if (!conn->server->site->send_client_address || address == NULL ||
	    address[0] == '\0' || !imap_conn_has(conn, IMAP_CAP_ID))
		return ERR_OK;
	arena = arena_new(64 << 10);
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "imap: ID");
	imap_batch_init(&batch, conn, NULL, NULL);
	imap_write_begin(
	    &batch.writer, "ID (\"name\" \"iwebmsg\" \"x-originating-ip\" ");
	imap_write_string(&batch.writer, str_c(address));
	imap_write_raw(&batch.writer, ")");
	imap_write_end(&batch.writer);
	rc = imap_batch_run(&batch, arena, err);
	imap_batch_end(&batch);
	arena_free(arena);
	return rc;
}

enum err_code
imap_login(struct imap_conn *conn, struct str login,
    const struct secret *password, struct err *err)
{
	struct str word = secret_str(password);
	bool is_external = conn->server->imap.is_external;
	bool is_plain = imap_write_is_plain(login) && imap_write_is_plain(word);
	enum err_code rc;

	if (str_has_line_break(login) || str_has_line_break(word) ||
	    login.len == 0 || login.len > LIMIT_NAME_BYTES ||
	    (word.len == 0 && !is_external) || word.len > LIMIT_PASSWORD_BYTES)
		return err_set(err, ERR_LOGIN,
		    "The name or the password is wrong.",
		    "empty, too long or with a line break");
	rc = login_tell_client(conn, err);
	if (rc != ERR_OK)
		return rc;
	if (is_external)
		rc = login_external(conn, login, err);
	else if (is_plain && !imap_conn_has(conn, IMAP_CAP_LOGINDISABLED))
		rc = login_plain(conn, login, password, err);
	else if (imap_conn_has(conn, IMAP_CAP_AUTH_PLAIN))
		rc = login_sasl(conn, login, password, err);
	else
		return err_set(err, ERR_MAIL,
		    "The mail server offers no way to log in that can be used "
		    "here. Please tell the administrator.",
		    "imap: LOGINDISABLED and no AUTH=PLAIN");
	return login_end(conn, rc, err);
}
