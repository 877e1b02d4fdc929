#include "config_test.h"

/* STR() is no constant expression before C23: tables need this one. */
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* A file that is right but for what the row adds. */
#define SECURE "[SSL]\nEnableSSL=1\nCertificate=c.pem\nPrivateKey=k.pem\n"

static const struct {
	const char *name;
	struct str input;
	const char *notes; /* all notes, each with its newline */
} mistakes[] = {
    {"empty file", {"", 0}, ""},
    {"comments", BYTES("; a\n# b\n  ; c\n\n"), ""},
    {"unknown key", BYTES("[Mail]\nImapHsot=x\n"),
        "/e/iwebmsg.ini:2: unknown key ImapHsot; did you mean ImapHost in "
        "[Mail]?\n"},
    {"unknown key, nothing near", BYTES("[Mail]\nqqqqqqqq=x\n"),
        "/e/iwebmsg.ini:2: unknown key qqqqqqqq; allowed: the keys of "
        "iwebmsg.ini(5)\n"},
    {"unknown section", BYTES("[Mial]\nImapHost=x\n"),
        "/e/iwebmsg.ini:1: unknown section [Mial]; did you mean [Mail]?\n"},
    {"unknown section, nothing near", BYTES("[Completely]\n"),
        "/e/iwebmsg.ini:1: unknown section [Completely]; allowed: Server, "
        "SSL, Mail, Session, Log, Metrics, Host NAME, Domain NAME\n"},
    {"wrong section", BYTES("[Server]\nImapHost=x\n"),
        "/e/iwebmsg.ini:2: ImapHost does not belong in [Server]; it belongs "
        "in [Mail]\n"},
    {"no section", BYTES("ImapHost=x\n"),
        "/e/iwebmsg.ini:1: ImapHost stands before any section; it belongs in "
        "[Mail]\n"},
    {"not a key", BYTES("[Mail]\nhello\n=3\n[Log]\nx\n"),
        "/e/iwebmsg.ini:2: this line is not understood; allowed: Key=value, "
        "[Section], or a comment after ; or #\n"
        "/e/iwebmsg.ini:3: this line is not understood; allowed: Key=value, "
        "[Section], or a comment after ; or #\n"
        "/e/iwebmsg.ini:5: this line is not understood; allowed: Key=value, "
        "[Section], or a comment after ; or #\n"},
    {"section not closed", BYTES("[Mail\n[Log] x\n"),
        "/e/iwebmsg.ini:1: the section [Mail is not closed; allowed: [Name] "
        "on a line of its own\n"
        "/e/iwebmsg.ini:2: the section [Log] x is not closed; allowed: [Name] "
        "on a line of its own\n"},
    {"NUL in a line", BYTES("[Mail]\nImapHost=a\0b\n"),
        "/e/iwebmsg.ini:2: this line holds a NUL byte; allowed: text in "
        "UTF-8\n"},
    {"not UTF-8", BYTES("[Server]\nTitle=a\xff\n"),
        "/e/iwebmsg.ini:2: Title=… holds bytes that are no text; allowed: a "
        "line of text in UTF-8\n"},
    {"no unit", BYTES("[Mail]\nImapWait=15\n"),
        "/e/iwebmsg.ini:2: ImapWait=15 cannot be read; allowed: a time from "
        "100ms to 10m, with its unit ms, s, m, h or d\n"},
    {"time too long", BYTES("[Mail]\nImapWait=2h\n"),
        "/e/iwebmsg.ini:2: ImapWait=2h is out of range; allowed: a time from "
        "100ms to 10m, with its unit ms, s, m, h or d\n"},
    {"time overflows", BYTES("[Mail]\nImapWait=18446744073709551615d\n"),
        "/e/iwebmsg.ini:2: ImapWait=18446744073709551615d cannot be read; "
        "allowed: a time from 100ms to 10m, with its unit ms, s, m, h or d\n"},
    {"size without unit", BYTES("[Mail]\nMaxMessageSize=50\n"),
        "/e/iwebmsg.ini:2: MaxMessageSize=50 cannot be read; allowed: a size "
        "from 64K to 2G, with its unit K, M or G\n"},
    {"number", BYTES("[Server]\nWorkers=many\n"),
        "/e/iwebmsg.ini:2: Workers=many cannot be read; allowed: a whole "
        "number from 1 to 512\n"},
    {"number below", BYTES("[Server]\nWorkers=0\n"),
        "/e/iwebmsg.ini:2: Workers=0 is out of range; allowed: a whole number "
        "from 1 to 512\n"},
    {"number without value", BYTES("[Server]\nWorkers=\n"),
        "/e/iwebmsg.ini:2: Workers= has no value; allowed: a whole number "
        "from 1 to 512\n"},
    {"port", BYTES("[Server]\nPlainPort=65536\n"),
        "/e/iwebmsg.ini:2: PlainPort=65536 is out of range; allowed: a whole "
        "number from 0 to 65535\n"},
    {"switch", BYTES("[Server]\nGzip=maybe\n"),
        "/e/iwebmsg.ini:2: Gzip=maybe cannot be read; allowed: 0 or 1\n"},
    {"choice", BYTES("[Mail]\nImapSecurity=ssl\n"),
        "/e/iwebmsg.ini:2: ImapSecurity=ssl cannot be read; allowed: tls, "
        "starttls or none\n"},
    {"twice", BYTES("[Mail]\nImapHost=a\n[mail]\nimaphost=b\n"),
        "/e/iwebmsg.ini:4: ImapHost is said in line 2 already; allowed: "
        "once\n"},
    {"several", BYTES("[Mail]\nImapWait=x\nNope=1\n[Log]\nLevel=loud\n"),
        "/e/iwebmsg.ini:2: ImapWait=x cannot be read; allowed: a time from "
        "100ms to 10m, with its unit ms, s, m, h or d\n"
        "/e/iwebmsg.ini:3: unknown key Nope; allowed: the keys of "
        "iwebmsg.ini(5)\n"
        "/e/iwebmsg.ini:5: Level=loud cannot be read; allowed: debug, info, "
        "warn or error\n"},
    {"force without enable", BYTES("[SSL]\n\nForceSSL=1\n"),
        "/e/iwebmsg.ini:3: ForceSSL=1 needs EnableSSL=1; allowed: "
        "EnableSSL=1, or ForceSSL=0\n"},
    {"enable without certificate", BYTES("[SSL]\nEnableSSL=1\n"),
        "/e/iwebmsg.ini:2: EnableSSL=1 needs Certificate= and PrivateKey= in "
        "[SSL]; iwebmsg-ssl selfsigned makes a key and a certificate\n"},
    {"enable without key", BYTES("[SSL]\nEnableSSL=1\nCertificate=c\n"),
        "/e/iwebmsg.ini:2: EnableSSL=1 needs PrivateKey= in [SSL]; "
        "iwebmsg-ssl selfsigned makes a key and a certificate\n"},
    {"secure port closed", BYTES(SECURE "[Server]\nSecurePort=0\n"),
        "/e/iwebmsg.ini:6: SecurePort=0 with EnableSSL=1; allowed: 1 to "
        "65535\n"},
    {"no port at all", BYTES("[Server]\nPlainPort=0\n"),
        "/e/iwebmsg.ini:2: PlainPort=0 without EnableSSL=1 leaves no port; "
        "allowed: 1 to 65535, or EnableSSL=1\n"},
    {"one port twice", BYTES(SECURE "[Server]\nSecurePort=8383\n"),
        "/e/iwebmsg.ini:6: SecurePort and PlainPort are both 8383; allowed: "
        "two different ports\n"},
    {"passwords in clear",
        BYTES("[Mail]\nImapSecurity=none\nImapHost=imap.example.org\n"),
        "/e/iwebmsg.ini:3: ImapSecurity=none would send passwords to "
        "ImapHost=imap.example.org in clear; allowed: tls or starttls, or a "
        "server on this machine (localhost, 127.0.0.1, ::1)\n"},
    {"a name that begins like loopback",
        BYTES("[Mail]\nSmtpSecurity=none\nSmtpHost=127.evil.example\n"),
        "/e/iwebmsg.ini:3: SmtpSecurity=none would send passwords to "
        "SmtpHost=127.evil.example in clear; allowed: tls or starttls, or a "
        "server on this machine (localhost, 127.0.0.1, ::1)\n"},
    {"passwords in clear on this machine",
        BYTES("[Mail]\nImapSecurity=none\nSmtpSecurity=none\nSmtpHost=::1\n"),
        ""},
    {"a host's passwords in clear",
        BYTES("[Host a.b]\nImapHost=far\n[Mail]\nImapSecurity=none\n"),
        "/e/iwebmsg.ini:2: ImapSecurity=none would send passwords to "
        "ImapHost=far in clear; allowed: tls or starttls, or a server on this "
        "machine (localhost, 127.0.0.1, ::1)\n"},
    {"global key in a host", BYTES("[Host a.b]\nWorkers=3\n"),
        "/e/iwebmsg.ini:2: Workers is not for one host alone; it belongs in "
        "[Server]\n"},
    {"host name", BYTES("[Host a:80]\nTitle=x\n"),
        "/e/iwebmsg.ini:1: [Host a:80] is no host name; allowed: [Host "
        "mail.example.org], without port\n"},
    {"listen address", BYTES("[Server]\nListenAddress=localhost\n"),
        "/e/iwebmsg.ini:2: ListenAddress=localhost cannot be; allowed: * or "
        "one numeric address, such as 127.0.0.1 or ::1\n"},
    {"empty server name", BYTES("[Mail]\nImapHost=\n"),
        "/e/iwebmsg.ini:2: ImapHost= has no value; allowed: a host name or "
        "numeric address, without port\n"},
    {"server name with port", BYTES("[Mail]\nSmtpHost=a.b:25\n"),
        "/e/iwebmsg.ini:2: SmtpHost=a.b:25 cannot be; allowed: a host name or "
        "numeric address, without port\n"},
    {"origin with path", BYTES("[Server]\nPublicSecureURL=https://a/b\n"),
        "/e/iwebmsg.ini:2: PublicSecureURL=https://a/b cannot be; allowed: "
        "https://NAME or https://NAME:PORT, with nothing after it\n"},
    {"origin of the other kind", BYTES("[Server]\nPublicPlainURL=https://a\n"),
        "/e/iwebmsg.ini:2: PublicPlainURL=https://a cannot be; allowed: "
        "http://NAME or http://NAME:PORT, with nothing after it\n"},
    {"domain", BYTES("[Mail]\nDefaultDomain=@a.b\n"),
        "/e/iwebmsg.ini:2: DefaultDomain=@a.b cannot be; allowed: a domain, "
        "such as example.org\n"},
    {"log file", BYTES("[Log]\nTarget=file\n"),
        "/e/iwebmsg.ini:2: Target=file needs File= in [Log]; allowed: a path, "
        "or Target=stderr\n"},
};

