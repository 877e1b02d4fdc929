/*
 * Accounts and connections against a scripted server on the loopback that
 * hangs, hangs up, refuses and sends garbage.
 */
#include "stage.h"

#include "mail/imap_etpan.h"
#include "os/file.h"

/* ---- logging in ---- */
static void
logins_that_fail_say_why(void **state)
{
	static const struct {
		const char *name, *security;
		enum err_code expected;
		const char *script[8];
	} table[] = {
	    {"hangs", "none", ERR_AWAY, {"H"}},
	    {"hangs up", "none", ERR_AWAY, {"R * O"}},
	    {"drips", "none", ERR_AWAY, {"R * OK he", "H"}},
	    {"garbage", "none", ERR_MAIL, {"S HTTP/1.1 400 Bad", "H"}},
	    {"BYE", "none", ERR_MAIL, {"S * BYE too busy", "H"}},
	    {"PREAUTH", "none", ERR_TRUST, {"S * PREAUTH hello", "H"}},
	    {"endless line", "none", ERR_MAIL, {"R * OK ", "G 1200000", "H"}},
	    {"refused", "none", ERR_LOGIN,
	        {GREETING, "C LOGIN", "S %a NO [AUTHENTICATIONFAILED] x", "H"}},
	    {"refused by BAD", "none", ERR_LOGIN,
	        {GREETING, "C LOGIN", "S %a BAD x", "H"}},
	    {"cannot check", "none", ERR_AWAY,
	        {GREETING, "C LOGIN", "S %a NO [UNAVAILABLE] x", "H"}},
	    {"too many", "none", ERR_MAIL,
	        {GREETING, "C LOGIN", "S %a NO [LIMIT] x", "H"}},
	    {"hangs in login", "none", ERR_AWAY, {GREETING, "C LOGIN", "H"}},
	    {"BYE in login", "none", ERR_AWAY,
	        {GREETING, "C LOGIN", "S * BYE x"}},
	    {"no way in", "none", ERR_MAIL,
	        {"S * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x", "H"}},
	    {"PREAUTH and STARTTLS", "starttls", ERR_TRUST,
	        {"S * PREAUTH hello", "H"}},
	    {"no STARTTLS", "starttls", ERR_TRUST, {GREETING, "H"}},
	    {"STARTTLS refused", "starttls", ERR_TRUST,
	        {GREETING_TLS, "C STARTTLS", "S %a BAD what", "H"}},
	    {"TLS port in clear", "starttls", ERR_MAIL,
	        {"R \x15\x03\x01\x02\x02\x28", "H"}},
	    {"injected behind STARTTLS", "starttls", ERR_TRUST,
	        {GREETING_TLS, "C STARTTLS", "S %a OK go\r\n* OK injected",
	            "H"}},
	    {"no TLS behind STARTTLS", "starttls", ERR_AWAY,
	        {GREETING_TLS, "C STARTTLS", "S %a OK go", "C \x01", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct stage stage;
		enum err_code rc;

		stage_open(&stage, table[i].security, "", table[i].script);
		rc = stage_login(&stage);
		if (rc != table[i].expected)
			fail_msg("%s: %s %s (%s)", table[i].name, err_name(rc),
			    stage.err.message, stage.err.detail);
		if (stage.err.message[0] == '\0')
			fail_msg("%s: no words", table[i].name);
		stage_close(&stage);
	}
}

static void
logs_in_without_login(void **state)
{
	static const char *const script[] = {
	    "S * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] x",
	    "C AUTHENTICATE PLAIN", "S + ", "C AGFubmEAc2VjcmV0",
	    "S i0 OK [CAPABILITY IMAP4rev1] in", "H", NULL};
	struct stage stage;

	(void)state;
	stage_open(&stage, "none", "", script);
	/* The tag is that of the first command on this connection. */
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	stage_close(&stage);
}

static void
asks_for_capabilities(void **state)
{
	static const char *const script[] = {"S * OK hello", "C CAPABILITY",
	    "S * CAPABILITY IMAP4rev1", "S %a OK done", "C LOGIN", "S %a OK in",
	    "C CAPABILITY", "S * CAPABILITY IMAP4rev1 MOVE", "S %a OK done",
	    "H", NULL};
	struct stage stage;
	struct imap_conn *conn = NULL;

	(void)state;
	stage_open(&stage, "none", "", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	test_is(account_take(&stage.mail, (struct str){0}, &conn, &stage.err),
	    ERR_OK, &stage.err);
	assert_true(imap_conn_has(conn, IMAP_CAP_MOVE));
	assert_false(imap_conn_has(conn, IMAP_CAP_UIDPLUS));
	account_give(conn);
	stage_close(&stage);
}

/* A reload that protects the way otherwise: the connections end with it. */
static void
another_protection_ends_connections(void **state)
{
	static const char *const script[] = {LOGGED_IN, "H", NULL};
	struct stage stage;
	struct mail_server *same = NULL;
	struct mail_server *other = NULL;
	struct account *account = NULL;
	const struct config *cfg = NULL;
	struct config_site site;

	(void)state;
	stage_open(&stage, "none", "", script);
	cfg = stage.cfg;
	site = cfg->site;
	site.imap_proxy = STR("socks5://127.0.0.1:1");
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	test_is(mail_server_new(cfg, &cfg->site, &(struct mail_server_files){0},
	            &same, &stage.err),
	    ERR_OK, &stage.err);
	test_is(mail_server_new(cfg, &site, &(struct mail_server_files){0},
	            &other, &stage.err),
	    ERR_OK, &stage.err);
	test_is(account_get(stage.accounts, same, STR("anna"), &stage.password,
	            &account, &stage.err),
	    ERR_OK, &stage.err);
	assert_ptr_equal(account, stage.account);
	assert_int_equal(stage.accounts->connections, 1);
	account_unref(account);
	test_is(account_get(stage.accounts, other, STR("anna"), &stage.password,
	            &account, &stage.err),
	    ERR_OK, &stage.err);
	assert_ptr_not_equal(account, stage.account);
	assert_int_equal(stage.accounts->connections, 0);
	account_unref(account);
	mail_server_unref(same);
	mail_server_unref(other);
	stage_close(&stage);
}

/* ---- at work ---- */
static void
lists_come_or_say_why(void **state)
{
	static const struct {
		const char *name;
		enum err_code expected;
		const char *script[24];
	} table[] = {
	    {"a row", ERR_OK,
	        {LOGGED_IN, SELECTED, "C FETCH", ROW, "S %a OK x", "H"}},
	    {"silent reconnect", ERR_OK,
	        {LOGGED_IN, SELECTED, "C FETCH", "R * 1 FETCH (UID {100}\r\nab",
	            "N", LOGGED_IN, SELECTED, "C FETCH", ROW, "S %a OK x",
	            "H"}},
	    {"hangs up twice", ERR_AWAY,
	        {LOGGED_IN, "C SELECT", "N", LOGGED_IN, "C SELECT"}},
	    {"hangs", ERR_AWAY, {LOGGED_IN, SELECTED, "C FETCH", "H"}},
	    {"hangs in SELECT", ERR_AWAY, {LOGGED_IN, "C SELECT", "H"}},
	    {"no such folder", ERR_NOT_FOUND,
	        {LOGGED_IN, "C SELECT", "S %a NO [NONEXISTENT] x", "H"}},
	    {"not allowed", ERR_MAIL,
	        {LOGGED_IN, "C SELECT", "S %a NO [NOPERM] x", "H"}},
	    {"BAD", ERR_MAIL,
	        {LOGGED_IN, SELECTED, "C FETCH", "S %a BAD x", "H"}},
	    {"giant literal", ERR_MAIL,
	        {LOGGED_IN, SELECTED, "C FETCH",
	            "S * 1 FETCH (UID {4000000000}", "H"}},
	    {"not our tag", ERR_MAIL,
	        {LOGGED_IN, SELECTED, "C FETCH", "S i999 OK x", "H"}},
	    {"garbage", ERR_MAIL,
	        {LOGGED_IN, SELECTED, "C FETCH", "S \x01\x02\xff", "H"}},
	    {"garbage in SELECT", ERR_MAIL,
	        {LOGGED_IN, "C SELECT", "S * 1 BLURB (((", "H"}},
	    {"broken PERMANENTFLAGS", ERR_MAIL,
	        {LOGGED_IN, "C SELECT", "S * OK [PERMANENTFLAGS] x",
	            "S %a OK x", "H"}},
	    {"refused later", ERR_LOGIN,
	        {LOGGED_IN, "C SELECT", "N", GREETING, "C LOGIN",
	            "S %a NO [AUTHENTICATIONFAILED] x", "H"}},
	    {"BYE", ERR_OK,
	        {LOGGED_IN, "C SELECT", "S * BYE restart", "N", LOGGED_IN,
	            SELECTED, "C FETCH", ROW, "S %a OK x", "H"}},
	    {"gone by EXPUNGEISSUED", ERR_OK,
	        {LOGGED_IN, SELECTED, "C FETCH", ROW,
	            "S %a NO [EXPUNGEISSUED] x", "C NOOP", "S %a OK x", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct stage stage;
		struct mail_list list;
		int64_t start_ms;
		enum err_code rc;

		stage_open(&stage, "none", "", table[i].script);
		test_is(stage_login(&stage), ERR_OK, &stage.err);
		start_ms = clock_mono_ms();
		rc = stage_list(&stage, &list);
		if (rc != table[i].expected)
			fail_msg("%s: %s %s (%s)", table[i].name, err_name(rc),
			    stage.err.message, stage.err.detail);
		if (clock_mono_ms() - start_ms > 4000)
			fail_msg("%s: too slow", table[i].name);
		if (rc == ERR_OK) {
			assert_int_equal(list.row_count, 1);
			assert_int_equal(list.rows[0].uid, 5);
			assert_int_equal(list.uid_validity, 9);
		}
		stage_close(&stage);
	}
}

/* A deep structure is one message's trouble, not the list's. */
static void
deep_structures_spoil_nothing(void **state)
{
	static char deep[70000];
	static const char *const script[] = {
	    LOGGED_IN, SELECTED, "C FETCH", deep, "S %a OK x", "H", NULL};
	struct stage stage;
	struct mail_list list;

	(void)state;
	(void)snprintf(deep, sizeof(deep), "%s",
	    "S * 1 FETCH (UID 5 FLAGS () ENVELOPE (NIL \"hi\" NIL NIL NIL NIL "
	    "NIL NIL NIL NIL) BODYSTRUCTURE ");
	memset(deep + strlen(deep), '(', 60000);
	stage_open(&stage, "none", "", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	test_is(stage_list(&stage, &list), ERR_OK, &stage.err);
	assert_int_equal(list.row_count, 1);
	stage_close(&stage);
}

/* Only where it is wanted, known, and offered; before the password. */
static void
tells_who_is_behind_it(void **state)
{
	static const struct {
		const char *name, *lines, *address;
		const char *script[8];
	} table[] = {
	    {"told", "SendClientAddress=1\n", "192.0.2.7",
	        {"S * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] hello",
	            "C ID (\"name\" \"iwebmsg\" \"x-originating-ip\" "
	            "\"192.0.2.7\")",
	            "S * ID NIL", "S %a OK x", "C LOGIN",
	            "S %a OK [CAPABILITY IMAP4rev1] in", "H"}},
	    {"not understood", "SendClientAddress=1\n", "2001:db8::1",
	        {"S * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] hello",
	            "C ID (\"name\" \"iwebmsg\" \"x-originating-ip\" "
	            "\"2001:db8::1\")",
	            "S %a BAD what", "C LOGIN",
	            "S %a OK [CAPABILITY IMAP4rev1] in", "H"}},
	    {"not offered", "SendClientAddress=1\n", "192.0.2.7",
	        {LOGGED_IN, "H"}},
	    {"not known", "SendClientAddress=1\n", NULL,
	        {"S * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] hello", "C LOGIN",
	            "S %a OK [CAPABILITY IMAP4rev1] in", "H"}},
	    {"not wanted", "", "192.0.2.7",
	        {"S * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] hello", "C LOGIN",
	            "S %a OK [CAPABILITY IMAP4rev1] in", "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct mail_wait wait = test_wait(5000);
		struct stage stage;

		wait.client_address = table[i].address;
		stage_open(&stage, "none", table[i].lines, table[i].script);
		test_is(account_login(stage.accounts, stage.server, STR("anna"),
		            &stage.password, &wait, &stage.account, &stage.err),
		    ERR_OK, &stage.err);
		stage.mail.account = stage.account;
		stage_close(&stage);
	}
}

/* Dovecot answers in an order of its own; so do we. */
static void
tags_may_come_in_any_order(void **state)
{
	static const char *const script[] = {LOGGED_IN, SELECTED, "C FETCH",
	    "C LIST", "S * LIST () \"/\" INBOX", "S %a OK list", ROW,
	    "S %b OK fetch", "C STATUS",
	    "S * STATUS INBOX (MESSAGES 1 UNSEEN 1)", "S %a OK x",
	    /* Warm: FETCH, NOOP, LIST; new mail in between. */
	    "C FETCH", "C NOOP", "C LIST", "S %a OK list", "S * 2 EXISTS",
	    "S %b OK noop", ROW, "S %c OK fetch", "C FETCH 1 (UID FLAGS)",
	    "C FETCH 2 (UID FLAGS INTERNALDATE", "S %a OK x",
	    "S * 1 FETCH (UID 5 FLAGS ())", "S %b OK x", "H", NULL};
	struct stage stage;
	struct mail_list list;
	struct mail_folders folders;
	struct mail_query query = {.folder = TEXT("INBOX"), .row_count = 10};

	(void)state;
	stage_open(&stage, "none", "", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	for (unsigned i = 0; i < 2; i++) {
		test_is(mail_list(&stage.mail, &query, &list, &folders, NULL,
		            &stage.err),
		    ERR_OK, &stage.err);
		assert_int_equal(list.row_count, 1);
		assert_int_equal(list.total, i + 1);
	}
	stage_close(&stage);
}

/* ---- literals that wait, and refusals ---- */
static void
append_waits_for_the_server(void **state)
{
	static const struct {
		const char *name;
		enum err_code expected;
		const char *script[12];
	} table[] = {
	    {"taken", ERR_OK,
	        {LOGGED_IN, "C APPEND", "S + go", "C hello",
	            "S i1 OK [APPENDUID 3 44] x", "H"}},
	    {"no folder", ERR_NOT_FOUND,
	        {LOGGED_IN, "C APPEND", "S %a NO [TRYCREATE] x", "H"}},
	    {"full", ERR_LIMIT,
	        {LOGGED_IN, "C APPEND", "S %a NO [OVERQUOTA] x", "H"}},
	    {"hangs", ERR_AWAY, {LOGGED_IN, "C APPEND", "H"}},
	    {"hangs up", ERR_AWAY, {LOGGED_IN, "C APPEND", "S + go"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct stage stage;
		uint32_t uid = 0;
		int fd = -1;
		enum err_code rc;

		stage_open(&stage, "none", "", table[i].script);
		test_is(stage_login(&stage), ERR_OK, &stage.err);
		test_is(file_open_spool("/tmp", &fd, &stage.err), ERR_OK,
		    &stage.err);
		test_is(file_write_all(fd, STR("hello\r\n"), &stage.err),
		    ERR_OK, &stage.err);
		rc = mail_append(&stage.mail, TEXT("Drafts"), MAIL_DRAFT, fd, 7,
		    &uid, &stage.err);
		if (rc != table[i].expected)
			fail_msg("%s: %s %s (%s)", table[i].name, err_name(rc),
			    stage.err.message, stage.err.detail);
		assert_int_equal(uid, rc == ERR_OK ? 44 : 0);
		file_close(&fd);
		stage_close(&stage);
	}
}

/* ---- the pool ---- */
static void *
fire(void *cancel)
{
	cancel_fire(cancel);
	return NULL;
}

static void
a_browser_that_left_ends_the_wait(void **state)
{
	static const char *const script[] = {LOGGED_IN, "C SELECT", "H", NULL};
	struct stage stage;
	struct mail_list list;
	pthread_t thread;

	(void)state;
	stage_open(&stage, "none", "ImapConnectionsPerUser=1\n", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	stage.mail.wait.cancel = cancel_new(&stage.err);
	assert_non_null(stage.mail.wait.cancel);
	assert_int_equal(
	    pthread_create(&thread, NULL, fire, stage.mail.wait.cancel), 0);
	test_is(stage_list(&stage, &list), ERR_CANCELED, &stage.err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	cancel_free(stage.mail.wait.cancel);
	stage_close(&stage);
}

static void
a_full_pool_waits_and_then_says_so(void **state)
{
	static const char *const script[] = {LOGGED_IN, "H", NULL};
	struct stage stage;
	struct imap_conn *one = NULL;
	struct imap_conn *two = NULL;

	(void)state;
	stage_open(&stage, "none", "ImapConnectionsPerUser=1\n", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	test_is(account_take(&stage.mail, (struct str){0}, &one, &stage.err),
	    ERR_OK, &stage.err);
	stage.mail.wait = test_wait(50);
	test_is(account_take(&stage.mail, (struct str){0}, &two, &stage.err),
	    ERR_BUSY, &stage.err);
	account_give(one);
	test_is(account_take(&stage.mail, (struct str){0}, &two, &stage.err),
	    ERR_OK, &stage.err);
	assert_ptr_equal(one, two);
	account_give(two);
	stage_close(&stage);
}

/*
 * Idle for more than a minute it is asked before it is relied on: where
 * nothing comes back, a gateway forgot it, and the page comes all the same.
 */
static void
rested_connections_are_asked_first(void **state)
{
#define FIRST LOGGED_IN, SELECTED, "C i1 FETCH", ROW, "S %a OK x"
	static const struct {
		const char *name;
		int64_t rested_ms;
		uint32_t connects; /* in all */
		const char *script[40];
	} table[] = {
	    {"just used", 55000, 1,
	        {FIRST, "C i2 FETCH", ROW, "C i3 NOOP", "S %b OK x",
	            "S %a OK x", "H"}},
	    {"there", 61000, 1,
	        {FIRST, "C i2 NOOP", "S %a OK x", "C i3 FETCH", ROW,
	            "C i4 NOOP", "S %b OK x", "S %a OK x", "H"}},
	    {"forgotten on the way", 61000, 2,
	        {FIRST, "C i2 NOOP", "H", "N", FIRST, "H"}},
	    {"hangs up when asked", 61000, 2,
	        {FIRST, "C i2 NOOP", "N", FIRST, "H"}},
	    {"says goodbye when asked", 61000, 2,
	        {FIRST, "C i2 NOOP", "S * BYE you were silent", "S %a OK x",
	            "N", FIRST, "H"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct metrics *metrics = metrics_new();
		struct stage stage;
		struct mail_list list;

		stage_open(&stage, "none", "", table[i].script);
		stage.accounts->metric_connects =
		    metrics_counter(metrics, "connects", "", NULL);
		stage.mail.wait = test_wait(20000);
		test_is(stage_login(&stage), ERR_OK, &stage.err);
		test_is(stage_list(&stage, &list), ERR_OK, &stage.err);
		assert_non_null(stage.accounts->idle_newest);
		stage.accounts->idle_newest->used_mono_ms -= table[i].rested_ms;
		if (stage_list(&stage, &list) != ERR_OK || list.row_count != 1)
			fail_msg("%s: %s", table[i].name, stage.err.detail);
		if (metric_value(stage.accounts->metric_connects) !=
		    (int64_t)table[i].connects)
			fail_msg("%s: it was connected again, or not",
			    table[i].name);
		stage_close(&stage);
		metrics_free(metrics);
	}
}

static void
another_password_has_its_own_pool(void **state)
{
	static const char *const script[] = {LOGGED_IN, "H", "N", GREETING,
	    "C LOGIN", "S %a NO [AUTHENTICATIONFAILED] x", "H", NULL};
	struct stage stage;
	struct secret other;
	struct account *account = NULL;
	struct mail mail;
	struct mail_folders folders;

	(void)state;
	stage_open(&stage, "none", "", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	assert_int_equal(secret_init(&other, STR("guess"), NULL), ERR_OK);
	/* The idle connection of the right password is not for this one. */
	account_log_off(stage.accounts, stage.server, STR("anna"));
	test_is(account_get(stage.accounts, stage.server, STR("anna"), &other,
	            &account, &stage.err),
	    ERR_OK, &stage.err);
	assert_ptr_not_equal(account, stage.account);
	mail = stage.mail;
	mail.account = account;
	for (unsigned i = 0; i < 2; i++)
		test_is(mail_folders(&mail, &folders, &stage.err), ERR_LOGIN,
		    &stage.err);
	account_unref(account);
	secret_end(&other);
	stage_close(&stage);
}

static void
idle_connections_are_closed(void **state)
{
	static const char *const script[] = {LOGGED_IN, "H", NULL};
	struct stage stage;

	(void)state;
	stage_open(&stage, "none", "", script);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	accounts_tick(stage.accounts);
	assert_int_equal(stage.accounts->connections, 1);
	stage.accounts->idle_close_ms = 0;
	accounts_tick(stage.accounts);
	assert_int_equal(stage.accounts->connections, 0);
	/* With nobody left, the account and its password are gone too. */
	account_unref(stage.account);
	stage.account = NULL;
	for (size_t i = 0; i < ACCOUNT_BUCKETS; i++)
		assert_null(stage.accounts->buckets[i]);
	stage_close(&stage);
}

static void
nothing_with_line_breaks_goes_out(void **state)
{
	static const char *const script[] = {
	    GREETING, "H", "N", LOGGED_IN, "H", NULL};
	struct stage stage;
	struct imap_conn *conn = NULL;
	struct secret evil;
	struct account *account = NULL;
	struct mail_wait wait = test_wait(1000);

	(void)state;
	stage_open(&stage, "none", "", script);
	assert_int_equal(secret_init(&evil, STR("a\r\nb"), NULL), ERR_OK);
	test_is(account_login(stage.accounts, stage.server, STR("anna"), &evil,
	            &wait, &account, &stage.err),
	    ERR_LOGIN, &stage.err);
	test_is(stage_login(&stage), ERR_OK, &stage.err);
	test_is(account_take(&stage.mail, (struct str){0}, &conn, &stage.err),
	    ERR_OK, &stage.err);
	test_is(imap_select(conn, STR("x\r\n2 LOGOUT"), &stage.err), ERR_INPUT,
	    &stage.err);
	test_is(
	    imap_create(conn, STR("x\n"), &stage.err), ERR_INPUT, &stage.err);
	account_give(conn);
	secret_end(&evil);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logins_that_fail_say_why),
	    cmocka_unit_test(logs_in_without_login),
	    cmocka_unit_test(asks_for_capabilities),
	    cmocka_unit_test(another_protection_ends_connections),
	    cmocka_unit_test(lists_come_or_say_why),
	    cmocka_unit_test(deep_structures_spoil_nothing),
	    cmocka_unit_test(tells_who_is_behind_it),
	    cmocka_unit_test(tags_may_come_in_any_order),
	    cmocka_unit_test(append_waits_for_the_server),
	    cmocka_unit_test(a_browser_that_left_ends_the_wait),
	    cmocka_unit_test(a_full_pool_waits_and_then_says_so),
	    cmocka_unit_test(rested_connections_are_asked_first),
	    cmocka_unit_test(another_password_has_its_own_pool),
	    cmocka_unit_test(idle_connections_are_closed),
	    cmocka_unit_test(nothing_with_line_breaks_goes_out),
	};

	mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
