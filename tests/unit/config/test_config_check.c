#include "config_test.h"

#include "base/colour.h"
#include "config/config_accent.h"

/* STR() is no constant expression before C23: tables need this one. */
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* Files that are right but for what the row adds after their last line. */
#define SECURE                                                             \
	"[SSL]\nEnableSSL=1\nForceSSL=1\nCertificate=c.pem\nPrivateKey=k." \
	"pem\n" /* 5 lines */
#define OFFERED  "[SSL]\nEnableSSL=1\nCertificate=c\nPrivateKey=k\n" /* 4 */
#define AT(line) "/e/iwebmsg.ini:" line ": "

enum say {
	FINE,
	NOTE,
	WRONG
};

/* What is said of a file, at which line; "" is nothing. */
static const struct {
	const char *name;
	struct str input;
	enum say say;
	const char *text; /* the only note's beginning */
} rows[] = {
    /* [Domain] */
    {"a domain", BYTES("[Domain a.b]\nImapHost=x\n"), FINE, ""},
    {"domain without name", BYTES("[Domain]\nImapHost=x\n"), WRONG,
        AT("1") "[Domain] is no domain; allowed: [Domain example.org]"},
    {"domain with @", BYTES("[Domain @a.b]\n"), WRONG,
        AT("1") "[Domain @a.b] is no domain; allowed: [Domain example.org], "
                "the part of login names after @"},
    {"domain with port", BYTES("[Domain a.b:25]\n"), WRONG,
        AT("1") "[Domain a.b:25] is no domain; "},
    {"domain not in UTF-8", BYTES("[Domain a\xff]\n"), WRONG, AT("1")},
    {"domain twice", BYTES("[Domain A.b]\n\n[domain a.B]\n"), WRONG,
        AT("3") "[domain a.B] stands in line 1 already; allowed: one section"},
    {"IDN domain twice", BYTES("[Domain ÄÖ.b]\n[Domain äö.B]\n"), WRONG,
        AT("2")},
    {"key of another section in a domain", BYTES("[Domain a.b]\nTitle=x\n"),
        WRONG,
        AT("2") "Title is not for one domain alone: a [Domain] section says "
                "which mail servers its login names have; it belongs in "
                "[Server]"},
    {"certificate in a domain", BYTES("[Domain a.b]\nCertificate=x\n"), WRONG,
        AT("2") "Certificate is not for one domain alone"},
    {"key for all in a domain", BYTES("[Domain a.b]\nImapWait=3s\n"), WRONG,
        AT("2") "ImapWait is not for one domain alone; it belongs in [Mail]"},
    {"unknown key in a domain", BYTES("[Domain a.b]\nImapHsot=x\n"), WRONG,
        AT("2") "unknown key ImapHsot; did you mean ImapHost"},
    {"key twice in a domain", BYTES("[Domain a]\nImapHost=x\nImapHost=y\n"),
        WRONG, AT("3") "ImapHost is said in line 2 already"},

    /* Pairs of certificate and key. */
    {"second pair", BYTES(SECURE "Certificate2=d\nPrivateKey2=l\n"), FINE, ""},
    {"second certificate alone", BYTES(SECURE "Certificate2=d\n"), WRONG,
        AT("6") "Certificate2= needs PrivateKey2= beside it; allowed: both, or "
                "none"},
    {"second key alone", BYTES(SECURE "PrivateKey2=l\n"), WRONG,
        AT("6") "PrivateKey2= needs Certificate2= beside it"},
    {"second without first", BYTES("[SSL]\nCertificate2=d\nPrivateKey2=l\n"),
        WRONG,
        AT("2") "Certificate2= is a second certificate and needs a first"},
    {"a host's certificate alone", BYTES(SECURE "[Host a.b]\nCertificate=h\n"),
        WRONG,
        AT("7") "Certificate= needs PrivateKey= beside it in the same "
                "section; allowed: both, or none"},
    {"a host's key alone", BYTES(SECURE "[Host a.b]\nPrivateKey=h\n"), WRONG,
        AT("7") "PrivateKey= needs Certificate= beside it in the same"},
    {"a host's pair", BYTES(SECURE "[Host a.b]\nCertificate=h\nPrivateKey=i\n"),
        FINE, ""},
    {"a host's second certificate alone",
        BYTES(SECURE "Certificate2=d\nPrivateKey2=l\n[Host a.b]\nCertificate2="
                     "e\n"),
        WRONG, AT("9") "Certificate2= needs PrivateKey2= beside it in"},
    {"our certificate alone", BYTES("[Mail]\nImapCertificate=c\n"), WRONG,
        AT("2") "ImapCertificate= needs ImapPrivateKey= beside it"},
    {"our key alone", BYTES("[Mail]\nSmtpPrivateKey=c\n"), WRONG,
        AT("2") "SmtpPrivateKey= needs SmtpCertificate= beside it"},
    {"a domain's certificate alone",
        BYTES("[Mail]\nImapCertificate=c\nImapPrivateKey=k\n[Domain a.b]\n"
              "ImapCertificate=d\n"),
        WRONG, AT("5") "ImapCertificate= needs ImapPrivateKey= beside it in"},

    /* Protocols and ciphers. */
    {"protocols the wrong way round",
        BYTES(SECURE "MinProtocol=TLSv1.3\nMaxProtocol=TLSv1.2\n"), WRONG,
        AT("7") "MaxProtocol=TLSv1.2 is older than MinProtocol=TLSv1.3; "
                "allowed: the same or a newer one"},
    {"modern without 1.3",
        BYTES(SECURE "EncryptionStrength=modern\nMaxProtocol=TLSv1.2\n"), WRONG,
        AT("7") "MaxProtocol=TLSv1.2 with EncryptionStrength=modern leaves "
                "nothing: modern is TLS 1.3 only; allowed: "
                "MaxProtocol=TLSv1.3, or EncryptionStrength=intermediate"},
    {"a mail server's protocols",
        BYTES("[Mail]\nImapMaxProtocol=TLSv1.2\nImapMinProtocol=TLSv1.3\n"),
        WRONG, AT("3") "ImapMaxProtocol=TLSv1.2 is older than ImapMin"},
    {"a host's protocols",
        BYTES("[Mail]\nSmtpMinProtocol=TLSv1.3\n[Host a.b]\n"
              "SmtpMaxProtocol=TLSv1.2\n[Host c.d]\nTitle=x\n"),
        WRONG, AT("4") "SmtpMaxProtocol=TLSv1.2 is older than SmtpMin"},
    {"ciphers without custom", BYTES(SECURE "CipherList=HIGH\n"), WRONG,
        AT("6") "CipherList= counts only with EncryptionStrength=custom; "
                "allowed: both, or no CipherList"},
    {"suites without custom",
        BYTES(SECURE "CipherSuites=TLS_AES_128_GCM_SHA256\n"), WRONG,
        AT("6") "CipherSuites= counts only with EncryptionStrength=custom"},
    {"ciphers with custom",
        BYTES(SECURE "CipherList=HIGH\nEncryptionStrength=custom\n"), FINE, ""},
    {"a mail server's ciphers", BYTES("[Mail]\nSmtpCipherList=HIGH\n"), WRONG,
        AT("2") "SmtpCipherList= counts only with SmtpEncryptionStrength"},

    /* Client certificates. */
    {"required", BYTES(SECURE "VerifyClient=required\nTrustStore=t\n"), FINE,
        ""},
    {"required without force",
        BYTES(OFFERED "VerifyClient=required\nTrustStore=t\n"), WRONG,
        AT("5") "VerifyClient=required needs ForceSSL=1: by http on the plain "
                "port nobody would be asked for a certificate; allowed: "
                "EnableSSL=1 and ForceSSL=1, or VerifyClient=optional or none"},
    {"explain without force",
        BYTES(OFFERED "VerifyClient=explain\nTrustStore=t\n"), WRONG,
        AT("5") "VerifyClient=explain needs ForceSSL=1"},
    {"a host's without force",
        BYTES(OFFERED
            "TrustStore=t\n[Host a.b]\nVerifyClient=explain\n[Host c.d]\n"),
        WRONG, AT("7") "VerifyClient=explain needs ForceSSL=1"},
    {"optional without force",
        BYTES(OFFERED "VerifyClient=optional\nTrustStore=t\n"), FINE, ""},
    {"optional without TLS",
        BYTES("[SSL]\nVerifyClient=optional\nTrustStore=t\n"), WRONG,
        AT("2") "VerifyClient=optional needs EnableSSL=1"},
    {"without trust store", BYTES(SECURE "VerifyClient=required\n"), WRONG,
        AT("6") "VerifyClient=required needs TrustStore=, the authorities "
                "whose certificates count; allowed: "},
    {"a host's without trust store",
        BYTES(SECURE "[Host a.b]\nVerifyClient=optional\n"), WRONG,
        AT("7") "VerifyClient=optional needs TrustStore="},
    {"login name of no certificate", BYTES(SECURE "ClientCertUser=email\n"),
        WRONG,
        AT("6") "ClientCertUser=email needs client certificates; allowed: "
                "VerifyClient=optional, required or explain, or "
                "ClientCertUser=none"},
    {"trust page without certificate", BYTES(SECURE "TrustPage=1\n"), WRONG,
        AT("6") "TrustPage=1 needs TrustPageCA=, the certificate that the "
                "page hands out; allowed: both, or TrustPage=0"},

    /* Proxies in front, and paths. */
    {"proxies",
        BYTES("[Server]\nTrustedProxies=127.0.0.1 10.0.0.0/8, ::1\n"
              "ProxyProtocol=1\n"),
        FINE, ""},
    {"proxies by name", BYTES("[Server]\nTrustedProxies=proxy.example\n"),
        WRONG,
        AT("2") "TrustedProxies=proxy.example cannot be; allowed: numeric "
                "addresses and networks, such as"},
    {"proxies with bits behind the prefix",
        BYTES("[Server]\nTrustedProxies=10.0.0.1/8\n"), WRONG,
        AT("2") "TrustedProxies=10.0.0.1/8 cannot be; "},
    {"PROXY of nobody", BYTES("[Server]\nProxyProtocol=1\n"), WRONG,
        AT("2") "ProxyProtocol=1 needs TrustedProxies=: "},
    {"trust of no proxy", BYTES(SECURE "[Server]\nProxyTrustStore=t\n"), WRONG,
        AT("7") "ProxyTrustStore= needs TrustedProxies="},
    {"trust without TLS",
        BYTES("[Server]\nProxyTrustStore=t\nTrustedProxies=::1\n"), WRONG,
        AT("2") "ProxyTrustStore= needs EnableSSL=1: "},
    {"base path", BYTES("[Server]\nBasePath=/mail/a-b_c.d~e\n"), FINE, ""},
    {"base path, empty", BYTES("[Server]\nBasePath=\n"), FINE, ""},
    {"base path with slash", BYTES("[Server]\nBasePath=/mail/\n"), WRONG,
        AT("2") "BasePath=/mail/ cannot be; allowed: a path such as /mail"},
    {"base path, only slash", BYTES("[Server]\nBasePath=/\n"), WRONG, AT("2")},
    {"base path without slash", BYTES("[Server]\nBasePath=mail\n"), WRONG,
        AT("2")},
    {"base path with dots", BYTES("[Server]\nBasePath=/a/../b\n"), WRONG,
        AT("2")},
    {"base path, two slashes", BYTES("[Server]\nBasePath=//host/a\n"), WRONG,
        AT("2")},
    {"base path, reserved", BYTES("[Server]\nBasePath=/a?b\n"), WRONG, AT("2")},
    {"base path, percent", BYTES("[Server]\nBasePath=/a%20b\n"), WRONG,
        AT("2")},

    /* The mail leg. */
    {"pin", BYTES("[Mail]\nImapKeyPin=abc\n"), WRONG,
        AT("2") "ImapKeyPin=abc cannot be; allowed: the SHA-256 of the "
                "server's public key: 64 hex digits, with colons or without, "
                "or 44 letters of Base64"},
    {"socks", BYTES("[Mail]\nImapProxy=socks5://a.b\n"), FINE, ""},
    {"proxy, whole", BYTES("[Mail]\nImapProxy=http://n:p%40@[::1]:3128\n"),
        FINE, ""},
    {"proxy, its password is not shown",
        BYTES("[Mail]\nSmtpProxy=https://n:secret@a.b:1\n"), WRONG,
        AT("2") "SmtpProxy=… cannot be; allowed: socks5://HOST:PORT or "
                "http://HOST:PORT, with NAME:PASSWORD@ before HOST"},
    {"proxy with path", BYTES("[Mail]\nSmtpProxy=http://a.b:1/\n"), WRONG,
        AT("2")},
    {"proxy without host", BYTES("[Mail]\nSmtpProxy=http://:80\n"), WRONG,
        AT("2")},
    {"proxy with a port of none", BYTES("[Mail]\nSmtpProxy=socks5://a:0\n"),
        WRONG, AT("2")},
    {"proxy without name", BYTES("[Mail]\nSmtpProxy=socks5://@a:1\n"), WRONG,
        AT("2")},
    {"less than full", BYTES("[Mail]\nImapVerifyServer=chain\n"), NOTE,
        AT("2") "ImapVerifyServer=chain is less than full: "},
    {"nothing verified", BYTES("[Mail]\nSmtpVerifyServer=off\n"), NOTE,
        AT("2") "SmtpVerifyServer=off is less than full: "},
    {"a domain's, nothing verified",
        BYTES("[Domain a.b]\nSmtpVerifyServer=off\n"), NOTE,
        AT("2") "SmtpVerifyServer=off is less than full: "},
    {"external without certificate", BYTES("[Mail]\nImapAuth=external\n"),
        WRONG,
        AT("2") "ImapAuth=external needs ImapCertificate= and "
                "ImapPrivateKey=, which speak for the login name"},
    {"external without TLS",
        BYTES("[Mail]\nSmtpCertificate=c\nSmtpPrivateKey=k\n"
              "SmtpSecurity=none\nSmtpAuth=external\n"),
        WRONG, AT("5") "SmtpAuth=external needs TLS: "},
    {"external for anybody",
        BYTES("[Mail]\nSmtpCertificate=c\nSmtpPrivateKey=k\n"
              "SmtpAuth=external\n"),
        WRONG,
        AT("4") "SmtpAuth=external needs ClientCertUser= and "
                "VerifyClient=required or explain: "},
    {"external for people with certificates",
        BYTES(SECURE "VerifyClient=required\nTrustStore=t\n"
                     "ClientCertUser=cn\n[Mail]\nSmtpCertificate=c\n"
                     "SmtpPrivateKey=k\nSmtpAuth=external\n"),
        FINE, ""},
    {"plaintext allowed",
        BYTES("[Mail]\nAllowPlaintext=1\nImapSecurity=none\nImapHost=far\n"),
        NOTE,
        AT("4") "ImapSecurity=none sends passwords to ImapHost=far in clear, "
                "as AllowPlaintext=1 allows"},
    {"trust of nobody", BYTES("[Mail]\nMailTrustStoreOnly=1\n"), WRONG,
        AT("2") "MailTrustStoreOnly=1 without MailTrustStore= would trust "
                "nobody"},
    {"143 with tls", BYTES("[Mail]\nImapPort=143\n"), WRONG,
        AT("2") "ImapPort=143 is the port of starttls; ImapSecurity=tls wants "
                "993; allowed: ImapSecurity=starttls, or another port"},
    {"993 with starttls",
        BYTES("[Mail]\nImapPort=993\nImapSecurity=starttls\n"), WRONG,
        AT("3") "ImapPort=993 is the port of tls; ImapSecurity=starttls wants "
                "143; allowed: ImapSecurity=tls, or another port"},
    {"587 with tls", BYTES("[Mail]\nSmtpPort=587\n"), WRONG,
        AT("2") "SmtpPort=587 is the port of starttls; SmtpSecurity=tls wants "
                "465; "},
    {"465 with starttls",
        BYTES("[Mail]\nSmtpPort=465\nSmtpSecurity=starttls\n"), WRONG,
        AT("3") "SmtpPort=465 is the port of tls; "},
    {"993 in clear", BYTES("[Mail]\nImapPort=993\nImapSecurity=none\n"), WRONG,
        AT("3") "ImapPort=993 is the port of tls; ImapSecurity=none wants"},
    {"POP3", BYTES("[Mail]\nImapPort=995\n"), WRONG,
        AT("2") "ImapPort=995 is the port of POP3, an older protocol, with "
                "TLS; ImapSecurity=tls wants 993"},
    {"POP3 in clear", BYTES("[Mail]\nImapPort=110\nImapSecurity=starttls\n"),
        WRONG, AT("3") "ImapPort=110 is the port of POP3, an older protocol; "},
    {"SMTP as IMAP", BYTES("[Mail]\nImapPort=465\n"), WRONG,
        AT("2") "ImapPort=465 is the port of SMTP submission with tls; "},
    {"IMAP as SMTP", BYTES("[Mail]\nSmtpPort=993\n"), WRONG,
        AT("2") "SmtpPort=993 is the port of IMAP with tls; "},
    {"25 with tls", BYTES("[Mail]\nSmtpPort=25\n"), WRONG,
        AT("2") "SmtpPort=25 is the port by which mail servers send to each "},
    {"25 with starttls", BYTES("[Mail]\nSmtpPort=25\nSmtpSecurity=starttls\n"),
        NOTE,
        AT("3") "SmtpPort=25 is the port by which mail servers send to each "},
    {"a port of one's own", BYTES("[Mail]\nImapPort=10143\n"), FINE, ""},
    {"a host's security moves the port",
        BYTES("[Host a.b]\nImapSecurity=starttls\n"), FINE, ""},
    {"a host's security leaves the port",
        BYTES("[Mail]\nImapPort=993\n[Host a.b]\nImapSecurity=starttls\n"),
        WRONG, AT("4") "ImapPort=993 is the port of tls; "},
    {"an accent", BYTES("[Server]\nAccent=#7a1fa2\n"), FINE, ""},
    {"a host's accent, and none",
        BYTES("[Server]\nAccent=#060\n[Host a.b]\nAccent=\n"), FINE, ""},
    {"an accent that is no colour", BYTES("[Server]\nAccent=orange\n"), WRONG,
        AT("2") "Accent=orange cannot be; allowed: a colour such as #1a56b0"},
    {"an accent nobody can read", BYTES("[Server]\nAccent=#ff8800\n"), WRONG,
        AT("2") "Accent=#ff8800 is too light: on the pages' grounds its "
                "contrast is 1.96, and text needs 4.5 (WCAG 2.2 AA); allowed: "
                "a darker colour, such as #9e5400."},
    {"a host's accent nobody can read",
        BYTES("[Server]\nAccent=#060\n[Host a.b]\nAccent=#fff\n"), WRONG,
        AT("4") "Accent=#fff is too light: on the pages' grounds its contrast "
                "is 1.00, and text needs 4.5 (WCAG 2.2 AA); allowed: a darker "
                "colour, such as #666666."},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct parsed parsed =
		    parse_at("/e/iwebmsg.ini", rows[i].input);
		const struct config_notes *notes = &parsed.notes;

		print_message("  %s\n", rows[i].name);
		for (size_t n = 0; n < notes->count; n++)
			print_message("    %s\n", notes->notes[n].text.ptr);
		assert_int_equal(notes->count, rows[i].say == FINE ? 0 : 1);
		assert_int_equal(
		    parsed.rc, rows[i].say == WRONG ? ERR_CONFIG : ERR_OK);
		if (rows[i].say != FINE) {
			assert_true(str_starts(
			    notes->notes[0].text, str_c(rows[i].text)));
			assert_int_equal(
			    notes->notes[0].is_error, rows[i].say == WRONG);
		}
		parsed_end(&parsed);
	}
}

