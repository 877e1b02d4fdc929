#ifndef STAGE_H
#define STAGE_H
/*
 * A scripted IMAP server on the loopback, and an account in front of it.
 */
#include "mail_test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/poller.h"

/*
 * A script is a list of lines. "C word": reads lines until one has the word,
 * and remembers its tag. "S text": sends text and CR LF; %a is the last tag,
 * %b the one before, %c the one before that. "R text": the same without
 * CR LF. "G n": sends n letters. "H": waits until the other side is gone.
 * "N": the next connection. The end closes.
 */
#define GREETING     "S * OK [CAPABILITY IMAP4rev1 UIDPLUS] hello"
#define GREETING_TLS "S * OK [CAPABILITY IMAP4rev1 STARTTLS] hello"
#define LOGGED_IN \
	GREETING, "C LOGIN", "S %a OK [CAPABILITY IMAP4rev1 UIDPLUS] in"
#define SELECTED                                                 \
	"C SELECT", "S * 1 EXISTS", "S * OK [UIDVALIDITY 9] ok", \
	    "S * OK [PERMANENTFLAGS (\\Seen)] ok", "S %a OK [READ-WRITE] ok"
#define ROW                                                                   \
	"S * 1 FETCH (UID 5 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 "       \
	"02:44:25 -0700\" RFC822.SIZE 100 ENVELOPE (NIL \"hi\" NIL NIL NIL "  \
	"NIL NIL NIL NIL NIL) BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL " \
	"\"7bit\" 5 1))"

struct theatre {
	sock_t listener;
	const char *const *script;
	pthread_t thread;
	char tags[3][32]; /* the last one first */
	char line[4096];
	size_t line_len;
};

static inline bool
play_read_line(struct theatre *play, sock_t sock)
{
	play->line_len = 0;
	for (;;) {
		char c;
		int64_t got = socket_read(sock, &c, 1);

		if (got == -1) {
			if (poller_wait_one(sock, POLLER_READ,
			        clock_mono_ms() + 20000, NULL, NULL) != ERR_OK)
				return false;
			continue;
		}
		if (got <= 0)
			return false;
		if (c == '\n')
			return true;
		if (play->line_len < sizeof(play->line) - 1)
			play->line[play->line_len++] = c;
	}
}

static inline bool
play_wait_for(struct theatre *play, sock_t sock, const char *word)
{
	while (play_read_line(play, sock)) {
		struct str rest = str_of(play->line, play->line_len);
		struct str tag;

		if (str_find(rest, str_c(word), 0) == rest.len)
			continue;
		tag = str_cut(&rest, ' ');
		memcpy(play->tags[2], play->tags[1], 32);
		memcpy(play->tags[1], play->tags[0], 32);
		(void)snprintf(play->tags[0], 32, "%.*s",
		    tag.len > 31 ? 31 : (int)tag.len, tag.ptr);
		return true;
	}
	return false;
}

static inline void
play_write(sock_t sock, struct str s)
{
	while (s.len > 0) {
		int64_t put = socket_write(sock, s.ptr, s.len);

		if (put == -1) {
			if (poller_wait_one(sock, POLLER_WRITE,
			        clock_mono_ms() + 20000, NULL, NULL) != ERR_OK)
				return;
			continue;
		}
		if (put <= 0)
			return;
		s = str_slice(s, (size_t)put, s.len);
	}
}

static inline void
play_say(struct theatre *play, sock_t sock, const char *text, bool with_end)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	for (; *text != '\0'; text++) {
		if (*text == '%' && text[1] >= 'a' && text[1] <= 'c')
			buf_add_c(&out, play->tags[*++text - 'a']);
		else
			buf_add_byte(&out, *text);
	}
	if (with_end)
		buf_add_c(&out, "\r\n");
	play_write(sock, buf_str(&out));
	buf_free(&out);
}

