/* What extensions add to the envelope, and what refusals mean. */
#include "smtp_peer.h"

#include "base/limits.h"
#include "mail/smtp.h"
#include "os/file.h"

#define LONG_MS 20000 /* never reached when all is well */

static const char all[] = "250-peer\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-"
                          "SMTPUTF8\r\n250-DSN\r\n250-SIZE 5000\r\n250 AUTH "
                          "PLAIN";
static const char none[] = "250-peer\r\n250 AUTH PLAIN";

/* One server and what was asked of it. */
struct talk {
	struct peer peer;
	struct cert ca;
	const struct config *cfg;
	struct mail_server *server;
	struct arena *arena;
	struct smtp_message message;
	struct smtp_result result;
	struct smtp_sender sender;
	struct mail_smtp_offers offers;
	struct err err;
	enum err_code rc;
};

static bool
before_dot(void *ctx)
{
	(void)ctx;
	return true;
}

static void
talk_begin(struct talk *talk, const struct peer_rule *rules)
{
	struct mail_server_files files = {0};
	char lines[200];

	*talk = (struct talk){.peer.rules = rules};
	talk->ca = cert_make(
	    &(struct cert_wish){.name = "CA", .is_ca = true, .to_s = 86400});
	talk->arena = arena_new(LIMIT_ARENA_BYTES);
	peer_start(&talk->peer);
	(void)snprintf(lines, sizeof(lines),
	    "SmtpHost=127.0.0.1\nSmtpPort=%u\nSmtpSecurity=none\n",
	    talk->peer.port);
	talk->cfg = test_config(lines);
	files.imap.ca_pem = files.smtp.ca_pem = str_c(talk->ca.pem);
	test_is(mail_server_new(talk->cfg, &talk->cfg->site, &files,
	            &talk->server, &talk->err),
	    ERR_OK, &talk->err);
	talk->message = (struct smtp_message){
	    .from = STR("anna@example.org"), .before_dot = before_dot};
}

static void
talk_send(
    struct talk *talk, const char *text, const struct str *to, size_t count)
{
	struct secret password = cert_secret("secret");
	struct mail_wait wait = test_wait(LONG_MS);
	CLEANUP(file_close) int fd = -1;

	test_is(file_open_spool("/tmp", &fd, &talk->err), ERR_OK, &talk->err);
	test_is(
	    file_write_all(fd, str_c(text), &talk->err), ERR_OK, &talk->err);
	talk->message.fd = fd;
	talk->message.bytes = strlen(text) - talk->message.offset;
	talk->message.recipients = to;
	talk->message.count = count;
	talk->rc = smtp_send(talk->server, STR("anna"), &password,
	    &talk->message, &wait, talk->arena, &talk->result, &talk->err);
	mail_server_smtp_offers(talk->server, &talk->offers);
	peer_stop(&talk->peer);
	secret_end(&password);
}

static void
talk_ask(struct talk *talk, const char *address)
{
	struct secret password = cert_secret("secret");
	struct mail_wait wait = test_wait(LONG_MS);

	talk->rc = smtp_check_sender(talk->server, STR("anna"), &password,
	    str_c(address), STR("anna@example.org"), &wait, talk->arena,
	    &talk->sender, &talk->err);
	peer_stop(&talk->peer);
	secret_end(&password);
}

static void
talk_end(struct talk *talk)
{
	arena_free(talk->arena);
	mail_server_unref(talk->server);
	config_unref(talk->cfg);
	cert_end(&talk->ca);
	peer_end(&talk->peer);
}

static void
expect_said(const struct talk *talk, const char *line)
{
	if (strstr(talk->peer.log, line) == NULL)
		fail_msg("not said: %s; but: %s", line, talk->peer.log);
}

static void
test_parameters(void **state)
{
	const struct peer_rule rules[] = {{"EHLO", all}, {NULL, NULL}};
	const struct str to[] = {
	    STR("a+b=c@example.org"), STR("j\303\274rg@example.org")};
	struct talk talk;

	(void)state;
	talk_begin(&talk, rules);
	talk.message.is_8bit = true;
	talk.message.asks_dsn = true;
	talk.message.envelope_id = STR("ab+c d");
	talk.message.offset = 7;
	talk_send(&talk, "Bcc: x\nSubject: x\r\n\r\nhi\r\n", to, 2);
	test_is(talk.rc, ERR_OK, &talk.err);
	assert_true(talk.result.accepted);
	assert_false(talk.result.lacks_dsn || talk.result.is_temporary);
	expect_said(&talk, "MAIL FROM:<anna@example.org> SIZE=18 SMTPUTF8 "
	                   "BODY=8BITMIME RET=HDRS ENVID=ab+2Bc+20d\n");
	expect_said(&talk,
	    "RCPT TO:<a+b=c@example.org> NOTIFY=SUCCESS,FAILURE,DELAY "
	    "ORCPT=rfc822;a+2Bb+3Dc@example.org\n");
	expect_said(&talk, "RCPT TO:<j\303\274rg@example.org> "
	                   "NOTIFY=SUCCESS,FAILURE,DELAY\n");
	assert_true(str_eq(str_of(talk.peer.text, talk.peer.text_len),
	    STR("Subject: x\r\n\r\nhi\r\n")));
	assert_true(talk.offers.is_known && talk.offers.has_dsn &&
	            talk.offers.has_smtputf8 && talk.offers.has_8bitmime);
	assert_int_equal(talk.offers.size_limit_bytes, 5000);
	talk_end(&talk);
}

