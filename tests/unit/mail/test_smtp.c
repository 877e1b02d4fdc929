/* Submission against a scripted server: once, whole, or not at all. */
#include "smtp_peer.h"

#include "base/limits.h"
#include "mail/smtp.h"
#include "os/file.h"

#define LONG_MS 20000 /* never reached when all is well */

static const char pipelining[] = "250-peer\r\n250-PIPELINING\r\n250 AUTH PLAIN";
static const char slow[] = "250-peer\r\n250 AUTH PLAIN";

/* One sending: what goes in, what came out. */
struct sending {
	struct peer peer;
	const char *config; /* more lines of [Mail]; NULL: no TLS */
	const char *from;
	const char *to[8];
	size_t to_count;
	struct str message;
	bool journal_says_no;
	/* out */
	unsigned dots; /* calls of before_dot */
	struct arena *arena;
	struct smtp_result result;
	struct err err;
	enum err_code rc;
};

struct keys {
	struct cert ca, good, other;
};

static struct keys keys; /* of the whole group: made once */

static int
make_keys(void **state)
{

	keys.ca = cert_make(
	    &(struct cert_wish){.name = "CA", .is_ca = true, .to_s = 86400});
	keys.good = cert_make(&(struct cert_wish){.name = "mail",
	    .alt = "IP:127.0.0.1",
	    .issuer = &keys.ca,
	    .to_s = 86400});
	keys.other = cert_make(&(struct cert_wish){.name = "mail",
	    .alt = "IP:127.0.0.2",
	    .issuer = &keys.ca,
	    .to_s = 86400});
	(void)state;
	return 0;
}

static int
end_keys(void **state)
{
	(void)state;
	cert_end(&keys.ca);
	cert_end(&keys.good);
	cert_end(&keys.other);
	return 0;
}

static bool
before_dot(void *ctx)
{
	struct sending *sending = ctx;

	sending->dots++;
	return !sending->journal_says_no;
}

static int
spool(struct str message)
{
	int fd = -1;
	struct err err = ERR_NONE;

	test_is(file_open_spool("/tmp", &fd, &err), ERR_OK, &err);
	test_is(file_write_all(fd, message, &err), ERR_OK, &err);
	return fd;
}

static void
send_now(struct sending *s)
{
	char lines[512];
	const struct config *cfg;
	struct mail_server *server = NULL;
	struct smtp_message message;
	struct mail_wait wait = test_wait(LONG_MS);
	struct secret password = cert_secret("s\303\251cret");
	struct str recipients[8];
	struct mail_server_files files = {0};
	CLEANUP(file_close) int fd = -1;

	if (s->message.ptr == NULL)
		s->message = STR("Subject: x\r\n\r\nhello\r\n");
	if (s->to_count == 0)
		s->to[s->to_count++] = "ben@example.org";
	for (size_t i = 0; i < s->to_count; i++)
		recipients[i] = str_c(s->to[i]);
	fd = spool(s->message);
	s->arena = arena_new(LIMIT_ARENA_BYTES);
	peer_start(&s->peer);
	(void)snprintf(lines, sizeof(lines),
	    "SmtpHost=127.0.0.1\nSmtpPort=%u\n%s", s->peer.port,
	    s->config == NULL ? "SmtpSecurity=none\n" : s->config);
	cfg = test_config(lines);
	/* Not the system's trust: reading it takes long. */
	files.imap.ca_pem = files.smtp.ca_pem = str_c(keys.ca.pem);
	test_is(mail_server_new(cfg, &cfg->site, &files, &server, &s->err),
	    ERR_OK, &s->err);
	wait.cancel = s->peer.cancel;
	message = (struct smtp_message){
	    .from = s->from == NULL ? STR("anna@example.org") : str_c(s->from),
	    .recipients = recipients,
	    .count = s->to_count,
	    .fd = fd,
	    .bytes = s->message.len,
	    .before_dot = before_dot,
	    .ctx = s,
	};
	s->rc = smtp_send(server, STR("anna"), &password, &message, &wait,
	    s->arena, &s->result, &s->err);
	peer_stop(&s->peer);
	secret_end(&password);
	mail_server_unref(server);
	config_unref(cfg);
}