/* True: the line is done and the next may come. */
static inline bool
play_line(struct theatre *play, sock_t sock, const char *line)
{
	switch (line[0]) {
	case 'C':
		return play_wait_for(play, sock, line + 2);
	case 'S':
	case 'R':
		play_say(play, sock, line + 2, line[0] == 'S');
		return true;
	case 'G':
		for (long n = strtol(line + 2, NULL, 10); n > 0; n -= 100)
			play_say(play, sock,
			    "gggggggggggggggggggggggggggggggggggggggggggggggggg"
			    "ggggggggggggggggggggggggggggggggggggggggggggggggg"
			    "g",
			    false);
		return true;
	default:
		while (play_read_line(play, sock))
			continue;
		return false;
	}
}

static inline void *
play_run(void *arg)
{
	struct theatre *play = arg;
	const char *const *at = play->script;

	while (*at != NULL) {
		sock_t sock = SOCK_NONE;
		struct socket_peer peer;
		bool go_on = true;

		if (poller_wait_one(play->listener, POLLER_READ,
		        clock_mono_ms() + 20000, NULL, NULL) != ERR_OK)
			return NULL;
		sock = socket_accept(play->listener, &peer);
		if (sock == SOCK_NONE)
			continue;
		for (; *at != NULL && (*at)[0] != 'N'; at++)
			go_on = go_on && play_line(play, sock, *at);
		if (*at != NULL)
			at++;
		socket_close(&sock);
	}
	return NULL;
}

struct stage {
	struct theatre play;
	const struct config *cfg;
	struct mail_server *server;
	struct accounts *accounts;
	struct account *account;
	struct arena *arena;
	struct secret password;
	struct mail mail;
	struct err err;
};

static inline void
stage_open(struct stage *stage, const char *security, const char *more,
    const char *const *script)
{
	char lines[512];

	*stage = (struct stage){.play = {.script = script}};
	assert_int_equal(socket_listen(STR("127.0.0.1"), 0,
	                     &stage->play.listener, &stage->err),
	    ERR_OK);
	(void)snprintf(lines, sizeof(lines),
	    "ImapHost=127.0.0.1\nImapPort=%u\nImapSecurity=%s\n"
	    "SmtpSecurity=none\nImapWait=800ms\nConnectWait=800ms\n"
	    "FolderCounts=0s\n%s", /* each list asks the same */
	    (unsigned)socket_port(stage->play.listener), security, more);
	stage->cfg = test_config(lines);
	stage->arena = arena_new(LIMIT_ARENA_BYTES);
	test_is(
	    mail_server_new(stage->cfg, &stage->cfg->site,
	        &(struct mail_server_files){0}, &stage->server, &stage->err),
	    ERR_OK, &stage->err);
	test_is(accounts_new(stage->cfg, NULL, &stage->accounts, &stage->err),
	    ERR_OK, &stage->err);
	assert_int_equal(
	    secret_init(&stage->password, STR("secret"), NULL), ERR_OK);
	assert_int_equal(
	    pthread_create(&stage->play.thread, NULL, play_run, &stage->play),
	    0);
	stage->mail =
	    (struct mail){.arena = stage->arena, .wait = test_wait(5000)};
}

static inline enum err_code
stage_login(struct stage *stage)
{
	struct mail_wait wait = test_wait(5000);
	enum err_code rc = account_login(stage->accounts, stage->server,
	    STR("anna"), &stage->password, &wait, &stage->account, &stage->err);

	stage->mail.account = stage->account;
	return rc;
}

static inline enum err_code
stage_list(struct stage *stage, struct mail_list *out)
{
	struct mail_query query = {.folder = TEXT("INBOX"), .row_count = 10};

	return mail_list(&stage->mail, &query, out, NULL, NULL, &stage->err);
}

static inline void
stage_close(struct stage *stage)
{
	account_unref(stage->account);
	accounts_free(stage->accounts);
	mail_server_unref(stage->server);
	config_unref(stage->cfg);
	secret_end(&stage->password);
	arena_free(stage->arena);
	assert_int_equal(pthread_join(stage->play.thread, NULL), 0);
	socket_close(&stage->play.listener);
}

#endif
