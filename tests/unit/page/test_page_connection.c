/* Connection security: the right sentence for every leg, no name too much. */
#include "page_state.h"

#include "page/page_connection.h"

static const struct net_tls_peer tls13 = {.protocol = "TLSv1.3",
    .cipher = "TLS_AES_256_GCM_SHA384",
    .group = "X25519",
    .host = "",
    .verdict = NET_TLS_CERT_NONE,
    .reason = "",
    .subject = "",
    .common_name = "",
    .email = "",
    .issuer = "",
    .fingerprint_sha256 = ""};

static const struct net_tls_facts server = {.host = "",
    .file = "server.pem",
    .fingerprint_sha256 = "AB:CD:EF:01:23:45",
    .subject = "CN=mail.example.org",
    .issuer = "O=Let's Encrypt,CN=R11",
    .key_kind = "EC P-256",
    .not_after_s = INT64_C(4102444800)};

/* The page with this view, on a request nobody is logged in for. */
static struct str
rendered(struct fixture *f, struct view *view)
{
	struct app_state *state = f->req->pinned;
	struct html html;

	assert_int_equal(tmpl_render(state->sites[0].templates,
	                     "connection.html", view, f->arena, &html, &f->err),
	    ERR_OK);
	return html.s;
}

static void
test_web(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct net_tls_facts own = server;
	const struct {
		bool is_secure, is_forwarded, is_loopback;
		const struct net_tls_peer *tls;
		const struct net_tls_facts *facts;
		const char *says;
		bool details;
	} cases[] = {
	    {true, false, false, &tls13, &server, "You are in secure mode",
	        true},
	    {true, false, false, &tls13, &own, "made its certificate itself",
	        true},
	    {true, true, false, NULL, &server,
	        "Encrypted up to a proxy in front of this server.</strong> "
	        "From "
	        "there",
	        false},
	    {true, true, false, &tls13, &server,
	        "The way from that proxy to this server is encrypted, too",
	        false},
	    {false, false, true, NULL, &server, "stays on this machine", false},
	    {false, false, false, NULL, &server, "Everybody on the way", false},
	    /* A proxy on this machine: the browser may be anywhere. */
	    {false, true, true, NULL, &server, "Everybody on the way", false},
	};

	own.is_self_signed = true;
	f->req->pinned = app_state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view *view = view_new(f->arena);
		struct str body;

		f->req->is_secure = cases[i].is_secure;
		f->req->is_forwarded = cases[i].is_forwarded;
		f->req->peer.is_loopback = cases[i].is_loopback;
		f->req->tls = cases[i].tls;
		page_connection_view_web(f->req, cases[i].facts, view);
		body = rendered(f, view);
		assert_page(body, cases[i].says, true);
		assert_page(body, "<dd>TLS 1.3</dd>", cases[i].details);
		assert_page(body, "X25519", cases[i].details);
		assert_page(body, "mail.example.org", cases[i].details);
		assert_page(
		    body, "<span>AB:CD:EF:01:</span>", cases[i].details);
		assert_page(body, "R11 (Let&#39;s Encrypt)",
		    cases[i].details && cases[i].facts == &server);
		assert_page(body, "end-to-end", false);
	}
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

