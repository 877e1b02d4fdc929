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

/* ---- stand-ins for http/ --------------------------------------------------
 */
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

static struct str
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

static struct cookie *
jar_find(struct browser *b, struct str name)
{
	for (size_t i = 0; i < b->count; i++)
		if (str_eq(str_c(b->jar[i].name), name))
			return &b->jar[i];
	return NULL;
}

static void
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

/* ---- the fixture ------------------------------------------------------------
 */
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

static void
start(struct fixture *f)
{
	f->metrics = metrics_new();
	assert_int_equal(store_open(f->db, &f->store, &f->err), ERR_OK);
	assert_int_equal(
	    sessions_new(f->store, f->key, f->metrics, &f->sessions, &f->err),
	    ERR_OK);
}

static void
stop(struct fixture *f)
{
	sessions_free(f->sessions);
	store_close(f->store);
	metrics_free(f->metrics);
}

static int
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

static int
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

static void
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

static enum session_found
visit_attach(struct fixture *f, struct visit *v, bool secure)
{
	visit_begin(f, v, secure, "/list");
	assert_int_equal(
	    session_attach(f->sessions, &v->req, &v->res, &v->found, &f->err),
	    ERR_OK);
	assert_int_equal(v->req.session != NULL, v->found == SESSION_ACTIVE);
	return v->found;
}

static enum session_found
look(struct fixture *f, bool secure)
{
	struct visit v;
	enum session_found found = visit_attach(f, &v, secure);

	session_end_request(&v.req);
	return found;
}

static void
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

static void
sql(struct fixture *f, const char *words)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, words, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct cookie *
cookie_of(struct fixture *f, const char *name)
{
	return jar_find(&f->browser, str_c(name));
}

static void
assert_bytes(struct str actual, const char *expected)
{
	assert_int_equal(actual.len, strlen(expected));
	assert_memory_equal(actual.ptr, expected, actual.len);
}

/* ---- sessions
 * ----------------------------------------------------------------- */
static void
test_login_and_back(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	assert_int_equal(look(f, true), SESSION_NONE);
	log_in(f, true, false, false);
	assert_int_equal(visit_attach(f, &v, true), SESSION_ACTIVE);
	assert_bytes(v.req.session->login, "Anna@Example.org");
	assert_bytes(v.req.session->account, "anna@example.org");
	assert_bytes(secret_str(&v.req.session->password), "p\xc3\xa4ss word");
	assert_false(v.req.session->expire_views);
	assert_false(v.req.session->is_remembered);
	assert_true(session_has_cookie(&v.req));
	session_end_request(&v.req);
	assert_null(v.req.session);
	assert_non_null(cookie_of(f, "__Host-iwm"));
	assert_null(cookie_of(f, "iwm"));
	assert_null(cookie_of(f, "__Host-iwmr"));
	assert_null(cookie_of(f, "iwm_name"));
	/* The other door ignores the cookie. */
	assert_int_equal(look(f, false), SESSION_NONE);
}

static void
test_cookie_of_other_door_opens_nothing(void **state)
{
	struct fixture *f = *state;

	log_in(f, true, false, false);
	struct cookie *cookie = cookie_of(f, "__Host-iwm");
	snprintf(cookie->name, sizeof(cookie->name), "iwm");
	cookie->is_secure = false;
	assert_int_equal(look(f, false), SESSION_NONE);
}

