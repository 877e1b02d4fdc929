#include "config/config_parse.h"

bool
config_is_domain(struct str value)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz"
	                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                          "0123456789-._";
	size_t at = 0;

	if (!str_is_utf8(value))
		return false;
	/* A domain in any alphabet, but nothing that ends an address. */
	while (at < value.len) {
		uint32_t code_point = text_next(value, &at);

		if (code_point == 0 ||
		    (code_point >= 0x80 && code_point < 0xa1))
			return false;
		if (code_point < 0x80 && strchr(set, (int)code_point) == NULL)
			return false;
	}
	return true;
}

/*
 * Capital letters of the alphabets that have them and that stand in domains
 * today: first, last, how far the small one is, and whether capital and small
 * letters alternate (Unicode, CaseFolding.txt, status C).
 */
static const struct {
	uint32_t first, last, distance;
	bool alternates;
} capitals[] = {
    {'A', 'Z', 32, false},
    {0xc0, 0xd6, 32, false}, /* Latin-1; 0xd7 is the times sign */
    {0xd8, 0xde, 32, false}, {0x100, 0x137, 1, true}, /* Latin Extended-A */
    {0x139, 0x148, 1, true}, /* here the odd ones are capital */
    {0x14a, 0x177, 1, true}, {0x179, 0x17e, 1, true},
    {0x388, 0x38a, 37, false}, /* Greek with accents */
    {0x391, 0x3a1, 32, false}, {0x3a3, 0x3ab, 32, false},
    {0x400, 0x40f, 80, false}, /* Cyrillic */
    {0x410, 0x42f, 32, false}, {0x460, 0x481, 1, true}, {0x48a, 0x4bf, 1, true},
    {0x531, 0x556, 48, false}, /* Armenian */
    {0x1e00, 0x1e95, 1, true}, /* Latin Extended Additional */
    {0x1ea0, 0x1eff, 1, true}, /* Vietnamese */
};

static uint32_t
small_of(uint32_t code_point)
{
	for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++) {
		uint32_t offset = code_point - capitals[i].first;

		if (code_point < capitals[i].first ||
		    code_point > capitals[i].last)
			continue;
		if (capitals[i].alternates && offset % 2 != 0)
			return code_point;
		return code_point + capitals[i].distance;
	}
	return code_point;
}

bool
config_domain_eq(struct str a, struct str b)
{
	size_t at_a = 0;
	size_t at_b = 0;

	while (at_a < a.len && at_b < b.len)
		if (small_of(text_next(a, &at_a)) !=
		    small_of(text_next(b, &at_b)))
			return false;
	return at_a == a.len && at_b == b.len;
}
