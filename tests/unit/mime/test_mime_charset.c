#include "mime_test.h"

#define S(literal)                           \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	const char *name;
	const char *label;
	struct str input;
	struct str expected;
} rows[] = {
    {"utf-8", "utf-8", S("caf\xc3\xa9"), S("caf\xc3\xa9")},
    {"utf-8 label, latin1 bytes", "utf-8", S("caf\xe9"), S("caf\xc3\xa9")},
    {"utf-8, one bad byte among good", "utf-8", S("\xc3\xa9\xc3\xa9\xff"),
        S("\xc3\xa9\xc3\xa9\xef\xbf\xbd")},
    {"utf-8, cut at the end", "utf-8", S("\xc3\xa9\xc3\xa9\xe2\x82"),
        S("\xc3\xa9\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd")},
    {"byte order mark", "utf-8", S("\xef\xbb\xbfx"), S("x")},
    {"latin1 is windows-1252", "iso-8859-1", S("\x80\x93x\x94"),
        S("\xe2\x82\xac\xe2\x80\x9cx\xe2\x80\x9d")},
    {"latin1 label, utf-8 bytes", "iso-8859-1", S("caf\xc3\xa9"),
        S("caf\xc3\xa9")},
    {"ascii label, 8-bit bytes", "us-ascii", S("caf\xe9"), S("caf\xc3\xa9")},
    {"no label", "", S("caf\xc3\xa9"), S("caf\xc3\xa9")},
    {"unknown label", "x-martian", S("caf\xe9"), S("caf\xc3\xa9")},
    {"label in quotes and capitals", "\"KOI8-R\"", S("\xf0"), S("\xd0\x9f")},
    {"gb2312 is gb18030", "gb2312", S("\x81\x40"), S("\xe4\xb8\x82")},
    {"shift_jis is cp932", "shift_jis", S("\x87\x40"), S("\xe2\x91\xa0")},
    {"ks_c_5601 is cp949", "ks_c_5601-1987", S("\xb0\xa1"), S("\xea\xb0\x80")},
    {"iso-2022-jp", "iso-2022-jp", S("\x1b$BF|K\\\x1b(B"),
        S("\xe6\x97\xa5\xe6\x9c\xac")},
    {"bad byte in the middle", "koi8-r", S("a\x00z"), S("az")},
    {"bad bytes, multibyte", "euc-kr", S("a\xff\xff z"),
        S("a\xef\xbf\xbd\xef\xbf\xbd z")},
    {"cut multibyte", "big5", S("\xa4\xa4\xa4"), S("\xe4\xb8\xad\xef\xbf\xbd")},
    {"utf-16 with mark", "utf-16", S("\xff\xfe\x41\x00"), S("A")},
    {"utf-7", "utf-7", S("caf+AOk-"), S("caf\xc3\xa9")},
    {"label that is a path of iconv", "UTF-8//TRANSLIT", S("x"), S("x")},
    {"controls dropped", "iso-8859-1", S("a\x01\x1b[31m\x81z"), S("a[31mz")},
    {"line ends", "iso-8859-1", S("a\r\nb\rc"), S("a\nb\nc")},
    {"empty", "utf-8", S(""), S("")},
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input.ptr, rows[i].input.len);
		struct text got =
		    mime_decode_charset(arena, str_c(rows[i].label), in);
		expect_str(rows[i].name, got.s, rows[i].expected);
		expect_text(rows[i].name, got);
		heap_free(in);
		arena_free(arena);
	}
}

/* Any bytes under any of these labels make text. */
static void
test_all_bytes(void **state)
{
	static const char *const labels[] = {"utf-8", "iso-8859-1", "koi8-r",
	    "gb18030", "big5", "cp932", "iso-2022-jp", "iso-2022-kr",
	    "iso-2022-cn", "hz-gb-2312", "utf-7", "utf-16", "utf-32", "euc-jp",
	    "windows-1255", "iso-8859-8-i", "tis-620", "viscii"};
	unsigned char in[512];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 7);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text got = mime_decode_charset(arena, str_c(labels[i]),
		    str_of((const char *)in, sizeof(in)));
		expect_text(labels[i], got);
		assert_false(arena_failed(arena));
		arena_free(arena);
	}
}

static void
test_used_up(void **state)
{
	struct arena *arena = arena_new(64);
	struct text got;
	char in[1000];

	(void)state;
	memset(in, 0xe9, sizeof(in));
	got = mime_decode_charset(arena, STR("koi8-r"), str_of(in, 1000));
	assert_null(got.s.ptr);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_all_bytes),
	    cmocka_unit_test(test_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
