/* The HTTP side behind the real street door, in one process. */
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/lock.h"
#include "http/http.h"
#include "os/clock.h"

#define PAGE_BYTES   20000
#define STREAM_BYTES ((uint64_t)3 << 20)
/* More than the sockets between two processes can hold. */
#define LONG_STREAM_BYTES ((uint64_t)256 << 20)
#define MAX_JOBS          8

struct world {
	struct net *net;
	struct http *http;
	uint16_t port;
	struct lock lock; /* guards all below */
	struct lock_cond change;
	unsigned done;
	unsigned waiting; /* workers that wait for their cancel */
	enum err_code stream_rc;
	bool refuse_jobs;
	pthread_t jobs[MAX_JOBS];
	unsigned job_count;
};

struct job {
	struct world *world;
	struct request *req;
};

static void
write_stream(struct request *req, struct response *res, uint64_t bytes,
    enum err_code *out_rc)
{
	static char block[10000];
	struct http_stream *stream;
	struct err err = ERR_NONE;
	uint64_t left = str_eq(req->path, STR("/stream-long"))
	                    ? LONG_STREAM_BYTES
	                    : STREAM_BYTES;
	enum err_code rc;

	memset(block, 'x', sizeof(block));
	rc = response_stream_open(req, res, bytes, &stream, &err);
	assert_int_equal(rc, ERR_OK);
	while (rc == ERR_OK && left > 0) {
		size_t len = left < sizeof(block) ? left : sizeof(block);

		rc = http_stream_write(stream, str_of(block, len), &err);
		left -= len;
	}
	http_stream_close(stream, rc == ERR_OK);
	*out_rc = rc;
}

static void
add_form(struct request *req, struct response *res)
{
	struct err err = ERR_NONE;
	const struct form *form = NULL;
	enum err_code rc = request_form(req, &form, &err);

	response_body(
	    res, str_printf(req->arena, "form %s fields=%zu a=%.*s file=%llu",
	             err_name(rc), form ? form->count : 0,
	             STR_ARG(request_field(req, "a")),
	             (unsigned long long)(form && form_find(form, "f")
	                                      ? form_find(form, "f")->file_bytes
	                                      : 0)));
}

/* Waits until the cancel fires, as a page that waits for IMAP. */
static void
wait_for_cancel(struct world *world, struct request *req)
{
	struct err err = ERR_NONE;
	struct cancel *cancel = cancel_new(&err);
	struct pollfd poll_fd = {
	    .fd = cancel_descriptor(cancel), .events = POLLIN};

	request_set_cancel(req, cancel);
	lock_take(&world->lock);
	world->waiting++;
	lock_cond_broadcast(&world->change);
	lock_give(&world->lock);
	assert_int_equal(poll(&poll_fd, 1, 10000), 1);
	request_set_cancel(req, NULL);
	cancel_free(cancel);
}

static void *
work(void *ctx)
{
	struct job job = *(struct job *)ctx;
	struct request *req = job.req;
	struct response *res = http_response(req);
	enum err_code rc = ERR_OK;
	bool streams = false;

	free(ctx);
	response_header(res, "Content-Type", STR("text/html"));
	if (str_eq(req->path, STR("/page"))) {
		char *page = arena_alloc(req->arena, PAGE_BYTES);

		memset(page, 'p', PAGE_BYTES);
		response_allow_gzip(res);
		response_body(res, str_of(page, PAGE_BYTES));
	} else if (str_eq(req->path, STR("/form"))) {
		add_form(req, res);
	} else if (str_starts(req->path, STR("/stream"))) {
		streams = true;
		write_stream(req, res,
		    str_eq(req->path, STR("/stream-known")) ? STREAM_BYTES
		                                            : UINT64_MAX,
		    &rc);
	} else if (str_eq(req->path, STR("/wait"))) {
		wait_for_cancel(job.world, req);
	} else {
		response_body(res,
		    str_printf(req->arena, "path=%.*s query=%.*s host=%.*s",
		        STR_ARG(req->path), STR_ARG(req->query),
		        STR_ARG(req->host)));
	}
	http_answer(req);
	if (streams) {
		lock_take(&job.world->lock);
		job.world->stream_rc = rc;
		job.world->waiting++;
		lock_cond_broadcast(&job.world->change);
		lock_give(&job.world->lock);
	}
	return NULL;
}

