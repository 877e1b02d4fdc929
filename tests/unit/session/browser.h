#ifndef TESTS_SESSION_BROWSER_H
#define TESTS_SESSION_BROWSER_H
/*
 * Sessions seen from a browser with a cookie jar: what request and response
 * do here stands in for the HTTP room, so that cookies can be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "config/config.h"
#include "os/clock.h"
#include "os/file.h"
#include "session/session.h"

#define COOKIES_MAX 10
#define FIELDS_MAX  8

struct cookie {
	char name[32];
	char value[120];
	bool is_secure;
};

struct browser {
	struct cookie jar[COOKIES_MAX];
	size_t count;
};

/* ---- stand-ins for http/ ---- */
struct pair {
	const char *name;
	struct str value;
};
struct request_inner {
	struct pair headers[FIELDS_MAX];
	struct pair fields[FIELDS_MAX];
	struct browser *browser;
};
struct response {
	struct browser *browser;
	char clear[64];
};

static inline struct str
pair_find(const struct pair *pairs, const char *name)
{
	for (size_t i = 0; i < FIELDS_MAX && pairs[i].name != NULL; i++)
		if (str_eq_nocase(str_c(pairs[i].name), str_c(name)))
			return pairs[i].value;
	return (struct str){.ptr = NULL, .len = 0};
}

struct str
request_header(const struct request *req, const char *name)
{
	return pair_find(req->inner->headers, name);
}

/* Its forms are whole: what a broken one gives is http/'s to test. */
enum err_code
request_form(struct request *req, const struct form **out, struct err *err)
{
	(void)req;
	(void)err;
	*out = NULL;
	return ERR_OK;
}

struct str
request_field(struct request *req, const char *name)
{
	return pair_find(req->inner->fields, name);
}

/* A browser sends Secure cookies to https only, the others to both. */
struct str
request_cookie(const struct request *req, const char *name)
{
	const struct browser *b = req->inner->browser;

	for (size_t i = 0; i < b->count; i++)
		if (str_eq(str_c(b->jar[i].name), str_c(name)) &&
		    (req->is_secure || !b->jar[i].is_secure))
			return str_dup(req->arena, str_c(b->jar[i].value));
	return (struct str){.ptr = NULL, .len = 0};
}

static inline struct cookie *
jar_find(struct browser *b, struct str name)
{
	for (size_t i = 0; i < b->count; i++)
		if (str_eq(str_c(b->jar[i].name), name))
			return &b->jar[i];
	return NULL;
}

static inline void
jar_take(struct browser *b, struct str line)
{
	struct str rest = line;
	struct str value = str_cut(&rest, ';');
	struct str name = str_cut(&value, '=');
	struct cookie *cookie = jar_find(b, name);

	if (cookie == NULL) {
		assert_true(b->count < COOKIES_MAX);
		cookie = &b->jar[b->count++];
	}
	assert_true(value.len < sizeof(cookie->value));
	snprintf(cookie->name, sizeof(cookie->name), "%.*s", STR_ARG(name));
	snprintf(cookie->value, sizeof(cookie->value), "%.*s", STR_ARG(value));
	cookie->is_secure = str_find(line, STR("; Secure"), 0) < line.len;
	assert_true(str_find(line, STR("; Path=/"), 0) < line.len);
	assert_true(str_find(line, STR("; HttpOnly"), 0) < line.len);
	assert_true(str_find(line, STR("; SameSite=Lax"), 0) < line.len);
	if (str_starts(name, STR("__Host-")))
		assert_true(cookie->is_secure);
	if (str_find(line, STR("; Max-Age=0"), 0) < line.len)
		*cookie = b->jar[--b->count];
}

void
response_header(struct response *res, const char *name, struct str value)
{
	assert_string_equal(name, "Set-Cookie");
	jar_take(res->browser, value);
}

void
response_replace_header(
    struct response *res, const char *name, struct str value)
{
	assert_string_equal(name, "Clear-Site-Data");
	snprintf(res->clear, sizeof(res->clear), "%.*s", STR_ARG(value));
}

/* ---- the fixture ---- */
struct fixture {
	char folder[64], db[96], key[96];
	struct store *store;
	struct sessions *sessions;
	struct metrics *metrics;
	struct config cfg;
	const struct config *defaults;
	struct arena *arena;
	struct browser browser;
	struct err err;
};

/* One visit: a request with its answer. */
struct visit {
	struct request req;
	struct request_inner inner;
	struct response res;
	enum session_found found;
};

