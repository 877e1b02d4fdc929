/* Certificates and keys as admins give them: what is said of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cert_maker.h"
#include "net/net_tls.h"

enum {
	DAY_S = 86400
};

struct shelf {
	struct cert root;
	struct cert middle;
	struct cert leaf;
	struct cert other;
	struct cert expired;
	char *chain;    /* leaf, middle, root */
	char *reversed; /* middle, leaf */
	char *jumbled;  /* leaf, root, middle */
	char *half;     /* leaf and a damaged one */
	char *locked;
	char *with_text;
};

static char *
join(const char *a, const char *b, const char *c)
{
	const size_t len = strlen(a) + strlen(b) + strlen(c) + 1;
	char *out = malloc(len);

	ensure(out != NULL);
	(void)snprintf(out, len, "%s%s%s", a, b, c);
	return out;
}

static int
set_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	ensure(shelf != NULL);
	shelf->root = cert_make(
	    &(struct cert_wish){.name = "Root", .is_ca = true, .to_s = DAY_S});
	shelf->middle = cert_make(&(struct cert_wish){.name = "Middle",
	    .is_ca = true,
	    .to_s = DAY_S,
	    .issuer = &shelf->root});
	shelf->leaf = cert_make(&(struct cert_wish){.name = "mail.example",
	    .alt = "DNS:mail.example",
	    .to_s = DAY_S,
	    .issuer = &shelf->middle});
	shelf->other = cert_make(
	    &(struct cert_wish){.name = "other.example", .to_s = DAY_S});
	shelf->expired = cert_make(&(struct cert_wish){
	    .name = "old.example", .from_s = -2L * DAY_S, .to_s = -DAY_S});
	shelf->chain =
	    join(shelf->leaf.pem, shelf->middle.pem, shelf->root.pem);
	shelf->reversed = join(shelf->middle.pem, shelf->leaf.pem, "");
	shelf->jumbled =
	    join(shelf->leaf.pem, shelf->root.pem, shelf->middle.pem);
	shelf->half = join(shelf->leaf.pem, "-----BEGIN CERTIFICATE-----\nMIIB",
	    "\n-----END CERTIFICATE-----\n");
	shelf->locked = cert_lock_key(&shelf->leaf, "open sesame");
	shelf->with_text = join("-----BEGIN EC PARAMETERS-----\n"
	                        "BggqhkjOPQMBBw==\n"
	                        "-----END EC PARAMETERS-----\n",
	    shelf->leaf.key_pem, "");
	*state = shelf;
	return 0;
}

static int
tear_down(void **state)
{
	struct shelf *shelf = *state;

	cert_end(&shelf->root);
	cert_end(&shelf->middle);
	cert_end(&shelf->leaf);
	cert_end(&shelf->other);
	cert_end(&shelf->expired);
	free(shelf->chain);
	free(shelf->reversed);
	free(shelf->jumbled);
	free(shelf->half);
	free(shelf->locked);
	free(shelf->with_text);
	free(shelf);
	return 0;
}

/* Exact-size copies, so that a byte too many is seen. */
static enum err_code
try_new(const char *certificate, const char *key, const char *password,
    struct net_tls **out, struct err *err)
{
	const size_t len = strlen(certificate);
	char *exact = malloc(len == 0 ? 1 : len);
	struct secret key_secret = cert_secret(key);
	struct secret password_secret =
	    cert_secret(password == NULL ? "" : password);
	const struct net_tls_site site = {
	    .identities = {{.certificate_pem = {exact, len},
	        .key_pem = &key_secret,
	        .key_password = password == NULL ? NULL : &password_secret,
	        .certificate_name = "cert.pem",
	        .key_name = "key.pem"}},
	    .identity_count = 1,
	};
	const struct net_tls_server_settings settings = {
	    .sites = &site, .site_count = 1, .has_tickets = true};
	enum err_code rc = ERR_OK;

	ensure(exact != NULL);
	memcpy(exact, certificate, len);
	rc = net_tls_new(&settings, out, err);
	free(exact);
	secret_end(&key_secret);
	secret_end(&password_secret);
	return rc;
}

