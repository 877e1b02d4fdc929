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
	size_t back = str_find(url, STR("&back=%2F"), 0);
	assert_true(back < url.len);
	return str_slice(url, start_of.len, back);
}

static enum session_redeemed
redeem(struct fixture *f, bool secure, struct str ticket, struct str *out_path)
{
	enum session_redeemed redeemed = SESSION_TICKET_VOID;
	struct visit v;

	visit_begin(f, &v, secure, "/secure/ticket");
	assert_int_equal(session_redeem(f->sessions, &v.req, &v.res, ticket,
	                     &redeemed, out_path, &f->err),
	    ERR_OK);
	assert_int_equal(v.req.session != NULL, redeemed == SESSION_REDEEMED);
	session_end_request(&v.req);
	return redeemed;
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
		assert_int_equal(
		    redeem(f, to_secure, ticket, &path), SESSION_REDEEMED);
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
		    redeem(f, to_secure, ticket, &path), SESSION_TICKET_VOID);
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
	assert_int_equal(redeem(f, false, ticket, &path), SESSION_TICKET_VOID);
	f->browser = mine;
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	/* At the wrong door: the page says why, and the session stays. */
	ticket = make_ticket(f, false, "/list?folder=a");
	assert_int_equal(redeem(f, true, ticket, &path), SESSION_TICKET_ASTRAY);
	assert_bytes(path, "/list?folder=a");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	assert_int_equal(redeem(f, false, ticket, &path), SESSION_TICKET_VOID);
	/* Too late. */
	ticket = make_ticket(f, false, "/");
	sql(f, "UPDATE ticket SET ends_s = ends_s - 301");
	assert_int_equal(redeem(f, false, ticket, &path), SESSION_TICKET_VOID);
	/* Its path is of another host. */
	ticket = make_ticket(f, false, "//evil.example/");
	assert_int_equal(redeem(f, false, ticket, &path), SESSION_REDEEMED);
	assert_bytes(path, "/");
	/* Logged off meanwhile. */
	ticket = make_ticket(f, true, "/");
	struct visit v;
	visit_attach(f, &v, false);
	mine = f->browser;
	assert_int_equal(
	    session_log_off(f->sessions, &v.req, &v.res, &f->err), ERR_OK);
	f->browser = mine;
	assert_int_equal(redeem(f, true, ticket, &path), SESSION_TICKET_VOID);
	assert_int_equal(redeem(f, true, STR("x"), &path), SESSION_TICKET_VOID);
}

static void
test_switch_without_session(void **state)
{
	struct fixture *f = *state;
	struct visit v;
	struct str url;
	struct str path;

	visit_begin(f, &v, false, "/secure");
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, true,
	                     STR("/login"), &url, &f->err),
	    ERR_OK);
	assert_bytes(url, "https://mail.example.org:8384/secure/ticket?t=secure"
	                  "&back=%2Flogin");
	assert_int_equal(
	    redeem(f, true, STR("secure"), &path), SESSION_TICKET_BARE);
	assert_int_equal(
	    redeem(f, false, STR("secure"), &path), SESSION_TICKET_ASTRAY);
	assert_int_equal(
	    redeem(f, true, STR("plain"), &path), SESSION_TICKET_ASTRAY);
	assert_int_equal(f->browser.count, 0);
	f->cfg.enable_ssl = false;
	assert_int_equal(session_switch(f->sessions, &v.req, &v.res, true,
	                     STR("/login"), &url, &f->err),
	    ERR_NOT_FOUND);
}

/* An idle session does not come back to life by a ticket. */
static void
test_switch_of_an_idle_session(void **state)
{
	struct fixture *f = *state;
	struct str path;

	log_in(f, false, false, true);
	struct str ticket = make_ticket(f, true, "/");
	sql(f, "UPDATE session SET used_s = used_s - 1000");
	assert_int_equal(redeem(f, true, ticket, &path), SESSION_TICKET_VOID);
}

/* The lifetime is counted from the login, not from the switch. */
static void
test_switch_keeps_the_limits(void **state)
{
	struct fixture *f = *state;
	struct visit v;

	log_in(f, false, false, false);
	sql(f, "UPDATE session SET created_s = 1000, ends_s = ends_s - 3600");
	visit_attach(f, &v, false);
	int64_t ends_s = v.req.session->ends_s;
	session_end_request(&v.req);
	go_over(f, true);
	visit_attach(f, &v, true);
	assert_int_equal(v.req.session->created_s, 1000);
	assert_int_equal(v.req.session->ends_s, ends_s);
	session_end_request(&v.req);
}