static inline void
start(struct fixture *f)
{
	f->metrics = metrics_new();
	assert_int_equal(store_open(f->db, &f->store, &f->err), ERR_OK);
	assert_int_equal(
	    sessions_new(f->store, f->key, f->metrics, &f->sessions, &f->err),
	    ERR_OK);
}

static inline void
stop(struct fixture *f)
{
	sessions_free(f->sessions);
	store_close(f->store);
	metrics_free(f->metrics);
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/iwebmsg-session-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->db, sizeof(f->db), "%s/db", f->folder);
	snprintf(f->key, sizeof(f->key), "%s/key", f->folder);
	f->arena = arena_new(16 << 20);
	f->defaults = config_defaults(&f->err);
	assert_non_null(f->defaults);
	f->cfg = *f->defaults;
	f->cfg.enable_ssl = true;
	start(f);
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"db", "db-wal", "db-shm", "key"};

	stop(f);
	config_unref(f->defaults);
	arena_free(f->arena);
	for (size_t i = 0; i < 4; i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
		unlink(path);
	}
	rmdir(f->folder);
	free(f);
	return 0;
}

static inline void
visit_begin(struct fixture *f, struct visit *v, bool secure, const char *path)
{
	memset(v, 0, sizeof(*v));
	v->req.arena = f->arena;
	v->req.method = METHOD_POST;
	v->req.path = str_c(path);
	v->req.host = secure ? STR("mail.example.org:8384")
	                     : STR("mail.example.org:8383");
	v->req.is_secure = secure;
	snprintf(
	    v->req.peer.address, sizeof(v->req.peer.address), "203.0.113.9");
	v->req.cfg = &f->cfg;
	v->req.site = &f->cfg.site;
	v->req.inner = &v->inner;
	v->inner.browser = &f->browser;
	v->res.browser = &f->browser;
}

static inline enum session_found
visit_attach(struct fixture *f, struct visit *v, bool secure)
{
	visit_begin(f, v, secure, "/list");
	assert_int_equal(
	    session_attach(f->sessions, &v->req, &v->res, &v->found, &f->err),
	    ERR_OK);
	assert_int_equal(v->req.session != NULL, v->found == SESSION_ACTIVE);
	return v->found;
}

static inline enum session_found
look(struct fixture *f, bool secure)
{
	struct visit v;
	enum session_found found = visit_attach(f, &v, secure);

	session_end_request(&v.req);
	return found;
}

static inline void
log_in(struct fixture *f, bool secure, bool remember, bool expire)
{
	struct visit v;
	const struct session_login login = {.login = STR("Anna@Example.org"),
	    .password = STR("p\xc3\xa4ss word"),
	    .remember = remember,
	    .expire_views = expire};

	visit_attach(f, &v, secure);
	assert_int_equal(
	    session_create(f->sessions, &v.req, &v.res, &login, &f->err),
	    ERR_OK);
	assert_non_null(v.req.session);
	session_end_request(&v.req);
}

/* Into secure mode or out of it, as a browser does it. */
static inline void
go_over(struct fixture *f, bool to_secure)
{
	enum session_redeemed redeemed = SESSION_TICKET_VOID;
	struct visit v;
	struct str url;
	struct str path;

	assert_int_equal(visit_attach(f, &v, !to_secure), SESSION_ACTIVE);
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, to_secure,
	                     STR("/"), &url, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	visit_begin(f, &v, to_secure, "/secure/ticket");
	assert_int_equal(session_redeem(f->sessions, &v.req, &v.res,
	                     str_slice(url, str_find(url, STR("?t="), 0) + 3,
	                         str_find(url, STR("&back="), 0)),
	                     &redeemed, &path, &f->err),
	    ERR_OK);
	assert_int_equal(redeemed, SESSION_REDEEMED);
	session_end_request(&v.req);
}

static inline void
sql(struct fixture *f, const char *words)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, words, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline struct cookie *
cookie_of(struct fixture *f, const char *name)
{
	return jar_find(&f->browser, str_c(name));
}

static inline void
assert_bytes(struct str actual, const char *expected)
{
	assert_int_equal(actual.len, strlen(expected));
	assert_memory_equal(actual.ptr, expected, actual.len);
}

static inline void
forget_session_cookie(struct fixture *f, const char *name)
{
	struct cookie *cookie = cookie_of(f, name);

	assert_non_null(cookie);
	*cookie = f->browser.jar[--f->browser.count];
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
