/* A site's mail servers: their keys, and what people see of them. */
#include "mail_test.h"

#include "../net/cert_maker.h"
#include "mail/server.h"

static struct arena *arena;
static struct cert root, own;
static struct secret own_key;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	root = cert_make(
	    &(struct cert_wish){.name = "Root", .is_ca = true, .to_s = 86400});
	own = cert_make(&(struct cert_wish){
	    .name = "webmail", .issuer = &root, .to_s = 86400});
	own_key = cert_secret(own.key_pem);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cert_end(&root);
	cert_end(&own);
	secret_end(&own_key);
	arena_free(arena);
	return 0;
}

static enum err_code
make(const char *lines, const struct mail_server_files *files,
    struct mail_server **out, struct err *err)
{
	const struct config *cfg = test_config(lines);
	enum err_code rc = mail_server_new(cfg, &cfg->site, files, out, err);

	config_unref(cfg);
	return rc;
}

static struct mail_server *
server_of(const char *lines)
{
	struct mail_server *server = NULL;
	struct err err = ERR_NONE;

	test_is(make(lines, &(struct mail_server_files){0}, &server, &err),
	    ERR_OK, &err);
	return server;
}

/* ---- names that people do not see ---- */

static void
names_are_masked(void **state)
{
	static const struct {
		const char *words, *shown;
	} rows[] = {
	    {"nothing to hide", "nothing to hide"},
	    {"imap.inner.example says no", "the mail server says no"},
	    {"IMAP.Inner.EXAMPLE. says no", "the mail server. says no"},
	    {"(smtp.inner.example)", "(the mail server)"},
	    {"at imap.inner.example:993/INBOX", "at the mail server:993/INBOX"},
	    {"queue imap.inner.example-1af3 full",
	        "queue the mail server full"},
	    {"node7.imap.inner.example", "the mail server"},
	    {"mx9.inner.example is a neighbour",
	        "the mail server is a neighbour"},
	    {"not.ximap.inner.example.org", "not.ximap.inner.example.org"},
	    {"user@imap.inner.example", "user@the mail server"},
	    {"anna@inner.example", "anna@inner.example"},
	    {"anna@demo.example and demo.example",
	        "anna@demo.example and demo.example"},
	    {"vip.verify.example", "the mail server"},
	    {"mx1 [10.1.2.3]:25 fd00:0:0::7", "the mail server [the mail "
	                                      "server]:25 the mail server"},
	    {"::ffff:10.1.2.3", "the mail server"},
	    {"10.1.2.33 fd00::77 is another", "10.1.2.33 fd00::77 is another"},
	    {"by a.wild.example, not wild.example",
	        "by the mail server, not wild.example"},
	    {"proxy.example went away", "the mail server went away"},
	    {"ximap.inner.example.org", "ximap.inner.example.org"},
	    {"\xC3\xBC"
	     "imap.inner.example\xC3\xBC",
	        "\xC3\xBC"
	        "the mail server\xC3\xBC"},
	    {"", ""},
	};
	struct mail_server *server =
	    server_of("ImapHost=imap.inner.example\n"
	              "SmtpHost=smtp.inner.example\n"
	              "ImapVerifyName=vip.verify.example\n"
	              "ImapProxy=socks5://proxy.example:1\n"
	              "DefaultDomain=demo.example\n");

	(void)state;
	server_live_name(server, STR("MX1"));
	server_live_name(server, STR("10.1.2.3"));
	server_live_name(server, STR("fd00::7"));
	server_live_words(server, STR("hello (*.wild.example), v2.3.19 go."));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *exact = malloc(strlen(rows[i].words) + 1);
		struct text shown;

		assert_non_null(exact);
		memcpy(exact, rows[i].words, strlen(rows[i].words));
		shown = mail_server_mask(server, arena,
		    text_known(str_of(exact, strlen(rows[i].words))));
		if (!str_eq(shown.s, str_c(rows[i].shown)))
			fail_msg("\"%s\": \"%.*s\"", rows[i].words,
			    STR_ARG(shown.s));
		free(exact);
	}
	mail_server_unref(server);
}

static void
common_words_stay(void **state)
{
	struct mail_server *server =
	    server_of("ImapHost=mail\nSmtpHost=localhost\n"
	              "DefaultDomain=example.org\n");
	struct text shown = mail_server_mask(server, arena,
	    TEXT("mail for anna@example.org refused by localhost; see "
	         "help.example.org"));

	(void)state;
	server_live_name(server, STR("ready"));
	server_live_name(server, STR("2.3.19"));
	assert_true(str_eq(shown.s,
	    STR("mail for anna@example.org refused by the mail server; see "
	        "help.example.org")));
	shown = mail_server_mask(server, arena, TEXT("ready 2.3.19"));
	assert_true(str_eq(shown.s, STR("ready 2.3.19")));
	mail_server_unref(server);
}

