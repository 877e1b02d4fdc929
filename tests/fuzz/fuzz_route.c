/*
 * Any method and target against the table of addresses: what is found fits,
 * and what is not says why.
 */
#include <stdint.h>

#include "base/limits.h"
#include "route/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct request *req)
{
	const struct route *route = NULL;
	const char *allow = NULL;
	enum err_code rc = route_find(req, &route, &allow, NULL);

	ensure((rc == ERR_OK) == (route != NULL));
	ensure(rc == ERR_OK || rc == ERR_NOT_FOUND || rc == ERR_INPUT);
	ensure((rc == ERR_INPUT) == (allow != NULL));
	if (route) {
		ensure(str_eq_nocase(str_c(route->path), req->path));
		ensure((route->method == METHOD_POST) ==
		       (req->method == METHOD_POST));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct str target = str_of((const char *)data, len);
	struct str method = str_cut(&target, ' ');
	struct request *req;
	unsigned status = 0;

	ensure(arena);
	req = request_new_alone(
	    arena, method, target, STR("Host: h"), (struct str){0}, &status);
	ensure(req);
	if (status == 0)
		check(req);
	request_end_alone(req);
	arena_free(arena);
	return 0;
}
