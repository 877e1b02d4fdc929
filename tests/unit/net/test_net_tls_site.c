/* Sites by SNI, and sessions that must not leave theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <signal.h>

#include "net/net_tls_inside.h"
#include "tls_door.h"

struct shelf {
	struct cert root;
	struct cert rsa;   /* the site of every other name, RSA */
	struct cert ec;    /* and EC */
	struct cert inner; /* inner.example */
	struct cert plain; /* plain.example */
	struct cert anna;
	struct secret rsa_key, ec_key, inner_key, plain_key;
	char rsa_chain[8192];
	char ec_chain[8192];
};

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static struct cert
make(const char *name, const struct cert *issuer, int rsa_bits)
{
	return cert_make(&(struct cert_wish){.name = name,
	    .alt = issuer == NULL ? NULL : "DNS:test.example",
	    .issuer = issuer,
	    .is_ca = issuer == NULL,
	    .from_s = -60,
	    .to_s = DOOR_DAY_S,
	    .rsa_bits = rsa_bits});
}

static int
set_up(void **state)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	ensure(shelf != NULL);
	shelf->root = make("Root", NULL, 0);
	shelf->rsa = make("rsa", &shelf->root, 2048);
	shelf->ec = make("ec", &shelf->root, 0);
	shelf->inner = make("inner", &shelf->root, 0);
	shelf->plain = make("plain", &shelf->root, 0);
	shelf->anna = make("anna", &shelf->root, 0);
	shelf->rsa_key = cert_secret(shelf->rsa.key_pem);
	shelf->ec_key = cert_secret(shelf->ec.key_pem);
	shelf->inner_key = cert_secret(shelf->inner.key_pem);
	shelf->plain_key = cert_secret(shelf->plain.key_pem);
	(void)snprintf(shelf->rsa_chain, sizeof(shelf->rsa_chain), "%s%s",
	    shelf->rsa.pem, shelf->root.pem);
	(void)snprintf(shelf->ec_chain, sizeof(shelf->ec_chain), "%s%s",
	    shelf->ec.pem, shelf->root.pem);
	*state = shelf;
	return 0;
}

static int
tear_down(void **state)
{
	struct shelf *shelf = *state;

	cert_end(&shelf->root);
	cert_end(&shelf->rsa);
	cert_end(&shelf->ec);
	cert_end(&shelf->inner);
	cert_end(&shelf->plain);
	cert_end(&shelf->anna);
	secret_end(&shelf->rsa_key);
	secret_end(&shelf->ec_key);
	secret_end(&shelf->inner_key);
	secret_end(&shelf->plain_key);
	free(shelf);
	return 0;
}

/* Every other name (RSA and EC), inner.example that asks, plain.example. */
static struct net_tls *
make_tls(
    const struct shelf *shelf, enum net_tls_verify verify, bool has_tickets)
{
	const struct net_tls_site sites[] = {
	    {.identities = {door_identity(shelf->rsa_chain, &shelf->rsa_key),
	         door_identity(shelf->ec_chain, &shelf->ec_key)},
	        .identity_count = 2},
	    {.host = STR("inner.example"),
	        .identities = {door_identity(
	            shelf->inner.pem, &shelf->inner_key)},
	        .identity_count = 1,
	        .verify = verify,
	        .trust = {.pem = str_c(shelf->root.pem), .name = "trust.pem"}},
	    {.host = STR("plain.example"),
	        .identities = {door_identity(
	            shelf->plain.pem, &shelf->plain_key)},
	        .identity_count = 1},
	};
	const struct net_tls_server_settings settings = {.sites = sites,
	    .site_count = 3,
	    .has_tickets = has_tickets,
	    .ticket_key_life_ms = 3600 * 1000};
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;

	if (net_tls_new(&settings, &tls, &err) != ERR_OK)
		fail_msg("%s", err.message);
	return tls;
}

