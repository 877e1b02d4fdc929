/* The table of addresses, walked: what changes something is behind a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "route/route.h"

/* Pages that nobody needs to be logged in for, each with its reason. */
static const char *const open_pages[] = {
    "home",            /* the login page or the inbox */
    "login",           /* */
    "login_post",      /* makes the session */
    "logged_off",      /* */
    "image",           /* signed addresses; the mail's frame sends no cookie */
    "switch",          /* from the login page too */
    "switch_post",     /* likewise */
    "switch_old",      /* likewise */
    "switch_old_post", /* likewise */
    "ticket",          /* brings the session over */
    "connection",      /* the browser's leg, from the login page too */
    "trust",           /* before anybody trusts us */
    "trust_file",      /* likewise */
    "language",        /* the login page's choice */
    "help",            /* who cannot log in needs it most */
    "acme",            /* an authority looks whether we answer */
    "health",          /* */
    "metrics",         /* */
};

static bool
is_open(const struct route *route)
{
	for (size_t i = 0; i < sizeof(open_pages) / sizeof(open_pages[0]);
	     i++) {
		if (strcmp(open_pages[i], route->name) == 0)
			return true;
	}
	return false;
}

static void
test_guards(void **state)
{
	size_t open = 0;

	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];
		bool has_session = (route->guards & GUARD_SESSION) != 0;
		bool has_token = (route->guards & GUARD_CSRF) != 0;

		if (route->method == METHOD_POST && !has_token)
			fail_msg("%s: no token", route->name);
		if (route->method == METHOD_GET && has_token)
			fail_msg("%s: a token in an address", route->name);
		if (has_session == is_open(route))
			fail_msg("%s: session", route->name);
		open += !has_session;
		assert_true(route->method == METHOD_GET ||
		            route->method == METHOD_POST);
		assert_true(route->path[0] == '/');
		assert_non_null(route->page);
	}
	assert_int_equal(open, sizeof(open_pages) / sizeof(open_pages[0]));
}

/* A page that changes something is not also the page of a GET. */
static void
test_get_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		for (size_t j = 0; j < route_count; j++) {
			const struct route *a = &route_table[i];
			const struct route *b = &route_table[j];

			assert_false(a->method == METHOD_POST &&
			             b->method == METHOD_GET &&
			             a->page == b->page);
			if (i == j)
				continue;
			assert_false(strcmp(a->name, b->name) == 0);
			assert_false(strcmp(a->path, b->path) == 0 &&
			             a->method == b->method);
		}
	}
}

static void
test_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *route = &route_table[i];

		/* BREACH: never what may be the login page. */
		if (strcmp(route->path, "/") == 0 ||
		    strcmp(route->path, "/login") == 0)
			assert_int_equal(route->flags & ROUTE_GZIP, 0);
		if ((route->flags & ROUTE_LARGE_BODY) != 0)
			assert_true(route->method == METHOD_POST &&
			            (route->guards & GUARD_SESSION) != 0);
		/* In clear under ForceSSL: nothing of anybody's. */
		if ((route->flags & ROUTE_BOTH_DOORS) != 0)
			assert_true(route->method == METHOD_GET &&
			            (route->flags & ROUTE_NO_SESSION) != 0);
		if ((route->flags & ROUTE_NO_SESSION) != 0)
			assert_int_equal(route->guards & GUARD_SESSION, 0);
	}
}

static void
test_find(void **state)
{
	static const struct {
		const char *method;
		const char *target;
		const char *name; /* NULL: an error */
		const char *allow;
	} rows[] = {
	    {"GET", "/", "home", NULL},
	    {"HEAD", "/", "home", NULL},
	    {"GET", "/list?folder=x", "list", NULL},
	    {"POST", "/list", "list_post", NULL},
	    {"POST", "/search", "search_post", NULL},
	    {"GET", "/l%69st", "list", NULL},
	    {"GET", "/ssl2.cgi", "switch_old", NULL},
	    {"GET", "/SSL2.CGI", "switch_old", NULL},
	    {"GET", "/secure/ticket?t=1", "ticket", NULL},
	    {"GET", "/LIST", NULL, NULL},
	    {"GET", "/list/", NULL, NULL},
	    {"GET", "/lis", NULL, NULL},
	    {"GET", "//", NULL, NULL},
	    {"GET", "/act", NULL, "POST"},
	    {"HEAD", "/act", NULL, "POST"},
	    {"POST", "/message", NULL, "GET, HEAD"},
	    {"POST", "/ssl2.cgi", "switch_old_post", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
		const struct route *route = NULL;
		const char *allow = NULL;
		struct err err = ERR_NONE;
		unsigned status = 0;
		struct request *req = request_new_alone(arena,
		    str_c(rows[i].method), str_c(rows[i].target),
		    STR("Host: h"), (struct str){0}, &status);
		enum err_code rc = route_find(req, &route, &allow, &err);

		assert_int_equal(status, 0);
		if (rows[i].name) {
			assert_int_equal(rc, ERR_OK);
			assert_string_equal(route->name, rows[i].name);
		} else {
			assert_int_equal(
			    rc, rows[i].allow ? ERR_INPUT : ERR_NOT_FOUND);
			assert_null(route);
		}
		assert_true(str_eq(str_c(allow), str_c(rows[i].allow)));
		request_end_alone(req);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_guards),
	    cmocka_unit_test(test_get_changes_nothing),
	    cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
