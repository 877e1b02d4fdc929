#ifndef PAGE_TEST_H
#define PAGE_TEST_H
/* A logged-in request without a connection, on a database of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "page/page_inside.h"
#include "page/page_list.h"

struct fixture {
	char folder[64], key[96];
	struct arena *arena;
	const struct config *cfg;
	struct config_site site;
	struct store *store;
	struct metrics *metrics;
	struct app app;
	struct session session;
	struct request *req;
	struct err err;
};

static inline struct request *
fixture_request(struct fixture *f, const char *target)
{
	unsigned status = 0;

	if (f->req != NULL)
		request_end_alone(f->req);
	f->req = request_new_alone(f->arena, STR("GET"), str_c(target),
	    STR("Host: mail.example.org"), STR(""), &status);
	assert_non_null(f->req);
	assert_int_equal(status, 0);
	f->req->app = &f->app;
	f->req->cfg = f->cfg;
	f->req->site = &f->site;
	f->req->session = &f->session;
	return f->req;
}

static inline int
fixture_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(
	    f->folder, sizeof(f->folder), "/tmp/iwebmsg-page-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->key, sizeof(f->key), "%s/key", f->folder);
	f->arena = arena_new(LIMIT_ARENA_BYTES);
	f->cfg = config_defaults(&f->err);
	assert_non_null(f->cfg);
	f->site = f->cfg->site;
	f->site.default_domain = STR("example.org");
	f->metrics = metrics_new();
	assert_int_equal(store_open(":memory:", &f->store, &f->err), ERR_OK);
	assert_int_equal(sessions_new(f->store, f->key, f->metrics,
	                     &f->app.sessions, &f->err),
	    ERR_OK);
	f->app.store = f->store;
	f->session.login = STR("anna");
	f->session.account = STR("anna");
	assert_int_equal(
	    secret_random(&f->session.cookie_secret, 32, &f->err), ERR_OK);
	fixture_request(f, "/list");
	*state = f;
	return 0;
}

static inline int
fixture_down(void **state)
{
	struct fixture *f = *state;

	request_end_alone(f->req);
	secret_end(&f->session.cookie_secret);
	sessions_free(f->app.sessions);
	store_close(f->store);
	metrics_free(f->metrics);
	config_unref(f->cfg);
	arena_free(f->arena);
	(void)unlink(f->key);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

static inline void
assert_says(struct str actual, const char *expected)
{
	if (!str_eq(actual, str_c(expected)))
		fail_msg(
		    "\"%.*s\" instead of \"%s\"", STR_ARG(actual), expected);
}

/* An exact-size block without a NUL: a read too far is seen. */
static inline struct str
exact(const void *bytes, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return str_of(copy, len);
}

static inline void
exact_free(struct str s)
{
	free((void *)(uintptr_t)s.ptr);
}

#endif