static void
names_may_be_shown(void **state)
{
	struct mail_server *server =
	    server_of("ImapHost=imap.inner.example\nShowMailServerNames=1\n");
	struct text shown =
	    mail_server_mask(server, arena, TEXT("imap.inner.example"));

	(void)state;
	assert_true(str_eq(shown.s, STR("imap.inner.example")));
	mail_server_unref(server);
}

/* Many servers behind one name: the oldest are forgotten, nothing breaks. */
static void
many_names_are_learned(void **state)
{
	struct mail_server *server = server_of("");
	struct text shown;

	(void)state;
	for (unsigned i = 0; i < 3 * SERVER_NAMES_MOST; i++)
		server_live_name(
		    server, str_printf(arena, "mx%u.inner.example", i));
	shown = mail_server_mask(
	    server, arena, TEXT("mx191.inner.example mx0.inner.example"));
	assert_true(str_eq(shown.s, STR("the mail server mx0.inner.example")));
	mail_server_unref(server);
}

static void
logs_know_no_people(void **state)
{
	struct text kept = server_mask_people(
	    arena, TEXT("<ben@demo.example>: user unknown at mx1 (anna@x)"));

	(void)state;
	assert_true(str_eq(
	    kept.s, STR("<(address)>: user unknown at mx1 ((address))")));
}

/* ---- keys ---- */

static void
what_cannot_be_names_its_key(void **state)
{
	const struct mail_server_files none = {0};
	struct mail_server_files bad_ca = {.imap.ca_pem = STR("no")};
	struct mail_server_files bad_crl = {.smtp = {.crl_pem = STR("no")}};
	struct mail_server_files bad_own = {
	    .imap = {.certificate_pem = STR("no"), .key_pem = &own_key}};
	struct mail_server_files no_key = {
	    .imap = {.certificate_pem = str_c(own.pem)}};
	const struct {
		size_t field; /* of struct config_site */
		const char *value;
		const struct mail_server_files *files;
		const char *word;
	} rows[] = {
	    {offsetof(struct config_site, imap_key_pin), "abc", &none,
	        "ImapKeyPin"},
	    {offsetof(struct config_site, smtp_key_pin), "zz", &none,
	        "SmtpKeyPin"},
	    {offsetof(struct config_site, imap_proxy), "ftp://x", &none,
	        "ImapProxy"},
	    {offsetof(struct config_site, smtp_proxy), "x", &none, "SmtpProxy"},
	    {offsetof(struct config_site, imap_ca), "/ca.pem", &bad_ca,
	        "ImapCA=/ca.pem"},
	    {offsetof(struct config_site, smtp_crl), "/crl.pem", &bad_crl,
	        "SmtpCRL=/crl.pem"},
	    {offsetof(struct config_site, imap_certificate), "/o.pem", &bad_own,
	        "ImapCertificate=/o.pem"},
	    {offsetof(struct config_site, imap_certificate), "/o.pem", &no_key,
	        "ImapPrivateKey"},
	};
	const struct config *cfg = test_config("");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_site site = cfg->site;
		struct str value = str_c(rows[i].value);
		struct mail_server *server = NULL;
		struct err err = ERR_NONE;
		enum err_code rc;

		memcpy((char *)&site + rows[i].field, &value, sizeof(value));
		rc = mail_server_new(cfg, &site, rows[i].files, &server, &err);
		if (rc != ERR_CONFIG ||
		    strstr(err.message, rows[i].word) == NULL)
			fail_msg("%s: %s %s", rows[i].value, err_name(rc),
			    err.message);
		assert_null(server);
	}
	config_unref(cfg);
}

static void
pins_are_read_in_many_spellings(void **state)
{
	static const char *const spellings[] = {
	    "ImapKeyPin=000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f\n",
	    "ImapKeyPin=00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
	    "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\n",
	    "ImapKeyPin=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
	    "ImapKeyPin=sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	    "\n",
	};
	struct mail_server *first = server_of(spellings[0]);
	struct mail_server *without = server_of("");

	(void)state;
	assert_string_not_equal(first->key, without->key);
	assert_string_equal(first->base, without->base);
	for (size_t i = 1; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct mail_server *other = server_of(spellings[i]);

		assert_string_equal(first->key, other->key);
		mail_server_unref(other);
	}
	mail_server_unref(first);
	mail_server_unref(without);
}

