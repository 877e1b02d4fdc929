#ifndef SMTP_PEER_H
#define SMTP_PEER_H
/*
 * A submission server that says what the test wants: a thread with one
 * connection on loopback (or one after the other) and a table of answers by
 * command.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../net/cert_maker.h"
#include "mail_test.h"
#include "os/socket.h"

/* Answers that are no answers. */
#define PEER_CLOSE "!close" /* ends the connection */
#define PEER_HANG  "!hang"  /* says nothing until the client leaves */
#define PEER_LONG  "!long"  /* one line without an end */
#define PEER_LINES "!lines" /* lines without an end */
/* Fires the cancel, then waits for the client to leave. */
#define PEER_CANCEL "!cancel"
/* Fires the cancel, then takes the message. */
#define PEER_CANCEL_250 "!cancel250"

#define PEER_LOG_BYTES ((size_t)256 << 10)

struct peer_rule {
	const char
	    *command; /* its beginning; "" greeting, "." the text's end */
	const char *answer;
};

struct peer {
	const struct peer_rule *rules; /* ends with NULL; before the defaults */
	const struct cert *cert;       /* for STARTTLS */
	struct cancel *cancel;
	unsigned visits; /* connections before the one that counts */
	size_t text_max; /* cuts off after so many bytes of text; 0: never */
	/* what was seen */
	char *log; /* commands, one a line */
	size_t log_len;
	char *text; /* after DATA, without the final dot, still stuffed */
	size_t text_len;
	bool has_dot;
	bool is_tls;
	/* its own */
	sock_t listener, sock;
	uint16_t port;
	SSL_CTX *ctx;
	SSL *ssl;
	char in[4096];
	size_t in_at, in_len;
	pthread_t thread;
};

static const struct peer_rule peer_defaults[] = {
    {"", "220 peer"},
    {"EHLO", "250-peer\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE "
             "100000000\r\n250 AUTH LOGIN PLAIN"},
    {"AUTH", "235 welcome"},
    {"MAIL", "250 ok"},
    {"RCPT", "250 ok"},
    {"DATA", "354 go on"},
    {".", "250 queued"},
    {"QUIT", "221 bye"},
    {NULL, NULL},
};

