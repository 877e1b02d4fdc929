/* A login that a client certificate named stays known as such. */
#include "browser.h"

/* Without a password: the mail server believes our certificate. */
static void
log_in_pinned(struct fixture *f, bool is_pinned)
{
	struct visit v;
	const struct session_login login = {.login = STR("anna@example.org"),
	    .password = STR(""),
	    .remember = true,
	    .is_pinned = is_pinned};

	visit_attach(f, &v, true);
	assert_int_equal(
	    session_create(f->sessions, &v.req, &v.res, &login, &f->err),
	    ERR_OK);
	assert_int_equal(v.req.session->is_pinned, is_pinned);
	session_end_request(&v.req);
}

static void
assert_pinned(struct fixture *f, bool secure, bool is_pinned)
{
	struct visit v;

	assert_int_equal(visit_attach(f, &v, secure), SESSION_ACTIVE);
	assert_int_equal(v.req.session->is_pinned, is_pinned);
	assert_bytes(secret_str(&v.req.session->password), "");
	session_end_request(&v.req);
}

static void
test_stays_pinned(void **state)
{
	struct fixture *f = *state;

	for (int is_pinned = 0; is_pinned < 2; is_pinned++) {
		memset(&f->browser, 0, sizeof(f->browser));
		log_in_pinned(f, is_pinned != 0);
		assert_pinned(f, true, is_pinned != 0);
		/* Remembered devices are no way round it. */
		forget_session_cookie(f, "__Host-iwm");
		assert_pinned(f, true, is_pinned != 0);
		stop(f);
		start(f);
		assert_pinned(f, true, is_pinned != 0);
	}
}

static void
test_pinned_through_a_switch(void **state)
{
	struct fixture *f = *state;
	enum session_redeemed redeemed = SESSION_TICKET_VOID;
	struct str url;
	struct str path;
	struct visit v;

	log_in_pinned(f, true);
	assert_int_equal(visit_attach(f, &v, true), SESSION_ACTIVE);
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, false,
	                     STR("/"), &url, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	visit_begin(f, &v, false, "/secure/ticket");
	assert_int_equal(session_redeem(f->sessions, &v.req, &v.res,
	                     str_slice(url, str_find(url, STR("?t="), 0) + 3,
	                         str_find(url, STR("&back="), 0)),
	                     &redeemed, &path, &f->err),
	    ERR_OK);
	assert_int_equal(redeemed, SESSION_REDEEMED);
	session_end_request(&v.req);
	assert_pinned(f, false, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_stays_pinned),
	    T(test_pinned_through_a_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