/* A stranger could be anybody: the site must know people by certificates. */
static void
external_needs_certificates_of_people(void **state)
{
	const struct mail_server_files files = {
	    .imap = {.certificate_pem = str_c(own.pem), .key_pem = &own_key},
	    .smtp = {.certificate_pem = str_c(own.pem), .key_pem = &own_key}};
	struct mail_server *server = NULL;
	struct err err = ERR_NONE;
	/* Built by hand: the ini file alone would be refused already. */
	const struct config *cfg = test_config("");
	struct config_site site = cfg->site;

	(void)state;
	site.imap_auth = CONFIG_AUTH_EXTERNAL;
	assert_int_equal(mail_server_new(cfg, &site,
	                     &(struct mail_server_files){0}, &server, &err),
	    ERR_CONFIG);
	assert_non_null(strstr(err.message, "ImapCertificate"));
	assert_int_equal(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "ClientCertUser"));
	site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	site.verify_client = CONFIG_VERIFY_CLIENT_OPTIONAL;
	assert_int_equal(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_CONFIG);
	site.verify_client = CONFIG_VERIFY_CLIENT_EXPLAIN;
	assert_int_equal(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "SmtpAuth=external"));
	site.smtp_auth = CONFIG_AUTH_EXTERNAL;
	test_is(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_OK, &err);
	mail_server_unref(server);
	config_unref(cfg);
}

static void
trust_store_alone_needs_one(void **state)
{
	const struct config *cfg = test_config("");
	struct config_site site = cfg->site;
	struct mail_server_files files = {0};
	struct mail_server *server = NULL;
	struct err err = ERR_NONE;

	(void)state;
	site.mail_trust_store_only = true;
	assert_int_equal(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "MailTrustStoreOnly=1"));
	files.imap.trust_pem = str_c(root.pem);
	files.smtp.trust_pem = str_c(root.pem);
	test_is(
	    mail_server_new(cfg, &site, &files, &server, &err), ERR_OK, &err);
	mail_server_unref(server);
	config_unref(cfg);
}

static void
legs_are_told_before_any_connection(void **state)
{
	struct mail_server *server =
	    server_of("ImapHost=127.0.0.9\nSmtpHost=smtp.example\n"
	              "SmtpVerifyServer=chain\nSmtpSecurity=starttls\n");
	struct mail_leg imap, smtp;

	(void)state;
	mail_server_legs(server, &imap, &smtp);
	assert_true(imap.is_local);
	assert_false(smtp.is_local);
	assert_false(imap.is_known || smtp.is_known);
	assert_int_equal(imap.check, NET_TLS_CHECK_FULL);
	assert_int_equal(smtp.check, NET_TLS_CHECK_CHAIN);
	assert_int_equal(smtp.security, CONFIG_SECURITY_STARTTLS);
	mail_server_unref(server);
}

/* ---- servers that hang ---- */

static void
a_server_that_hangs_holds_a_few(void **state)
{
	struct mail_server *server = server_of("[Server]\nWorkers=6\n");
	struct mail_wait wait = test_wait(20000);
	struct cancel *cancel = cancel_new(NULL);
	struct err err = ERR_NONE;
	const int64_t start = clock_mono_ms();

	(void)state;
	for (int i = 0; i < 2; i++)
		test_is(server_gate_enter(server, &server->imap, &wait, &err),
		    ERR_OK, &err);
	test_is(server_gate_enter(server, &server->imap, &wait, &err), ERR_AWAY,
	    &err);
	assert_true(clock_mono_ms() - start < 10000);
	/* The other server is another matter. */
	test_is(server_gate_enter(server, &server->smtp, &wait, &err), ERR_OK,
	    &err);
	/* It answers one: there is room, and patience for the next. */
	server_gate_leave(server, &server->imap, ERR_OK);
	test_is(server_gate_enter(server, &server->imap, &wait, &err), ERR_OK,
	    &err);
	cancel_fire(cancel);
	wait.cancel = cancel;
	test_is(server_gate_enter(server, &server->imap, &wait, &err),
	    ERR_CANCELED, &err);
	cancel_free(cancel);
	mail_server_unref(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_masked),
	    cmocka_unit_test(common_words_stay),
	    cmocka_unit_test(names_may_be_shown),
	    cmocka_unit_test(many_names_are_learned),
	    cmocka_unit_test(logs_know_no_people),
	    cmocka_unit_test(what_cannot_be_names_its_key),
	    cmocka_unit_test(pins_are_read_in_many_spellings),
	    cmocka_unit_test(external_needs_certificates_of_people),
	    cmocka_unit_test(trust_store_alone_needs_one),
	    cmocka_unit_test(legs_are_told_before_any_connection),
	    cmocka_unit_test(a_server_that_hangs_holds_a_few),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
