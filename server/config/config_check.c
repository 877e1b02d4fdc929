#include "config/config_accent.h"
#include "config/config_parse.h"

uint32_t
config_said(const struct config_scope *scope, const char *name)
{
	const struct config_key *key =
	    config_table_find((struct str){0}, str_c(name));

	ensure(key != NULL);
	return scope->origin->lines[config_table_index(key)];
}

bool
config_said_last(const struct config_scope *scope, const char *const *names,
    uint32_t *out_line)
{
	*out_line = 0;
	for (size_t i = 0; names[i] != NULL; i++) {
		uint32_t line = config_said(scope, names[i]);

		if (line > *out_line)
			*out_line = line;
	}
	return *out_line != 0 || scope->kind == CONFIG_FOR_ALL;
}

/* Has a text here: of its own in a named section. */
static bool
has_text(struct config_draft *draft, const struct config_scope *scope,
    const char *name)
{
	const struct config_key *key =
	    config_table_find((struct str){0}, str_c(name));
	const struct str *value =
	    config_table_place(key, draft->cfg, scope->site);

	return !str_is_empty(*value) &&
	       (scope->kind == CONFIG_FOR_ALL || config_said(scope, name) != 0);
}

void
config_check_pair(struct config_draft *draft, const struct config_scope *scope,
    const char *first, const char *second)
{
	bool has_first = has_text(draft, scope, first);
	const char *there = has_first ? first : second;
	const char *missing = has_first ? second : first;

	if (has_first == has_text(draft, scope, second))
		return;
	config_report_error(draft->report, config_said(scope, there),
	    "%s= needs %s= beside it%s; allowed: both, or none", there, missing,
	    scope->kind == CONFIG_FOR_ALL ? "" : " in the same section");
}

static void
check_certificate(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;
	bool has_certificate = !str_is_empty(cfg->site.certificate);
	bool has_key = !str_is_empty(cfg->site.private_key);
	const char *missing = has_certificate ? "PrivateKey=" : "Certificate=";

	if (!cfg->enable_ssl || (has_certificate && has_key))
		return;
	if (!has_certificate && !has_key)
		missing = "Certificate= and PrivateKey=";
	config_report_error(draft->report, config_said(scope, "EnableSSL"),
	    "EnableSSL=1 needs %s in [SSL]; iwebmsg-ssl selfsigned makes a key "
	    "and a certificate",
	    missing);
}

static void
check_ports(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;
	struct config_report *report = draft->report;
	uint32_t plain = config_said(scope, "PlainPort");
	uint32_t secure = config_said(scope, "SecurePort");

	if (!cfg->enable_ssl && cfg->plain_port == 0)
		config_report_error(report, plain,
		    "PlainPort=0 without EnableSSL=1 leaves no port; allowed: "
		    "1 to 65535, or EnableSSL=1");
	if (!cfg->enable_ssl)
		return;
	if (cfg->secure_port == 0)
		config_report_error(report, secure,
		    "SecurePort=0 with EnableSSL=1; allowed: 1 to 65535");
	if (cfg->secure_port == cfg->plain_port)
		config_report_error(report, secure,
		    "SecurePort and PlainPort are both %u; allowed: two "
		    "different ports",
		    (unsigned)cfg->plain_port);
}

static void
check_proxies(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;
	bool has_proxies = !str_is_empty(cfg->trusted_proxies);
	bool has_trust = !str_is_empty(cfg->proxy_trust_store);
	uint32_t at_trust = config_said(scope, "ProxyTrustStore");

	if (cfg->proxy_protocol && !has_proxies)
		config_report_error(draft->report,
		    config_said(scope, "ProxyProtocol"),
		    "ProxyProtocol=1 needs TrustedProxies=: from anybody else "
		    "it is not believed; allowed: the proxies' addresses in "
		    "TrustedProxies, or ProxyProtocol=0");
	if (has_trust && !has_proxies)
		config_report_error(draft->report, at_trust,
		    "ProxyTrustStore= needs TrustedProxies=; allowed: the "
		    "proxies' addresses in TrustedProxies, or no "
		    "ProxyTrustStore");
	if (has_trust && !cfg->enable_ssl)
		config_report_error(draft->report, at_trust,
		    "ProxyTrustStore= needs EnableSSL=1: a proxy shows its "
		    "certificate by TLS only; allowed: EnableSSL=1, or no "
		    "ProxyTrustStore");
}

/* Text in it must be readable; a scope is told of what it says itself. */
static void
check_accent(struct config_draft *draft, const struct config_scope *scope)
{
	struct str value = scope->site->accent;
	uint32_t line = config_said(scope, "Accent");
	struct config_accent accent;

	if (line == 0 || str_is_empty(value))
		return;
	if (!config_accent_parse(value, &accent))
		config_report_error(draft->report, line,
		    "Accent=%.*s cannot be; allowed: a colour such as #1a56b0, "
		    "or nothing, for ours",
		    STR_ARG(str_slice(value, 0, 60)));
	else if (!config_accent_is_readable(&accent))
		config_report_error(draft->report, line,
		    "Accent=%.*s is too light: on the pages' grounds its "
		    "contrast is %u.%02u, and text needs 4.5 (WCAG 2.2 AA); "
		    "allowed: a darker colour, such as #%06x. Dark pages have "
		    "it lighter by themselves",
		    STR_ARG(value), (unsigned)(accent.least / 100),
		    (unsigned)(accent.least % 100), (unsigned)accent.darker);
}

static void
check_all(struct config_draft *draft, const struct config_scope *scope)
{
	const struct config *cfg = draft->cfg;

	check_certificate(draft, scope);
	check_ports(draft, scope);
	check_proxies(draft, scope);
	if (cfg->force_ssl && !cfg->enable_ssl)
		config_report_error(draft->report,
		    config_said(scope, "ForceSSL"),
		    "ForceSSL=1 needs EnableSSL=1; allowed: EnableSSL=1, or "
		    "ForceSSL=0");
	if (cfg->trust_page && str_is_empty(cfg->trust_page_ca))
		config_report_error(draft->report,
		    config_said(scope, "TrustPage"),
		    "TrustPage=1 needs TrustPageCA=, the certificate that the "
		    "page hands out; allowed: both, or TrustPage=0");
	if (cfg->log_target == CONFIG_LOG_FILE && str_is_empty(cfg->log_file))
		config_report_error(draft->report, config_said(scope, "Target"),
		    "Target=file needs File= in [Log]; allowed: a path, or "
		    "Target=stderr");
}

void
config_check_combinations(struct config_draft *draft)
{
	struct config_scope scope;

	for (size_t i = 0; config_sites_scope_at(draft, i, &scope); i++) {
		if (scope.kind == CONFIG_FOR_ALL)
			check_all(draft, &scope);
		if (scope.kind != CONFIG_FOR_DOMAIN)
			config_check_ssl(draft, &scope);
		if (scope.kind != CONFIG_FOR_DOMAIN)
			check_accent(draft, &scope);
		config_check_mail(draft, &scope);
	}
}
