/* Versions, ciphers and groups as admins write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/net_policy.h"

/* Every cipher list that is refused, and the word that is said of it. */
static void
test_refused_ciphers(void **state)
{
	static const struct {
		const char *list;
		const char *name;
		const char *why;
	} rows[] = {
	    {"ALL", "DHE-DSS-AES256-GCM-SHA384", "DSA"},
	    {"HIGH:!aNULL:!MD5", "DHE-DSS-AES256-GCM-SHA384", "DSA"},
	    {"ALL:!DSS", "ADH-AES256-GCM-SHA384", "anonymous"},
	    {"ECDHE+AESGCM:aNULL", "aNULL", "anonymous"},
	    {"ECDHE+AESGCM:ADH-AES256-SHA", "ADH-AES256-SHA", "anonymous"},
	    {"AECDH-AES128-SHA", "AECDH-AES128-SHA", "anonymous"},
	    {"eNULL", "eNULL", "does not encrypt"},
	    {"NULL-SHA256", "NULL-SHA256", "does not encrypt"},
	    {"ECDHE-RSA-NULL-SHA:ECDHE+AESGCM", "ECDHE-RSA-NULL-SHA",
	        "does not encrypt"},
	    {"COMPLEMENTOFALL", "COMPLEMENTOFALL", "does not encrypt"},
	    {"EXPORT", "EXPORT", "export"},
	    {"EXP-RC4-MD5", "EXP-RC4-MD5", "export"},
	    {"ECDHE+AESGCM EXP", "EXP", "export"},
	    {"LOW", "LOW", "weak"},
	    {"RC4-SHA", "RC4-SHA", "RC4"},
	    {"RC4+RSA", "RC4+RSA", "RC4"},
	    {"ECDHE+AESGCM,ecdhe-rsa-rc4-sha", "ecdhe-rsa-rc4-sha", "RC4"},
	    {"3DES", "3DES", "triple DES"},
	    {"DES-CBC3-SHA", "DES-CBC3-SHA", "triple DES"},
	    {"ECDHE+3DES", "ECDHE+3DES", "triple DES"},
	    {"DES-CBC-SHA", "DES-CBC-SHA", "DES"},
	    {"DES", "DES", "DES"},
	    {"IDEA-CBC-SHA", "IDEA-CBC-SHA", "IDEA"},
	    {"aDSS", "aDSS", "DSA"},
	    {"DHE-DSS-AES256-GCM-SHA384", "DHE-DSS-AES256-GCM-SHA384", "DSA"},
	    {"AESGCM+MD5", "AESGCM+MD5", "MD5"},
	    {"PSK-AES256-GCM-SHA384", "PSK-AES256-GCM-SHA384", "PSK"},
	    {"SRP-AES-256-CBC-SHA", "SRP-AES-256-CBC-SHA", "SRP"},
	    {"ECDHE-RSA-AES256-GCM-SHA348", "ECDHE-RSA-AES256-GCM-SHA348",
	        "does not know"},
	    {"ECDHE+AESGCM:@SECLEVEL=0", "@SECLEVEL=0", "weakness"},
	    {"DEFAULT@SECLEVEL=0", "@SECLEVEL=0", "weakness"},
	    {"ECDHE+AESGCM:!ALL", "leaves no cipher", ""},
	    {"!aNULL", "leaves no cipher", ""},
	    {"\xFF", "not plain text", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct net_tls_policy policy = {
		    .strength = NET_TLS_CUSTOM, .cipher_list = rows[i].list};
		struct err err = ERR_NONE;

		if (net_tls_policy_check(&policy, &err) != ERR_CONFIG)
			fail_msg("%s was taken", rows[i].list);
		if (strstr(err.message, rows[i].name) == NULL ||
		    strstr(err.message, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].list, err.message);
	}
}

/* And the first cipher that comes of those that are taken. */
static void
test_taken_ciphers(void **state)
{
	static const struct {
		const char *list;
		const char *first;
	} rows[] = {
	    {"", "ECDHE-ECDSA-AES256-GCM-SHA384"},
	    {"HIGH:!aNULL:!MD5:!DSS", "ECDHE-ECDSA-AES256-GCM-SHA384"},
	    {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
	    {"AES256-GCM-SHA384", "AES256-GCM-SHA384"},
	    {"ECDHE+AESGCM:DHE+AESGCM:!aNULL:!DSS:!RC4:!3DES:-AES128:@STRENGTH",
	        "ECDHE-ECDSA-AES256-GCM-SHA384"},
	    {"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
	     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
	     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
	     "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:"
	     "DHE-RSA-CHACHA20-POLY1305",
	        "ECDHE-ECDSA-AES128-GCM-SHA256"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct net_tls_policy policy = {
		    .strength = NET_TLS_CUSTOM, .cipher_list = rows[i].list};
		struct err err = ERR_NONE;
		SSL_CTX *context = NULL;
		const STACK_OF(SSL_CIPHER) *ciphers = NULL;
		const char *first = NULL;

		if (net_policy_context(
		        TLS_server_method(), &policy, &context, &err) != ERR_OK)
			fail_msg("%s: %s", rows[i].list, err.message);
		ciphers = SSL_CTX_get_ciphers(context);
		for (int c = 0; c < sk_SSL_CIPHER_num(ciphers); c++) {
			const SSL_CIPHER *cipher =
			    sk_SSL_CIPHER_value(ciphers, c);
			const char *name = SSL_CIPHER_get_name(cipher);

			assert_null(strstr(name, "PSK"));
			assert_null(strstr(name, "SRP"));
			if (first == NULL &&
			    strcmp(SSL_CIPHER_get_version(cipher), "TLSv1.3") !=
			        0)
				first = name;
		}
		assert_string_equal(first, rows[i].first);
		SSL_CTX_free(context);
	}
}

static void
test_wishes(void **state)
{
	static const struct {
		struct net_tls_policy policy;
		const char *message; /* NULL: taken */
	} rows[] = {
	    {{0}, NULL},
	    {{.strength = NET_TLS_MODERN}, NULL},
	    {{.strength = NET_TLS_MODERN, .min_version = NET_TLS_1_2}, NULL},
	    {{.strength = NET_TLS_MODERN, .max_version = NET_TLS_1_2},
	        "\"modern\" is TLS 1.3 only"},
	    {{.min_version = NET_TLS_1_3, .max_version = NET_TLS_1_2},
	        "newer than the newest"},
	    {{.min_version = NET_TLS_1_2, .max_version = NET_TLS_1_2}, NULL},
	    {{.groups = "P-384:X25519"}, NULL},
	    {{.groups = "P-384:P-385"}, "group P-385"},
	    {{.groups = ":"}, "leaves none"},
	    {{.groups = "P-256:\xE4"}, "not plain text"},
	    {{.strength = NET_TLS_CUSTOM, .cipher_suites = "\xE4"},
	        "not plain text"},
	    {{.groups = "P-256:P-256"}, "names one twice"},
	    {{.strength = NET_TLS_CUSTOM,
	         .cipher_suites = "TLS_AES_128_GCM_SHA256"},
	        NULL},
	    {{.strength = NET_TLS_CUSTOM, .cipher_suites = "TLS_SHA256_SHA256"},
	        "TLS 1.3 cipher suite TLS_SHA256_SHA256 is unknown"},
	    {{.strength = NET_TLS_CUSTOM, .cipher_suites = ":"}, "leaves none"},
	    /* Only CUSTOM looks at the lists. */
	    {{.cipher_list = "RC4"}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_NONE;
		const enum err_code rc =
		    net_tls_policy_check(&rows[i].policy, &err);

		if (rc != (rows[i].message == NULL ? ERR_OK : ERR_CONFIG))
			fail_msg("row %zu: %s", i, err.message);
		if (rows[i].message != NULL &&
		    strstr(err.message, rows[i].message) == NULL)
			fail_msg("row %zu: %s", i, err.message);
	}
}

/* What the two profiles are, in full. */
static void
test_profiles(void **state)
{
	static const char *const ciphers[] = {"TLS_AES_256_GCM_SHA384",
	    "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
	    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
	    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"};
	const int count = (int)(sizeof(ciphers) / sizeof(ciphers[0]));

	(void)state;
	for (int modern = 0; modern < 2; modern++) {
		const struct net_tls_policy policy = {
		    .strength = modern ? NET_TLS_MODERN : NET_TLS_INTERMEDIATE};
		SSL_CTX *context = NULL;
		SSL *ssl = NULL;
		STACK_OF(SSL_CIPHER) *got = NULL;

		assert_int_equal(net_policy_context(TLS_server_method(),
		                     &policy, &context, NULL),
		    ERR_OK);
		assert_int_equal(SSL_CTX_get_security_level(context), 2);
		ssl = SSL_new(context);
		got = SSL_get1_supported_ciphers(ssl);
		assert_int_equal(sk_SSL_CIPHER_num(got), modern ? 3 : count);
		for (int i = 0; i < sk_SSL_CIPHER_num(got); i++)
			assert_string_equal(ciphers[i],
			    SSL_CIPHER_get_name(sk_SSL_CIPHER_value(got, i)));
		sk_SSL_CIPHER_free(got);
		SSL_free(ssl);
		SSL_CTX_free(context);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused_ciphers),
	    cmocka_unit_test(test_taken_ciphers),
	    cmocka_unit_test(test_wishes),
	    cmocka_unit_test(test_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
