#include "config/config_parse.h"

#define NAME_BYTES 64

/* One mail server of a site; all names of keys begin with `prefix`. */
struct leg {
	const char *prefix;
	int security;
	struct str host;
	unsigned port;
	unsigned tls_port, clear_port; /* what IANA gave the protocol */
	int verify_server;
	int auth;
	struct str certificate;
	struct config_check_tls tls;
};

static struct leg
imap_of(const struct config_site *site)
{
	return (struct leg){.prefix = "Imap",
	    .security = site->imap_security,
	    .host = site->imap_host,
	    .port = site->imap_port,
	    .tls_port = 993,
	    .clear_port = 143,
	    .verify_server = site->imap_verify_server,
	    .auth = site->imap_auth,
	    .certificate = site->imap_certificate,
	    .tls = {"Imap", site->imap_min_protocol, site->imap_max_protocol,
	        site->imap_encryption_strength, site->imap_cipher_list,
	        STR("")}};
}

static struct leg
smtp_of(const struct config_site *site)
{
	return (struct leg){.prefix = "Smtp",
	    .security = site->smtp_security,
	    .host = site->smtp_host,
	    .port = site->smtp_port,
	    .tls_port = 465,
	    .clear_port = 587,
	    .verify_server = site->smtp_verify_server,
	    .auth = site->smtp_auth,
	    .certificate = site->smtp_certificate,
	    .tls = {"Smtp", site->smtp_min_protocol, site->smtp_max_protocol,
	        site->smtp_encryption_strength, site->smtp_cipher_list,
	        STR("")}};
}

/* The last line that says one of two keys; false: inherited. */
static bool
said_last(const struct config_scope *scope, const struct leg *leg,
    const char *first, const char *second, uint32_t *out_line)
{
	char names[2][NAME_BYTES];
	const char *const both[] = {names[0], names[1], NULL};

	(void)snprintf(names[0], NAME_BYTES, "%s%s", leg->prefix, first);
	(void)snprintf(names[1], NAME_BYTES, "%s%s", leg->prefix, second);
	return config_said_last(scope, both, out_line) && *out_line != 0;
}

static const char *
security_word(int security)
{
	static const char *const words[] = {
	    [CONFIG_SECURITY_TLS] = "tls",
	    [CONFIG_SECURITY_STARTTLS] = "starttls",
	    [CONFIG_SECURITY_NONE] = "none",
	};

	return words[security];
}

static bool
is_this_machine(struct str host)
{
	if (str_eq_nocase(host, STR("localhost")) || str_eq(host, STR("::1")))
		return true;
	if (!str_starts(host, STR("127.")))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (strchr("0123456789.", host.ptr[i]) == NULL)
			return false;
	return true;
}

/* Passwords cross a network in clear only when the admin says so aloud. */
static void
check_plaintext(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg)
{
	uint32_t line = 0;
	struct str host = str_slice(leg->host, 0, 60);

	/* A host that changes neither has the global mistake: said once. */
	if (leg->security != CONFIG_SECURITY_NONE ||
	    is_this_machine(leg->host) ||
	    !said_last(scope, leg, "Security", "Host", &line))
		return;
	if (scope->site->allow_plaintext)
		config_report_note(draft->report, line,
		    "%sSecurity=none sends passwords to %sHost=%.*s in clear, "
		    "as AllowPlaintext=1 allows; tls or starttls would "
		    "protect them",
		    leg->prefix, leg->prefix, STR_ARG(host));
	else
		config_report_error(draft->report, line,
		    "%sSecurity=none would send passwords to %sHost=%.*s in "
		    "clear; allowed: tls or starttls, or a server on this "
		    "machine (localhost, 127.0.0.1, ::1)",
		    leg->prefix, leg->prefix, STR_ARG(host));
}

/* Ports that are another protocol's, whoever names them. */
static const struct {
	unsigned port;
	const char *prefix; /* of the keys whose port it is, "" of none */
	const char *what;
} known_ports[] = {
    {993, "Imap", "IMAP with tls"},
    {143, "Imap", "IMAP with starttls"},
    {465, "Smtp", "SMTP submission with tls"},
    {587, "Smtp", "SMTP submission with starttls"},
    {110, "", "POP3, an older protocol"},
    {995, "", "POP3, an older protocol, with TLS"},
};

/* Of another protocol altogether. */
static void
check_known_port(struct config_draft *draft, const struct leg *leg,
    unsigned wanted, uint32_t line)
{
	const char *prefix = leg->prefix;

	for (size_t i = 0; i < sizeof(known_ports) / sizeof(known_ports[0]);
	     i++)
		if (known_ports[i].port == leg->port &&
		    strcmp(known_ports[i].prefix, prefix) != 0)
			config_report_error(draft->report, line,
			    "%sPort=%u is the port of %s; %sSecurity=%s wants "
			    "%u; allowed: that, or a port of your own",
			    prefix, leg->port, known_ports[i].what, prefix,
			    security_word(leg->security), wanted);
}

/* Between mail servers; some take submissions on it, in clear. */
static void
check_relay_port(struct config_draft *draft, const struct leg *leg,
    unsigned wanted, uint32_t line)
{
	bool has_tls = leg->security == CONFIG_SECURITY_TLS;

	if (leg->port != 25)
		return;
	if (has_tls || strcmp(leg->prefix, "Imap") == 0)
		config_report_error(draft->report, line,
		    "%sPort=25 is the port by which mail servers send to each "
		    "other; %sSecurity=%s wants %u; allowed: that, or a port "
		    "of your own",
		    leg->prefix, leg->prefix, security_word(leg->security),
		    wanted);
	else
		config_report_note(draft->report, line,
		    "SmtpPort=25 is the port by which mail servers send to "
		    "each other, few take submissions on it; 587 with "
		    "starttls or 465 with tls is for them");
}