static void
test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct parsed parsed =
		    parse_at("/e/iwebmsg.ini", mistakes[i].input);
		CLEANUP(buf_free) struct buf all;

		print_message("  %s\n", mistakes[i].name);
		buf_init(&all, 65536);
		for (size_t n = 0; n < parsed.notes.count; n++) {
			assert_true(parsed.notes.notes[n].is_error);
			buf_add(&all, parsed.notes.notes[n].text);
			buf_add_byte(&all, '\n');
		}
		buf_add_byte(&all, '\0');
		assert_string_equal(buf_str(&all).ptr, mistakes[i].notes);
		assert_int_equal(parsed.rc,
		    mistakes[i].notes[0] == '\0' ? ERR_OK : ERR_CONFIG);
		assert_int_equal(parsed.err.code, parsed.rc);
		parsed_end(&parsed);
	}
}

static void
assert_str(struct str actual, const char *expected)
{
	assert_string_equal(actual.ptr, expected);
	assert_int_equal(actual.len, strlen(expected));
}

/* Case, CRLF, BOM, blanks, inline comments, units, relative paths. */
static void
test_values(void **state)
{
	const struct str input = STR("\xef\xbb\xbf; made on Windows\r\n"
	                             "[SERVER]\r\n"
	                             "  listenaddress = ::1\r\n"
	                             "PlainPort: 80 ; the usual one\r\n"
	                             "StateDir=state\r\n"
	                             "Title=Post für alle\r\n"
	                             "[ssl]\r\n"
	                             "ENABLESSL=yes\r\n"
	                             "Certificate=/abs/c.pem\r\n"
	                             "PrivateKey=keys/k.pem\r\n"
	                             "MinProtocol=tlsv1.3\r\n"
	                             "[Mail]\r\n"
	                             "ImapWait=1500ms\r\n"
	                             "SmtpWait=2 m\r\n"
	                             "MaxMessageSize=1G\r\n"
	                             "ImapCA=ca.pem\r\n"
	                             "[Session]\r\n"
	                             "RememberLimit=2d\r\n");
	struct parsed parsed = parse_at("/etc/x/iwebmsg.ini", input);
	const struct config *cfg = parsed.cfg;

	(void)state;
	assert_int_equal(parsed.rc, ERR_OK);
	assert_int_equal(parsed.notes.count, 0);
	assert_str(cfg->path, "/etc/x/iwebmsg.ini");
	assert_int_equal(config_line_of(cfg, STR("PrivateKey")), 10);
	assert_int_equal(config_line_of(cfg, STR("Workers")), 0);
	assert_str(cfg->listen_address, "::1");
	assert_int_equal(cfg->plain_port, 80);
	assert_int_equal(cfg->secure_port, 8384);
	assert_str(cfg->state_dir, "/etc/x/state");
	assert_str(cfg->database, "/etc/x/state/iwebmsg.db");
	assert_str(cfg->site.title, "Post für alle");
	assert_true(cfg->enable_ssl);
	assert_false(cfg->force_ssl);
	assert_str(cfg->site.certificate, "/abs/c.pem");
	assert_str(cfg->site.private_key, "/etc/x/keys/k.pem");
	assert_int_equal(cfg->min_protocol, CONFIG_TLS_1_3);
	assert_int_equal(cfg->imap_wait_ms, 1500);
	assert_int_equal(cfg->smtp_wait_ms, 120000);
	assert_true(cfg->max_message_bytes == UINT64_C(1) << 30);
	assert_str(cfg->site.imap_ca, "/etc/x/ca.pem");
	assert_str(cfg->site.smtp_ca, "/etc/x/ca.pem");
	assert_true(cfg->remember_limit_ms == INT64_C(172800000));
	parsed_end(&parsed);
}

