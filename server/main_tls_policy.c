#include "main_tls.h"

#define NAME_BYTES 64

static enum net_tls_version
version_of(int version)
{
	return version == CONFIG_TLS_1_3 ? NET_TLS_1_3 : NET_TLS_1_2;
}

static enum net_tls_strength
strength_of(int strength)
{
	static const enum net_tls_strength strengths[] = {
	    [CONFIG_STRENGTH_INTERMEDIATE] = NET_TLS_INTERMEDIATE,
	    [CONFIG_STRENGTH_MODERN] = NET_TLS_MODERN,
	    [CONFIG_STRENGTH_CUSTOM] = NET_TLS_CUSTOM,
	};

	return strengths[strength];
}

struct net_tls_policy
main_tls_policy_of(const struct config *cfg)
{
	return (struct net_tls_policy){
	    .min_version = version_of(cfg->min_protocol),
	    .max_version = version_of(cfg->max_protocol),
	    .strength = strength_of(cfg->encryption_strength),
	    .cipher_list = cfg->cipher_list.ptr,
	    .cipher_suites = cfg->cipher_suites.ptr,
	    .groups = cfg->curves.ptr,
	    .client_order = !cfg->server_cipher_order,
	};
}

/* Which of the parts is it that cannot be? The last one is all the rest. */
static const char *
find_key(const struct net_tls_policy *all)
{
	const struct net_tls_policy list = {
	    .strength = NET_TLS_CUSTOM, .cipher_list = all->cipher_list};
	const struct net_tls_policy suites = {
	    .strength = NET_TLS_CUSTOM, .cipher_suites = all->cipher_suites};
	const struct net_tls_policy groups = {.groups = all->groups};
	bool is_custom = all->strength == NET_TLS_CUSTOM;
	struct err ignored = ERR_NONE;

	if (is_custom && net_tls_policy_check(&list, &ignored) != ERR_OK)
		return "CipherList";
	if (is_custom && net_tls_policy_check(&suites, &ignored) != ERR_OK)
		return "CipherSuites";
	if (net_tls_policy_check(&groups, &ignored) != ERR_OK)
		return "Curves";
	return "EncryptionStrength";
}

enum err_code
main_tls_policy_check(const struct config *cfg,
    const struct main_tls_policy *policy, struct err *err)
{
	char name[NAME_BYTES];
	enum err_code rc = net_tls_policy_check(&policy->policy, err);

	if (rc == ERR_OK)
		return ERR_OK;
	(void)snprintf(name, sizeof(name), "%s%s", policy->prefix,
	    find_key(&policy->policy));
	return main_files_fail(cfg, policy->site, name, rc, err);
}
