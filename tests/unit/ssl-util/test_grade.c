/* The rating guide's rules, one row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../ssl-util/grade.h"
#include "base/str.h"

/* What an iwebmsgd with ForceSSL=1 shows. */
static const struct grade_facts BEST = {
    .has_version = {[GRADE_TLS1_2] = true, [GRADE_TLS1_3] = true},
    .cipher_bits_least = 128,
    .cipher_bits_most = 256,
    .exchange_bits = 3072,
    .has_secrecy = true,
    .has_aead = true,
    .is_http = true,
    .has_hsts = true,
    .hsts_age_s = GRADE_HSTS_S};

#define FLAG(member) offsetof(struct grade_facts, member)

static void
test_one_flag(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		const char *letter, *if_trusted;
	} rows[] = {
	    {FLAG(has_version[GRADE_SSL2]), "F", "F"},
	    {FLAG(has_version[GRADE_SSL3]), "B", "B"},
	    {FLAG(has_version[GRADE_TLS1_0]), "B", "B"},
	    {FLAG(has_version[GRADE_TLS1_1]), "B", "B"},
	    {FLAG(has_anonymous), "F", "F"},
	    {FLAG(has_no_encryption), "F", "F"},
	    {FLAG(has_export), "F", "F"},
	    {FLAG(has_rc4_old), "B", "B"},
	    {FLAG(has_rc4_new), "C", "C"},
	    {FLAG(has_small_block), "C", "C"},
	    {FLAG(has_poodle), "C", "C"},
	    {FLAG(has_tiny_dh), "F", "F"},
	    {FLAG(has_short_dh), "B", "B"},
	    {FLAG(has_compression), "C", "C"},
	    {FLAG(lacks_secure_renegotiation), "A-", "A-"},
	    {FLAG(lacks_fallback), "A", "A"},
	    {FLAG(has_tiny_key), "F", "F"},
	    {FLAG(has_short_key), "B", "B"},
	    {FLAG(has_md5), "F", "F"},
	    {FLAG(has_sha1), "T", "A+"},
	    {FLAG(is_incomplete), "B", "B"},
	    {FLAG(is_untrusted), "T", "A+"},
	    {FLAG(is_misnamed), "M", "A+"},
	    {FLAG(is_revoked), "F", "F"},
	    {FLAG(has_warning), "A", "A"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct grade_facts facts = BEST;
		struct grade grade;

		*(bool *)((char *)&facts + rows[i].at) = true;
		grade_of(&facts, &grade);
		assert_string_equal(grade.letter, rows[i].letter);
		assert_string_equal(grade.if_trusted, rows[i].if_trusted);
		assert_true(grade.cap_count > 0);
		assert_int_equal(
		    grade_is_good(&grade), rows[i].letter[0] == 'A');
		for (size_t j = 0; j < grade.cap_count; j++) {
			assert_true(grade.caps[j].why[0] != '\0');
			assert_true(grade.caps[j].mend == NULL ||
			            grade.caps[j].mend[0] != '\0');
		}
	}
}

static void
test_best_and_its_lacks(void **state)
{
	(void)state;
	struct grade_facts facts = BEST;
	struct grade grade;

	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A+");
	assert_int_equal(grade.cap_count, 0);
	assert_int_equal(grade.protocol, 100);
	assert_int_equal(grade.exchange, 90);
	assert_int_equal(grade.cipher, 90);
	assert_int_equal(grade.total, 93);
	facts.hsts_age_s = GRADE_HSTS_S - 1;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A");
	facts.has_hsts = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A");
	assert_string_equal(grade.caps[0].mend, "ForceSSL=1 in [SSL]");
	facts.is_self_signed = true;
	grade_of(&facts, &grade);
	assert_non_null(strstr(grade.caps[0].mend, "an authority's"));
	facts = BEST;
	facts.is_silent = true;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A");
	assert_null(grade.caps[0].mend);
	facts = BEST;
	facts.is_http = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A");
	facts = BEST;
	facts.has_version[GRADE_TLS1_3] = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A-");
	facts.has_aead = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "B");
	facts = BEST;
	facts.has_secrecy = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "B");
	facts = BEST;
	facts.has_version[GRADE_TLS1_2] = false;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "A+");
}

static void
test_scores(void **state)
{
	(void)state;
	static const struct {
		unsigned least, most, exchange;
		const char *letter;
		unsigned cipher, score;
	} rows[] = {
	    {256, 256, 4096, "A+", 100, 100},
	    {112, 256, 2048, "A+", 60, 90},
	    {128, 128, 1024, "A+", 80, 80},
	    {40, 128, 512, "C", 50, 40},
	    {40, 56, 500, "D", 20, 20},
	    {0, 256, 3072, "B", 50, 90},
	    {0, 0, 3072, "F", 0, 90},
	    {128, 256, 0, "F", 90, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct grade_facts facts = BEST;
		struct grade grade;

		facts.cipher_bits_least = rows[i].least;
		facts.cipher_bits_most = rows[i].most;
		facts.exchange_bits = rows[i].exchange;
		grade_of(&facts, &grade);
		assert_int_equal(grade.cipher, rows[i].cipher);
		assert_int_equal(grade.exchange, rows[i].score);
		assert_string_equal(grade.letter, rows[i].letter);
	}
}

static void
test_old_versions(void **state)
{
	(void)state;
	struct grade_facts facts = BEST;
	struct grade grade;

	memset(facts.has_version, 0, sizeof(facts.has_version));
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "F");
	facts.has_version[GRADE_TLS1_0] = true;
	grade_of(&facts, &grade);
	assert_string_equal(grade.letter, "C");
	assert_int_equal(grade.protocol, 90);
	facts.has_version[GRADE_TLS1_2] = true;
	grade_of(&facts, &grade);
	assert_int_equal(grade.protocol, 95);
	assert_string_equal(grade.letter, "B");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_flag),
	    cmocka_unit_test(test_best_and_its_lacks),
	    cmocka_unit_test(test_scores),
	    cmocka_unit_test(test_old_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
