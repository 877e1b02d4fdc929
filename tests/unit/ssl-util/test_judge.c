/* OCSP responses, and what is found on certificates, as bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <openssl/ocsp.h>

#include "../../../ssl-util/build.h"
#include "../../../ssl-util/judge.h"
#include "../../../ssl-util/judge_ocsp.h"
#include "../../../ssl-util/key.h"
#include "../../../ssl-util/own.h"
#include "../../../ssl-util/report.h"

#define DAY_S (24L * 60 * 60)

struct fixture {
	EVP_PKEY *root_key, *key;
	X509 *root, *leaf, *other;
	struct err err;
};

static X509 *
make_cert(struct fixture *f, const char *name, enum build_purpose purpose,
    EVP_PKEY *key, X509 *issuer)
{
	struct options options = {.name = str_c(name)};
	STACK_OF(X509_EXTENSION) *list = NULL;
	X509 *cert = X509_new();

	assert_int_equal(
	    build_subject(X509_get_subject_name(cert), &options, &f->err),
	    ERR_OK);
	assert_int_equal(
	    build_extensions(purpose, key, NULL, false, &list, &f->err),
	    ERR_OK);
	assert_int_equal(build_cert(cert, key, 10, list, &f->err), ERR_OK);
	assert_int_equal(
	    build_issuer(cert, issuer != NULL ? issuer : cert, &f->err),
	    ERR_OK);
	own_extensions_free(&list);
	return cert;
}

/* Signed, and read anew: OpenSSL remembers what it saw of a certificate. */
static void
sign(struct fixture *f, X509 **cert, const EVP_MD *digest)
{
	unsigned char *der = NULL;

	assert_true(X509_sign(*cert, f->root_key, digest) > 0);
	int len = i2d_X509(*cert, &der);
	const unsigned char *at = der;
	X509_free(*cert);
	*cert = d2i_X509(NULL, &at, len);
	assert_non_null(*cert);
	OPENSSL_free(der);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(
	    key_make(STR("rsa:2048"), &f->root_key, &f->err), ERR_OK);
	assert_int_equal(key_make(STR("ec:p256"), &f->key, &f->err), ERR_OK);
	f->root = make_cert(f, "Root", BUILD_AUTHORITY, f->root_key, NULL);
	f->leaf = make_cert(f, "Leaf", BUILD_SERVER, f->key, f->root);
	f->other = make_cert(f, "Other", BUILD_CLIENT, f->key, f->root);
	sign(f, &f->root, EVP_sha256());
	sign(f, &f->leaf, EVP_sha256());
	sign(f, &f->other, EVP_sha256());
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	key_free(&f->root_key);
	key_free(&f->key);
	own_cert_free(&f->root);
	own_cert_free(&f->leaf);
	own_cert_free(&f->other);
	free(f);
	return 0;
}

struct row {
	const char *name;
	bool is_for_other;
	int status;
	long from_s, until_s; /* from now */
	bool is_signed_by_leaf;
	enum judge_ocsp_state expected;
};

/* DER; freed by OPENSSL_free. */
static unsigned char *
make_response(struct fixture *f, const struct row *row, int *len)
{
	X509 *cert = row->is_for_other ? f->other : f->leaf;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, f->root);
	ASN1_TIME *from = X509_gmtime_adj(NULL, row->from_s);
	ASN1_TIME *until = X509_gmtime_adj(NULL, row->until_s);
	ASN1_TIME *revoked = X509_gmtime_adj(NULL, -DAY_S);
	unsigned char *der = NULL;

	assert_non_null(OCSP_basic_add1_status(
	    basic, id, row->status, 1, revoked, from, until));
	assert_int_equal(
	    OCSP_basic_sign(basic, row->is_signed_by_leaf ? f->leaf : f->root,
	        row->is_signed_by_leaf ? f->key : f->root_key, EVP_sha256(),
	        NULL, 0),
	    1);
	OCSP_RESPONSE *response =
	    OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	*len = i2d_OCSP_RESPONSE(response, &der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	ASN1_TIME_free(revoked);
	return der;
}

static void
judge_copy(const unsigned char *der, size_t len, STACK_OF(X509) * chain,
    struct judge_ocsp *out)
{
	char *exact = malloc(len > 0 ? len : 1);

	memcpy(exact, der, len);
	judge_ocsp_read(str_of(exact, len), chain, out);
	free(exact);
}