static void
test_errors(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *name;
		const char *certificate;
		const char *key;
		const char *password;
		enum err_code expected;
		const char *message;
	} rows[] = {
	    {"good", shelf->leaf.pem, shelf->leaf.key_pem, NULL, ERR_OK, ""},
	    {"chain", shelf->chain, shelf->leaf.key_pem, NULL, ERR_OK, ""},
	    {"locked", shelf->chain, shelf->locked, "open sesame", ERR_OK, ""},
	    {"needless password", shelf->chain, shelf->leaf.key_pem, "x",
	        ERR_OK, ""},
	    {"parameters first", shelf->leaf.pem, shelf->with_text, NULL,
	        ERR_OK, ""},
	    {"expired", shelf->expired.pem, shelf->expired.key_pem, NULL,
	        ERR_OK, ""},
	    {"empty certificate", "", shelf->leaf.key_pem, NULL, ERR_CONFIG,
	        "The certificate file cert.pem holds no certificate in PEM "
	        "form (-----BEGIN CERTIFICATE-----)."},
	    {"not PEM", "0\x82\x01", shelf->leaf.key_pem, NULL, ERR_CONFIG,
	        "The certificate file cert.pem holds no certificate in PEM "
	        "form (-----BEGIN CERTIFICATE-----)."},
	    {"damaged", shelf->half, shelf->leaf.key_pem, NULL, ERR_CONFIG,
	        "A certificate in cert.pem is damaged: its PEM text cannot "
	        "be read."},
	    {"no key", shelf->leaf.pem, shelf->leaf.pem, NULL, ERR_CONFIG,
	        "The key file key.pem holds no private key in PEM form "
	        "(-----BEGIN PRIVATE KEY-----)."},
	    {"damaged key", shelf->leaf.pem,
	        "-----BEGIN PRIVATE KEY-----\nMIGH\n"
	        "-----END PRIVATE KEY-----\n",
	        NULL, ERR_CONFIG,
	        "The private key in key.pem is damaged or of an unknown "
	        "kind."},
	    {"no password", shelf->leaf.pem, shelf->locked, NULL, ERR_CONFIG,
	        "The key in key.pem is encrypted and no password for it is "
	        "configured."},
	    {"wrong password", shelf->leaf.pem, shelf->locked, "guess",
	        ERR_CONFIG,
	        "The configured password does not open the key in key.pem."},
	    {"other key", shelf->leaf.pem, shelf->other.key_pem, NULL,
	        ERR_CONFIG,
	        "The key in key.pem does not belong to the certificate in "
	        "cert.pem."},
	    {"leaf not first", shelf->reversed, shelf->leaf.key_pem, NULL,
	        ERR_CONFIG,
	        "The certificates in cert.pem are out of order: the server's "
	        "own must come first."},
	    {"jumbled", shelf->jumbled, shelf->leaf.key_pem, NULL, ERR_CONFIG,
	        "The certificates in cert.pem are out of order: number 2 did "
	        "not issue number 1. Put each one's issuer after it."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_tls *tls = NULL;
		struct err err = ERR_NONE;
		const enum err_code rc = try_new(rows[i].certificate,
		    rows[i].key, rows[i].password, &tls, &err);

		if (rc != rows[i].expected)
			print_error("row %s: %s\n", rows[i].name, err.message);
		assert_int_equal(rc, rows[i].expected);
		assert_string_equal(err.message, rows[i].message);
		assert_true((tls != NULL) == (rc == ERR_OK));
		net_tls_unref(tls);
	}
}

static void
test_facts(void **state)
{
	const struct shelf *shelf = *state;
	const struct net_tls_facts *facts = NULL;
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;

	assert_int_equal(
	    try_new(shelf->chain, shelf->leaf.key_pem, NULL, &tls, &err),
	    ERR_OK);
	facts = net_tls_facts(net_tls_ref(tls));
	assert_int_equal(strlen(facts->fingerprint_sha256), 95);
	assert_int_equal(facts->fingerprint_sha256[2], ':');
	assert_string_equal(facts->subject, "CN=mail.example");
	assert_string_equal(facts->issuer, "CN=Middle");
	assert_int_equal(facts->not_after_s - facts->not_before_s, DAY_S);
	assert_true(facts->not_before_s > 1700000000);
	assert_false(facts->is_self_signed);
	net_tls_unref(tls);
	net_tls_unref(tls);
	assert_int_equal(
	    try_new(shelf->other.pem, shelf->other.key_pem, NULL, &tls, &err),
	    ERR_OK);
	assert_true(net_tls_facts(tls)->is_self_signed);
	net_tls_unref(tls);
}

static void
test_client_settings(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *pem;
		enum err_code expected;
		const char *message;
	} rows[] = {
	    {shelf->root.pem, ERR_OK, ""},
	    {shelf->chain, ERR_OK, ""},
	    {"", ERR_OK, ""},
	    {"nonsense", ERR_CONFIG,
	        "The CA file ca.pem holds no certificate in PEM form "
	        "(-----BEGIN CERTIFICATE-----)."},
	    {shelf->half, ERR_CONFIG,
	        "Certificate number 2 in the CA file ca.pem is damaged."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_tls_client *tls = NULL;
		struct err err = ERR_NONE;
		const struct net_tls_client_settings settings = {
		    .trust = {.pem = str_c(rows[i].pem), .name = "ca.pem"},
		};

		assert_int_equal(net_tls_client_new(&settings, &tls, &err),
		    rows[i].expected);
		assert_string_equal(err.message, rows[i].message);
		net_tls_client_unref(tls);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_client_settings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
