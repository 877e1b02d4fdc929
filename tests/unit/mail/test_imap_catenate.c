/*
 * A message put together on the server, byte by byte as it goes out, against
 * a server on loopback that answers as the test wants.
 */
#include "mail_test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"
#include "os/socket.h"

#define CAN "IMAP4rev1 UIDPLUS LITERAL+ CATENATE"

struct post {
	const char *caps, *answer; /* to APPEND, after its tag */
	sock_t listener, sock;
	pthread_t thread;
	char seen[64 << 10]; /* of the APPEND, behind its tag */
	size_t seen_len;
	unsigned commands; /* APPENDs */
};

static int
post_byte(struct post *post)
{
	unsigned char byte;

	return read(post->sock, &byte, 1) == 1 ? byte : -1;
}

static void
post_say(struct post *post, const char *tag, const char *words)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s %s\r\n", tag, words);

	(void)send(post->sock, line, (size_t)len, MSG_NOSIGNAL);
}

static bool
post_keep(struct post *post, int byte)
{
	if (byte < 0 || post->seen_len == sizeof(post->seen))
		return false;
	post->seen[post->seen_len++] = (char)byte;
	return true;
}

/* A line, and the literals in it ("{12+}" at its end), kept as they come. */
static bool
post_command(struct post *post)
{
	size_t start = 0;

	post->seen_len = 0;
	while (post_keep(post, post_byte(post))) {
		struct str line;
		long bytes;
		size_t open;

		if (post->seen[post->seen_len - 1] != '\n')
			continue;
		line = str_of(post->seen + start, post->seen_len - start);
		if (!str_ends(line, STR("+}\r\n")))
			return true;
		open = line.len;
		while (open > 0 && line.ptr[open - 1] != '{')
			open--;
		bytes = strtol(line.ptr + open, NULL, 10);
		for (long i = 0; i < bytes; i++)
			if (!post_keep(post, post_byte(post)))
				return false;
		start = post->seen_len;
	}
	return false;
}

/* Answers until the client leaves; an APPEND stays in `seen`. */
static void
post_talk(struct post *post)
{
	char caps[256];

	(void)snprintf(caps, sizeof(caps), "OK [CAPABILITY %s] in", post->caps);
	post_say(post, "*", caps);
	while (post_command(post)) {
		struct str rest = str_of(post->seen, post->seen_len);
		struct str cut = str_cut(&rest, ' ');
		char tag[32];

		(void)snprintf(tag, sizeof(tag), "%.*s", STR_ARG(cut));
		if (str_starts(rest, STR("APPEND "))) {
			memmove(post->seen, rest.ptr, rest.len);
			post->seen_len = rest.len;
			post->commands++;
			post_say(post, tag, post->answer);
			return;
		}
		post_say(post, tag, caps);
	}
}

static void *
post_run(void *ctx)
{
	struct post *post = ctx;

	/* Ends when the listener is shut. */
	while ((post->sock = accept(post->listener, NULL, NULL)) >= 0) {
		post_talk(post);
		socket_shutdown_write(post->sock);
		while (post_byte(post) >= 0)
			;
		socket_close(&post->sock);
	}
	return NULL;
}

struct desk {
	struct post post;
	const struct config *cfg;
	struct mail_server *server;
	struct accounts *accounts;
	struct secret password;
	struct mail mail;
	struct err err;
};

static struct desk *
desk_new(const char *caps, const char *answer)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	const struct mail_server_files files = {0};
	char lines[128];

	assert_non_null(desk);
	desk->post.caps = caps;
	desk->post.answer = answer;
	test_is(socket_listen(
	            STR("127.0.0.1"), 0, &desk->post.listener, &desk->err),
	    ERR_OK, &desk->err);
	socket_set_nonblocking(desk->post.listener, false);
	assert_int_equal(
	    pthread_create(&desk->post.thread, NULL, post_run, &desk->post), 0);
	(void)snprintf(lines, sizeof(lines),
	    "ImapHost=127.0.0.1\nImapPort=%u\nImapSecurity=none\nImapWait="
	    "20s\n",
	    socket_port(desk->post.listener));
	desk->cfg = test_config(lines);
	test_is(mail_server_new(desk->cfg, &desk->cfg->site, &files,
	            &desk->server, &desk->err),
	    ERR_OK, &desk->err);
	test_is(accounts_new(desk->cfg, NULL, &desk->accounts, &desk->err),
	    ERR_OK, &desk->err);
	test_is(secret_init(&desk->password, STR("pw"), &desk->err), ERR_OK,
	    &desk->err);
	test_is(account_get(desk->accounts, desk->server, STR("anna"),
	            &desk->password, &desk->mail.account, &desk->err),
	    ERR_OK, &desk->err);
	desk->mail.arena = arena_new(LIMIT_ARENA_BYTES);
	desk->mail.wait = test_wait(20000);
	return desk;
}