static void
test_responses(void **state)
{
	struct fixture *f = *state;
	static const struct row rows[] = {
	    {"good", false, V_OCSP_CERTSTATUS_GOOD, -60, DAY_S, false,
	        JUDGE_OCSP_GOOD},
	    {"revoked", false, V_OCSP_CERTSTATUS_REVOKED, -60, DAY_S, false,
	        JUDGE_OCSP_REVOKED},
	    {"unknown", false, V_OCSP_CERTSTATUS_UNKNOWN, -60, DAY_S, false,
	        JUDGE_OCSP_BAD},
	    {"past", false, V_OCSP_CERTSTATUS_GOOD, -2 * DAY_S, -DAY_S, false,
	        JUDGE_OCSP_STALE},
	    {"future", false, V_OCSP_CERTSTATUS_GOOD, DAY_S, 2 * DAY_S, false,
	        JUDGE_OCSP_STALE},
	    {"another's", true, V_OCSP_CERTSTATUS_GOOD, -60, DAY_S, false,
	        JUDGE_OCSP_FOREIGN},
	    {"by the server itself", false, V_OCSP_CERTSTATUS_GOOD, -60, DAY_S,
	        true, JUDGE_OCSP_BAD},
	};
	STACK_OF(X509) *chain = sk_X509_new_null();

	assert_int_equal(X509_add_cert(chain, f->leaf, 0), 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judge_ocsp verdict;
		int len = 0;
		unsigned char *der = make_response(f, &rows[i], &len);

		/* Without its issuer nothing can be verified. */
		assert_int_equal(sk_X509_num(chain), 1);
		judge_copy(der, (size_t)len, chain, &verdict);
		assert_int_equal(verdict.state, JUDGE_OCSP_BAD);
		assert_int_equal(X509_add_cert(chain, f->root, 0), 1);
		judge_copy(der, (size_t)len, chain, &verdict);
		if (verdict.state != rows[i].expected)
			print_error("%s: %s\n", rows[i].name, verdict.why);
		assert_int_equal(verdict.state, rows[i].expected);
		assert_true(verdict.why[0] != '\0');
		for (size_t cut = 0; cut < (size_t)len; cut++) {
			judge_copy(der, cut, chain, &verdict);
			assert_int_equal(verdict.state, JUDGE_OCSP_BAD);
		}
		(void)sk_X509_pop(chain);
		OPENSSL_free(der);
	}
	sk_X509_free(chain);
}

static unsigned
found_on(struct fixture *f, X509 *cert, bool is_client, size_t *problems)
{
	CLEANUP(buf_free) struct buf out;
	struct report report = {.out = &out, .is_json = true};
	unsigned found = 0;
	STACK_OF(X509) *chain = sk_X509_new_null();
	const struct judge judge = {.report = &report,
	    .found = &found,
	    .cert_path = "c",
	    .key_path = "k",
	    .name = "mail.example.org",
	    .is_client = is_client,
	    .all = chain};

	(void)f;
	buf_init(&out, 100000);
	assert_int_equal(X509_add_cert(chain, cert, 0), 1);
	judge_dates(&judge, chain);
	judge_strength(&judge, chain);
	judge_purpose(&judge, cert);
	report_end(&report);
	*problems = report.problem_count;
	sk_X509_free(chain);
	return found;
}

static void
test_found(void **state)
{
	struct fixture *f = *state;
	size_t problems = 0;

	assert_int_equal(found_on(f, f->leaf, false, &problems), 0);
	assert_int_equal(problems, 0);
	assert_int_equal(found_on(f, f->other, true, &problems), 0);
	assert_int_equal(found_on(f, f->leaf, true, &problems), JUDGE_PURPOSE);
	assert_int_equal(
	    found_on(f, f->other, false, &problems), JUDGE_PURPOSE);
	assert_int_equal(problems, 1);
	assert_int_equal(found_on(f, f->root, false, &problems), JUDGE_PURPOSE);
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(f->leaf), -10));
	assert_int_equal(found_on(f, f->leaf, false, &problems), JUDGE_EXPIRED);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(f->leaf), DAY_S));
	assert_int_equal(found_on(f, f->leaf, false, &problems), JUDGE_NOT_YET);
	sign(f, &f->other, EVP_sha1());
	assert_int_equal(found_on(f, f->other, true, &problems), JUDGE_SHA1);
	sign(f, &f->other, EVP_md5());
	assert_int_equal(found_on(f, f->other, true, &problems), JUDGE_MD5);
}

static void
test_json(void **state)
{
	(void)state;
	CLEANUP(buf_free) struct buf out;
	struct report report = {.out = &out, .is_json = true};

	buf_init(&out, 4096);
	report_ok(&report, "a", "%s", "it is \"well\"\n");
	report_bad(&report, "b", "not so");
	report_mend(&report, "do %d", 3);
	report_note(&report, "c", "know");
	report_end(&report);
	report_end(&report);
	buf_add_byte(&out, '\0');
	assert_string_equal(buf_str(&out).ptr,
	    "{\"level\":\"ok\",\"what\":\"a\",\"text\":\"it is "
	    "\\\"well\\\"\\u000a\"},"
	    "{\"level\":\"bad\",\"what\":\"b\",\"text\":\"not "
	    "so\",\"mend\":\"do 3\"},"
	    "{\"level\":\"note\",\"what\":\"c\",\"text\":\"know\"}");
	assert_int_equal(report.problem_count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_responses, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_found, setup, teardown),
	    cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
