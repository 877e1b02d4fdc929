/*
 * A request's header lines, target and cookies, without a connection. What
 * passes is as request.h promises.
 */
#include <stdint.h>

#include "base/limits.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(struct request *req)
{
	struct str cookie = request_cookie(req, "iwm");
	struct str query = request_query(req, "a");

	ensure(req->path.len > 0 && req->path.ptr[0] == '/');
	ensure(str_is_utf8(req->path));
	for (size_t i = 0; i < req->path.len; i++)
		ensure((unsigned char)req->path.ptr[i] >= 0x20);
	ensure(req->host.len > 0 && !str_has_line_break(req->host));
	ensure(cookie.len <= LIMIT_COOKIE_BYTES);
	ensure(str_find_byte(cookie, ';', 0) == cookie.len);
	ensure(query.len <= req->query.len);
	ensure(!request_header(req, "Transfer-Encoding").ptr);
	(void)request_accepts_gzip(req);
}

/* The first line is the target, the others are the header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str headers = str_of((const char *)data, len);
	struct str target = str_cut(&headers, '\n');
	struct request *req;
	unsigned status = 0;

	ensure(arena);
	req = request_new_alone(
	    arena, STR("GET"), target, headers, (struct str){0}, &status);
	ensure(req);
	if (status == 0)
		check(req);
	else
		ensure(status >= 400 && status <= 599);
	request_end_alone(req);
	arena_free(arena);
	return 0;
}
