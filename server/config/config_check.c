#include "config/config_parse.h"

typedef bool check_fn(struct str value);

static bool
holds_only(struct str value, const char *set)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] == '\0' || strchr(set, value.ptr[i]) == NULL)
			return false;
	return true;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool
is_said(struct str value)
{
	return !str_is_empty(value);
}

/* Whether such an address exists, the system says when we listen on it. */
static bool
is_listen_address(struct str value)
{
	return str_eq(value, STR("*")) ||
	       (is_said(value) && holds_only(value, DIGITS "abcdefABCDEF:.%"));
}

static bool
is_server_name(struct str value)
{
	size_t colon = str_find_byte(value, ':', 0);
	/* With one colon only, what follows is a port. */
	bool is_ipv6 = holds_only(value, DIGITS "abcdefABCDEF:.") &&
	               str_find_byte(value, ':', colon + 1) < value.len;

	return is_said(value) &&
	       (is_ipv6 || holds_only(value, LETTERS DIGITS "-._"));
}

static bool
is_domain(struct str value)
{
	size_t at = 0;

	/* A domain in any alphabet, but nothing that ends an address. */
	while (at < value.len) {
		uint32_t code_point = text_next(value, &at);

		if (code_point < 0x80 &&
		    strchr(LETTERS DIGITS "-._", (int)code_point) == NULL)
			return false;
	}
	return true;
}

/* origin = scheme "://" host [ ":" port ]; it goes into headers. */
static bool
is_origin(struct str value, struct str scheme)
{
	struct str rest = str_slice(value, scheme.len, value.len);

	return str_is_empty(value) ||
	       (str_starts_nocase(value, scheme) && is_said(rest) &&
	           holds_only(rest, LETTERS DIGITS "-._:[]"));
}

static bool
is_plain_origin(struct str value)
{
	return is_origin(value, STR("http://"));
}

static bool
is_secure_origin(struct str value)
{
	return is_origin(value, STR("https://"));
}

static const struct {
	const char *section;
	const char *name;
	check_fn *check;
	const char *allowed;
} checks[] = {
    {"Server", "ListenAddress", is_listen_address,
        "* or one numeric address, such as 127.0.0.1 or ::1"},
    {"Server", "User", is_said, "the name of a user"},
    {"Server", "StateDir", is_said, "a folder"},
    {"Server", "Title", is_said, "a name"},
    {"Server", "PublicPlainURL", is_plain_origin,
        "http://NAME or http://NAME:PORT, with nothing after it"},
    {"Server", "PublicSecureURL", is_secure_origin,
        "https://NAME or https://NAME:PORT, with nothing after it"},
    {"Mail", "ImapHost", is_server_name,
        "a host name or numeric address, without port"},
    {"Mail", "SmtpHost", is_server_name,
        "a host name or numeric address, without port"},
    {"Mail", "DefaultDomain", is_domain, "a domain, such as example.org"},
};

static void
check_one(struct config_draft *draft, size_t index, struct config_site *site,
    const struct config_origin *origin)
{
	const struct config_key *key = config_table_find(
	    str_c(checks[index].section), str_c(checks[index].name));
	const struct str *value = config_table_place(key, draft->cfg, site);
	uint32_t line = origin->lines[config_table_index(key)];

	if (line == 0 || checks[index].check(*value))
		return;
	if (str_is_empty(*value))
		config_report_error(draft->report, line,
		    "%s= has no value; allowed: %s", key->name,
		    checks[index].allowed);
	else
		config_report_error(draft->report, line,
		    "%s=%.*s cannot be; allowed: %s", key->name,
		    STR_ARG(str_slice(*value, 0, 60)), checks[index].allowed);
}

void
config_check_values(struct config_draft *draft)
{
	struct config *cfg = draft->cfg;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		const struct config_key *key = config_table_find(
		    str_c(checks[i].section), str_c(checks[i].name));

		ensure(key != NULL && key->type >= CONFIG_IS_TEXT);
		check_one(draft, i, &cfg->site, &draft->origin);
		for (size_t h = 0; key->is_site && h < cfg->host_count; h++)
			check_one(
			    draft, i, &cfg->hosts[h], &draft->host_origins[h]);
	}
}

