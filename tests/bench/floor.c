/*
 * The clients of the bench, with as little of their own as there can be:
 *   floor < SCRIPT
 * does what the lines say, one after the other, and prints the times as JSON:
 * {"name": [microseconds, …], …}. Fields of a line are separated by TABs:
 *   imap PORT AUTHORITY|- USER PASSWORD   connects and logs in; - : in clear
 *   http PORT AUTHORITY|- HOST COOKIES    connects; both certificates are for
 *                                         HOST, of imap for localhost
 *   ask NAME COMMAND…    sends all IMAP commands at once, until all are done
 *   get NAME ADDRESS     one request, until its last byte
 *   post NAME ADDRESS FORM  sends a form, and asks for the page it leads to
 *   start                the time between these two,
 *   stop NAME            connections and all
 *
 * A NAME of - is not timed. Whatever is not as it should be ends the program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WIRE_BYTES   (16u << 20) /* a SORT of a million is one line */
#define FIELDS       64
#define NAMES        64
#define REQUEST_ROOM 16384

/* A connection, in clear or by TLS, and what came of it. */
struct wire {
	int fd;
	SSL *ssl;
	size_t at, len; /* not looked at yet: [at, len) */
	char in[WIRE_BYTES];
	const char *host;
	const char *cookies;
};

struct times {
	char name[64];
	uint64_t *us;
	size_t count, room;
};

static struct wire imap = {.fd = -1};
static struct wire http = {.fd = -1};
static struct times times[NAMES];
static size_t time_count;

static _Noreturn void
fail(const char *what, const char *more)
{
	(void)fprintf(stderr, "floor: %s: %.300s\n", what, more);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* ---- the wire ---- */
static void
wire_shake(struct wire *wire, const char *authority, const char *host)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL ||
	    SSL_CTX_load_verify_locations(context, authority, NULL) != 1)
		fail("authority", authority);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, WIRE_BYTES);
	wire->ssl = SSL_new(context);
	if (wire->ssl == NULL || SSL_set1_host(wire->ssl, host) != 1 ||
	    SSL_set_tlsext_host_name(wire->ssl, host) != 1 ||
	    SSL_set_fd(wire->ssl, wire->fd) != 1 || SSL_connect(wire->ssl) != 1)
		fail("TLS", host);
	SSL_CTX_free(context);
}

static void
wire_open(struct wire *wire, char **fields, const char *host)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)strtoul(fields[1], NULL, 10))};

	wire->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire->fd < 0 ||
	    connect(wire->fd, (struct sockaddr *)&there, sizeof(there)) != 0)
		fail("connect", strerror(errno));
	(void)setsockopt(
	    wire->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (strcmp(fields[2], "-") != 0)
		wire_shake(wire, fields[2], host);
}

static void
wire_send(struct wire *wire, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = wire->ssl != NULL ? (ssize_t)SSL_write(wire->ssl,
		                                      bytes, (int)len)
		                                : write(wire->fd, bytes, len);

		if (put <= 0)
			fail("write", "the connection was closed");
		bytes += put;
		len -= (size_t)put;
	}
}

/* More bytes behind those not looked at yet. */
static void
wire_fill(struct wire *wire)
{
	ssize_t got;

	if (wire->at > 0)
		memmove(wire->in, wire->in + wire->at, wire->len - wire->at);
	wire->len -= wire->at;
	wire->at = 0;
	if (wire->len == sizeof(wire->in))
		fail("read", "a line too long");
	got = wire->ssl != NULL
	          ? (ssize_t)SSL_read(wire->ssl, wire->in + wire->len,
	                (int)(sizeof(wire->in) - wire->len))
	          : read(wire->fd, wire->in + wire->len,
	                sizeof(wire->in) - wire->len);
	if (got <= 0)
		fail("read", "the connection was closed");
	wire->len += (size_t)got;
}

/* One line with its LF; it stays until the next call. */
static const char *
wire_line(struct wire *wire, size_t *out_len)
{
	for (;;) {
		const char *line = wire->in + wire->at;
		const char *end = memchr(line, '\n', wire->len - wire->at);

		if (end != NULL) {
			*out_len = (size_t)(end + 1 - line);
			wire->at += *out_len;
			return line;
		}
		wire_fill(wire);
	}
}

