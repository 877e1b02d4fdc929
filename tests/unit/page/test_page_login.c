/* The login form: who wants in, and what the page says. */
#include "page_state.h"

#include "page/compose_inside.h"
#include "page/page_carry.h"
#include "page/page_login.h"

static const struct net_tls_peer annas = {.protocol = "TLSv1.3",
    .cipher = "TLS_AES_256_GCM_SHA384",
    .group = "X25519",
    .host = "",
    .verdict = NET_TLS_CERT_GOOD,
    .reason = "",
    .subject = "CN=Anna Berger",
    .common_name = "anna",
    .email = "anna@example.org",
    .issuer = "CN=Inner CA",
    .fingerprint_sha256 = "AB",
    .not_after_s = 1800000000};

struct parse_row {
	const char *form;
	const struct net_tls_peer *tls;
	bool is_external;
	enum err_code rc;
	const char *login, *password;
	bool is_pinned;
	const char *words; /* of the error */
};

static void
parse(struct fixture *f, const struct parse_row *row)
{
	struct page_login_form form = {.problem = PAGE_LOGIN_FINE};
	struct session_login login = {0};
	struct request *req = fixture_post(f, "/login", row->form);
	struct err err = ERR_NONE;
	enum err_code rc;

	req->tls = row->tls;
	f->site.imap_auth =
	    row->is_external ? CONFIG_AUTH_EXTERNAL : CONFIG_AUTH_PASSWORD;
	rc = page_login_parse(req, &form, &login, &err);
	if (rc != row->rc)
		fail_msg("%s: %s %s", row->form, err_name(rc), err.message);
	if (rc != ERR_OK) {
		assert_page(str_c(err.message), row->words, true);
		return;
	}
	assert_says(login.login, row->login);
	assert_says(login.password, row->password);
	assert_int_equal(login.is_pinned, row->is_pinned);
}

static void
test_parse(void **state)
{
	const struct parse_row rows[] = {
	    {"name=+anna+&password=a+b", NULL, false, ERR_OK,
	        "anna@example.org", "a b", false, ""},
	    {"name=ben%40other.org&password=x&expire=1&remember=1", NULL, false,
	        ERR_OK, "ben@other.org", "x", false, ""},
	    {"name=&password=x", NULL, false, ERR_LOGIN, "", "", false,
	        "type your name"},
	    {"name=anna&password=", NULL, false, ERR_LOGIN, "", "", false,
	        "type your name"},
	    /* The certificate's name counts, typed or not. */
	    {"password=x", &annas, false, ERR_OK, "anna@example.org", "x", true,
	        ""},
	    {"name=ANNA%40example.org&password=x", &annas, false, ERR_OK,
	        "anna@example.org", "x", true, ""},
	    {"name=ben&password=x", &annas, false, ERR_FORBIDDEN, "", "", false,
	        "is for anna@example.org"},
	    {"name=anna&password=", &annas, false, ERR_LOGIN, "", "", false,
	        "type your name"},
	    /* SASL EXTERNAL: nobody gets in by a typed name. */
	    {"name=", &annas, true, ERR_OK, "anna@example.org", "", true, ""},
	    {"name=&password=x", &annas, true, ERR_OK, "anna@example.org", "",
	        true, ""},
	    {"name=anna&password=x", NULL, true, ERR_FORBIDDEN, "", "", false,
	        "opened with a certificate"},
	};
	struct fixture *f = *state;

	f->site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	f->site.verify_client = CONFIG_VERIFY_CLIENT_OPTIONAL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		parse(f, &rows[i]);
	/* Without ClientCertUser a certificate opens no account by itself. */
	f->site.client_cert_user = CONFIG_CERT_USER_NONE;
	parse(f, &(struct parse_row){.form = "name=anna&password=x",
	             .tls = &annas,
	             .is_external = true,
	             .rc = ERR_FORBIDDEN,
	             .words = "opened with a certificate"});
	parse(f, &(struct parse_row){.form = "name=ben&password=x",
	             .tls = &annas,
	             .rc = ERR_OK,
	             .login = "ben@example.org",
	             .password = "x"});
	f->site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	f->site.verify_client = CONFIG_VERIFY_CLIENT_REQUIRED;
	parse(f, &(struct parse_row){.form = "name=anna&password=x",
	             .rc = ERR_FORBIDDEN,
	             .words = "showed no certificate"});
}

