#include "suite.h"

#include "base/str.h"

static const struct {
	uint16_t number;
	const char *name;
} SUITES[] = {
/* A macro because the table is of text and number of one list. */
#define SUITE(number, name) {number, #name},
#include "suite.def"
#undef SUITE
};

size_t
suite_count(void)
{
	return sizeof(SUITES) / sizeof(SUITES[0]);
}

static bool
has(struct str name, struct str word)
{
	return str_find(name, word, 0) < name.len;
}

static enum suite_exchange
exchange_of(struct str name)
{
	if (!has(name, STR("_WITH_")))
		return SUITE_ANY;
	if (has(name, STR("_anon_")))
		return SUITE_ANONYMOUS;
	if (str_starts(name, STR("TLS_ECDHE_")))
		return SUITE_ECDHE;
	if (str_starts(name, STR("TLS_DHE_")))
		return SUITE_DHE;
	return str_starts(name, STR("TLS_ECDH_")) ||
	               str_starts(name, STR("TLS_DH_"))
	           ? SUITE_STATIC
	           : SUITE_RSA;
}

static unsigned
bits_of(struct str name)
{
	static const struct {
		const char *word;
		unsigned bits;
	} words[] = {{"_NULL_", 0}, {"RC4_40", 40}, {"CBC_40", 40},
	    {"DES40", 40}, {"RC4_56", 56}, {"RC2_56", 56}, {"_3DES_", 112},
	    {"_DES_", 56}, {"_256_", 256}, {"CHACHA20", 256}, {"AES_256", 256},
	    {"", 128}};
	size_t i = 0;

	while (!has(name, str_c(words[i].word)))
		i++;
	return words[i].bits;
}

static struct suite
describe(uint16_t number, const char *words)
{
	struct str name = str_c(words);

	return (struct suite){.number = number,
	    .name = words,
	    .exchange = exchange_of(name),
	    .bits = bits_of(name),
	    .is_aead = has(name, STR("_GCM_")) || has(name, STR("_CCM")) ||
	               has(name, STR("POLY1305")),
	    .is_rc4 = has(name, STR("RC4")),
	    .is_small_block = has(name, STR("DES")) || has(name, STR("IDEA")) ||
	                      has(name, STR("RC2")),
	    .is_export = has(name, STR("EXPORT"))};
}

struct suite
suite_at(size_t index)
{
	return describe(SUITES[index].number, SUITES[index].name);
}

struct suite
suite_of(uint16_t number)
{
	for (size_t i = 0; i < suite_count(); i++)
		if (SUITES[i].number == number)
			return suite_at(i);
	return (struct suite){.number = number, .name = "unknown", .bits = 128};
}

bool
suite_has_secrecy(const struct suite *suite)
{
	return suite->exchange <= SUITE_DHE;
}

enum suite_group
suite_group_of(const struct suite *suite)
{
	if (suite->exchange == SUITE_ANONYMOUS || suite->is_export ||
	    suite->bits < 112)
		return SUITE_BROKEN;
	if (suite->is_rc4 || suite->is_small_block)
		return SUITE_WEAK;
	if (!suite_has_secrecy(suite))
		return SUITE_NO_SECRECY;
	return suite->is_aead ? SUITE_STRONG : SUITE_CBC;
}
