/*
 * A composition on its way: whatever breaks, it is being written, or sent, or
 * perhaps sent; never lost, never sent twice. The IMAP server is away here.
 */
#include "smtp_peer.h"

#include "base/limits.h"
#include "mail/outbox.h"
#include "os/file.h"

#define LONG_MS 20000

static const struct str id = {"AAAAAAAAAAAAAAAAAAAAAA", 22};
static const struct str owner = {"anna", 4};

struct desk {
	char folder[64], path[128];
	struct cert ca;
	struct store *store;
	struct metrics *metrics;
	struct secret password;
	/* of one sending */
	struct peer peer;
	struct arena *arena;
	struct mime_draft draft;
	struct mime_address to[2];
	struct outbox_result result;
	struct err err;
};

static int
desk_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	assert_non_null(desk);
	(void)snprintf(
	    desk->folder, sizeof(desk->folder), "/tmp/iwebmsg-outbox-XXXXXX");
	assert_non_null(mkdtemp(desk->folder));
	(void)snprintf(desk->path, sizeof(desk->path), "%s/%.*s.eml",
	    desk->folder, STR_ARG(id));
	desk->ca = cert_make(
	    &(struct cert_wish){.name = "CA", .is_ca = true, .to_s = 86400});
	desk->metrics = metrics_new();
	desk->password = cert_secret("secret");
	*state = desk;
	return 0;
}

static int
desk_down(void **state)
{
	struct desk *desk = *state;

	cert_end(&desk->ca);
	metrics_free(desk->metrics);
	secret_end(&desk->password);
	(void)rmdir(desk->folder);
	free(desk);
	return 0;
}

/* A composition to two people, saved. */
static void
desk_clear(struct desk *desk, const struct peer_rule *rules)
{
	struct store_compose compose = {
	    .id = id, .account = owner, .fields = STR("to=x")};

	desk->err = (struct err)ERR_NONE;
	desk->peer = (struct peer){.rules = rules};
	desk->arena = arena_new(LIMIT_ARENA_BYTES);
	desk->to[0].address = TEXT("ben@example.org");
	desk->to[1].address = TEXT("carl@example.org");
	desk->draft = (struct mime_draft){
	    .from = {.address = TEXT("anna@example.org")},
	    .to = {desk->to, 1},
	    .bcc = {desk->to + 1, 1},
	    .subject = TEXT("x"),
	    .body = TEXT("hello\n"),
	    .message_id = TEXT("<1@example.org>"),
	    .date_s = 1800000000,
	};
	test_is(store_open(":memory:", &desk->store, &desk->err), ERR_OK,
	    &desk->err);
	test_is(store_compose_save(desk->store, &compose, &desk->err), ERR_OK,
	    &desk->err);
}

static void
desk_end(struct desk *desk)
{
	store_close(desk->store);
	arena_free(desk->arena);
	peer_end(&desk->peer);
	(void)unlink(desk->path);
}

static void
desk_add_file(struct desk *desk, const char *file_id, char fill, size_t len)
{
	struct store_attachment file = {.id = str_c(file_id),
	    .name = STR("a.bin"),
	    .type = STR("message/rfc822"),
	    .bytes = len};
	char *bytes = malloc(OUTBOX_CHUNK_BYTES);
	uint32_t number = 0;

	assert_non_null(bytes);
	memset(bytes, fill, OUTBOX_CHUNK_BYTES);
	for (size_t i = 60; i < OUTBOX_CHUNK_BYTES; i += 60)
		bytes[i] = '\n';
	assert_int_equal(
	    store_attachment_begin(desk->store, owner, id, &file, &desk->err),
	    ERR_OK);
	for (size_t at = 0; at < len; at += OUTBOX_CHUNK_BYTES) {
		size_t left = len - at;

		assert_int_equal(
		    store_attachment_write(desk->store, file.id, number++,
		        str_of(bytes, left < OUTBOX_CHUNK_BYTES
		                          ? left
		                          : OUTBOX_CHUNK_BYTES),
		        &desk->err),
		    ERR_OK);
	}
	assert_int_equal(
	    store_attachment_end(desk->store, file.id, len, &desk->err),
	    ERR_OK);
	free(bytes);
}

static enum err_code
desk_try(struct desk *desk, struct mail *mail)
{
	struct outbox_item item = {.store = desk->store,
	    .account = owner,
	    .compose_id = id,
	    .spool_folder = desk->folder,
	    .draft = &desk->draft,
	    .login = STR("anna"),
	    .password = &desk->password};

	test_is(outbox_open_files(&item, desk->arena, &desk->err), ERR_OK,
	    &desk->err);
	return outbox_send(mail, &item, &desk->result, &desk->err);
}

/* Sends, and then once more, as a double click or Back and Send do. */
static enum err_code
desk_send(struct desk *desk, bool again)
{
	char lines[512];
	const struct config *cfg;
	const struct mail_server_files files = {
	    .imap.ca_pem = str_c(desk->ca.pem),
	    .smtp.ca_pem = str_c(desk->ca.pem)};
	struct mail_server *server = NULL;
	struct accounts *accounts = NULL;
	struct mail mail = {.arena = desk->arena, .wait = test_wait(LONG_MS)};
	enum err_code rc;

	peer_start(&desk->peer);
	(void)snprintf(lines, sizeof(lines),
	    "ImapHost=127.0.0.1\nImapPort=1\nImapSecurity=none\n"
	    "SmtpHost=127.0.0.1\nSmtpPort=%u\nSmtpSecurity=none\n",
	    desk->peer.port);
	cfg = test_config(lines);
	test_is(mail_server_new(cfg, &cfg->site, &files, &server, &desk->err),
	    ERR_OK, &desk->err);
	test_is(accounts_new(cfg, desk->metrics, &accounts, &desk->err), ERR_OK,
	    &desk->err);
	test_is(account_get(accounts, server, STR("anna"), &desk->password,
	            &mail.account, &desk->err),
	    ERR_OK, &desk->err);
	rc = desk_try(desk, &mail);
	if (rc == ERR_OK && again)
		rc = desk_try(desk, &mail);
	peer_stop(&desk->peer);
	account_unref(mail.account);
	accounts_free(accounts);
	mail_server_unref(server);
	config_unref(cfg);
	return rc;
}

