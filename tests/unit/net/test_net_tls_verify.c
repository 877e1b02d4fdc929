/* Client certificates: every verdict, in every mode, over real handshakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <signal.h>

#include "net/net_tls_text.h"
#include "net/net_tls_verify.h"
#include "tls_door.h"

struct shelf {
	struct cert server;
	struct secret server_key;
	struct cert root, sub, stranger;
	struct cert anna, by_sub, by_stranger, expired, future, revoked;
	struct cert server_use, weak, self, other_self, by_self;
	char *fresh_crl, *stale_crl, *sub_crl, *root_crl_of_sub, *self_crl;
	char pem[3][8192]; /* root and self; root and sub; root and key */
};

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static struct cert
make_leaf(const char *name, const struct cert *issuer, const char *use)
{
	return cert_make(&(struct cert_wish){.name = name,
	    .issuer = issuer,
	    .from_s = -3600,
	    .to_s = DOOR_DAY_S,
	    .use = use});
}

static struct cert
make_ca(const char *name, const struct cert *issuer)
{
	return cert_make(&(struct cert_wish){.name = name,
	    .issuer = issuer,
	    .is_ca = true,
	    .from_s = -3600,
	    .to_s = DOOR_DAY_S});
}

static void
make_leaves(struct shelf *shelf)
{
	shelf->anna = cert_make(&(struct cert_wish){.name = "Anna Ärmel",
	    .alt = "email:anna@demo.test,email:other@demo.test",
	    .issuer = &shelf->root,
	    .from_s = -3600,
	    .to_s = DOOR_DAY_S,
	    .use = "clientAuth",
	    .email = "old@demo.test"});
	shelf->by_sub = make_leaf("by-sub", &shelf->sub, "clientAuth");
	shelf->by_stranger = make_leaf("by-stranger", &shelf->stranger, NULL);
	shelf->revoked = make_leaf("revoked", &shelf->root, NULL);
	shelf->server_use = make_leaf("server", &shelf->root, "serverAuth");
	shelf->self = make_leaf("self", NULL, NULL);
	shelf->other_self = make_leaf("self", NULL, NULL);
	shelf->by_self = make_leaf("by-self", &shelf->self, NULL);
	shelf->expired = cert_make(&(struct cert_wish){.name = "expired",
	    .issuer = &shelf->root,
	    .from_s = -2L * DOOR_DAY_S,
	    .to_s = -DOOR_DAY_S});
	shelf->future = cert_make(&(struct cert_wish){.name = "future",
	    .issuer = &shelf->root,
	    .from_s = DOOR_DAY_S,
	    .to_s = 2L * DOOR_DAY_S});
	shelf->weak = cert_make(&(struct cert_wish){.name = "weak",
	    .issuer = &shelf->root,
	    .from_s = -3600,
	    .to_s = DOOR_DAY_S,
	    .rsa_bits = 1024});
}

static int
set_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	ensure(shelf != NULL);
	shelf->server = make_leaf("door", NULL, NULL);
	shelf->server_key = cert_secret(shelf->server.key_pem);
	shelf->root = make_ca("Root", NULL);
	shelf->sub = make_ca("Sub", &shelf->root);
	shelf->stranger = make_ca("Stranger", NULL);
	make_leaves(shelf);
	shelf->fresh_crl =
	    cert_revoke(&shelf->root, &shelf->revoked, -60, 3600);
	shelf->stale_crl =
	    cert_revoke(&shelf->root, &shelf->revoked, -3600, -60);
	shelf->sub_crl = cert_revoke(&shelf->sub, NULL, -60, 3600);
	shelf->root_crl_of_sub =
	    cert_revoke(&shelf->root, &shelf->sub, -60, 3600);
	shelf->self_crl = cert_revoke(&shelf->stranger, NULL, -60, 3600);
	(void)snprintf(shelf->pem[0], sizeof(shelf->pem[0]), "%s%s",
	    shelf->root.pem, shelf->self.pem);
	(void)snprintf(shelf->pem[1], sizeof(shelf->pem[1]), "%s%s",
	    shelf->sub.pem, shelf->root.pem);
	(void)snprintf(shelf->pem[2], sizeof(shelf->pem[2]), "%s%s",
	    shelf->root.pem, shelf->root.key_pem);
	*state = shelf;
	return 0;
}