static enum http_verdict
on_head(void *ctx, struct request *req, struct response *res)
{
	(void)ctx;
	if (str_eq(req->path, STR("/now"))) {
		response_plain(res, 200, STR("at once"));
		return HTTP_ANSWERED;
	}
	if (str_eq(req->path, STR("/forbidden"))) {
		response_plain(res, 403, STR("not here"));
		return HTTP_ANSWERED;
	}
	return HTTP_GO_ON;
}

static bool
on_ready(void *ctx, struct request *req)
{
	struct world *world = ctx;
	struct job *job;

	lock_take(&world->lock);
	if (world->refuse_jobs || world->job_count == MAX_JOBS) {
		lock_give(&world->lock);
		return false;
	}
	job = calloc(1, sizeof(*job));
	job->world = world;
	job->req = req;
	assert_int_equal(
	    pthread_create(&world->jobs[world->job_count++], NULL, work, job),
	    0);
	lock_give(&world->lock);
	return true;
}

static void
on_done(void *ctx, struct request *req)
{
	struct world *world = ctx;

	assert_true(req->path.len > 0);
	lock_take(&world->lock);
	world->done++;
	lock_cond_broadcast(&world->change);
	lock_give(&world->lock);
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct http_settings http = {.threads = 2,
	    .max_header_bytes = 8192,
	    .max_body_bytes = 1 << 20,
	    .spool_quota_bytes = 900000,
	    .spool_folder = "/tmp",
	    .body_wait_ms = 5000,
	    .answer_wait_ms = 5000,
	    .job_wait_ms = 5000,
	    .max_connections = 100};
	struct http_handler handler = {
	    .head = on_head, .ready = on_ready, .done = on_done, .ctx = world};
	struct net_settings net = {.threads = 1,
	    .max_connections = 100,
	    .max_connections_per_address = 100,
	    .handshake_wait_ms = 5000,
	    .header_wait_ms = 5000,
	    .keep_alive_wait_ms = 5000};
	struct net_handler net_handler = {.ready = http_take,
	    .gone = http_gone,
	    .guest = http_guest,
	    .turn = http_turn};
	struct err err = ERR_NONE;
	sock_t listener;

	lock_init(&world->lock);
	lock_cond_init(&world->change);
	assert_int_equal(
	    http_start(&http, &handler, &world->http, &err), ERR_OK);
	net_handler.ctx = world->http;
	assert_int_equal(
	    net_start(&net, &net_handler, NULL, &world->net, &err), ERR_OK);
	assert_int_equal(
	    socket_listen(STR("127.0.0.1"), 0, &listener, &err), ERR_OK);
	world->port = socket_port(listener);
	assert_int_equal(
	    net_listen(world->net, listener, NET_DOOR_PLAIN, &err), ERR_OK);
	*state = world;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	net_stop_accepting(world->net);
	http_stop(world->http, clock_mono_ms() + 1000);
	for (unsigned i = 0; i < world->job_count; i++)
		(void)pthread_join(world->jobs[i], NULL);
	net_stop(world->net, clock_mono_ms());
	net_end_turns(world->net);
	http_free(world->http);
	net_free(world->net);
	lock_cond_end(&world->change);
	lock_end(&world->lock);
	free(world);
	return 0;
}

/* ---- a browser -------------------------------------------------------------
 */

struct answer {
	char bytes[200000];
	size_t len;
	bool is_closed;
};

