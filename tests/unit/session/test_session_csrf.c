/* Tokens in forms, and where a request may come from. */
#include "browser.h"

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

/* There and back again: the window that stayed open goes on working. */
static void
test_forms_live_through_a_switch(void **state)
{
	struct fixture *f = *state;

	for (int remember = 0; remember < 2; remember++) {
		memset(&f->browser, 0, sizeof(f->browser));
		log_in(f, false, remember == 1, false);
		struct str plain = form_token(f, false);
		go_over(f, true);
		struct str secure = form_token(f, true);
		assert_int_equal(
		    post(f, true, "/act", secure, NULL, NULL), ERR_OK);
		/* What was seen in clear is of no use here. */
		assert_int_equal(
		    post(f, true, "/act", plain, NULL, NULL), ERR_FORBIDDEN);
		go_over(f, false);
		assert_int_equal(
		    post(f, false, "/act", plain, NULL, NULL), ERR_OK);
		assert_int_equal(
		    post(f, false, "/act", secure, NULL, NULL), ERR_FORBIDDEN);
	}
}

/* The login page in clear sends its form to the secure door. */
static void
test_the_form_of_a_login_page_in_clear(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *origin, *what, *path;
		enum err_code expected;
	} rows[] = {
	    {"http://mail.example.org:8383", "enter", "/secure", ERR_OK},
	    {"https://mail.example.org:8384", "enter", "/secure",
	        ERR_FORBIDDEN},
	    {"http://evil.example", "enter", "/secure", ERR_FORBIDDEN},
	    {NULL, "enter", "/secure", ERR_FORBIDDEN},
	    {"http://mail.example.org:8383", "switch", "/secure",
	        ERR_FORBIDDEN},
	    {"http://mail.example.org:8383", "enter", "/login", ERR_FORBIDDEN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct visit v;

		visit_begin(f, &v, true, rows[i].path);
		v.inner.fields[0] = (struct pair){"do", str_c(rows[i].what)};
		if (rows[i].origin != NULL)
			v.inner.headers[0] =
			    (struct pair){"Origin", str_c(rows[i].origin)};
		assert_int_equal(
		    session_csrf_check(f->sessions, &v.req, &f->err),
		    rows[i].expected);
	}
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
	/* A page in clear, written by somebody on the way. */
	assert_int_equal(post(f, true, "/login", first,
	                     "http://mail.example.org:8383", "cross-site"),
	    ERR_FORBIDDEN);
	assert_int_equal(post(f, true, "/login", first,
	                     "http://mail.example.org:8383", NULL),
	    ERR_FORBIDDEN);
	assert_int_equal(post(f, true, "/login", first, "https://evil.example",
	                     "cross-site"),
	    ERR_FORBIDDEN);
	/* A token that we did not make. */
	char made_up[87];
	memset(made_up, 'A', 86);
	made_up[86] = '\0';
	assert_int_equal(post(f, true, "/login", str_c(made_up),
	                     "https://mail.example.org:8384", "same-origin"),
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
		uint16_t local_port;
		bool is_secure, is_forwarded;
	} rows[] = {
	    {"h:8383", "", "", 8383, 8384, "http://h:8383", "https://h:8384", 0,
	        false, false},
	    {"h", "", "", 80, 443, "http://h", "https://h", 0, false, false},
	    {"[::1]:8383", "", "", 8383, 443, "http://[::1]:8383",
	        "https://[::1]", 0, false, false},
	    {"h:1", "http://Mail.example.org/", "https://x:9", 1, 2,
	        "http://mail.example.org", "https://x:9", 0, false, false},
	    {"h:1", "", "", 0, 0, "", "", 0, false, false},
	    /* This door as the browser names it, the other with our port. */
	    {"h:1", "", "", 8383, 8384, "http://h:1", "https://h:8384", 0,
	        false, false},
	    {"h:2", "", "", 8383, 8384, "http://h:8383", "https://h:2", 8384,
	        true, false},
	    /* 80 to 8383 and 443 to 8384. */
	    {"h", "", "", 8383, 8384, "http://h", "https://h", 8383, false,
	        false},
	    {"h:80", "", "", 8383, 8384, "http://h:80", "https://h", 8383,
	        false, false},
	    {"h", "", "", 8383, 8384, "http://h", "https://h", 8384, true,
	        false},
	    {"[::1]", "", "", 8383, 8384, "http://[::1]", "https://[::1]", 8384,
	        true, false},
	    /* No redirect: the usual port is ours. */
	    {"h", "", "", 80, 8384, "http://h", "https://h:8384", 80, false,
	        false},
	    {"h", "", "", 8383, 443, "http://h:8383", "https://h", 443, true,
	        false},
	    /* A proxy, on ports that we also have. */
	    {"h", "", "", 80, 8384, "http://h", "https://h", 80, true, true},
	    {"h", "", "", 80, 8384, "http://h", "https://h", 80, false, true},
	    /* TLS at the plain port. */
	    {"h:8383", "", "", 8383, 8384, "http://h:8383", "https://h:8383",
	        8383, true, false},
	    {"h", "", "", 0, 8384, "", "https://h", 8384, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		visit_begin(f, &v, rows[i].is_secure, "/");
		v.req.host = str_c(rows[i].host);
		v.req.local_port = rows[i].local_port;
		v.req.is_forwarded = rows[i].is_forwarded;
		f->cfg.plain_port = rows[i].plain_port;
		f->cfg.secure_port = rows[i].secure_port;
		f->cfg.site.public_plain_url = str_c(rows[i].plain_url);
		f->cfg.site.public_secure_url = str_c(rows[i].secure_url);
		assert_bytes(session_origin(&v.req, false), rows[i].plain);
		assert_bytes(session_origin(&v.req, true), rows[i].secure);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_csrf_of_a_session),
	    T(test_forms_live_through_a_switch),
	    T(test_the_form_of_a_login_page_in_clear),
	    T(test_forms_of_a_remembered_device_live_on),
	    T(test_login_form),
	    T(test_origins),
	    T(test_origin_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
