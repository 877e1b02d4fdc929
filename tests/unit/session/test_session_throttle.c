/* Failed logins make the next ones wait. */
#include "browser.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_throttle_account),
	    T(test_throttle_known_device),
	    T(test_throttle_address_and_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