static void
test_too_long(void **state)
{
	struct fixture *f = *state;
	char form[LIMIT_NAME_BYTES + LIMIT_PASSWORD_BYTES + 100];
	const size_t lengths[2][2] = {
	    {LIMIT_NAME_BYTES + 1, 1}, {1, LIMIT_PASSWORD_BYTES + 1}};

	f->site.default_domain = STR("");
	for (size_t i = 0; i < 2; i++) {
		int written =
		    snprintf(form, sizeof(form), "name=%0*d&password=%0*d",
		        (int)lengths[i][0], 0, (int)lengths[i][1], 0);

		assert_true(written > 0 && (size_t)written < sizeof(form));
		parse(
		    f, &(struct parse_row){
		           .form = form, .rc = ERR_LOGIN, .words = "too long"});
	}
}

static struct str
shown(struct fixture *f, const struct page_login_form *form)
{
	struct response *res = http_response(f->req);

	assert_int_equal(page_login_show(f->req, res, form, &f->err), ERR_OK);
	return response_get_body(res);
}

static void
test_page(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct page_login_form form = {.name = TEXT("<anna>"),
	    .next = STR("/list?folder=A%26B"),
	    .problem = PAGE_LOGIN_AWAY,
	    .words = "It is slow. Please try again.",
	    .says_again = true};
	struct str body;

	fixture_request(f, "/login");
	f->req->pinned = app_state;
	f->req->session = NULL;
	body = shown(f, &form);
	assert_page(body, "value=\"&lt;anna&gt;\"", true);
	assert_page(body, "value=\"/list?folder=A%26B\"", true);
	assert_page(body, "It is slow. Please try again.", true);
	assert_page(body, "nothing to do with your password.</p>", true);
	assert_page(body, "This connection is not encrypted", true);
	assert_page(body, "Only your name is remembered", true);
	assert_page(body, "@example.org is added", true);
	assert_page(body, "type=\"password\"", true);
	assert_page(body, "certificate", false);
	form.words = "It is away.";
	form.says_again = false;
	form.problem = PAGE_LOGIN_AWAY;
	f->req->is_secure = true;
	body = shown(f, &form);
	assert_page(body, "Please try again in a moment.", true);
	assert_page(body, "This connection is not encrypted", false);
	f->req->is_misfit = true;
	form = (struct page_login_form){.found = SESSION_ENDED};
	body = shown(f, &form);
	assert_page(body, "belongs to another certificate", true);
	assert_page(body, "Your session has ended", true);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

static void
test_page_with_certificate(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct net_tls_peer nameless = annas;
	const struct page_login_form form = {.name = TEXT("ben")};
	struct str body;

	nameless.email = "";
	fixture_request(f, "/login");
	f->req->pinned = app_state;
	f->req->session = NULL;
	f->req->is_secure = true;
	f->req->tls = &annas;
	body = shown(f, &form);
	/* Shown, but it pins nothing. */
	assert_page(body,
	    "<bdi>Anna Berger</bdi></strong> (confirmed by Inner "
	    "CA",
	    true);
	assert_page(body, "readonly", false);
	f->site.client_cert_user = CONFIG_CERT_USER_EMAIL;
	body = shown(f, &form);
	assert_page(body, "value=\"anna@example.org\" readonly", true);
	assert_page(body, "value=\"ben\"", false);
	assert_page(body, "type=\"password\"", true);
	f->site.imap_auth = CONFIG_AUTH_EXTERNAL;
	body = shown(f, &form);
	assert_page(body, "type=\"password\"", false);
	assert_page(body, ">Log in</button>", true);
	f->req->tls = &nameless;
	body = shown(f, &form);
	assert_page(body, "holds no e-mail address", true);
	assert_page(body, "type=\"password\"", false);
	assert_page(body, ">Try again</button>", true);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

#define ID "abcdefghijklmnopqrstuv"

/* The page that comes when this form has no session any more. */
static struct str
ended(struct fixture *f, struct app_state *app_state, struct str owner)
{
	const char *form = str_dup_bytes(
	    f->arena, str_printf(f->arena,
	                  "csrf=t&to=ben&body=Hours+of+%%3Cwork%%3E&password="
	                  "secret&id=" ID "&owner=%.*s",
	                  STR_ARG(owner)));
	struct request *req = fixture_post(f, "/compose", form);
	struct response *res = http_response(req);

	req->pinned = app_state;
	page_login_required(req, res, SESSION_ENDED);
	assert_int_equal(response_get_status(res), 403);
	req->pinned = NULL;
	return response_get_body(res);
}

/* The letter of a page, opened. */
static struct page_carry
opened(struct fixture *f, struct str body)
{
	static const char mark[] = "name=\"carry.letter\" value=\"";
	size_t at = str_find(body, str_c(mark), 0);
	struct str rest = str_slice(body, at + strlen(mark), body.len);
	struct page_carry carry;

	assert_true(at < body.len);
	assert_int_equal(
	    page_carry_open(f->req, str_cut(&rest, '"'), &carry, &f->err),
	    ERR_OK);
	return carry;
}

/* What was being written travels along, sealed; secrets do not. */
static void
test_carries(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct page_carry carry;
	struct str owner, body;

	fixture_request(f, "/compose");
	owner = compose_owner_seal(f->req, STR(ID));
	assert_true(owner.len > 0);
	body = ended(f, app_state, owner);
	assert_page(body, "Hours", false);
	assert_page(body, "secret", false);
	assert_page(body, "name=\"next\" value=\"/compose\"", true);
	carry = opened(f, body);
	assert_true(str_eq(carry.account, f->session.account));
	assert_says(form_value(carry.form, "carry.body"), "Hours of <work>");
	assert_says(form_value(carry.form, "carry.to"), "ben");
	assert_true(form_find(carry.form, "carry.password") == NULL);
	assert_true(form_find(carry.form, "carry.csrf") == NULL);
	/* Whose it is nobody knows: it can be copied, and stays here. */
	body = ended(f, app_state, STR("x"));
	assert_page(body, "carry.letter", false);
	assert_page(body, "Hours of &lt;work&gt;</textarea>", true);
	app_state_unref(app_state);
}

static void
test_required(void **state)
{
	struct fixture *f = *state;
	struct app_state *app_state = make_state(f);
	struct response *res;

	fixture_request(f, "/list?folder=Sent");
	f->req->pinned = app_state;
	f->req->session = NULL;
	res = http_response(f->req);
	page_login_required(f->req, res, SESSION_NONE);
	assert_int_equal(response_get_status(res), 303);
	assert_true(response_has_header(res, "Location"));
	fixture_request(f, "/list?folder=Sent");
	f->req->pinned = app_state;
	f->req->session = NULL;
	res = http_response(f->req);
	page_login_required(f->req, res, SESSION_ENDED);
	assert_int_equal(response_get_status(res), 200);
	assert_page(
	    response_get_body(res), "value=\"/list?folder=Sent\"", true);
	fixture_post(f, "/compose", "to=ben&body=Hours");
	f->req->pinned = app_state;
	res = http_response(f->req);
	page_login_required(f->req, res, SESSION_MOVED);
	assert_int_equal(response_get_status(res), 403);
	assert_page(response_get_body(res), "went on in the other mode", true);
	assert_page(response_get_body(res), "Hours</textarea>", true);
	f->req->pinned = NULL;
	app_state_unref(app_state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_parse),
	    T(test_too_long),
	    T(test_page),
	    T(test_page_with_certificate),
	    T(test_carries),
	    T(test_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