static int
tear_down(void **state)
{
	struct shelf *shelf = *state;
	struct cert *const certs[] = {&shelf->server, &shelf->root, &shelf->sub,
	    &shelf->stranger, &shelf->anna, &shelf->by_sub, &shelf->by_stranger,
	    &shelf->expired, &shelf->future, &shelf->revoked,
	    &shelf->server_use, &shelf->weak, &shelf->self, &shelf->other_self,
	    &shelf->by_self};

	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++)
		cert_end(certs[i]);
	secret_end(&shelf->server_key);
	free(shelf->fresh_crl);
	free(shelf->stale_crl);
	free(shelf->sub_crl);
	free(shelf->root_crl_of_sub);
	free(shelf->self_crl);
	free(shelf);
	return 0;
}

static enum err_code
try_tls(const struct shelf *shelf, enum net_tls_verify verify,
    const struct net_tls_trust *trust, const struct net_tls_trust *proxies,
    struct net_tls **out, struct err *err)
{
	const struct net_tls_site site = {
	    .identities = {door_identity(
	        shelf->server.pem, &shelf->server_key)},
	    .identity_count = 1,
	    .verify = verify,
	    .trust = *trust};
	const struct net_tls_server_settings settings = {.sites = &site,
	    .site_count = 1,
	    .has_tickets = true,
	    .proxy_trust = proxies};

	return net_tls_new(&settings, out, err);
}

static struct net_tls *
make_tls(const struct shelf *shelf, enum net_tls_verify verify,
    const struct net_tls_trust *trust)
{
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;

	if (try_tls(shelf, verify, trust, NULL, &tls, &err) != ERR_OK)
		fail_msg("%s", err.message);
	return tls;
}

/* ---- every verdict in every mode ---- */

struct row {
	const char *name;
	const struct cert *cert;
	const char *more_pem;
	enum net_tls_verdict verdict;
};

static bool
is_let_in(enum net_tls_verify verify, enum net_tls_verdict verdict)
{
	if (verdict == NET_TLS_CERT_NONE)
		return verify != NET_TLS_VERIFY_REQUIRED;
	return verdict == NET_TLS_CERT_GOOD || verify == NET_TLS_VERIFY_EXPLAIN;
}

static void
check_row(struct door *door, enum net_tls_verify verify, const struct row *row)
{
	for (size_t v = 0; v < 2; v++) {
		const struct door_answer answer =
		    door_try(door, &(struct door_call){.version = versions[v],
		                       .cert = row->cert,
		                       .more_pem = row->more_pem,
		                       .ciphers = "ALL:@SECLEVEL=0"});

		if (answer.is_open != is_let_in(verify, row->verdict))
			fail_msg("%s, mode %d: open %d, verdict %d", row->name,
			    (int)verify, answer.is_open,
			    (int)answer.peer.verdict);
		if (!answer.is_open)
			continue;
		if (answer.peer.verdict != row->verdict)
			fail_msg("%s: verdict %d (%s)", row->name,
			    (int)answer.peer.verdict, answer.peer.reason);
		assert_int_equal(answer.peer.verify, verify);
		assert_int_equal(
		    answer.peer.reason[0] == '\0', row->verdict <= 1);
		assert_int_equal(strlen(answer.peer.fingerprint_sha256),
		    row->cert == NULL ? 0 : 95);
		assert_false(answer.peer.is_proxy);
	}
}

static void
check_rows(const struct shelf *shelf, const struct net_tls_trust *trust,
    const struct row *rows, size_t count)
{
	for (int verify = NET_TLS_VERIFY_OPTIONAL;
	     verify <= NET_TLS_VERIFY_EXPLAIN; verify++) {
		struct net_tls *tls =
		    make_tls(shelf, (enum net_tls_verify)verify, trust);
		struct door door;

		door_open(&door, tls);
		for (size_t i = 0; i < count; i++)
			check_row(&door, (enum net_tls_verify)verify, &rows[i]);
		door_close(&door);
		net_tls_unref(tls);
	}
}

