/* What a client certificate means: the name it pins, whose session it is. */
#include "page_state.h"

#include "page/page_cert.h"

static const struct net_tls_peer good = {.protocol = "TLSv1.3",
    .cipher = "TLS_AES_256_GCM_SHA384",
    .group = "X25519",
    .host = "",
    .verify = NET_TLS_VERIFY_OPTIONAL,
    .verdict = NET_TLS_CERT_GOOD,
    .reason = "",
    .subject = "CN=Anna Berger,O=Example",
    .common_name = "Anna Berger",
    .email = "anna@example.org",
    .issuer = "CN=Inner CA,O=Example Org",
    .fingerprint_sha256 = "AB:CD",
    .not_after_s = 1800000000};

static void
test_state(void **state)
{
	struct fixture *f = *state;
	struct net_tls_peer peer = good;
	struct page_cert cert;
	char long_name[LIMIT_NAME_BYTES + 2];
	const struct {
		int user;
		enum net_tls_verdict verdict;
		bool is_proxy, has_tls;
		const char *common_name, *email;
		enum page_cert_state expected;
		const char *login;
	} cases[] = {
	    {CONFIG_CERT_USER_NONE, NET_TLS_CERT_GOOD, false, true, "a", "b@c",
	        PAGE_CERT_UNUSED, ""},
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_GOOD, false, false, "a",
	        "b@c", PAGE_CERT_NONE, ""},
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_NONE, false, true, "", "",
	        PAGE_CERT_NONE, ""},
	    /* The proxy's own certificate says nothing of the person. */
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_GOOD, true, true, "a", "b@c",
	        PAGE_CERT_NONE, ""},
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_REVOKED, false, true, "a",
	        "b@c", PAGE_CERT_BAD, ""},
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_GOOD, false, true, "a",
	        "Anna@Example.ORG", PAGE_CERT_NAMED, "Anna@Example.ORG"},
	    {CONFIG_CERT_USER_EMAIL, NET_TLS_CERT_GOOD, false, true, "anna", "",
	        PAGE_CERT_NAMELESS, ""},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true, "anna",
	        "ben@example.org", PAGE_CERT_NAMED, "anna@example.org"},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true,
	        "j\xc3\xb6rg@example.net", "", PAGE_CERT_NAMED,
	        "j\xc3\xb6rg@example.net"},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true, "Anna Berger",
	        "", PAGE_CERT_NAMELESS, ""},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true, "", "a@b",
	        PAGE_CERT_NAMELESS, ""},
	    /* What cleaning would change into another name is none. */
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true,
	        "ann\xc2\x85"
	        "a",
	        "", PAGE_CERT_NAMELESS, ""},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true, "anna\n", "",
	        PAGE_CERT_NAMELESS, ""},
	    {CONFIG_CERT_USER_CN, NET_TLS_CERT_GOOD, false, true, long_name, "",
	        PAGE_CERT_NAMELESS, ""},
	};

	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f->site.client_cert_user = cases[i].user;
		peer.verdict = cases[i].verdict;
		peer.is_proxy = cases[i].is_proxy;
		peer.common_name = cases[i].common_name;
		peer.email = cases[i].email;
		f->req->tls = cases[i].has_tls ? &peer : NULL;
		page_cert_read(f->req, &cert);
		if (cert.state != cases[i].expected)
			fail_msg("case %zu: state %d", i, (int)cert.state);
		assert_says(cert.login.s, cases[i].login);
		assert_int_equal(
		    cert.words != NULL, cert.state == PAGE_CERT_BAD ||
		                            cert.state == PAGE_CERT_NAMELESS);
		assert_false(cert.is_needed);
	}
}

static void
test_needed(void **state)
{
	struct fixture *f = *state;
	struct page_cert cert;

	f->site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	f->site.verify_client = CONFIG_VERIFY_CLIENT_EXPLAIN;
	page_cert_read(f->req, &cert);
	assert_true(cert.is_needed);
	assert_non_null(cert.words);
	f->site.verify_client = CONFIG_VERIFY_CLIENT_REQUIRED;
	page_cert_read(f->req, &cert);
	assert_true(cert.is_needed);
	f->site.verify_client = CONFIG_VERIFY_CLIENT_OPTIONAL;
	page_cert_read(f->req, &cert);
	assert_false(cert.is_needed);
	assert_null(cert.words);
}