static void
wire_skip(struct wire *wire, uint64_t bytes)
{
	while (bytes > 0) {
		uint64_t has = wire->len - wire->at;

		if (has == 0) {
			wire->at = wire->len = 0;
			wire_fill(wire);
			continue;
		}
		if (has > bytes)
			has = bytes;
		wire->at += (size_t)has;
		bytes -= has;
	}
}

/* ---- IMAP ---- */
/* Bytes of the literal that the line announces, or 0. */
static uint64_t
literal_of(const char *line, size_t len)
{
	size_t at = len >= 3 ? len - 3 : 0; /* before CR LF */

	if (len < 5 || line[at] != '}')
		return 0;
	while (at > 0 && line[at - 1] >= '0' && line[at - 1] <= '9')
		at--;
	if (at == 0 || line[at - 1] != '{')
		return 0;
	return strtoull(line + at, NULL, 10);
}

/* Servers run searches side by side, so the answers come in any order. */
static void
imap_wait(size_t count)
{
	size_t done = 0;

	while (done < count) {
		size_t len;
		const char *line = wire_line(&imap, &len);
		const char *word = memchr(line, ' ', len);

		if (line[0] == 'b' && word != NULL) {
			if (strncmp(word, " OK", 3) != 0)
				fail("IMAP", line);
			done++;
		}
		wire_skip(&imap, literal_of(line, len));
	}
}

static void
imap_ask(char **commands, size_t count)
{
	char all[REQUEST_ROOM];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		int put = snprintf(all + len, sizeof(all) - len, "b%zu %s\r\n",
		    i, commands[i]);

		if (put < 0 || (size_t)put >= sizeof(all) - len)
			fail("ask", "too many commands");
		len += (size_t)put;
	}
	wire_send(&imap, all, len);
	imap_wait(count);
}

static void
imap_open(char **fields)
{
	char login[512];
	char *command = login;
	size_t len;

	wire_open(&imap, fields, "localhost");
	(void)wire_line(&imap, &len);
	(void)snprintf(
	    login, sizeof(login), "LOGIN \"%s\" \"%s\"", fields[3], fields[4]);
	imap_ask(&command, 1);
}

/* ---- HTTP ---- */
/* The path of an address, which may begin with scheme and host; no fragment. */
static void
http_path(char *out, const char *address, size_t len)
{
	const char *end = address + strcspn(address, "#\r\n");
	const char *host =
	    strncmp(address, "http", 4) == 0 ? strstr(address, "://") : NULL;
	const char *path =
	    host != NULL
	        ? memchr(host + 3, '/', len - (size_t)(host + 3 - address))
	        : address;

	if (path == NULL || end < path || (size_t)(end - path) >= REQUEST_ROOM)
		fail("location", address);
	(void)snprintf(out, REQUEST_ROOM, "%.*s", (int)(end - path), path);
}

/* Until the empty line; *out_bytes UINT64_MAX: chunked. `where` (REQUEST_ROOM):
 * the path that an answer of 303 leads to, else empty; NULL: it must be 200. */
static void
http_head(uint64_t *out_bytes, char *where)
{
	size_t len;
	const char *line = wire_line(&http, &len);
	bool moved = len >= 12 && strncmp(line, "HTTP/1.1 303", 12) == 0;

	if (len < 12 || !(strncmp(line, "HTTP/1.1 200", 12) == 0 ||
	                    (moved && where != NULL)))
		fail("HTTP", line);
	if (where != NULL)
		where[0] = '\0';
	*out_bytes = UINT64_MAX;
	while (len > 2) {
		line = wire_line(&http, &len);
		if (strncasecmp(line, "content-length:", 15) == 0)
			*out_bytes = strtoull(line + 15, NULL, 10);
		else if (where != NULL &&
		         strncasecmp(line, "location: ", 10) == 0)
			http_path(where, line + 10, len - 10);
	}
}

static void
http_body(uint64_t bytes)
{
	size_t len;

	if (bytes != UINT64_MAX) {
		wire_skip(&http, bytes);
		return;
	}
	do {
		bytes = strtoull(wire_line(&http, &len), NULL, 16);
		wire_skip(&http, bytes);
		(void)wire_line(&http, &len);
	} while (bytes > 0);
}