/* A host begins as a copy of what holds for all, wherever it stands. */
static void
test_hosts(void **state)
{
	const struct str input = STR("[Host Mail.Example.ORG]\n"
	                             "ImapHost=imap.example.org\n"
	                             "TemplateDir=own\n"
	                             "[Mail]\n"
	                             "ImapHost=all.example\n"
	                             "DefaultDomain=all.example\n"
	                             "[Host other.example]\n"
	                             "ImapCA=/other.pem\n"
	                             "[host mail.example.org]\n"
	                             "Title=Two\n");
	static const struct {
		const char *host;
		const char *imap_host;
		const char *title;
	} rows[] = {
	    {"mail.example.org", "imap.example.org", "Two"},
	    {"MAIL.example.org:8384", "imap.example.org", "Two"},
	    {"mail.example.org.", "imap.example.org", "Two"},
	    {"mail.example.org.:80", "imap.example.org", "Two"},
	    {"other.example", "all.example", "iwebmsg"},
	    {"unknown.example", "all.example", "iwebmsg"},
	    {"[::1]:80", "all.example", "iwebmsg"},
	    {"[::1", "all.example", "iwebmsg"},
	    {"", "all.example", "iwebmsg"},
	    {":", "all.example", "iwebmsg"},
	};
	struct parsed parsed = parse_at("/e/iwebmsg.ini", input);

	(void)state;
	assert_int_equal(parsed.rc, ERR_OK);
	assert_int_equal(parsed.cfg->host_count, 2);
	assert_str(parsed.cfg->hosts[0].host, "mail.example.org");
	assert_str(parsed.cfg->hosts[0].template_dir, "/e/own");
	assert_str(parsed.cfg->hosts[0].default_domain, "all.example");
	assert_str(parsed.cfg->hosts[1].smtp_ca, "/other.pem");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct config_site *site =
		    config_site_get(parsed.cfg, str_c(rows[i].host));

		print_message("  %s\n", rows[i].host);
		assert_str(site->imap_host, rows[i].imap_host);
		assert_str(site->title, rows[i].title);
	}
	parsed_end(&parsed);
}

