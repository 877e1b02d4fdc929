/*
 * Bytes of a browser through libmicrohttpd and our handler: the whole way of
 * a request, without net's threads (this file plays their part). Two pieces,
 * split where the first byte says.
 */
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* One connection at a time. */
struct net_conn {
	void *user;
	bool is_ended;
	struct socket_peer peer;
};

static struct http *http;
static bool must_turn;

bool
net_conn_is_tls(const struct net_conn *conn)
{
	(void)conn;
	return false;
}

enum net_door
net_conn_door(const struct net_conn *conn)
{
	(void)conn;
	return NET_DOOR_PLAIN;
}

const struct socket_peer *
net_conn_peer(const struct net_conn *conn)
{
	return &conn->peer;
}

uint16_t
net_conn_local_port(const struct net_conn *conn)
{
	(void)conn;
	return 80;
}

void *
net_conn_user(const struct net_conn *conn)
{
	return conn->user;
}

void
net_conn_set_user(struct net_conn *conn, void *user)
{
	conn->user = user;
}

bool
net_conn_is_proxy(const struct net_conn *conn)
{
	(void)conn;
	return false;
}

bool
net_conn_is_forwarded(const struct net_conn *conn)
{
	(void)conn;
	return false;
}

bool
net_conn_is_introduced(const struct net_conn *conn)
{
	(void)conn;
	return false;
}

const struct net_tls_peer *
net_conn_tls(const struct net_conn *conn)
{
	(void)conn;
	return NULL;
}

unsigned
net_conn_thread(const struct net_conn *conn)
{
	(void)conn;
	return 0;
}

struct net_turns *
net_conn_turns(struct net_conn *conn)
{
	(void)conn;
	return NULL;
}

/* Here the next turn follows anyway. */
void
net_turns_ask(struct net_turns *turns)
{
	(void)turns;
	must_turn = true;
}

void
net_conn_phase(struct net_conn *conn, enum net_phase phase, int64_t deadline)
{
	(void)conn;
	ensure(phase <= NET_PHASE_ANSWER);
	ensure(deadline >= 0);
}

void
net_conn_end(struct net_conn *conn)
{
	conn->is_ended = true;
}

static enum http_verdict
on_head(void *ctx, struct request *req, struct response *res)
{
	(void)ctx;
	ensure(req->path.len > 0 && req->path.ptr[0] == '/');
	ensure(str_is_utf8(req->path));
	ensure(req->host.len > 0);
	ensure(!request_header(req, "Transfer-Encoding").ptr);
	if (req->path.len % 2 == 0)
		return HTTP_GO_ON;
	response_plain(res, 200, STR("here"));
	return HTTP_ANSWERED;
}

static bool
on_ready(void *ctx, struct request *req)
{
	const struct form *form = NULL;
	struct response *res = http_response(req);

	(void)ctx;
	ensure(request_body_bytes(req) == request_body(req).len);
	(void)request_form(req, &form, NULL);
	response_allow_gzip(res);
	response_body(res, req->raw_target);
	if (req->path.len % 4 == 0)
		return false;
	http_answer(req);
	return true;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct http_settings settings = {.threads = 1,
	    .max_header_bytes = 4096,
	    .max_body_bytes = 60000,
	    .spool_quota_bytes = 1 << 20,
	    .spool_folder = "/tmp",
	    .body_wait_ms = 1000,
	    .answer_wait_ms = 1000,
	    .job_wait_ms = 1000,
	    .max_connections = 10};
	struct http_handler handler = {.head = on_head, .ready = on_ready};

	(void)argc;
	(void)argv;
	ensure(http_start(&settings, &handler, &http, NULL) == ERR_OK);
	return 0;
}

/* Turns until nothing more is to be done without new bytes. */
static void
take_turns(void)
{
	struct pollfd guest = {.fd = http_guest(http, 0), .events = POLLIN};

	do {
		must_turn = false;
		must_turn = http_turn(http, 0) || must_turn;
	} while (must_turn || poll(&guest, 1, 0) > 0);
}

/*
 * Every answer begins like one. libmicrohttpd 0.9.75 does not see an end that
 * comes together with a piece of a request (edge-triggered, and it does not
 * read again after a short read): net's deadline ends that, here at once.
 */
static void
read_answers(int fd, const struct net_conn *conn)
{
	char bytes[4096];
	bool is_first = true;
	ssize_t got = 1;

	while (got > 0) {
		take_turns();
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got > 0 && is_first && got >= 5)
			ensure(memcmp(bytes, "HTTP/", 5) == 0);
		is_first = false;
	}
	(void)shutdown(fd, SHUT_RDWR);
	take_turns();
	ensure(conn->is_ended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct net_conn conn = {0};
	int pair[2];
	size_t split = len > 0 ? data[0] : 0;

	if (len < 2 || len > 8000)
		return 0;
	data++;
	len--;
	if (split > len)
		split = len;
	ensure(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	ensure(http_take(http, pair[1], &conn));
	(void)send(pair[0], data, split, MSG_NOSIGNAL);
	take_turns();
	(void)send(pair[0], data + split, len - split, MSG_NOSIGNAL);
	(void)shutdown(pair[0], SHUT_WR);
	read_answers(pair[0], &conn);
	close(pair[0]);
	return 0;
}