static void
send_end(struct sending *s)
{
	arena_free(s->arena);
	peer_end(&s->peer);
}

static size_t
count_of(const char *log, const char *what)
{
	size_t count = 0;

	for (; (log = strstr(log, what)) != NULL; log++)
		count++;
	return count;
}

/* The message went out whole. */
static void
assert_sent(const struct sending *s)
{
	test_is(s->rc, ERR_OK, &s->err);
	assert_true(s->result.accepted);
	assert_false(s->result.is_unsure);
	assert_int_equal(s->dots, 1);
	assert_true(s->peer.has_dot);
}

/* Nothing can have been taken. */
static void
assert_unsent(const struct sending *s)
{
	assert_false(s->result.accepted);
	assert_false(s->result.is_unsure);
	assert_false(s->peer.has_dot);
}

/* ---- what goes well ---- */

static void
test_sent(void **state)
{
	const char *const hellos[] = {pipelining, slow};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct peer_rule rules[] = {{"EHLO", hellos[i]}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules,
		    .to = {"ben@example.org", "c@example.org"},
		    .to_count = 2};

		send_now(&s);
		assert_sent(&s);
		assert_string_equal(s.peer.log,
		    "EHLO [127.0.0.1]\n"
		    "AUTH PLAIN AGFubmEAc8OpY3JldA==\n"
		    "MAIL FROM:<anna@example.org>\n"
		    "RCPT TO:<ben@example.org>\n"
		    "RCPT TO:<c@example.org>\n"
		    "DATA\n"
		    "QUIT\n");
		assert_int_equal(s.peer.text_len, s.message.len);
		assert_memory_equal(s.peer.text, s.message.ptr, s.message.len);
		send_end(&s);
	}
}

/* 250 is usual, but any 2yz has taken the message (RFC 5321, 4.2.1). */
static void
test_any_2yz_is_yes(void **state)
{
	struct peer_rule rules[] = {{".", "252 as you like"}, {NULL, NULL}};
	struct sending s = {.peer.rules = rules};

	(void)state;
	send_now(&s);
	assert_sent(&s);
	send_end(&s);
}

static void
test_auth_login(void **state)
{
	struct peer_rule rules[] = {
	    {"EHLO", "250-x\r\n250 auth Login CRAM-MD5"},
	    {"AUTH", "334 VXNlcm5hbWU6"}, {"YW5uYQ==", "334 UGFzc3dvcmQ6"},
	    {"c8OpY3JldA==", "235 yes"}, {NULL, NULL}};
	struct sending s = {.peer.rules = rules};

	(void)state;
	send_now(&s);
	assert_sent(&s);
	send_end(&s);
}

static void
test_utf8_and_size(void **state)
{
	struct peer_rule rules[] = {
	    {"EHLO", "250-x\r\n250-SMTPUTF8\r\n250-SIZE\r\n250 AUTH PLAIN"},
	    {NULL, NULL}};
	struct sending s = {.peer.rules = rules,
	    .to = {"j\303\274rg@example.org"},
	    .to_count = 1};

	(void)state;
	send_now(&s);
	assert_sent(&s);
	assert_non_null(strstr(
	    s.peer.log, "MAIL FROM:<anna@example.org> SIZE=21 SMTPUTF8\n"));
	send_end(&s);
}

/* As many as smtp.c reads at once. */
#define PIECE ((size_t)64 << 10)

/* Lines that begin with a dot, over every border of the pieces read. */
static void
test_dots(void **state)
{
	static const char *const ends[] = {"", ".\r\n", "..\r\n\r\n.\r\n"};
	static char body[PIECE + 64];

	(void)state;
	for (size_t cut = PIECE - 4; cut <= PIECE + 4; cut++) {
		for (size_t e = 0; e < 3; e++) {
			struct sending s = {0};
			size_t at = 0;
			size_t from = 0;

			memset(body, 'x', sizeof(body));
			memcpy(body + cut - 2, "\r\n.y\r\n", 6);
			(void)snprintf(body + cut + 4, 16, "%s", ends[e]);
			s.message = str_of(body, cut + 4 + strlen(ends[e]));
			send_now(&s);
			assert_sent(&s);
			/* Undone as servers do (RFC 5321, 4.5.2). */
			while (from < s.peer.text_len) {
				if (s.peer.text[from] == '.' &&
				    (from == 0 ||
				        s.peer.text[from - 1] == '\n'))
					from++;
				s.peer.text[at++] = s.peer.text[from++];
			}
			assert_int_equal(at, s.message.len);
			assert_memory_equal(
			    s.peer.text, s.message.ptr, s.message.len);
			send_end(&s);
		}
	}
}