static const struct {
	const char *name;
	const char *path;
	struct str input;
	enum err_code rc;
	const char *notes; /* beginnings are enough: one per note, by '\n' */
	bool enable_ssl;
	bool force_ssl;
} old_files[] = {
    {"no section", "/o/IWebMsg.ini", BYTES("EnableSSL=1\r\nForceSSL=1\r\n"),
        ERR_OK,
        "/o/IWebMsg.ini:1: an old IWebMsg.ini names no certificate: "
        "/var/lib/iwebmsg/tls.pem and /var/lib/iwebmsg/tls.key are used; "
        "iwebmsg-ssl selfsigned makes them\n",
        true, true},
    {"any section, other keys, any case", "/o/IWEBMSG.INI",
        BYTES("[IWebMsg]\nPort=8383\nenablessl=0\n[Options]\nLanguage=en\n"),
        ERR_OK,
        "/o/IWEBMSG.INI:2: Port of an old IWebMsg.ini is not used\n"
        "/o/IWEBMSG.INI:5: Language of an old IWebMsg.ini is not used\n",
        false, false},
    {"known by its contents", "/o/iwebmsg.ini",
        BYTES("[WebMsg]\nEnableSSL=0\nTimeout=20\n"), ERR_OK,
        "/o/iwebmsg.ini:3: Timeout of an old IWebMsg.ini is not used\n", false,
        false},
    {"said twice", "/o/IWebMsg.ini", BYTES("EnableSSL=0\n[Old]\nEnableSSL=1\n"),
        ERR_OK,
        "/o/IWebMsg.ini:3: EnableSSL is said in line 1 already, which counts\n",
        false, false},
    {"force alone stays a mistake", "/o/IWebMsg.ini", BYTES("ForceSSL=1\n"),
        ERR_CONFIG,
        "/o/IWebMsg.ini:1: ForceSSL=1 needs EnableSSL=1; allowed: "
        "EnableSSL=1, or ForceSSL=0\n",
        false, false},
    {"a new file of that name is strict", "/o/IWebMsg.ini",
        BYTES("[Mail]\nImapHost=a\nNope=1\n"), ERR_CONFIG,
        "/o/IWebMsg.ini:3: unknown key Nope; allowed: the keys of "
        "iwebmsg.ini(5)\n",
        false, false},
    {"a new file in lower case is strict", "/o/iwebmsg.ini",
        BYTES("[SSL]\nEnableSSL=1\n"), ERR_CONFIG,
        "/o/iwebmsg.ini:2: EnableSSL=1 needs Certificate= and PrivateKey= in "
        "[SSL]; iwebmsg-ssl selfsigned makes a key and a certificate\n",
        false, false},
};

