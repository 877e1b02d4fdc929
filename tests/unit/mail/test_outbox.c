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
	char folder[64];
	struct cert ca;
	struct store *store;
	struct metrics *metrics;
	struct secret password;
	/* of one sending */
	struct peer peer;
	struct arena *arena;
	struct mime_draft draft;
	struct mime_address to[2];
	struct outbox_spooled spooled;
	struct outbox_result result;
	bool is_taken; /* somebody took the composition back meanwhile */
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
	outbox_remove_file(desk->folder, desk->spooled.file, desk->arena);
	arena_free(desk->arena);
	peer_end(&desk->peer);
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

/* Build, row, SMTP: as pages do it. False: somebody else has it. */
static bool
desk_try(struct desk *desk, struct mail *mail)
{
	struct outbox_item item = {.store = desk->store,
	    .account = owner,
	    .compose_id = id,
	    .spool_folder = desk->folder,
	    .draft = &desk->draft,
	    .login = STR("anna"),
	    .password = &desk->password};
	const struct str people[] = {
	    desk->to[0].address.s, desk->to[1].address.s};
	struct outbox_post post = {.store = desk->store,
	    .spool_folder = desk->folder,
	    .id = id,
	    .account = owner,
	    .from = desk->draft.from.address.s,
	    .recipients = people,
	    .count = desk->draft.bcc.count + 1,
	    .message_id = desk->draft.message_id.s,
	    .login = STR("anna"),
	    .password = &desk->password};
	const struct store_outbox_limits limits = {0, 1 << 30};
	struct store_outbox row = {.id = id,
	    .account = owner,
	    .message_id = post.message_id,
	    .state = STORE_COMPOSE_SENDING};
	bool won = false;

	test_is(outbox_open_files(&item, desk->arena, &desk->err), ERR_OK,
	    &desk->err);
	test_is(outbox_build_spool(mail, &item, &post.spooled, &desk->err),
	    ERR_OK, &desk->err);
	row.file = post.spooled.file;
	test_is(store_outbox_put(desk->store, &row, &limits, &won, &desk->err),
	    ERR_OK, &desk->err);
	post.lease = row.lease;
	if (desk->is_taken)
		test_is(store_compose_move(desk->store, owner, id,
		            STORE_COMPOSE_SENDING, STORE_COMPOSE_WRITING,
		            STR(""), &won, &desk->err),
		    ERR_OK, &desk->err);
	if (won) {
		desk->spooled = post.spooled;
		outbox_send(mail, &post, &desk->result);
	} else {
		outbox_remove_file(
		    desk->folder, post.spooled.file, desk->arena);
	}
	return won;
}

/* Sends, and then once more, as a double click or Back and Send do. */
static void
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
	assert_true(desk_try(desk, &mail));
	if (again)
		assert_false(desk_try(desk, &mail));
	peer_stop(&desk->peer);
	account_unref(mail.account);
	accounts_free(accounts);
	mail_server_unref(server);
	config_unref(cfg);
}

static void
assert_state(struct desk *desk, enum store_compose_state state)
{
	struct store_compose now;

	test_is(store_compose_find(
	            desk->store, owner, id, desk->arena, &now, &desk->err),
	    ERR_OK, &desk->err);
	assert_int_equal(now.state, state);
	assert_false(now.copied);
}

/* All of the spooled file. */
static struct str
spooled_text(struct desk *desk)
{
	struct str path = str_printf(
	    desk->arena, "%s/%.*s", desk->folder, STR_ARG(desk->spooled.file));
	struct str text;

	test_is(file_read(path.ptr, 1 << 20, desk->arena, &text, &desk->err),
	    ERR_OK, &desk->err);
	return text;
}

/* Sent once, although asked twice; the file for the copy has Bcc. */
static void
test_sent_once(void **state)
{
	struct desk *desk = *state;
	struct str text;

	desk_clear(desk, NULL);
	desk_send(desk, true);
	assert_int_equal(desk->result.end, OUTBOX_SENT);
	assert_state(desk, STORE_COMPOSE_SENT);
	assert_non_null(strstr(desk->peer.log, "RCPT TO:<carl@example.org>"));
	assert_null(strstr(desk->peer.text, "carl"));
	text = spooled_text(desk);
	assert_int_equal(
	    text.len, desk->spooled.head_bytes + desk->spooled.message_bytes);
	assert_true(str_starts(text, STR("Bcc: carl@example.org\r\n")));
	desk_end(desk);
}