/* Where the server has nothing: what can go without goes, the rest is told. */
static void
test_lacking(void **state)
{
	const struct peer_rule rules[] = {{"EHLO", none}, {NULL, NULL}};
	const struct str plain[] = {STR("ben@example.org")};
	const struct str other[] = {
	    STR("ben@example.org"), STR("j\303\274rg@example.org")};
	struct talk talk;

	(void)state;
	talk_begin(&talk, rules);
	talk.message.asks_dsn = true;
	talk_send(&talk, "Subject: x\r\n\r\nhi\r\n", plain, 1);
	test_is(talk.rc, ERR_OK, &talk.err);
	assert_true(talk.result.accepted && talk.result.lacks_dsn);
	expect_said(&talk, "MAIL FROM:<anna@example.org>\n");
	expect_said(&talk, "RCPT TO:<ben@example.org>\n");
	talk_end(&talk);

	talk_begin(&talk, rules);
	talk_send(&talk, "Subject: x\r\n\r\nhi\r\n", other, 2);
	assert_int_equal(talk.rc, ERR_INPUT);
	assert_non_null(strstr(talk.err.message, "j\303\274rg@example.org"));
	assert_null(strstr(talk.peer.log, "MAIL"));
	talk_end(&talk);

	talk_begin(&talk, rules);
	talk.message.is_8bit = true;
	talk_send(&talk, "Subject: x\r\n\r\n\303\274\r\n", plain, 1);
	assert_int_equal(talk.rc, ERR_INPUT);
	assert_null(strstr(talk.peer.log, "MAIL"));
	talk_end(&talk);
}

/* Past its SIZE nothing is even begun. */
static void
test_size(void **state)
{
	const struct peer_rule rules[] = {
	    {"EHLO", "250-peer\r\n250-SIZE 19\r\n250 AUTH PLAIN"},
	    {NULL, NULL}};
	const struct str to[] = {STR("ben@example.org")};
	struct talk talk;

	(void)state;
	talk_begin(&talk, rules);
	talk_send(&talk, "Subject: x\r\n\r\nhell\r\n", to, 1);
	assert_int_equal(talk.rc, ERR_LIMIT);
	assert_null(strstr(talk.peer.log, "MAIL"));
	talk_end(&talk);
}

/* 4yz can be tried again, 5yz cannot; one of these is enough. */
static void
test_kinds(void **state)
{
	static const struct {
		const char *name;
		struct peer_rule rules[3];
		bool takes_some, is_accepted, is_temporary;
		size_t refused;
	} rows[] = {
	    {"later", {{"RCPT TO:<b@", "450 4.2.0 greylisted"}}, false, false,
	        true, 1},
	    {"never", {{"RCPT TO:<b@", "550 no such user"}}, false, false,
	        false, 1},
	    {"one of each",
	        {{"RCPT TO:<b@", "550 no"}, {"RCPT TO:<a@", "451 later"}},
	        false, false, false, 2},
	    {"some are taken", {{"RCPT TO:<b@", "550 no"}}, true, true, false,
	        1},
	    {"nobody is taken", {{"RCPT", "450 later"}}, true, false, true, 2},
	    {"the sender", {{"MAIL", "451 later"}}, true, false, true, 0},
	    {"the text, later", {{".", "452 disk full"}}, false, false, true,
	        0},
	    {"the text, never", {{".", "554 spam"}}, false, false, false, 0},
	    {"a wrong answer", {{"DATA", "250 what?"}}, false, false, false, 0},
	};
	const struct str to[] = {STR("a@example.org"), STR("b@example.org")};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk;

		talk_begin(&talk, rows[i].rules);
		talk.message.takes_some = rows[i].takes_some;
		talk_send(&talk, "Subject: x\r\n\r\nhi\r\n", to, 2);
		test_is(talk.rc, ERR_OK, &talk.err);
		if (talk.result.accepted != rows[i].is_accepted ||
		    talk.result.is_temporary != rows[i].is_temporary ||
		    talk.result.refused_count != rows[i].refused)
			fail_msg("%s: %d %d %zu", rows[i].name,
			    talk.result.accepted, talk.result.is_temporary,
			    talk.result.refused_count);
		for (size_t k = 0; k < talk.result.refused_count; k++)
			assert_int_equal(talk.result.refused[k].is_temporary,
			    talk.result.refused[k].code < 500);
		assert_int_equal(talk.peer.has_dot,
		    rows[i].is_accepted || rows[i].rules[0].command[0] == '.');
		talk_end(&talk);
	}
}

static void
test_sender(void **state)
{
	static const struct {
		struct peer_rule rules[2];
		bool is_accepted, is_temporary;
		unsigned code;
	} rows[] = {
	    {{{NULL, NULL}}, true, false, 0},
	    {{{"MAIL", "553 not yours"}}, false, false, 553},
	    {{{"RCPT", "553 not yours"}}, false, false, 553},
	    {{{"MAIL", "451 later"}}, false, true, 451},
	    {{{"RCPT", "550 5.1.1 no such user"}}, true, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk;

		talk_begin(&talk, rows[i].rules);
		talk_ask(&talk, "other@example.org");
		test_is(talk.rc, ERR_OK, &talk.err);
		assert_int_equal(talk.sender.is_accepted, rows[i].is_accepted);
		assert_int_equal(
		    talk.sender.is_temporary, rows[i].is_temporary);
		assert_int_equal(talk.sender.code, rows[i].code);
		expect_said(&talk, "MAIL FROM:<other@example.org>\n");
		expect_said(&talk, "RCPT TO:<anna@example.org>\n");
		expect_said(&talk, "QUIT\n");
		assert_null(strstr(talk.peer.log, "DATA"));
		if (rows[i].code != 0 && rows[i].code != 451)
			assert_true(
			    str_eq(talk.sender.words.s, STR("not yours")));
		talk_end(&talk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parameters),
	    cmocka_unit_test(test_lacking),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
