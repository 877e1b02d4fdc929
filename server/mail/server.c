#include "mail/server.h"

#include "mail/imap_conn.h"
#include "os/clock.h"

static enum err_code
server_trust(struct str ca_pem, struct str ca_name, struct net_tls_client **out,
    struct err *err)
{
	struct net_tls_client_settings settings = {
	    .trust = {.pem = ca_pem,
	        .name = ca_name.len > 0 ? ca_name.ptr : ""},
	};

	return net_tls_client_new(&settings, out, err);
}

/* Accounts live as long as this stays the same over a reload. */
static enum err_code
server_key(struct mail_server *server, struct err *err)
{
	const struct config_site *site = server->site;
	struct buf key;
	struct str whole;
	enum err_code rc;

	buf_init(&key, 4096);
	buf_add(&key, site->imap_host);
	buf_addf(
	    &key, ":%u:%d:", (unsigned)site->imap_port, site->imap_security);
	buf_add(&key, site->host);
	rc = buf_end(&key, &whole, err);
	if (rc == ERR_OK)
		server->key = strdup(whole.ptr);
	buf_free(&key);
	if (rc == ERR_OK && server->key == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail server");
	return rc;
}

enum err_code
mail_server_new(const struct config *cfg, const struct config_site *site,
    const struct mail_server_files *files, struct mail_server **out,
    struct err *err)
{
	struct mail_server *server = calloc(1, sizeof(*server));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (server == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail server");
	atomic_init(&server->refs, 1);
	server->cfg = config_ref(cfg);
	server->site = site;
	if (site->imap_security != CONFIG_SECURITY_NONE)
		rc = server_trust(
		    files->imap.ca_pem, site->imap_ca, &server->imap_tls, err);
	if (rc == ERR_OK && site->smtp_security != CONFIG_SECURITY_NONE)
		rc = server_trust(
		    files->smtp.ca_pem, site->smtp_ca, &server->smtp_tls, err);
	if (rc == ERR_OK)
		rc = server_key(server, err);
	if (rc != ERR_OK) {
		mail_server_unref(server);
		return rc;
	}
	*out = server;
	return ERR_OK;
}

struct mail_server *
mail_server_ref(struct mail_server *server)
{
	(void)atomic_fetch_add(&server->refs, 1);
	return server;
}

void
mail_server_unref(struct mail_server *server)
{
	if (server == NULL || atomic_fetch_sub(&server->refs, 1) != 1)
		return;
	net_tls_client_unref(server->imap_tls);
	net_tls_client_unref(server->smtp_tls);
	config_unref(server->cfg);
	free(server->key);
	free(server);
}

const struct config_site *
mail_server_site(const struct mail_server *server)
{
	return server->site;
}

const struct config *
mail_server_config(const struct mail_server *server)
{
	return server->cfg;
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
	return rc;
}

void
mail_server_legs(const struct mail_server *server, struct mail_leg *out_imap,
    struct mail_leg *out_smtp)
{
	*out_imap = (struct mail_leg){.security = server->site->imap_security};
	*out_smtp = (struct mail_leg){.security = server->site->smtp_security};
}

struct text
mail_server_mask(
    const struct mail_server *server, struct arena *arena, struct text words)
{
	(void)server;
	(void)arena;
	return words;
}