static void
test_names(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *name;
		const char *server;
		const char *host;
	} rows[] = {
	    {NULL, "ec", ""},
	    {"unknown.example", "ec", ""},
	    {"inner.example.evil.example", "ec", ""},
	    {"plain.example", "plain", "plain.example"},
	    {"PLAIN.Example", "plain", "plain.example"},
	    {"plain.example.", "plain", "plain.example"},
	    {"inner.example", "inner", "inner.example"},
	};
	struct net_tls *tls = make_tls(shelf, NET_TLS_VERIFY_NONE, true);
	struct door door;

	door_open(&door, tls);
	for (size_t v = 0; v < 2; v++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct door_answer answer = door_try(
			    &door, &(struct door_call){.version = versions[v],
			               .name = rows[i].name});

			assert_true(answer.is_open);
			assert_string_equal(answer.server, rows[i].server);
			assert_string_equal(answer.peer.host, rows[i].host);
			assert_string_equal(answer.peer.protocol,
			    v == 0 ? "TLSv1.2" : "TLSv1.3");
			assert_string_equal(answer.peer.group, "X25519");
			assert_string_equal(answer.peer.subject, "");
			assert_false(answer.peer.is_resumed);
			assert_int_equal(
			    answer.peer.verdict, NET_TLS_CERT_NONE);
		}
	}
	door_close(&door);
	net_tls_unref(tls);
}

/* A key share nobody wants makes a second ClientHello (RFC 8446, 4.1.4). */
static void
test_second_hello(void **state)
{
	struct net_tls *tls = make_tls(*state, NET_TLS_VERIFY_NONE, true);
	struct door door;
	struct door_answer answer;

	door_open(&door, tls);
	answer = door_try(&door, &(struct door_call){.version = TLS1_3_VERSION,
	                             .name = "plain.example",
	                             .groups = "X448:P-384"});
	assert_true(answer.is_open);
	assert_string_equal(answer.server, "plain");
	assert_string_equal(answer.peer.group, "P-384");
	door_close(&door);
	net_tls_unref(tls);
}

static void
test_kinds(void **state)
{
	const struct {
		int version;
		const char *signatures;
		const char *ciphers;
		const char *server;
	} rows[] = {
	    {TLS1_3_VERSION, "ECDSA+SHA256", NULL, "ec"},
	    {TLS1_3_VERSION, "RSA-PSS+SHA256", NULL, "rsa"},
	    {TLS1_2_VERSION, NULL, "ECDHE+aECDSA", "ec"},
	    {TLS1_2_VERSION, NULL, "ECDHE+aRSA", "rsa"},
	    {TLS1_2_VERSION, "RSA-PSS+SHA256:RSA+SHA256", NULL, "rsa"},
	};
	struct net_tls *tls = make_tls(*state, NET_TLS_VERIFY_NONE, true);
	struct door door;

	door_open(&door, tls);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct door_answer answer = door_try(
		    &door, &(struct door_call){.version = rows[i].version,
		               .signatures = rows[i].signatures,
		               .ciphers = rows[i].ciphers});

		assert_true(answer.is_open);
		assert_string_equal(answer.server, rows[i].server);
	}
	door_close(&door);
	net_tls_unref(tls);
}

/* ---- resumption ---- */

static SSL_SESSION *
take_session(struct door *door, int version, const char *name)
{
	const struct door_answer answer = door_call(
	    door, &(struct door_call){.version = version, .name = name});

	assert_true(answer.is_open);
	assert_non_null(answer.session);
	return answer.session;
}

static void
assert_resumes(struct door *door, int version, const char *name,
    SSL_SESSION *session, bool expected)
{
	const struct door_answer answer = door_try(
	    door, &(struct door_call){
	              .version = version, .name = name, .session = session});

	assert_true(answer.is_open);
	assert_int_equal(answer.is_resumed, expected);
	assert_int_equal(answer.peer.is_resumed, expected);
}

