#include "main_tls.h"

#include "base/log.h"
#include "net/net_pem.h"

/* The keys of a certificate with what belongs to it. */
struct pair {
	struct main_file_key certificate, key, password, ocsp;
};

static struct pair
first_pair(const struct config_site *site)
{
	return (struct pair){
	    {site, "Certificate", site->certificate, MAIN_FILE_PEM},
	    {site, "PrivateKey", site->private_key, MAIN_FILE_KEY},
	    {site, "KeyPasswordFile", site->key_password_file,
	        MAIN_FILE_PASSWORD},
	    {site, "OcspResponse", site->ocsp_response, MAIN_FILE_BYTES}};
}

static struct pair
second_pair(const struct config_site *site)
{
	return (struct pair){
	    {site, "Certificate2", site->certificate2, MAIN_FILE_PEM},
	    {site, "PrivateKey2", site->private_key2, MAIN_FILE_KEY},
	    {site, "KeyPasswordFile2", site->key_password_file2,
	        MAIN_FILE_PASSWORD},
	    {site, "OcspResponse2", site->ocsp_response2, MAIN_FILE_BYTES}};
}

/* Renewed by others, often by cron: one that is missing stops nobody. */
static struct str
read_ocsp(struct main_files *files, const struct main_file_key *key)
{
	const struct main_file *file = NULL;
	struct err err = ERR_NONE;

	if (main_files_read(files, key, &file, &err) == ERR_OK)
		return file->text;
	log_event(LOG_WARN, "tls.ocsp_missing", LOG_C("reason", err.message),
	    LOG_C("then", "nothing is stapled"));
	return (struct str){0};
}

static enum err_code
read_pair(struct main_files *files, const struct pair *pair,
    struct net_tls_identity *out, struct err *err)
{
	const struct main_file *file = NULL;
	enum err_code rc =
	    main_files_read(files, &pair->certificate, &file, err);

	if (rc != ERR_OK)
		return rc;
	out->certificate_pem = file->text;
	out->certificate_name = pair->certificate.path.ptr;
	rc = main_files_read(files, &pair->key, &file, err);
	if (rc != ERR_OK)
		return rc;
	out->key_pem = &file->secret;
	out->key_name = pair->key.path.ptr;
	if (!str_is_empty(pair->password.path)) {
		rc = main_files_read(files, &pair->password, &file, err);
		if (rc != ERR_OK)
			return rc;
		out->key_password = &file->secret;
	}
	out->ocsp_der = read_ocsp(files, &pair->ocsp);
	out->ocsp_name = pair->ocsp.path.ptr;
	return ERR_OK;
}

static enum net_tls_verify
verify_of(int verify)
{
	static const enum net_tls_verify kinds[] = {
	    [CONFIG_VERIFY_CLIENT_NONE] = NET_TLS_VERIFY_NONE,
	    [CONFIG_VERIFY_CLIENT_OPTIONAL] = NET_TLS_VERIFY_OPTIONAL,
	    [CONFIG_VERIFY_CLIENT_REQUIRED] = NET_TLS_VERIFY_REQUIRED,
	    [CONFIG_VERIFY_CLIENT_EXPLAIN] = NET_TLS_VERIFY_EXPLAIN,
	};

	return kinds[verify];
}

static enum err_code
read_trust(struct main_files *files, const struct config_site *site,
    struct net_tls_trust *out, struct err *err)
{
	const struct main_file_key trust = {
	    site, "TrustStore", site->trust_store, MAIN_FILE_TRUST};
	const struct main_file_key crl = {
	    site, "ClientCRL", site->client_crl, MAIN_FILE_CRL};
	const struct main_file *file = NULL;
	enum err_code rc = main_files_read(files, &trust, &file, err);

	if (rc != ERR_OK)
		return rc;
	out->pem = file->text;
	out->name = site->trust_store.ptr;
	rc = main_files_read(files, &crl, &file, err);
	out->crl_pem = file->text;
	out->crl_name = site->client_crl.ptr;
	out->accept_stale_crl = site->stale_crl == CONFIG_STALE_CRL_ACCEPT;
	return rc;
}

static enum err_code
read_site(struct main_files *files, const struct config_site *site,
    struct net_tls_site *out, struct err *err)
{
	struct pair first = first_pair(site);
	struct pair second = second_pair(site);
	enum err_code rc = read_pair(files, &first, &out->identities[0], err);

	out->host = site->host;
	out->identity_count = 1;
	if (rc == ERR_OK && !str_is_empty(site->certificate2)) {
		rc = read_pair(files, &second, &out->identities[1], err);
		out->identity_count = 2;
	}
	out->verify = verify_of(site->verify_client);
	if (rc == ERR_OK && out->verify != NET_TLS_VERIFY_NONE)
		rc = read_trust(files, site, &out->trust, err);
	return rc;
}

/* ---- which key a message of net/ is about -------------------------------- */