static void
test_last_line_is_ended(void **state)
{
	struct sending s = {.message = STR("Subject: x\r\n\r\nno end")};

	(void)state;
	send_now(&s);
	assert_sent(&s);
	assert_int_equal(s.peer.text_len, s.message.len + 2);
	send_end(&s);
}

/* ---- refusals ---- */

static void
test_refused(void **state)
{
	const struct {
		const char *name;
		const char *command;
		const char *answer;
		enum err_code rc; /* ERR_OK: see the result */
		unsigned code;
	} rows[] = {
	    {"greeting", "", "554 no", ERR_MAIL, 0},
	    {"ehlo", "EHLO", "502 no", ERR_MAIL, 0},
	    {"login", "AUTH", "535 no", ERR_MAIL, 0},
	    {"login later", "AUTH", "454 later", ERR_AWAY, 0},
	    {"sender", "MAIL", "550 not you", ERR_OK, 550},
	    {"data", "DATA", "451 not now", ERR_OK, 451},
	    {"data 250", "DATA", "250 what?", ERR_OK, 250},
	    {"no auth", "EHLO", "250-x\r\n250 SIZE", ERR_MAIL, 0},
	    {"garbage greeting", "", "SSH-2.0-x", ERR_MAIL, 0},
	    {"garbage", "MAIL", "!!", ERR_MAIL, 0},
	    {"two codes", "MAIL", "250-a\r\n251 b", ERR_MAIL, 0},
	    {"code 999", "MAIL", "999 a", ERR_MAIL, 0},
	    {"no text", "MAIL", "550", ERR_OK, 550},
	    {"endless line", "MAIL", PEER_LONG, ERR_MAIL, 0},
	    {"endless lines", "MAIL", PEER_LINES, ERR_MAIL, 0},
	    {"closes", "MAIL", PEER_CLOSE, ERR_AWAY, 0},
	    {"closes at data", "DATA", PEER_CLOSE, ERR_AWAY, 0},
	    {"closes at once", "", PEER_CLOSE, ERR_AWAY, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer_rule rules[] = {
		    {rows[i].command, rows[i].answer}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules};

		send_now(&s);
		if (s.rc != rows[i].rc)
			fail_msg("%s: %s %s %s", rows[i].name, err_name(s.rc),
			    s.err.message, s.err.detail);
		assert_unsent(&s);
		assert_int_equal(s.dots, 0);
		assert_int_equal(s.result.code, rows[i].code);
		send_end(&s);
	}
}

/* One of three: nothing goes to the other two either. */
static void
test_one_recipient_refused(void **state)
{
	const char *const hellos[] = {pipelining, slow};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct peer_rule rules[] = {{"EHLO", hellos[i]},
		    {"RCPT TO:<no@", "550-5.1.1 No such\r\n550 5.1.1 user"},
		    {NULL, NULL}};
		struct sending s = {.peer.rules = rules,
		    .to = {"a@example.org", "no@example.org", "c@example.org"},
		    .to_count = 3};

		send_now(&s);
		test_is(s.rc, ERR_OK, &s.err);
		assert_unsent(&s);
		assert_int_equal(s.dots, 0);
		assert_int_equal(s.result.refused_count, 1);
		assert_int_equal(s.result.refused[0].code, 550);
		assert_true(str_eq(
		    s.result.refused[0].address.s, STR("no@example.org")));
		assert_true(str_eq(s.result.refused[0].words.s,
		    STR("5.1.1 No such 5.1.1 user")));
		assert_null(strstr(s.peer.log, "DATA"));
		assert_non_null(strstr(s.peer.log, "QUIT\n"));
		send_end(&s);
	}
}

