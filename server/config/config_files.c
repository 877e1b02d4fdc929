#include "config/config_parse.h"

/* Certificates, keys, passwords, trust: not folders, logs or databases. */
static bool
is_credential(const struct config_key *key)
{
	return key->type == CONFIG_IS_PATH &&
	       (strcmp(key->section, "SSL") == 0 ||
	           strcmp(key->section, "Mail") == 0 ||
	           strcmp(key->name, "ProxyTrustStore") == 0);
}

static bool
may_be_folder(const struct config_key *key)
{
	return strcmp(key->name, "TrustStore") == 0 ||
	       strcmp(key->name, "MailTrustStore") == 0;
}

/* Global keys stand in struct config, and are told with the first site. */
static void
tell_site(const struct config *cfg, const struct config_site *site,
    config_file_fn *fn, void *ctx)
{
	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);
		const char *base =
		    key->is_site ? (const char *)site : (const char *)cfg;
		struct str path;

		if (!is_credential(key) ||
		    (!key->is_site && site != &cfg->site))
			continue;
		memcpy(&path, base + key->offset, sizeof(path));
		if (!str_is_empty(path))
			fn(ctx, key->name, path, may_be_folder(key));
	}
}

void
config_files(const struct config *cfg, config_file_fn *fn, void *ctx)
{
	tell_site(cfg, &cfg->site, fn, ctx);
	for (size_t i = 0; i < cfg->host_count; i++)
		tell_site(cfg, &cfg->hosts[i], fn, ctx);
	for (size_t i = 0; i < cfg->domain_count; i++)
		tell_site(cfg, &cfg->domains[i], fn, ctx);
}