static void
test_resumption(void **state)
{
	for (size_t v = 0; v < 2; v++) {
		const int version = versions[v];
		struct net_tls *tls =
		    make_tls(*state, NET_TLS_VERIFY_NONE, true);
		struct net_tls *next =
		    make_tls(*state, NET_TLS_VERIFY_NONE, true);
		SSL_SESSION *session = NULL;
		SSL_SESSION *fallback = NULL;
		struct door door;

		door_open(&door, tls);
		session = take_session(&door, version, "plain.example");
		fallback = take_session(&door, version, "other.example");
		assert_resumes(&door, version, "plain.example", session, true);
		/* Not on another site, whatever it asks for. */
		assert_resumes(&door, version, "inner.example", session, false);
		assert_resumes(&door, version, NULL, session, false);
		assert_resumes(
		    &door, version, "plain.example", fallback, false);
		/* Not after a reload, though nothing has changed. */
		net_set_tls(door.net, next);
		assert_resumes(&door, version, "plain.example", session, false);
		SSL_SESSION_free(session);
		SSL_SESSION_free(fallback);
		door_close(&door);
		net_tls_unref(tls);
		net_tls_unref(next);
	}
}

/* CVE-2025-23419: a ticket of a site that asks nobody, at one that asks. */
static void
test_no_way_round(void **state)
{
	const struct shelf *shelf = *state;

	for (size_t v = 0; v < 2; v++) {
		const int version = versions[v];
		struct net_tls *tls =
		    make_tls(shelf, NET_TLS_VERIFY_REQUIRED, true);
		SSL_SESSION *session = NULL;
		struct door_answer answer;
		struct door door;

		door_open(&door, tls);
		session = take_session(&door, version, "plain.example");
		answer = door_try(&door, &(struct door_call){.version = version,
		                             .name = "inner.example",
		                             .session = session});
		assert_false(answer.is_open);
		SSL_SESSION_free(session);
		/* Nor does the site itself give tickets, so that what was
		 * verified once is verified again. */
		answer =
		    door_call(&door, &(struct door_call){.version = version,
		                         .name = "inner.example",
		                         .cert = &shelf->anna});
		assert_true(answer.is_open);
		assert_int_equal(answer.peer.verdict, NET_TLS_CERT_GOOD);
		if (answer.session != NULL) {
			session = answer.session;
			answer = door_try(
			    &door, &(struct door_call){.version = version,
			               .name = "inner.example",
			               .session = session});
			assert_false(answer.is_open);
			SSL_SESSION_free(session);
		}
		door_close(&door);
		net_tls_unref(tls);
	}
}

/* A ticket from before VerifyClient came, by a reload. */
static void
test_reload_that_asks(void **state)
{
	for (size_t v = 0; v < 2; v++) {
		struct net_tls *tls =
		    make_tls(*state, NET_TLS_VERIFY_NONE, true);
		struct net_tls *next =
		    make_tls(*state, NET_TLS_VERIFY_REQUIRED, true);
		SSL_SESSION *session = NULL;
		struct door_answer answer;
		struct door door;

		door_open(&door, tls);
		session = take_session(&door, versions[v], "inner.example");
		net_set_tls(door.net, next);
		answer =
		    door_try(&door, &(struct door_call){.version = versions[v],
		                        .name = "inner.example",
		                        .session = session});
		assert_false(answer.is_open);
		SSL_SESSION_free(session);
		door_close(&door);
		net_tls_unref(tls);
		net_tls_unref(next);
	}
}

static void
test_without_tickets(void **state)
{
	for (size_t v = 0; v < 2; v++) {
		struct net_tls *tls =
		    make_tls(*state, NET_TLS_VERIFY_NONE, false);
		struct door_answer answer;
		struct door door;

		door_open(&door, tls);
		answer =
		    door_call(&door, &(struct door_call){.version = versions[v],
		                         .name = "plain.example"});
		assert_true(answer.is_open);
		if (answer.session != NULL)
			assert_resumes(&door, versions[v], "plain.example",
			    answer.session, false);
		SSL_SESSION_free(answer.session);
		door_close(&door);
		net_tls_unref(tls);
	}
}

