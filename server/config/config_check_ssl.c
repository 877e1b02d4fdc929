#include "config/config_parse.h"

/* "Imap" and "MinProtocol" as one name of a key. */
#define NAME_BYTES 64

static const char *
name_of(char room[NAME_BYTES], const char *prefix, const char *rest)
{
	(void)snprintf(room, NAME_BYTES, "%s%s", prefix, rest);
	return room;
}

static const char *
version_word(int version)
{
	return version == CONFIG_TLS_1_2 ? "TLSv1.2" : "TLSv1.3";
}

static void
check_versions(struct config_draft *draft, const struct config_scope *scope,
    const struct config_check_tls *tls)
{
	char min[NAME_BYTES];
	char max[NAME_BYTES];
	char strength[NAME_BYTES];
	const char *const names[] = {name_of(min, tls->prefix, "MinProtocol"),
	    name_of(max, tls->prefix, "MaxProtocol"),
	    name_of(strength, tls->prefix, "EncryptionStrength"), NULL};
	uint32_t line = 0;

	if (!config_said_last(scope, names, &line))
		return;
	if (tls->max < tls->min)
		config_report_error(draft->report, line,
		    "%s=%s is older than %s=%s; allowed: the same or a newer "
		    "one",
		    max, version_word(tls->max), min, version_word(tls->min));
	else if (tls->max == CONFIG_TLS_1_2 &&
	         tls->strength == CONFIG_STRENGTH_MODERN)
		config_report_error(draft->report, line,
		    "%s=TLSv1.2 with %s=modern leaves nothing: modern is TLS "
		    "1.3 only; allowed: %s=TLSv1.3, or %s=intermediate",
		    max, strength, max, strength);
}

static void
check_list(struct config_draft *draft, const struct config_scope *scope,
    const struct config_check_tls *tls, const char *key, struct str value)
{
	char list[NAME_BYTES];
	char strength[NAME_BYTES];
	const char *const names[] = {name_of(list, tls->prefix, key),
	    name_of(strength, tls->prefix, "EncryptionStrength"), NULL};
	uint32_t line = 0;

	if (str_is_empty(value) || tls->strength == CONFIG_STRENGTH_CUSTOM ||
	    !config_said_last(scope, names, &line))
		return;
	config_report_error(draft->report, line,
	    "%s= counts only with %s=custom; allowed: both, or no %s", list,
	    strength, list);
}

void
config_check_policy(struct config_draft *draft,
    const struct config_scope *scope, const struct config_check_tls *tls)
{
	check_versions(draft, scope, tls);
	check_list(draft, scope, tls, "CipherList", tls->cipher_list);
	/* Mail servers have no list of their own for TLS 1.3. */
	if (!str_is_empty(tls->cipher_suites))
		check_list(
		    draft, scope, tls, "CipherSuites", tls->cipher_suites);
}

static void
check_second(struct config_draft *draft, const struct config_scope *scope)
{
	static const char *const names[] = {
	    "Certificate", "Certificate2", NULL};
	uint32_t line = 0;

	config_check_pair(draft, scope, "Certificate2", "PrivateKey2");
	if (str_is_empty(scope->site->certificate2) ||
	    !str_is_empty(scope->site->certificate) ||
	    !config_said_last(scope, names, &line))
		return;
	config_report_error(draft->report, line,
	    "Certificate2= is a second certificate and needs a first; "
	    "allowed: Certificate= and PrivateKey= beside it");
}

static const char *
verify_word(int verify)
{
	static const char *const words[] = {
	    [CONFIG_VERIFY_CLIENT_NONE] = "none",
	    [CONFIG_VERIFY_CLIENT_OPTIONAL] = "optional",
	    [CONFIG_VERIFY_CLIENT_REQUIRED] = "required",
	    [CONFIG_VERIFY_CLIENT_EXPLAIN] = "explain",
	};

	return words[verify];
}

static void
check_verify_trust(struct config_draft *draft, const struct config_scope *scope)
{
	static const char *const names[] = {"VerifyClient", "TrustStore", NULL};
	int verify = scope->site->verify_client;
	uint32_t line = 0;

	if (verify == CONFIG_VERIFY_CLIENT_NONE ||
	    !str_is_empty(scope->site->trust_store) ||
	    !config_said_last(scope, names, &line))
		return;
	config_report_error(draft->report, line,
	    "VerifyClient=%s needs TrustStore=, the authorities whose "
	    "certificates count; allowed: a PEM file or a folder of them "
	    "(iwebmsg-ssl trust add), or VerifyClient=none",
	    verify_word(verify));
}

/* Without ForceSSL a page on the plain port would ask nobody. */
static void
check_verify_mode(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;
	int verify = scope->site->verify_client;
	bool is_demanded = verify == CONFIG_VERIFY_CLIENT_REQUIRED ||
	                   verify == CONFIG_VERIFY_CLIENT_EXPLAIN;
	uint32_t line = config_said(scope, "VerifyClient");

	if (line == 0)
		return;
	if (is_demanded && !cfg->force_ssl)
		config_report_error(draft->report, line,
		    "VerifyClient=%s needs ForceSSL=1: by http on the plain "
		    "port nobody would be asked for a certificate; allowed: "
		    "EnableSSL=1 and ForceSSL=1, or VerifyClient=optional or "
		    "none",
		    verify_word(verify));
	else if (verify == CONFIG_VERIFY_CLIENT_OPTIONAL && !cfg->enable_ssl)
		config_report_error(draft->report, line,
		    "VerifyClient=optional needs EnableSSL=1; allowed: "
		    "EnableSSL=1, or VerifyClient=none");
}

static void
check_verify_user(struct config_draft *draft, const struct config_scope *scope)
{
	static const char *const names[] = {
	    "ClientCertUser", "VerifyClient", NULL};
	uint32_t line = 0;

	if (scope->site->client_cert_user == CONFIG_CERT_USER_NONE ||
	    scope->site->verify_client != CONFIG_VERIFY_CLIENT_NONE ||
	    !config_said_last(scope, names, &line))
		return;
	config_report_error(draft->report, line,
	    "ClientCertUser=%s needs client certificates; allowed: "
	    "VerifyClient=optional, required or explain, or "
	    "ClientCertUser=none",
	    scope->site->client_cert_user == CONFIG_CERT_USER_EMAIL ? "email"
	                                                            : "cn");
}

void
config_check_ssl(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;

	if (scope->kind == CONFIG_FOR_ALL) {
		const struct config_check_tls tls = {.prefix = "",
		    .min = cfg->min_protocol,
		    .max = cfg->max_protocol,
		    .strength = cfg->encryption_strength,
		    .cipher_list = cfg->cipher_list,
		    .cipher_suites = cfg->cipher_suites};

		config_check_policy(draft, scope, &tls);
	} else {
		config_check_pair(draft, scope, "Certificate", "PrivateKey");
	}
	check_second(draft, scope);
	check_verify_trust(draft, scope);
	check_verify_mode(draft, scope);
	check_verify_user(draft, scope);
}