static void
check_port(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg)
{
	bool has_tls = leg->security == CONFIG_SECURITY_TLS;
	unsigned wanted = has_tls ? leg->tls_port : leg->clear_port;
	unsigned other = has_tls ? leg->clear_port : leg->tls_port;
	const char *better = has_tls ? "starttls" : "tls";
	uint32_t line = 0;

	if (leg->port == wanted ||
	    !said_last(scope, leg, "Port", "Security", &line))
		return;
	if (leg->port == other)
		config_report_error(draft->report, line,
		    "%sPort=%u is the port of %s; %sSecurity=%s wants %u; "
		    "allowed: %sSecurity=%s, or another port",
		    leg->prefix, leg->port, better, leg->prefix,
		    security_word(leg->security), wanted, leg->prefix, better);
	check_known_port(draft, leg, wanted, line);
	check_relay_port(draft, leg, wanted, line);
}

static void
check_verify(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg)
{
	const char *p = leg->prefix;
	struct str host = str_slice(leg->host, 0, 60);
	uint32_t line = 0;

	if (leg->verify_server == CONFIG_VERIFY_SERVER_FULL ||
	    leg->security == CONFIG_SECURITY_NONE ||
	    !said_last(scope, leg, "VerifyServer", "Host", &line))
		return;
	if (leg->verify_server == CONFIG_VERIFY_SERVER_CHAIN)
		config_report_note(draft->report, line,
		    "%sVerifyServer=chain is less than full: whoever has a "
		    "certificate of a trusted authority, for any name, could "
		    "pose as %sHost=%.*s and read passwords; %sVerifyName= "
		    "names a server that has another name",
		    p, p, STR_ARG(host), p);
	else
		config_report_note(draft->report, line,
		    "%sVerifyServer=off is less than full: whoever stands "
		    "between could pose as %sHost=%.*s and read passwords; "
		    "%sCA= or %sKeyPin= trusts a server of your own",
		    p, p, STR_ARG(host), p, p);
}

/*
 * With EXTERNAL the mail server believes us whoever we name (RFC 4422, A): a
 * certificate of the person's own must have named them first.
 */
static void
check_speaker(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg, uint32_t line)
{
	const struct config_site *site = scope->site;

	if (site->client_cert_user != CONFIG_CERT_USER_NONE &&
	    (site->verify_client == CONFIG_VERIFY_CLIENT_REQUIRED ||
	        site->verify_client == CONFIG_VERIFY_CLIENT_EXPLAIN))
		return;
	config_report_error(draft->report, line,
	    "%sAuth=external needs ClientCertUser= and VerifyClient=required "
	    "or explain: without a certificate of their own anybody could log "
	    "in as anybody; allowed: these, or %sAuth=password",
	    leg->prefix, leg->prefix);
}

static void
check_auth(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg)
{
	char certificate[NAME_BYTES];
	char key[NAME_BYTES];
	uint32_t line = 0;

	(void)snprintf(
	    certificate, sizeof(certificate), "%sCertificate", leg->prefix);
	(void)snprintf(key, sizeof(key), "%sPrivateKey", leg->prefix);
	config_check_pair(draft, scope, certificate, key);
	if (leg->auth != CONFIG_AUTH_EXTERNAL ||
	    !said_last(scope, leg, "Auth", "Security", &line))
		return;
	if (str_is_empty(leg->certificate))
		config_report_error(draft->report, line,
		    "%sAuth=external needs %s= and %s=, which speak for the "
		    "login name; allowed: these, or %sAuth=password",
		    leg->prefix, certificate, key, leg->prefix);
	else if (leg->security == CONFIG_SECURITY_NONE)
		config_report_error(draft->report, line,
		    "%sAuth=external needs TLS: without it no certificate is "
		    "shown; allowed: %sSecurity=tls or starttls, or "
		    "%sAuth=password",
		    leg->prefix, leg->prefix, leg->prefix);
	else
		check_speaker(draft, scope, leg, line);
}

static void
check_leg(struct config_draft *draft, const struct config_scope *scope,
    const struct leg *leg)
{
	check_plaintext(draft, scope, leg);
	check_port(draft, scope, leg);
	check_verify(draft, scope, leg);
	check_auth(draft, scope, leg);
	config_check_policy(draft, scope, &leg->tls);
}

static void
check_trust_only(struct config_draft *draft, const struct config_scope *scope)
{
	static const char *const names[] = {
	    "MailTrustStoreOnly", "MailTrustStore", NULL};
	uint32_t line = 0;

	if (!scope->site->mail_trust_store_only ||
	    !str_is_empty(scope->site->mail_trust_store) ||
	    !config_said_last(scope, names, &line))
		return;
	config_report_error(draft->report, line,
	    "MailTrustStoreOnly=1 without MailTrustStore= would trust nobody; "
	    "allowed: MailTrustStore=, or MailTrustStoreOnly=0");
}

void
config_check_mail(struct config_draft *draft, const struct config_scope *scope)
{
	struct leg imap = imap_of(scope->site);
	struct leg smtp = smtp_of(scope->site);

	check_leg(draft, scope, &imap);
	check_leg(draft, scope, &smtp);
	check_trust_only(draft, scope);
}
