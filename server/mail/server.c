#include "mail/server.h"

/* ---- what tells servers apart ---- */

/* Accounts keep their connections over a reload as long as this is the same. */
static enum err_code
server_keys(struct mail_server *server, struct err *err)
{
	const struct config_site *site = server->site;
	const struct mail_server_leg *imap = &server->imap;
	struct str base =
	    str_printf(server->arena, "%.*s:%u:%d:%.*s", STR_ARG(imap->host),
	        (unsigned)imap->port, imap->security, STR_ARG(site->host));
	struct str key =
	    str_printf(server->arena, "%.*s:%s:%d:%.*s", STR_ARG(base),
	        imap->tls == NULL ? "" : net_tls_client_digest(imap->tls),
	        imap->is_external, STR_ARG(site->imap_proxy));

	server->base = base.ptr;
	server->key = key.ptr;
	return base.ptr == NULL || key.ptr == NULL
	           ? err_set(err, ERR_NO_MEMORY, NULL, "mail server")
	           : ERR_OK;
}

/* ---- life ---- */

static struct mail_server_live *
live_new(void)
{
	struct mail_server_live *live = calloc(1, sizeof(*live));

	if (live != NULL) {
		lock_init(&live->lock);
		lock_cond_init(&live->passed);
	}
	return live;
}

static void
live_free(struct mail_server_live *live)
{
	if (live == NULL)
		return;
	lock_cond_end(&live->passed);
	lock_end(&live->lock);
	free(live);
}

static enum err_code
server_build(struct mail_server *server, const struct mail_server_files *files,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	server->arena = arena_new((size_t)256 << 10);
	server->live = live_new();
	if (server->arena == NULL || server->live == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "mail server");
	rc = server_leg_imap(server, files, err);
	if (rc == ERR_OK)
		rc = server_leg_smtp(server, files, err);
	/* Who logs in by a certificate has told us no password to send. */
	if (rc == ERR_OK && server->imap.is_external &&
	    !server->smtp.is_external)
		rc = err_set(err, ERR_CONFIG,
		    "ImapAuth=external needs SmtpAuth=external: people type no "
		    "password then that could be sent to the server for "
		    "outgoing mail.",
		    NULL);
	return rc == ERR_OK ? server_keys(server, err) : rc;
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
	rc = server_build(server, files, err);
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
	net_tls_client_unref(server->imap.tls);
	net_tls_client_unref(server->smtp.tls);
	config_unref(server->cfg);
	live_free(server->live);
	arena_free(server->arena);
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
