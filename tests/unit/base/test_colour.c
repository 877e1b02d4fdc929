#include "base_test.h"

#include "base/colour.h"

static void
test_parse(void **state)
{
	static const char *const wrong[] = {"", "#", "red", "1a56b0", "#1a56b",
	    "#1a56b00", "#1a56bg", " #fff", "#ff"};
	uint32_t rgb = 0;

	(void)state;
	assert_true(colour_parse(STR("#1A56b0"), &rgb));
	assert_int_equal(rgb, 0x1a56b0);
	assert_true(colour_parse(STR("#f80"), &rgb));
	assert_int_equal(rgb, 0xff8800);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(colour_parse(str_c(wrong[i]), &rgb));
}

/* The figures of WCAG's own examples. */
static void
test_contrast(void **state)
{
	(void)state;
	assert_int_equal(colour_light(0x000000), 0);
	assert_int_equal(colour_light(0xffffff), 1000000);
	assert_int_equal(colour_contrast(0x000000, 0xffffff), 2100);
	assert_int_equal(colour_contrast(0xffffff, 0x000000), 2100);
	assert_int_equal(colour_contrast(0x767676, 0xffffff), 454);
	assert_int_equal(colour_contrast(0x777777, 0xffffff), 447);
	assert_int_equal(colour_contrast(0x1a56b0, 0x1a56b0), 100);
}

static void
test_mix(void **state)
{
	(void)state;
	assert_int_equal(colour_mix(0xffffff, 0x000000, 100), 0xffffff);
	assert_int_equal(colour_mix(0xffffff, 0x102030, 0), 0x102030);
	assert_int_equal(colour_mix(0xff0040, 0x0000c0, 50), 0x800080);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_contrast),
	    cmocka_unit_test(test_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
