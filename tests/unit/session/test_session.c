/* Sessions: cookies of both doors, limits, restart, logging off. */
#include "browser.h"

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
		assert_int_not_equal(look(f, true), SESSION_ACTIVE);
		cookie->value[i] = whole[i];
	}
	cookie->value[64] = '\0';
	assert_int_equal(look(f, true), SESSION_NONE);
	memcpy(cookie->value, whole, sizeof(whole));
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* That it ended is told only to who has the secret. */
	sql(f, "UPDATE session SET ends_s = 1");
	assert_int_equal(look(f, true), SESSION_ENDED);
	cookie->value[30] = whole[30] == 'A' ? 'B' : 'A';
	assert_int_equal(look(f, true), SESSION_NONE);
	cookie->value[30] = whole[30];
	sql(f, "UPDATE session SET ends_s = used_s + 1000");
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
	assert_int_equal(look(f, true), SESSION_ENDED);
}

static void
test_refused_credential(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	log_in(f, true, true, false);
	visit_attach(f, &v, true);
	assert_int_equal(session_refused(f->sessions, &v.req, &f->err), ERR_OK);
	assert_int_equal(look(f, true), SESSION_ENDED);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