static void
test_mail_sites(void **state)
{
	static const struct {
		const char *host;
		const char *login;
		const char *imap_host;
	} asked[] = {
	    {"", "anna@example.net", "imap.net"},
	    {"", "anna@EXAMPLE.Net", "imap.net"},
	    {"", "\"odd@name\"@example.net", "imap.net"},
	    {"", "anna@sub.example.net", "imap.all"},
	    {"", "anna@example.ne", "imap.all"},
	    {"", "anna@", "imap.all"},
	    {"", "", "imap.home"},
	    {"", "anna", "imap.home"}, /* DefaultDomain is added to it */
	    {"", "anna@bücher.example", "imap.idn"},
	    {"", "anna@BÜCHER.example", "imap.idn"},
	    {"", "anna@ΣΟΦΙΑ.example", "imap.greek"},
	    {"", "anna@Почта.example", "imap.cyrillic"},
	    {"other.test", "anna@example.net", "imap.net"},
	    {"mail.test", "anna@example.net", "imap.host"},
	};
	struct parsed parsed = parse_at("/e/iwebmsg.ini",
	    STR("[Domain Example.NET]\nImapHost=imap.net\nImapKeyPin=\n"
	        "[Domain Bücher.example]\nImapHost=imap.idn\n"
	        "[Domain σοφια.example]\nImapHost=imap.greek\n"
	        "[Domain почта.example]\nImapHost=imap.cyrillic\n"
	        "[Domain home.example]\nImapHost=imap.home\n"
	        "[Host mail.test]\nImapHost=imap.host\n"
	        "[Mail]\nImapHost=imap.all\nSmtpHost=smtp.all\n"
	        "DefaultDomain=home.example\n"));

	(void)state;
	assert_int_equal(parsed.rc, ERR_OK);
	assert_int_equal(parsed.cfg->domain_count, 5);
	assert_string_equal(parsed.cfg->domains[0].host.ptr, "example.net");
	assert_string_equal(parsed.cfg->domains[0].smtp_host.ptr, "smtp.all");
	assert_int_equal(parsed.cfg->domains[0].imap_port, 993);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct config_site *site = config_mail_site(parsed.cfg,
		    config_site_get(parsed.cfg, str_c(asked[i].host)),
		    str_c(asked[i].login));

		print_message("  %s %s\n", asked[i].host, asked[i].login);
		assert_string_equal(site->imap_host.ptr, asked[i].imap_host);
	}
	assert_int_equal(config_line_of_site(parsed.cfg,
	                     &parsed.cfg->domains[0], STR("ImapHost")),
	    2);
	assert_int_equal(config_line_of_site(parsed.cfg,
	                     &parsed.cfg->domains[0], STR("SmtpHost")),
	    16);
	assert_int_equal(
	    config_line_of_site(parsed.cfg, &parsed.cfg->site, STR("ImapHost")),
	    15);
	parsed_end(&parsed);
}