static int
dial(const struct world *world)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(world->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int small = 8192; /* the ring fills up and everybody waits */

	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

/* Reads until `count` answers with their bodies are there, or the end. */
static void
hear_until(int fd, struct answer *answer, const char *mark)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	while (answer->len + 1 < sizeof(answer->bytes)) {
		ssize_t got;

		answer->bytes[answer->len] = '\0';
		if (mark && strstr(answer->bytes, mark))
			return;
		assert_int_equal(poll(&poll_fd, 1, 8000), 1);
		got = recv(fd, answer->bytes + answer->len,
		    sizeof(answer->bytes) - answer->len - 1, 0);
		if (got <= 0) {
			answer->is_closed = true;
			return;
		}
		answer->len += (size_t)got;
	}
}

static struct answer *
ask(const struct world *world, const char *request, const char *mark)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(world);

	say(fd, request, strlen(request));
	hear_until(fd, answer, mark);
	close(fd);
	return answer;
}

/* What could be read in two ways is refused, and the connection ends. */
static void
test_refusals(void **state)
{
	static const struct {
		const char *request;
		const char *status;
	} rows[] = {
	    {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
	     "Content-Length: 3\r\n\r\n0\r\n\r\n",
	        "411"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	     "identity\r\n\r\n",
	        "411"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : "
	     "chunked\r\n\r\n0\r\n\r\n",
	        "400"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: "
	     "3\r\nContent-Length: 4\r\n\r\nabcd",
	        "400"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: "
	     "3\r\nContent-Length: 3\r\n\r\nabc",
	        "400"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
	        "400"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3, "
	     "3\r\n\r\nabc",
	        "400"},
	    {"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: "
	     "99999999999999999999999\r\n\r\nabc",
	        "413"},
	    {"GET /x HTTP/1.1\r\n\r\n", "400"},
	    {"GET /x HTTP/1.0\r\n\r\n", "400"},
	    {"GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
	    {"GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
	    {"GET /x HTTP/1.1\r\nHost:\r\n\r\n", "400"},
	    {"GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "400"},
	    {"OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
	    {"TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
	    {"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "405"},
	    {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
	    {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
	    {"GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
	    {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
	    {"GET /x HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n", "400"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer *answer = ask(*state, rows[i].request, NULL);

		if (answer->len < 12 ||
		    strncmp(answer->bytes + 9, rows[i].status, 3) != 0)
			fail_msg("row %zu: %.60s", i, answer->bytes);
		assert_true(answer->is_closed);
		free(answer);
	}
}

/* Past our limit, and past all memory. */
static void
test_large_header(void **state)
{
	static const size_t sizes[] = {9000, 40000};
	static char request[50000];

	for (size_t i = 0; i < 2; i++) {
		int head = snprintf(request, sizeof(request),
		    "GET /now HTTP/1.1\r\nHost: a\r\nX: ");
		struct answer *answer;

		memset(request + head, 'x', sizes[i]);
		memcpy(request + (size_t)head + sizes[i], "\r\n\r\n", 5);
		answer = ask(*state, request, NULL);
		assert_int_equal(strncmp(answer->bytes, "HTTP/1.1 431", 12), 0);
		free(answer);
	}
}

static void
test_keep_alive(void **state)
{
	struct world *world = *state;
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(world);
	const char one[] = "GET /a%20b?c=d HTTP/1.1\r\nHost: A:80\r\n\r\n";
	const char two[] = "GET /now HTTP/1.1\r\nHost: a\r\n\r\n"
	                   "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: "
	                   "application/x-www-form-urlencoded\r\n"
	                   "Content-Length: 7\r\n\r\na=b+%41"
	                   "GET /last HTTP/1.1\r\nHost: a\r\n"
	                   "Connection: close\r\n\r\n";

	say(fd, one, strlen(one));
	hear_until(fd, answer, "path=/a b query=c=d host=a:80");
	assert_false(answer->is_closed);
	/* Three at once on the same connection. */
	say(fd, two, strlen(two));
	hear_until(fd, answer, NULL);
	assert_non_null(strstr(answer->bytes, "at once"));
	assert_non_null(
	    strstr(answer->bytes, "form ERR_OK fields=1 a=b A file=0"));
	assert_non_null(strstr(answer->bytes, "path=/last"));
	assert_true(strstr(answer->bytes, "at once") <
	            strstr(answer->bytes, "fields=1"));
	close(fd);
	free(answer);
}

static void
test_head_has_no_body(void **state)
{
	struct answer *answer = ask(*state,
	    "HEAD /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	    NULL);

	assert_non_null(strstr(answer->bytes, "Content-Length: 20000\r\n"));
	assert_string_equal(answer->bytes + answer->len - 4, "\r\n\r\n");
	free(answer);
	answer = ask(*state,
	    "HEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	    NULL);
	assert_string_equal(answer->bytes + answer->len - 4, "\r\n\r\n");
	free(answer);
}

static void
test_gzip(void **state)
{
	struct answer *answer = ask(*state,
	    "GET /page HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n"
	    "Connection: close\r\n\r\n",
	    NULL);

	assert_non_null(strstr(answer->bytes, "Content-Encoding: gzip\r\n"));
	assert_non_null(strstr(answer->bytes, "Vary: Accept-Encoding\r\n"));
	assert_true(answer->len < 1000);
	free(answer);
	answer = ask(*state,
	    "GET /page HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0\r\n"
	    "Connection: close\r\n\r\n",
	    NULL);
	assert_null(strstr(answer->bytes, "Content-Encoding"));
	assert_true(answer->len > PAGE_BYTES);
	free(answer);
}

static void
test_expect_continue(void **state)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(*state);
	const char head[] = "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: "
	                    "application/x-www-form-urlencoded\r\n"
	                    "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
	const char refused[] = "POST /forbidden HTTP/1.1\r\nHost: a\r\n"
	                       "Expect: 100-continue\r\n"
	                       "Content-Length: 3\r\n\r\n";

	say(fd, head, strlen(head));
	hear_until(fd, answer, "100 Continue\r\n\r\n");
	say(fd, "a=1", 3);
	hear_until(fd, answer, "a=1");
	say(fd, refused, strlen(refused));
	hear_until(fd, answer, NULL);
	assert_non_null(strstr(answer->bytes, "HTTP/1.1 403"));
	assert_non_null(strstr(answer->bytes, "not here"));
	close(fd);
	free(answer);
}

/* The browser sends on and still sees the answer. */
static void
test_too_large(void **state)
{
	static char body[1 << 21];
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(*state);
	char head[200];
	int len = snprintf(head, sizeof(head),
	    "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
	    sizeof(body));

	say(fd, head, (size_t)len);
	say(fd, body, sizeof(body));
	hear_until(fd, answer, NULL);
	assert_int_equal(strncmp(answer->bytes, "HTTP/1.1 413", 12), 0);
	assert_non_null(strstr(answer->bytes, "larger than"));
	close(fd);
	free(answer);
	/* Within the limit, but past the quota. */
	answer = ask(*state,
	    "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: "
	    "1000000\r\n\r\n",
	    NULL);
	assert_int_equal(strncmp(answer->bytes, "HTTP/1.1 503", 12), 0);
	assert_non_null(strstr(answer->bytes, "Retry-After: "));
	free(answer);
}

static void
test_spooled_form(void **state)
{
	static const char before[] =
	    "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nhi\r\n"
	    "--b\r\nContent-Disposition: form-data; name=f; "
	    "filename=x\r\n\r\n";
	static const char after[] = "\r\n--b--\r\n";
	static char file[700000];
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(*state);
	char head[200];
	int len = snprintf(head, sizeof(head),
	    "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: "
	    "multipart/form-data; boundary=b\r\nContent-Length: %zu\r\n\r\n",
	    sizeof(before) - 1 + sizeof(file) + sizeof(after) - 1);

	memset(file, '-', sizeof(file));
	/* Twice: the quota of the first is given back. */
	for (int i = 0; i < 2; i++) {
		answer->len = 0;
		say(fd, head, (size_t)len);
		say(fd, before, sizeof(before) - 1);
		say(fd, file, sizeof(file));
		say(fd, after, sizeof(after) - 1);
		hear_until(fd, answer, "fields=2 a=hi file=700000");
		assert_false(answer->is_closed);
	}
	close(fd);
	free(answer);
}

static void
test_queue_full(void **state)
{
	struct world *world = *state;
	struct answer *answer;

	lock_take(&world->lock);
	world->refuse_jobs = true;
	lock_give(&world->lock);
	answer = ask(world,
	    "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", NULL);
	assert_int_equal(strncmp(answer->bytes, "HTTP/1.1 503", 12), 0);
	assert_non_null(strstr(answer->bytes, "Retry-After: 5\r\n"));
	free(answer);
}

static uint64_t
hear_stream(int fd)
{
	static char bytes[3000];
	uint64_t count = 0;

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		ssize_t got;

		assert_int_equal(poll(&poll_fd, 1, 8000), 1);
		got = recv(fd, bytes, sizeof(bytes), 0);
		if (got <= 0)
			return count;
		for (ssize_t i = 0; i < got; i++)
			count += bytes[i] == 'x';
	}
}

static void
test_streams(void **state)
{
	struct world *world = *state;
	static const char *const paths[] = {"/stream", "/stream-known"};

	for (size_t i = 0; i < 2; i++) {
		char request[200];
		int len = snprintf(request, sizeof(request),
		    "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		    paths[i]);
		int fd = dial(world);

		say(fd, request, (size_t)len);
		/* "text/html" of the header has one x less: "text" has 1. */
		assert_int_equal(hear_stream(fd), STREAM_BYTES + 1);
		close(fd);
	}
}

static void
wait_for(struct world *world, unsigned *number, unsigned least)
{
	lock_take(&world->lock);
	while (*number < least)
		assert_true(
		    lock_cond_wait_ms(&world->change, &world->lock, 8000));
	lock_give(&world->lock);
}

static void
test_leaving_reader(void **state)
{
	struct world *world = *state;
	struct answer *answer = calloc(1, sizeof(*answer));
	int fd = dial(world);
	const char request[] = "GET /stream-long HTTP/1.1\r\nHost: a\r\n\r\n";

	say(fd, request, strlen(request));
	hear_until(fd, answer, "xxxx");
	close(fd);
	wait_for(world, &world->waiting, 1);
	assert_int_equal(world->stream_rc, ERR_CANCELED);
	wait_for(world, &world->done, 1);
	free(answer);
}

static void
test_browser_leaves_a_job(void **state)
{
	struct world *world = *state;
	int fd = dial(world);
	const char request[] = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

	say(fd, request, strlen(request));
	wait_for(world, &world->waiting, 1);
	close(fd);
	wait_for(world, &world->done, 1);
	http_stop(world->http, clock_mono_ms() + 8000);
	assert_int_equal(http_requests_open(world->http), 0);
}

/* A header that never ends: the record's deadline is net's business. */
static void
test_stop_with_a_job(void **state)
{
	struct world *world = *state;
	int fd = dial(world);
	const char request[] = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

	say(fd, request, strlen(request));
	wait_for(world, &world->waiting, 1);
	/* Past the deadline the worker is told to end. */
	http_stop(world->http, clock_mono_ms());
	wait_for(world, &world->done, 1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_large_header, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_keep_alive, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_head_has_no_body, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_gzip, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_expect_continue, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_too_large, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_spooled_form, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_queue_full, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_streams, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_leaving_reader, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_browser_leaves_a_job, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_stop_with_a_job, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
