#include "base/buf.h"
#include "base/codec.h"
#include "base/err.h"
#include "base_test.h"

static void
test_limit(void **state)
{
	struct err err = ERR_NONE;
	struct str out;
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	buf_add(&buf, STR("abcd"));
	assert_int_equal(buf_end(&buf, &out, &err), ERR_OK);
	assert_str(out, "abcd");
	buf_add_byte(&buf, 'e');
	assert_int_equal(buf_end(&buf, &out, &err), ERR_LIMIT);
	/* The first failure stays: later room does not hide it. */
	buf_add(&buf, STR(""));
	assert_int_equal(buf_end(&buf, &out, &err), ERR_LIMIT);
	buf_clear(&buf);
	buf_add(&buf, STR("x"));
	assert_int_equal(buf_end(&buf, &out, &err), ERR_OK);
	buf_free(&buf);
}

static void
test_arena_limit(void **state)
{
	struct arena *arena = arena_new(300);
	struct err err = ERR_NONE;
	struct str out;
	struct buf buf;

	(void)state;
	buf_init_arena(&buf, arena, 10000);
	for (int i = 0; i < 1000; i++)
		buf_add_byte(&buf, 'x');
	assert_int_equal(buf_end(&buf, &out, &err), ERR_NO_MEMORY);
	assert_true(arena_failed(arena));
	arena_free(arena);
}

static void
test_numbers(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	buf_add_u64(&buf, 0);
	buf_add_byte(&buf, ' ');
	buf_add_u64(&buf, UINT64_MAX);
	buf_add_byte(&buf, ' ');
	buf_add_i64(&buf, INT64_MIN);
	buf_addf(&buf, " %s", "x");
	assert_str(
	    buf_str(&buf), "0 18446744073709551615 -9223372036854775808 x");
	buf_free(&buf);
}

static void
test_long_format(void **state)
{
	char word[2001];
	struct buf buf;

	(void)state;
	memset(word, 'a', 2000);
	word[2000] = '\0';
	buf_init(&buf, 5000);
	buf_addf(&buf, "<%s>", word);
	assert_int_equal(buf_str(&buf).len, 2002);
	assert_int_equal(buf_str(&buf).ptr[2001], '>');
	buf_free(&buf);
}

static void
test_escapes(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	buf_add_html(&buf, STR("<a href=\"x\">'&'</a>"));
	assert_str(buf_str(&buf),
	    "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
	buf_clear(&buf);
	buf_add_percent(&buf, STR("a b/\xc3\xa9~"));
	assert_str(buf_str(&buf), "a%20b%2F%C3%A9~");
	buf_clear(&buf);
	buf_add_json(&buf, STR("a\"b\\c\n"));
	assert_str(buf_str(&buf), "a\\\"b\\\\c\\u000a");
	buf_clear(&buf);
	buf_add_utf8(&buf, 0x20AC);
	buf_add_utf8(&buf, 0xD800);
	buf_add_utf8(&buf, 0x1F600);
	assert_str(buf_str(&buf), "\xe2\x82\xac\xef\xbf\xbd\xf0\x9f\x98\x80");
	buf_free(&buf);
}

static void
test_codec_round(void **state)
{
	struct err err = ERR_NONE;

	(void)state;
	for (size_t len = 0; len < 70; len++) {
		char bytes[70];
		struct str in;
		struct buf code;
		struct buf back;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)(i * 37 + len);
		in = exact(bytes, len);
		buf_init(&code, 1000);
		buf_init(&back, 1000);
		codec_base64_encode(&code, in);
		assert_int_equal(
		    codec_base64_decode(&back, buf_str(&code), &err), ERR_OK);
		assert_true(str_eq(buf_str(&back), in));
		buf_clear(&code);
		buf_clear(&back);
		codec_base64url_encode(&code, in);
		assert_int_equal(
		    codec_base64url_decode(&back, buf_str(&code), &err),
		    ERR_OK);
		assert_true(str_eq(buf_str(&back), in));
		buf_clear(&code);
		buf_clear(&back);
		codec_hex_encode(&code, in);
		assert_int_equal(
		    codec_hex_decode(&back, buf_str(&code), &err), ERR_OK);
		assert_true(str_eq(buf_str(&back), in));
		buf_free(&code);
		buf_free(&back);
		exact_free(in);
	}
}

static void
test_codec_refuses(void **state)
{
	static const char *const bad[] = {
	    "A", "AB=C", "A===", "AAAA ", "AA==AA==", "AB==", "AA-_"};
	struct err err = ERR_NONE;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    codec_base64_decode(&out, str_c(bad[i]), &err), ERR_INPUT);
	assert_int_equal(codec_hex_decode(&out, STR("abc"), &err), ERR_INPUT);
	assert_int_equal(codec_hex_decode(&out, STR("zz"), &err), ERR_INPUT);
	buf_free(&out);
}

static void
test_percent_decode(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	codec_percent_decode(&out, STR("a%20b+c%zz%4"), true);
	assert_str(buf_str(&out), "a b c%zz%4");
	buf_clear(&out);
	codec_percent_decode(&out, STR("a+b%2541"), false);
	assert_str(buf_str(&out), "a+b%41");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_arena_limit),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_long_format),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_codec_round),
	    cmocka_unit_test(test_codec_refuses),
	    cmocka_unit_test(test_percent_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