/* ---- keys of tickets ---- */

static _Atomic int64_t pretended_ms;

static int64_t
pretend(void)
{
	return pretended_ms;
}

static void
test_rotation(void **state)
{
	const int64_t life_ms = 3600 * 1000;

	for (size_t v = 0; v < 2; v++) {
		const int version = versions[v];
		struct net_tls *tls =
		    make_tls(*state, NET_TLS_VERIFY_NONE, true);
		SSL_SESSION *old = NULL;
		SSL_SESSION *renewed = NULL;
		struct door_answer answer;
		struct door door;

		pretended_ms = 1000;
		tls->places[2].tickets->now_ms = pretend;
		door_open(&door, tls);
		old = take_session(&door, version, "plain.example");
		/* The key before opens, and the ticket is renewed. */
		pretended_ms += life_ms;
		answer =
		    door_call(&door, &(struct door_call){.version = version,
		                         .name = "plain.example",
		                         .session = old});
		assert_true(answer.is_resumed);
		renewed = answer.session;
		assert_non_null(renewed);
		/* One more life: the old one is gone, the renewed lives. */
		pretended_ms += life_ms;
		assert_resumes(&door, version, "plain.example", old, false);
		assert_resumes(&door, version, "plain.example", renewed, true);
		SSL_SESSION_free(renewed);
		renewed = take_session(&door, version, "plain.example");
		/* Nobody came for two lives: all are gone. */
		pretended_ms += 2 * life_ms;
		assert_resumes(&door, version, "plain.example", renewed, false);
		SSL_SESSION_free(old);
		SSL_SESSION_free(renewed);
		door_close(&door);
		net_tls_unref(tls);
	}
}

/* ---- facts ---- */

static void
test_facts(void **state)
{
	struct net_tls *tls = make_tls(*state, NET_TLS_VERIFY_EXPLAIN, true);
	const char *kinds[] = {"RSA 2048", "EC P-256", "EC P-256", "EC P-256"};
	const char *hosts[] = {"", "", "inner.example", "plain.example"};

	for (size_t i = 0; i < 4; i++) {
		const struct net_tls_facts *facts = net_tls_facts_at(tls, i);

		assert_non_null(facts);
		assert_string_equal(facts->key_kind, kinds[i]);
		assert_string_equal(facts->host, hosts[i]);
		assert_string_equal(facts->file, "cert.pem");
		assert_string_equal(facts->issuer, "CN=Root");
	}
	assert_null(net_tls_facts_at(tls, 4));
	assert_string_equal(net_tls_facts(tls)->subject, "CN=rsa");
	assert_string_equal(
	    net_tls_facts_of(tls, STR("plain.example:8443"))->subject,
	    "CN=plain");
	assert_string_equal(
	    net_tls_facts_of(tls, STR("PLAIN.example."))->subject, "CN=plain");
	assert_string_equal(
	    net_tls_facts_of(tls, STR("[::1]:8443"))->subject, "CN=rsa");
	assert_string_equal(net_tls_facts_of(tls, STR(""))->subject, "CN=rsa");
	assert_int_equal(net_tls_verify_of(tls, STR("inner.example:1")),
	    NET_TLS_VERIFY_EXPLAIN);
	assert_int_equal(
	    net_tls_verify_of(tls, STR("other")), NET_TLS_VERIFY_NONE);
	net_tls_unref(tls);
}

static void
test_one_kind(void **state)
{
	const struct shelf *shelf = *state;
	const struct net_tls_site site = {
	    .identities = {door_identity(shelf->ec.pem, &shelf->ec_key),
	        door_identity(shelf->inner.pem, &shelf->inner_key)},
	    .identity_count = 2};
	const struct net_tls_server_settings settings = {
	    .sites = &site, .site_count = 1};
	struct net_tls *tls = NULL;
	struct err err = ERR_NONE;

	assert_int_equal(net_tls_new(&settings, &tls, &err), ERR_CONFIG);
	assert_non_null(strstr(err.message, "are of one kind (EC)"));
	assert_null(tls);
}