static void
test_text_refused(void **state)
{
	struct peer_rule rules[] = {{".", "554 too many links"}, {NULL, NULL}};
	struct sending s = {.peer.rules = rules};

	(void)state;
	send_now(&s);
	test_is(s.rc, ERR_OK, &s.err);
	assert_false(s.result.accepted);
	assert_false(s.result.is_unsure);
	assert_int_equal(s.result.code, 554);
	assert_true(str_eq(s.result.words.s, STR("too many links")));
	send_end(&s);
}

/* What cannot be sent is not tried. */
static void
test_addresses(void **state)
{
	const struct {
		const char *from;
		const char *to;
		enum err_code rc;
	} rows[] = {
	    {"anna@example.org", "a@b\r\nRCPT TO:<c@d>", ERR_INPUT},
	    {"anna@example.org", "a@b\nDATA", ERR_INPUT},
	    {"anna@example.org", "a@b> SIZE=1", ERR_INPUT},
	    {"anna@example.org", "\"a b\"@example.org", ERR_INPUT},
	    {"anna@example.org", "", ERR_INPUT},
	    {"", "a@b", ERR_INPUT},
	    {"anna@example.org>\r\nRSET", "a@b", ERR_INPUT},
	    {"anna@example.org", "j\303\274rg@example.org", ERR_INPUT},
	    {"\303\244nna@example.org", "a@b", ERR_INPUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sending s = {
		    .from = rows[i].from, .to = {rows[i].to}, .to_count = 1};

		send_now(&s);
		test_is(s.rc, rows[i].rc, &s.err);
		assert_unsent(&s);
		assert_null(strstr(s.peer.log, "MAIL"));
		assert_null(strstr(s.peer.log, "RCPT"));
		send_end(&s);
	}
}

static void
test_size(void **state)
{
	struct peer_rule rules[] = {
	    {"EHLO", "250-x\r\n250-SIZE 20\r\n250 AUTH PLAIN"}, {NULL, NULL}};
	struct sending s = {.peer.rules = rules};

	(void)state;
	send_now(&s);
	test_is(s.rc, ERR_LIMIT, &s.err);
	assert_unsent(&s);
	assert_null(strstr(s.peer.log, "MAIL"));
	send_end(&s);
}

static void
test_journal_says_no(void **state)
{
	struct sending s = {.journal_says_no = true};

	(void)state;
	send_now(&s);
	test_is(s.rc, ERR_INTERNAL, &s.err);
	assert_unsent(&s);
	/* A QUIT here would have been a line of the text. */
	assert_int_equal(s.peer.text_len, s.message.len);
	send_end(&s);
}

/* ---- connections that break ---- */

/* Without the dot nobody can have taken it: no doubt is left. */
static void
test_lost_in_text(void **state)
{
	/* More than all buffers between the two hold. */
	size_t len = (size_t)24 << 20;
	char *body = malloc(len);
	struct sending s = {.peer.text_max = 5000};

	(void)state;
	assert_non_null(body);
	memset(body, 'x', len);
	s.message = str_of(body, len);
	send_now(&s);
	test_is(s.rc, ERR_AWAY, &s.err);
	assert_unsent(&s);
	assert_int_equal(s.dots, 0);
	send_end(&s);
	free(body);
}

static void
test_after_dot(void **state)
{
	static const char *const answers[] = {
	    PEER_CLOSE, "garbage", "354 go on", "250-a\r\n550 b", PEER_LONG};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct peer_rule rules[] = {{".", answers[i]}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules};

		send_now(&s);
		test_is(s.rc, ERR_OK, &s.err);
		assert_false(s.result.accepted);
		assert_true(s.result.is_unsure);
		assert_int_equal(s.dots, 1);
		assert_true(s.result.words.s.len > 0);
		send_end(&s);
	}
}