/* What the server does not take, and whether that may change. */
static void
test_refused(void **state)
{
	static const struct {
		const char *command;
		const char *answer;
		enum outbox_outcome end;
		size_t refused_count;
		const char *words;
	} rows[] = {
	    {"RCPT TO:<carl", "550 no carl", OUTBOX_REFUSED, 1,
	        "1 of 2 recipients was refused, so nobody got it: "
	        "carl@example.org (it said: no carl)"},
	    {"RCPT TO:<carl", "550 5.1.1 <carl>: unknown", OUTBOX_REFUSED, 1,
	        "1 of 2 recipients was refused, so nobody got it: "
	        "carl@example.org: there is no such mailbox (it said: 5.1.1 "
	        "<carl>: unknown)"},
	    {"RCPT TO:<carl", "450 greylisted", OUTBOX_LATER, 0, NULL},
	    {"MAIL", "550 not you", OUTBOX_REFUSED, 0,
	        "The mail server refused the message. It said: not you"},
	    {"MAIL", "552 5.3.4 big", OUTBOX_REFUSED, 0,
	        "The mail server refused the message: the message is too "
	        "large. It said: 5.3.4 big"},
	    {".", "554 5.7.26 no SPF", OUTBOX_REFUSED, 0,
	        "The mail server refused the message: its rules do not allow "
	        "it. It said: 5.7.26 no SPF"},
	    {"DATA", "451 later", OUTBOX_LATER, 0,
	        "The mail server refused the message. It said: later"},
	    {".", "554 spam", OUTBOX_REFUSED, 0,
	        "The mail server refused the message. It said: spam"},
	    {".", "451 later", OUTBOX_LATER, 0, NULL},
	    {"AUTH", "535 who", OUTBOX_REFUSED, 0,
	        "The server for outgoing mail refuses your login. If your "
	        "password was changed, log in here again, and press Send "
	        "again."},
	    {"AUTH", "454 not now", OUTBOX_LATER, 0, NULL},
	    {"DATA", PEER_CLOSE, OUTBOX_LATER, 0, NULL},
	    {"", PEER_CLOSE, OUTBOX_LATER, 0, NULL},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct peer_rule rules[] = {
		    {rows[i].command, rows[i].answer}, {NULL, NULL}};
		struct outbox_result *result = &desk->result;

		desk_clear(desk, rules);
		desk_send(desk, false);
		assert_int_equal(result->end, rows[i].end);
		assert_int_equal(result->refused_count, rows[i].refused_count);
		assert_true(result->words.s.len > 0);
		if (rows[i].words != NULL)
			assert_string_equal(
			    str_dup_c(desk->arena, result->words.s),
			    rows[i].words);
		/* The journal is written just before the dot. */
		assert_state(desk, rows[i].command[0] == '.'
		                       ? STORE_COMPOSE_UNSURE
		                       : STORE_COMPOSE_SENDING);
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
	struct store_outbox row;

	desk_clear(desk, rules);
	desk_send(desk, true);
	assert_int_equal(desk->result.end, OUTBOX_UNSURE);
	assert_state(desk, STORE_COMPOSE_UNSURE);
	test_is(store_outbox_find(
	            desk->store, owner, id, desk->arena, &row, &desk->err),
	    ERR_OK, &desk->err);
	assert_int_equal(row.sealed.len, 0);
	assert_true(row.unseen);
	desk_end(desk);
}

/* The journal was lost to somebody else: the dot is not sent. */
static void
test_no_journal(void **state)
{
	struct desk *desk = *state;

	desk_clear(desk, NULL);
	desk->is_taken = true;
	desk_send(desk, false);
	/* Whoever has the row decides; here nothing is noted about it. */
	assert_int_equal(desk->result.end, OUTBOX_LOST);
	assert_null(strstr(desk->peer.log, "\n.\n"));
	desk_end(desk);
}

/* Each file's own bytes, over the borders of stored chunks. */
static void
test_files(void **state)
{
	struct desk *desk = *state;
	size_t count[2] = {0, 0};

	desk_clear(desk, NULL);
	/* Before it is built the server is asked whether it takes 8 bits. */
	desk->peer.visits = 1;
	desk->draft.bcc.count = 0;
	desk_add_file(desk, "FFFFFFFFFFFFFFFFFFFFF1", 'x', 100);
	desk_add_file(desk, "FFFFFFFFFFFFFFFFFFFFF2", '~', 70000);
	desk_send(desk, false);
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
	    cmocka_unit_test(test_no_journal),
	    cmocka_unit_test(test_files),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, desk_up, desk_down);
}
