#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http_range.h"

#define TAG "\"t1\""

static const struct {
	const char *range, *if_range;
	uint64_t total;
	enum http_range_kind kind;
	uint64_t first, bytes;
} rows[] = {
    {NULL, NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-", NULL, 100, HTTP_RANGE_PART, 0, 100},
    {"bytes=0-0", NULL, 100, HTTP_RANGE_PART, 0, 1},
    {"bytes=99-", NULL, 100, HTTP_RANGE_PART, 99, 1},
    {"Bytes = 0-0", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"BYTES= 5-9 ", NULL, 100, HTTP_RANGE_PART, 5, 5},
    {"bytes=10-19", NULL, 100, HTTP_RANGE_PART, 10, 10},
    {"bytes=90-500", NULL, 100, HTTP_RANGE_PART, 90, 10},
    {"bytes=-1", NULL, 100, HTTP_RANGE_PART, 99, 1},
    {"bytes=-100", NULL, 100, HTTP_RANGE_PART, 0, 100},
    {"bytes=-5000", NULL, 100, HTTP_RANGE_PART, 0, 100},
    {"bytes=-0", NULL, 100, HTTP_RANGE_NONE, 0, 0},
    {"bytes=100-", NULL, 100, HTTP_RANGE_NONE, 0, 0},
    {"bytes=200-300", NULL, 100, HTTP_RANGE_NONE, 0, 0},
    {"bytes=0-", NULL, 0, HTTP_RANGE_NONE, 0, 0},
    /* Several ranges would need multipart/byteranges: the whole. */
    {"bytes=0-1,5-6", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-1, -1", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=-", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=5", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=9-5", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=a-b", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=--5", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=+1-5", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-99999999999999999999", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"items=0-5", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"", NULL, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=5-9", TAG, 100, HTTP_RANGE_PART, 5, 5},
    {"bytes=5-9", "\"t2\"", 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=5-9", "W/" TAG, 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=5-9", "Sat, 21 Nov 2026 10:00:00 GMT", 100, HTTP_RANGE_WHOLE, 0,
        100},
    {"bytes=5-9", "", 100, HTTP_RANGE_WHOLE, 0, 100},
    {"bytes=0-9223372036854775807", NULL, INT64_MAX, HTTP_RANGE_PART, 0,
        INT64_MAX},
};

static void
test_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_range got =
		    http_range_parse(rows[i].range ? str_c(rows[i].range)
		                                   : (struct str){NULL, 0},
		        rows[i].if_range
		            ? str_of(rows[i].if_range, strlen(rows[i].if_range))
		            : (struct str){NULL, 0},
		        STR(TAG), rows[i].total);

		if (got.kind != rows[i].kind || got.first != rows[i].first ||
		    got.bytes != rows[i].bytes)
			fail_msg("%s %s: %d %llu %llu",
			    rows[i].range ? rows[i].range : "none",
			    rows[i].if_range ? rows[i].if_range : "",
			    (int)got.kind, (unsigned long long)got.first,
			    (unsigned long long)got.bytes);
	}
}

static void
test_known(void **state)
{
	static const struct {
		const char *header;
		bool is_known;
	} known[] = {
	    {"", false},
	    {"If-None-Match: " TAG, true},
	    {"If-None-Match: W/" TAG, true},
	    {"If-None-Match: \"x\" , " TAG, true},
	    {"If-None-Match: \"x\"", false},
	    {"If-None-Match: *", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct arena *arena = arena_new((size_t)1 << 20);
		char headers[200];
		unsigned status = 0;
		struct request *req;

		(void)snprintf(
		    headers, sizeof(headers), "Host: x\n%s", known[i].header);
		req = request_new_alone(arena, STR("GET"), STR("/part"),
		    str_c(headers), STR(""), &status);
		assert_non_null(req);
		assert_int_equal(status, 0);
		assert_int_equal(
		    http_range_is_known(req, STR(TAG)), known[i].is_known);
		request_end_alone(req);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
