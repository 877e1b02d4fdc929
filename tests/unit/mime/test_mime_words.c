#include "mime_test.h"

struct row {
	const char *name;
	const char *input;
	const char *expected;
};

static const struct row texts[] = {
    {"plain", "Hello", "Hello"},
    {"empty", "", ""},
    {"q", "=?utf-8?Q?caf=C3=A9_au_lait?=", "caf\xc3\xa9 au lait"},
    {"b", "=?UTF-8?B?Y2Fmw6k=?=", "caf\xc3\xa9"},
    {"b without padding", "=?UTF-8?B?Y2Fmw6k?=", "caf\xc3\xa9"},
    {"latin1", "=?iso-8859-1?q?caf=E9?=", "caf\xc3\xa9"},
    {"language (RFC 2231, 5)", "=?utf-8*fr?Q?caf=C3=A9?=", "caf\xc3\xa9"},
    {"two words", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
    {"two words, folded", "=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"},
    {"words and text", "x =?utf-8?Q?a?= y", "x a y"},
    {"text touching a word", "x=?utf-8?Q?a?=y", "xay"},
    {"character cut in two",
        "=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "caf\xc3\xa9"},
    {"two charsets",
        "=?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=", "\xc3\xa9\xc3\xa9"},
    {"spaces within a word", "=?utf-8?Q?a b?=", "a b"},
    {"question mark within a word",
        "=?utf-8?Q?who?"
        "?=",
        "who?"},
    {"no end", "=?utf-8?Q?abc", "=?utf-8?Q?abc"},
    {"bad kind", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
    {"no charset", "=??Q?abc?=", "=??Q?abc?="},
    {"raw utf-8", "caf\xc3\xa9", "caf\xc3\xa9"},
    {"raw latin1", "caf\xe9", "caf\xc3\xa9"},
    {"folded", "a\r\n b", "a b"},
    {"folded, bare LF", "a\n\tb", "a b"},
    {"line break in a word", "=?utf-8?Q?a=0D=0AX-Evil:_b?=", "a X-Evil: b"},
    {"nul in a word", "=?utf-8?Q?a=00b?=", "ab"},
    {"unknown charset", "=?x-nothing?Q?caf=E9?=", "caf\xc3\xa9"},
    {"raw iso-2022-jp", "\x1b$BF|K\\\x1b(B", "\xe6\x97\xa5\xe6\x9c\xac"},
    {"iso-2022-jp",
        "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac"},
    {"koi8-r", "=?koi8-r?B?8NLJ18XU?=",
        "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"},
    {"language and case", "=?ISO-8859-1*en-US?q?caf=E9?=", "caf\xc3\xa9"},
    {"override inside", "=?utf-8?Q?a=E2=80=AEb?=", "ab"},
    {"in quotes", "\"=?utf-8?Q?caf=C3=A9?=\"", "\"caf\xc3\xa9\""},
    {"raw utf-8 beside a word",
        "\xc3\xa9 =?utf-8?Q?=C3=A9?=", "\xc3\xa9 \xc3\xa9"},
    {"raw 8-bit inside a word", "=?utf-8?Q?caf\xc3\xa9?=", "caf\xc3\xa9"},
    {"gb18030 cut in two",
        "=?gb2312?B?xA==?= =?gb2312?B?4w==?=", "\xe4\xbd\xa0"},
    {"mixed kinds", "=?utf-8?Q?a=C3?= =?utf-8?B?qQ==?=", "a\xc3\xa9"},
    {"lower-case charset and kind", "=?UTF-8?b?w6k=?=", "\xc3\xa9"},
    {"empty word",
        "a =?utf-8?Q?"
        "?= b",
        "a  b"},
    {"blanks in base64", "=?utf-8?B?Y2Fm w6k=?=", "caf\xc3\xa9"},
    {"garbage in base64", "=?utf-8?B?!!!?=", ""},
    {"bad hex stays", "=?utf-8?Q?50=_off?=", "50= off"},
};

static const struct row names[] = {
    {"plain", "report.pdf", "report.pdf"},
    {"rfc 2047", "=?utf-8?Q?caf=C3=A9.txt?=", "caf\xc3\xa9.txt"},
    {"rfc 2231", "utf-8''caf%C3%A9.txt", "caf\xc3\xa9.txt"},
    {"rfc 2231 with language", "iso-8859-1'fr'caf%E9.txt", "caf\xc3\xa9.txt"},
    {"apostrophes are no charset", "Bob's 'new'.txt", "Bob's 'new'.txt"},
    {"raw utf-8", "caf\xc3\xa9.txt", "caf\xc3\xa9.txt"},
    {"raw latin1", "caf\xe9.txt", "caf\xc3\xa9.txt"},
    {"unix path", "../../etc/passwd", "passwd"},
    {"windows path", "C:\\Users\\x\\report.doc", "report.doc"},
    {"encoded path", "utf-8''..%2F..%2Fx.txt", "x.txt"},
    {"dots only", "..", ""},
    {"line break", "=?utf-8?Q?a=0D=0Ab.txt?=", "a b.txt"},
    {"right to left", "photo\xe2\x80\xaegpj.exe", "photogpj.exe"},
    {"trailing dots", "a.txt. .", "a.txt"},
};

static void
run(const struct row *rows, size_t count,
    struct text (*decode)(struct arena *arena, struct str raw))
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		struct text got = decode(arena, in);
		expect_str(rows[i].name, got.s, str_c(rows[i].expected));
		expect_text(rows[i].name, got);
		heap_free(in);
		arena_free(arena);
	}
}

static void
test_text(void **state)
{
	(void)state;
	run(texts, sizeof(texts) / sizeof(texts[0]), mime_decode_text);
}

static void
test_name(void **state)
{
	(void)state;
	run(names, sizeof(names) / sizeof(names[0]), mime_decode_name);
}

#define PARAM(n, v)                      \
	{                                \
		{n, sizeof(n) - 1},      \
		{                        \
			v, sizeof(v) - 1 \
		}                        \
	}

static const struct {
	const char *name;
	struct mime_param params[4];
	const char *expected;
} params[] = {
    {"plain", {PARAM("filename", "a.txt")}, "a.txt"},
    {"extended before plain",
        {PARAM("filename", "x"), PARAM("filename*", "utf-8''%C3%A9.txt")},
        "\xc3\xa9.txt"},
    {"continued",
        {PARAM("filename*0", "long "), PARAM("filename*1", "name.txt")},
        "long name.txt"},
    {"continued, wrong order, extended and not",
        {PARAM("filename*1", "b%41"), PARAM("FILENAME*0*", "utf-8''%C3%A9"),
            PARAM("filename*2*", "%41.txt")},
        "\xc3\xa9"
        "b%41A.txt"},
    {"character cut between pieces",
        {PARAM("filename*0*", "utf-8''%C3"), PARAM("filename*1*", "%A9.txt")},
        "\xc3\xa9.txt"},
    {"words in pieces",
        {PARAM("filename*0", "=?utf-8?Q?a=C3"),
            PARAM("filename*1", "=A9?=.txt")},
        "a\xc3\xa9.txt"},
    {"first piece missing", {PARAM("filename*1", "b"), PARAM("filename", "c")},
        "c"},
    {"a piece got lost",
        {PARAM("filename*0", "long "), PARAM("filename*2", "name.txt")},
        "long name.txt"},
    {"counted from one",
        {PARAM("filename*1*", "utf-8''%C3%A9"), PARAM("filename*2", ".txt")},
        "\xc3\xa9.txt"},
    {"unknown charset", {PARAM("filename*", "x-no''caf%E9.txt")},
        "caf\xc3\xa9.txt"},
    {"percent garbage", {PARAM("filename*", "utf-8''50%-%ZZ%4.txt")},
        "50%-%ZZ%4.txt"},
    {"none", {PARAM("size", "5")}, ""},
};

static void
test_params(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text got =
		    mime_param_file_name(arena, params[i].params, 4, NULL, 0);
		expect_str(params[i].name, got.s, str_c(params[i].expected));
		got = mime_param_file_name(arena, NULL, 0, params[i].params, 4);
		assert_int_equal(got.s.len, 0);
		arena_free(arena);
	}
}

/* Linear in the length: none of these may take noticeable time. */
static void
test_hostile(void **state)
{
	static const char *const pieces[] = {
	    "=?a?Q?", "=?", "?=", "=?a?Q?b?=", "=?a?Q?b?= "};
	size_t len = 1 << 20;
	char *in = malloc(len);

	(void)state;
	assert_non_null(in);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		for (size_t at = 0; at < len; at++)
			in[at] = pieces[i][at % strlen(pieces[i])];
		(void)mime_decode_text(arena, str_of(in, len));
		arena_free(arena);
	}
	free(in);
}

static void
test_long_name(void **state)
{
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	char in[1000];
	struct text got;

	(void)state;
	memset(in, 'a', sizeof(in));
	memcpy(in + sizeof(in) - 4, ".pdf", 4);
	got = mime_decode_name(arena, str_of(in, sizeof(in)));
	assert_true(got.s.len < 200);
	assert_true(str_ends(got.s, STR(".pdf")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_name),
	    cmocka_unit_test(test_params),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
