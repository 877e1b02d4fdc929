/* Entering and leaving secure mode. */
#include "browser.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_switch_both_ways),
	    T(test_switch_refused),
	    T(test_switch_without_session),
	    T(test_switch_then_log_off_revokes_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
