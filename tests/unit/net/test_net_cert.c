/* A certificate in DER as people are told of it; nothing else is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cert_maker.h"
#include "net/net_cert.h"

static void
test_read(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct cert ca =
	    cert_make(&(struct cert_wish){.name = "J\xc3\xb6rg's CA",
	        .is_ca = true,
	        .from_s = -60,
	        .to_s = 600});
	struct cert leaf = cert_make(&(struct cert_wish){
	    .name = "anna", .issuer = &ca, .from_s = -60, .to_s = 600});
	struct net_cert_facts facts;
	struct err err = ERR_NONE;
	unsigned char *der = NULL;
	int len = i2d_X509(ca.x509, &der);

	(void)state;
	assert_true(len > 0);
	assert_int_equal(
	    net_cert_read(
	        arena, str_of((const char *)der, (size_t)len), &facts, &err),
	    ERR_OK);
	assert_true(str_eq(facts.subject, STR("CN=J\xc3\xb6rg's CA")));
	assert_int_equal(facts.fingerprint_sha256.len, 32 * 3 - 1);
	assert_int_equal(facts.fingerprint_sha1.len, 20 * 3 - 1);
	assert_int_equal(facts.not_after_s - facts.not_before_s, 660);
	assert_true(facts.is_self_signed);
	/* Cut off at every byte, in a block of exactly that size. */
	for (int cut = 0; cut < len; cut++) {
		char *copy = malloc(cut == 0 ? 1 : (size_t)cut);

		assert_non_null(copy);
		memcpy(copy, der, (size_t)cut);
		assert_int_equal(net_cert_read(arena, str_of(copy, (size_t)cut),
		                     &facts, &err),
		    ERR_INPUT);
		free(copy);
	}
	OPENSSL_free(der);
	der = NULL;
	len = i2d_X509(leaf.x509, &der);
	assert_int_equal(
	    net_cert_read(
	        arena, str_of((const char *)der, (size_t)len), &facts, &err),
	    ERR_OK);
	assert_false(facts.is_self_signed);
	OPENSSL_free(der);
	assert_int_equal(
	    net_cert_read(arena, str_c(ca.pem), &facts, &err), ERR_INPUT);
	cert_end(&leaf);
	cert_end(&ca);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