static uint32_t
line_of(
    const struct config_origin *origin, const char *section, const char *name)
{
	const struct config_key *key =
	    config_table_find(str_c(section), str_c(name));

	ensure(key != NULL);
	return origin->lines[config_table_index(key)];
}

static void
check_certificate(struct config_draft *draft)
{
	const struct config *cfg = draft->cfg;
	bool has_certificate = !str_is_empty(cfg->site.certificate);
	bool has_key = !str_is_empty(cfg->site.private_key);
	const char *missing = has_certificate ? "PrivateKey=" : "Certificate=";

	if (!cfg->enable_ssl || (has_certificate && has_key))
		return;
	if (!has_certificate && !has_key)
		missing = "Certificate= and PrivateKey=";
	config_report_error(draft->report,
	    line_of(&draft->origin, "SSL", "EnableSSL"),
	    "EnableSSL=1 needs %s in [SSL]; iwebmsg-ssl selfsigned makes a key "
	    "and a certificate",
	    missing);
}

static void
check_ports(struct config_draft *draft)
{
	const struct config *cfg = draft->cfg;
	struct config_report *report = draft->report;
	uint32_t plain = line_of(&draft->origin, "Server", "PlainPort");
	uint32_t secure = line_of(&draft->origin, "Server", "SecurePort");

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

static bool
is_this_machine(struct str host)
{
	return str_eq_nocase(host, STR("localhost")) ||
	       str_eq(host, STR("::1")) ||
	       (str_starts(host, STR("127.")) && holds_only(host, DIGITS "."));
}

/* Passwords never cross a network in clear. */
static void
check_security(struct config_draft *draft, const struct config_origin *origin,
    int security, struct str host, const char *security_name,
    const char *host_name)
{
	uint32_t at_security = line_of(origin, "Mail", security_name);
	uint32_t at_host = line_of(origin, "Mail", host_name);
	uint32_t line = at_security > at_host ? at_security : at_host;

	if (security != CONFIG_SECURITY_NONE || is_this_machine(host))
		return;
	/* A host that changes neither has the global mistake: said once. */
	if (line == 0)
		return;
	config_report_error(draft->report, line,
	    "%s=none would send passwords to %s=%.*s in clear; allowed: tls or "
	    "starttls, or a server on this machine (localhost, 127.0.0.1, ::1)",
	    security_name, host_name, STR_ARG(str_slice(host, 0, 60)));
}

static void
check_site(struct config_draft *draft, const struct config_site *site,
    const struct config_origin *origin)
{
	check_security(draft, origin, site->imap_security, site->imap_host,
	    "ImapSecurity", "ImapHost");
	check_security(draft, origin, site->smtp_security, site->smtp_host,
	    "SmtpSecurity", "SmtpHost");
}

void
config_check_combinations(struct config_draft *draft)
{
	struct config *cfg = draft->cfg;

	check_certificate(draft);
	check_ports(draft);
	if (cfg->force_ssl && !cfg->enable_ssl)
		config_report_error(draft->report,
		    line_of(&draft->origin, "SSL", "ForceSSL"),
		    "ForceSSL=1 needs EnableSSL=1; allowed: EnableSSL=1, or "
		    "ForceSSL=0");
	if (cfg->log_target == CONFIG_LOG_FILE && str_is_empty(cfg->log_file))
		config_report_error(draft->report,
		    line_of(&draft->origin, "Log", "Target"),
		    "Target=file needs File= in [Log]; allowed: a path, or "
		    "Target=stderr");
	check_site(draft, &cfg->site, &draft->origin);
	for (size_t i = 0; i < cfg->host_count; i++)
		check_site(draft, &cfg->hosts[i], &draft->host_origins[i]);
}
