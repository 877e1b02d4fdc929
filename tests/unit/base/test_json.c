/* JSON of strangers: what is read, what is not, and what is written. */
#include "base_test.h"

#include "base/json.h"

static const struct json_limits limits = {
    .bytes = 4000, .depth = 4, .values = 20};

static enum err_code
read_it(
    struct arena *arena, struct str bytes, struct json **out, struct err *err)
{
	/* Exactly its size, without a NUL: one byte too far is seen. */
	char *exact = malloc(bytes.len == 0 ? 1 : bytes.len);
	enum err_code rc;

	assert_non_null(exact);
	if (bytes.len > 0)
		memcpy(exact, bytes.ptr, bytes.len);
	rc = json_read(str_of(exact, bytes.len), &limits, arena, out, err);
	free(exact);
	return rc;
}

static void
test_read(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct err err = ERR_NONE;
	struct json *root = NULL;
	const struct json *list;

	(void)state;
	assert_int_equal(
	    read_it(arena,
	        STR("\xef\xbb\xbf{\"a\": \"\\u00fc\\n\", \"b\": [1, true, "
	            "null, 1.5, \"\"], \"c\": -9223372036854775808}"),
	        &root, &err),
	    ERR_OK);
	assert_int_equal(root->kind, JSON_KIND_OBJECT);
	assert_true(
	    str_eq(json_find(root, STR("a"))->string, STR("\xc3\xbc\n")));
	assert_true(json_find(root, STR("c"))->number == INT64_MIN);
	assert_null(json_find(root, STR("d")));
	list = json_find(root, STR("b"));
	assert_int_equal(list->kind, JSON_KIND_LIST);
	assert_null(json_find(list, STR("")));
	assert_int_equal(list->first->number, 1);
	assert_true(list->first->next->is_true);
	assert_int_equal(list->first->next->next->kind, JSON_KIND_NULL);
	assert_int_equal(
	    list->first->next->next->next->kind, JSON_KIND_FRACTION);
	assert_int_equal(list->last->kind, JSON_KIND_STRING);
	assert_null(list->last->next);
	arena_free(arena);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *what;
		const char *bytes;
		enum err_code rc;
	} rows[] = {
	    {"nothing", "", ERR_INPUT},
	    {"cut off", "{\"a\": ", ERR_INPUT},
	    {"twice", "{\"a\": 1, \"a\": 2}", ERR_INPUT},
	    {"behind the end", "[1] 2", ERR_INPUT},
	    {"NUL", "[\"a\\u0000b\"]", ERR_INPUT},
	    {"no UTF-8", "[\"\xff\"]", ERR_INPUT},
	    {"half a pair", "[\"\\ud800\"]", ERR_INPUT},
	    {"too large", "[99999999999999999999]", ERR_INPUT},
	    {"too large a fraction", "[1e999]", ERR_INPUT},
	    {"deep", "[[[[[1]]]]]", ERR_LIMIT},
	    {"deep, cut off", "{\"\":{\"\":{\"\":{\"\":{", ERR_LIMIT},
	    {"many", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", ERR_LIMIT},
	};
	struct arena *arena = arena_new(1 << 20);
	struct json *root = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_NONE;

		if (read_it(arena, str_c(rows[i].bytes), &root, &err) !=
		    rows[i].rc)
			fail_msg("%s: %s", rows[i].what, err_name(err.code));
		assert_null(root);
	}
	/* What stands in a string is no bracket. */
	assert_int_equal(
	    read_it(arena, STR("[\"[[[[[,,\\\"[[[[[\"]"), &root, NULL), ERR_OK);
	arena_free(arena);
}

static void
test_written(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct json *root = json_add(arena, NULL, STR(""), JSON_KIND_OBJECT);
	struct json *list = json_add(arena, root, STR("b"), JSON_KIND_LIST);
	struct json *again = NULL;
	struct buf out;
	struct buf small;

	(void)state;
	json_add_string(arena, root, STR("a"), STR("\xc3\xbc \"\n"));
	json_add_number(arena, list, STR(""), -5);
	json_add_bool(arena, list, STR(""), true);
	(void)json_add(arena, list, STR(""), JSON_KIND_NULL);
	buf_init(&out, 1000);
	assert_int_equal(json_write(root, &out, NULL), ERR_OK);
	assert_true(str_eq(buf_str(&out),
	    STR("{\n \"b\": [\n  -5,\n  true,\n  null\n ],\n \"a\": "
	        "\"\xc3\xbc \\\"\\n\"\n}\n")));
	assert_int_equal(read_it(arena, buf_str(&out), &again, NULL), ERR_OK);
	assert_int_equal(json_find(again, STR("b"))->first->number, -5);
	buf_init(&small, 10);
	assert_int_equal(json_write(root, &small, NULL), ERR_LIMIT);
	buf_free(&out);
	buf_free(&small);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
