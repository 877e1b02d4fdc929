/* Where somebody is logged in, and ending it from elsewhere. */
#include "browser.h"

struct seen {
	struct session_place *list;
	size_t count;
};

static struct seen
places(struct fixture *f, bool secure)
{
	struct seen seen = {NULL, 0};
	struct visit v;

	assert_int_equal(visit_attach(f, &v, secure), SESSION_ACTIVE);
	assert_int_equal(session_place_list(f->sessions, &v.req, &seen.list,
	                     &seen.count, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	return seen;
}

static enum err_code
end_place(struct fixture *f, bool secure, struct str id, size_t *out_count)
{
	struct session_ended *list = NULL;
	struct visit v;
	enum err_code rc;

	assert_int_equal(visit_attach(f, &v, secure), SESSION_ACTIVE);
	rc = session_place_end(
	    f->sessions, &v.req, id, &list, out_count, &f->err);
	session_end_request(&v.req);
	return rc;
}

/* Another browser of the same person. */
static struct browser
switch_browser(struct fixture *f, struct browser next)
{
	struct browser before = f->browser;

	f->browser = next;
	return before;
}

static void
test_two_browsers(void **state)
{
	struct fixture *f = *state;
	struct browser none = {.count = 0};
	struct browser first;
	struct seen seen;
	size_t ended = 0;

	log_in(f, true, false, true);
	first = switch_browser(f, none);
	log_in(f, false, false, false);
	seen = places(f, false);
	assert_int_equal(seen.count, 2);
	assert_true(seen.list[0].is_this);
	assert_false(seen.list[0].expire_views);
	assert_bytes(seen.list[0].door, "plain");
	assert_bytes(seen.list[0].address, "203.0.113.9");
	assert_false(seen.list[1].is_this);
	assert_true(seen.list[1].is_live);
	assert_true(seen.list[1].expire_views);
	assert_bytes(seen.list[1].door, "secure");
	/* This one is not ended here, nor one that is not there. */
	assert_int_equal(
	    end_place(f, false, seen.list[0].id, &ended), ERR_NOT_FOUND);
	assert_int_equal(
	    end_place(f, false, STR("nonsense"), &ended), ERR_NOT_FOUND);
	assert_int_equal(end_place(f, false, STR(""), &ended), ERR_NOT_FOUND);
	assert_int_equal(ended, 0);
	assert_int_equal(end_place(f, false, seen.list[1].id, &ended), ERR_OK);
	assert_int_equal(ended, 1);
	assert_int_equal(places(f, false).count, 1);
	switch_browser(f, first);
	assert_int_equal(look(f, true), SESSION_ENDED);
}

static void
log_in_ben(struct fixture *f)
{
	const struct session_login login = {
	    .login = STR("ben"), .password = STR("p")};
	struct visit v;

	visit_attach(f, &v, true);
	assert_int_equal(
	    session_create(f->sessions, &v.req, &v.res, &login, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
}

/* Somebody else's place has an id, too: it is none here. */
static void
test_only_ones_own(void **state)
{
	struct fixture *f = *state;
	struct browser none = {.count = 0};
	struct browser anna;
	struct seen seen;
	size_t ended = 0;

	log_in(f, true, true, false);
	seen = places(f, true);
	assert_int_equal(seen.count, 1);
	anna = switch_browser(f, none);
	log_in_ben(f);
	assert_int_equal(places(f, true).count, 1);
	assert_int_equal(
	    end_place(f, true, seen.list[0].id, &ended), ERR_NOT_FOUND);
	switch_browser(f, anna);
	assert_int_equal(look(f, true), SESSION_ACTIVE);
}

/* A remembered browser is one place, with or without a session. */
static void
test_remembered(void **state)
{
	struct fixture *f = *state;
	struct browser none = {.count = 0};
	struct browser home;
	struct seen seen;
	size_t ended = 0;

	log_in(f, true, true, false);
	/* Closed and opened again: a second session of the same device. */
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	seen = places(f, true);
	assert_int_equal(seen.count, 1);
	assert_true(seen.list[0].is_this && seen.list[0].is_remembered);
	home = switch_browser(f, none);
	log_in(f, true, false, false);
	sql(f, "UPDATE session SET used_s = 1 WHERE length(remember) > 0");
	seen = places(f, true);
	assert_int_equal(seen.count, 2);
	assert_true(seen.list[1].is_remembered);
	assert_false(seen.list[1].is_live);
	assert_true(seen.list[1].ends_s > seen.list[1].created_s);
	assert_int_equal(end_place(f, true, seen.list[1].id, &ended), ERR_OK);
	assert_int_equal(ended, 2);
	/* Neither its session nor its token opens anything. */
	switch_browser(f, home);
	assert_int_equal(look(f, true), SESSION_ENDED);
	assert_null(cookie_of(f, "__Host-iwmr"));
}

static void
test_all_others(void **state)
{
	struct fixture *f = *state;
	struct browser none = {.count = 0};
	struct browser others[3];
	struct session_ended *list = NULL;
	struct visit v;
	size_t ended = 0;

	for (size_t i = 0; i < 3; i++) {
		log_in(f, true, i == 0, i == 1);
		others[i] = switch_browser(f, none);
	}
	log_in(f, true, true, false);
	assert_int_equal(places(f, true).count, 4);
	assert_int_equal(visit_attach(f, &v, true), SESSION_ACTIVE);
	assert_int_equal(session_place_end_others(
	                     f->sessions, &v.req, &list, &ended, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	assert_int_equal(ended, 3);
	assert_int_equal(places(f, true).count, 1);
	/* This one is still remembered. */
	forget_session_cookie(f, "__Host-iwm");
	assert_int_equal(look(f, true), SESSION_ACTIVE);
	for (size_t i = 0; i < 3; i++) {
		switch_browser(f, others[i]);
		assert_int_equal(look(f, true), SESSION_ENDED);
	}
}

/* A switch of mode is no second place; what moved still says so. */
static void
test_after_a_switch(void **state)
{
	struct fixture *f = *state;
	struct session_ended *list = NULL;
	struct visit v;
	size_t ended = 0;

	log_in(f, false, false, false);
	go_over(f, true);
	assert_int_equal(places(f, true).count, 1);
	assert_int_equal(visit_attach(f, &v, true), SESSION_ACTIVE);
	assert_int_equal(session_place_end_others(
	                     f->sessions, &v.req, &list, &ended, &f->err),
	    ERR_OK);
	session_end_request(&v.req);
	assert_int_equal(ended, 0);
	assert_int_equal(look(f, false), SESSION_MOVED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_two_browsers),
	    T(test_only_ones_own),
	    T(test_remembered),
	    T(test_all_others),
	    T(test_after_a_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