static void
test_expired(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct net_tls_facts old = server;
	struct view *view = view_new(f->arena);

	old.not_after_s = 1;
	f->req->pinned = app_state;
	f->req->is_secure = true;
	page_connection_view_web(f->req, &old, view);
	assert_page(rendered(f, view), "has expired", true);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

static const struct leg_row {
	int security;
	bool is_local, is_known;
	enum net_tls_check check;
	bool is_pinned;
	enum config_verify_server verify;
	bool has_pin;
	const char *says;
	bool is_warning;
} legs[] = {
    {CONFIG_SECURITY_TLS, false, true, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_FULL, false, "confirms that it is the right",
        false},
    {CONFIG_SECURITY_STARTTLS, false, true, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_FULL, false, "begun by STARTTLS", false},
    {CONFIG_SECURITY_TLS, false, true, NET_TLS_CHECK_FULL, true,
        CONFIG_VERIFY_SERVER_FULL, true, "noted down for it", false},
    {CONFIG_SECURITY_TLS, false, true, NET_TLS_CHECK_CHAIN, false,
        CONFIG_VERIFY_SERVER_CHAIN, false, "not fully verified", true},
    {CONFIG_SECURITY_TLS, true, true, NET_TLS_CHECK_OFF, false,
        CONFIG_VERIFY_SERVER_OFF, false, "but not verified", true},
    {CONFIG_SECURITY_NONE, true, true, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_FULL, false, "need not be", false},
    {CONFIG_SECURITY_NONE, false, true, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_FULL, false, "password travel in clear", true},
    /* Before the first connection: what it will be held to. */
    {CONFIG_SECURITY_TLS, false, false, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_OFF, false, "but not verified", true},
    {CONFIG_SECURITY_TLS, false, false, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_CHAIN, false, "not fully verified", true},
    {CONFIG_SECURITY_TLS, false, false, NET_TLS_CHECK_FULL, false,
        CONFIG_VERIFY_SERVER_OFF, true, "noted down for it", false},
    {CONFIG_SECURITY_TLS, false, false, NET_TLS_CHECK_OFF, false,
        CONFIG_VERIFY_SERVER_FULL, false, "no connection yet", false},
};

static struct str
leg_page(struct fixture *f, const struct leg_row *row, bool show_names)
{
	struct mail_leg seen = {.security = row->security,
	    .is_local = row->is_local,
	    .is_known = row->is_known,
	    .check = row->check,
	    .is_pinned = row->is_pinned,
	    .protocol = "TLSv1.2",
	    .cipher = "ECDHE-RSA-AES256-GCM-SHA384",
	    .issuer = "CN=imap.inner.example",
	    .not_after_s = INT64_C(4102444800)};
	const struct page_connection_leg leg = {.seen = &seen,
	    .verify = row->verify,
	    .has_pin = row->has_pin,
	    .show_names = show_names,
	    .host = STR("imap.inner.example")};
	struct view *view = view_new(f->arena);

	page_connection_view_leg(
	    f->req, &leg, view_list_add(view_list(view, "legs")));
	return rendered(f, view);
}

static void
test_legs(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);

	f->req->pinned = app_state;
	for (size_t i = 0; i < sizeof(legs) / sizeof(legs[0]); i++) {
		bool has_details = legs[i].is_known &&
		                   legs[i].security != CONFIG_SECURITY_NONE;
		struct str body = leg_page(f, &legs[i], false);

		assert_page(body, legs[i].says, true);
		assert_page(body, "note-warn", legs[i].is_warning);
		assert_page(body, "imap.inner.example", false);
		assert_page(body, "<dd>TLS 1.2", has_details);
		assert_page(body, "ECDHE-RSA", has_details);
		body = leg_page(f, &legs[i], true);
		assert_page(body, "<dd>imap.inner.example</dd>", has_details);
	}
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

static void
test_page(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct response *res;
	struct str body;

	f->session.is_pinned = true;
	fixture_request(f, "/connection");
	f->req->pinned = app_state;
	f->req->is_secure = true;
	f->req->tls = &tls13;
	res = http_response(f->req);
	assert_int_equal(page_connection(f->req, res, &f->err), ERR_OK);
	body = response_get_body(res);
	assert_page(body, "From this server to your mailbox", true);
	assert_page(body, "From this server to the server that sends", true);
	assert_page(body, "Who can read your mail", true);
	assert_page(body, "localhost", false);
	assert_page(body, "FIPS", false);
	fixture_request(f, "/connection");
	f->req->pinned = app_state;
	f->req->session = NULL;
	res = http_response(f->req);
	assert_int_equal(page_connection(f->req, res, &f->err), ERR_OK);
	body = response_get_body(res);
	assert_page(body, "to your mailbox", false);
	assert_page(body, "When you are logged in", true);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_web),
	    T(test_expired),
	    T(test_legs),
	    T(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