static inline bool
peer_put(struct peer *peer, const char *bytes, size_t len)
{
	while (len > 0) {
		int64_t put =
		    peer->ssl != NULL
		        ? SSL_write(peer->ssl, bytes, (int)len)
		        : (int64_t)send(peer->sock, bytes, len, MSG_NOSIGNAL);

		if (put <= 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return true;
}

/* The next byte, or -1 when the client has left. */
static inline int
peer_byte(struct peer *peer)
{
	int64_t got;

	if (peer->in_at == peer->in_len) {
		got =
		    peer->ssl != NULL
		        ? SSL_read(peer->ssl, peer->in, sizeof(peer->in))
		        : (int64_t)read(peer->sock, peer->in, sizeof(peer->in));
		if (got <= 0)
			return -1;
		peer->in_at = 0;
		peer->in_len = (size_t)got;
	}
	return (unsigned char)peer->in[peer->in_at++];
}

static inline void
peer_wait_end(struct peer *peer)
{
	while (peer_byte(peer) >= 0)
		;
}

/* Until the client has enough of it. */
static inline void
peer_flood(struct peer *peer, const char *what)
{
	while (peer_put(peer, what, strlen(what)))
		;
}

static inline bool
peer_say(struct peer *peer, const char *answer)
{
	if (strcmp(answer, PEER_CLOSE) == 0)
		return false;
	if (strcmp(answer, PEER_CANCEL) == 0 ||
	    strcmp(answer, PEER_CANCEL_250) == 0)
		cancel_fire(peer->cancel);
	if (strcmp(answer, PEER_HANG) == 0 ||
	    strcmp(answer, PEER_CANCEL) == 0) {
		peer_wait_end(peer);
		return false;
	}
	if (strcmp(answer, PEER_LONG) == 0) {
		peer_flood(peer, "250 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		return false;
	}
	if (strcmp(answer, PEER_LINES) == 0) {
		peer_flood(peer, "250-again and again\r\n");
		return false;
	}
	if (strcmp(answer, PEER_CANCEL_250) == 0)
		answer = "250 queued";
	return peer_put(peer, answer, strlen(answer)) &&
	       peer_put(peer, "\r\n", 2);
}

static inline const char *
peer_answer(const struct peer_rule *rules, const char *command)
{
	for (; rules != NULL && rules->command != NULL; rules++) {
		size_t len = strlen(rules->command);

		if (len == 0 ? command[0] == '\0'
		             : strncmp(command, rules->command, len) == 0)
			return rules->answer;
	}
	return NULL;
}

static inline const char *
peer_find(const struct peer *peer, const char *command)
{
	const char *answer = peer_answer(peer->rules, command);

	if (answer == NULL)
		answer = peer_answer(peer_defaults, command);
	return answer == NULL ? "500 what?" : answer;
}

/* The text up to the line that is a dot; false: the client left. */
static inline bool
peer_text(struct peer *peer)
{
	for (;;) {
		int c = peer_byte(peer);

		if (c < 0 || peer->text_len == PEER_LOG_BYTES)
			return false;
		peer->text[peer->text_len++] = (char)c;
		if (peer->text_max > 0 && peer->text_len == peer->text_max)
			return false;
		if (peer->text_len >= 3 &&
		    memcmp(peer->text + peer->text_len - 3, ".\r\n", 3) == 0 &&
		    (peer->text_len == 3 ||
		        peer->text[peer->text_len - 4] == '\n')) {
			peer->text_len -= 3;
			peer->has_dot = true;
			return true;
		}
	}
}

static inline bool
peer_line(struct peer *peer, char *line, size_t size)
{
	size_t len = 0;

	for (;;) {
		int c = peer_byte(peer);

		if (c < 0)
			return false;
		if (c == '\n')
			break;
		if (c != '\r' && len + 1 < size)
			line[len++] = (char)c;
	}
	line[len] = '\0';
	ensure(peer->log_len + len + 1 < PEER_LOG_BYTES);
	memcpy(peer->log + peer->log_len, line, len);
	peer->log_len += len;
	peer->log[peer->log_len++] = '\n';
	peer->log[peer->log_len] = '\0';
	return true;
}

static inline bool
peer_tls(struct peer *peer)
{
	peer->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(peer->ctx, peer->cert->x509);
	SSL_CTX_use_PrivateKey(peer->ctx, peer->cert->key);
	peer->ssl = SSL_new(peer->ctx);
	SSL_set_fd(peer->ssl, peer->sock);
	peer->in_at = peer->in_len = 0;
	peer->is_tls = SSL_accept(peer->ssl) == 1;
	return peer->is_tls;
}

static inline void
peer_talk(struct peer *peer)
{
	char line[8192];
	bool goes_on = peer_say(peer, peer_find(peer, ""));

	while (goes_on && peer_line(peer, line, sizeof(line))) {
		const char *answer = peer_find(peer, line);

		goes_on = peer_say(peer, answer);
		if (goes_on && strcmp(line, "STARTTLS") == 0 &&
		    strncmp(answer, "220", 3) == 0 && peer->cert != NULL)
			goes_on = peer_tls(peer);
		if (goes_on && strcmp(line, "DATA") == 0 &&
		    strncmp(answer, "354", 3) == 0)
			goes_on = peer_text(peer) &&
			          peer_say(peer, peer_find(peer, "."));
		if (strcmp(line, "QUIT") == 0)
			goes_on = false;
	}
}

/* False: peer_stop has shut the listener. */
static inline bool
peer_serve(struct peer *peer)
{
	peer->sock = accept(peer->listener, NULL, NULL);
	if (peer->sock < 0)
		return false;
	socket_set_nodelay(peer->sock);
	peer_talk(peer);
	if (peer->ssl != NULL && peer->is_tls)
		(void)SSL_shutdown(peer->ssl);
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->ctx);
	/* Without reading the rest this would be a reset, not an end. */
	socket_shutdown_write(peer->sock);
	peer->ssl = NULL;
	peer->in_at = peer->in_len = 0;
	if (peer->text_max == 0)
		peer_wait_end(peer);
	socket_close(&peer->sock);
	return true;
}

static inline void *
peer_run(void *ctx)
{
	struct peer *peer = ctx;

	for (unsigned i = 0; i <= peer->visits; i++)
		if (!peer_serve(peer))
			break;
	return NULL;
}

static inline void
peer_start(struct peer *peer)
{
	struct err err = ERR_NONE;

	peer->log = calloc(1, PEER_LOG_BYTES);
	peer->text = calloc(1, PEER_LOG_BYTES);
	assert_non_null(peer->log);
	assert_non_null(peer->text);
	test_is(socket_listen(STR("127.0.0.1"), 0, &peer->listener, &err),
	    ERR_OK, &err);
	socket_set_nonblocking(peer->listener, false);
	peer->port = socket_port(peer->listener);
	assert_int_equal(
	    pthread_create(&peer->thread, NULL, peer_run, peer), 0);
}

/* After this the peer's fields may be looked at. */
static inline void
peer_stop(struct peer *peer)
{
	socket_shutdown(peer->listener);
	(void)pthread_join(peer->thread, NULL);
	socket_close(&peer->listener);
}

static inline void
peer_end(struct peer *peer)
{
	free(peer->log);
	free(peer->text);
}

#endif