static void
test_fits(void **state)
{
	struct fixture *f = *state;
	struct net_tls_peer other = good;
	struct net_tls_peer nameless = good;
	struct net_tls_peer revoked = good;
	const struct {
		int user, verify;
		const struct net_tls_peer *tls;
		bool is_pinned, expected;
	} cases[] = {
	    /* Without ClientCertUser certificates say nothing … */
	    {CONFIG_CERT_USER_NONE, 0, NULL, false, true},
	    {CONFIG_CERT_USER_NONE, 0, &other, false, true},
	    /* … and a session that one opened does not go on. */
	    {CONFIG_CERT_USER_NONE, 0, &good, true, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &good, true, true},
	    {CONFIG_CERT_USER_EMAIL, 0, &good, false, true},
	    {CONFIG_CERT_USER_EMAIL, 0, NULL, true, false},
	    {CONFIG_CERT_USER_EMAIL, 0, NULL, false, true},
	    {CONFIG_CERT_USER_EMAIL, 0, &other, true, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &other, false, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &nameless, true, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &nameless, false, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &revoked, true, false},
	    {CONFIG_CERT_USER_EMAIL, 0, &revoked, false, false},
	    {CONFIG_CERT_USER_EMAIL, CONFIG_VERIFY_CLIENT_REQUIRED, NULL, false,
	        false},
	    {CONFIG_CERT_USER_EMAIL, CONFIG_VERIFY_CLIENT_EXPLAIN, NULL, false,
	        false},
	    {CONFIG_CERT_USER_EMAIL, CONFIG_VERIFY_CLIENT_REQUIRED, &good,
	        false, true},
	};

	other.email = "ben@example.org";
	nameless.email = "";
	revoked.verdict = NET_TLS_CERT_REVOKED;
	f->session.login = STR("Anna@example.org");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f->site.client_cert_user = cases[i].user;
		f->site.verify_client = cases[i].verify;
		f->session.is_pinned = cases[i].is_pinned;
		f->req->session = &f->session;
		f->req->tls = cases[i].tls;
		if (page_cert_fits(f->req) != cases[i].expected)
			fail_msg("case %zu", i);
	}
	f->req->session = NULL;
	assert_true(page_cert_fits(f->req));
}

static void
test_hold(void **state)
{
	struct fixture *f = *state;
	struct session other = {.login = STR("ben@example.org")};

	f->site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	f->req->tls = &good;
	f->session.login = STR("anna@example.org");
	page_cert_hold(f->req);
	assert_ptr_equal(f->req->session, &f->session);
	assert_false(f->req->is_misfit);
	f->req->session = &other;
	page_cert_hold(f->req);
	assert_null(f->req->session);
	assert_true(f->req->is_misfit);
}

static void
test_names(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *name, *person, *authority;
	} cases[] = {
	    {"CN=Anna Berger,O=Example", "Anna Berger",
	        "Anna Berger (Example)"},
	    {"O=Example,cn=R11", "R11", "R11 (Example)"},
	    {"C=US,O=Let's Encrypt,CN=R11", "R11", "R11 (Let's Encrypt)"},
	    {"CN=Example Org CA,O=Example Org", "Example Org CA",
	        "Example Org CA"},
	    {"O=Example", "Example", "Example"},
	    {"emailAddress=a@b", "emailAddress=a@b", "emailAddress=a@b"},
	    {"CN=Berger\\, Anna+O=A\\+B", "Berger, Anna", "Berger, Anna (A+B)"},
	    {"CN=J\\C3\\B6rg \\\"J\\\" \\", "J\xc3\xb6rg \"J\" \\",
	        "J\xc3\xb6rg \"J\" \\"},
	    {"CN=a\\0Ab\\FF", "a b\xef\xbf\xbd", "a b\xef\xbf\xbd"},
	    {"", "", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str name = exact(cases[i].name, strlen(cases[i].name));

		assert_says(
		    page_cert_person(f->arena, name).s, cases[i].person);
		assert_says(
		    page_cert_authority(f->arena, name).s, cases[i].authority);
		exact_free(name);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_state),
	    T(test_needed),
	    T(test_fits),
	    T(test_hold),
	    T(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
