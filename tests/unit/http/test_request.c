#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "http/request.h"
#include "http/response.h"

struct one {
	struct arena *arena;
	struct request *req;
	unsigned status;
};

static struct one
make(const char *target, const char *headers, const char *body)
{
	struct one one = {.arena = arena_new(LIMIT_ARENA_BYTES)};

	one.req = request_new_alone(one.arena, body ? STR("POST") : STR("GET"),
	    str_c(target), str_c(headers), str_c(body), &one.status);
	assert_non_null(one.req);
	return one;
}

static void
end(struct one *one)
{
	request_end_alone(one->req);
	arena_free(one->arena);
}

static void
test_targets(void **state)
{
	static const struct {
		const char *target;
		const char *path; /* NULL: refused with 400 */
		const char *query;
	} rows[] = {
	    {"/", "/", ""},
	    {"/a%2Fb?x=%41&y", "/a/b", "x=%41&y"},
	    {"/%2541", "/%41", ""},
	    {"/../x", "/../x", ""},
	    {"/%C3%A4", "/\xc3\xa4", ""},
	    {"http://H/x?y", "/x", "y"},
	    {"http://h", "/", ""},
	    {"http://other/x", NULL, NULL},
	    {"", NULL, NULL},
	    {"x", NULL, NULL},
	    {"/x#y", NULL, NULL},
	    {"/a b", NULL, NULL},
	    {"/\xc3\xa4", NULL, NULL},
	    {"/%", NULL, NULL},
	    {"/%4", NULL, NULL},
	    {"/%zz", NULL, NULL},
	    {"/%00", NULL, NULL},
	    {"/%0A", NULL, NULL},
	    {"/%ff", NULL, NULL},
	    {"/%C0%AF", NULL, NULL},
	    {"/%ED%A0%80", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct one one = make(rows[i].target, "Host: h", NULL);

		if (one.status != (rows[i].path ? 0 : 400))
			fail_msg("%s: %u", rows[i].target, one.status);
		if (rows[i].path) {
			assert_true(str_eq(one.req->path, str_c(rows[i].path)));
			assert_true(
			    str_eq(one.req->query, str_c(rows[i].query)));
		}
		end(&one);
	}
}

static void
test_hosts(void **state)
{
	static const struct {
		const char *headers;
		bool is_fine;
	} rows[] = {{"Host: Mail.Example.org:8383", true},
	    {"host: [::1]:80", true}, {"Host: 127.0.0.1", true},
	    {"Host: a_b", true}, {"", false}, {"Host:", false},
	    {"Host: a\nHost: a", false}, {"Host: a b", false},
	    {"Host: a/b", false}, {"Host: user@a", false}, {"Host: a:", false},
	    {"Host: a:65536", false}, {"Host: a:1x", false},
	    {"Host: :80", false}, {"Host: [::1", false}, {"Host: []", false},
	    {"Host: a\"b", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct one one = make("/", rows[i].headers, NULL);

		if ((one.status == 0) != rows[i].is_fine)
			fail_msg("%s: %u", rows[i].headers, one.status);
		if (i == 0)
			assert_true(str_eq(
			    one.req->host, STR("mail.example.org:8383")));
		end(&one);
	}
}

static void
test_cookies(void **state)
{
	static const struct {
		const char *header;
		const char *value; /* of "iwm"; NULL: none */
	} rows[] = {{"iwm=1", "1"}, {"a=b; iwm=1; c=d", "1"},
	    {"a=b;iwm=1", "1"}, {" iwm = 1 ;", "1"}, {"iwm=\"q\"", "q"},
	    {"iwm=", ""}, {"iwm=a=b", "a=b"}, {"iwm=1; iwm=2", "1"},
	    {"xiwm=1", NULL}, {"iwmx=1", NULL}, {"iwm", NULL}, {"IWM=1", NULL},
	    {"", NULL}, {";;;", NULL}, {"=1", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char headers[200];
		struct one one;
		struct str value;

		(void)snprintf(headers, sizeof(headers), "Host: h\nCookie: %s",
		    rows[i].header);
		one = make("/", headers, NULL);
		value = request_cookie(one.req, "iwm");
		if ((value.ptr != NULL) != (rows[i].value != NULL) ||
		    !str_eq(value, str_c(rows[i].value)))
			fail_msg("%s: %.*s", rows[i].header, STR_ARG(value));
		end(&one);
	}
}

/* One list, in the order of the lines (RFC 9110, 5.2). */
static void
test_header_all(void **state)
{
	static const struct {
		const char *headers;
		const char *all; /* NULL: there is none */
	} rows[] = {
	    {"Host: h\nY-A: 1", NULL},
	    {"Host: h\nX-A:", ""},
	    {"Host: h\nX-A: 1", "1"},
	    {"X-A: 1\nHost: h\nx-a: 2, 3\nY-A: no\nX-A: 4", "1, 2, 3, 4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct one one = make("/", rows[i].headers, NULL);
		struct str all = request_header_all(one.req, "X-A");

		assert_int_equal(all.ptr != NULL, rows[i].all != NULL);
		assert_true(str_eq(all, str_c(rows[i].all)));
		end(&one);
	}
}

static void
test_query(void **state)
{
	struct one one =
	    make("/?a=1&b=%41+%2b&c&a=2&=x&%64=4", "Host: h", NULL);

	(void)state;
	assert_true(str_eq(request_query(one.req, "a"), STR("1")));
	assert_true(str_eq(request_query(one.req, "b"), STR("A +")));
	assert_non_null(request_query(one.req, "c").ptr);
	assert_int_equal(request_query(one.req, "c").len, 0);
	assert_true(str_eq(request_query(one.req, "d"), STR("4")));
	assert_null(request_query(one.req, "e").ptr);
	end(&one);
}

static void
test_gzip_is_welcome(void **state)
{
	static const struct {
		const char *header;
		bool yes;
	} rows[] = {{"gzip", true}, {"br, GZIP", true}, {"gzip;q=0.5", true},
	    {"gzip; q=0", false}, {"gzip;q=0.000", false},
	    {"gzip;q=0.001", true}, {"br", false}, {"", false},
	    {"xgzip", false}, {"identity;q=1, *;q=0", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char headers[200];
		struct one one;

		(void)snprintf(headers, sizeof(headers),
		    "Host: h\nAccept-Encoding: %s", rows[i].header);
		one = make("/", headers, NULL);
		if (request_accepts_gzip(one.req) != rows[i].yes)
			fail_msg("%s", rows[i].header);
		end(&one);
	}
}

static void
test_form_field(void **state)
{
	struct one one = make("/",
	    "Host: h\nContent-Type: application/x-www-form-urlencoded",
	    "a=b%20c&d");
	struct one broken = make("/", "Host: h\nContent-Type: x/y", "a=b");
	const struct form *form = NULL;
	struct err err = ERR_NONE;

	(void)state;
	assert_true(str_eq(request_field(one.req, "a"), STR("b c")));
	assert_int_equal(request_field(one.req, "x").len, 0);
	assert_non_null(request_field(one.req, "x").ptr);
	assert_int_equal(request_field(broken.req, "a").len, 0);
	/* The second time too. */
	assert_int_equal(request_form(broken.req, &form, &err), ERR_INPUT);
	assert_string_equal(err.message, "What was sent is not a form.");
	end(&one);
	end(&broken);
}

static void
test_cancel_after_the_browser_left(void **state)
{
	struct one one = make("/", "Host: h", NULL);
	struct err err = ERR_NONE;
	struct cancel *cancel = cancel_new(&err);

	(void)state;
	request_set_cancel(one.req, cancel);
	assert_false(cancel_is_fired(cancel));
	assert_false(request_is_gone(one.req));
	request_set_cancel(one.req, NULL);
	cancel_free(cancel);
	end(&one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_cookies),
	    cmocka_unit_test(test_header_all),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_gzip_is_welcome),
	    cmocka_unit_test(test_form_field),
	    cmocka_unit_test(test_cancel_after_the_browser_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
