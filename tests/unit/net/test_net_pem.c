#include "net/net_pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "cert_maker.h"

#define DAY_S 86400L

static struct cert
made(const char *name, long days)
{
	return cert_make(&(struct cert_wish){.name = name,
	    .is_ca = true,
	    .from_s = -DAY_S,
	    .to_s = days * DAY_S});
}

/* A list of an authority that is good for so many seconds. */
static char *
made_crl(const struct cert *issuer, long seconds)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
	ASN1_TIME *end = X509_gmtime_adj(NULL, seconds);
	BIO *bio = BIO_new(BIO_s_mem());

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
	X509_CRL_set1_lastUpdate(crl, now);
	X509_CRL_set1_nextUpdate(crl, end);
	assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
	PEM_write_bio_X509_CRL(bio, crl);
	ASN1_TIME_free(now);
	ASN1_TIME_free(end);
	X509_CRL_free(crl);
	return cert_take_text(bio);
}

static char *
both(const char *a, const char *b)
{
	char *out = NULL;

	assert_true(asprintf(&out, "%s%s", a, b) > 0);
	return out;
}

static void
test_to_der(void **state)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(1 << 20);
	struct cert first = made("first", 10);
	struct cert second = made("second", 20);
	char *two = both(first.pem, second.pem);
	char *with_key = both(first.pem, first.key_pem);
	char *locked = cert_lock_key(&first, "x");
	char *with_locked = both(first.pem, locked);
	const unsigned char *at = NULL;
	X509 *back = NULL;
	struct err err = ERR_NONE;
	struct str der;

	(void)state;
	assert_int_equal(
	    net_pem_to_der(arena, str_c(two), "/e/ca", &der, &err), ERR_OK);
	at = (const unsigned char *)der.ptr;
	back = d2i_X509(NULL, &at, (long)der.len);
	assert_int_equal(X509_cmp(back, first.x509), 0);
	X509_free(back);
	assert_int_equal(
	    net_pem_to_der(arena, str_c(with_key), "/e/ca", &der, &err),
	    ERR_CONFIG);
	assert_int_equal(der.len, 0);
	assert_non_null(strstr(err.message, "/e/ca holds a private key"));
	assert_int_equal(
	    net_pem_to_der(arena, str_c(with_locked), "/e/ca", &der, &err),
	    ERR_CONFIG);
	assert_int_equal(
	    net_pem_to_der(arena, STR("hello"), "/e/ca", &der, &err),
	    ERR_CONFIG);
	assert_non_null(strstr(err.message, "/e/ca holds no certificate"));
	assert_int_equal(
	    net_pem_to_der(arena, STR(""), "/e/ca", &der, &err), ERR_CONFIG);
	cert_end(&first);
	cert_end(&second);
	free(two);
	free(with_key);
	free(locked);
	free(with_locked);
}

static void
assert_near(int64_t actual_s, long expected_s)
{
	int64_t difference = actual_s - ((int64_t)time(NULL) + expected_s);

	assert_true(difference > -60 && difference < 60);
}

static void
test_ends(void **state)
{
	struct cert first = made("first", 10);
	struct cert second = made("second", 3);
	char *two = both(first.pem, second.pem);
	char *late = made_crl(&first, 9 * DAY_S);
	char *early = made_crl(&second, -2 * DAY_S);
	char *lists = both(late, early);
	int64_t end_s = 0;

	(void)state;
	assert_int_equal(net_pem_certificate_count(str_c(two)), 2);
	assert_int_equal(net_pem_certificate_count(STR("nothing")), 0);
	assert_true(net_pem_certificate_end(str_c(two), &end_s));
	assert_near(end_s, 10 * DAY_S);
	assert_false(net_pem_certificate_end(str_c(lists), &end_s));
	assert_int_equal(net_pem_crl_count(str_c(lists)), 2);
	assert_int_equal(net_pem_crl_count(str_c(two)), 0);
	assert_true(net_pem_crl_end(str_c(lists), &end_s));
	assert_near(end_s, -2 * DAY_S);
	assert_true(net_pem_crl_end(str_c(late), &end_s));
	assert_near(end_s, 9 * DAY_S);
	assert_false(net_pem_crl_end(STR(""), &end_s));
	cert_end(&first);
	cert_end(&second);
	free(two);
	free(late);
	free(early);
	free(lists);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_to_der),
	    cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