/* ---- stapling ---- */

static void
test_stapling(void **state)
{
	const struct shelf *shelf = *state;
	const struct {
		const char *name;
		const struct cert *about;
		const struct cert *signer;
		int status;
		long from_s, to_s;
		bool expected;
	} rows[] = {
	    {"fresh", &shelf->rsa, &shelf->root, V_OCSP_CERTSTATUS_GOOD, -60,
	        3600, true},
	    {"stale", &shelf->rsa, &shelf->root, V_OCSP_CERTSTATUS_GOOD, -3600,
	        -60, false},
	    {"of tomorrow", &shelf->rsa, &shelf->root, V_OCSP_CERTSTATUS_GOOD,
	        3600, 7200, false},
	    {"revoked", &shelf->rsa, &shelf->root, V_OCSP_CERTSTATUS_REVOKED,
	        -60, 3600, false},
	    {"unknown", &shelf->rsa, &shelf->root, V_OCSP_CERTSTATUS_UNKNOWN,
	        -60, 3600, false},
	    {"of another", &shelf->ec, &shelf->root, V_OCSP_CERTSTATUS_GOOD,
	        -60, 3600, false},
	    {"by another", &shelf->rsa, &shelf->plain, V_OCSP_CERTSTATUS_GOOD,
	        -60, 3600, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str der =
		    cert_status(&shelf->root, rows[i].signer, rows[i].about,
		        rows[i].status, rows[i].from_s, rows[i].to_s);
		struct net_tls_site site = {
		    .identities = {door_identity(
		                       shelf->rsa_chain, &shelf->rsa_key),
		        door_identity(shelf->ec_chain, &shelf->ec_key)},
		    .identity_count = 2};
		const struct net_tls_server_settings settings = {
		    .sites = &site, .site_count = 1, .has_tickets = true};
		struct net_tls *tls = NULL;
		struct door door;

		site.identities[0].ocsp_der = der;
		assert_int_equal(net_tls_new(&settings, &tls, NULL), ERR_OK);
		door_open(&door, tls);
		for (size_t v = 0; v < 2; v++) {
			struct door_answer answer = door_try(&door,
			    &(struct door_call){.version = versions[v],
			        .signatures = "RSA-PSS+SHA256:RSA+SHA256"});

			assert_true(answer.is_open);
			if ((answer.staple_bytes == (long)der.len) !=
			    rows[i].expected)
				print_error("row %s\n", rows[i].name);
			assert_int_equal(answer.staple_bytes,
			    rows[i].expected ? (long)der.len : -1);
			/* And never with the other certificate. */
			answer = door_try(
			    &door, &(struct door_call){.version = versions[v],
			               .signatures = "ECDSA+SHA256"});
			assert_true(answer.is_open);
			assert_int_equal(answer.staple_bytes, -1);
		}
		/* It goes stale while the server runs. */
		tls->places[0].staples[0].until_s = clock_now_s() - 1;
		assert_int_equal(
		    door_try(
		        &door, &(struct door_call){.version = TLS1_3_VERSION,
		                   .signatures = "RSA-PSS+SHA256"})
		        .staple_bytes,
		    -1);
		door_close(&door);
		net_tls_unref(tls);
		OPENSSL_free((char *)(uintptr_t)der.ptr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_second_hello),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_resumption),
	    cmocka_unit_test(test_no_way_round),
	    cmocka_unit_test(test_reload_that_asks),
	    cmocka_unit_test(test_without_tickets),
	    cmocka_unit_test(test_rotation),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_one_kind),
	    cmocka_unit_test(test_stapling),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
