#include "config/config_table.h"
#include "config/config_value.h"

/*
 * The sample is what a new server should start from: secure mode for all. So
 * these stand in it uncommented, with a word of why.
 */
static const struct {
	const char *name;
	const char *value;
	const char *why;
} sample_values[] = {
    {"EnableSSL", "1",
        "This sample opens the secure port; without this line it is closed."},
    {"ForceSSL", "1",
        "This sample sends everybody to the secure port, so that no password\n"
        "; travels in clear. With ForceSSL=0 pages are served on both ports."},
    {"Certificate", "/etc/iwebmsg/server.pem",
        "iwebmsg-ssl selfsigned makes a certificate and a key for a start;\n"
        "; an authority's certificate goes in the same places."},
    {"PrivateKey", "/etc/iwebmsg/server.key",
        "Mode 0600, owner root: the server opens it before it becomes User."},
};

static const struct {
	const char *name;
	const char *about;
} sections[] = {
    {"Server", "Ports, folders, threads and limits of the server"},
    {"SSL", "Secure mode: https on SecurePort"},
    {"Mail", "The mail servers behind us"},
    {"Session", "How long people stay logged in, and failed logins"},
    {"Reading", "Reading mail: limits, and what is believed of its header"},
    {"Writing",
        "Writing mail: what waits before it is sent, and how much of it"},
    {"Log", "What is written where"},
    {"Metrics", "Numbers for Prometheus"},
};

static const char *
section_about(const char *section)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].name, section) == 0)
			return sections[i].about;
	ensure(false);
	return NULL;
}

static void
write_sample_key(struct buf *out, const struct config_key *key)
{
	bool is_text =
	    key->type == CONFIG_IS_TEXT || key->type == CONFIG_IS_PATH;

	buf_addf(out, "\n; %s\n", key->help);
	if (!is_text) {
		buf_add_c(out, "; Allowed: ");
		config_value_allowed(key, out);
		buf_addf(out, ". Default: %s\n", key->def);
	}
	if (config_table_needs_restart(key))
		buf_add_c(out, "; A change needs a restart.\n");
	for (size_t i = 0; i < sizeof(sample_values) / sizeof(sample_values[0]);
	     i++) {
		if (strcmp(sample_values[i].name, key->name) != 0)
			continue;
		buf_addf(out, "; %s\n%s=%s\n", sample_values[i].why, key->name,
		    sample_values[i].value);
		return;
	}
	buf_addf(out, ";%s=%s\n", key->name, key->def);
}

static const char sample_head[] =
    "; iwebmsg.ini: settings of iwebmsgd, a webmail server.\n"
    "; Made by iwebmsgd --print-sample. A line that begins with ; or # is a\n"
    "; comment; so is what follows a blank and ; on a line. A setting that is\n"
    "; commented out has its default.\n"
    ";\n"
    "; iwebmsgd --check --config FILE says what is wrong with a file, and "
    "tries\n"
    "; the mail servers. After a change: systemctl reload iwebmsg (SIGHUP).\n"
    "; Names of sections and keys ignore case. Paths that are not absolute\n"
    "; start at this file's folder.\n";

static const char sample_hosts[] =
    "\n"
    "; Hosts that differ: a section per name that browsers ask for. In it may\n"
    "; stand, without their sections:";

static const char sample_host_example[] = "\n"
                                          ";[Host mail.example.org]\n"
                                          ";ImapHost=imap.example.org\n"
                                          ";SmtpHost=smtp.example.org\n"
                                          ";DefaultDomain=example.org\n"
                                          ";Title=Example mail\n"
                                          ";Accent=#7a1fa2\n"
                                          ";Logo=example.org/logo.svg\n"
                                          ";TemplateDir=example.org\n";

static const char sample_domains[] =
    "\n"
    "; Domains that differ: a section per domain of login names (what follows\n"
    "; @), for people who come by a host without a section of its own. In it\n"
    "; may stand those of [Mail] among these keys.\n"
    "\n"
    ";[Domain example.net]\n"
    ";ImapHost=imap.example.net\n"
    ";SmtpHost=smtp.example.net\n";

/* "ImapHost, ImapPort, …", broken into lines that begin with `indent`. */
static void
write_site_keys(struct buf *out, const char *indent)
{
	size_t column = 72;

	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);

		if (!key->is_site)
			continue;
		if (column + strlen(key->name) > 70) {
			buf_addf(out, "\n%s", indent);
			column = 0;
		}
		buf_addf(out, "%s%s", column == 0 ? "" : " ", key->name);
		column += strlen(key->name) + 1;
	}
	buf_add_byte(out, '\n');
}

void
config_write_sample(struct buf *out)
{
	const char *section = "";

	buf_add_c(out, sample_head);
	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);

		if (strcmp(section, key->section) != 0) {
			section = key->section;
			buf_addf(out, "\n; %s\n[%s]\n", section_about(section),
			    section);
		}
		write_sample_key(out, key);
	}
	buf_add_c(out, sample_hosts);
	write_site_keys(out, ";   ");
	buf_add_c(out, sample_host_example);
	buf_add_c(out, sample_domains);
}

/* groff(7): a backslash starts an escape, so does a dot at a line's start. */
static void
add_roff(struct buf *out, const char *c)
{
	if (*c == '.' || *c == '\'')
		buf_add_c(out, "\\&");
	for (; *c != '\0'; c++) {
		if (*c == '\\')
			buf_add_c(out, "\\e");
		else if (*c == '-')
			buf_add_c(out, "\\-");
		else
			buf_add_byte(out, *c);
	}
}

static void
write_manual_key(struct buf *out, const struct config_key *key)
{
	CLEANUP(buf_free) struct buf allowed;

	buf_init(&allowed, 1024);
	config_value_allowed(key, &allowed);
	buf_add_byte(&allowed, '\0');
	buf_addf(out, ".TP\n.BI %s= ", key->name);
	add_roff(out, key->def[0] == '\0' ? "\"\"" : key->def);
	buf_add_byte(out, '\n');
	add_roff(out, key->help);
	buf_add_c(out, ".\n");
	if (key->type != CONFIG_IS_TEXT && key->type != CONFIG_IS_PATH) {
		buf_add_c(out, "Allowed: ");
		add_roff(out, buf_str(&allowed).ptr);
		buf_add_c(out, ".\n");
	}
	if (config_table_needs_restart(key))
		buf_add_c(out, "A change needs a restart.\n");
	if (key->is_site && strcmp(key->section, "Mail") == 0)
		buf_add_c(
		    out, "May stand in a [Host] or [Domain] section too.\n");
	else if (key->is_site)
		buf_add_c(out, "May stand in a [Host] section too.\n");
}

void
config_write_manual(struct buf *out)
{
	const char *section = "";

	for (size_t i = 0; i < config_table_count(); i++) {
		const struct config_key *key = config_table_row(i);

		if (strcmp(section, key->section) != 0) {
			section = key->section;
			buf_addf(out, ".SS \"[%s]\"\n%s.\n", section,
			    section_about(section));
		}
		write_manual_key(out, key);
	}
}