static void
http_get(const char *address)
{
	char request[REQUEST_ROOM];
	uint64_t bytes = 0;
	int put = snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", address,
	    http.host, http.cookies);

	if (put < 0 || (size_t)put >= sizeof(request))
		fail("get", "too long");
	wire_send(&http, request, (size_t)put);
	http_head(&bytes, NULL);
	http_body(bytes);
}

static void
http_post(const char *address, const char *form)
{
	char request[REQUEST_ROOM];
	char where[REQUEST_ROOM];
	uint64_t bytes = 0;
	int put = snprintf(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    address, http.host, http.cookies, strlen(form), form);

	if (put < 0 || (size_t)put >= sizeof(request))
		fail("post", "too long");
	wire_send(&http, request, (size_t)put);
	http_head(&bytes, where);
	http_body(bytes);
	if (where[0] != '\0')
		http_get(where);
}

static void
http_open(char **fields)
{
	char host[256];
	const char *colon = strchr(fields[3], ':');

	(void)snprintf(host, sizeof(host), "%.*s",
	    colon != NULL ? (int)(colon - fields[3]) : 255, fields[3]);
	http.host = fields[3];
	http.cookies = fields[4];
	wire_open(&http, fields, host);
}

/* ---- the script ---- */
static void
note(const char *name, uint64_t us)
{
	struct times *at = times;

	while (at < times + time_count && strcmp(at->name, name) != 0)
		at++;
	if (at == times + time_count) {
		if (time_count == NAMES)
			fail("names", "too many");
		(void)snprintf(at->name, sizeof(at->name), "%s", name);
		time_count++;
	}
	if (at->count == at->room) {
		at->room = at->room * 2 + 64;
		at->us = realloc(at->us, at->room * sizeof(*at->us));
		if (at->us == NULL)
			fail("memory", name);
	}
	at->us[at->count++] = us;
}

/* `fields` live as long as the program. */
static void
do_line(char **fields, size_t count)
{
	static uint64_t since_us;
	uint64_t start_us;

	if (count == 1 && strcmp(fields[0], "start") == 0) {
		since_us = now_us();
		return;
	}
	if (count == 2 && strcmp(fields[0], "stop") == 0) {
		note(fields[1], now_us() - since_us);
		return;
	}
	if (count == 5 && strcmp(fields[0], "imap") == 0) {
		imap_open(fields);
		return;
	}
	if (count == 5 && strcmp(fields[0], "http") == 0) {
		http_open(fields);
		return;
	}
	start_us = now_us();
	if (count >= 3 && strcmp(fields[0], "ask") == 0)
		imap_ask(fields + 2, count - 2);
	else if (count == 3 && strcmp(fields[0], "get") == 0)
		http_get(fields[2]);
	else if (count == 4 && strcmp(fields[0], "post") == 0)
		http_post(fields[2], fields[3]);
	else
		fail("no such line", fields[0]);
	if (strcmp(fields[1], "-") != 0)
		note(fields[1], now_us() - start_us);
}

/* The whole of standard input with a NUL behind it. */
static char *
read_script(void)
{
	size_t room = (size_t)16 << 20;
	size_t len = 0;
	char *script = malloc(room);
	ssize_t got = 0;

	if (script == NULL)
		fail("memory", "script");
	do {
		len += (size_t)got;
		got = read(STDIN_FILENO, script + len, room - 1 - len);
	} while (got > 0);
	script[len] = '\0';
	return script;
}

static void
print_times(void)
{
	(void)printf("{");
	for (size_t i = 0; i < time_count; i++) {
		(void)printf("%s\n\"%s\": [", i > 0 ? "," : "", times[i].name);
		for (size_t j = 0; j < times[i].count; j++)
			(void)printf("%s%llu", j > 0 ? ", " : "",
			    (unsigned long long)times[i].us[j]);
		(void)printf("]");
	}
	(void)printf("\n}\n");
}

int
main(void)
{
	char *script = read_script();
	char *rest = NULL;

	for (char *line = strtok_r(script, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *fields[FIELDS] = {0};
		size_t count = 0;
		char *more = NULL;

		for (char *field = strtok_r(line, "\t", &more);
		     field != NULL && count < FIELDS;
		     field = strtok_r(NULL, "\t", &more))
			fields[count++] = field;
		do_line(fields, count);
	}
	print_times();
	return 0;
}
