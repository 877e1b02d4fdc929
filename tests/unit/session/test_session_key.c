/* Derived keys are those of HKDF-SHA256 (RFC 5869), as OpenSSL has it. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "session/session_key.h"

#include "browser.h"

#define KEY "0123456789abcdef0123456789abcdef"

static void
hkdf(struct str material, struct str info, unsigned char *out)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	char digest[] = "SHA256";
	char key[128];
	char words[128];

	memcpy(key, material.ptr, material.len);
	memcpy(words, info.ptr, info.len);
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_octet_string(
	        OSSL_KDF_PARAM_KEY, key, material.len),
	    OSSL_PARAM_construct_octet_string(
	        OSSL_KDF_PARAM_INFO, words, info.len),
	    OSSL_PARAM_construct_end()};
	assert_int_equal(
	    EVP_KDF_derive(ctx, out, SESSION_HASH_BYTES, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static void
keys_are_those_of_hkdf(void **state)
{
	struct sessions sessions = {.hmac = session_key_hmac()};
	struct err err = ERR_NONE;
	unsigned char got[SESSION_HASH_BYTES];
	unsigned char wanted[SESSION_HASH_BYTES];

	(void)state;
	assert_non_null(sessions.hmac);
	assert_int_equal(secret_init(&sessions.key, STR(KEY), &err), ERR_OK);
	assert_int_equal(
	    session_key_derive(&sessions, STR(""), "image", STR(""), got, &err),
	    ERR_OK);
	hkdf(STR(KEY), str_of("iwebmsg image", 14), wanted);
	assert_memory_equal(got, wanted, sizeof(got));
	assert_int_equal(session_key_derive(&sessions, STR("a secret"), "known",
	                     STR("of whom"), got, &err),
	    ERR_OK);
	hkdf(STR(KEY "a secret"), str_of("iwebmsg known\0of whom", 21), wanted);
	assert_memory_equal(got, wanted, sizeof(got));
	secret_end(&sessions.key);
	EVP_MAC_CTX_free(sessions.hmac);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_those_of_hkdf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