static void
test_survives_restart_but_not_another_key(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	log_in(f, false, false, false);
	stop(f);
	start(f);
	assert_int_equal(look(f, false), SESSION_ACTIVE);
	assert_int_equal(stat(f->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
	stop(f);
	assert_int_equal(unlink(f->key), 0);
	start(f);
	assert_int_equal(look(f, false), SESSION_NONE);
}

static void
test_server_key_is_checked(void **state)
{
	struct fixture *f = *state;
	struct sessions *other = NULL;

	assert_int_equal(chmod(f->key, 0644), 0);
	assert_int_equal(
	    sessions_new(f->store, f->key, f->metrics, &other, &f->err),
	    ERR_CONFIG);
	assert_non_null(strstr(f->err.message, "chmod 600"));
	assert_int_equal(chmod(f->key, 0600), 0);
	assert_int_equal(truncate(f->key, 31), 0);
	assert_int_equal(
	    sessions_new(f->store, f->key, f->metrics, &other, &f->err),
	    ERR_CONFIG);
	assert_int_equal(sessions_new(f->store, "/nonexistent/key", f->metrics,
	                     &other, &f->err),
	    ERR_CONFIG);
	assert_null(other);
}

static void
test_tampered_cookies(void **state)
{
	struct fixture *f = *state;
	char whole[120];

	log_in(f, true, false, false);
	struct cookie *cookie = cookie_of(f, "__Host-iwm");
	assert_int_equal(strlen(cookie->value), 65);
	memcpy(whole, cookie->value, sizeof(whole));
	/* The last letter holds bits that are not used: not looked at here. */
	for (size_t i = 0; i < 64; i += 7) {
		cookie->value[i] = whole[i] == 'A' ? 'B' : 'A';
		assert_int_equal(look(f, true), SESSION_NONE);
		cookie->value[i] = whole[i];
	}
	cookie->value[64] = '\0';
	assert_int_equal(look(f, true), SESSION_NONE);
	memcpy(cookie->value, whole, sizeof(whole));
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* The row of another account: the seal does not fit. */
	sql(f, "UPDATE session SET account = 'bert'");
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_limits(void **state)
{
	struct fixture *f = *state;

	log_in(f, true, false, false);
	sql(f, "UPDATE session SET used_s = used_s - 7000");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* That use was noted. */
	sql(f, "UPDATE session SET used_s = used_s - 7000");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	sql(f, "UPDATE session SET used_s = used_s - 7300");
	assert_int_equal(look(f, true), SESSION_ENDED);
	sql(f, "UPDATE session SET used_s = used_s + 7300");
	assert_int_equal(look(f, true), SESSION_ENDED);

	log_in(f, true, false, true);
	sql(f, "UPDATE session SET used_s = used_s - 1000");
	assert_int_equal(look(f, true), SESSION_ENDED);

	log_in(f, true, false, false);
	sql(f, "UPDATE session SET ends_s = ends_s - 86400");
	assert_int_equal(look(f, true), SESSION_ENDED);
}

static void
test_log_off(void **state)
{
	struct fixture *f = *state;
	struct browser before;
	struct visit v;

	log_in(f, true, true, false);
	assert_non_null(cookie_of(f, "__Host-iwmr"));
	assert_non_null(cookie_of(f, "iwm_name"));
	before = f->browser;
	visit_attach(f, &v, true);
	assert_int_equal(
	    session_log_off(f->sessions, &v.req, &v.res, &f->err), ERR_OK);
	assert_null(v.req.session);
	assert_string_equal(v.res.clear, "\"cache\", \"storage\"");
	assert_null(cookie_of(f, "__Host-iwm"));
	assert_null(cookie_of(f, "__Host-iwmr"));
	assert_non_null(cookie_of(f, "iwm_name"));
	assert_int_equal(look(f, true), SESSION_NONE);
	visit_begin(f, &v, true, "/login");
	assert_bytes(session_remembered_name(&v.req).s, "Anna@Example.org");
	/* A copy of the old cookies is worth nothing. */
	f->browser = before;
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_refused_credential(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	log_in(f, true, true, false);
	visit_attach(f, &v, true);
	assert_int_equal(session_refused(f->sessions, &v.req, &f->err), ERR_OK);
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_second_login_replaces(void **state)
{
	struct fixture *f = *state;
	uint64_t count = 0;

	log_in(f, true, false, false);
	log_in(f, true, false, false);
	assert_int_equal(
	    store_session_count(f->store, clock_now_s(), &count, &f->err),
	    ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(look(f, true), SESSION_ACTIVE);
}

static void
test_hosts_are_apart(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	f->cfg.site.host = STR("a.example");
	log_in(f, true, false, false);
	visit_attach(f, &v, true);
	assert_bytes(v.req.session->account, "anna@example.org@a.example");
	session_end_request(&v.req);
	f->cfg.site.host = STR("b.example");
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_attach_as(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct visit image;

	log_in(f, true, false, false);
	visit_attach(f, &v, true);
	struct str selector = v.req.session->selector;
	struct str secret = secret_str(&v.req.session->cookie_secret);
	visit_begin(f, &image, false, "/image");
	assert_int_equal(session_attach_as(f->sessions, &image.req, selector,
	                     secret, &f->err),
	    ERR_OK);
	assert_bytes(
	    secret_str(&image.req.session->password), "p\xc3\xa4ss word");
	session_end_request(&image.req);
	assert_int_equal(session_attach_as(f->sessions, &image.req, selector,
	                     str_slice(secret, 1, 32), &f->err),
	    ERR_NOT_FOUND);
	assert_null(image.req.session);
	session_end_request(&v.req);
}

/* ---- remember me
 * ------------------------------------------------------------- */
static void
forget_session_cookie(struct fixture *f, const char *name)
{
	struct cookie *cookie = cookie_of(f, name);

	assert_non_null(cookie);
	*cookie = f->browser.jar[--f->browser.count];
}

static void
test_remembered(void **state)
{
	struct fixture *f = *state;
	struct browser old;
	struct visit v;

	log_in(f, true, true, false);
	old = f->browser;
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(visit_attach(f, &v, true), SESSION_ACTIVE);
	assert_true(v.req.session->is_remembered);
	assert_bytes(secret_str(&v.req.session->password), "p\xc3\xa4ss word");
	session_end_request(&v.req);
	/* The token changed, and the browser got a session. */
	assert_string_not_equal(cookie_of(f, "__Host-iwmr")->value,
	    jar_find(&old, STR("__Host-iwmr"))->value);
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* Over a restart, and when the session is too old. */
	stop(f);
	start(f);
	sql(f, "UPDATE session SET ends_s = 1");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
}

static void
test_parallel_tabs_of_a_device(void **state)
{
	struct fixture *f = *state;
	struct browser old;
	struct browser fresh;

	log_in(f, true, true, false);
	forget_session_cookie(f, "__Host-iwm");
	old = f->browser;
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	fresh = f->browser;
	/* Two more tabs with the token of before. */
	for (int tab = 0; tab < 2; tab++) {
		f->browser = old;
		assert_int_equal(look(f, true), SESSION_ACTIVE);
		assert_string_equal(cookie_of(f, "__Host-iwmr")->value,
		    jar_find(&old, STR("__Host-iwmr"))->value);
	}
	f->browser = fresh;
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
}

static void
test_stolen_token_revokes(void **state)
{
	struct fixture *f = *state;
	struct browser thief;
	struct browser fresh;

	log_in(f, true, true, false);
	forget_session_cookie(f, "__Host-iwm");
	thief = f->browser;
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	fresh = f->browser;
	sql(f, "UPDATE device SET rotated_s = rotated_s - 61");
	f->browser = thief;
	assert_int_equal(look(f, true), SESSION_NONE);
	assert_null(cookie_of(f, "__Host-iwmr"));
	/* Who of the two was the thief cannot be known: both are out. */
	f->browser = fresh;
	assert_int_equal(look(f, true), SESSION_NONE);
	assert_null(cookie_of(f, "__Host-iwmr"));
}

static void
test_token_two_rotations_old(void **state)
{
	struct fixture *f = *state;
	struct browser old;

	log_in(f, true, true, false);
	forget_session_cookie(f, "__Host-iwm");
	old = f->browser;
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	f->browser = old;
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_remember_has_an_end(void **state)
{
	struct fixture *f = *state;

	log_in(f, true, true, false);
	forget_session_cookie(f, "__Host-iwm");
	sql(f, "UPDATE device SET ends_s = 1");
	assert_int_equal(look(f, true), SESSION_NONE);
	/* Switched off by the administrator. */
	log_in(f, true, true, false);
	forget_session_cookie(f, "__Host-iwm");
	f->cfg.remember_me = false;
	assert_int_equal(look(f, true), SESSION_NONE);
}

static void
test_where_remember_is_allowed(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	const struct {
		bool secure, loopback, expire, off;
		bool token, name;
	} rows[] = {
	    {true, false, false, false, true, true},
	    {false, false, false, false, false, true},
	    {false, true, false, false, true, true},
	    {true, false, true, false, false, false},
	    {true, false, false, true, false, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct session_login login = {.login = STR("anna"),
		    .password = STR("p"),
		    .remember = true,
		    .expire_views = rows[i].expire};
		memset(&f->browser, 0, sizeof(f->browser));
		f->cfg.remember_me = !rows[i].off;
		visit_begin(f, &v, rows[i].secure, "/login");
		v.req.peer.is_loopback = rows[i].loopback;
		assert_int_equal(session_create(f->sessions, &v.req, &v.res,
		                     &login, &f->err),
		    ERR_OK);
		assert_int_equal(v.req.session->expire_views, rows[i].expire);
		session_end_request(&v.req);
		assert_int_equal(cookie_of(f, rows[i].secure ? "__Host-iwmr"
		                                             : "iwmr") != NULL,
		    rows[i].token);
		assert_int_equal(
		    cookie_of(f, "iwm_name") != NULL, rows[i].name);
	}
}

static void
test_login_without_remember_revokes(void **state)
{
	struct fixture *f = *state;
	struct browser before;

	log_in(f, true, true, false);
	before = f->browser;
	log_in(f, true, false, false);
	assert_null(cookie_of(f, "__Host-iwmr"));
	assert_null(cookie_of(f, "iwm_name"));
	f->browser = before;
	assert_int_equal(look(f, true), SESSION_NONE);
}

/* ---- forms
 * ---------------------------------------------------------------------- */
static struct str
form_token(struct fixture *f, bool secure)
{
	struct visit v;
	struct str token;

	visit_attach(f, &v, secure);
	assert_int_equal(
	    session_csrf_token(f->sessions, &v.req, &v.res, &token, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	return token;
}

static enum err_code
post(struct fixture *f, bool secure, const char *path, struct str token,
    const char *origin, const char *fetch_site)
{
	struct visit v;
	size_t i = 0;

	visit_attach(f, &v, secure);
	v.req.path = str_c(path);
	v.inner.fields[0] = (struct pair){"csrf", token};
	if (origin != NULL)
		v.inner.headers[i++] = (struct pair){"Origin", str_c(origin)};
	if (fetch_site != NULL)
		v.inner.headers[i++] =
		    (struct pair){"Sec-Fetch-Site", str_c(fetch_site)};
	enum err_code rc = session_csrf_check(f->sessions, &v.req, &f->err);
	session_end_request(&v.req);
	return rc;
}

static void
test_csrf_of_a_session(void **state)
{
	struct fixture *f = *state;

	log_in(f, true, false, false);
	struct str token = form_token(f, true);
	struct str second = form_token(f, true);
	assert_false(str_eq(token, second));
	assert_int_equal(post(f, true, "/act", token, NULL, NULL), ERR_OK);
	assert_int_equal(post(f, true, "/act", second, NULL, NULL), ERR_OK);
	assert_int_equal(
	    post(f, true, "/act", STR(""), NULL, NULL), ERR_FORBIDDEN);
	assert_int_equal(post(f, true, "/act",
	                     str_slice(token, 0, token.len - 1), NULL, NULL),
	    ERR_FORBIDDEN);
	/* Broken in each half. */
	for (size_t i = 0; i < token.len; i += 11) {
		char *bad = str_dup_c(f->arena, token);
		bad[i] = bad[i] == 'x' ? 'y' : 'x';
		assert_int_equal(post(f, true, "/act", str_c(bad), NULL, NULL),
		    ERR_FORBIDDEN);
	}
	/* Of another session. */
	log_in(f, true, false, false);
	assert_int_equal(
	    post(f, true, "/act", token, NULL, NULL), ERR_FORBIDDEN);
}

static void
test_forms_of_a_remembered_device_live_on(void **state)
{
	struct fixture *f = *state;

	log_in(f, true, true, false);
	struct str token = form_token(f, true);
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(post(f, true, "/act", token, NULL, NULL), ERR_OK);
}

static void
test_login_form(void **state)
{
	struct fixture *f = *state;
	struct browser empty = {.count = 0};

	struct str first = form_token(f, true);
	struct browser one = f->browser;
	struct str second = form_token(f, true);
	/* The value stays, so that the first tab's form stays good. */
	assert_string_equal(cookie_of(f, "__Host-iwmp")->value,
	    jar_find(&one, STR("__Host-iwmp"))->value);
	stop(f);
	start(f);
	assert_int_equal(post(f, true, "/login", first, NULL, NULL), ERR_OK);
	/* Another tab logged in meanwhile. */
	log_in(f, true, false, false);
	assert_int_equal(post(f, true, "/login", second, NULL, NULL), ERR_OK);
	assert_int_equal(
	    post(f, true, "/act", second, NULL, NULL), ERR_FORBIDDEN);
	/* Cookies are blocked. */
	f->browser = empty;
	assert_int_equal(
	    post(f, true, "/login", first, NULL, NULL), ERR_FORBIDDEN);
	assert_non_null(strstr(f->err.message, "allow cookies"));
	/* Two tabs opened at once with a cookie each: Origin decides. */
	(void)form_token(f, true);
	assert_int_equal(post(f, true, "/login", first,
	                     "https://mail.example.org:8384", "same-origin"),
	    ERR_OK);
	assert_int_equal(
	    post(f, true, "/login", first, NULL, NULL), ERR_FORBIDDEN);
	assert_int_equal(post(f, true, "/login", first, "https://evil.example",
	                     "cross-site"),
	    ERR_FORBIDDEN);
	/* A cookie that we did not make. */
	snprintf(cookie_of(f, "__Host-iwmp")->value, 120, "%s",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(post(f, true, "/login", first,
	                     "https://mail.example.org:8384", "same-origin"),
	    ERR_FORBIDDEN);
}

static void
test_origins(void **state)
{
	struct fixture *f = *state;
	const struct {
		bool secure;
		const char *origin, *fetch_site;
		enum err_code expected;
	} rows[] = {
	    {true, NULL, NULL, ERR_OK},
	    {true, NULL, "same-origin", ERR_OK},
	    {true, NULL, "none", ERR_OK},
	    {true, NULL, "same-site", ERR_FORBIDDEN},
	    {true, NULL, "cross-site", ERR_FORBIDDEN},
	    {true, "https://mail.example.org:8384", "same-origin", ERR_OK},
	    {true, "https://mail.example.org:8384", "cross-site",
	        ERR_FORBIDDEN},
	    {true, "https://mail.example.org:8384", NULL, ERR_OK},
	    {true, "http://mail.example.org:8383", "cross-site", ERR_OK},
	    {true, "http://mail.example.org:8384", "cross-site", ERR_FORBIDDEN},
	    {true, "https://mail.example.org", "same-site", ERR_FORBIDDEN},
	    {true, "https://mail.example.org:8384.evil.example", NULL,
	        ERR_FORBIDDEN},
	    {true, "https://evil.example", NULL, ERR_FORBIDDEN},
	    {true, "null", "same-origin", ERR_FORBIDDEN},
	    {true, "", NULL, ERR_FORBIDDEN},
	    {false, "http://mail.example.org:8383", "same-origin", ERR_OK},
	    {false, "https://mail.example.org:8384", "cross-site", ERR_OK},
	    {false, "https://mail.example.org:8383", NULL, ERR_FORBIDDEN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&f->browser, 0, sizeof(f->browser));
		log_in(f, rows[i].secure, false, false);
		struct str token = form_token(f, rows[i].secure);
		enum err_code rc = post(f, rows[i].secure, "/act", token,
		    rows[i].origin, rows[i].fetch_site);
		if (rc != rows[i].expected)
			print_error("row %zu\n", i);
		assert_int_equal(rc, rows[i].expected);
	}
	assert_int_equal(
	    post(f, false, "/act", STR(""), "null", NULL), ERR_FORBIDDEN);
	assert_non_null(strstr(f->err.message, "Origin: null"));
}

static void
test_origin_text(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	const struct {
		const char *host, *plain_url, *secure_url;
		uint16_t plain_port, secure_port;
		const char *plain, *secure;
	} rows[] = {
	    {"h:1", "", "", 8383, 8384, "http://h:8383", "https://h:8384"},
	    {"h", "", "", 80, 443, "http://h", "https://h"},
	    {"[::1]:8383", "", "", 8383, 443, "http://[::1]:8383",
	        "https://[::1]"},
	    {"h:1", "http://Mail.example.org/", "https://x:9", 1, 2,
	        "http://mail.example.org", "https://x:9"},
	    {"h:1", "", "", 0, 0, "", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		visit_begin(f, &v, false, "/");
		v.req.host = str_c(rows[i].host);
		f->cfg.plain_port = rows[i].plain_port;
		f->cfg.secure_port = rows[i].secure_port;
		f->cfg.site.public_plain_url = str_c(rows[i].plain_url);
		f->cfg.site.public_secure_url = str_c(rows[i].secure_url);
		assert_bytes(session_origin(&v.req, false), rows[i].plain);
		assert_bytes(session_origin(&v.req, true), rows[i].secure);
	}
}

/* ---- throttle
 * -------------------------------------------------------------------- */
static enum err_code
may_try(struct fixture *f, const char *address, const char *login)
{
	struct visit v;

	visit_begin(f, &v, true, "/login");
	snprintf(v.req.peer.address, sizeof(v.req.peer.address), "%s", address);
	return session_throttle_check(
	    f->sessions, &v.req, str_c(login), &f->err);
}

static void
fail_login(
    struct fixture *f, const char *address, const char *login, unsigned times)
{
	struct visit v;

	visit_begin(f, &v, true, "/login");
	snprintf(v.req.peer.address, sizeof(v.req.peer.address), "%s", address);
	for (unsigned i = 0; i < times; i++)
		session_throttle_failed(f->sessions, &v.req, str_c(login));
}

/* The seconds it tells the person to wait. */
static unsigned long
wait_words_s(struct fixture *f)
{
	const char *at = strstr(f->err.message, "wait ");

	assert_non_null(at);
	return strtoul(at + 5, NULL, 10);
}

static void
test_throttle_account(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	f->cfg.login_tries_account = 5;
	fail_login(f, "192.0.2.1", "anna", 4);
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_OK);
	fail_login(f, "192.0.2.1", "Anna", 5);
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_LIMIT);
	assert_in_range(wait_words_s(f), 13, 16);
	assert_int_equal(may_try(f, "198.51.100.7", "bert"), ERR_OK);
	stop(f);
	start(f);
	assert_int_equal(may_try(f, "198.51.100.7", "ANNA"), ERR_LIMIT);
	/* It passes with time, and grows no longer than it may. */
	sql(f, "UPDATE throttle SET last_s = last_s - 16");
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_OK);
	sql(f, "UPDATE throttle SET failures = 100000, last_s = last_s + 16");
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_LIMIT);
	assert_in_range(wait_words_s(f), 895, 900);
	sql(f, "UPDATE throttle SET last_s = last_s + 1000000");
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_LIMIT);
	assert_in_range(wait_words_s(f), 895, 900);
	visit_begin(f, &v, true, "/login");
	session_throttle_passed(f->sessions, &v.req, STR("anna"));
	assert_int_equal(may_try(f, "198.51.100.7", "anna"), ERR_OK);
}

static void
test_throttle_known_device(void **state)
{
	struct fixture *f = *state;

	f->cfg.login_tries_account = 1;
	log_in(f, true, false, false);
	struct browser known = f->browser;
	memset(&f->browser, 0, sizeof(f->browser));
	fail_login(f, "192.0.2.1", "anna@example.org", 9);
	assert_int_equal(
	    may_try(f, "198.51.100.7", "anna@example.org"), ERR_LIMIT);
	f->browser = known;
	assert_int_equal(
	    may_try(f, "198.51.100.7", "anna@example.org"), ERR_OK);
	/* Known for that account only. */
	fail_login(f, "192.0.2.1", "bert", 9);
	assert_int_equal(may_try(f, "198.51.100.7", "bert"), ERR_LIMIT);
}

static void
test_throttle_address_and_network(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *from, *to;
		bool same_network;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.200", true},
	    {"192.0.2.1", "192.0.3.1", false},
	    {"::ffff:192.0.2.1", "192.0.2.9", true},
	    {"2001:db8::1", "2001:db8:0:0:5::9", true},
	    {"2001:db8::1", "2001:db8::ffff:1:2:3", true},
	    {"2001:db8::1", "2001:db8:0:1::1", false},
	    {"fe80::1", "fe80::2:3:4:5", true},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", true},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1::2:3:4", false},
	};

	f->cfg.login_tries_network = 3;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sql(f, "DELETE FROM throttle");
		fail_login(f, rows[i].from, "x", 4);
		enum err_code rc = may_try(f, rows[i].to, "y");
		if ((rc == ERR_LIMIT) != rows[i].same_network)
			print_error("row %zu\n", i);
		assert_int_equal(rc, rows[i].same_network ? ERR_LIMIT : ERR_OK);
	}
	f->cfg.login_tries_network = 100;
	f->cfg.login_tries_address = 2;
	sql(f, "DELETE FROM throttle");
	fail_login(f, "192.0.2.1", "x", 3);
	assert_int_equal(may_try(f, "192.0.2.1", "y"), ERR_LIMIT);
	assert_int_equal(may_try(f, "192.0.2.2", "y"), ERR_OK);
}

/* ---- entering and leaving secure mode
 * ------------------------------------------------ */
static struct str
make_ticket(struct fixture *f, bool to_secure, const char *path)
{
	struct visit v;
	struct str url;

	assert_int_equal(visit_attach(f, &v, !to_secure), SESSION_ACTIVE);
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, to_secure,
	                     str_c(path), &url, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	struct str start_of =
	    to_secure ? STR("https://mail.example.org:8384/secure/ticket?t=")
	              : STR("http://mail.example.org:8383/secure/ticket?t=");
	assert_true(str_starts(url, start_of));
	return str_slice(url, start_of.len, url.len);
}

static enum err_code
redeem(struct fixture *f, bool secure, struct str ticket, struct str *out_path)
{
	struct visit v;

	visit_begin(f, &v, secure, "/secure/ticket");
	enum err_code rc = session_redeem(
	    f->sessions, &v.req, &v.res, ticket, out_path, &f->err);
	session_end_request(&v.req);
	return rc;
}

static void
test_switch_both_ways(void **state)
{
	struct fixture *f = *state;
	struct str path;
	struct visit v;

	log_in(f, false, false, true);
	for (int i = 0; i < 2; i++) {
		bool to_secure = i == 0;
		struct str ticket =
		    make_ticket(f, to_secure, "/list?folder=INBOX");
		assert_non_null(cookie_of(f, "iwm_bind"));
		assert_false(cookie_of(f, "iwm_bind")->is_secure);
		/* Until it is redeemed, the old session lives. */
		assert_int_equal(look(f, !to_secure), SESSION_ACTIVE);
		assert_int_equal(redeem(f, to_secure, ticket, &path), ERR_OK);
		assert_bytes(path, "/list?folder=INBOX");
		assert_int_equal(look(f, !to_secure), SESSION_MOVED);
		assert_int_equal(
		    visit_attach(f, &v, to_secure), SESSION_ACTIVE);
		assert_bytes(
		    secret_str(&v.req.session->password), "p\xc3\xa4ss word");
		assert_true(v.req.session->expire_views);
		session_end_request(&v.req);
		assert_null(cookie_of(f, "iwm_bind"));
		/* Once only. */
		assert_int_equal(
		    redeem(f, to_secure, ticket, &path), ERR_NOT_FOUND);
	}
}

static void
test_switch_refused(void **state)
{
	struct fixture *f = *state;
	struct str path;
	struct str ticket;

	log_in(f, true, false, false);
	/* Another browser, without the binder. */
	ticket = make_ticket(f, false, "/");
	struct browser mine = f->browser;
	forget_session_cookie(f, "iwm_bind");
	assert_int_equal(redeem(f, false, ticket, &path), ERR_NOT_FOUND);
	f->browser = mine;
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* At the wrong door. */
	ticket = make_ticket(f, false, "/");
	assert_int_equal(redeem(f, true, ticket, &path), ERR_NOT_FOUND);
	/* Too late. */
	ticket = make_ticket(f, false, "/");
	sql(f, "UPDATE ticket SET ends_s = ends_s - 301");
	assert_int_equal(redeem(f, false, ticket, &path), ERR_NOT_FOUND);
	/* Its path is of another host. */
	ticket = make_ticket(f, false, "//evil.example/");
	assert_int_equal(redeem(f, false, ticket, &path), ERR_OK);
	assert_bytes(path, "/");
	/* Logged off meanwhile. */
	ticket = make_ticket(f, true, "/");
	struct visit v;
	visit_attach(f, &v, false);
	mine = f->browser;
	assert_int_equal(
	    session_log_off(f->sessions, &v.req, &v.res, &f->err), ERR_OK);
	f->browser = mine;
	assert_int_equal(redeem(f, true, ticket, &path), ERR_NOT_FOUND);
	assert_int_equal(redeem(f, true, STR("x"), &path), ERR_NOT_FOUND);
}

static void
test_switch_without_session(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct str url;

	visit_begin(f, &v, false, "/secure");
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, true,
	                     STR("/login"), &url, &f->err),
	    ERR_OK);
	assert_bytes(url, "https://mail.example.org:8384/login");
	assert_int_equal(f->browser.count, 0);
	f->cfg.enable_ssl = false;
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, true,
	                     STR("/login"), &url, &f->err),
	    ERR_NOT_FOUND);
}

/* The device's token goes, too, when logging off in the other mode. */
static void
test_switch_then_log_off_revokes_device(void **state)
{
	struct fixture *f = *state;
	struct str path;
	struct visit v;

	log_in(f, true, true, false);
	struct browser before = f->browser;
	struct str ticket = make_ticket(f, false, "/");
	assert_int_equal(redeem(f, false, ticket, &path), ERR_OK);
	visit_attach(f, &v, false);
	assert_int_equal(
	    session_log_off(f->sessions, &v.req, &v.res, &f->err), ERR_OK);
	f->browser = before;
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(look(f, true), SESSION_NONE);
}

/* ---- sealing and paths
 * ------------------------------------------------------------------ */
static void
test_seal(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct str sealed;
	struct str plain;

	log_in(f, true, false, false);
	visit_attach(f, &v, true);
	for (int with = 0; with < 2; with++) {
		assert_int_equal(
		    session_seal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 7"), STR("hello"), &sealed, &f->err),
		    ERR_OK);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_OK);
		assert_bytes(plain, "hello");
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with == 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "image", with != 0,
		        STR("uid 8"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		assert_int_equal(
		    session_unseal(f->sessions, &v.req, "other", with != 0,
		        STR("uid 7"), sealed, &plain, &f->err),
		    ERR_FORBIDDEN);
		for (size_t i = 0; i < sealed.len; i++) {
			char *bad = arena_alloc(f->arena, sealed.len);
			memcpy(bad, sealed.ptr, sealed.len);
			bad[i] ^= 1;
			assert_int_equal(
			    session_unseal(f->sessions, &v.req, "image",
			        with != 0, STR("uid 7"),
			        str_of(bad, sealed.len), &plain, &f->err),
			    ERR_FORBIDDEN);
		}
		assert_int_equal(session_unseal(f->sessions, &v.req, "image",
		                     with != 0, STR("uid 7"),
		                     str_slice(sealed, 0, 28), &plain, &f->err),
		    ERR_FORBIDDEN);
	}
	session_end_request(&v.req);
}

static void
test_own_path(void **state)
{
	(void)state;
	const struct {
		const char *path, *expected;
	} rows[] = {{"/list?folder=a%20b", "/list?folder=a%20b"}, {"/", "/"},
	    {"", "/"}, {"list", "/"}, {"//evil.example", "/"},
	    {"/\\evil.example", "/"}, {"https://evil.example", "/"},
	    {"/\t/evil.example", "/"}, {"/a\r\nX: y", "/"}, {"/a\\b", "/"},
	    {"/a b", "/"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].path);
		char *exact = malloc(len > 0 ? len : 1);
		memcpy(exact, rows[i].path, len);
		assert_bytes(
		    session_own_path(str_of(exact, len)), rows[i].expected);
		free(exact);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_login_and_back),
	    T(test_cookie_of_other_door_opens_nothing),
	    T(test_survives_restart_but_not_another_key),
	    T(test_server_key_is_checked),
	    T(test_tampered_cookies),
	    T(test_limits),
	    T(test_log_off),
	    T(test_refused_credential),
	    T(test_second_login_replaces),
	    T(test_hosts_are_apart),
	    T(test_attach_as),
	    T(test_remembered),
	    T(test_parallel_tabs_of_a_device),
	    T(test_stolen_token_revokes),
	    T(test_token_two_rotations_old),
	    T(test_remember_has_an_end),
	    T(test_where_remember_is_allowed),
	    T(test_login_without_remember_revokes),
	    T(test_csrf_of_a_session),
	    T(test_forms_of_a_remembered_device_live_on),
	    T(test_login_form),
	    T(test_origins),
	    T(test_origin_text),
	    T(test_throttle_account),
	    T(test_throttle_known_device),
	    T(test_throttle_address_and_network),
	    T(test_switch_both_ways),
	    T(test_switch_refused),
	    T(test_switch_without_session),
	    T(test_switch_then_log_off_revokes_device),
	    T(test_seal),
	    T(test_own_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
