#include "base/limits.h"
#include "mail/imap_conn.h"
#include "mail/smtp_session.h"
#include "os/clock.h"

enum err_code
mail_server_check_imap(const struct mail_server *server, struct err *err)
{
	/* The count is all that changes; nothing else of it is written. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): takes off the const */
	struct mail_server *counted = (struct mail_server *)(uintptr_t)server;
	struct mail_wait wait = {
	    .deadline_mono_ms = clock_mono_ms() + server->cfg->connect_wait_ms};
	struct imap_conn *conn = NULL;
	enum err_code rc = imap_conn_open(counted, &wait, &conn, err);

	imap_conn_close(conn);
	return rc;
}

enum err_code
mail_server_check_smtp(const struct mail_server *server, struct err *err)
{
	struct mail_wait wait = {
	    .deadline_mono_ms = clock_mono_ms() + server->cfg->connect_wait_ms};
	struct smtp_session *session = NULL;
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	enum err_code rc = ERR_NO_MEMORY;

	if (arena != NULL)
		rc = smtp_session_open(server, &wait, arena, &session, err);
	smtp_session_close(session);
	arena_free(arena);
	return rc;
}
