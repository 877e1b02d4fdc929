#include "mime_test.h"

static const struct {
	const char *name;
	enum mime_encoding encoding;
	const char *input;
	const char *expected;
} rows[] = {
    {"base64", MIME_BASE64, "aGVsbG8=", "hello"},
    {"base64 in lines", MIME_BASE64, "aGVs\r\nbG8=\r\n", "hello"},
    {"base64 without padding", MIME_BASE64, "aGVsbG8", "hello"},
    {"base64 without padding, one byte", MIME_BASE64, "aA", "h"},
    {"base64 with garbage", MIME_BASE64, "aG!V*s-bG8=", "hello"},
    {"base64 joined pieces", MIME_BASE64, "aGVsbG8=aGVsbG8=", "hellohello"},
    {"base64 joined lines", MIME_BASE64, "aGVsbG8=\r\naGVsbG8=\r\n",
        "hellohello"},
    {"base64, a footer behind", MIME_BASE64,
        "aGVsbG8=\r\n\r\nThe garden list\r\n", "hello"},
    {"base64, a ruled footer", MIME_BASE64, "aGVsbG8=\r\n____\r\nlist",
        "hello"},
    {"base64 lone letter at the end", MIME_BASE64, "aGVsb", "hel"},
    {"base64 empty", MIME_BASE64, "", ""},
    {"qp", MIME_QUOTED_PRINTABLE, "caf=C3=A9", "caf\xc3\xa9"},
    {"qp lower case", MIME_QUOTED_PRINTABLE, "caf=c3=a9", "caf\xc3\xa9"},
    {"qp soft break", MIME_QUOTED_PRINTABLE, "a=\r\nb", "ab"},
    {"qp soft break, bare LF", MIME_QUOTED_PRINTABLE, "a=\nb", "ab"},
    {"qp soft break, padded", MIME_QUOTED_PRINTABLE, "a= \t\r\nb", "ab"},
    {"qp soft break, bare CR", MIME_QUOTED_PRINTABLE, "a=\rb", "ab"},
    {"qp bad digits stay", MIME_QUOTED_PRINTABLE, "=ZZ=A=", "=ZZ=A"},
    {"qp one bad digit", MIME_QUOTED_PRINTABLE, "=AZ", "=AZ"},
    {"qp equals twice", MIME_QUOTED_PRINTABLE, "==41", "=A"},
    {"qp equals one byte before the end", MIME_QUOTED_PRINTABLE, "x=4", "x=4"},
    {"qp equals at the end", MIME_QUOTED_PRINTABLE, "x=", "x"},
    {"qp equals, digit, line end", MIME_QUOTED_PRINTABLE, "=4\nx", "=4\nx"},
    {"qp blanks at line end", MIME_QUOTED_PRINTABLE, "a \t\r\nb ", "a\r\nb"},
    {"qp blanks inside", MIME_QUOTED_PRINTABLE, "a \t b", "a \t b"},
    {"qp blank then equals", MIME_QUOTED_PRINTABLE, "a =41", "a A"},
    {"qp equals, blank, text", MIME_QUOTED_PRINTABLE, "a= b", "a= b"},
    {"identity", MIME_IDENTITY, "a=41 \r\n", "a=41 \r\n"},
};

static void
test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str in = heap_copy(rows[i].input, strlen(rows[i].input));
		struct str got =
		    mime_decode_transfer(arena, rows[i].encoding, in, 1000);
		expect_str(rows[i].name, got, str_c(rows[i].expected));
		got = mime_decode_transfer(arena, rows[i].encoding, in, 2);
		expect_str(rows[i].name, got,
		    str_slice(str_c(rows[i].expected), 0, 2));
		heap_free(in);
		arena_free(arena);
	}
}

struct collected {
	char bytes[4096];
	size_t len;
};

static bool
collect(void *ctx, struct str bytes)
{
	struct collected *to = ctx;

	assert_true(to->len + bytes.len <= sizeof(to->bytes));
	memcpy(to->bytes + to->len, bytes.ptr, bytes.len);
	to->len += bytes.len;
	return true;
}

/* However the input is cut, the output is the same. */
static void
test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step < 5; step++) {
			struct collected to = {.len = 0};
			struct mime_decoder decoder;
			struct str in = str_c(rows[i].input);
			mime_decoder_init(
			    &decoder, rows[i].encoding, collect, &to);
			for (size_t at = 0; at < in.len; at += step)
				assert_true(mime_decoder_add(
				    &decoder, str_slice(in, at, at + step)));
			assert_true(mime_decoder_end(&decoder));
			expect_str(rows[i].name, str_of(to.bytes, to.len),
			    str_c(rows[i].expected));
		}
	}
}

static bool
refuse(void *ctx, struct str bytes)
{
	(void)bytes;
	(*(int *)ctx)++;
	return false;
}

static void
test_stop(void **state)
{
	struct mime_decoder decoder;
	int calls = 0;

	(void)state;
	mime_decoder_init(&decoder, MIME_BASE64, refuse, &calls);
	assert_false(mime_decoder_add(&decoder, STR("aGVsbG8=")));
	assert_false(mime_decoder_add(&decoder, STR("aGVsbG8=")));
	assert_false(mime_decoder_end(&decoder));
	assert_int_equal(calls, 1);
}

/* More blanks than the decoder holds are not lost and not written past. */
static void
test_many_blanks(void **state)
{
	char in[300];
	struct arena *arena = arena_new(TEST_ARENA_BYTES);
	struct str got = {0};

	(void)state;
	memset(in, ' ', sizeof(in));
	in[0] = '=';
	in[299] = 'x';
	got = mime_decode_transfer(
	    arena, MIME_QUOTED_PRINTABLE, str_of(in, sizeof(in)), 1000);
	assert_int_equal(got.len, 300);
	in[0] = 'a';
	got = mime_decode_transfer(
	    arena, MIME_QUOTED_PRINTABLE, str_of(in, sizeof(in)), 1000);
	assert_int_equal(got.len, 300);
	arena_free(arena);
}

static void
test_encoding_of(void **state)
{
	static const struct {
		const char *field;
		enum mime_encoding expected;
	} fields[] = {
	    {"base64", MIME_BASE64},
	    {" BASE64 (as usual)", MIME_BASE64},
	    {"\"base64\"", MIME_BASE64},
	    {"base64; x", MIME_BASE64},
	    {"Quoted-Printable\r\n", MIME_QUOTED_PRINTABLE},
	    {"'quoted-printable'", MIME_QUOTED_PRINTABLE},
	    {"base64x", MIME_IDENTITY},
	    {"8bit", MIME_IDENTITY},
	    {"", MIME_IDENTITY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_int_equal(mime_encoding_of(str_c(fields[i].field)),
		    fields[i].expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_many_blanks),
	    cmocka_unit_test(test_encoding_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