/* Closes connections; then what was seen may be looked at. */
static void
desk_stop(struct desk *desk)
{
	account_unref(desk->mail.account);
	accounts_free(desk->accounts);
	socket_shutdown(desk->post.listener);
	(void)pthread_join(desk->post.thread, NULL);
	socket_close(&desk->post.listener);
}

static void
desk_free(struct desk *desk)
{
	mail_server_unref(desk->server);
	config_unref(desk->cfg);
	secret_end(&desk->password);
	arena_free(desk->mail.arena);
	free(desk);
}

/* A file with these bytes; the name is gone already. */
static int
file_of(const char *bytes)
{
	int fd = -1;
	struct err err = ERR_NONE;

	test_is(file_open_spool("/tmp", &fd, &err), ERR_OK, &err);
	test_is(file_write_all(fd, str_c(bytes), &err), ERR_OK, &err);
	return fd;
}

#define HEAD "Subject: x\r\n\r\n--b\r\n"
#define TAIL "\r\n--b--\r\n"

/* New text, two parts of message 20, new text. */
static enum err_code
append(struct desk *desk, struct text folder, uint32_t *out_uid)
{
	int fd = file_of("..." HEAD TAIL);
	const size_t head = sizeof(HEAD) - 1;
	const struct mail_piece pieces[] = {
	    {.fd = fd, .offset = 3, .bytes = head},
	    {.fd = -1, .uid = 20, .section = STR("2.MIME")},
	    {.fd = -1, .uid = 20, .section = STR("2")},
	    {.fd = fd, .offset = 3 + head, .bytes = sizeof(TAIL) - 1},
	};
	enum err_code rc = mail_append_pieces(&desk->mail, folder, 7,
	    MAIL_DRAFT | MAIL_SEEN, pieces, 4, out_uid, &desk->err);

	file_close(&fd);
	return rc;
}