static void
test_same_mail(void **state)
{
	struct parsed parsed = parse_at(
	    "/e/iwebmsg.ini", STR("[Host a]\nTitle=x\nDefaultDomain=a.b\n"
	                          "[Host b]\nSmtpVerifyName=x\n"
	                          "[Domain c]\nMailTrustStore=x\n"
	                          "[Domain d]\nImapHost=x\nSmtpPort=2465\n"));
	const struct config *cfg = parsed.cfg;

	(void)state;
	assert_true(config_same_mail(&cfg->site, &cfg->hosts[0]));
	assert_false(config_same_mail(&cfg->site, &cfg->hosts[1]));
	assert_false(config_same_mail(&cfg->site, &cfg->domains[0]));
	assert_false(config_same_mail(&cfg->site, &cfg->domains[1]));
	assert_true(config_same_trust(&cfg->site, &cfg->hosts[0]));
	assert_false(config_same_trust(&cfg->site, &cfg->hosts[1]));
	assert_false(config_same_trust(&cfg->site, &cfg->domains[0]));
	assert_true(config_same_trust(&cfg->site, &cfg->domains[1]));
	parsed_end(&parsed);
}

/* What belongs to the certificate for all does not go with another one. */
static void
test_host_certificate(void **state)
{
	struct parsed parsed = parse_at("/e/iwebmsg.ini",
	    STR(SECURE "Certificate2=c2\nPrivateKey2=k2\nOcspResponse=o\n"
	               "OcspResponse2=o2\nTrustStore=t\n"
	               "[Host own.test]\nCertificate=h\nPrivateKey=i\n"
	               "[Host same.test]\nTitle=x\n"));
	const struct config_site *own = &parsed.cfg->hosts[0];
	const struct config_site *same = &parsed.cfg->hosts[1];

	(void)state;
	assert_string_equal(own->certificate.ptr, "/e/h");
	assert_int_equal(own->certificate2.len, 0);
	assert_int_equal(own->private_key2.len, 0);
	assert_int_equal(own->ocsp_response.len, 0);
	assert_int_equal(own->ocsp_response2.len, 0);
	assert_string_equal(own->trust_store.ptr, "/e/t");
	assert_string_equal(same->certificate.ptr, "/e/c.pem");
	assert_string_equal(same->certificate2.ptr, "/e/c2");
	assert_string_equal(same->ocsp_response2.ptr, "/e/o2");
	parsed_end(&parsed);
}

