#include "base/limits.h"
#include "mail/imap_conn.h"
#include "mail/smtp_session.h"
#include "os/clock.h"

/* A second look must not double the time of the first. */
#define CHECK_PROBE_MS ((int64_t)3000)

/* What a server offers that we do not take. */
struct check_offer {
	char protocol[16], cipher[64];
};

/* Whether the port speaks any TLS from the start; nothing is sent there. */
static bool
check_probe(const struct mail_server_leg *leg, struct check_offer *out)
{
	const int64_t until = clock_mono_ms() + CHECK_PROBE_MS;
	struct net_tls_client *tls = NULL;
	struct net_client *client = NULL;
	bool is_tls =
	    net_tls_client_new_probe(&tls, NULL) == ERR_OK &&
	    server_leg_open(leg, until, NULL, &client, NULL) == ERR_OK &&
	    net_client_start_tls(client, tls, leg->host, NULL) == ERR_OK;

	if (is_tls) {
		const struct net_client_facts *facts = net_client_facts(client);

		(void)snprintf(out->protocol, sizeof(out->protocol), "%s",
		    facts->protocol);
		(void)snprintf(
		    out->cipher, sizeof(out->cipher), "%s", facts->cipher);
	}
	net_client_close(client);
	net_tls_client_unref(tls);
	return is_tls;
}

/* "TLSv1.1" as people write it. */
static const char *
check_version(const char *protocol)
{
	if (strcmp(protocol, "TLSv1") == 0)
		return "TLS 1.0";
	return strcmp(protocol, "TLSv1.1") == 0 ? "TLS 1.1" : NULL;
}

/* Finds out more about a server that was reached and not agreed with. */
static enum err_code
check_again(
    const struct mail_server_leg *leg, enum err_code rc, struct err *err)
{
	struct check_offer offer = {.protocol = ""};
	char why[ERR_DETAIL_BYTES];
	struct err first;
	const char *old = NULL;

	if (rc != ERR_AWAY || err == NULL || !check_probe(leg, &offer))
		return rc;
	if (leg->security != CONFIG_SECURITY_TLS)
		return server_leg_speaks_tls(leg, err);
	first = *err;
	old = check_version(offer.protocol);
	(void)snprintf(why, sizeof(why),
	    "the server offered only %s with %s; "
	    "%.300s",
	    old == NULL ? offer.protocol : old, offer.cipher, first.detail);
	if (old == NULL)
		return err_setf(err, rc, first.message, "%s", why);
	return err_setf(err, rc,
	    "The mail server offered only an outdated TLS, so nothing was sent "
	    "to it. Please tell the administrator.",
	    "%s", why);
}

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
	return check_again(&server->imap, rc, err);
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
	return check_again(&server->smtp, rc, err);
}
