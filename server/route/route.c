#include "route/route.h"

static bool
is_path(const struct route *route, struct str path)
{
	if ((route->flags & ROUTE_BELOW) != 0)
		return str_starts(path, str_c(route->path));
	return (route->flags & ROUTE_ANY_CASE) != 0
	           ? str_eq_nocase(str_c(route->path), path)
	           : str_eq(str_c(route->path), path);
}

bool
route_is_at_root(struct str path)
{
	for (size_t i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];

		if ((route->flags & ROUTE_ROOT) != 0 && is_path(route, path))
			return true;
	}
	return false;
}

enum err_code
route_find(const struct request *req, const struct route **out,
    const char **out_allow, struct err *err)
{
	enum request_method method =
	    req->method == METHOD_HEAD ? METHOD_GET : req->method;
	const struct route *other = NULL;

	*out = NULL;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];

		if (!is_path(route, req->path))
			continue;
		if (route->method == method) {
			*out = route;
			return ERR_OK;
		}
		other = route;
	}
	if (other) {
		*out_allow = other->method == METHOD_GET ? "GET, HEAD" : "POST";
		return err_set(err, ERR_INPUT,
		    "This address is only for what the buttons of a page "
		    "send: nothing was done.",
		    "method");
	}
	return err_set(
	    err, ERR_NOT_FOUND, "There is no such page.", "no route");
}
