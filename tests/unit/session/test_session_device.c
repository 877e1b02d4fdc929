/* Remember me: tokens that rotate, parallel tabs, a stolen token. */
#include "browser.h"

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
	assert_int_equal(look(f, true), SESSION_ENDED);
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
	assert_int_equal(look(f, true), SESSION_ENDED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_remembered),
	    T(test_parallel_tabs_of_a_device),
	    T(test_stolen_token_revokes),
	    T(test_token_two_rotations_old),
	    T(test_remember_has_an_end),
	    T(test_where_remember_is_allowed),
	    T(test_login_without_remember_revokes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