/* A reply before the dot: the server has given up. */
static void
test_speaks_too_early(void **state)
{
	const struct {
		const char *answer;
		enum err_code rc;
		unsigned code;
	} rows[] = {
	    {"354 go on\r\n421 closing down", ERR_OK, 421},
	    {"354 go on\r\n552 too much", ERR_OK, 552},
	    {"354 go on\r\n250 queued", ERR_MAIL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer_rule rules[] = {
		    {"DATA", rows[i].answer}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules};

		send_now(&s);
		test_is(s.rc, rows[i].rc, &s.err);
		assert_unsent(&s);
		assert_int_equal(s.dots, 0);
		assert_int_equal(s.result.code, rows[i].code);
		send_end(&s);
	}
}

static void
test_too_slow(void **state)
{
	const struct {
		const char *command;
		enum err_code rc;
		bool is_unsure;
	} rows[] = {
	    {"", ERR_AWAY, false},
	    {"RCPT", ERR_AWAY, false},
	    {".", ERR_OK, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer_rule rules[] = {
		    {rows[i].command, PEER_HANG}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules,
		    .config = "SmtpSecurity=none\nSmtpWait=100ms\n"};
		int64_t since_ms = clock_mono_ms();

		send_now(&s);
		test_is(s.rc, rows[i].rc, &s.err);
		assert_int_equal(s.result.is_unsure, rows[i].is_unsure);
		assert_false(s.result.accepted);
		assert_true(clock_mono_ms() - since_ms < LONG_MS / 2);
		send_end(&s);
	}
}

static void
test_cancel(void **state)
{
	static const char *const commands[] = {"EHLO", "RCPT", "DATA"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct peer_rule rules[] = {
		    {commands[i], PEER_CANCEL}, {NULL, NULL}};
		struct sending s = {
		    .peer.rules = rules, .peer.cancel = cancel_new(NULL)};

		send_now(&s);
		test_is(s.rc, ERR_CANCELED, &s.err);
		assert_unsent(&s);
		assert_int_equal(s.dots, 0);
		cancel_free(s.peer.cancel);
		send_end(&s);
	}
}

/* From the dot on the answer is waited for. */
static void
test_cancel_after_dot(void **state)
{
	struct peer_rule rules[] = {{".", PEER_CANCEL_250}, {NULL, NULL}};
	struct sending s = {
	    .peer.rules = rules, .peer.cancel = cancel_new(NULL)};

	(void)state;
	send_now(&s);
	assert_sent(&s);
	cancel_free(s.peer.cancel);
	send_end(&s);
}

/* ---- STARTTLS ---- */

static void
test_starttls(void **state)
{
	static const char offer[] = "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN";
	const struct {
		const char *name;
		const char *hello;
		const char *answer;
		const struct cert *cert;
		enum err_code rc;
	} rows[] = {
	    {"good", offer, "220 go", &keys.good, ERR_OK},
	    {"not offered", "250-x\r\n250 AUTH PLAIN", "220 go", &keys.good,
	        ERR_TRUST},
	    {"refused", offer, "454 no", &keys.good, ERR_TRUST},
	    {"injected", offer, "220 go\r\n250 AUTH PLAIN", &keys.good,
	        ERR_TRUST},
	    {"another name", offer, "220 go", &keys.other, ERR_TRUST},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer_rule rules[] = {{"EHLO", rows[i].hello},
		    {"STARTTLS", rows[i].answer}, {NULL, NULL}};
		struct sending s = {.peer.rules = rules,
		    .peer.cert = rows[i].cert,
		    .config = "SmtpSecurity=starttls\n"};

		send_now(&s);
		if (s.rc != rows[i].rc)
			fail_msg("%s: %s %s %s", rows[i].name, err_name(s.rc),
			    s.err.message, s.err.detail);
		if (s.rc == ERR_OK) {
			assert_sent(&s);
			assert_true(s.peer.is_tls);
			/* What was said before TLS counts no more. */
			assert_int_equal(count_of(s.peer.log, "EHLO"), 2);
		} else {
			assert_unsent(&s);
			assert_null(strstr(s.peer.log, "AUTH"));
		}
		send_end(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sent),
	    cmocka_unit_test(test_any_2yz_is_yes),
	    cmocka_unit_test(test_auth_login),
	    cmocka_unit_test(test_utf8_and_size),
	    cmocka_unit_test(test_dots),
	    cmocka_unit_test(test_last_line_is_ended),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_one_recipient_refused),
	    cmocka_unit_test(test_text_refused),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_journal_says_no),
	    cmocka_unit_test(test_lost_in_text),
	    cmocka_unit_test(test_after_dot),
	    cmocka_unit_test(test_speaks_too_early),
	    cmocka_unit_test(test_too_slow),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_cancel_after_dot),
	    cmocka_unit_test(test_starttls),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_keys, end_keys);
}