static void
assert_state(struct desk *desk, enum store_compose_state state, bool has_spool)
{
	struct store_compose now;

	test_is(store_compose_find(
	            desk->store, owner, id, desk->arena, &now, &desk->err),
	    ERR_OK, &desk->err);
	assert_int_equal(now.state, state);
	assert_false(now.copied);
	assert_int_equal(file_exists(desk->path), has_spool);
}

/* Sent once, although asked twice; the copy waits in the spool. */
static void
test_sent_once(void **state)
{
	struct desk *desk = *state;

	desk_clear(desk, NULL);
	test_is(desk_send(desk, true), ERR_OK, &desk->err);
	assert_int_equal(desk->result.state, STORE_COMPOSE_SENT);
	assert_false(desk->result.is_copied);
	assert_true(desk->result.words.s.len > 0);
	assert_state(desk, STORE_COMPOSE_SENT, true);
	assert_non_null(strstr(desk->peer.log, "RCPT TO:<carl@example.org>"));
	assert_null(strstr(desk->peer.text, "carl"));
	desk_end(desk);
}

/* What the server does not take can be changed and sent again. */
static void
test_refused(void **state)
{
	static const struct {
		const char *command;
		const char *answer;
		enum err_code rc;
		const char *words;
	} rows[] = {
	    {"RCPT TO:<carl", "550 no carl", ERR_MAIL,
	        "carl@example.org: no carl"},
	    {"MAIL", "550 not you", ERR_MAIL,
	        "The mail server refused the message: not you"},
	    {"DATA", "451 later", ERR_MAIL,
	        "The mail server refused the message: later"},
	    {".", "554 spam", ERR_MAIL,
	        "The mail server refused the message: spam"},
	    {"DATA", PEER_CLOSE, ERR_AWAY, NULL},
	    {"", PEER_CLOSE, ERR_AWAY, NULL},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct peer_rule rules[] = {
		    {rows[i].command, rows[i].answer}, {NULL, NULL}};

		desk_clear(desk, rules);
		test_is(desk_send(desk, false), rows[i].rc, &desk->err);
		if (rows[i].words != NULL)
			assert_string_equal(desk->err.message, rows[i].words);
		assert_state(desk, STORE_COMPOSE_WRITING, false);
		desk_end(desk);
	}
}

/* The one case nobody can decide: not sent again by itself. */
static void
test_unsure(void **state)
{
	static const struct peer_rule rules[] = {
	    {".", PEER_CLOSE}, {NULL, NULL}};
	struct desk *desk = *state;

	desk_clear(desk, rules);
	test_is(desk_send(desk, true), ERR_OK, &desk->err);
	assert_int_equal(desk->result.state, STORE_COMPOSE_UNSURE);
	assert_state(desk, STORE_COMPOSE_UNSURE, true);
	desk_end(desk);
}

static void
test_nobody(void **state)
{
	struct desk *desk = *state;

	desk_clear(desk, NULL);
	desk->draft.to.count = desk->draft.bcc.count = 0;
	test_is(desk_send(desk, false), ERR_INPUT, &desk->err);
	assert_state(desk, STORE_COMPOSE_WRITING, false);
	assert_int_equal(desk->peer.log_len, 0);
	desk_end(desk);
}

/* Somebody else is sending it: this one does not. */
static void
test_claimed(void **state)
{
	struct desk *desk = *state;
	bool won = false;

	desk_clear(desk, NULL);
	test_is(
	    store_compose_move(desk->store, owner, id, STORE_COMPOSE_WRITING,
	        STORE_COMPOSE_SENDING, STR(""), &won, &desk->err),
	    ERR_OK, &desk->err);
	assert_true(won);
	test_is(desk_send(desk, false), ERR_OK, &desk->err);
	assert_int_equal(desk->result.state, STORE_COMPOSE_SENDING);
	assert_int_equal(desk->peer.log_len, 0);
	desk_end(desk);
}

/* Each file's own bytes, over the borders of stored chunks. */
static void
test_files(void **state)
{
	struct desk *desk = *state;
	size_t count[2] = {0, 0};

	desk_clear(desk, NULL);
	desk->draft.bcc.count = 0;
	desk_add_file(desk, "FFFFFFFFFFFFFFFFFFFFF1", 'x', 100);
	desk_add_file(desk, "FFFFFFFFFFFFFFFFFFFFF2", '~', 70000);
	test_is(desk_send(desk, false), ERR_OK, &desk->err);
	for (size_t i = 0; i < desk->peer.text_len; i++) {
		count[0] += desk->peer.text[i] == '~';
		count[1] += str_eq(
		    str_slice(str_of(desk->peer.text, desk->peer.text_len), i,
		        i + 20),
		    STR("xxxxxxxxxxxxxxxxxxxx"));
	}
	assert_int_equal(count[0], 70000 - 69999 / 60);
	assert_true(count[1] > 0);
	desk_end(desk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sent_once),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_unsure),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_claimed),
	    cmocka_unit_test(test_files),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, desk_up, desk_down);
}