static void
test_old_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(old_files) / sizeof(old_files[0]); i++) {
		struct parsed parsed =
		    parse_at(old_files[i].path, old_files[i].input);
		CLEANUP(buf_free) struct buf all;

		print_message("  %s\n", old_files[i].name);
		buf_init(&all, 65536);
		for (size_t n = 0; n < parsed.notes.count; n++) {
			buf_add(&all, parsed.notes.notes[n].text);
			buf_add_byte(&all, '\n');
		}
		buf_add_byte(&all, '\0');
		assert_string_equal(buf_str(&all).ptr, old_files[i].notes);
		assert_int_equal(parsed.rc, old_files[i].rc);
		if (parsed.cfg != NULL) {
			assert_int_equal(
			    parsed.cfg->enable_ssl, old_files[i].enable_ssl);
			assert_int_equal(
			    parsed.cfg->force_ssl, old_files[i].force_ssl);
		}
		parsed_end(&parsed);
	}
}

static void
test_limits(void **state)
{
	CLEANUP(buf_free) struct buf file;
	struct parsed parsed;

	(void)state;
	buf_init(&file, LIMIT_INI_BYTES + 64);
	buf_add_c(&file, "[Server]\nTitle=");
	for (size_t i = 0; i < 5000; i++)
		buf_add_byte(&file, 'a');
	parsed = parse_at("/e/iwebmsg.ini", buf_str(&file));
	assert_int_equal(parsed.notes.count, 1);
	assert_string_equal(parsed.notes.notes[0].text.ptr,
	    "/e/iwebmsg.ini:2: this line is too long; allowed: 4000 bytes");
	parsed_end(&parsed);

	buf_clear(&file);
	for (size_t i = 0; i < LIMIT_HOSTS + 1; i++)
		buf_addf(&file, "[Host h%zu.example]\n", i);
	parsed = parse_at("/e/iwebmsg.ini", buf_str(&file));
	assert_int_equal(parsed.notes.count, 1);
	assert_int_equal(parsed.notes.notes[0].line, LIMIT_HOSTS + 1);
	parsed_end(&parsed);

	buf_clear(&file);
	while (buf_str(&file).len <= LIMIT_INI_BYTES)
		buf_add_byte(&file, '\n');
	parsed = parse_at("/e/iwebmsg.ini", buf_str(&file));
	assert_int_equal(parsed.rc, ERR_CONFIG);
	assert_int_equal(parsed.notes.notes[0].line, 0);
	parsed_end(&parsed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_old_files),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
