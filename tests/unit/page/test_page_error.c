/* Every error code has a page: status, words, the number for the admin. */
#include "page_state.h"

static const struct {
	enum err_code code;
	unsigned status;
	bool retry; /* offers to try again */
} rows[] = {
    {ERR_INPUT, 400, false},
    {ERR_NOT_FOUND, 404, false},
    {ERR_FORBIDDEN, 403, false},
    {ERR_LIMIT, 413, false},
    {ERR_MAIL, 502, true},
    {ERR_AWAY, 503, true},
    {ERR_TRUST, 502, false},
    {ERR_BUSY, 503, true},
    {ERR_CONFIG, 500, false},
    {ERR_CANCELED, 503, true},
    {ERR_NO_MEMORY, 503, true},
    {ERR_INTERNAL, 500, true},
};

static void
test_codes(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);

	/* ERR_LOGIN leads to the login page; ERR_OK is none. */
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERR_COUNT - 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request *req = fixture_request(f, "/list?folder=A%26B");
		struct response *res = http_response(req);
		struct err err = ERR_NONE;
		struct str body;

		req->pinned = app_state;
		req->session = NULL;
		(void)err_set(&err, rows[i].code, "Words <of> this & that.",
		    "secret detail");
		page_error(req, res, rows[i].code, &err);
		body = response_get_body(res);
		assert_int_equal(response_get_status(res), rows[i].status);
		assert_true(says(body, "Words &lt;of&gt; this &amp; that."));
		assert_true(says(body, req->id));
		assert_false(says(body, "secret detail"));
		assert_int_equal(
		    says(body, "href=\"/list?folder=A%26B\""), rows[i].retry);
		assert_int_equal(response_has_header(res, "Retry-After"),
		    rows[i].status == 503);
		req->pinned = NULL;
	}
	app_state_unref(app_state);
}

/* What the message says already is not said twice. */
static void
test_said_once(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	const struct {
		enum err_code code;
		const char *message;
		bool advice;
	} cases[] = {
	    {ERR_AWAY, "It is slow. Please try again in a moment.", false},
	    {ERR_AWAY, "It cannot be reached.", true},
	    {ERR_BUSY, "Please TRY AGAIN soon.", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request *req = fixture_request(f, "/list");
		struct response *res = http_response(req);
		struct err err = ERR_NONE;
		struct str body;

		req->pinned = app_state;
		req->session = NULL;
		(void)err_set(&err, cases[i].code, cases[i].message, NULL);
		page_error(req, res, cases[i].code, &err);
		body = response_get_body(res);
		assert_true(says(body, cases[i].message));
		assert_int_equal(
		    says(body, "Please try again in a moment.</p>"),
		    cases[i].advice);
		assert_int_equal(
		    says(body, "Nothing was lost."), cases[i].code == ERR_AWAY);
		req->pinned = NULL;
	}
	app_state_unref(app_state);
}

/* Without templates there still is an answer. */
static void
test_plain(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	const struct str name = STR("other");
	const struct str source = STR("x");
	struct request *req = fixture_request(f, "/list");
	struct response *res = http_response(req);
	struct err err = ERR_NONE;
	struct str body;

	tmpl_set_unref(app_state->sites[0].templates);
	assert_int_equal(tmpl_set_from(&name, &source, 1,
	                     &app_state->sites[0].templates, &err),
	    ERR_OK);
	req->pinned = app_state;
	req->session = NULL;
	(void)err_set(&err, ERR_AWAY, "Away.", NULL);
	page_error(req, res, ERR_AWAY, &err);
	body = response_get_body(res);
	assert_int_equal(response_get_status(res), 503);
	assert_true(says(body, "The mail server cannot be reached."));
	assert_true(says(body, req->id));
	req->pinned = NULL;
	app_state_unref(app_state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_codes, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_said_once, fixture_up, fixture_down),
	    cmocka_unit_test_setup_teardown(
	        test_plain, fixture_up, fixture_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
