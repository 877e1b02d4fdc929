/* FIPS=1 on this machine: on, or a full sentence and everything as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "net/net_fips.h"

static bool
has_chacha(void)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	const bool is_there = cipher != NULL;

	EVP_CIPHER_free(cipher);
	return is_there;
}

static void
test_start(void **state)
{
	struct err err = ERR_NONE;
	const enum err_code rc = net_fips_start(&err);

	(void)state;
	assert_int_equal(net_fips_is_on(), rc == ERR_OK);
	assert_int_equal(has_chacha(), rc != ERR_OK);
	if (rc == ERR_OK) {
		assert_int_equal(net_fips_start(&err), ERR_OK);
		return;
	}
	/* Debian 12 brings no such provider. */
	assert_int_equal(rc, ERR_CONFIG);
	assert_non_null(strstr(err.message, "FIPS provider (fips.so)"));
	assert_non_null(strstr(err.message, "set FIPS=0."));
	/* And again: the same, not a crash or a silent success. */
	assert_int_equal(net_fips_start(&err), ERR_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_start)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