static void
test_what_goes_out(void **state)
{
	static const struct {
		const char *name, *folder, *expected;
	} table[] = {
	    {"plain", "Drafts",
	        "APPEND \"Drafts\" (\\Seen \\Draft) CATENATE (TEXT "
	        "{19+}\r\n" HEAD
	        " URL \"/Drafts;UIDVALIDITY=7/;UID=20/;SECTION=2.MIME\""
	        " URL \"/Drafts;UIDVALIDITY=7/;UID=20/;SECTION=2\""
	        " TEXT {9+}\r\n" TAIL ")\r\n"},
	    /* RFC 5092: the URL has UTF-8, percent-encoded; the name has not.
	     */
	    {"umlaut", "Entw\xC3\xBCrfe",
	        "APPEND \"Entw&APw-rfe\" (\\Seen \\Draft) CATENATE (TEXT "
	        "{19+}\r\n" HEAD
	        " URL \"/Entw%C3%BCrfe;UIDVALIDITY=7/;UID=20/;SECTION=2.MIME\""
	        " URL \"/Entw%C3%BCrfe;UIDVALIDITY=7/;UID=20/;SECTION=2\""
	        " TEXT {9+}\r\n" TAIL ")\r\n"},
	    /* Nothing in a name ends the URL or the string around it. */
	    {"tricks", "a;UID=1/\"\\ %41?",
	        "APPEND \"a;UID=1/\\\"\\\\ %41?\" (\\Seen \\Draft) CATENATE "
	        "(TEXT {19+}\r\n" HEAD
	        " URL \"/a%3BUID%3D1%2F%22%5C%20%2541%3F;UIDVALIDITY=7/"
	        ";UID=20/;SECTION=2.MIME\""
	        " URL \"/a%3BUID%3D1%2F%22%5C%20%2541%3F;UIDVALIDITY=7/"
	        ";UID=20/;SECTION=2\""
	        " TEXT {9+}\r\n" TAIL ")\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct desk *desk = desk_new(CAN, "OK [APPENDUID 7 21] done");
		struct text folder =
		    text_from(desk->mail.arena, str_c(table[i].folder));
		uint32_t uid = 0;

		test_is(append(desk, folder, &uid), ERR_OK, &desk->err);
		assert_int_equal(uid, 21);
		desk_stop(desk);
		if (!str_eq(str_of(desk->post.seen, desk->post.seen_len),
		        str_c(table[i].expected)))
			fail_msg("%s: %.*s", table[i].name,
			    (int)desk->post.seen_len, desk->post.seen);
		desk_free(desk);
	}
}

static void
test_what_the_server_says(void **state)
{
	static const struct {
		const char *caps, *answer;
		enum err_code rc;
		uint32_t uid;
		unsigned commands;
	} table[] = {
	    {CAN, "OK done", ERR_OK, 0, 1},
	    {CAN, "OK [APPENDUID 7 0] done", ERR_OK, 0, 1},
	    {CAN, "OK [APPENDUID 7 x] done", ERR_OK, 0, 1},
	    {CAN, "NO [BADURL \"/Drafts\"] gone", ERR_MAIL, 0, 1},
	    {CAN, "NO [TOOBIG] too large", ERR_MAIL, 0, 1},
	    {CAN, "NO [OVERQUOTA] full", ERR_LIMIT, 0, 1},
	    {CAN, "NO [TRYCREATE] none", ERR_NOT_FOUND, 0, 1},
	    {CAN, "BAD what?", ERR_MAIL, 0, 1},
	    /* Not tried where it cannot be, or where each text would wait. */
	    {"IMAP4rev1 UIDPLUS LITERAL+", "OK", ERR_MAIL, 0, 0},
	    {"IMAP4rev1 UIDPLUS CATENATE", "OK", ERR_MAIL, 0, 0},
	    {"IMAP4rev1 LITERAL- CATENATE", "OK", ERR_MAIL, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct desk *desk = desk_new(table[i].caps, table[i].answer);
		uint32_t uid = 99;
		enum err_code rc = append(desk, TEXT("Drafts"), &uid);

		desk_stop(desk);
		if (rc != table[i].rc || uid != table[i].uid ||
		    desk->post.commands != table[i].commands)
			fail_msg("%s: %s: %s, uid %u, %u commands",
			    table[i].caps, table[i].answer, err_name(rc), uid,
			    desk->post.commands);
		desk_free(desk);
	}
}

/* A file shorter than announced must not end as half a message. */
static void
test_short_file(void **state)
{
	struct desk *desk = desk_new(CAN, "OK done");
	int fd = file_of("short");
	const struct mail_piece piece = {.fd = fd, .bytes = 50};
	uint32_t uid = 99;

	(void)state;
	assert_int_equal(mail_append_pieces(&desk->mail, TEXT("Drafts"), 7, 0,
	                     &piece, 1, &uid, &desk->err),
	    ERR_INTERNAL);
	assert_int_equal(uid, 0);
	file_close(&fd);
	desk_stop(desk);
	assert_int_equal(desk->post.commands, 0);
	desk_free(desk);
}

static void
test_what_it_can(void **state)
{
	static const struct {
		const char *caps;
		bool catenate, uidplus;
	} table[] = {
	    {CAN, true, true},
	    {"IMAP4rev1 LITERAL+ CATENATE", true, false},
	    {"IMAP4rev1 UIDPLUS CATENATE", false, true},
	    {"IMAP4rev1 CATENATED LITERAL+", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct desk *desk = desk_new(table[i].caps, "OK");
		bool catenate = !table[i].catenate;
		bool uidplus = !table[i].uidplus;

		test_is(mail_can(&desk->mail, &catenate, &uidplus, &desk->err),
		    ERR_OK, &desk->err);
		assert_int_equal(catenate, table[i].catenate);
		assert_int_equal(uidplus, table[i].uidplus);
		desk_stop(desk);
		desk_free(desk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_goes_out),
	    cmocka_unit_test(test_what_the_server_says),
	    cmocka_unit_test(test_short_file),
	    cmocka_unit_test(test_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