static struct str
typed_at(struct fixture *f, bool secure)
{
	struct visit v;
	struct str typed;

	visit_begin(f, &v, secure, "/login");
	assert_int_equal(
	    session_typed_find(f->sessions, &v.req, &typed, &f->err), ERR_OK);
	return typed;
}

static enum err_code
type_at(struct fixture *f, bool secure, struct str typed, bool here_only)
{
	struct visit v;

	visit_begin(f, &v, secure, "/secure");
	return session_typed_keep(
	    f->sessions, &v.req, &v.res, typed, here_only, &f->err);
}

static void
test_what_was_typed(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {1, 8191, 8192, 8193, 300000};
	struct browser mine;

	assert_int_equal(typed_at(f, false).len, 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *bytes = arena_alloc(f->arena, sizes[i]);

		memset(bytes, 'a' + (int)i, sizes[i]);
		struct str typed = str_of(bytes, sizes[i]);
		assert_int_equal(type_at(f, false, typed, false), ERR_OK);
		assert_true(str_eq(typed_at(f, true), typed));
		assert_true(str_eq(typed_at(f, false), typed));
	}
	/* For the secure door's eyes only. */
	assert_int_equal(type_at(f, true, STR("name=a"), true), ERR_OK);
	assert_bytes(typed_at(f, true), "name=a");
	assert_int_equal(typed_at(f, false).len, 0);
	/* The cookie opens it: it must not travel in clear, either. */
	assert_true(cookie_of(f, "__Host-iwmt")->is_secure);
	assert_null(cookie_of(f, "iwm_typed"));
	/* Somebody else's cookie; a damaged row; too late. */
	mine = f->browser;
	cookie_of(f, "__Host-iwmt")->value[40] ^= 1;
	assert_int_equal(typed_at(f, true).len, 0);
	f->browser = mine;
	sql(f, "UPDATE ticket SET ends_s = ends_s - 301");
	assert_int_equal(typed_at(f, true).len, 0);
	sql(f, "UPDATE ticket SET ends_s = ends_s + 301");
	assert_bytes(typed_at(f, true), "name=a");
	/* It is no ticket. */
	struct str path;
	assert_int_equal(
	    redeem(f, true, str_c(cookie_of(f, "__Host-iwmt")->value), &path),
	    SESSION_TICKET_VOID);
	/* Logging in is the end of it. */
	assert_int_equal(type_at(f, true, STR("name=b"), false), ERR_OK);
	assert_bytes(typed_at(f, true), "name=b");
	assert_null(cookie_of(f, "__Host-iwmt"));
	mine = f->browser;
	log_in(f, true, false, false);
	assert_null(cookie_of(f, "iwm_typed"));
	assert_null(cookie_of(f, "__Host-iwmt"));
	f->browser = mine;
	assert_int_equal(typed_at(f, true).len, 0);
}

static void
test_too_much_was_typed(void **state)
{
	struct fixture *f = *state;
	enum err_code rc = ERR_OK;
	int count = 0;

	while (rc == ERR_OK && count < 200) {
		rc = type_at(f, false, STR("name=a"), false);
		count++;
	}
	assert_int_equal(rc, ERR_LIMIT);
	assert_int_equal(count, 51);
	sql(f, "UPDATE throttle SET last_s = last_s - 301");
	assert_int_equal(type_at(f, false, STR("name=a"), false), ERR_OK);
}

/* A customer's 2^64 addresses of IPv6 count as one. */
static void
test_too_much_was_typed_in_one_network(void **state)
{
	struct fixture *f = *state;
	enum err_code rc = ERR_OK;
	char address[] = "2001:db8::1:0000";
	struct visit v;
	unsigned count = 0;

	while (rc == ERR_OK && count < 200) {
		visit_begin(f, &v, false, "/secure");
		snprintf(address, sizeof(address), "2001:db8::1:%04x", count);
		assert_true(socket_peer_parse(str_c(address), &v.req.peer));
		rc = session_typed_keep(
		    f->sessions, &v.req, &v.res, STR("name=a"), false, &f->err);
		count++;
	}
	assert_int_equal(rc, ERR_LIMIT);
	assert_int_equal(count, 51);
	visit_begin(f, &v, false, "/secure");
	assert_true(socket_peer_parse(STR("2001:db8:0:1::1"), &v.req.peer));
	assert_int_equal(session_typed_keep(f->sessions, &v.req, &v.res,
	                     STR("name=a"), false, &f->err),
	    ERR_OK);
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
	assert_int_equal(redeem(f, false, ticket, &path), SESSION_REDEEMED);
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
	    T(test_switch_of_an_idle_session),
	    T(test_switch_keeps_the_limits),
	    T(test_what_was_typed),
	    T(test_too_much_was_typed),
	    T(test_too_much_was_typed_in_one_network),
	    T(test_switch_then_log_off_revokes_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