#define HEX_PIN \
	"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

static void
test_pin(void **state)
{
	static const struct {
		struct str input;
		bool is_pin;
	} pins[] = {
	    {BYTES(HEX_PIN), true},
	    {BYTES("00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
	           "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F"),
	        true},
	    {BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), true},
	    {BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), true},
	    {BYTES("sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
	        true},
	    {BYTES("sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
	        true},
	    {BYTES(""), false},
	    {BYTES(HEX_PIN "00"), false},
	    {BYTES("0001"), false},
	    {BYTES(":" HEX_PIN), false},
	    {BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8!"), false},
	    {BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=="), false},
	    {BYTES("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8f"), false},
	};
	unsigned char out[CONFIG_PIN_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		print_message("  %.*s\n", STR_ARG(pins[i].input));
		assert_int_equal(
		    config_pin(pins[i].input, out), pins[i].is_pin);
		for (unsigned char b = 0; pins[i].is_pin && b < 32; b++)
			assert_int_equal(out[b], b);
	}
}

static void
note_file(void *ctx, const char *key, struct str path, bool may_be_folder)
{
	struct buf *out = ctx;

	buf_addf(out, "%s=%.*s%s\n", key, STR_ARG(path),
	    may_be_folder ? " or folder" : "");
}

static void
test_files(void **state)
{
	struct parsed parsed = parse_at("/e/iwebmsg.ini",
	    STR(SECURE "TrustStore=t\nTrustPageCA=p\n"
	               "[Server]\nStateDir=/s\nAcmeWebroot=/a\n"
	               "TrustedProxies=::1\nProxyTrustStore=x\nPidFile=/p\n"
	               "[Log]\nFile=/l\n"
	               "[Domain a.b]\nImapCRL=r\n"));
	CLEANUP(buf_free) struct buf out;

	(void)state;
	assert_int_equal(parsed.rc, ERR_OK);
	buf_init(&out, 4096);
	config_files(parsed.cfg, note_file, &out);
	buf_add_byte(&out, '\0');
	assert_string_equal(buf_str(&out).ptr,
	    "ProxyTrustStore=/e/x\nCertificate=/e/c.pem\nPrivateKey=/e/k.pem\n"
	    "TrustStore=/e/t or folder\nTrustPageCA=/e/p\n"
	    "Certificate=/e/c.pem\nPrivateKey=/e/k.pem\n"
	    "TrustStore=/e/t or folder\nImapCRL=/e/r\n");
	parsed_end(&parsed);
}

/* What is advised is fine, and dark pages have it as light as they need. */
static void
test_accents(void **state)
{
	static const uint32_t steps[] = {0x00, 0x33, 0x66, 0x99, 0xcc, 0xff};
	struct config_accent accent;
	char word[16];

	(void)state;
	for (size_t i = 0; i < 6 * 6 * 6; i++) {
		uint32_t rgb =
		    steps[i / 36] << 16 | steps[i / 6 % 6] << 8 | steps[i % 6];

		(void)snprintf(word, sizeof(word), "#%06x", rgb);
		assert_true(config_accent_parse(str_c(word), &accent));
		assert_int_equal(accent.light, rgb);
		assert_true(
		    colour_contrast(accent.dark, accent.dark_soft) >= 450);
		assert_true(colour_contrast(accent.dark, 0x2d3743) >= 450);
		/* The ink of dark buttons. */
		assert_true(colour_contrast(accent.dark, 0x0f1722) >= 450);
		if (config_accent_is_readable(&accent)) {
			assert_true(colour_contrast(rgb, 0xffffff) >= 450);
			assert_int_equal(accent.darker, rgb);
		}
		(void)snprintf(word, sizeof(word), "#%06x", accent.darker);
		assert_true(config_accent_parse(str_c(word), &accent));
		assert_true(config_accent_is_readable(&accent));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_accents),
	    cmocka_unit_test(test_mail_sites),
	    cmocka_unit_test(test_same_mail),
	    cmocka_unit_test(test_host_certificate),
	    cmocka_unit_test(test_pin),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