struct blame {
	const char *message;
	const struct config_site *site;
	const char *name;
	size_t len; /* of the longest path found so far */
};

static void
blame_key(struct blame *blame, const struct config_site *site, const char *name,
    struct str path)
{
	struct str message = str_c(blame->message);

	if (path.len <= blame->len || str_find(message, path, 0) >= message.len)
		return;
	blame->site = site;
	blame->name = name;
	blame->len = path.len;
}

static void
blame_site(struct blame *blame, const struct config_site *site)
{
	/* A message that names both files is about the certificate. */
	blame_key(blame, site, "Certificate", site->certificate);
	blame_key(blame, site, "Certificate2", site->certificate2);
	if (blame->len > 0)
		return;
	blame_key(blame, site, "PrivateKey", site->private_key);
	blame_key(blame, site, "PrivateKey2", site->private_key2);
	blame_key(blame, site, "TrustStore", site->trust_store);
	blame_key(blame, site, "ClientCRL", site->client_crl);
	blame_key(blame, site, "OcspResponse", site->ocsp_response);
	blame_key(blame, site, "OcspResponse2", site->ocsp_response2);
}

static enum err_code
fail_by_path(const struct config *cfg, enum err_code rc, struct err *err)
{
	struct blame blame = {err->message, &cfg->site, "Certificate", 0};

	blame_site(&blame, &cfg->site);
	for (size_t i = 0; blame.len == 0 && i < cfg->host_count; i++)
		blame_site(&blame, &cfg->hosts[i]);
	if (blame.len == 0)
		blame_key(&blame, &cfg->site, "ProxyTrustStore",
		    cfg->proxy_trust_store);
	return main_files_fail(cfg, blame.site, blame.name, rc, err);
}

/* ---- all of it -----------------------------------------------------------
 */

static enum err_code
read_proxy_trust(
    struct main_files *files, struct net_tls_trust *out, struct err *err)
{
	const struct config *cfg = files->cfg;
	const struct main_file_key key = {&cfg->site, "ProxyTrustStore",
	    cfg->proxy_trust_store, MAIN_FILE_PEM};
	const struct main_file *file = NULL;
	enum err_code rc = main_files_read(files, &key, &file, err);

	out->pem = file->text;
	out->name = cfg->proxy_trust_store.ptr;
	return rc;
}

static enum err_code
read_sites(
    struct main_files *files, struct net_tls_site *sites, struct err *err)
{
	const struct config *cfg = files->cfg;
	enum err_code rc = read_site(files, &cfg->site, &sites[0], err);

	for (size_t i = 0; rc == ERR_OK && i < cfg->host_count; i++)
		rc = read_site(files, &cfg->hosts[i], &sites[i + 1], err);
	return rc;
}

enum err_code
main_tls_load(struct main_files *files, struct net_tls **out, struct err *err)
{
	const struct config *cfg = files->cfg;
	const struct main_tls_policy policy = {
	    &cfg->site, "", main_tls_policy_of(cfg)};
	struct net_tls_trust proxy_trust = {.name = ""};
	struct net_tls_site *sites = NULL;
	struct net_tls_server_settings settings = {.policy = policy.policy,
	    .site_count = cfg->host_count + 1,
	    .has_tickets = cfg->session_tickets,
	    .ticket_key_life_ms = cfg->ticket_key_life_ms};
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (!cfg->enable_ssl)
		return ERR_OK;
	sites =
	    ARENA_ARRAY(files->arena, settings.site_count, struct net_tls_site);
	if (sites == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	settings.sites = sites;
	rc = main_tls_policy_check(cfg, &policy, err);
	if (rc == ERR_OK)
		rc = read_sites(files, sites, err);
	if (rc == ERR_OK && !str_is_empty(cfg->proxy_trust_store)) {
		rc = read_proxy_trust(files, &proxy_trust, err);
		settings.proxy_trust = &proxy_trust;
	}
	if (rc != ERR_OK)
		return rc;
	rc = net_tls_new(&settings, out, err);
	return rc == ERR_OK ? ERR_OK : fail_by_path(cfg, rc, err);
}

enum err_code
main_tls_trust_page(struct main_files *files, struct str *out, struct err *err)
{
	const struct config *cfg = files->cfg;
	const struct main_file_key key = {
	    &cfg->site, "TrustPageCA", cfg->trust_page_ca, MAIN_FILE_PEM};
	const struct main_file *file = NULL;
	enum err_code rc = ERR_OK;

	*out = (struct str){0};
	if (!cfg->trust_page)
		return ERR_OK;
	rc = main_files_read(files, &key, &file, err);
	if (rc != ERR_OK)
		return rc;
	rc = net_pem_to_der(
	    files->arena, file->text, cfg->trust_page_ca.ptr, out, err);
	return rc == ERR_OK ? ERR_OK
	                    : main_files_fail(cfg, key.site, key.name, rc, err);
}
