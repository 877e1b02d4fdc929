#include "mime_test.h"

#include "mime/mime_enriched.h"
#include "mime/mime_pgp.h"

static const struct {
	const char *input;
	const char *expected;
	bool is_signed, is_encrypted;
} rows[] = {
    {"hello\n", "hello\n", false, false},
    {"> -----BEGIN PGP MESSAGE-----\n", "> -----BEGIN PGP MESSAGE-----\n",
        false, false},
    {"a\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: X\n\nb\n- -- \n"
     "-----BEGIN PGP SIGNATURE-----\nxx\n-----END PGP SIGNATURE-----\nc\n",
        "a\nb\n-- \nc\n", true, false},
    {"-----BEGIN PGP MESSAGE-----\nxx\n-----END PGP MESSAGE-----\nc\n", "c\n",
        false, true},
    /* Cut off: nothing comes back as if it were text. */
    {"a\n-----BEGIN PGP MESSAGE-----\nxx\n", "a\n", false, true},
    {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: X\n", "", true, false},
    /* Two, and blanks behind the mark. */
    {"-----BEGIN PGP MESSAGE-----  \nx\n-----END PGP MESSAGE-----\t\n"
     "mid\n-----BEGIN PGP MESSAGE-----\ny\n-----END PGP MESSAGE-----\n",
        "mid\n", false, true},
    {"-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n", false, false},
};

static void
test_pgp(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct text in = {str_c(rows[i].input)};
		struct mime_pgp pgp = mime_pgp_read(arena, in);

		expect_str(rows[i].input, pgp.text.s, str_c(rows[i].expected));
		assert_int_equal(pgp.is_signed, rows[i].is_signed);
		assert_int_equal(pgp.is_encrypted, rows[i].is_encrypted);
		arena_free(arena);
	}
}

static const struct {
	const char *input;
	const char *expected;
} enriched[] = {
    {"", ""},
    {"a\nb\n\nc\n\n\nd", "a b\nc\n\nd"},
    {"<bold>a</bold> <<b>", "a <b>"},
    {"<color><param>red</param>x</color>", "x"},
    {"<nofill>a\nb\n</nofill>c\nd", "a\nb\nc d"},
    {"a<nl>b", "a\nb"},
    {"a<unclosed", "a"},
    {"</param>a</nofill>", "a"},
    {"<param>gone", ""},
};

static void
test_enriched(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(enriched) / sizeof(enriched[0]); i++) {
		struct arena *arena = arena_new(TEST_ARENA_BYTES);
		struct str copy =
		    heap_copy(enriched[i].input, strlen(enriched[i].input));

		expect_str(enriched[i].input,
		    mime_enriched_to_text(arena, (struct text){copy}).s,
		    str_c(enriched[i].expected));
		heap_free(copy);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pgp),
	    cmocka_unit_test(test_enriched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