static void
test_verdicts(void **state)
{
	const struct shelf *shelf = *state;
	const struct row rows[] = {
	    {"none", NULL, NULL, NET_TLS_CERT_NONE},
	    {"good", &shelf->anna, NULL, NET_TLS_CERT_GOOD},
	    {"by a sub we learn from the browser", &shelf->by_sub,
	        shelf->sub.pem, NET_TLS_CERT_GOOD},
	    {"by a sub we do not know", &shelf->by_sub, NULL,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {"stranger", &shelf->by_stranger, NULL, NET_TLS_CERT_UNKNOWN_CA},
	    {"stranger with his root", &shelf->by_stranger, shelf->stranger.pem,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {"expired", &shelf->expired, NULL, NET_TLS_CERT_EXPIRED},
	    {"future", &shelf->future, NULL, NET_TLS_CERT_NOT_YET},
	    {"server's", &shelf->server_use, NULL, NET_TLS_CERT_WRONG_PURPOSE},
	    {"weak key", &shelf->weak, NULL, NET_TLS_CERT_BAD},
	    {"self-signed, trusted", &shelf->self, NULL, NET_TLS_CERT_GOOD},
	    {"self-signed, not trusted", &shelf->other_self, NULL,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {"issued by a self-signed one", &shelf->by_self, NULL,
	        NET_TLS_CERT_UNKNOWN_CA},
	    {"the same with it sent along", &shelf->by_self, shelf->self.pem,
	        NET_TLS_CERT_UNKNOWN_CA},
	};

	check_rows(shelf,
	    &(struct net_tls_trust){
	        .pem = str_c(shelf->pem[0]), .name = "trust.pem"},
	    rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_revocation(void **state)
{
	const struct shelf *shelf = *state;
	const struct row fresh[] = {
	    {"good", &shelf->anna, NULL, NET_TLS_CERT_GOOD},
	    {"revoked", &shelf->revoked, NULL, NET_TLS_CERT_REVOKED},
	    {"by one without a list", &shelf->by_sub, shelf->sub.pem,
	        NET_TLS_CERT_STALE_CRL},
	};
	const struct row stale[] = {
	    {"good, stale", &shelf->anna, NULL, NET_TLS_CERT_STALE_CRL},
	    {"revoked, stale", &shelf->revoked, NULL, NET_TLS_CERT_STALE_CRL},
	};
	const struct row accepted[] = {
	    {"good, accepted", &shelf->anna, NULL, NET_TLS_CERT_GOOD},
	    {"revoked, accepted", &shelf->revoked, NULL, NET_TLS_CERT_REVOKED},
	};
	struct net_tls_trust trust = {.pem = str_c(shelf->root.pem),
	    .name = "trust.pem",
	    .crl_pem = str_c(shelf->fresh_crl),
	    .crl_name = "crl.pem"};

	check_rows(shelf, &trust, fresh, 3);
	trust.crl_pem = str_c(shelf->stale_crl);
	check_rows(shelf, &trust, stale, 2);
	trust.accept_stale_crl = true;
	check_rows(shelf, &trust, accepted, 2);
}

/* A subordinate in the text: with its root it is judged, alone it is an end. */
static void
test_subordinates(void **state)
{
	const struct shelf *shelf = *state;
	const struct row alone[] = {
	    {"by the sub", &shelf->by_sub, NULL, NET_TLS_CERT_GOOD},
	    {"by its root", &shelf->anna, NULL, NET_TLS_CERT_UNKNOWN_CA},
	};
	const struct row both[] = {
	    {"by the sub", &shelf->by_sub, NULL, NET_TLS_CERT_GOOD},
	    {"by the root", &shelf->anna, NULL, NET_TLS_CERT_GOOD},
	};
	const struct row revoked[] = {
	    {"by a revoked sub", &shelf->by_sub, NULL, NET_TLS_CERT_REVOKED},
	    {"the same, sub sent", &shelf->by_sub, shelf->sub.pem,
	        NET_TLS_CERT_REVOKED},
	};
	char crls[8192];
	struct net_tls_trust trust = {
	    .pem = str_c(shelf->sub.pem), .name = "trust.pem"};

	check_rows(shelf, &trust, alone, 2);
	trust.crl_pem = str_c(shelf->sub_crl);
	trust.crl_name = "crl.pem";
	check_rows(shelf, &trust, alone, 2);
	trust.pem = str_c(shelf->pem[1]);
	trust.crl_pem = str_c("");
	check_rows(shelf, &trust, both, 2);
	(void)snprintf(
	    crls, sizeof(crls), "%s%s", shelf->sub_crl, shelf->root_crl_of_sub);
	trust.crl_pem = str_c(crls);
	check_rows(shelf, &trust, revoked, 2);
}

/* ---- what the record and the browser are told ---- */

static void
test_record(void **state)
{
	const struct shelf *shelf = *state;
	struct net_tls *tls = make_tls(shelf, NET_TLS_VERIFY_REQUIRED,
	    &(struct net_tls_trust){
	        .pem = str_c(shelf->pem[0]), .name = "trust.pem"});
	struct door door;
	struct door_answer answer;

	door_open(&door, tls);
	answer = door_try(&door, &(struct door_call){.version = TLS1_3_VERSION,
	                             .cert = &shelf->anna});
	assert_true(answer.is_open);
	assert_int_equal(answer.authorities, 2);
	assert_string_equal(answer.peer.email, "anna@demo.test");
	assert_string_equal(answer.peer.common_name, "Anna Ärmel");
	assert_string_equal(
	    answer.peer.subject, "emailAddress=old@demo.test,CN=Anna Ärmel");
	assert_string_equal(answer.peer.issuer, "CN=Root");
	assert_true(answer.peer.not_after_s > clock_now_s());
	assert_string_equal(answer.peer.cipher, "TLS_AES_256_GCM_SHA384");
	door_close(&door);
	net_tls_unref(tls);
}

static const char *
email_of(struct arena *arena, const char *bytes, int len)
{
	X509 *x509 = X509_new();
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *string = ASN1_IA5STRING_new();
	const char *out = NULL;

	assert_int_equal(ASN1_STRING_set(string, bytes, len), 1);
	GENERAL_NAME_set0_value(name, GEN_EMAIL, string);
	assert_true(sk_GENERAL_NAME_push(names, name) > 0);
	assert_int_equal(
	    X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0), 1);
	out = net_tls_text_email(arena, x509);
	GENERAL_NAMES_free(names);
	X509_free(x509);
	return out;
}

static const char *
common_name_of(struct arena *arena, const char *bytes, int len)
{
	X509 *x509 = X509_new();
	const char *out = NULL;

	assert_int_equal(X509_NAME_add_entry_by_NID(X509_get_subject_name(x509),
	                     NID_commonName, V_ASN1_UTF8STRING,
	                     (const unsigned char *)bytes, len, -1, 0),
	    1);
	out = net_tls_text_common_name(arena, x509);
	X509_free(x509);
	return out;
}

/* Words that name accounts are whole, or they are not taken. */
static void
test_hostile_words(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	char longer[300];

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[1] = '@';
	assert_string_equal(email_of(arena, "a@b.test", 8), "a@b.test");
	assert_string_equal(email_of(arena, "a@b.test\0x", 10), "");
	assert_string_equal(email_of(arena, "a@b.test\r\n", 10), "");
	assert_string_equal(email_of(arena, "a b@b.test", 10), "");
	assert_string_equal(email_of(arena, "b.test", 6), "");
	assert_string_equal(email_of(arena, "@b.test", 7), "");
	assert_string_equal(email_of(arena, "a@", 2), "");
	assert_string_equal(email_of(arena, longer, sizeof(longer)), "");
	assert_string_equal(common_name_of(arena, "anna", 4), "anna");
	assert_string_equal(common_name_of(arena, "anna\0x", 6), "");
	assert_string_equal(common_name_of(arena, "an\nna", 5), "");
	assert_string_equal(common_name_of(arena, " anna", 5), "");
	assert_string_equal(common_name_of(arena, "an\xC2\x85na", 6), "");
	assert_int_equal(strlen(common_name_of(arena, longer, 60)), 60);
	arena_free(arena);
}

/* ---- proxies ---- */

static void
test_proxies(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *name;
		enum net_tls_verify verify;
		const struct cert *cert;
		bool is_open, is_proxy;
		enum net_tls_verdict verdict;
	} rows[] = {
	    {"proved", NET_TLS_VERIFY_NONE, &shelf->by_stranger, true, true,
	        NET_TLS_CERT_NONE},
	    {"silent", NET_TLS_VERIFY_NONE, NULL, true, false,
	        NET_TLS_CERT_NONE},
	    {"false", NET_TLS_VERIFY_NONE, &shelf->anna, true, false,
	        NET_TLS_CERT_NONE},
	    {"proved", NET_TLS_VERIFY_REQUIRED, &shelf->by_stranger, true, true,
	        NET_TLS_CERT_NONE},
	    {"a person", NET_TLS_VERIFY_REQUIRED, &shelf->anna, true, false,
	        NET_TLS_CERT_GOOD},
	    {"silent", NET_TLS_VERIFY_REQUIRED, NULL, false, false,
	        NET_TLS_CERT_NONE},
	    {"false", NET_TLS_VERIFY_REQUIRED, &shelf->other_self, false, false,
	        NET_TLS_CERT_NONE},
	    {"false", NET_TLS_VERIFY_EXPLAIN, &shelf->other_self, true, false,
	        NET_TLS_CERT_UNKNOWN_CA},
	};
	const struct net_tls_trust trust = {
	    .pem = str_c(shelf->root.pem), .name = "trust.pem"};
	const struct net_tls_trust proxies = {
	    .pem = str_c(shelf->stranger.pem), .name = "proxies.pem"};
	struct arena *arena = arena_new(1 << 16);
	struct socket_ranges ranges = {.count = 0};

	assert_int_equal(
	    socket_ranges_parse(arena, STR("127.0.0.0/8"), &ranges, NULL),
	    ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net_tls *tls = NULL;
		struct door door;

		assert_int_equal(try_tls(shelf, rows[i].verify, &trust,
		                     &proxies, &tls, NULL),
		    ERR_OK);
		door_open(&door, tls);
		assert_int_equal(
		    net_set_proxies(door.net, &ranges, false, NULL), ERR_OK);
		for (size_t v = 0; v < 2; v++) {
			const struct door_answer answer = door_try(
			    &door, &(struct door_call){.version = versions[v],
			               .cert = rows[i].cert});

			if (answer.is_open != rows[i].is_open)
				fail_msg("row %zu: %s", i, rows[i].name);
			if (!answer.is_open)
				continue;
			assert_int_equal(
			    answer.peer.is_proxy, rows[i].is_proxy);
			assert_int_equal(answer.peer.verdict, rows[i].verdict);
			/* The proxies' authority, and the site's. */
			assert_int_equal(answer.authorities,
			    rows[i].verify == NET_TLS_VERIFY_NONE ? 1 : 2);
		}
		door_close(&door);
		net_tls_unref(tls);
	}
	arena_free(arena);
}

/* Others than proxies are not asked for the proxies' certificate. */
static void
test_no_proxy(void **state)
{
	const struct shelf *shelf = *state;
	const struct net_tls_trust none = {.name = ""};
	const struct net_tls_trust proxies = {
	    .pem = str_c(shelf->stranger.pem), .name = "proxies.pem"};
	struct net_tls *tls = NULL;
	struct door door;
	struct door_answer answer;

	assert_int_equal(
	    try_tls(shelf, NET_TLS_VERIFY_NONE, &none, &proxies, &tls, NULL),
	    ERR_OK);
	door_open(&door, tls);
	answer = door_try(&door, &(struct door_call){.version = TLS1_3_VERSION,
	                             .cert = &shelf->by_stranger});
	assert_true(answer.is_open);
	assert_false(answer.peer.is_proxy);
	assert_string_equal(answer.peer.subject, "");
	door_close(&door);
	net_tls_unref(tls);
}

/* ---- what is said of a trust text ---- */

static void
test_errors(void **state)
{
	const struct shelf *shelf = *state;
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nMIIB\n"
	                             "-----END CERTIFICATE-----\n";
	static const char broken_crl[] = "-----BEGIN X509 CRL-----\nMIIB\n"
	                                 "-----END X509 CRL-----\n";
	const struct {
		const char *pem;
		const char *crl;
		const char *message;
	} rows[] = {
	    {"", "",
	        "The trust store trust.pem holds no certificate in PEM form "
	        "(-----BEGIN CERTIFICATE-----), so nobody could be trusted."},
	    {"nonsense", "",
	        "The trust store trust.pem holds no certificate in PEM form "
	        "(-----BEGIN CERTIFICATE-----), so nobody could be trusted."},
	    {broken, "",
	        "Certificate number 1 in the trust store trust.pem is "
	        "damaged."},
	    {shelf->pem[2], "",
	        "The trust store trust.pem holds a private key, which belongs "
	        "nowhere but to its owner: take it out."},
	    {shelf->root.pem, shelf->self_crl,
	        "Revocation list number 1 in crl.pem is not signed by an "
	        "authority of the trust store trust.pem."},
	    {shelf->root.pem, broken_crl,
	        "Revocation list number 1 in crl.pem is damaged."},
	    {shelf->root.pem, "nonsense",
	        "crl.pem holds no revocation list in PEM form (-----BEGIN X509 "
	        "CRL-----); a DER file is turned into one by: openssl crl "
	        "-inform DER."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct net_tls_trust trust = {.pem = str_c(rows[i].pem),
		    .name = "trust.pem",
		    .crl_pem = str_c(rows[i].crl),
		    .crl_name = "crl.pem"};
		struct net_tls *tls = NULL;
		struct err err = ERR_NONE;

		assert_int_equal(try_tls(shelf, NET_TLS_VERIFY_OPTIONAL, &trust,
		                     NULL, &tls, &err),
		    ERR_CONFIG);
		assert_string_equal(err.message, rows[i].message);
		assert_null(tls);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_revocation),
	    cmocka_unit_test(test_subordinates),
	    cmocka_unit_test(test_record),
	    cmocka_unit_test(test_hostile_words),
	    cmocka_unit_test(test_proxies),
	    cmocka_unit_test(test_no_proxy),
	    cmocka_unit_test(test_errors),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
